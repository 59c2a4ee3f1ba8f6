//! The walk over parsed TOML into [`raw`](super::raw) types. Each problem is noted and the walk goes on.

mod allow;
mod day;
mod limit;
mod paths;
mod rules;
mod syntax;
mod target;
mod terms;
mod tools;
mod value;

pub use allow::{allowed_rules, rule_of_key};
pub use limit::percent_hundredths;
pub use paths::{WrongPath, path_pattern};
pub use tools::{WrongTool, tool_pattern};

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::keys::{self, Keys};
use super::{Surroundings, raw};
use crate::diagnostics::{Problem, SourceFile};
use crate::domain::{ImageRef, ImageTemplate, Place};

/// The version of the format that this build reads.
const VERSION: &str = "1";

/// Which keys the top of a file may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The file that was asked for, or found.
    Root,
    /// A file that the root includes.
    Included,
    /// The file of `--policy`.
    Policy,
}

/// Decodes one file; its problems are added to `problems`, its warnings are its own. `None` when it is no TOML: then those are its syntax
/// errors.
pub(super) fn decode(
    source: &Arc<SourceFile>,
    directory: &Path,
    role: Role,
    surroundings: &Surroundings<'_>,
    problems: &mut Vec<Problem>,
) -> Option<raw::File> {
    let (table, errors) = DeTable::parse_recoverable(source.text());
    problems.extend(syntax::problems(source, &errors));
    if !errors.is_empty() {
        return None;
    }
    let mut warnings = Vec::new();
    let mut dates = BTreeMap::new();
    let mut decoder = Decoder { source, surroundings, problems, warnings: &mut warnings, dates: &mut dates };
    let file = decoder.file(table.get_ref(), directory, role);
    Some(raw::File { warnings, dates, ..file })
}

/// The walker: one file, and the problems found in it.
struct Decoder<'a> {
    source: &'a Arc<SourceFile>,
    surroundings: &'a Surroundings<'a>,
    problems: &'a mut Vec<Problem>,
    /// What is read all the same, and was perhaps not meant so.
    warnings: &'a mut Vec<Problem>,
    /// From when on rules are enforced, by the place that asks for the judgement.
    dates: &'a mut BTreeMap<Place, time::Date>,
}

/// A key and its value, as TOML holds them.
type Entry<'t, 'i> = (&'t Spanned<DeString<'i>>, &'t Spanned<DeValue<'i>>);

/// The entries of a table in the order in which they are written.
fn in_order<'t, 'i>(table: &'t DeTable<'i>) -> Vec<Entry<'t, 'i>> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

