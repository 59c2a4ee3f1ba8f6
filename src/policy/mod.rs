//! What a measurement means for a budget. Pure, and integers only: one rule a file, each from a [`case::Case`] to a
//! [`case::Ruling`].

mod case;
mod compressed_size;
mod excuses;
mod expired_allow;
mod forbidden_path;
mod forbidden_tool;
mod growth;
mod layer_size;
mod layers;
mod limits;
mod no_budget;
mod not_yet;
mod own_size;
mod places;
mod root_user;
mod shadowed_tool;
mod size;
#[cfg(test)]
mod tests;
mod tools;
mod unmeasured;
mod unused_allow;
mod wasted;
mod words;

use case::{Case, Ruling};
pub use not_yet::fleet;
pub use unmeasured::unmeasured;
pub use unused_allow::note_unused;

use crate::baseline::Earlier;
use crate::domain::{
    Allow, ImageIdentity, LayerReport, NotJudged, Rule, RuleStatus, Source, Target, TargetReport, Verdict,
};
use crate::image::Measurement;

/// What judging needs beside a target and its measurement.
#[derive(Clone, Copy)]
pub struct Rulebook<'a> {
    /// Every exception of the budgets; those of other targets are passed over.
    pub allows: &'a [Allow],
    /// Today, UTC: what `until` is compared with.
    pub today: time::Date,
    /// Whether a group of the catalogue (without its `@`) has a tool of this name.
    pub in_group: &'a dyn Fn(&str, &str) -> bool,
    /// What growth is measured against; `None` when no baseline was asked for.
    pub earlier: Option<&'a Earlier>,
}

/// Judges one measured target.
///
/// The report has no build facts, no notes of the build, and no reference where the target was built: who built it adds them.
#[must_use]
pub fn judge(target: &Target, measurement: &Measurement, rulebook: &Rulebook<'_>) -> TargetReport {
    let case = Case::new(target, measurement, rulebook);
    let mut report = blank(target, measurement);
    let rulings = [
        size::judge(&case),
        compressed_size::judge(&case),
        own_size::judge(&case),
        layers::judge(&case),
        layer_size::judge(&case),
        wasted::judge(&case),
        growth::judge(&case),
        forbidden_tool::judge(&case),
        shadowed_tool::judge(&case),
        forbidden_path::judge(&case),
        root_user::judge(&case),
        expired_allow::judge(&case),
    ];
    report.not_judged = not_yet::judge(&case);
    for ruling in rulings.into_iter().flatten() {
        enter(&mut report, ruling);
    }
    let judged = report.rules.iter().any(|outcome| is_budget(outcome.rule));
    match no_budget::judge(&case, judged) {
        Some(ruling) => enter(&mut report, ruling),
        None => report.notes.extend(no_budget::suggest(&case)),
    }
    report.rules.sort_by_key(|outcome| outcome.rule);
    report.not_judged.sort();
    report.findings.sort_by(|a, b| {
        let key = |f: &crate::domain::Finding| (std::cmp::Reverse(f.severity), f.rule);
        key(a).cmp(&key(b)).then_with(|| (&a.subject, &a.paths).cmp(&(&b.subject, &b.paths)))
    });
    report.verdict = report.findings.iter().map(|finding| finding.severity.into()).max().unwrap_or(Verdict::Pass);
    report
}

/// Whether a rule that was judged makes a budget: deleted tools and exceptions alone do not.
fn is_budget(rule: Rule) -> bool {
    !matches!(rule, Rule::ShadowedTool | Rule::ExpiredAllow | Rule::NoBudget)
}

fn enter(report: &mut TargetReport, ruling: Ruling) {
    match ruling {
        Ruling::NotJudged(rule, reason) => report.not_judged.push(NotJudged { rule, reason }),
        Ruling::Judged { mut outcome, findings, allows } => {
            outcome.status =
                findings.iter().map(|finding| case::status(finding.severity)).max().unwrap_or(RuleStatus::Pass);
            if outcome.status == RuleStatus::Pass && !allows.is_empty() {
                outcome.status = RuleStatus::Allowed;
            }
            report.rules.push(outcome);
            report.findings.extend(findings);
            report.allows.extend(allows);
        }
    }
}

/// The facts of a measurement, not judged yet.
fn blank(target: &Target, measurement: &Measurement) -> TargetReport {
    let reference = match &target.source {
        Source::Build => None,
        Source::Image(reference) => Some(reference.to_string()),
        Source::Archive { path, .. } | Source::Layout { path, .. } => Some(path.display().to_string()),
    };
    TargetReport {
        image: Some(ImageIdentity { id: measurement.image_id.clone(), reference }),
        size: Some(measurement.size),
        base_size: measurement.base_size(),
        compressed_size: measurement.compressed_size,
        layers: measurement
            .layers
            .iter()
            .map(|layer| LayerReport {
                diff_id: layer.diff_id.clone(),
                size: layer.size,
                created_by: layer.created_by.as_deref().map(words::clip),
                origin: layer.origin,
                dockerfile: layer.dockerfile.clone(),
            })
            .collect(),
        ..TargetReport::new(target.name.clone(), Some(measurement.platform.clone()), Verdict::Pass)
    }
}
