//! The budget keys, which defaults, profiles and targets share.

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::paths::{WrongPath, path_pattern};
use super::{Decoder, in_order};
use crate::config::keys;
use crate::config::raw::{Rules, Setting};
use crate::domain::{Forbidden, Level, PathPattern, Place, Severity, ToolPattern};

/// Reads one entry of a forbidding list, which stands under a key.
type Entry<'a, T> = fn(&mut Decoder<'a>, &str, &Spanned<String>) -> Option<T>;

impl<'a> Decoder<'a> {
    /// A table of budget keys alone, called `name`.
    pub(super) fn rules_table(&mut self, name: &str, value: &Spanned<DeValue<'_>>) -> Rules {
        let mut rules = Rules::default();
        let hint = format!("Write {} with budget keys under it.", if name.starts_with('[') { name } else { "a table" });
        let Some(table) = self.table(name.trim_matches(['[', ']']), value, &hint) else { return rules };
        for (key, value) in in_order(table) {
            if let Some(known) = self.known_key(key, &[keys::RULES], name) {
                self.rule(known, key, value, &mut rules);
            }
        }
        rules
    }

    /// One budget key.
    pub(super) fn rule(
        &mut self,
        key: &'static str,
        written: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        rules: &mut Rules,
    ) {
        let span = written.span();
        rules.keys.push((key, span.clone()));
        match key {
            "max-size" => rules.max_size = self.limit(key, span, value, Self::size),
            "max-compressed-size" => rules.max_compressed_size = self.limit(key, span, value, Self::size),
            "max-own-size" => rules.max_own_size = self.limit(key, span, value, Self::size),
            "max-layers" => rules.max_layers = self.limit(key, span, value, Self::count),
            "max-layer-size" => rules.max_layer_size = self.limit(key, span, value, Self::size),
            "max-wasted" => rules.max_wasted = self.limit(key, span, value, Self::size),
            "max-growth" => rules.max_growth = self.limit(key, span, value, Self::growth),
            "max-own-growth" => rules.max_own_growth = self.limit(key, span, value, Self::growth),
            "max-os-packages" => rules.max_os_packages = self.limit(key, span, value, Self::count),
            "forbid-tools" => rules.forbid_tools = self.forbidden(key, value, Self::tool_entry),
            "extend-forbid-tools" => {
                rules.extend_forbid_tools = self.forbidden(key, value, Self::tool_entry).unwrap_or_default();
            }
            "forbid-paths" => rules.forbid_paths = self.forbidden(key, value, Self::path_entry),
            "extend-forbid-paths" => {
                rules.extend_forbid_paths = self.forbidden(key, value, Self::path_entry).unwrap_or_default();
            }
            "require-non-root" => rules.require_non_root = self.level(key, written, value, Some(Level::Fail)),
            "shadowed-tools" => rules.shadowed_tools = self.level(key, written, value, None),
            "busybox-applets" => rules.busybox_applets = self.level(key, written, value, None),
            "enforce-from" => {
                rules.enforce_from = match value.get_ref() {
                    DeValue::Boolean(false) => Some(Setting::Off),
                    _ => self.day(key, value).map(Setting::On),
                }
            }
            _ => {}
        }
    }

    /// `"off"`, `"warn"`, `"fail"` or `false`; and `true` where the key is a demand, so that `true` means one thing only.
    fn level(
        &mut self,
        key: &str,
        written: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        of_true: Option<Level>,
    ) -> Option<(Level, Option<Place>)> {
        if let DeValue::Table(table) = value.get_ref() {
            return self.dated_level(key, written, value, table);
        }
        let level = match value.get_ref() {
            DeValue::Boolean(false) => Some(Level::Off),
            DeValue::Boolean(true) => of_true,
            DeValue::String(text) => match text.as_ref() {
                "off" => Some(Level::Off),
                "warn" => Some(Level::Warn),
                "fail" => Some(Level::Fail),
                _ => None,
            },
            _ => None,
        };
        let Some(level) = level else {
            let forms = if of_true.is_some() { "true, false, \"warn\"" } else { "\"off\", \"warn\", \"fail\"" };
            return self.refuse(value.span(), format!("not a level of `{key}`"), format!("Write one of {forms}."));
        };
        Some((level, Some(self.place(&written.span()))))
    }

