//! Words of the command line: which are rules, tools and paths, and what a limit is.

use globset::Glob;

use crate::catalogue;
use crate::config;
use crate::domain::{Bytes, Growth, PathGlob, PathGroup, Rule, Scope, UpTo};
use crate::error::{Class, Error};
use crate::text;

/// What is asked of each rule. A tool is a forbidden one and a path a forbidden one, unless they follow a rule that has tools or paths:
/// `shadowed-tool gcc`. A rule that nothing follows is asked for as a whole.
pub(super) fn by_rule(words: &[String]) -> Result<Vec<(Rule, Vec<String>)>, Error> {
    let mut all: Vec<(Rule, Vec<String>, bool)> = Vec::new();
    let mut last: Option<Rule> = None;
    for word in words {
        if let Ok(rule) = word.parse::<Rule>() {
            if rule.scope() == Scope::Never {
                return Err(Error::new(Class::Usage, format!("`{rule}` cannot be excused"))
                    .with_hint("Change what it is about: an exception needs a new date, a budget a decision."));
            }
            last = Some(rule);
            all.push((rule, Vec::new(), false));
            continue;
        }
        let is_path = word.contains('/') || word.starts_with("**") || is_group_of_paths(word, last);
        let (scope, usual) =
            if is_path { (Scope::Paths, Rule::ForbiddenPath) } else { (Scope::Tools, Rule::ForbiddenTool) };
        let word = if is_path { path(word)? } else { tool(word)? };
        let rule = last.filter(|rule| rule.scope() == scope);
        let is_usual = rule.is_none();
        let rule = rule.unwrap_or(usual);
        match all.iter_mut().rev().find(|(there, _, was_usual)| *there == rule && *was_usual == is_usual) {
            Some((_, words, _)) if words.contains(&word) => {}
            Some((_, words, _)) => words.push(word),
            None => all.push((rule, vec![word], is_usual)),
        }
    }
    let mut asked: Vec<(Rule, Vec<String>)> = Vec::new();
    for (rule, words, _) in all {
        if !asked.contains(&(rule, words.clone())) {
            asked.push((rule, words));
        }
    }
    Ok(asked)
}

/// Whether a word is a group of paths. `@vcs` is one of tools, too: it is one of paths where it follows a rule about paths.
fn is_group_of_paths(word: &str, last: Option<Rule>) -> bool {
    let is_of_tools = || word.strip_prefix('@').is_some_and(|name| catalogue::group_members(name).is_some());
    let follows = last.is_some_and(|rule| rule.scope() == Scope::Paths);
    word.parse::<PathGroup>().is_ok() && (follows || !is_of_tools())
}

fn path(word: &str) -> Result<String, Error> {
    if word.parse::<PathGroup>().is_ok() {
        return Ok(word.to_owned());
    }
    PathGlob::new(word).map_err(|why| {
        Error::new(Class::Usage, format!("`{}` is not a glob: {why}", text::line(word)))
            .with_hint("`*`, `?`, `[ab]` and `{a,b}` have a meaning in globs; close what was opened.")
    })?;
    Ok(word.to_owned())
}

/// A word that is no rule and no path: a tool, a group, a glob over tools, or a slip.
fn tool(word: &str) -> Result<String, Error> {
    let shown = text::line(word);
    if word.contains(['*', '?', '[', '{']) && !word.starts_with('@') {
        Glob::new(word)
            .map_err(|error| Error::new(Class::Usage, format!("`{shown}` is not a glob: {}", error.kind())))?;
        return Ok(word.to_owned());
    }
    let rules = || config::allowed_rules().map(Rule::code);
    if let Some(rule) = config::rule_of_key(word) {
        return Err(Error::new(Class::Usage, format!("`{shown}` is a key of budgets.toml, not a rule"))
            .with_hint(format!("Its rule is `{rule}`.")));
    }
    let is_known = catalogue::identify(word.as_bytes()).is_some();
    if let Some(near) = text::nearest(word, rules()).filter(|_| !is_known && !word.starts_with('@')) {
        return Err(Error::new(Class::Usage, format!("no rule or tool is called `{shown}`"))
            .with_hint(format!("Did you mean `{near}`?")));
    }
    config::tool_pattern(word)
        .map_err(|wrong| Error::new(Class::Usage, wrong.message).with_hint(wrong.hint))
        .map(|_| word.to_owned())
}

/// A limit as a person types it.
///
/// # Errors
/// It is not one of this rule's kind.
pub(super) fn up_to(word: &str, rule: Rule) -> Result<UpTo, Error> {
    let shown = text::line(word);
    let bytes = |word: &str| {
        word.parse::<Bytes>()
            .map_err(|error| Error::new(Class::Usage, format!("--up-to: {error}")).with_hint(error.hint()))
    };
    match rule.scope() {
        Scope::Count => word.parse().map(UpTo::Count).map_err(|_| {
            Error::new(Class::Usage, format!("--up-to: `{shown}` is not a whole number"))
                .with_hint(format!("`{rule}` counts: write --up-to 12."))
        }),
        Scope::Growth if word.ends_with('%') => {
            let percent = config::percent_hundredths(word).ok_or_else(|| {
                Error::new(Class::Usage, format!("--up-to: `{shown}` is not a percentage"))
                    .with_hint("Write it as 2% or 2.5%, with at most two digits after the point.")
            })?;
            Ok(UpTo::Growth(Growth { bytes: None, percent_hundredths: Some(percent) }))
        }
        Scope::Growth => Ok(UpTo::Growth(Growth { bytes: Some(bytes(word)?), percent_hundredths: None })),
        _ => bytes(word).map(UpTo::Bytes),
    }
}
