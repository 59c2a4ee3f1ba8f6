//! `forbidden-path`: globs and groups on the final file system, one finding a pattern.

use std::collections::BTreeMap;

use super::case::{Case, Ruling, tally};
use super::enforced;
use super::excuses::Excuses;
use super::unread::Unread;
use super::{places, words};
use crate::domain::{AllowMatch, Amount, Bytes, Finding, Forbidden, Origin, PathGroup, PathPattern, Role, Rule};
use crate::image::{FoundPath, MatchedPaths};
use crate::text;

pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let first = case.rules.forbid_paths.first()?;
    let matched_paths = match case.shown(Rule::ForbiddenPath) {
        Ok(shown) => &shown.matched_paths,
        Err(unread) => return Some(unread.into()),
    };
    let mut excuses = Excuses::new(case, Rule::ForbiddenPath);
    let mut findings = Vec::new();
    for (pattern, entry) in patterns(case) {
        let Some(matched) = matched_paths.iter().find(|matched| matched.glob == pattern) else { continue };
        findings.extend(describe(case, entry, matched, &unexcused(case, matched, &matched.paths, &mut excuses)));
        findings.extend(describe_deleted(case, entry, &unexcused(case, matched, &matched.deleted, &mut excuses)));
    }
    // Of what was found and of what is not known, both are said.
    if let Some(unread) = open(case).filter(|_| findings.is_empty()) {
        return Some(unread.into());
    }
    let allows = excuses.applied();
    Some(Ruling::Judged {
        outcome: tally(Rule::ForbiddenPath, &findings, first.place.clone()),
        findings,
        allows,
        accepted: Vec::new(),
    })
}

/// What of the rule is open: files that may be of a forbidden group, that could not be read, and that no exception excuses.
pub(super) fn open(case: &Case<'_>) -> Option<Unread> {
    let shown = case.measured.shown.as_ref()?;
    let mut excuses = Excuses::new(case, Rule::ForbiddenPath);
    let mut open: Vec<String> = Vec::new();
    for (pattern, entry) in patterns(case) {
        let PathPattern::Group(group) = entry.what else { continue };
        let Some(matched) = shown.matched_paths.iter().find(|matched| matched.glob == pattern) else {
            open.push(format!("{group} was not looked for"));
            continue;
        };
        for (found, why) in &matched.unread {
            if !is_excused(case, matched, found, &mut excuses) {
                open.push(format!("{} may be of {group} and was not read: {why}", text::line(&shown_path(found))));
            }
        }
    }
    let more = open.len().saturating_sub(1);
    let first = open.into_iter().next()?;
    let why = if more == 0 { first } else { format!("{first}; and {more} more") };
    Some(Unread { rule: Rule::ForbiddenPath, why })
}

/// Each pattern, with the worst entry that has it.
fn patterns<'a>(case: &Case<'a>) -> BTreeMap<&'a str, &'a Forbidden<PathPattern>> {
    let mut patterns: BTreeMap<&str, &Forbidden<PathPattern>> = BTreeMap::new();
    for entry in &case.rules.forbid_paths {
        let worst = patterns.entry(entry.what.as_str()).or_insert(entry);
        let held = |entry: &Forbidden<PathPattern>| enforced::held(case, entry.severity, entry.place.as_ref());
        if held(entry) > held(worst) {
            *worst = entry;
        }
    }
    patterns
}

/// Those of a pattern's paths that no exception excuses.
fn unexcused<'a>(
    case: &Case<'a>,
    matched: &MatchedPaths,
    paths: &'a [FoundPath],
    excuses: &mut Excuses<'_>,
) -> Vec<&'a FoundPath> {
    paths.iter().filter(|found| !is_excused(case, matched, found, excuses)).collect()
}

fn is_excused(case: &Case<'_>, matched: &MatchedPaths, found: &FoundPath, excuses: &mut Excuses<'_>) -> bool {
    excuses.excuse(&shown_path(found), case.origin(found.layer), |what| excused(what, matched, found))
}

/// For each pattern the paths that no exception excuses, and those of them that a later layer deleted.
pub(super) fn left<'a>(case: &Case<'a>) -> Vec<(&'a str, Vec<&'a FoundPath>)> {
    let Some(shown) = &case.measured.shown else { return Vec::new() };
    let mut excuses = Excuses::new(case, Rule::ForbiddenPath);
    let mut left = Vec::new();
    for pattern in patterns(case).into_keys() {
        let Some(matched) = shown.matched_paths.iter().find(|matched| matched.glob == pattern) else { continue };
        left.push((pattern, unexcused(case, matched, &matched.paths, &mut excuses)));
        if !matched.deleted.is_empty() {
            left.push((pattern, unexcused(case, matched, &matched.deleted, &mut excuses)));
        }
    }
    left
}

fn shown_path(found: &FoundPath) -> String {
    String::from_utf8_lossy(&found.path).into_owned()
}

fn excused(what: &AllowMatch, matched: &MatchedPaths, found: &FoundPath) -> bool {
    use std::os::unix::ffi::OsStrExt as _;
    match what {
        AllowMatch::Tool(pattern) => pattern.to_string().as_bytes() == found.path,
        AllowMatch::Paths(group) => group.as_str() == matched.glob,
        AllowMatch::Glob(glob) => glob.is_match(std::ffi::OsStr::from_bytes(&found.path)),
    }
}

