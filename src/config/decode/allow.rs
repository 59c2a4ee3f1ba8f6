//! `[[allow]]`: reasoned exceptions.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::paths::{WrongPath, path_pattern};
use super::{Decoder, in_order};
use crate::config::keys;
use crate::config::raw;
use crate::domain::{Allow, AllowMatch, Origin, PathPattern, Rule, Scope, ToolPattern, UpTo};
use crate::text;

type Value<'t, 'i> = &'t Spanned<DeValue<'i>>;

/// The rules that an exception can be about.
pub fn allowed_rules() -> impl Iterator<Item = Rule> {
    Rule::ALL.into_iter().filter(|rule| !matches!(rule.scope(), Scope::Never))
}

/// Keys that people write where the code of their rule is asked for.
const RULE_OF_KEY: [(&str, Rule); 14] = [
    ("max-size", Rule::Size),
    ("max-compressed-size", Rule::CompressedSize),
    ("max-own-size", Rule::OwnSize),
    ("max-layers", Rule::Layers),
    ("max-layer-size", Rule::LayerSize),
    ("max-wasted", Rule::Wasted),
    ("max-growth", Rule::Growth),
    ("max-own-growth", Rule::OwnGrowth),
    ("max-os-packages", Rule::OsPackages),
    ("forbid-tools", Rule::ForbiddenTool),
    ("shadowed-tools", Rule::ShadowedTool),
    ("busybox-applets", Rule::ForbiddenTool),
    ("forbid-paths", Rule::ForbiddenPath),
    ("require-non-root", Rule::RootUser),
];

/// The rule whose key of budgets.toml this is.
#[must_use]
pub fn rule_of_key(key: &str) -> Option<Rule> {
    RULE_OF_KEY.iter().find(|(known, _)| *known == key).map(|(_, rule)| *rule)
}

