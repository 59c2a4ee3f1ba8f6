//! `junit`: a suite a target, a case a rule, as every CI shows tests.
//!
//! A target that could not be measured is an error, a rule that could not be judged is skipped with its reason. JUnit knows no
//! warnings: those pass, and are said in the output of their case. There are no times, so equal reports are equal files.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};

use super::label::Labels;
use super::location::{Location, Locations};
use super::provenance::Identity;
use super::terminal;
use crate::catalogue::rules;
use crate::domain::{
    Accepted, AppliedAllow, BudgetChange, Finding, ImageIdentity, NotJudged, Report, Rule, RuleStatus, Severity,
    TargetReport,
};
use crate::text;

/// The longest message, in characters.
const LONGEST: usize = 1000;

/// The case that every suite has: without it, a target without a budget would be an empty suite.
const MEASURED: &str = "measured";

/// The suite of rules that belong to no single target. No target can have this name: it holds a space.
const ALL: &str = "all targets";

/// `directory`: where the run stands below the root of the repository.
pub(super) fn render(report: &Report, directory: &str, out: &mut dyn Write) -> io::Result<()> {
    let labels = Labels::new(report);
    let locations = Locations::new(report, directory);
    let mut document = quick_junit::Report::new("imgbudget");
    for target in &report.targets {
        document.add_test_suite(suite(target, &labels.of(target), &locations));
    }
    if !report.not_judged.is_empty() || !report.budget_changes.is_empty() {
        let mut all = TestSuite::new(ALL);
        all.add_test_cases(report.not_judged.iter().map(|not| named(not.rule.code(), ALL, skipped(not))));
        all.add_test_cases(budget_changes(&report.budget_changes));
        document.add_test_suite(all);
    }
    document.serialize(&mut *out).map_err(io::Error::other)
}

/// What became of the budget, as what a case says that passes: where it fails, a target's case does.
fn budget_changes(changes: &[BudgetChange]) -> Option<TestCase> {
    let lines = changes
        .iter()
        .map(|change| vec![format!("budget changed here: {}", text::line_within(&change.sentence(), LONGEST))]);
    let mut case = named(Rule::BudgetChanged.code(), ALL, TestCaseStatus::success());
    case.set_system_out(paragraphs(lines));
    (!changes.is_empty()).then_some(case)
}

fn suite(target: &TargetReport, label: &str, locations: &Locations<'_>) -> TestSuite {
    let mut suite = TestSuite::new(xml(label));
    suite.add_properties(target.image.iter().flat_map(properties));
    suite.add_test_case(measured(target, label, locations));
    suite.add_test_cases(Rule::ALL.into_iter().filter_map(|rule| Case::of(rule, target)?.test(label, locations)));
    suite
}

/// Which image it is.
fn properties(image: &ImageIdentity) -> impl Iterator<Item = Property> {
    let Identity { reference, from, digest, created } = Identity::of(image);
    let all = [("image", reference), ("image.from", from), ("image.digest", digest), ("image.created", created)];
    all.into_iter().filter_map(|(name, value)| Some(Property::new(name, message(&value?))))
}

fn measured(target: &TargetReport, label: &str, locations: &Locations<'_>) -> TestCase {
    let Some(error) = &target.error else { return named(MEASURED, label, TestCaseStatus::success()) };
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type(MEASURED).set_message(message(&error.message));
    status.set_description(paragraphs([terminal::failure(error, label)]));
    let mut case = named(MEASURED, label, status);
    point(&mut case, &locations.first([error.place.as_ref()]));
    case
}

/// What there is to say about one rule and one target.
struct Case<'a> {
    rule: Rule,
    target: &'a TargetReport,
    status: Option<RuleStatus>,
    findings: Vec<&'a Finding>,
    not_judged: Option<&'a NotJudged>,
}

impl<'a> Case<'a> {
    /// `None` where the rule is off.
    fn of(rule: Rule, target: &'a TargetReport) -> Option<Self> {
        let case = Self {
            rule,
            target,
            status: target.rules.iter().find(|outcome| outcome.rule == rule).map(|outcome| outcome.status),
            findings: target.findings.iter().filter(|finding| finding.rule == rule).collect(),
            not_judged: target.not_judged.iter().find(|not| not.rule == rule),
        };
        let is_on = case.status.is_some() || !case.findings.is_empty() || case.not_judged.is_some();
        is_on.then_some(case)
    }

    fn test(&self, label: &str, locations: &Locations<'_>) -> Option<TestCase> {
        let (failed, said): (Vec<&Finding>, Vec<&Finding>) =
            self.findings.iter().partition(|finding| finding.severity == Severity::Fail);
        let mut case = if !failed.is_empty() || self.status == Some(RuleStatus::Fail) {
            let mut case = named(self.rule.code(), label, self.failure(&failed, label));
            if let Some(finding) = failed.first() {
                point(&mut case, &locations.of(finding, self.target));
            }
            case
        } else if self.status.is_none() && said.is_empty() {
            named(self.rule.code(), label, skipped(self.not_judged?))
        } else {
            named(self.rule.code(), label, TestCaseStatus::success())
        };
        let allows = self.target.allows.iter().filter(|allow| allow.rule == self.rule).map(excuse);
        let accepted = self.target.accepted.iter().filter(|accepted| accepted.rule == self.rule).map(acceptance);
        let output = paragraphs(self.paragraphs(&said, label).chain(accepted).chain(allows));
        if !output.is_empty() {
            case.set_system_out(output);
        }
        Some(case)
    }

