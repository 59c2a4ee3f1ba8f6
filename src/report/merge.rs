//! Reports of several runs, such as the legs of a matrix, joined into one.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{
    Baseline, BaselineState, BudgetChange, LeftOut, NotJudged, Platform, Report, TargetName, TargetReport,
};
use crate::{Class, Error};

/// Joins reports, each with the name that it has in messages. Targets stay in the order of the reports; the verdict is the worst.
///
/// # Errors
/// There is no report, sizes have different meanings, commits differ, or one target was measured twice on one platform.
pub fn merge(parts: Vec<(String, Report)>) -> Result<Report, Error> {
    let mut whole = Whole::default();
    for (name, report) in parts {
        whole.add(name, report)?;
    }
    whole.report.ok_or_else(|| Error::new(Class::Io, "there is no report to join").with_hint("Name at least one file."))
}

#[derive(Default)]
struct Whole {
    report: Option<Report>,
    /// The first report with a known commit.
    commit_from: Option<String>,
    /// Where each target came from.
    from: BTreeMap<(TargetName, Platform), String>,
}

impl Whole {
    fn add(&mut self, name: String, report: Report) -> Result<(), Error> {
        if report.targets.is_empty() && report.left_out.is_none() {
            return Err(Error::new(Class::Io, format!("{name} has no targets"))
                .with_hint("A leg that checked nothing must not look like a pass; look at the leg first."));
        }
        for target in &report.targets {
            // What could not be measured has no platform, and two legs may well both have failed.
            let Some(platform) = &target.platform else { continue };
            let earlier = self.from.insert((target.name.clone(), platform.clone()), name.clone());
            if let Some(earlier) = earlier {
                let what = format!("`{}` on {platform} is both in {earlier} and in {name}", target.name);
                return Err(Error::new(Class::Io, what).with_hint("Let each leg check its own targets or platforms."));
            }
        }
        let Some(whole) = &mut self.report else {
            self.commit_from = report.commit.is_some().then_some(name);
            self.report = Some(report);
            return Ok(());
        };
        if whole.definition != report.definition {
            return Err(Error::new(Class::Io, format!("{name} measures sizes in another way than those before it"))
                .with_hint("Check all of them with the same version of imgbudget."));
        }
        match (&whole.commit, &report.commit) {
            (Some(one), Some(other)) if one != other => {
                let first = self.commit_from.clone().unwrap_or_default();
                return Err(Error::new(Class::Io, format!("{name} is of another commit than {first}"))
                    .with_hint("Join the reports of one run only."));
            }
            (None, Some(_)) => {
                whole.commit.clone_from(&report.commit);
                self.commit_from = Some(name);
            }
            _ => {}
        }
        whole.verdict = whole.verdict.max(report.verdict);
        whole.baseline = baseline(whole.baseline.take(), report.baseline);
        whole.targets.extend(report.targets);
        // Each leg compares the whole budget; what one of them tells as accepted, another cannot know.
        whole.budget_changes.extend(report.budget_changes);
        let told = |change: &BudgetChange| {
            whole.targets.iter().any(|target| change.is_told_by(&target.name, &target.accepted))
        };
        whole.budget_changes.retain(|change| !told(change));
        whole.budget_changes.sort_by(|a, b| a.key().cmp(&b.key()));
        whole.budget_changes.dedup();
        whole.left_out = left_out(whole.left_out.take(), report.left_out, &whole.targets);
        whole.not_judged.extend(report.not_judged);
        whole.not_judged.sort();
        whole.not_judged.dedup_by(|a: &mut NotJudged, b| a == b);
        Ok(())
    }
}

/// What two legs were compared with. A target that one leg left out was perhaps checked by the other, so only what both left out
/// stays; of two baselines the one that was found speaks, and of two that were found the older.
fn baseline(one: Option<Baseline>, other: Option<Baseline>) -> Option<Baseline> {
    let (Some(one), Some(other)) = (&one, &other) else { return one.or(other) };
    let rank = |baseline: &Baseline| (baseline.state == BaselineState::Found, baseline.behind);
    let found = |baseline: &Baseline| baseline.state == BaselineState::Found;
    let mut chosen = if rank(other) > rank(one) { other.clone() } else { one.clone() };
    if found(one) && found(other) {
        chosen.not_in_run = one.not_in_run.iter().filter(|left| other.not_in_run.contains(left)).cloned().collect();
    }
    Some(chosen)
}

