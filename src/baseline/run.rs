//! A whole run beside its baseline.

use std::collections::BTreeSet;

use super::{Against, Earlier};
use crate::domain::{Baseline, BaselineState, Platform, TargetName, TargetReport};

/// What a run over `targets` was compared with; `None` when nobody asked for it.
#[must_use]
pub fn of_run(against: &Against, targets: &[TargetReport]) -> Option<Baseline> {
    Some(Baseline {
        source: against.source.clone(),
        how: against.how,
        state: match &against.earlier {
            Earlier::NotAsked => return None,
            Earlier::Missing(why) => BaselineState::Missing(why.clone()),
            Earlier::OtherDefinition(which) => BaselineState::OtherDefinition(which.clone()),
            Earlier::Report(_) | Earlier::Lock(_) => BaselineState::Found,
        },
        commit: against.commit.clone(),
        behind: against.behind,
        not_in_run: not_in_run(targets, &against.earlier),
    })
}

/// What the baseline has and the run did not look at, sorted. A target that could not be measured was looked at.
fn not_in_run(targets: &[TargetReport], earlier: &Earlier) -> Vec<(TargetName, Option<Platform>)> {
    let checked: BTreeSet<(&TargetName, Option<&Platform>)> =
        targets.iter().map(|target| (&target.name, target.platform.as_ref())).collect();
    let names: BTreeSet<&TargetName> = targets.iter().map(|target| &target.name).collect();
    let mut missed = earlier.targets();
    missed.retain(|(name, platform)| match platform {
        Some(platform) => !checked.contains(&(name, Some(platform))) && !checked.contains(&(name, None)),
        None => !names.contains(name),
    });
    missed.sort();
    missed.dedup();
    missed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{Bytes, Report, Verdict};

    fn target(name: &str, platform: &str) -> TargetReport {
        let platform = platform.parse().ok();
        let (size, verdict) = platform.as_ref().map_or((None, Verdict::Error), |_| (Some(Bytes(1)), Verdict::Pass));
        TargetReport { size, ..TargetReport::new(name.parse().expect("a name"), platform, verdict) }
    }

    fn compared(targets: &[TargetReport], earlier: Earlier) -> Baseline {
        let against = Against::new("main.json", earlier);
        of_run(&against, targets).expect("it was asked for")
    }

    fn earlier(targets: Vec<TargetReport>) -> Earlier {
        Earlier::Report(Box::new(Report::new(targets, None, Vec::new())))
    }

    fn missed(baseline: &Baseline) -> Vec<String> {
        let shown = |(name, platform): &(TargetName, Option<Platform>)| match platform {
            Some(platform) => format!("{name} {platform}"),
            None => name.to_string(),
        };
        baseline.not_in_run.iter().map(shown).collect()
    }

    #[test]
    fn what_the_run_did_not_look_at_is_told() {
        let (amd, arm) = ("linux/amd64", "linux/arm64");
        let before = earlier(vec![
            target("api", amd),
            target("web", amd),
            target("web", arm),
            target("broken", ""),
            target("failing", amd),
            target("gone", amd),
        ]);
        let now = [target("api", amd), target("web", amd), target("broken", amd), target("failing", "")];
        let baseline = compared(&now, before);
        assert_eq!(baseline.state, BaselineState::Found);
        assert_eq!(missed(&baseline), ["gone linux/amd64", "web linux/arm64"]);
        let missing = compared(&now, Earlier::Missing("no such file".to_owned()));
        assert_eq!(missing.state, BaselineState::Missing("no such file".to_owned()));
        let other = compared(&now, Earlier::OtherDefinition("content/0".to_owned()));
        assert_eq!(other.state, BaselineState::OtherDefinition("content/0".to_owned()));
    }

    proptest! {
        #[test]
        fn what_is_missed_is_what_the_other_side_has_alone(
            ours in prop::collection::btree_set(0u8..9, 0..9),
            theirs in prop::collection::btree_set(0u8..9, 0..9),
        ) {
            let targets = |names: &BTreeSet<u8>| -> Vec<TargetReport> {
                names.iter().map(|n| target(&format!("t{n}"), "linux/amd64")).collect()
            };
            let baseline = compared(&targets(&ours), earlier(targets(&theirs)));
            let expected: Vec<String> = theirs.difference(&ours).map(|n| format!("t{n} linux/amd64")).collect();
            prop_assert_eq!(missed(&baseline), expected);
        }
    }
}
