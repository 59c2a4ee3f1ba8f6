//! `forbidden-path`: globs on the final file system, one finding a pattern.

use std::collections::BTreeMap;

use super::case::{Case, Ruling, finding, tally};
use super::excuses::Excuses;
use super::{places, words};
use crate::domain::{AllowMatch, Amount, Bytes, Finding, Forbidden, Origin, PathGlob, Rule};
use crate::image::{FoundPath, MatchedPaths};
use crate::text;

pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let first = case.rules.forbid_paths.first()?;
    let mut patterns: BTreeMap<&str, &Forbidden<PathGlob>> = BTreeMap::new();
    for entry in &case.rules.forbid_paths {
        let worst = patterns.entry(entry.what.as_str()).or_insert(entry);
        if entry.severity > worst.severity {
            *worst = entry;
        }
    }
    let mut excuses = Excuses::new(case, Rule::ForbiddenPath);
    let findings: Vec<Finding> = patterns
        .into_iter()
        .filter_map(|(glob, entry)| {
            let matched = case.measured.matched_paths.iter().find(|matched| matched.glob == glob)?;
            let found: Vec<&FoundPath> = matched
                .paths
                .iter()
                .filter(|found| !excuses.excuse(&shown(found), case.origin(found.layer), |what| excused(what, found)))
                .collect();
            describe(case, entry, matched, &found)
        })
        .collect();
    let allows = excuses.applied();
    Some(Ruling::Judged { outcome: tally(Rule::ForbiddenPath, &findings, first.place.clone()), findings, allows })
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
    let message = match found {
        [one] if unnamed == 0 => format!("{} is in the image{}", text::line(&shown(one)), words::in_brackets(bytes)),
        _ => {
            let count = unnamed + u64::try_from(found.len()).unwrap_or(u64::MAX);
            format!("{count} paths match {}{}", text::line(entry.what.as_str()), words::in_brackets(bytes))
        }
    };
    let layer = culprit(found, unnamed, bytes);
    let of_base = unnamed == 0 && found.iter().all(|found| case.origin(found.layer) == Origin::Base);
    let hint = match layer {
        _ if of_base => "The base image ships that: use another base, or allow it with a reason.",
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
    };
    Some(Finding {
        actual: Some(Amount::Bytes(bytes)),
        paths,
        more_paths,
        layer: layer.and_then(|layer| case.layer_ref(layer)),
        hint: Some(hint.to_owned()),
        budget: entry.place.clone(),
        ..finding(Rule::ForbiddenPath, entry.severity, entry.what.as_str(), message)
    })
}

/// The layer that brought all of the paths, or else more than half of their bytes.
fn culprit(found: &[&FoundPath], unnamed: u64, bytes: Bytes) -> Option<usize> {
    let first = found.first()?.layer;
    if unnamed == 0 && found.iter().all(|found| found.layer == first) {
        return Some(first);
    }
    let mut layers: BTreeMap<usize, Vec<&FoundPath>> = BTreeMap::new();
    for path in found {
        layers.entry(path.layer).or_default().push(path);
    }
    layers.into_iter().find(|(_, paths)| places::bytes(paths.iter().copied()).0 > bytes.0 / 2).map(|(layer, _)| layer)
}