impl Decoder<'_> {
    pub(super) fn allows(&mut self, value: Value<'_, '_>) -> Vec<raw::Allow> {
        let hint = "Write [[allow]], with two brackets: each table is one exception.";
        let Some(list) = value.get_ref().as_array() else {
            self.wrong_type::<()>("allow", value, "a list of tables", hint);
            // With one bracket it is still an exception, and what is wrong inside it is told, too.
            let only = value.get_ref().as_table().map(|table| self.allow(table, value.span()));
            return only.into_iter().collect();
        };
        let mut allows = Vec::new();
        for entry in list {
            if let Some(table) = self.table("allow", entry, hint) {
                allows.push(self.allow(table, entry.span()));
            }
        }
        allows
    }

    fn allow(&mut self, table: &DeTable<'_>, span: Range<usize>) -> raw::Allow {
        // The rule decides what the other keys may say, so it is read first, wherever it stands.
        let rule = table.get("rule").and_then(|value| self.allowed_rule(value));
        let (mut targets, mut targets_key) = (Vec::new(), None);
        let (mut reason, mut until, mut up_to, mut matches, mut origin) = (None, None, None, None, None);
        let before = self.problems.len();
        for (key, value) in in_order(table) {
            match self.known_key(key, &[keys::ALLOW], "[[allow]]") {
                Some("targets") => {
                    targets = self.strings("targets", value);
                    targets_key = Some(key.span());
                }
                Some("match") => matches = Some((key.span(), value)),
                Some("origin") => origin = Some((key.span(), value)),
                Some("up-to") => up_to = Some((key.span(), value)),
                Some("reason") => reason = self.text("reason", value),
                Some("until") => until = self.day("until", value),
                _ => {}
            }
        }
        if !table.contains_key("rule") {
            let hint = "Say what it excuses, such as rule = \"size\" or rule = \"forbidden-tool\".";
            self.refuse::<()>(span.clone(), "an exception without a `rule`", hint);
        }
        if !table.contains_key("reason") {
            let hint = "Say why in a sentence: reason = \"…\". Whoever meets this exception next year wants to know.";
            self.refuse::<()>(span.clone(), "an exception without a `reason`", hint);
        }
        if let Some(key) = targets_key.clone().filter(|_| rule == Some(Rule::FleetSize)) {
            let hint = "`fleet-size` is about all targets together: leave `targets` out.";
            self.refuse::<()>(key, "an exception for the fleet names targets", hint);
        }
        if let Some(key) = targets_key.filter(|_| targets.is_empty() && self.problems.len() == before) {
            self.refuse::<()>(key, "`targets` is empty", "Name a target, or leave `targets` out for all of them.");
        }
        let targets: Vec<_> =
            targets.into_iter().filter_map(|word| self.target_glob(&word).map(|glob| (word, glob))).collect();
        let globs = targets.iter().map(|(_, glob)| glob.clone()).collect();
        let place = self.place(&span);
        if rule.is_none() {
            // Without a rule, all that can be said is whether some rule could take them.
            if let Some((_, value)) = &matches {
                self.strings("match", value);
            }
            if let Some((_, value)) = &up_to {
                self.growth("up-to", value);
            }
            if let Some((_, value)) = &origin {
                self.text("origin", value);
            }
        }
        let exception = rule.and_then(|rule| {
            let up_to = self.allowed_up_to(rule, up_to, span.clone());
            let matches = self.allowed_matches(rule, matches);
            let origin = self.allowed_origin(rule, origin);
            Some(Allow { targets: globs, rule, matches, origin, up_to, reason: reason?, until, place })
        });
        raw::Allow { targets, exception, span }
    }

    fn allowed_rule(&mut self, value: Value<'_, '_>) -> Option<Rule> {
        let text = self.text("rule", value)?;
        match text.parse::<Rule>() {
            Ok(rule) if matches!(rule.scope(), Scope::Never) => self.refuse(
                value.span(),
                format!("`{rule}` cannot be excused"),
                "Give the expired exception a new date, or remove it.",
            ),
            Ok(rule) => Some(rule),
            Err(error) => {
                let codes = || allowed_rules().map(Rule::code);
                let of_key = rule_of_key(&text).map(Rule::code);
                let meant = of_key.or_else(|| text::nearest(&text, codes()));
                let hint = match meant {
                    Some(meant) => format!("Did you mean `{meant}`?"),
                    None => format!("The rules are {}.", codes().collect::<Vec<_>>().join(", ")),
                };
                self.refuse(value.span(), error.to_string(), hint)
            }
        }
    }

    fn allowed_up_to(
        &mut self,
        rule: Rule,
        up_to: Option<(Range<usize>, Value<'_, '_>)>,
        table: Range<usize>,
    ) -> Option<UpTo> {
        let (example, is_limit) = match rule.scope() {
            Scope::Bytes => ("\"170 MB\"", true),
            Scope::Count => ("15", true),
            Scope::Growth => ("\"10 MB\"", true),
            _ => ("", false),
        };
        match (up_to, rule.scope()) {
            (None, _) if is_limit => {
                let hint = format!("Say how far it goes: up-to = {example}.");
                self.refuse(table, format!("an exception from `{rule}` without `up-to`"), hint)
            }
            (None, _) => None,
            (Some((_, value)), Scope::Bytes) => self.size("up-to", value).map(UpTo::Bytes),
            (Some((_, value)), Scope::Count) => self.count("up-to", value).map(UpTo::Count),
            (Some((_, value)), Scope::Growth) => self.growth("up-to", value).map(UpTo::Growth),
            (Some((key, _)), _) => {
                self.refuse(key, format!("`up-to` is for limits, and `{rule}` is not one"), "Take `up-to` out.")
            }
        }
    }

    fn allowed_matches(&mut self, rule: Rule, matches: Option<(Range<usize>, Value<'_, '_>)>) -> Vec<AllowMatch> {
        let Some((key, value)) = matches else { return Vec::new() };
        let is_path = match rule.scope() {
            Scope::Tools => false,
            Scope::Paths => true,
            _ => {
                let message = format!("`match` is for tools and paths, and `{rule}` has neither");
                return self.refuse(key, message, "Take `match` out.").unwrap_or_default();
            }
        };
        let words = self.strings("match", value);
        if value.get_ref().as_array().is_some_and(|list| list.iter().next().is_none()) {
            self.refuse::<()>(
                value.span(),
                "`match` is empty",
                "Name what is allowed, or leave `match` out for all of it.",
            );
        }
        words.iter().filter_map(|word| if is_path { self.path_match(word) } else { self.tool_match(word) }).collect()
    }

    fn allowed_origin(&mut self, rule: Rule, origin: Option<(Range<usize>, Value<'_, '_>)>) -> Option<Origin> {
        let (key, value) = origin?;
        if !matches!(rule.scope(), Scope::Tools | Scope::Paths) {
            let message = format!("`origin` is for tools and paths, and `{rule}` has neither");
            return self.refuse(key, message, "Take `origin` out.");
        }
        if self.text("origin", value)? == "base" {
            return Some(Origin::Base);
        }
        let hint = "Write origin = \"base\" for what the base image brought, or leave it out.";
        self.refuse(value.span(), "an exception is for what the base image brought, or for all", hint)
    }

    fn tool_match(&mut self, word: &Spanned<String>) -> Option<AllowMatch> {
        if word.get_ref().contains('/') {
            let hint =
                "Write the command's name, such as `pip*`; origin = \"base\" is for what the base image brought.";
            return self.refuse(
                word.span(),
                format!("`{}` is a path, and tools go by their names", word.get_ref()),
                hint,
            );
        }
        if word.get_ref().contains(['*', '?', '[', '{']) && !word.get_ref().starts_with('@') {
            return match globset::Glob::new(word.get_ref()) {
                Ok(glob) => Some(AllowMatch::Glob(glob.compile_matcher())),
                Err(error) => self.bad_glob(word, &error.kind().to_string()),
            };
        }
        let tool: ToolPattern = self.tool(word.get_ref(), word.span())?;
        Some(AllowMatch::Tool(tool))
    }

    fn path_match(&mut self, word: &Spanned<String>) -> Option<AllowMatch> {
        match path_pattern(word.get_ref()) {
            Ok(PathPattern::Glob(glob)) => Some(AllowMatch::Glob(glob.into_matcher())),
            Ok(PathPattern::Group(group)) => Some(AllowMatch::Paths(group)),
            Err(WrongPath::Glob(error)) => self.bad_glob(word, &error),
            Err(wrong) => {
                let hint = wrong.hint(|group| format!("rule = \"forbidden-tool\" with match = [\"{group}\"]"));
                self.refuse(word.span(), wrong.message().unwrap_or_default(), hint)
            }
        }
    }

    fn target_glob(&mut self, word: &Spanned<String>) -> Option<globset::GlobMatcher> {
        match globset::Glob::new(word.get_ref()) {
            Ok(glob) => Some(glob.compile_matcher()),
            Err(error) => self.bad_glob(word, &error.kind().to_string()),
        }
    }

    fn bad_glob<T>(&mut self, word: &Spanned<String>, why: &str) -> Option<T> {
        let hint = "`*`, `?`, `[ab]` and `{a,b}` have a meaning in globs; close what was opened.";
        self.refuse(word.span(), format!("`{}` is not a glob: {why}", word.get_ref()), hint)
    }
}
