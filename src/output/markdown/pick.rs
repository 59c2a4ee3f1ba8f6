//! Which targets have something to say that the baseline has not said already. The others are folded.

use std::collections::BTreeSet;

use crate::domain::{
    Bytes, Cause, ChangeState, CompressedSize, Eased, EasedBy, Finding, Inputs, Rule, Severity, Shares, TargetReport,
    Verdict,
};

/// A change below this, and below a thousandth of the size, has no row of its own.
const LITTLE: Bytes = Bytes(100_000);

/// Where a target is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// A row, and what is the matter with it.
    Listed,
    /// One row or line for all whose base image moved, and nothing else.
    Moved,
    /// It changed, and nothing that it is made of did.
    Drifted,
    /// Folded.
    Quiet,
}

/// `compared`: whether there is a baseline. Where there is none, nothing is known to be unchanged.
pub(super) fn standing(target: &TargetReport, compared: bool) -> Standing {
    let mut found = target.findings.iter().filter(|finding| is_news(finding)).peekable();
    let is_moved = found.peek().is_some() && is_base_alone(target) && found.all(is_growth_of_others);
    if target.error.is_some() || !target.accepted.is_empty() {
        return Standing::Listed;
    }
    if is_moved {
        return Standing::Moved;
    }
    if news(target) > Verdict::Pass || target.findings.iter().any(is_news) {
        return Standing::Listed;
    }
    let Some(change) = &target.change else {
        // It has a size that the baseline lacks.
        return if compared && target.size.is_some() { Standing::Listed } else { Standing::Quiet };
    };
    if change.state == ChangeState::Extra {
        Standing::Listed
    } else if is_base_alone(target) {
        Standing::Moved
    } else if !has_changed(target) {
        Standing::Quiet
    } else if target.inputs == Some(Inputs::Unchanged) {
        Standing::Drifted
    } else {
        Standing::Listed
    }
}

/// Whether a finding says nothing but that the base image grew: how much it did is told of all images that stand on it.
fn is_growth_of_others(finding: &Finding) -> bool {
    let by_others = matches!(finding.eased, Some(Eased { why: EasedBy::Base | EasedBy::Drift, .. }));
    by_others && matches!(finding.rule, Rule::Growth | Rule::OwnGrowth)
}

/// Whether its base image moved, and nothing else worth a word did.
pub(super) fn is_base_alone(target: &TargetReport) -> bool {
    Shares::of(target).is_some_and(|shares| shares.is_base_alone(LITTLE))
}

/// Whether a size differs by more than little.
pub(super) fn has_changed(target: &TargetReport) -> bool {
    let Some(change) = &target.change else { return false };
    let differs = |before: Option<Bytes>, now: Option<Bytes>| before.zip(now).is_some_and(|(b, n)| !is_little(b, n));
    let compressed = target.compressed_size.and_then(CompressedSize::if_exact);
    differs(change.size_before, target.size) || differs(change.compressed_size_before, compressed)
}

fn is_little(before: Bytes, now: Bytes) -> bool {
    let difference = before.0.abs_diff(now.0);
    difference == 0 || difference < LITTLE.0 && difference.saturating_mul(1000) < before.0
}

/// The worst that the baseline does not have.
pub(super) fn news(target: &TargetReport) -> Verdict {
    if target.error.is_some() {
        return Verdict::Error;
    }
    let worst = |findings: &mut dyn Iterator<Item = &Finding>| findings.map(|finding| finding.severity.into()).max();
    let all = worst(&mut target.findings.iter()).unwrap_or(Verdict::Pass);
    if target.verdict > all {
        // A report that does not say why.
        return target.verdict;
    }
    worst(&mut target.findings.iter().filter(|finding| !finding.is_known())).unwrap_or(Verdict::Pass)
}

/// Whether a finding is one that the baseline lacks and its rule minds, whatever eased it.
pub(super) fn is_news(finding: &Finding) -> bool {
    !finding.is_known() && finding.ruled() >= Severity::Warn
}

/// Whether it passes with what it is known to have, or fails as it did before.
pub(super) fn has_known(target: &TargetReport) -> bool {
    target.findings.iter().any(|finding| finding.is_known() && finding.ruled() >= Severity::Warn)
}

/// What is found at a place.
fn findings<'a>(target: &'a TargetReport, cause: &'a Cause) -> impl Iterator<Item = &'a Finding> {
    cause.findings.iter().filter_map(|index| target.findings.get(*index))
}

/// Whether a place has something new that counts; where the image is larger than before, whatever grew does.
pub(super) fn is_open(target: &TargetReport, cause: &Cause) -> bool {
    let nothing_found = findings(target, cause).next().is_none() && cause.is_new != Some(false);
    findings(target, cause).any(is_news) || cause.severity >= Severity::Warn && (cause.grew.is_some() || nothing_found)
}

/// Whether all that counts at a place is in the baseline.
pub(super) fn is_known(target: &TargetReport, cause: &Cause) -> bool {
    !is_open(target, cause)
        && (findings(target, cause).any(|finding| finding.ruled() >= Severity::Warn)
            || cause.severity >= Severity::Warn)
}

/// Findings under no cause, as reports of earlier versions have them.
pub(super) fn loose(target: &TargetReport) -> impl Iterator<Item = &Finding> {
    under_causes(target).into_iter().filter(|(_, is_under)| !is_under).map(|(finding, _)| finding)
}

/// Findings that stand under a cause.
pub(super) fn under_a_cause(target: &TargetReport) -> impl Iterator<Item = &Finding> {
    under_causes(target).into_iter().filter(|(_, is_under)| *is_under).map(|(finding, _)| finding)
}

fn under_causes(target: &TargetReport) -> Vec<(&Finding, bool)> {
    let under: BTreeSet<usize> = target.causes.iter().flat_map(|cause| cause.findings.iter().copied()).collect();
    target.findings.iter().enumerate().map(|(index, finding)| (finding, under.contains(&index))).collect()
}