/// What no leg checked.
fn left_out(one: Option<LeftOut>, other: Option<LeftOut>, checked: &[TargetReport]) -> Option<LeftOut> {
    let mut whole = one.or_else(|| other.clone())?;
    whole.targets.extend(other.into_iter().flat_map(|other| other.targets));
    let mut seen: BTreeSet<TargetName> = checked.iter().map(|target| target.name.clone()).collect();
    whole.targets.retain(|name| seen.insert(name.clone()));
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Bytes, How, Verdict};

    fn target(name: &str, platform: Option<&str>, verdict: Verdict) -> TargetReport {
        TargetReport {
            size: Some(Bytes(1)),
            ..TargetReport::new(
                name.parse().expect("a name"),
                platform.map(|text| text.parse().expect("a platform")),
                verdict,
            )
        }
    }

    fn report(targets: Vec<TargetReport>, commit: Option<&str>) -> Report {
        Report::new(targets, commit.map(str::to_owned), vec![])
    }

    fn merged(parts: Vec<Report>) -> Result<Report, String> {
        let names = ["one.json", "two.json", "three.json"];
        merge(names.into_iter().map(str::to_owned).zip(parts).collect()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_worst_leg_decides() {
        let amd = target("api", Some("linux/amd64"), Verdict::Pass);
        let arm = target("api", Some("linux/arm64"), Verdict::Fail);
        let whole = merged(vec![report(vec![amd], None), report(vec![arm], Some("ab"))]).expect("joins");
        assert_eq!((whole.verdict, whole.targets.len(), whole.commit.as_deref()), (Verdict::Fail, 2, Some("ab")));
    }

    #[test]
    fn what_does_not_belong_together() {
        let api = || target("api", Some("linux/amd64"), Verdict::Pass);
        let twice = merged(vec![report(vec![api()], None), report(vec![api()], None)]);
        assert_eq!(twice.expect_err("twice"), "`api` on linux/amd64 is both in one.json and in two.json");
        let web = target("web", Some("linux/amd64"), Verdict::Pass);
        let commits = merged(vec![report(vec![api()], Some("a")), report(vec![web], Some("b"))]);
        assert_eq!(commits.expect_err("commits"), "two.json is of another commit than one.json");
        assert!(merged(vec![]).is_err());
        assert_eq!(merged(vec![report(vec![], None)]).expect_err("nothing checked"), "one.json has no targets");
        let failed = || report(vec![target("api", None, Verdict::Error)], None);
        assert!(merged(vec![failed(), failed()]).is_ok_and(|whole| whole.targets.len() == 2));
    }

    #[test]
    fn what_one_leg_left_out_and_another_checked_was_checked() {
        let left_out = |names: &[&str]| {
            let targets = names.iter().map(|name| name.parse().expect("a name")).collect();
            Some(LeftOut { since: "main".to_owned(), targets })
        };
        let none = Report { left_out: left_out(&["api", "web", "cli"]), ..report(vec![], None) };
        let some =
            Report { left_out: left_out(&["web", "tool"]), ..report(vec![target("api", None, Verdict::Pass)], None) };
        let whole = merged(vec![none.clone(), some.clone()]).expect("joins");
        assert_eq!(whole.left_out, left_out(&["web", "cli", "tool"]));
        assert_eq!(merged(vec![some, none]).expect("joins").left_out, left_out(&["web", "tool", "cli"]));
    }

    #[test]
    fn legs_leave_out_what_other_legs_check() {
        let left_out = |names: &[&str]| Baseline {
            source: "main.json".to_owned(),
            how: How::File,
            state: BaselineState::Found,
            commit: None,
            behind: None,
            not_in_run: names.iter().map(|name| (name.parse().expect("a name"), None)).collect(),
        };
        let with = |name, baseline| Report { baseline, ..report(vec![target(name, None, Verdict::Pass)], None) };
        let whole = merged(vec![
            with("api", Some(left_out(&["gone", "web"]))),
            with("web", Some(left_out(&["api", "gone"]))),
            with("cli", None),
        ]);
        let baseline = whole.expect("joins").baseline.expect("there");
        assert_eq!(baseline.not_in_run, left_out(&["gone"]).not_in_run);
    }
}