    fn failure(&self, failed: &[&Finding], label: &str) -> TestCaseStatus {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        let messages: Vec<&str> = failed.iter().map(|finding| finding.message.as_str()).collect();
        let text = if messages.is_empty() {
            format!("not kept: {}", rules::facts(self.rule).sentence)
        } else {
            messages.join("; ")
        };
        status.set_type(self.rule.code()).set_message(message(&text));
        status.set_description(paragraphs(self.paragraphs(failed, label)));
        status
    }

    fn paragraphs(&self, findings: &[&Finding], label: &str) -> impl Iterator<Item = Vec<String>> {
        findings.iter().map(move |finding| terminal::found(finding, self.target, label))
    }
}

fn named(name: &str, label: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(xml(&format!("imgbudget.{label}")));
    case
}

/// Says in which file the mend belongs; GitLab shows it with the case.
fn point(case: &mut TestCase, location: &Location) {
    case.extra.insert("file".into(), xml(&location.shown()).into());
}

fn skipped(not: &NotJudged) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(message(&not.reason));
    status
}

/// `allowed: npm, npx: base image ships it`.
fn excuse(allow: &AppliedAllow) -> Vec<String> {
    let subjects: Vec<String> = allow.subjects.iter().map(|subject| text::line(subject)).collect();
    let reason = text::line_within(&allow.reason, LONGEST);
    vec![format!("allowed: {}: {reason}", text::line_within(&subjects.join(", "), LONGEST))]
}

/// `accepted here: 64.2 MB, up to 70.0 MB: the search index`.
fn acceptance(accepted: &Accepted) -> Vec<String> {
    let reason = accepted.reason.as_ref().map(|reason| format!(": {}", text::line_within(reason, LONGEST)));
    vec![format!("accepted here: {}, up to {}{}", accepted.actual, accepted.up_to, reason.unwrap_or_default())]
}

fn message(text: &str) -> String {
    xml(&text::line_within(text, LONGEST))
}

fn paragraphs(paragraphs: impl IntoIterator<Item = Vec<String>>) -> String {
    xml(&paragraphs.into_iter().map(|lines| lines.join("\n")).collect::<Vec<_>>().join("\n\n"))
}

