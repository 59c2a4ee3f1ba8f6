//! What a rule has to say about a target.

use super::{Amount, DiffId, Eased, EasedBy, FoundPackage, Place, Rule, Severity};

/// One finding: one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that speaks.
    pub rule: Rule,
    /// How serious it is.
    pub severity: Severity,
    /// What it is about: a tool family, a glob, a layer. Part of a finding's identity across runs, so it holds no number that changes.
    pub subject: String,
    /// One sentence, without a final full stop: what is the matter. Untrusted text in it is not escaped yet.
    pub message: String,
    /// The measured amount, for limits; for tools and paths, the bytes of what was found.
    pub actual: Option<Amount>,
    /// The limit that was passed.
    pub limit: Option<Amount>,
    /// `actual − limit`.
    pub over_by: Option<Amount>,
    /// The tools it is about, the family's name first; empty for everything else, and in reports of versions that did not say.
    pub names: Vec<String>,
    /// Absolute paths in the image, sorted. Untrusted and not escaped.
    pub paths: Vec<String>,
    /// How many more paths there are, where `paths` was cut short.
    pub more_paths: u64,
    /// The packages that its tools come with, sorted.
    pub packages: Vec<FoundPackage>,
    /// The layer that did it.
    pub layer: Option<LayerRef>,
    /// The line of the target's Dockerfile to change, where no layer is to blame: its USER, or the FROM of a stage that has none.
    pub dockerfile: Option<Place>,
    /// What to do about it.
    pub hint: Option<String>,
    /// The line of budgets.toml that asked for this judgement.
    pub budget: Option<Place>,
    /// Whether the baseline does not have it; `None` when that cannot be told.
    pub is_new: Option<bool>,
    /// Why it is less serious than its rule says; `severity` is what holds.
    pub eased: Option<Eased>,
}

impl Finding {
    /// A finding that has only what every finding has.
    #[must_use]
    pub fn new(rule: Rule, severity: Severity, subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity,
            subject: subject.into(),
            message: message.into(),
            actual: None,
            limit: None,
            over_by: None,
            names: Vec::new(),
            paths: Vec::new(),
            more_paths: 0,
            packages: Vec::new(),
            layer: None,
            dockerfile: None,
            hint: None,
            budget: None,
            is_new: None,
            eased: None,
        }
    }

    /// Whether the baseline is known to have it. Where that cannot be told it counts as new.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.is_new == Some(false) || self.eased.as_ref().is_some_and(|eased| eased.why == EasedBy::Known)
    }

    /// Makes it `to` at most. What its rule says is kept, and `why` replaces an earlier reason that did less.
    pub fn ease(&mut self, to: Severity, why: EasedBy) {
        if self.severity > to {
            self.eased = Some(Eased { from: self.ruled(), why });
            self.severity = to;
        }
    }

    /// What its rule says, before anything eased it.
    #[must_use]
    pub fn ruled(&self) -> Severity {
        self.eased.as_ref().map_or(self.severity, |eased| eased.from.max(self.severity))
    }
}

/// A layer of the target, as a finding points at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerRef {
    /// Its position from the bottom, 0-based, in the target's `layers`.
    pub index: usize,
    /// Its diff id.
    pub diff_id: DiffId,
    /// Why it is this one.
    pub role: Role,
}

/// Why a finding points at a layer and not at another.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It is the layer that the finding is about: it brought the tool.
    #[default]
    Cause,
    /// Of the layers that add up it is the largest.
    Largest,
    /// It grew most since the baseline.
    GrewMost,
    /// It hides most of what lies below it.
    HidesMost,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_told_counts_as_new() {
        let with = |is_new, why: Option<EasedBy>| {
            let eased = why.map(|why| Eased { from: Severity::Fail, why });
            Finding { is_new, eased, ..Finding::new(Rule::Size, Severity::Note, "image", "") }
        };
        assert!(!with(None, None).is_known() && !with(Some(true), None).is_known());
        assert!(!with(Some(true), Some(EasedBy::Base)).is_known());
        assert!(with(Some(false), None).is_known() && with(None, Some(EasedBy::Known)).is_known());
        assert_eq!(with(None, Some(EasedBy::Known)).ruled(), Severity::Fail);
        assert_eq!(with(None, None).ruled(), Severity::Note);
    }
}
