//! Whether a result calls for a comment. A comment that says nothing new gets the tool uninstalled.

use super::Wish;
use crate::domain::{
    Bytes, Change, ChangeState, CommentWhen, CompressedSize, EasedBy, Finding, Inputs, Report, Rule, Severity, Shares,
    TargetReport, Verdict,
};

/// What may be done about `report`; `None` when the conversation is to be left alone.
///
/// By itself (`auto`) only news calls for a comment: what could not be measured, what fails and is not in the baseline, what warns and
/// certainly is not, a size that changed by at least `min_change`, a changed budget, and what was accepted. What changed although nothing
/// here did is no news of this change: it waits in the job's summary. Without a baseline nobody knows whether a warning is new, so it waits
/// there, too. A target without any budget never calls for a comment.
#[must_use]
pub fn wish(report: &Report, when: CommentWhen, min_change: Bytes) -> Option<Wish> {
    let any = |is_so: &dyn Fn(&TargetReport) -> bool| report.targets.iter().any(is_so);
    let changed = |target: &TargetReport| has_changed(target, min_change);
    let called_for = match when {
        CommentWhen::Never => return None,
        CommentWhen::Always => true,
        CommentWhen::Failures => report.verdict >= Verdict::Fail,
        CommentWhen::Changes => any(&changed),
        CommentWhen::Auto => {
            !report.budget_changes.is_empty()
                || report.verdict == Verdict::Error
                || any(&|target| {
                    fails_anew(target)
                        || warns_anew(target)
                        || !target.accepted.is_empty()
                        || (changed(target) && is_of_this_change(target, min_change))
                })
        }
    };
    Some(if called_for { Wish::Create } else { Wish::UpdateOnly })
}

/// Whether it fails by more than the baseline has. Where that cannot be told, it does.
fn fails_anew(target: &TargetReport) -> bool {
    let fails = |finding: &Finding| finding.severity == Severity::Fail;
    let says_why = target.findings.iter().any(fails);
    target.verdict == Verdict::Error
        || target.verdict == Verdict::Fail && !says_why
        || target.findings.iter().any(|finding| fails(finding) && !finding.is_known())
}

fn warns_anew(target: &TargetReport) -> bool {
    target.findings.iter().any(|finding| {
        let is_moved_by_itself = match finding.eased.as_ref().map(|eased| &eased.why) {
            Some(EasedBy::Drift) => true,
            Some(EasedBy::Base) => !changed_base(target),
            _ => false,
        };
        let is_new = finding.is_new == Some(true) && !finding.is_known() && !is_moved_by_itself;
        finding.severity == Severity::Warn && finding.rule != Rule::NoBudget && is_new
    })
}

/// Whether the base image that is asked for may have been changed here.
fn changed_base(target: &TargetReport) -> bool {
    let from = target.base.as_ref().map(|base| &base.place);
    target.inputs.as_ref().is_some_and(|inputs| inputs.may_change_base(from))
}

/// Whether what became of it can be of this change's making. A base image that moved alone is, where its FROM changed here.
fn is_of_this_change(target: &TargetReport, min_change: Bytes) -> bool {
    let is_base_alone = Shares::of(target).is_some_and(|shares| shares.is_base_alone(min_change));
    match &target.inputs {
        Some(Inputs::Unchanged) => false,
        Some(Inputs::Changed(_)) if is_base_alone => changed_base(target),
        Some(Inputs::Unknown(_)) | None if is_base_alone => false,
        Some(Inputs::Changed(_) | Inputs::Unknown(_)) | None => true,
    }
}

