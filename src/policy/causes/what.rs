//! What is the matter with a place, in a few words: neither the place nor bytes.

use super::Group;
use super::evidence::Evidence;
use crate::domain::{Amount, Bytes, CauseAt, Finding, Role, Rule, Severity};
use crate::image::HiddenHow;
use crate::policy::case::Case;
use crate::policy::{places, words};

/// How many things are named.
const MOST: usize = 4;
/// The longest name, in characters.
const LONGEST: usize = 120;

/// What was found at a place: `gcc, g++, make, cmake and 12 more`. Untrusted and not escaped.
pub(super) fn of(case: &Case<'_>, evidence: &Evidence<'_>, group: &Group<'_>) -> String {
    let mut names = tools(evidence, group);
    names.extend(paths(evidence, group));
    names.extend(wasted(case, evidence, group));
    let names: Vec<String> = names.iter().map(|name| words::clip_within(name, LONGEST)).collect();
    let rest = if names.is_empty() { others(case, group) } else { None };
    words::clip(&rest.unwrap_or_else(|| some_of(&names)))
}

/// The names of the tools, those of the largest family first; of each family its own name before the others.
fn tools(evidence: &Evidence<'_>, group: &Group<'_>) -> Vec<String> {
    let mut families: Vec<_> = group.findings().filter_map(|(_, finding)| evidence.tools(finding)).collect();
    families.sort_by_key(|family| std::cmp::Reverse(places::bytes(family.paths.iter().copied())));
    let nth = |position: usize| families.iter().filter_map(move |family| family.names.get(position).copied());
    let longest = families.iter().map(|family| family.names.len()).max().unwrap_or(0);
    let mut names: Vec<String> = Vec::new();
    for name in (0..longest).flat_map(nth) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// What globs matched: the path where it is one, else the glob.
fn paths(evidence: &Evidence<'_>, group: &Group<'_>) -> Vec<String> {
    let found = group.findings().filter(|(_, finding)| finding.rule == Rule::ForbiddenPath);
    found
        .map(|(_, finding)| match (evidence.paths(finding), finding.more_paths) {
            // What was deleted later is waste, and no path has its bytes.
            ([one], 0) if one.shares.is_empty() && one.size > Bytes::ZERO && one.layer.is_some() => {
                format!("{}, deleted later", String::from_utf8_lossy(&one.path))
            }
            ([one], 0) => String::from_utf8_lossy(&one.path).into_owned(),
            _ => finding.subject.clone(),
        })
        .collect()
}

/// Where the wasted bytes are, and how they came to be hidden.
fn wasted(case: &Case<'_>, evidence: &Evidence<'_>, group: &Group<'_>) -> Option<String> {
    let culprit = evidence.culprit().filter(|_| group.has(|finding| finding.rule == Rule::Wasted))?;
    let path = evidence.wasted_path()?;
    let later = culprit.others().first().map_or_else(|| "later".to_owned(), |layer| case.where_is(*layer));
    Some(match culprit.how {
        HiddenHow::Again => format!("{path} shipped twice"),
        HiddenHow::Deleted => format!("{path}, deleted {later}"),
        HiddenHow::Replaced => format!("{path}, replaced {later}"),
    })
}

/// What is neither a tool nor a path.
fn others(case: &Case<'_>, group: &Group<'_>) -> Option<String> {
    let (_, finding) = group.findings().next()?;
    Some(match finding.rule {
        Rule::RootUser => match case.measured.user.as_deref().map(str::trim).filter(|user| !user.is_empty()) {
            Some(user) => format!("USER {user}"),
            None => "no USER".to_owned(),
        },
        Rule::WrongStage => finding.message.clone(),
        Rule::NoBudget => "no budget".to_owned(),
        Rule::BudgetChanged => finding.subject.clone(),
        Rule::ExpiredAllow => {
            let when = if finding.severity == Severity::Fail { "has expired" } else { "expires soon" };
            format!("the exception from {} {when}", finding.subject)
        }
        Rule::Layers => match finding.actual {
            Some(Amount::Count(count)) => crate::text::count(usize::try_from(count).ok()?, "layer", "layers"),
            _ => "too many layers".to_owned(),
        },
        Rule::OsPackages => match finding.actual {
            Some(Amount::Count(count)) => crate::text::count(usize::try_from(count).ok()?, "package", "packages"),
            _ => "too many packages".to_owned(),
        },
        _ => limit(group, finding).to_owned(),
    })
}

fn limit(group: &Group<'_>, finding: &Finding) -> &'static str {
    match (&group.at, finding.layer.as_ref().map(|layer| layer.role)) {
        (CauseAt::Image, _) => "too large as a whole",
        (_, Some(Role::GrewMost)) => "grew most",
        (_, Some(Role::HidesMost)) => "ships files again",
        _ => "largest layer",
    }
}

/// `gcc, g++, make, cmake and 12 more`.
fn some_of(names: &[String]) -> String {
    let rest = names.len().saturating_sub(MOST);
    let shown = names.iter().take(if rest > 1 { MOST } else { names.len() });
    let shown = shown.map(String::as_str).collect::<Vec<_>>().join(", ");
    if rest > 1 { format!("{shown} and {rest} more") } else { shown }
}
