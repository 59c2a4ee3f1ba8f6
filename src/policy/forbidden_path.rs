//! `forbidden-path`: globs on the final file system, one finding a pattern.

use std::collections::BTreeMap;

use super::case::{Case, Ruling, tally};
use super::enforced;
use super::excuses::Excuses;
use super::{places, words};
use crate::domain::{AllowMatch, Amount, Bytes, Finding, Forbidden, Origin, PathGlob, Role, Rule};
use crate::image::{FoundPath, MatchedPaths};
use crate::text;

pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let first = case.rules.forbid_paths.first()?;
    let matched_paths = match case.shown(Rule::ForbiddenPath) {
        Ok(shown) => &shown.matched_paths,
        Err(unread) => return Some(unread.into()),
    };
    let mut excuses = Excuses::new(case, Rule::ForbiddenPath);
    let findings: Vec<Finding> = patterns(case)
        .into_iter()
        .filter_map(|(glob, entry)| {
            let matched = matched_paths.iter().find(|matched| matched.glob == glob)?;
            describe(case, entry, matched, &unexcused(case, matched, &mut excuses))
        })
        .collect();
    let allows = excuses.applied();
    Some(Ruling::Judged {
        outcome: tally(Rule::ForbiddenPath, &findings, first.place.clone()),
        findings,
        allows,
        accepted: Vec::new(),
    })
}

/// Each pattern, with the worst entry that has it.
fn patterns<'a>(case: &Case<'a>) -> BTreeMap<&'a str, &'a Forbidden<PathGlob>> {
    let mut patterns: BTreeMap<&str, &Forbidden<PathGlob>> = BTreeMap::new();
    for entry in &case.rules.forbid_paths {
        let worst = patterns.entry(entry.what.as_str()).or_insert(entry);
        let held = |entry: &Forbidden<PathGlob>| enforced::held(case, entry.severity, entry.place.as_ref());
        if held(entry) > held(worst) {
            *worst = entry;
        }
    }
    patterns
}

/// The paths of a pattern that no exception excuses.
fn unexcused<'a>(case: &Case<'a>, matched: &'a MatchedPaths, excuses: &mut Excuses<'_>) -> Vec<&'a FoundPath> {
    let excused = |found: &FoundPath, excuses: &mut Excuses<'_>| {
        excuses.excuse(&shown(found), case.origin(found.layer), |what| excused(what, found))
    };
    matched.paths.iter().filter(|found| !excused(found, excuses)).collect()
}

/// For each pattern the paths that no exception excuses.
pub(super) fn left<'a>(case: &Case<'a>) -> Vec<(&'a str, Vec<&'a FoundPath>)> {
    let Some(shown) = &case.measured.shown else { return Vec::new() };
    let mut excuses = Excuses::new(case, Rule::ForbiddenPath);
    let matched = |glob: &str| shown.matched_paths.iter().find(|matched| matched.glob == glob);
    let left = patterns(case).into_keys().filter_map(|glob| Some((glob, matched(glob)?)));
    left.map(|(glob, matched)| (glob, unexcused(case, matched, &mut excuses))).collect()
}

fn shown(found: &FoundPath) -> String {
    String::from_utf8_lossy(&found.path).into_owned()
}

fn excused(what: &AllowMatch, found: &FoundPath) -> bool {
    use std::os::unix::ffi::OsStrExt as _;
    match what {
        AllowMatch::Tool(pattern) => pattern.to_string().as_bytes() == found.path,
        AllowMatch::Glob(glob) => glob.is_match(std::ffi::OsStr::from_bytes(&found.path)),
    }
}

/// The finding of one pattern, when anything is left of what it matched. Paths beyond those that are known by name cannot be
/// excused one by one, so they stay.
fn describe(
    case: &Case<'_>,
    entry: &Forbidden<PathGlob>,
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
        [one] if unnamed == 0 => format!("{} is in the image{}", text::line(&shown(one)), words::in_brackets(bytes)),
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
        hint: Some(hint(case, layer, of_base).to_owned()),
        budget: entry.place.clone(),
        ..Finding::new(Rule::ForbiddenPath, entry.severity, entry.what.as_str(), message)
    })
}

/// What helps: `layer` brought the paths or most of them, and they may all be `of_base`.
fn hint(case: &Case<'_>, layer: Option<usize>, of_base: bool) -> &'static str {
    match layer {
        _ if of_base => "Comes with the base image: use another base, or allow it with a reason.",
        Some(layer) if case.origin(layer) == Origin::Base => {
            "Most of it came with the base image: use another base, or allow it with a reason."
        }
        Some(layer) if case.instruction(layer).starts_with("RUN ") => {
            "Remove it in the instruction that makes it: in a later one it frees no bytes."
        }
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
