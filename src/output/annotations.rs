//! Annotations on the lines of a pull request, as workflow commands of GitHub ("Workflow commands for GitHub Actions").

use super::{eased, location};
use crate::domain::{EasedBy, Finding, Links, Place, Report, Rule, Severity, TargetError, TargetReport};
use crate::text;

/// Annotations of one kind that GitHub keeps of a step; a composite action is one step.
const OF_A_KIND: usize = 10;
/// Characters of one command.
const LONGEST: usize = 4_096;
/// Characters of a sentence of ours.
const SENTENCE: usize = 500;

/// One annotation before it is a command.
struct Annotation {
    severity: Severity,
    title: String,
    message: String,
    place: Option<Place>,
}

/// The commands, one a line, the worst first: errors, warnings, notices, ten of each; the last of a kind says how many more there are.
/// Each stands at the Dockerfile line that made or brought the layer where that is known, else at the line of budgets.toml that set the
/// limit.
#[must_use]
pub fn render(report: &Report, links: &Links) -> Vec<String> {
    let of_targets = report.targets.iter().flat_map(of_target);
    commands(&of_targets.chain(of_budget(report)).collect::<Vec<_>>(), links)
}

/// What the budget allows more than before, where it is not a finding already.
fn of_budget(report: &Report) -> impl Iterator<Item = Annotation> {
    let mut findings = report.targets.iter().flat_map(|target| &target.findings);
    let is_found = findings.any(|finding| finding.rule == Rule::BudgetChanged);
    let changes = report.budget_changes.iter().filter(move |change| change.loosens && !is_found);
    changes.map(|change| Annotation {
        severity: Severity::Note,
        title: "budget changed here".to_owned(),
        message: text::line_within(&change.sentence(), SENTENCE),
        place: change.place.clone(),
    })
}

/// The commands for what kept a whole run from checking anything.
#[must_use]
pub fn stopped(causes: &[TargetError], links: &Links) -> Vec<String> {
    let of_cause = |cause: &TargetError| Annotation {
        severity: Severity::Fail,
        title: "imgbudget".to_owned(),
        message: sentences(&cause.message, cause.hint.as_deref()),
        place: cause.place.clone(),
    };
    commands(&causes.iter().map(of_cause).collect::<Vec<_>>(), links)
}

fn commands(all: &[Annotation], links: &Links) -> Vec<String> {
    let kinds = [Severity::Fail, Severity::Warn, Severity::Note];
    kinds
        .into_iter()
        .flat_map(|severity| {
            let of_kind: Vec<&Annotation> = all.iter().filter(|annotation| annotation.severity == severity).collect();
            let more = of_kind.len().saturating_sub(OF_A_KIND);
            let last = OF_A_KIND - 1;
            let shown = of_kind.into_iter().take(OF_A_KIND).enumerate();
            shown
                .map(|(position, annotation)| command(annotation, if position == last { more } else { 0 }, links))
                .collect::<Vec<_>>()
        })
        .collect()
}

fn of_target(target: &TargetReport) -> Vec<Annotation> {
    let failure = target.error.iter().map(|error| Annotation {
        severity: Severity::Fail,
        title: format!("{}: could not be measured", target.name),
        message: sentences(&error.message, error.hint.as_deref()),
        place: error.place.clone(),
    });
    // What was there before is not of this change's lines.
    let is_known = |finding: &&Finding| finding.eased.as_ref().is_some_and(|eased| eased.why == EasedBy::Known);
    let told = target.findings.iter().filter(|finding| !is_known(finding));
    failure.chain(told.map(|finding| of_finding(target, finding))).collect()
}

fn of_finding(target: &TargetReport, finding: &Finding) -> Annotation {
    Annotation {
        severity: finding.severity,
        title: format!("{}: {}", target.name, finding.rule),
        message: sentences(&eased::message(finding), finding.hint.as_deref()),
        place: location::dockerfile(finding, target).or(finding.budget.as_ref()).cloned(),
    }
}

/// What is the matter, and below it what to do.
fn sentences(message: &str, hint: Option<&str>) -> String {
    let message = text::line_within(message, SENTENCE);
    hint.map_or_else(|| message.clone(), |hint| format!("{message}\n{}", text::line_within(hint, SENTENCE)))
}

fn command(annotation: &Annotation, more: usize, links: &Links) -> String {
    let word = match annotation.severity {
        Severity::Fail => "error",
        Severity::Warn => "warning",
        Severity::Note => "notice",
    };
    let place = annotation.place.as_ref().and_then(|place| {
        let path = links.path(place)?;
        let file = text::workflow_property(&visible(&path)?);
        Some(format!("file={file},line={},", place.line))
    });
    let more = if more > 0 { format!("\n… and {more} more") } else { String::new() };
    let head = format!("::{word} {}title={}::", place.unwrap_or_default(), text::workflow_property(&annotation.title));
    format!("{head}{}", text::workflow_data(&format!("{}{more}", annotation.message)))
}

