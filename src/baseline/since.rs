//! What became of one target since its baseline.

use super::known::Known;
use super::{Before, layers};
use crate::domain::{Bytes, Change, ChangeState, CompressedSize, Finding, LayerReport};

/// A target beside its baseline. Without a baseline that speaks of it nothing is known and nothing is new.
#[derive(Debug, Clone, Default)]
pub struct Since<'a> {
    /// For the report; `None` where there is nothing to compare with.
    pub change: Option<Change>,
    /// What was found; `None` when nobody kept it.
    known: Option<Known<'a>>,
}

impl<'a> Since<'a> {
    /// Compares a target of these sizes and layers with what was `before`. A size that was not read has not changed and not stayed the same.
    #[must_use]
    pub fn new(
        before: Before<'a>,
        size: Option<Bytes>,
        compressed: Option<CompressedSize>,
        layers: &[LayerReport],
    ) -> Self {
        let compressed = compressed.and_then(CompressedSize::if_exact);
        match before {
            Before::NoBaseline | Before::OtherDefinition | Before::NotMeasured => Self::default(),
            Before::NotThere { keeps_findings } => Self {
                change: Some(Change {
                    state: ChangeState::Extra,
                    size_before: None,
                    base_size_before: None,
                    compressed_size_before: None,
                    layers: Vec::new(),
                }),
                known: keeps_findings.then(Known::default),
            },
            Before::Sizes { size: size_before, base, compressed: compressed_before, report } => Self {
                change: size.map(|size| Change {
                    state: state((size_before, compressed_before), (size, compressed)),
                    size_before: Some(size_before),
                    base_size_before: base,
                    compressed_size_before: compressed_before,
                    layers: report.map_or_else(Vec::new, |report| layers::changes(&report.layers, layers)),
                }),
                known: report.map(|report| Known::new(&report.findings)),
            },
        }
    }

    /// Whether the baseline lacks `finding`, one of `all` that its rule found; `None` when that cannot be told. A warning that became a
    /// failure is news, and so is a tool, a place, or `least` more bytes than the baseline has of the same.
    #[must_use]
    pub fn is_new(&self, finding: &Finding, all: &[Finding], least: Bytes) -> Option<bool> {
        self.known.as_ref().map(|known| known.lacks(finding, all, least))
    }

    /// Whether a target that has `size` now was smaller.
    #[must_use]
    pub fn grew(&self, size: Bytes) -> bool {
        self.change.as_ref().and_then(|change| change.size_before).is_some_and(|before| before < size)
    }

    /// Positions of the layers that grew or came, the one that grew most first. None where the baseline has no layers (a lock file).
    pub fn grown(&self) -> impl Iterator<Item = usize> {
        let changes = self.change.iter().flat_map(|change| &change.layers);
        let grew = changes.filter(|layer| layer.after.unwrap_or_default() > layer.before.unwrap_or_default());
        grew.filter_map(|layer| layer.index)
    }
}