    /// `{ fail = true, enforce-from = DAY }`.
    fn dated_level(
        &mut self,
        key: &str,
        written: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        table: &DeTable<'_>,
    ) -> Option<(Level, Option<Place>)> {
        let hint = format!("Write {key} = {{ fail = true, enforce-from = 2027-03-31 }}.");
        let (mut fails, mut day) = (false, None);
        for (name, value) in in_order(table) {
            match self.known_key(name, &[keys::DATED], &format!("`{key}`")) {
                Some("fail") if value.get_ref().as_bool() == Some(true) => fails = true,
                Some("fail") => return self.wrong_type(&format!("{key}.fail"), value, "`true`", &hint),
                Some(_) => day = self.day("enforce-from", value),
                None => return None,
            }
        }
        if !fails {
            return self.refuse(value.span(), format!("`{key}` has no `fail`"), hint);
        }
        let place = self.place(&written.span());
        self.dates.extend(day.map(|day| (place.clone(), day)));
        Some((Level::Fail, Some(place)))
    }

    /// A list, `{ warn = list, fail = list }`, or `false`, which is the empty list.
    fn forbidden<T: PartialEq>(
        &mut self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        entry: Entry<'a, T>,
    ) -> Option<Vec<Forbidden<T>>> {
        let mut list = Vec::new();
        match value.get_ref() {
            DeValue::Boolean(false) => {}
            DeValue::Table(table) => self.forbidden_sides(key, table, entry, &mut list),
            DeValue::Array(_) => self.forbid(key, value, Severity::Fail, entry, &mut list),
            _ => {
                let hint = format!("Write {key} = [\"…\"], or {{ fail = [\"…\"], warn = [\"…\"] }}.");
                return self.wrong_type(key, value, "a list", &hint);
            }
        }
        Some(list)
    }

    fn forbidden_sides<T: PartialEq>(
        &mut self,
        key: &str,
        table: &DeTable<'_>,
        entry: Entry<'a, T>,
        list: &mut Vec<Forbidden<T>>,
    ) {
        let mut day = None;
        for (name, value) in in_order(table) {
            let Some(known) = self.known_key(name, &[keys::SIDES], &format!("`{key}`")) else { continue };
            if known == "enforce-from" {
                day = self.day(known, value).map(|day| (day, name.span()));
                continue;
            }
            let severity = if known == "warn" { Severity::Warn } else { Severity::Fail };
            self.forbid(&format!("{key}.{known}"), value, severity, entry, list);
        }
        let Some((day, span)) = day else { return };
        let failing = list.iter().filter(|entry| entry.severity == Severity::Fail);
        let dated: Vec<_> = failing.filter_map(|entry| Some((entry.place.clone()?, day))).collect();
        if dated.is_empty() && !table.contains_key("fail") {
            self.refuse_idle_day(key, span);
        }
        self.dates.extend(dated);
    }

    fn forbid<T: PartialEq>(
        &mut self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        severity: Severity,
        entry: Entry<'a, T>,
        list: &mut Vec<Forbidden<T>>,
    ) {
        for word in self.strings(key, value) {
            let Some(what) = entry(self, key, &word) else { continue };
            match list.iter().find(|other| other.what == what) {
                Some(other) if other.severity != severity => {
                    let message = format!("`{}` is under `warn` and under `fail`", word.get_ref());
                    self.refuse::<()>(word.span(), message, "Take it out of one of the two.");
                }
                Some(_) => {}
                None => list.push(Forbidden { what, severity, place: Some(self.place(&word.span())) }),
            }
        }
    }

    fn tool_entry(&mut self, _key: &str, word: &Spanned<String>) -> Option<ToolPattern> {
        self.tool(word.get_ref(), word.span())
    }

    fn path_entry(&mut self, key: &str, word: &Spanned<String>) -> Option<PathPattern> {
        if word.get_ref().ends_with('/') {
            let hint = "Leave the last `/` out for the directory itself, or write `/**` for all that is below it.";
            return self.refuse(
                word.span(),
                format!("`{}` matches nothing: no path ends in `/`", word.get_ref()),
                hint,
            );
        }
        match path_pattern(word.get_ref()) {
            Ok(pattern) => Some(pattern),
            Err(WrongPath::Glob(error)) => self.refuse(
                word.span(),
                format!("`{}` in `{key}` is not a glob: {error}", word.get_ref()),
                "Write a path of the image; `*` stays in one directory, `**` does not, and `\\\\` takes a special character as it is.",
            ),
            Err(wrong) => {
                let hint = wrong.hint(|group| format!("forbid-tools = [\"{group}\"]"));
                self.refuse(word.span(), wrong.message().unwrap_or_default(), hint)
            }
        }
    }
}
