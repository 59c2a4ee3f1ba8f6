//! What a measurement means for a budget. Pure, and integers only: one rule a file, each from a [`case::Case`] to a
//! [`case::Ruling`].

mod blame;
mod budget_basis;
mod budget_before;
mod budget_changed;
mod budget_changes;
mod case;
mod causes;
mod compressed_size;
mod conclude;
mod ease;
mod enforced;
mod excuses;
mod expired_allow;
mod forbidden_path;
mod forbidden_tool;
mod growth;
mod here;
mod layer_size;
mod layers;
mod limits;
mod measured;
mod needs;
mod no_budget;
mod not_yet;
mod os_packages;
mod own_size;
mod places;
mod root_user;
mod shadowed_tool;
mod size;
#[cfg(test)]
mod tests;
mod tools;
mod unmeasured;
mod unread;
mod unused_allow;
mod waste;
mod wasted;
mod words;
mod wrong_stage;

use std::collections::BTreeSet;

use case::{Case, Ruling};
pub use conclude::conclude;
pub use measured::Measured;
pub use needs::{Needs, needs};
pub use tools::may_be_forbidden;
pub use unmeasured::unmeasured;
use unread::Unread;
pub use wrong_stage::OtherStage;

use crate::baseline::Against;
use crate::domain::{
    Budgets, ImageIdentity, LayerReport, LeftOut, NotJudged, Rule, RuleStatus, Target, TargetBudget, TargetReport,
    Verdict,
};
use crate::image::Measurement;
use ease::OnlyNew;

/// What judging needs beside a target and its measurement.
#[derive(Clone, Copy)]
pub struct Rulebook<'a> {
    /// The budgets, for their exceptions.
    pub budgets: &'a Budgets,
    /// Today, UTC: what `until` is compared with.
    pub today: time::Date,
    /// What the run is compared with; `None` when nobody asked for it.
    pub against: Option<&'a Against>,
    /// Whether only what the baseline does not have may fail.
    pub only_new: bool,
    /// What the run leaves out as unchanged; `None` when nobody asked for that.
    pub left_out: Option<&'a LeftOut>,
}

/// Judges one measured target. Its report is finished; what only all targets together can tell is for [`conclude()`] to say.
#[must_use]
pub fn judge(target: &Target, measured: Measured, rulebook: &Rulebook<'_>) -> TargetReport {
    let Measured {
        measurement,
        reference,
        from,
        digest,
        base,
        build,
        read,
        other_stage,
        difference,
        contents,
        tool_packages,
        notes,
    } = measured;
    let image = ImageIdentity {
        id: measurement.image_id.clone(),
        reference,
        from: Some(from),
        digest,
        created: measurement.created.as_deref().map(words::clip),
    };
    let mut report = TargetReport { image: Some(image), base, build, read, difference, ..facts(target, &measurement) };
    let case = Case::new(target, &measurement, (contents.as_ref(), tool_packages.as_ref()), &report, rulebook);
    let only_new = OnlyNew::of(rulebook);
    let rulings = [
        wrong_stage::judge(&case, other_stage.as_ref()),
        size::judge(&case),
        compressed_size::judge(&case),
        own_size::judge(&case),
        layers::judge(&case),
        layer_size::judge(&case),
        wasted::judge(&case),
        growth::judge(&case),
        growth::judge_own(&case),
        os_packages::judge(&case),
        forbidden_tool::judge(&case),
        shadowed_tool::judge(&case),
        forbidden_path::judge(&case),
        root_user::judge(&case),
        expired_allow::judge(&case),
        budget_changed::judge(&case, target, rulebook),
    ];
    let mut unread = Vec::new();
    for ruling in rulings.into_iter().flatten() {
        unread.extend(enter(&mut report, &case, only_new, ruling));
    }
    // What was found beside it was judged.
    let open = forbidden_path::open(&case).filter(|open| unread.iter().all(|unread: &Unread| unread.rule != open.rule));
    unread.extend(open);
    let judged = report.rules.iter().any(|outcome| is_budget(outcome.rule));
    if !unread.is_empty() || !judged && measurement.stored.is_none() {
        report.error = Some(unread::error(&unread, &measurement));
    } else if let Some(ruling) = no_budget::judge(&case, judged) {
        enter(&mut report, &case, only_new, ruling);
    } else {
        report.notes.extend(no_budget::suggest(&case));
    }
    report.notes.extend(notes);
    let grew: BTreeSet<Rule> =
        report.findings.iter().map(|finding| finding.rule).filter(|rule| rule.is_of_growth()).collect();
    report.notes.extend(grew.into_iter().filter_map(|rule| growth::spent(&case, rule)));
    report.inputs.clone_from(&case.here.inputs);
    report.budget = Some(TargetBudget::of(target, rulebook.budgets));
    report.change.clone_from(&case.since.change);
    report.rules.sort_by_key(|outcome| outcome.rule);
    report.not_judged.sort();
    report.findings.sort_by(|a, b| {
        // Of the wrong stage nothing else means much.
        let key = |f: &crate::domain::Finding| (f.rule != Rule::WrongStage, std::cmp::Reverse(f.severity), f.rule);
        key(a).cmp(&key(b)).then_with(|| (&a.subject, &a.paths).cmp(&(&b.subject, &b.paths)))
    });
    let worst = report.findings.iter().map(|finding| finding.severity.into()).max().unwrap_or(Verdict::Pass);
    report.verdict = if report.error.is_some() { Verdict::Error } else { worst };
    (report.causes, report.size_when_fixed) = causes::of(&case, &report);
    report.contents = contents;
    report
}

