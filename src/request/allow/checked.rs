//! Whether what is to be allowed is asked for by the budget at all.

use globset::Glob;

use crate::amend;
use crate::catalogue;
use crate::domain::{Amount, Forbidden, Growth, Limit, PathPattern, Rule, Rules, Scope, Target, ToolPattern, UpTo};
use crate::error::{Class, Error};
use crate::text;

/// The hard side of a limit, else the soft one, where a target has it.
fn limit(rule: Rule, rules: &Rules) -> Option<UpTo> {
    fn side<T: Copy>(limit: Option<&Limit<T>>) -> Option<T> {
        limit.and_then(|limit| limit.fail.or(limit.warn))
    }
    match rule {
        Rule::Size => side(rules.max_size.as_ref()).map(UpTo::Bytes),
        Rule::CompressedSize => side(rules.max_compressed_size.as_ref()).map(UpTo::Bytes),
        Rule::OwnSize => side(rules.max_own_size.as_ref()).map(UpTo::Bytes),
        Rule::Layers => side(rules.max_layers.as_ref()).map(UpTo::Count),
        Rule::LayerSize => side(rules.max_layer_size.as_ref()).map(UpTo::Bytes),
        Rule::Wasted => side(rules.max_wasted.as_ref()).map(UpTo::Bytes),
        Rule::Growth => side(rules.max_growth.as_ref()).map(UpTo::Growth),
        Rule::OwnGrowth => side(rules.max_own_growth.as_ref()).map(UpTo::Growth),
        Rule::OsPackages => side(rules.max_os_packages.as_ref()).map(UpTo::Count),
        _ => None,
    }
}

/// Refuses what no chosen target is checked for.
pub(super) fn is_checked(rule: Rule, matches: &[String], chosen: &[&Target]) -> Result<(), Error> {
    let names: Vec<&str> = chosen.iter().map(|target| target.name.as_str()).collect();
    let names = names.join(", ");
    let is_on = |target: &&&Target| match rule.scope() {
        Scope::Tools => !target.rules.forbid_tools.is_empty(),
        Scope::Paths => !target.rules.forbid_paths.is_empty(),
        _ if rule == Rule::RootUser => target.rules.require_non_root.is_some(),
        _ if matches!(rule, Rule::NoBudget | Rule::FleetSize | Rule::WrongStage) => true,
        _ => limit(rule, &target.rules).is_some(),
    };
    let judged: Vec<&&Target> = chosen.iter().filter(is_on).collect();
    if judged.is_empty() {
        return Err(Error::new(Class::Usage, format!("`{rule}` is not checked for {names}"))
            .with_hint("There is nothing to allow: the budget does not ask for it."));
    }
    for word in matches {
        let is_forbidden = judged.iter().any(|target| match rule.scope() {
            Scope::Tools => target.rules.forbid_tools.iter().any(|entry| overlap(word, entry)),
            _ => target.rules.forbid_paths.iter().any(|entry| may_match(word, entry)),
        });
        if !is_forbidden {
            let mut forbidden: Vec<String> = judged
                .iter()
                .flat_map(|target| match rule.scope() {
                    Scope::Tools => target.rules.forbid_tools.iter().map(|entry| entry.what.to_string()).collect(),
                    _ => {
                        target.rules.forbid_paths.iter().map(|entry| entry.what.as_str().to_owned()).collect::<Vec<_>>()
                    }
                })
                .collect();
            forbidden.sort();
            forbidden.dedup();
            let shown = text::line(word);
            return Err(Error::new(Class::Usage, format!("`{shown}` is not forbidden for {names}"))
                .with_hint(format!("Forbidden: {}.", text::line_within(&forbidden.join(", "), 300))));
        }
    }
    Ok(())
}

/// Whether a word of an exception and an entry of `forbid-tools` have a tool in common.
pub(super) fn overlap(word: &str, entry: &Forbidden<ToolPattern>) -> bool {
    let members =
        |group: &str| catalogue::group_members(group).into_iter().flatten().map(|tool| tool.name).collect::<Vec<_>>();
    let known =
        |name: &str| catalogue::identify(name.as_bytes()).map_or_else(|| name.to_owned(), |tool| tool.name.to_owned());
    let forbidden: Vec<String> = match &entry.what {
        ToolPattern::Group(group) => members(group).into_iter().map(str::to_owned).collect(),
        ToolPattern::Name(name) => vec![known(name)],
    };
    // What comes with BusyBox is excused by its name, too.
    if catalogue::busybox::NAME == word {
        return true;
    }
    match word.strip_prefix('@') {
        Some(group) => members(group).iter().any(|name| forbidden.iter().any(|there| there == name)),
        None => match Glob::new(word) {
            Ok(glob) if word.contains(['*', '?', '[', '{']) => {
                let glob = glob.compile_matcher();
                forbidden.iter().any(|name| glob.is_match(name))
            }
            _ => forbidden.contains(&known(word)),
        },
    }
}

/// Whether a path or glob may be about what an entry of `forbid-paths` matches. Of two globs that cannot be told.
fn may_match(word: &str, entry: &Forbidden<PathPattern>) -> bool {
    let is_glob = word.contains(['*', '?', '[', '{']);
    // What a group means is told by the image.
    let is_group = matches!(entry.what, PathPattern::Group(_));
    is_glob
        || is_group && !word.starts_with('@')
        || entry.what.as_str() == word
        || entry.what.matches(word.as_bytes())
        || {
            let below = format!("{}/", word.trim_end_matches('/'));
            entry.what.as_str().starts_with(&below)
        }
}

/// Refuses a limit that is not above the one that every chosen target has already.
pub(super) fn is_above(rule: Rule, up_to: UpTo, chosen: &[&Target]) -> Result<(), Error> {
    let limits: Vec<UpTo> = chosen.iter().filter_map(|target| limit(rule, &target.rules)).collect();
    let is_useless = !limits.is_empty() && limits.iter().all(|limit| amend::is_within(up_to, *limit));
    if !is_useless {
        return Ok(());
    }
    let shown = match limits.first() {
        Some(UpTo::Bytes(bytes) | UpTo::Growth(Growth { bytes: Some(bytes), .. })) => Amount::Bytes(*bytes).to_string(),
        Some(UpTo::Count(count)) => count.to_string(),
        _ => "what is asked".to_owned(),
    };
    Err(Error::new(Class::Usage, format!("--up-to is not above the limit of `{rule}`, which is {shown} already"))
        .with_hint("An exception allows more than the limit; lower the limit itself in budgets.toml."))
}