/// The finding of one pattern, when anything is left of what it matched. Paths beyond those that are known by name cannot be
/// excused one by one, so they stay.
fn describe(
    case: &Case<'_>,
    entry: &Forbidden<PathPattern>,
    matched: &MatchedPaths,
    found: &[&FoundPath],
) -> Option<Finding> {
    let named = u64::try_from(matched.paths.len()).unwrap_or(u64::MAX);
    let unnamed = matched.count.saturating_sub(named);
    if found.is_empty() && unnamed == 0 {
        return None;
    }
    let untouched = found.len() == matched.paths.len();
    let bytes = if untouched { matched.bytes } else { places::bytes(found.iter().copied()) };
    let (paths, more_paths) = places::shown(found.iter().copied());
    let more_paths = more_paths + unnamed;
    let is_whole = unnamed == 0 && found.windows(2).all(|pair| pair[0].layer == pair[1].layer);
    let all = if unnamed == 0 { bytes } else { matched.bytes };
    let layer = if is_whole { found.first().and_then(|found| found.layer) } else { heaviest(found, all) };
    let message = match found {
        [one] if unnamed == 0 => {
            format!("{} is in the image{}", text::line(&shown_path(one)), words::in_brackets(bytes))
        }
        _ => {
            let count = unnamed + u64::try_from(found.len()).unwrap_or(u64::MAX);
            let of_several = layer.is_some() && !is_whole;
            format!(
                "{count} paths match {}{}{}",
                text::line(entry.what.as_str()),
                words::in_brackets(bytes),
                if of_several { ", most of it in one layer" } else { "" }
            )
        }
    };
    let of_base = unnamed == 0 && found.iter().all(|found| case.origin(found.layer) == Origin::Base);
    Some(Finding {
        actual: Some(Amount::Bytes(bytes)),
        paths,
        more_paths,
        layer: layer.and_then(|layer| case.layer_ref(layer, if is_whole { Role::Cause } else { Role::Largest })),
        hint: Some(hint(case, &entry.what, layer, of_base).to_owned()),
        budget: entry.place.clone(),
        ..Finding::new(Rule::ForbiddenPath, entry.severity, entry.what.as_str(), message)
    })
}

/// The finding of what a later layer deleted or replaced: nobody sees it in a container, and everybody who pulls the image has it.
fn describe_deleted(case: &Case<'_>, entry: &Forbidden<PathPattern>, found: &[&FoundPath]) -> Option<Finding> {
    let first = found.first()?;
    let (paths, more_paths) = places::shown(found.iter().copied());
    let message = match found {
        [one] => format!("{} was deleted by a later layer and still ships", text::line(&shown_path(one))),
        _ => format!("{} paths of {} were deleted by a later layer and still ship", found.len(), entry.what),
    };
    let is_whole = found.iter().all(|found| found.layer == first.layer);
    Some(Finding {
        actual: Some(Amount::Bytes(places::bytes(found.iter().copied()))),
        paths,
        more_paths,
        layer: first.layer.filter(|_| is_whole).and_then(|layer| case.layer_ref(layer, Role::Cause)),
        hint: Some(
            "Deleting it in a later layer takes it out of containers only. Do not bring it in, and replace it."
                .to_owned(),
        ),
        budget: entry.place.clone(),
        ..Finding::new(Rule::ForbiddenPath, entry.severity, entry.what.as_str(), message)
    })
}

/// What helps: `layer` brought the paths or most of them, and they may all be `of_base`.
fn hint(case: &Case<'_>, what: &PathPattern, layer: Option<usize>, of_base: bool) -> &'static str {
    let is_run = layer.is_some_and(|layer| case.instruction(layer).starts_with("RUN "));
    match layer {
        _ if of_base => "Comes with the base image: use another base, or allow it with a reason.",
        Some(layer) if case.origin(layer) == Origin::Base => {
            "Most of it came with the base image: use another base, or allow it with a reason."
        }
        _ if is_run && *what == PathPattern::Group(PathGroup::Caches) => {
            "Clean up in the RUN that fills it, or keep it out of the image with `RUN --mount=type=cache`."
        }
        _ if is_run && *what == PathPattern::Group(PathGroup::Secrets) => {
            "Hand it to the RUN with `--mount=type=secret`. Who could pull the image has it: replace it."
        }
        Some(layer) if case.is_copied(layer) && *what == PathPattern::Group(PathGroup::Secrets) => {
            "Name it in .dockerignore, or copy less. Who could pull the image has it: replace it."
        }
        Some(_) if is_run => "Remove it in the instruction that makes it: in a later one it frees no bytes.",
        // The history does not say where a COPY copies from.
        Some(layer) if case.is_copied(layer) => {
            "Name it in .dockerignore where it comes from the build context; from another stage, copy less."
        }
        _ => "Name it in .dockerignore, or remove it in the instruction that makes it.",
    }
}

/// The layer that brought more than half of `bytes`.
fn heaviest(found: &[&FoundPath], bytes: Bytes) -> Option<usize> {
    let mut layers: BTreeMap<usize, Vec<&FoundPath>> = BTreeMap::new();
    for path in found {
        if let Some(layer) = path.layer {
            layers.entry(layer).or_default().push(path);
        }
    }
    layers.into_iter().find(|(_, paths)| places::bytes(paths.iter().copied()).0 > bytes.0 / 2).map(|(layer, _)| layer)
}
