//! Whether a result calls for a comment. A comment that says nothing new gets the tool uninstalled.

use super::Wish;
use crate::domain::{
    Bytes, Change, ChangeState, CommentWhen, CompressedSize, Report, Rule, Severity, TargetReport, Verdict,
};

/// What may be done about `report`; `None` when the conversation is to be left alone.
///
/// A warning counts when the baseline does not have it. Without a baseline nobody knows whether it is new, so it waits in the
/// summary. A target without any budget never calls for a comment.
#[must_use]
pub fn wish(report: &Report, when: CommentWhen, min_change: Bytes) -> Option<Wish> {
    let failed = report.verdict >= Verdict::Fail;
    let changed = || report.targets.iter().any(|target| has_changed(target, min_change));
    let warned = || report.targets.iter().any(warns_anew);
    let called_for = match when {
        CommentWhen::Never => return None,
        CommentWhen::Always => true,
        CommentWhen::Failures => failed,
        CommentWhen::Changes => changed(),
        CommentWhen::Auto => failed || changed() || warned(),
    };
    Some(if called_for { Wish::Create } else { Wish::UpdateOnly })
}

fn warns_anew(target: &TargetReport) -> bool {
    target.findings.iter().any(|finding| {
        finding.severity == Severity::Warn && finding.rule != Rule::NoBudget && finding.is_new == Some(true)
    })
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
    use crate::domain::Finding;

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
        let table = [
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
