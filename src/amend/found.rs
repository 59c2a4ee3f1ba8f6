//! What was found, in the words of an exception.

use crate::catalogue;
use crate::domain::{
    Allow, AllowMatch, Amount, Bytes, CompressedSize, Finding, Growth, Origin, Role, Rule, Scope, TargetReport,
    ToolPattern, UpTo,
};

/// Paths that are named one by one; of more, their pattern is.
const MOST_PATHS: usize = 3;

/// One finding as an exception would name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its rule.
    pub rule: Rule,
    /// Tools or paths; empty for other rules.
    pub names: Vec<String>,
    /// Whether the base image brought all of it.
    pub of_base: bool,
    /// What a limit would have to be, rounded as a person would.
    pub up_to: Option<UpTo>,
}

/// A finding in the words of an exception; `None` where no exception makes sense.
#[must_use]
pub fn found(target: &TargetReport, finding: &Finding) -> Option<Found> {
    let plain = Found { rule: finding.rule, names: Vec::new(), of_base: false, up_to: None };
    let layer = finding.layer.as_ref().and_then(|layer| target.layers.get(layer.index));
    let of_base = layer.is_some_and(|layer| layer.origin == Origin::Base);
    match finding.rule.scope() {
        Scope::Never => None,
        Scope::Whole => Some(plain),
        Scope::Bytes | Scope::Count | Scope::Growth => {
            Some(Found { up_to: Some(enough(target, finding.rule, finding.actual?)), ..plain })
        }
        Scope::Tools => Some(Found { names: tools(finding), of_base, ..plain }),
        Scope::Paths => {
            let names = paths(finding);
            // Where a pattern has paths of several layers, one of them is the largest, and who brought the others is not said.
            let is_whole = finding.layer.as_ref().is_some_and(|layer| layer.role == Role::Cause);
            Some(Found { names, of_base: of_base && is_whole, ..plain })
        }
    }
}

/// A limit that `actual` is within.
fn enough(target: &TargetReport, rule: Rule, actual: Amount) -> UpTo {
    match actual {
        Amount::Count(count) => UpTo::Count(count),
        Amount::Bytes(bytes) if rule.scope() == Scope::Growth => {
            UpTo::Growth(Growth { bytes: Some(bytes.rounded_up()), percent_hundredths: None })
        }
        Amount::Bytes(bytes) => UpTo::Bytes(at_most(target, rule, bytes).rounded_up()),
    }
}

/// What a measured size is at most: an estimate may be too low.
pub(super) fn at_most(target: &TargetReport, rule: Rule, bytes: Bytes) -> Bytes {
    let is_estimate = target.compressed_size.is_some_and(|size| size.is_estimate);
    if rule == Rule::CompressedSize { CompressedSize { bytes, is_estimate }.at_most() } else { bytes }
}

/// The tools of a finding by the names that exceptions know them by.
fn tools(finding: &Finding) -> Vec<String> {
    let name = |path: &String| {
        let file = path.rsplit('/').next().unwrap_or(path);
        catalogue::identify(file.as_bytes()).map_or_else(|| file.to_owned(), |tool| tool.name.to_owned())
    };
    let mut names: Vec<String> = finding.paths.iter().map(name).collect();
    let family = catalogue::tools().iter().filter(|tool| tool.family == finding.subject);
    if finding.more_paths > 0 || names.is_empty() || finding.subject == catalogue::busybox::NAME {
        // Not every path is there, or several tools are one file.
        names.push(finding.subject.clone());
        names.extend(family.map(|tool| tool.name.to_owned()));
    }
    names.sort_by_key(|name| (*name != finding.subject, name.clone()));
    names.dedup();
    names
}

/// A few paths by name; the pattern where there are many, and where a name would read as a glob or was cut.
fn paths(finding: &Finding) -> Vec<String> {
    let is_plain = |path: &String| !path.contains(['*', '?', '[', ']', '{', '}', '\\', '…', '\u{fffd}']);
    let is_short = finding.more_paths == 0 && (1..=MOST_PATHS).contains(&finding.paths.len());
    if is_short && finding.paths.iter().all(is_plain) { finding.paths.clone() } else { vec![finding.subject.clone()] }
}

impl Found {
    /// What is left of it beside an exception that speaks of its target; `None` when nothing is.
    #[must_use]
    pub fn beside(&self, allow: &Allow) -> Option<Self> {
        if allow.rule != self.rule || (allow.origin == Some(Origin::Base) && !self.of_base) {
            return Some(self.clone());
        }
        if let Some(wanted) = self.up_to {
            return (!allow.up_to.is_some_and(|there| is_within(wanted, there))).then(|| self.clone());
        }
        if allow.matches.is_empty() {
            return None;
        }
        let names: Vec<String> =
            self.names.iter().filter(|name| !allow.matches.iter().any(|what| means(what, name))).cloned().collect();
        (!names.is_empty()).then(|| Self { names, ..self.clone() })
    }
}

/// Whether a limit lies within another of its kind. What cannot be compared does not.
#[must_use]
pub fn is_within(wanted: UpTo, there: UpTo) -> bool {
    match (wanted, there) {
        (UpTo::Bytes(wanted), UpTo::Bytes(there)) => wanted <= there,
        (UpTo::Count(wanted), UpTo::Count(there)) => wanted <= there,
        (UpTo::Growth(wanted), UpTo::Growth(there)) => match (wanted.bytes, wanted.percent_hundredths) {
            (Some(bytes), None) => there.bytes.is_some_and(|there| bytes <= there),
            (None, Some(percent)) => there.percent_hundredths.is_some_and(|there| percent <= there),
            _ => wanted == there,
        },
        _ => false,
    }
}

/// Whether an exception's word means a tool or a path.
fn means(what: &AllowMatch, name: &str) -> bool {
    match what {
        AllowMatch::Tool(ToolPattern::Group(group)) => {
            catalogue::group_members(group).is_some_and(|mut members| members.any(|tool| tool.name == name))
        }
        AllowMatch::Tool(ToolPattern::Name(word)) => {
            word == name || catalogue::identify(word.as_bytes()).is_some_and(|tool| tool.name == name)
        }
        AllowMatch::Paths(group) => group.as_str() == name,
        AllowMatch::Glob(glob) => glob.is_match(name) || glob.glob().glob() == name,
    }
}
