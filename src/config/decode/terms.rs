//! `[policy]` of a policy: what a repository may do about it.

use toml::Spanned;
use toml::de::DeValue;

use super::allow::allowed_rules;
use super::{Decoder, Role, in_order};
use crate::config::keys::{self, Keys};
use crate::config::raw::File;
use crate::domain::{Rule, Severity};
use crate::text;

impl Decoder<'_> {
    /// `[policy]` of a budget file, or of a policy, which has more to say.
    pub(super) fn policy(&mut self, value: &Spanned<DeValue<'_>>, role: Role, file: &mut File) {
        let here: &[Keys] = if role == Role::Policy { &[keys::POLICY, keys::TERMS] } else { &[keys::POLICY] };
        let hint = "Write [policy] with its keys under it; --policy names the file of an organisation.";
        let Some(table) = self.table("policy", value, hint) else { return };
        for (key, value) in in_order(table) {
            match self.known_key(key, here, "[policy]") {
                Some("budget-changes") => {
                    let severity = self.budget_changes(value);
                    file.budget_changes = severity.map(|severity| Spanned::new(key.span(), severity));
                }
                Some("may-loosen") => file.terms.may_loosen = self.may_loosen(value),
                Some("may-allow") => file.terms.may_allow = self.may_allow(value),
                _ => {}
            }
        }
    }

    /// What a budget is that allows more than before.
    fn budget_changes(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Severity> {
        match value.get_ref().as_str() {
            Some("note") => Some(Severity::Note),
            Some("warn") => Some(Severity::Warn),
            Some("fail") => Some(Severity::Fail),
            _ => {
                let hint = "Write one of \"note\", \"warn\", \"fail\"; without it a looser budget is a note.";
                self.refuse(value.span(), "not a level of `budget-changes`", hint)
            }
        }
    }

    /// Budget keys, and the two that ease all of them. What adds to a list cannot loosen it, and goes with the list.
    fn may_loosen(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<&'static str> {
        let budget = || keys::RULES.iter().copied().filter(|key| !key.starts_with("extend-"));
        let loosable = || budget().chain(["only-new", "budget-changes"]);
        let mut found = Vec::new();
        for word in self.strings("may-loosen", value) {
            let text = word.get_ref().as_str();
            if let Some(key) = loosable().find(|key| *key == text) {
                found.push(key);
                continue;
            }
            let hint = match keys::meant(text, &[keys::RULES, keys::POLICY, keys::BASELINE]) {
                Some(meant) => format!("Did you mean `{}`?", meant.trim_start_matches("extend-")),
                None => "Name budget keys, such as may-loosen = [\"max-size\"].".to_owned(),
            };
            self.refuse::<()>(word.span(), format!("`{text}` is not a key that can be loosened"), hint);
        }
        found
    }

    /// `true`, `false`, or the rules.
    fn may_allow(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Vec<Rule>> {
        match value.get_ref() {
            DeValue::Boolean(true) => return None,
            DeValue::Boolean(false) => return Some(Vec::new()),
            DeValue::Array(_) => {}
            _ => {
                let hint = "Write true for every rule, false for none, or the rules: may-allow = [\"forbidden-tool\"].";
                return self.wrong_type("may-allow", value, "a boolean or a list of rules", hint);
            }
        }
        let words = self.strings("may-allow", value);
        let mut rules = Vec::new();
        for word in words {
            let text = word.get_ref();
            if let Some(rule) = allowed_rules().find(|rule| rule.code() == text) {
                rules.push(rule);
                continue;
            }
            let codes = || allowed_rules().map(Rule::code);
            let hint = match text::nearest(text, codes()) {
                Some(meant) => format!("Did you mean `{meant}`?"),
                None => format!("The rules are {}.", codes().collect::<Vec<_>>().join(", ")),
            };
            self.refuse::<()>(word.span(), format!("`{text}` is not a rule that can be excused"), hint);
        }
        Some(rules)
    }
}