/// A path that an annotation can point at: one that is shown as it is. Another would point at a file that is not there.
fn visible(path: &str) -> Option<String> {
    (path.chars().count() <= LONGEST / 8 && text::line_within(path, LONGEST) == path).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fixture::fixture;
    use super::*;
    use crate::domain::Eased;

    #[test]
    fn at_the_line_that_did_it() {
        insta::assert_snapshot!(render(&fixture(), &Links::none()).join("\n"), @r#"
        ::error file=services/api/Dockerfile,line=4,title=api%3A size::the image is 162.0 MB, 12.0 MB over its budget of 150.0 MB%0ABuild in an earlier stage and copy only what runs, or start from a smaller base image.
        ::error file=services/api/Dockerfile,line=12,title=api%3A forbidden-tool::gcc and g++ are in the image (41.2 MB)%0AInstall it in an earlier stage and copy only what runs.
        ::error file=services/api/Dockerfile,line=4,title=api%3A forbidden-tool::npm, npx and corepack are in the image (9.8 MB)%0AComes with the base image: use another base, or allow it with a reason and `origin = "base"`. Deleting it in a later layer frees no bytes.
        ::error file=batch/Dockerfile,line=7,title=batch%3A could not be measured::the build failed: RUN make all: exit code 2%0AThe last lines of its log are above.
        ::warning file=budgets.toml,line=15,title=api%3A forbidden-path::/srv/a�::error::b�[31m is in the image (12 B)
        ::warning file=budgets.toml,line=20,title=web%3A size::the image is 96.5 MB, 6.5 MB over its warning limit of 90.0 MB
        ::warning title=tool%3A no-budget::it has no budget%0ASet max-size = "1 kB" (measured + 25 %25).
        ::notice file=services/api/Dockerfile,line=4,title=api%3A shadowed-tool::wget was deleted by a later layer
        "#);
    }

    #[test]
    fn ten_of_a_kind() {
        let mut report = fixture();
        let finding = report.targets[0].findings[0].clone();
        report.targets[0].findings = vec![finding; 3000];
        let shown = render(&report, &Links::none());
        let errors: Vec<&String> = shown.iter().filter(|line| line.starts_with("::error ")).collect();
        assert_eq!(errors.len(), OF_A_KIND);
        // 3,000 findings and the target that could not be measured.
        assert!(errors[9].ends_with("%0A… and 2991 more"), "{}", errors[9]);
        assert!(errors[..9].iter().all(|error| !error.contains(" more")));
    }

    #[test]
    fn what_is_known_is_not_told_again_and_what_only_warns_says_why() {
        let report = |why| {
            let mut report = fixture();
            report.targets.truncate(1);
            report.targets[0].findings.truncate(1);
            let eased = Some(Eased { from: Severity::Fail, why });
            report.targets[0].findings[0] =
                Finding { severity: Severity::Warn, eased, ..report.targets[0].findings[0].clone() };
            render(&report, &Links::none())
        };
        assert_eq!(report(EasedBy::Known), Vec::<String>::new());
        let shown = report(EasedBy::NotYet { from: "2027-01-31".to_owned(), days: 71 });
        assert!(shown[0].contains("budget of 150.0 MB (warns until 2027-01-31, 71 days)%0ABuild"), "{shown:?}");
    }

    #[test]
    fn outside_of_the_repository_there_is_no_line() {
        let mut report = fixture();
        for finding in report.targets.iter_mut().flat_map(|target| &mut target.findings) {
            finding.layer = None;
            finding.budget = Some(Place { file: "../budgets.toml".to_owned(), line: 1, column: 1 });
        }
        let below = Links { directory: "services".to_owned(), ..Links::none() };
        assert!(render(&report, &Links::none())[0].starts_with("::error title="));
        assert!(
            render(&fixture(), &below)[0].starts_with("::error file=services/services/api/Dockerfile,line=4,title=")
        );
    }

    proptest! {
        #[test]
        fn a_command_is_one_line_and_fits(message in any::<String>(), hint in any::<String>(), file in any::<String>()) {
            let mut report = fixture();
            report.targets.truncate(1);
            let finding = &mut report.targets[0].findings[0];
            finding.rule = Rule::Size;
            finding.message = message.repeat(50);
            finding.hint = Some(hint.repeat(50));
            finding.budget = Some(Place { file, line: 1, column: 1 });
            for line in render(&report, &Links::none()) {
                prop_assert!(line.chars().count() <= LONGEST, "{}", line.chars().count());
                prop_assert!(!line.contains(['\n', '\r']) && !line.contains("##["));
                let (properties, _) = line.strip_prefix("::").and_then(|rest| rest.split_once("::")).expect("a command");
                prop_assert!(properties.split(',').all(|property| property.contains('=')));
            }
        }
    }
}
