//! `shadowed-tool`: a forbidden tool that a later layer deleted. It is gone at run time, and its bytes still ship.

use super::case::{Case, Ruling, tally};
use super::{places, tools, words};
use crate::domain::{Amount, Bytes, Finding, Level, Origin, Role, Rule, Severity};

pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let first = case.rules.forbid_tools.first()?;
    let (level, place) = case.rules.shadowed_tools.clone().unwrap_or((Level::Warn, None));
    let severity = level.severity()?;
    let tools = match case.stored(Rule::ShadowedTool) {
        Ok(stored) => &stored.shadowed_tools,
        // Nobody wrote it down, and it only warns: what is judged beside it stands without it.
        Err(unread) if case.rules.shadowed_tools.is_none() => {
            return Some(Ruling::NotJudged(unread.rule, unread.why));
        }
        Err(unread) => return Some(unread.into()),
    };
    let (groups, allows) = tools::forbidden(case, Rule::ShadowedTool, tools);
    let findings: Vec<Finding> = groups
        .into_iter()
        .filter(|group| group.severity > Severity::Note)
        .map(|group| {
            let budget = place.as_ref().or(group.place).cloned();
            Finding { budget, ..describe(case, &group, severity) }
        })
        .collect();
    let place = place.or_else(|| first.place.clone());
    Some(Ruling::Judged {
        outcome: tally(Rule::ShadowedTool, &findings, place),
        findings,
        allows,
        accepted: Vec::new(),
    })
}

fn describe(case: &Case<'_>, group: &tools::Group<'_>, severity: Severity) -> Finding {
    let bytes = places::bytes(group.paths.iter().copied());
    let (paths, more_paths) = places::shown(group.paths.iter().copied());
    let several = group.names.len() > 1;
    let (were, their) = if several { ("were", "their") } else { ("was", "its") };
    let still = if bytes == Bytes::ZERO { String::new() } else { format!(", and {their} {bytes} still ship") };
    let message = format!("{} {were} deleted by a later layer{still}", words::list(&group.names));
    // Nobody can take back what the base image shipped, so that is worth knowing and no more.
    let (severity, hint) = match case.origin(group.layer) {
        Origin::Base => (Severity::Note, "The base image brought the bytes: only another base is without them."),
        Origin::Own => (severity, "Install and remove in one RUN instruction, or build in an earlier stage."),
        Origin::Unknown => (
            severity,
            "Install and remove in one RUN instruction, build in an earlier stage, or use another base image.",
        ),
    };
    Finding {
        actual: Some(Amount::Bytes(bytes)),
        names: group.names.iter().map(|name| words::clip(name)).collect(),
        paths,
        more_paths,
        layer: case.layer_ref(group.layer, Role::Cause),
        hint: Some(hint.to_owned()),
        ..Finding::new(Rule::ShadowedTool, severity, group.family, message)
    }
}
