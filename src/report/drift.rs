//! What eased a finding, what was accepted, what changed here and of the budget: to the wire and back.

use super::amount::Unit;
use super::mistrust::{contradiction, day, parsed, some, text, texts};
use super::wire;
use crate::Error;
use crate::domain::{self, EasedBy};

impl From<&domain::Eased> for wire::Eased {
    fn from(eased: &domain::Eased) -> Self {
        let (why, until) = match &eased.why {
            EasedBy::Known => (wire::EasedBy::Known, None),
            EasedBy::NoBaseline => (wire::EasedBy::NoBaseline, None),
            EasedBy::Drift => (wire::EasedBy::Drift, None),
            EasedBy::Base => (wire::EasedBy::Base, None),
            EasedBy::NotYet { from, days } => (wire::EasedBy::NotYet, Some((from.clone(), *days))),
        };
        let (enforced_from, days) = until.unzip();
        Self { from: eased.from, why, enforced_from, days }
    }
}

impl TryFrom<wire::Eased> for domain::Eased {
    type Error = Error;

    fn try_from(eased: wire::Eased) -> Result<Self, Error> {
        let why = match (eased.why, eased.enforced_from, eased.days) {
            (wire::EasedBy::Known, None, None) => EasedBy::Known,
            (wire::EasedBy::NoBaseline, None, None) => EasedBy::NoBaseline,
            (wire::EasedBy::Drift, None, None) => EasedBy::Drift,
            (wire::EasedBy::Base, None, None) => EasedBy::Base,
            (wire::EasedBy::NotYet, Some(from), Some(days)) => {
                day(&from)?;
                EasedBy::NotYet { from, days }
            }
            _ => return Err(contradiction("a finding has a day of enforcement exactly when it is eased until then")),
        };
        Ok(Self { from: eased.from, why })
    }
}

impl From<&domain::Accepted> for wire::Accepted {
    fn from(accepted: &domain::Accepted) -> Self {
        Self {
            rule: accepted.rule.to_string(),
            unit: Unit::of(accepted.actual),
            actual: accepted.actual.value(),
            up_to: accepted.up_to.value(),
            reason: accepted.reason.clone(),
            place: accepted.place.as_ref().map(wire::Place::from),
        }
    }
}

impl TryFrom<wire::Accepted> for domain::Accepted {
    type Error = Error;

    fn try_from(accepted: wire::Accepted) -> Result<Self, Error> {
        if accepted.actual > accepted.up_to {
            return Err(contradiction("more was accepted than allowed"));
        }
        Ok(Self {
            rule: parsed(&accepted.rule)?,
            actual: accepted.unit.amount(accepted.actual),
            up_to: accepted.unit.amount(accepted.up_to),
            reason: accepted.reason.map(text).transpose()?,
            place: some(accepted.place)?,
        })
    }
}

impl From<&domain::Inputs> for wire::Inputs {
    fn from(inputs: &domain::Inputs) -> Self {
        let (state, changed, reason) = match inputs {
            domain::Inputs::Changed(what) => (wire::InputState::Changed, what.clone(), None),
            domain::Inputs::Unchanged => (wire::InputState::Unchanged, Vec::new(), None),
            domain::Inputs::Unknown(why) => (wire::InputState::Unknown, Vec::new(), Some(why.clone())),
        };
        Self { state, changed, reason }
    }
}

impl TryFrom<wire::Inputs> for domain::Inputs {
    type Error = Error;

    fn try_from(inputs: wire::Inputs) -> Result<Self, Error> {
        let changed = texts(inputs.changed, "changed inputs")?;
        match (inputs.state, inputs.reason.map(text).transpose()?) {
            (wire::InputState::Changed, None) => Ok(Self::Changed(changed)),
            (wire::InputState::Unchanged, None) if changed.is_empty() => Ok(Self::Unchanged),
            (wire::InputState::Unknown, Some(why)) if changed.is_empty() => Ok(Self::Unknown(why)),
            _ => {
                Err(contradiction("inputs have a reason exactly when they are unknown, and changes when they changed"))
            }
        }
    }
}

impl From<&domain::BudgetChange> for wire::BudgetChange {
    fn from(change: &domain::BudgetChange) -> Self {
        Self {
            target: change.target.as_ref().map(ToString::to_string),
            what: change.what.clone(),
            loosens: change.loosens,
            place: change.place.as_ref().map(wire::Place::from),
        }
    }
}

impl TryFrom<wire::BudgetChange> for domain::BudgetChange {
    type Error = Error;

    fn try_from(change: wire::BudgetChange) -> Result<Self, Error> {
        Ok(Self {
            target: change.target.as_deref().map(parsed).transpose()?,
            what: text(change.what)?,
            loosens: change.loosens,
            place: some(change.place)?,
        })
    }
}