/// XML 1.0 cannot hold U+FFFE and U+FFFF in any spelling, and quick-junit lets them pass. Markup it escapes itself.
fn xml(text: &str) -> String {
    text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fixture::{HOSTILE, fixture, hostile, pushed, two_platforms};
    use super::*;

    fn rendered(report: &Report) -> String {
        let mut out = Vec::new();
        render(report, "", &mut out).expect("memory takes it");
        String::from_utf8(out).expect("UTF-8")
    }

    fn parsed(report: &Report) -> quick_junit::Report {
        quick_junit::Report::deserialize_from_str(&rendered(report)).expect("JUnit")
    }

    /// A line a case: how it came out, and what it says.
    fn outline(report: &Report) -> String {
        let mut lines = Vec::new();
        for suite in parsed(report).test_suites {
            lines.push(format!("{} ({} tests)", suite.name.as_str(), suite.tests));
            for case in suite.test_cases {
                let said = |text: Option<quick_junit::XmlString>| {
                    text.map(|text| format!(": {}", text.as_str())).unwrap_or_default()
                };
                let status = match case.status {
                    TestCaseStatus::Success { .. } => "pass".to_owned(),
                    TestCaseStatus::NonSuccess { kind, message, .. } => format!("{kind:?}{}", said(message)),
                    TestCaseStatus::Skipped { message, .. } => format!("skipped{}", said(message)),
                };
                let class = case.classname.expect("a class");
                lines.push(format!("  {}/{} {status}{}", class.as_str(), case.name.as_str(), said(case.system_out)));
            }
        }
        lines.join("\n")
    }

    #[test]
    fn a_suite_a_target_and_a_case_a_rule() {
        insta::assert_snapshot!(outline(&fixture()), @r#"
        api (6 tests)
          imgbudget.api/measured pass
          imgbudget.api/size Failure: the image is 162.0 MB, 12.0 MB over its budget of 150.0 MB
          imgbudget.api/layers pass
          imgbudget.api/forbidden-tool Failure: gcc and g++ are in the image (41.2 MB); npm, npx and corepack are in the image (9.8 MB)
          imgbudget.api/shadowed-tool pass: · api: wget was deleted by a later layer
          layer 1 of 4 (74.8 MB), of the base image node:20-bookworm-slim (services/api/Dockerfile:4): ADD file:0f1 in /
            /usr/bin/wget
          note · shadowed-tool
          imgbudget.api/forbidden-path pass: ! api: /srv/a�::error::b�[31m is in the image (12 B)
          layer 4 of 4 (1.7 MB): COPY dist /srv�[2J�
            /srv/a�::error::b�[31m
          warn · forbidden-path · budgets.toml:15
        web (3 tests)
          imgbudget.web/measured pass
          imgbudget.web/size pass: ! web: the image is 96.5 MB, 6.5 MB over its warning limit of 90.0 MB
          warn · size · budgets.toml:20
          imgbudget.web/growth skipped: no baseline yet
        site (3 tests)
          imgbudget.site/measured pass
          imgbudget.site/size pass
          imgbudget.site/growth skipped: no baseline yet
        tool (2 tests)
          imgbudget.tool/measured pass
          imgbudget.tool/no-budget pass: ! tool: it has no budget
          hint: Set max-size = "1 kB" (measured + 25 %).
          warn · no-budget
        batch (1 tests)
          imgbudget.batch/measured Error: the build failed: RUN make all: exit code 2
        all targets (1 tests)
          imgbudget.all targets/fleet-size skipped: this version does not judge it yet
        "#);
    }

    #[test]
    fn the_file() {
        let mut report = fixture();
        report.targets.retain(|target| matches!(target.name.as_str(), "batch" | "tool"));
        report.targets.reverse();
        insta::assert_snapshot!(rendered(&report), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="imgbudget" tests="4" skipped="1" failures="0" errors="1">
            <testsuite name="batch" tests="1" skipped="0" errors="1" failures="0">
                <testcase name="measured" classname="imgbudget.batch" file="batch/Dockerfile">
                    <error message="the build failed: RUN make all: exit code 2" type="measured">✗ batch: the build failed: RUN make all: exit code 2
          | cc -o batch batch.c
          | batch.c:1: �]0;x� error
          |
          hint: The last lines of its log are above.
          batch/Dockerfile:7</error>
                </testcase>
            </testsuite>
            <testsuite name="tool" tests="2" skipped="0" errors="0" failures="0">
                <properties>
                    <property name="image.from" value="built"/>
                </properties>
                <testcase name="measured" classname="imgbudget.tool"/>
                <testcase name="no-budget" classname="imgbudget.tool">
                    <system-out>! tool: it has no budget
          hint: Set max-size = &quot;1 kB&quot; (measured + 25 %).
          warn · no-budget</system-out>
                </testcase>
            </testsuite>
            <testsuite name="all targets" tests="1" skipped="1" errors="0" failures="0">
                <testcase name="fleet-size" classname="imgbudget.all targets">
                    <skipped message="this version does not judge it yet"/>
                </testcase>
            </testsuite>
        </testsuites>
        "#);
    }

    #[test]
    fn which_image_it_is() {
        let shown = rendered(&pushed());
        let properties: Vec<&str> =
            shown.lines().filter(|line| line.contains("<property ")).map(str::trim).take(4).collect();
        insta::assert_snapshot!(properties.join("\n"), @r#"
        <property name="image" value="registry.example.com/gateway:1.4"/>
        <property name="image.from" value="registry"/>
        <property name="image.digest" value="sha256:abababababababababababababababababababababababababababababababab"/>
        <property name="image.created" value="2026-11-03"/>
        "#);
    }

    #[test]
    fn platforms_are_told_apart() {
        let names: Vec<String> =
            parsed(&two_platforms()).test_suites.iter().map(|suite| suite.name.as_str().to_owned()).collect();
        assert_eq!(names, ["api (linux/amd64)", "api (linux/arm64)"]);
    }

    #[test]
    fn a_failed_rule_fails_even_without_a_finding() {
        let mut report = fixture();
        report.targets[0].findings.clear();
        assert!(
            outline(&report).contains("imgbudget.api/size Failure: not kept: The image is no larger than its budget")
        );
    }

    proptest! {
        #[test]
        fn hostile_text_stays_text(text in HOSTILE) {
            let report = hostile(&text);
            let out = rendered(&report);
            // Char, XML 1.0 (fifth edition) 2.2; all that is not written by us is visible besides.
            let is_char = |c| c == '\n' || !text::is_hidden(c) && !matches!(c, '\u{fffe}' | '\u{ffff}');
            prop_assert!(out.chars().all(is_char), "{out:?}");
            let document = parsed(&report);
            prop_assert_eq!(document.test_suites.len(), report.targets.len() + 1);
            let rules = |suite: &TestSuite| suite.test_cases.iter().map(|case| case.name.to_string()).collect::<Vec<_>>();
            let harmless = parsed(&hostile("x"));
            for (suite, same) in document.test_suites.iter().zip(&harmless.test_suites) {
                prop_assert_eq!(rules(suite), rules(same));
            }
        }
    }
}