/// Whether a size differs by at least `min_change`, in either direction. A target that the baseline lacks differs by all of it.
fn has_changed(target: &TargetReport, min_change: Bytes) -> bool {
    let Some(change) = &target.change else { return false };
    let differs = |now: Option<Bytes>, before: Option<Bytes>| {
        let before = if change.state == ChangeState::Extra { Some(Bytes::ZERO) } else { before };
        now.zip(before).is_some_and(|(now, before)| now != before && now.0.abs_diff(before.0) >= min_change.0)
    };
    let Change { size_before, compressed_size_before, .. } = change;
    let compressed = target.compressed_size.and_then(CompressedSize::if_exact);
    differs(target.size, *size_before) || differs(compressed, *compressed_size_before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Accepted, Amount, BaseImage, BudgetChange, Eased, Place};

    const MEGABYTE: Bytes = Bytes(1_000_000);

    fn target(verdict: Verdict) -> TargetReport {
        TargetReport {
            size: Some(Bytes(10_000_000)),
            ..TargetReport::new("api".parse().expect("a name"), None, verdict)
        }
    }

    fn since(before: u64, state: ChangeState) -> TargetReport {
        let change = Change {
            state,
            size_before: Some(Bytes(before)),
            base_size_before: None,
            compressed_size_before: None,
            layers: vec![],
        };
        TargetReport { change: Some(change), ..target(Verdict::Pass) }
    }

    fn warning(rule: Rule, is_new: Option<bool>) -> TargetReport {
        let finding = Finding { is_new, ..Finding::new(rule, Severity::Warn, "", "") };
        TargetReport { findings: vec![finding], ..target(Verdict::Warn) }
    }

    fn creates(target: TargetReport, when: CommentWhen) -> bool {
        wish(&Report::new(vec![target], None, vec![]), when, MEGABYTE) == Some(Wish::Create)
    }

    #[test]
    fn each_word_by_its_causes() {
        use ChangeState::{Changed, Extra, Same};
        use CommentWhen::{Always, Auto, Changes, Failures};
        // What happened, and whether auto, always, changes and failures create a comment for it.
        let table = vec![
            ("nothing", target(Verdict::Pass), [false, true, false, false]),
            ("failed", target(Verdict::Fail), [true, true, false, true]),
            ("not measured", target(Verdict::Error), [true, true, false, true]),
            ("the same", since(10_000_000, Same), [false, true, false, false]),
            ("a little", since(9_000_001, Changed), [false, true, false, false]),
            ("larger", since(9_000_000, Changed), [true, true, true, false]),
            ("smaller", since(11_000_000, Changed), [true, true, true, false]),
            ("a new image", since(10_000_000, Extra), [true, true, true, false]),
            ("a new warning", warning(Rule::Size, Some(true)), [true, true, false, false]),
            ("an old warning", warning(Rule::Size, Some(false)), [false, true, false, false]),
            ("a warning of unknown age", warning(Rule::Size, None), [false, true, false, false]),
            ("no budget", warning(Rule::NoBudget, Some(true)), [false, true, false, false]),
        ];
        for (what, target, expected) in table {
            let found = [Auto, Always, Changes, Failures].map(|when| creates(target.clone(), when));
            assert_eq!(found, expected, "{what}");
            let report = Report::new(vec![target], None, vec![]);
            assert_eq!(wish(&report, CommentWhen::Never, MEGABYTE), None, "{what}");
        }
    }

    /// It fails, and why; what the baseline knows of it, and what eased it.
    fn failing(severity: Severity, is_new: Option<bool>, why: Option<EasedBy>) -> TargetReport {
        let eased = why.map(|why| Eased { from: Severity::Fail, why });
        let finding = Finding { is_new, eased, ..Finding::new(Rule::Size, severity, "image", "") };
        TargetReport { findings: vec![finding], ..target(severity.into()) }
    }

    #[expect(clippy::large_stack_arrays, reason = "whole reports, and only in a test")]
    #[test]
    fn by_itself_only_news_calls_for_a_comment() {
        use CommentWhen::{Auto, Failures};
        use Severity::{Fail, Note, Warn};
        let not_yet = || Some(EasedBy::NotYet { from: "2027-01-31".to_owned(), days: 71 });
        for (what, target, auto, failures) in [
            ("fails anew", failing(Fail, Some(true), None), true, true),
            ("nobody knows", failing(Fail, None, None), true, true),
            ("fails as before", failing(Fail, Some(false), None), false, true),
            ("known, and only what is new counts", failing(Note, Some(false), Some(EasedBy::Known)), false, false),
            ("a limit that drift crossed", failing(Warn, Some(true), Some(EasedBy::Drift)), false, false),
            ("one that a base crossed by itself", failing(Warn, Some(true), Some(EasedBy::Base)), false, false),
            ("not enforced yet", failing(Warn, Some(true), not_yet()), true, false),
            ("not enforced yet, and known", failing(Warn, Some(false), not_yet()), false, false),
        ] {
            assert_eq!(creates(target.clone(), Auto), auto, "{what}");
            assert_eq!(creates(target, Failures), failures, "{what}");
        }
        let inputs = Some(Inputs::Changed(vec!["build argument NODE".to_owned()]));
        assert!(creates(TargetReport { inputs, ..failing(Warn, Some(true), Some(EasedBy::Base)) }, Auto));
        let amount = Amount::Bytes(MEGABYTE);
        let accepted = Accepted { rule: Rule::Growth, actual: amount, up_to: amount, reason: None, place: None };
        assert!(creates(TargetReport { accepted: vec![accepted], ..target(Verdict::Pass) }, Auto));
        let change = BudgetChange { target: None, what: String::new(), loosens: false, place: None };
        let raised =
            Report { budget_changes: vec![change], ..Report::new(vec![target(Verdict::Pass)], None, Vec::new()) };
        assert_eq!(wish(&raised, Auto, MEGABYTE), Some(Wish::Create));
    }

    #[test]
    fn what_moved_by_itself_calls_for_no_comment() {
        let place = Place { file: "Dockerfile".to_owned(), line: 1, column: 1 };
        let from = || Some(BaseImage { reference: "node:20".to_owned(), place: place.clone() });
        // How much the base and the target's own layers grew, in megabytes.
        let grown = |base: u64, own: u64, inputs: Option<Inputs>| {
            let mut target = since(100_000_000, ChangeState::Changed);
            target.size = Some(Bytes(100_000_000 + (base + own) * MEGABYTE.0));
            target.base_size = Some(Bytes(60_000_000 + base * MEGABYTE.0));
            if let Some(change) = &mut target.change {
                change.base_size_before = Some(Bytes(60_000_000));
            }
            target.inputs = inputs;
            target.base = from();
            creates(target, CommentWhen::Auto)
        };
        let changed = |what: &str| Some(Inputs::Changed(vec![what.to_owned()]));
        let unknown = || Some(Inputs::Unknown("built elsewhere".to_owned()));
        assert!(grown(28, 0, changed("Dockerfile")), "the FROM line changed here");
        assert!(!grown(28, 0, changed("src/a.js")), "something else did");
        assert!(grown(28, 5, changed("src/a.js")));
        assert!(!grown(28, 0, Some(Inputs::Unchanged)));
        assert!(!grown(28, 0, unknown()) && !grown(28, 0, None));
        assert!(grown(28, 5, unknown()) && grown(0, 5, None));
        assert!(!grown(0, 5, Some(Inputs::Unchanged)), "someone else's packages");
    }

    #[test]
    fn an_estimate_calls_for_no_comment() {
        for (is_estimate, expected) in [(true, false), (false, true)] {
            let mut target = since(10_000_000, ChangeState::Changed);
            target.compressed_size = Some(CompressedSize { bytes: Bytes(9_000_000), is_estimate });
            if let Some(change) = &mut target.change {
                change.compressed_size_before = Some(Bytes(5_000_000));
            }
            assert_eq!(creates(target, CommentWhen::Changes), expected, "{is_estimate}");
        }
    }

    #[test]
    fn without_a_least_change_the_same_is_still_the_same() {
        let report = |target| Report::new(vec![target], None, vec![]);
        let same = since(10_000_000, ChangeState::Same);
        assert_eq!(wish(&report(same), CommentWhen::Auto, Bytes::ZERO), Some(Wish::UpdateOnly));
        let byte = since(9_999_999, ChangeState::Changed);
        assert_eq!(wish(&report(byte), CommentWhen::Auto, Bytes::ZERO), Some(Wish::Create));
    }
}