/// Compressed sizes count where both are known exactly.
fn state(before: (Bytes, Option<Bytes>), now: (Bytes, Option<Bytes>)) -> ChangeState {
    let compressed_differs = before.1.zip(now.1).is_some_and(|(before, now)| before != now);
    if before.0 != now.0 || compressed_differs { ChangeState::Changed } else { ChangeState::Same }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::baseline::Earlier;
    use crate::domain::{DiffId, Digest, Origin, Platform, Report, Rule, Severity, TargetName, TargetReport, Verdict};
    use crate::report::lock::Lock;

    fn layer(seed: u8, size: u64) -> LayerReport {
        LayerReport {
            diff_id: DiffId(Digest::from_sha256([seed; 32])),
            size: Some(Bytes(size)),
            compressed_size: None,
            created_by: Some(format!("COPY {seed} /")),
            origin: Origin::Own,
            dockerfile: None,
        }
    }

    fn name() -> TargetName {
        "api".parse().expect("a name")
    }

    fn amd64() -> Platform {
        Platform::new("linux", "amd64", None)
    }

    /// The target of a baseline.
    fn target(layers: Vec<LayerReport>, compressed: Option<u64>, findings: Vec<Finding>) -> TargetReport {
        TargetReport {
            size: layers.iter().map(|layer| layer.size).sum(),
            compressed_size: compressed.map(|bytes| CompressedSize::exact(Bytes(bytes))),
            layers,
            findings,
            ..TargetReport::new(name(), Some(amd64()), Verdict::Pass)
        }
    }

    fn report(targets: Vec<TargetReport>) -> Earlier {
        Earlier::Report(Box::new(Report::new(targets, None, Vec::new())))
    }

    fn finding(rule: Rule, subject: &str) -> Finding {
        Finding::new(rule, Severity::Warn, subject, "")
    }

    fn is_new(since: &Since<'_>, rule: Rule, subject: &str, severity: Severity) -> Option<bool> {
        let found = [Finding::new(rule, severity, subject, "")];
        since.is_new(&found[0], &found, Bytes::ZERO)
    }

    /// What became of the target, which has one layer of this size now.
    fn since(earlier: &Earlier, size: u64) -> Since<'_> {
        Since::new(earlier.before(&name(), &amd64()), Some(Bytes(size)), None, &[layer(9, size)])
    }

    #[test]
    fn every_state_is_told() {
        let with = |size| report(vec![target(vec![layer(9, size)], None, Vec::new())]);
        let unmeasured = TargetReport::new(name(), None, Verdict::Error);
        for (earlier, state) in [
            (with(10), Some(ChangeState::Same)),
            (with(11), Some(ChangeState::Changed)),
            (report(Vec::new()), Some(ChangeState::Extra)),
            (report(vec![unmeasured]), None),
            (Earlier::Missing("no such file".to_owned()), None),
            (Earlier::OtherDefinition("content/0".to_owned()), None),
        ] {
            assert_eq!(since(&earlier, 10).change.map(|change| change.state), state, "{earlier:?}");
        }
    }

    #[test]
    fn a_lock_file_tells_sizes_and_no_more() {
        let before = Report::new(vec![target(vec![layer(9, 10)], None, Vec::new())], None, Vec::new());
        let lock = Earlier::Lock(Lock::of(&before).expect("sizes"));
        let since = since(&lock, 12);
        let change = since.change.as_ref().expect("changed");
        assert_eq!((change.state, change.size_before, change.layers.len()), (ChangeState::Changed, Some(Bytes(10)), 0));
        assert_eq!((is_new(&since, Rule::Size, "image", Severity::Fail), since.grown().next()), (None, None));
    }

    #[test]
    fn compressed_sizes_count_where_both_are_known() {
        for (before, now, state) in [
            (Some(5), Some(6), ChangeState::Changed),
            (Some(5), None, ChangeState::Same),
            (None, Some(5), ChangeState::Same),
        ] {
            let earlier = report(vec![target(vec![layer(9, 10)], before, Vec::new())]);
            let now = now.map(|bytes| CompressedSize::exact(Bytes(bytes)));
            let since = Since::new(earlier.before(&name(), &amd64()), Some(Bytes(10)), now, &[layer(9, 10)]);
            assert_eq!(since.change.map(|change| change.state), Some(state), "{before:?} {now:?}");
        }
    }

    #[test]
    fn an_estimate_is_compared_with_nothing() {
        let estimate = |bytes| CompressedSize { bytes: Bytes(bytes), is_estimate: true };
        let before =
            TargetReport { compressed_size: Some(estimate(5)), ..target(vec![layer(9, 10)], None, Vec::new()) };
        let earlier = report(vec![before]);
        let before = earlier.before(&name(), &amd64());
        let since = Since::new(before, Some(Bytes(10)), Some(CompressedSize::exact(Bytes(6))), &[layer(9, 10)]);
        let change = since.change.expect("compared");
        assert_eq!((change.state, change.compressed_size_before), (ChangeState::Same, None));
        let earlier = report(vec![target(vec![layer(9, 10)], Some(5), Vec::new())]);
        let since = Since::new(earlier.before(&name(), &amd64()), Some(Bytes(10)), Some(estimate(6)), &[layer(9, 10)]);
        assert_eq!(since.change.map(|change| change.state), Some(ChangeState::Same));
    }

    #[test]
    fn a_size_that_was_not_read_has_not_changed() {
        let earlier = report(vec![target(vec![layer(9, 10)], None, vec![finding(Rule::RootUser, "user")])]);
        let unread = LayerReport { size: None, ..layer(9, 10) };
        let since = Since::new(earlier.before(&name(), &amd64()), None, None, &[unread]);
        assert_eq!((since.change.as_ref(), since.grown().next()), (None, None));
        assert_eq!(is_new(&since, Rule::RootUser, "user", Severity::Warn), Some(false));
    }

    #[test]
    fn findings_are_known_by_rule_and_subject() {
        let before = vec![finding(Rule::ForbiddenTool, "npm"), finding(Rule::Size, "image")];
        let earlier = report(vec![target(vec![layer(9, 10)], None, before)]);
        let beside = since(&earlier, 12);
        for (rule, subject, severity, new) in [
            (Rule::ForbiddenTool, "npm", Severity::Warn, false),
            (Rule::ForbiddenTool, "npm", Severity::Note, false),
            (Rule::ForbiddenTool, "gcc", Severity::Warn, true),
            (Rule::Layers, "image", Severity::Warn, true),
            (Rule::Size, "image", Severity::Fail, true),
        ] {
            assert_eq!(is_new(&beside, rule, subject, severity), Some(new), "{rule} {subject}");
        }
        let extra = report(Vec::new());
        assert_eq!(is_new(&since(&extra, 12), Rule::Size, "image", Severity::Note), Some(true));
    }

    #[test]
    fn layers_that_grew_are_in_order_and_those_that_went_are_not_among_them() {
        let earlier = report(vec![target(vec![layer(1, 60), layer(2, 10), layer(3, 50)], None, Vec::new())]);
        let now = [layer(1, 60), LayerReport { created_by: Some("COPY 2 /".to_owned()), ..layer(8, 12) }, layer(7, 30)];
        let since = Since::new(earlier.before(&name(), &amd64()), Some(Bytes(102)), None, &now);
        assert_eq!(since.grown().collect::<Vec<_>>(), [2, 1]);
        assert_eq!((since.grew(Bytes(120)), since.grew(Bytes(121))), (false, true));
    }

    proptest! {
        #[test]
        fn against_itself_all_is_the_same(sizes in prop::collection::vec(0u64..1 << 40, 0..6)) {
            let layers: Vec<LayerReport> = sizes.iter().zip(0..).map(|(size, seed)| layer(seed, *size)).collect();
            let total: Option<Bytes> = layers.iter().map(|layer| layer.size).sum();
            let earlier = report(vec![target(layers.clone(), None, Vec::new())]);
            let since = Since::new(earlier.before(&name(), &amd64()), total, None, &layers);
            prop_assert_eq!(since.grown().next(), None);
            prop_assert_eq!(since.change.map(|change| change.state), Some(ChangeState::Same));
        }
    }
}
