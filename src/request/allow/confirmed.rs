//! Whether what is to be allowed was found, and how far a limit was passed.

use super::checked::overlap;
use super::{is_limit, is_of};
use crate::amend::{self, Found, found};
use crate::domain::{
    Budgets, Finding, Forbidden, NewAllow, PathGlob, Report, Scope, Severity, TargetReport, ToolPattern, UpTo,
};
use crate::error::{Class, Error};
use crate::text;

/// The exceptions that were asked for, each of something that the report has, with the limits that are still to be measured.
///
/// # Errors
/// A finding that is not there, or a target that the report does not have.
pub(crate) fn confirmed(asked: &[NewAllow], report: &Report) -> Result<Vec<NewAllow>, Error> {
    let mut exceptions = Vec::new();
    for asked in asked {
        let reports: Vec<&TargetReport> =
            report.targets.iter().filter(|target| is_of(target.name.as_str(), &asked.targets)).collect();
        if reports.is_empty() {
            let names: Vec<&str> = report.targets.iter().map(|target| target.name.as_str()).take(12).collect();
            return Err(Error::new(Class::Usage, format!("the report has no target `{}`", asked.targets.join(",")))
                .with_hint(format!("It has {}.", names.join(", "))));
        }
        let there: Vec<There<'_>> = reports
            .iter()
            .flat_map(|target| target.findings.iter().filter_map(|finding| there(target, finding)))
            .filter(|there| there.found.rule == asked.rule && (!asked.of_base || there.found.of_base))
            .collect();
        let missing = asked.matches.iter().find(|word| !there.iter().any(|there| speaks_of(word, there)));
        if there.is_empty() || missing.is_some() {
            // What was not measured may have it: that is told, and nothing is written.
            if reports.iter().any(|target| target.error.is_some()) {
                continue;
            }
            return Err(not_there(asked, missing.map(String::as_str), &reports));
        }
        if asked.up_to.is_some() || !is_limit(asked.rule) {
            exceptions.push(asked.clone());
        } else {
            exceptions.extend(measured(asked, &there));
        }
    }
    Ok(exceptions)
}

/// A finding, and what an exception would call it.
struct There<'a> {
    target: &'a TargetReport,
    finding: &'a Finding,
    found: Found,
}

fn there<'a>(target: &'a TargetReport, finding: &'a Finding) -> Option<There<'a>> {
    Some(There { target, finding, found: found(target, finding)? })
}

/// One exception for each limit that was measured. Where all targets have one, they stay as they were typed.
fn measured(asked: &NewAllow, there: &[There<'_>]) -> Vec<NewAllow> {
    let mut highest: Vec<(String, UpTo)> = Vec::new();
    for There { target, found, .. } in there {
        let Some(up_to) = found.up_to else { continue };
        match highest.iter_mut().find(|(name, _)| *name == target.name.as_str()) {
            Some((_, there)) if amend::is_within(*there, up_to) => *there = up_to,
            Some(_) => {}
            None => highest.push((target.name.to_string(), up_to)),
        }
    }
    let mut exceptions: Vec<NewAllow> = Vec::new();
    for (name, up_to) in highest {
        match exceptions.iter_mut().find(|exception| exception.up_to == Some(up_to)) {
            Some(exception) => exception.targets.push(name),
            None => exceptions.push(NewAllow { targets: vec![name], up_to: Some(up_to), ..asked.clone() }),
        }
    }
    if let [only] = exceptions.as_mut_slice()
        && asked.targets.len() == 1
    {
        only.targets.clone_from(&asked.targets);
    }
    exceptions
}

/// Whether a word of the command line is about something that was found.
fn speaks_of(word: &str, there: &There<'_>) -> bool {
    let names = || there.found.names.iter();
    if there.found.rule.scope() == Scope::Tools {
        let entry =
            |name: &String| Forbidden { what: ToolPattern::Name(name.clone()), severity: Severity::Fail, place: None };
        return names().any(|name| overlap(word, &entry(name)));
    }
    let is_matched = |glob: PathGlob| there.finding.paths.iter().any(|path| glob.matches(path.as_bytes()));
    names().any(|name| name == word) || PathGlob::new(word).is_ok_and(is_matched)
}

/// What is there instead.
fn not_there(asked: &NewAllow, missing: Option<&str>, reports: &[&TargetReport]) -> Error {
    let mut others: Vec<String> = Vec::new();
    for target in reports {
        for found in target.findings.iter().filter_map(|finding| found(target, finding)) {
            let names = text::line_within(&found.names.join(", "), 100);
            let said =
                if found.names.is_empty() { found.rule.to_string() } else { format!("{} ({names})", found.rule) };
            if !others.contains(&said) {
                others.push(said);
            }
        }
    }
    let names: Vec<&str> = reports.iter().map(|target| target.name.as_str()).take(12).collect();
    let what = missing.map_or_else(|| asked.rule.to_string(), text::line);
    let of_base = if asked.of_base { " from the base image" } else { "" };
    let hint = match others.as_slice() {
        [] => "Nothing was found there, so there is nothing to allow.".to_owned(),
        others => {
            let words =
                reports.iter().flat_map(|target| target.findings.iter().filter_map(|finding| found(target, finding)));
            let words: Vec<String> = words.flat_map(|found| found.names).collect();
            let near = missing.and_then(|word| text::nearest(word, words.iter().map(String::as_str)));
            let near = near.filter(|near| Some(*near) != missing);
            let near = near.map(|near| format!("Did you mean `{}`? ", text::line(near))).unwrap_or_default();
            format!("{near}Found: {}.", others.join(", "))
        }
    };
    Error::new(Class::Usage, format!("nothing was found about `{what}`{of_base} in {}", names.join(", ")))
        .with_hint(hint)
}

/// Refuses a report of targets that the budget files do not have: it is of another repository, or of another time.
///
/// # Errors
/// It has one.
pub(crate) fn refuse_strangers(report: &Report, budgets: &Budgets) -> Result<(), Error> {
    let stranger = report.targets.iter().find(|target| budgets.targets.iter().all(|own| own.name != target.name));
    let Some(stranger) = stranger else { return Ok(()) };
    Err(Error::new(
        Class::Usage,
        format!("the report has a target `{}`, which the budget files do not have", stranger.name),
    )
    .with_hint("Take a report of this repository, of the same commit or a recent one."))
}
