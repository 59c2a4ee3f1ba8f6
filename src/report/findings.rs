//! Findings, what they are grouped under, and what excused them, read back.

use super::amount::Unit;
use super::mistrust::{all, contradiction, day, few, parsed, some, text, texts};
use super::wire;
use crate::Error;
use crate::domain::{self, Bytes, CauseAt};

impl TryFrom<wire::RuleOutcome> for domain::RuleOutcome {
    type Error = Error;

    fn try_from(outcome: wire::RuleOutcome) -> Result<Self, Error> {
        let amount = |value| outcome.unit.amount(value);
        Ok(Self {
            rule: parsed(&outcome.rule)?,
            status: outcome.status,
            actual: amount(outcome.actual),
            warn: outcome.warn.map(amount),
            fail: outcome.fail.map(amount),
            budget: some(outcome.budget)?,
        })
    }
}

impl TryFrom<wire::Finding> for domain::Finding {
    type Error = Error;

    fn try_from(finding: wire::Finding) -> Result<Self, Error> {
        let has_amount = finding.actual.or(finding.limit).or(finding.over_by).is_some();
        if finding.unit.is_some() != has_amount {
            return Err(contradiction("a finding has a unit exactly when it has an amount"));
        }
        let unit = finding.unit.unwrap_or(Unit::Count);
        let amount = |value| unit.amount(value);
        Ok(Self {
            rule: parsed(&finding.rule)?,
            severity: finding.severity,
            subject: text(finding.subject)?,
            message: text(finding.message)?,
            actual: finding.actual.map(amount),
            limit: finding.limit.map(amount),
            over_by: finding.over_by.map(amount),
            names: texts(finding.names, "names")?,
            paths: texts(finding.paths, "paths")?,
            more_paths: finding.more_paths,
            packages: all(finding.packages, "packages of a finding")?,
            layer: some(finding.layer)?,
            dockerfile: some(finding.dockerfile)?,
            hint: finding.hint.map(text).transpose()?,
            budget: some(finding.budget)?,
            is_new: finding.is_new,
            eased: some(finding.eased)?,
        })
    }
}

impl TryFrom<wire::FoundPackage> for domain::FoundPackage {
    type Error = Error;

    fn try_from(package: wire::FoundPackage) -> Result<Self, Error> {
        Ok(Self {
            ecosystem: package.ecosystem,
            name: text(package.name)?,
            version: package.version.map(text).transpose()?,
            frees: package.frees.map(Bytes),
            goes: package.goes,
        })
    }
}

impl TryFrom<wire::Cause> for domain::Cause {
    type Error = Error;

    fn try_from(cause: wire::Cause) -> Result<Self, Error> {
        let line: Option<domain::Place> = some(cause.place)?;
        let instruction = cause.instruction.map(text).transpose()?;
        let at = match (cause.at, cause.layer, instruction, line) {
            (wire::CauseAt::Stage, None, None, None) => CauseAt::Stage,
            (wire::CauseAt::Layer, Some(index), None, line) => CauseAt::Layer { index, line },
            (wire::CauseAt::Base, None, None, line) => CauseAt::Base { line },
            (wire::CauseAt::Setting, None, Some(instruction), line) => CauseAt::Setting { instruction, line },
            (wire::CauseAt::Image, None, None, None) => CauseAt::Image,
            (wire::CauseAt::Budget, None, None, line) => CauseAt::Budget { line },
            _ => return Err(contradiction("a cause says more or less of its place than there is")),
        };
        few(&cause.findings, "findings of a cause")?;
        Ok(Self {
            at,
            severity: cause.severity,
            what: text(cause.what)?,
            frees: cause.frees.map(Bytes),
            grew: cause.grew.map(Bytes),
            is_new: cause.is_new,
            findings: cause.findings,
            touched_again: cause.touched_again,
            fix: text(cause.fix)?,
            allow: cause.allow.map(text).transpose()?,
        })
    }
}

impl TryFrom<wire::LayerRef> for domain::LayerRef {
    type Error = Error;

    fn try_from(layer: wire::LayerRef) -> Result<Self, Error> {
        Ok(Self { index: layer.index, diff_id: parsed(&layer.diff_id)?, role: layer.role })
    }
}

impl TryFrom<wire::Allow> for domain::AppliedAllow {
    type Error = Error;

    fn try_from(allow: wire::Allow) -> Result<Self, Error> {
        let until = allow.until.map(text).transpose()?;
        until.as_deref().map(day).transpose()?;
        Ok(Self {
            rule: parsed(&allow.rule)?,
            subjects: texts(allow.subjects, "subjects")?,
            reason: text(allow.reason)?,
            until,
            place: some(allow.place)?,
        })
    }
}

impl TryFrom<wire::NotJudged> for domain::NotJudged {
    type Error = Error;

    fn try_from(not_judged: wire::NotJudged) -> Result<Self, Error> {
        Ok(Self { rule: parsed(&not_judged.rule)?, reason: text(not_judged.reason)? })
    }
}