/// Whether a rule that was judged makes a budget: deleted tools and exceptions alone do not.
fn is_budget(rule: Rule) -> bool {
    !matches!(rule, Rule::WrongStage | Rule::ShadowedTool | Rule::ExpiredAllow | Rule::BudgetChanged | Rule::NoBudget)
}

/// Enters what a rule answered; gives it back when what it asks about was not read.
fn enter(report: &mut TargetReport, case: &Case<'_>, only_new: OnlyNew, ruling: Ruling) -> Option<Unread> {
    match ruling {
        Ruling::NotJudged(rule, reason) => report.not_judged.push(NotJudged { rule, reason }),
        Ruling::Unread(Unread { rule, why }) => {
            report.not_judged.push(NotJudged { rule, reason: why.clone() });
            return Some(Unread { rule, why });
        }
        Ruling::Judged { mut outcome, mut findings, allows, accepted } => {
            let is_new: Vec<_> =
                findings.iter().map(|finding| case.since.is_new(finding, &findings, case.min_change)).collect();
            for (finding, is_new) in findings.iter_mut().zip(is_new) {
                finding.is_new = is_new;
            }
            enforced::ease(case, &mut findings);
            ease::ease(case, only_new, &mut findings);
            outcome.status =
                findings.iter().map(|finding| case::status(finding.severity)).max().unwrap_or(RuleStatus::Pass);
            if outcome.status == RuleStatus::Pass {
                outcome.status = if findings.iter().any(|finding| finding.eased.is_some()) {
                    RuleStatus::Eased
                } else if !allows.is_empty() || !accepted.is_empty() {
                    RuleStatus::Allowed
                } else {
                    RuleStatus::Pass
                };
            }
            report.rules.push(outcome);
            report.findings.extend(findings);
            report.allows.extend(allows);
            report.accepted.extend(accepted);
        }
    }
    None
}

/// The facts of a measurement, not judged yet.
#[must_use]
pub fn facts(target: &Target, measurement: &Measurement) -> TargetReport {
    TargetReport {
        size: measurement.size(),
        base_size: measurement.base_size(),
        compressed_size: measurement.compressed_size,
        layers: measurement
            .layers
            .iter()
            .map(|layer| LayerReport {
                diff_id: layer.diff_id.clone(),
                size: layer.size,
                compressed_size: layer.compressed_size,
                created_by: layer.created_by.as_deref().map(words::clip),
                origin: layer.origin,
                dockerfile: layer.dockerfile.clone(),
            })
            .collect(),
        ..TargetReport::new(target.name.clone(), Some(measurement.platform.clone()), Verdict::Pass)
    }
}