impl Decoder<'_> {
    /// Notes a problem and yields nothing, so that a caller can end with it.
    fn refuse<T>(&mut self, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) -> Option<T> {
        self.problems.push(Problem::new(self.source, span, message).with_hint(hint));
        None
    }

    /// Notes what is read as it stands, and was perhaps not meant so.
    fn warn(&mut self, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        self.warnings.push(Problem::new(self.source, span, message).with_hint(hint).as_warning());
    }

    /// The key of `here` that was written, or a problem.
    fn known_key(&mut self, key: &Spanned<DeString<'_>>, here: &[Keys], table: &str) -> Option<&'static str> {
        let word = key.get_ref();
        let found = here.iter().copied().flatten().copied().find(|known| known == word);
        if found.is_none() {
            self.refuse::<()>(key.span(), format!("unknown key `{word}` in {table}"), keys::hint(word, here));
        }
        found
    }

    fn place(&self, span: &Range<usize>) -> Place {
        self.source.place(span.start)
    }

    fn file(&mut self, root: &DeTable<'_>, directory: &Path, role: Role) -> raw::File {
        let mut file = raw::File {
            source: Arc::clone(self.source),
            warnings: Vec::new(),
            dates: BTreeMap::new(),
            directory: directory.to_owned(),
            include: Vec::new(),
            defaults: raw::Rules::default(),
            profiles: BTreeMap::new(),
            targets: Vec::new(),
            allows: Vec::new(),
            fleet_max_size: None,
            min_change: None,
            baseline: raw::Baseline::default(),
            budget_changes: None,
            terms: raw::Terms::default(),
        };
        let (here, name) = match role {
            Role::Root => (keys::ROOT, "budgets.toml"),
            Role::Included => (keys::INCLUDED, "an included file"),
            Role::Policy => (keys::POLICY_FILE, "a policy"),
        };
        for (key, value) in in_order(root) {
            match self.known_key(key, &[here], name) {
                Some("version") => self.version(value),
                Some("include") => file.include = self.strings("include", value),
                Some("defaults") => file.defaults = self.rules_table("[defaults]", value),
                Some("profiles") => file.profiles = self.profiles(value),
                Some("targets") => file.targets = self.targets(value),
                Some("allow") => file.allows = self.allows(value),
                Some("fleet") => file.fleet_max_size = self.fleet(value),
                Some("comment") => file.min_change = self.comment(value),
                Some("baseline") => file.baseline = self.baseline(value),
                Some("policy") => self.policy(value, role, &mut file),
                _ => {}
            }
        }
        file
    }

    fn version(&mut self, value: &Spanned<DeValue<'_>>) {
        let is_ours = value.get_ref().as_integer().is_some_and(|integer| integer.as_str() == VERSION);
        if !is_ours {
            let hint = format!(
                "This imgbudget reads version {VERSION}; write `version = {VERSION}`, or take a newer imgbudget."
            );
            self.refuse::<()>(value.span(), "a version that this imgbudget does not read", hint);
        }
    }

    fn profiles(&mut self, value: &Spanned<DeValue<'_>>) -> BTreeMap<String, raw::Rules> {
        let Some(table) = self.table("profiles", value, "Write [profiles.NAME] with budget keys under it.") else {
            return BTreeMap::new();
        };
        let mut profiles = BTreeMap::new();
        for (name, rules) in in_order(table) {
            let rules = self.rules_table(&format!("[profiles.{}]", name.get_ref()), rules);
            profiles.insert(name.get_ref().clone().into_owned(), rules);
        }
        profiles
    }

    fn fleet(&mut self, value: &Spanned<DeValue<'_>>) -> Option<crate::domain::Limit<crate::domain::Bytes>> {
        let (key, value) = self.only_key("fleet", value, keys::FLEET)?;
        match self.limit("max-size", key.span(), value, Self::size)? {
            raw::Setting::On(_) if self.dates.contains_key(&self.place(&key.span())) => {
                let hint =
                    "Write it in a target, a profile or [defaults]; a limit of the fleet may warn first: { warn = … }.";
                self.refuse(value.span(), "`enforce-from` is for rules about one target", hint)
            }
            raw::Setting::On(limit) => Some(limit),
            raw::Setting::Off => None,
        }
    }

    fn comment(&mut self, value: &Spanned<DeValue<'_>>) -> Option<crate::domain::Bytes> {
        let (_, value) = self.only_key("comment", value, keys::COMMENT)?;
        self.size("min-change", value)
    }

    fn baseline(&mut self, value: &Spanned<DeValue<'_>>) -> raw::Baseline {
        let mut baseline = raw::Baseline::default();
        let Some(table) = self.table("baseline", value, "Write [baseline] with its keys under it.") else {
            return baseline;
        };
        for (key, value) in in_order(table) {
            match self.known_key(key, &[keys::BASELINE], "[baseline]") {
                Some("file") => {
                    baseline.file = self.text("file", value).map(|file| Spanned::new(key.span(), file));
                }
                Some("image") => baseline.images = self.images(value),
                Some("only-new") => {
                    baseline.only_new = self.truth("only-new", value).map(|is_on| Spanned::new(key.span(), is_on));
                }
                _ => {}
            }
        }
        if let (Some(file), Some(image)) = (&baseline.file, baseline.images.first()) {
            let message = format!("the baseline is both a file and the image `{}`", image.text);
            let hint = "Keep one: a file holds what an earlier run measured, an image is measured in this one.";
            self.refuse::<()>(file.span(), message, hint);
        }
        baseline
    }

    /// `image` of `[baseline]`: one reference with placeholders, or several, the best first.
    fn images(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<ImageTemplate> {
        let written = match value.get_ref() {
            DeValue::Array(_) => self.strings("image", value),
            _ => self.spanned_text("image", value).into_iter().collect(),
        };
        let mut images = Vec::new();
        for text in written {
            let span = text.span();
            let template = ImageTemplate { text: text.into_inner(), place: self.place(&span) };
            if let Some(unknown) = template.unknown() {
                let hint = "{target} is the target's name, {base-sha} the commit that a change was made on.";
                self.refuse::<()>(span, format!("nothing stands for `{unknown}`"), hint);
                continue;
            }
            // Both a name and a commit fit wherever a reference may hold them.
            let example = template.filled("target", Some(&"0".repeat(40))).unwrap_or_default();
            if self
                .parse::<ImageRef>(
                    &example,
                    span,
                    "Write it as it was pushed: \"registry.example.com/acme/{target}:{base-sha}\".",
                )
                .is_some()
            {
                images.push(template);
            }
        }
        images
    }

    /// `true` or `false`.
    fn truth(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<bool> {
        match value.get_ref() {
            DeValue::Boolean(truth) => Some(*truth),
            _ => self.wrong_type(key, value, "true or false", &format!("Write {key} = true, or leave it out.")),
        }
    }

    /// The entry of a table that has one key only.
    fn only_key<'t, 'i>(&mut self, name: &str, value: &'t Spanned<DeValue<'i>>, here: Keys) -> Option<Entry<'t, 'i>> {
        let table = self.table(name, value, &format!("Write [{name}] with its key under it."))?;
        let mut found = None;
        for entry in in_order(table) {
            if self.known_key(entry.0, &[here], &format!("[{name}]")).is_some() {
                found = Some(entry);
            }
        }
        found
    }
}
