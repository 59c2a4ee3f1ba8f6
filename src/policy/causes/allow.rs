//! The command that excuses a place: `imgbudget allow TARGET WORD… [--up-to SIZE] [--origin base]`. It lacks only its reason.
//!
//! A word is a rule's code, or what a finding is about: a tool by its name, a path or a glob; deleted tools follow their rule's code. What
//! is excused is what was found and no more, so tools and paths are named one by one as long as a person would; where they cannot be,
//! nothing is printed. The line is for a shell: what is not plain stands in quotes, and what no quotes make harmless is not printed either.

use std::collections::BTreeSet;

use super::Group;
use super::evidence::Evidence;
use crate::domain::{Amount, CauseAt, Finding, Origin, PathGroup, Rule, Severity};
use crate::image::FoundPath;
use crate::policy::case::Case;
use crate::policy::words;
use crate::text;

/// How many tools are named.
const MOST_TOOLS: usize = 40;
/// The longest command, in characters.
const LONGEST: usize = 900;
/// How many paths are named; more go by the directory they are in.
const MOST_PATHS: usize = 5;

/// The command for a place; `None` where nothing excuses it, or nothing that can be pasted.
pub(super) fn of(case: &Case<'_>, evidence: &Evidence<'_>, group: &Group<'_>) -> Option<String> {
    let mut words = Words::default();
    for (_, finding) in group.findings() {
        words.add(case, evidence, finding)?;
    }
    let of_base = matches!(group.at, CauseAt::Base { .. }) && words.is_all_of_base;
    words.command(group.report.name.as_str(), of_base)
}

/// What the command names.
struct Words {
    tools: BTreeSet<String>,
    deleted: BTreeSet<String>,
    paths: BTreeSet<String>,
    rules: BTreeSet<Rule>,
    /// How far each limit goes.
    limits: BTreeSet<String>,
    /// Whether the base image brought every tool and path.
    is_all_of_base: bool,
}

impl Default for Words {
    fn default() -> Self {
        let none = BTreeSet::new;
        Self {
            tools: none(),
            deleted: none(),
            paths: none(),
            rules: BTreeSet::new(),
            limits: none(),
            is_all_of_base: true,
        }
    }
}

impl Words {
    /// Adds what excuses a finding; `None` where nothing does.
    fn add(&mut self, case: &Case<'_>, evidence: &Evidence<'_>, finding: &Finding) -> Option<()> {
        let severity = finding.ruled();
        if severity == Severity::Note {
            return Some(());
        }
        let found = evidence.paths(finding);
        match finding.rule {
            Rule::NoBudget | Rule::ExpiredAllow | Rule::BudgetChanged => return None,
            Rule::ForbiddenTool | Rule::ShadowedTool => {
                let names = evidence.tools(finding)?.names.iter().map(|name| tool(name));
                if finding.rule == Rule::ForbiddenTool { &mut self.tools } else { &mut self.deleted }.extend(names);
                self.is_all_of_base &= is_of_base(case, found);
            }
            Rule::ForbiddenPath => {
                self.paths.extend(patterns(finding, found));
                self.is_all_of_base &= is_of_base(case, found);
            }
            rule => {
                self.rules.insert(rule);
                self.limits.extend(finding.actual.filter(|_| finding.limit.is_some()).map(|actual| match actual {
                    // An estimate has to be clear of its limit.
                    Amount::Bytes(bytes) if rule == Rule::CompressedSize => bytes.with_headroom(400).written(),
                    Amount::Bytes(bytes) => bytes.rounded_up().written(),
                    Amount::Count(count) => count.to_string(),
                }));
            }
        }
        Some(())
    }

    fn command(self, target: &str, of_base: bool) -> Option<String> {
        let deleted = (!self.deleted.is_empty()).then(|| Rule::ShadowedTool.code().to_owned());
        let has_things = deleted.is_some() || !self.tools.is_empty() || !self.paths.is_empty();
        let named = self.tools.len().max(self.deleted.len());
        if !has_things && self.rules.is_empty() || target.starts_with('-') || named > MOST_TOOLS {
            return None;
        }
        let mut command = format!("imgbudget allow {target}");
        let rules = self.rules.iter().map(|rule| rule.code().to_owned());
        let words = self.tools.into_iter().chain(self.paths).chain(rules).chain(deleted).chain(self.deleted);
        for word in words {
            command.push(' ');
            command.push_str(&text::shell_word(&word)?);
        }
        // Limits that go to different lengths are measured.
        if let (Some(up_to), 1) = (self.limits.first(), self.limits.len()) {
            command.push_str(" --up-to ");
            command.push_str(&up_to.replace(' ', ""));
        }
        if of_base && has_things {
            command.push_str(" --origin base");
        }
        (command.chars().count() <= LONGEST).then_some(command)
    }
}

/// A tool as a word. One that is called as a rule is, such as binutils' `size`, is a glob that means it alone.
fn tool(name: &str) -> String {
    let mut rest = name.chars();
    match (name.parse::<Rule>(), rest.next()) {
        (Ok(_), Some(first)) => format!("[{first}]{}", rest.as_str()),
        _ => name.to_owned(),
    }
}

fn is_of_base(case: &Case<'_>, found: &[&FoundPath]) -> bool {
    found.iter().all(|found| case.origin(found.layer) == Origin::Base)
}

/// Globs that cover the paths of a finding and as little else as can be written down: the paths, the directory that they are all in, or
/// the pattern that forbids them.
fn patterns(finding: &Finding, found: &[&FoundPath]) -> Vec<String> {
    let known = u64::try_from(found.len()).unwrap_or(u64::MAX);
    let shown = u64::try_from(finding.paths.len()).unwrap_or(u64::MAX);
    let texts: Option<Vec<&str>> = found.iter().map(|found| std::str::from_utf8(&found.path).ok()).collect();
    let texts = texts.filter(|texts| {
        shown.saturating_add(finding.more_paths) == known && texts.iter().all(|text| text::shell_word(text).is_some())
    });
    // A group by the names of what was found: as a word, `@vcs` would mean tools.
    if finding.subject == PathGroup::Vcs.as_str() && found.len() > MOST_PATHS {
        let names: BTreeSet<&[u8]> =
            found.iter().filter_map(|found| found.path.rsplit(|byte| *byte == b'/').next()).collect();
        return names.into_iter().map(|name| format!("**/{}", String::from_utf8_lossy(name))).collect();
    }
    let pattern = || {
        let glob = &finding.subject;
        if glob.starts_with('/') || glob.starts_with("**") || glob.parse::<PathGroup>().is_ok() {
            glob.clone()
        } else {
            format!("/{glob}")
        }
    };
    match texts {
        Some(texts) if texts.len() <= MOST_PATHS => texts.into_iter().map(escaped).collect(),
        Some(texts) => {
            vec![words::directory(&texts).map_or_else(pattern, |directory| format!("{}/**", escaped(directory)))]
        }
        None => vec![pattern()],
    }
}

/// A path as the glob that matches it alone.
fn escaped(path: &str) -> String {
    path.chars().fold(String::new(), |mut glob, c| {
        if "*?[]{}\\".contains(c) {
            glob.push('\\');
        }
        glob.push(c);
        glob
    })
}
