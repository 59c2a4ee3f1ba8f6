//! `[targets.NAME]`: where an image comes from, how it is built, and its own budget keys.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;
use toml::de::{DeString, DeValue};

use super::{Decoder, in_order};
use crate::config::credential::is_credential;
use crate::config::keys;
use crate::config::raw::{Rules, Target};
use crate::domain::{ImageRef, LookIn, Network, Platform};

const REFERENCE_HINT: &str = "Write it as registry/repository:tag, such as \"registry.example.com/acme/worker:main\".";
const PLATFORM_HINT: &str =
    "Write it as os/architecture, such as \"linux/amd64\", \"linux/arm64\" or \"linux/arm/v7\".";

impl Decoder<'_> {
    pub(super) fn targets(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<Target> {
        let hint = "Give each target its name: [targets.api], not [[targets]].";
        let Some(table) = self.table("targets", value, hint) else { return Vec::new() };
        in_order(table).into_iter().filter_map(|(name, value)| self.target(name, value)).collect()
    }

    fn target(&mut self, name: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) -> Option<Target> {
        let shown = format!("[targets.{}]", name.get_ref());
        let valid_name =
            self.parse(name.get_ref(), name.span(), "This name is what people, reports and file names see.");
        let table =
            self.table(&format!("targets.{}", name.get_ref()), value, "Write [targets.NAME] with its keys under it.")?;
        let mut target = Target {
            name: Spanned::new(name.span(), name.get_ref().clone().into_owned()),
            valid_name,
            keys: Vec::new(),
            perhaps_has_source: false,
            profile: None,
            context: None,
            dockerfile: None,
            stage: None,
            build_args: BTreeMap::new(),
            args_of_environment: BTreeSet::new(),
            network: Network::default(),
            platforms: Vec::new(),
            image: None,
            base: None,
            look_in: None,
            archive: None,
            archive_image: None,
            layout: None,
            rules: Rules::default(),
        };
        let here = [keys::TARGET, keys::RULES];
        for (key, value) in in_order(table) {
            if let Some(known) = self.known_key(key, &here, &shown) {
                target.keys.push((known, key.span()));
                self.target_key(known, key, value, &mut target);
            } else {
                let meant = keys::meant(key.get_ref(), &here);
                target.perhaps_has_source |= meant.is_some_and(|meant| keys::SOURCES.contains(&meant));
            }
        }
        Some(target)
    }

    fn target_key(
        &mut self,
        key: &'static str,
        written: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        target: &mut Target,
    ) {
        match key {
            "profile" => target.profile = self.spanned_text(key, value),
            "context" => target.context = self.context(value),
            "dockerfile" => target.dockerfile = self.text(key, value),
            "target" => target.stage = self.text(key, value),
            "build-args" => (target.build_args, target.args_of_environment) = self.build_args(value),
            "network" => target.network = self.network(value).unwrap_or_default(),
            "platforms" => target.platforms = self.platforms(value),
            "image" => target.image = self.reference(key, value),
            "base" => target.base = self.reference(key, value),
            "from" => target.look_in = self.look_in(value),
            "archive" => target.archive = self.text(key, value),
            "archive-image" => target.archive_image = self.parsed(key, value, REFERENCE_HINT),
            "layout" => target.layout = self.text(key, value),
            _ => self.rule(key, written, value, &mut target.rules),
        }
    }

    /// An image, which a path is not though it may read like one.
    fn reference(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<ImageRef> {
        let text = self.text(key, value)?;
        if ["/", "./", "../", "~"].iter().any(|start| text.starts_with(start)) {
            let hint = "Write `context` for a folder to build, `archive` for a file that was saved, or `layout` for an OCI layout.";
            return self.refuse(value.span(), format!("`{text}` looks like a path, not an image"), hint);
        }
        self.parse(&text, value.span(), REFERENCE_HINT)
    }

    fn context(&mut self, value: &Spanned<DeValue<'_>>) -> Option<String> {
        let context = self.text("context", value)?;
        if context.contains("://") || context.starts_with("git@") {
            let hint = "Check it out and name the directory; imgbudget fetches nothing.";
            return self.refuse(value.span(), "a build context is a directory, not an address", hint);
        }
        Some(context)
    }

    /// The arguments, and the names of those that come from the environment.
    fn build_args(&mut self, value: &Spanned<DeValue<'_>>) -> (BTreeMap<String, String>, BTreeSet<String>) {
        let hint = "Write build-args = { NODE_ENV = \"production\", GIT_SHA = { env = \"GIT_SHA\" } }.";
        let Some(table) = self.table("build-args", value, hint) else { return Default::default() };
        let mut args = BTreeMap::new();
        let mut of_environment = BTreeSet::new();
        for (name, value) in in_order(table) {
            let key = format!("build-args.{}", name.get_ref());
            let text = match value.get_ref() {
                DeValue::String(text) => Some(text.clone().into_owned()),
                DeValue::Table(_) => {
                    of_environment.insert(name.get_ref().clone().into_owned());
                    self.environment_arg(&key, value)
                }
                _ => self.wrong_type(
                    &key,
                    value,
                    "a string",
                    "build arguments are text: put it in quotes, or write { env = \"NAME\" }.",
                ),
            };
            if let Some(text) = text {
                args.insert(name.get_ref().clone().into_owned(), text);
            }
        }
        (args, of_environment)
    }

    /// `{ env = "X" }`; a variable that is not set is left out, as Docker does.
    fn environment_arg(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<String> {
        let mut variable = None;
        let table = value.get_ref().as_table()?;
        for (name, value) in in_order(table) {
            if self.known_key(name, &[keys::ENVIRONMENT], &format!("`{key}`")).is_some() {
                variable = self.text("env", value).map(|name| (name, value.span()));
            }
        }
        if table.is_empty() {
            return self.refuse(value.span(), format!("`{key}` has no variable name"), "Write { env = \"NAME\" }.");
        }
        let (variable, span) = variable?;
        let value = (self.surroundings.environment)(&variable)?;
        if is_credential(&variable) && !self.surroundings.build_env.contains(&variable) {
            let message =
                format!("`{variable}` looks like a credential, which whatever the Dockerfile runs could read");
            let hint = format!("Where that is meant, say so on the command line: --build-env {variable}.");
            return self.refuse(span, message, hint);
        }
        Some(value)
    }

    fn network(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Network> {
        let text = self.text("network", value)?;
        let all = [Network::Default, Network::Host, Network::None];
        let found = all.into_iter().find(|network| network.as_str() == text);
        found.or_else(|| {
            let hint = "Write \"default\", \"host\" or \"none\".";
            self.refuse(value.span(), format!("`{text}` is not a network"), hint)
        })
    }

    fn look_in(&mut self, value: &Spanned<DeValue<'_>>) -> Option<LookIn> {
        let text = self.text("from", value)?;
        let found = LookIn::ALL.into_iter().find(|word| word.as_str() == text);
        found.or_else(|| {
            let hint = match text.to_ascii_lowercase().as_str() {
                "docker" | "podman" | "daemon" | "local" | "docker-daemon" => "Did you mean \"engine\"?",
                "remote" | "hub" | "pull" => "Did you mean \"registry\"?",
                _ if text.contains(['.', ':', '/']) => {
                    "Write from = \"registry\"; the host stands in `image`, as in \"registry.example.com/acme/worker:main\"."
                }
                _ => "Write \"auto\", \"engine\" or \"registry\".",
            };
            self.refuse(value.span(), format!("images cannot come from `{text}`"), hint)
        })
    }

    fn platforms(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<Platform> {
        let mut platforms = Vec::new();
        for word in self.strings("platforms", value) {
            let Some(platform) = self.parse::<Platform>(word.get_ref(), word.span(), PLATFORM_HINT) else { continue };
            if platforms.contains(&platform) {
                let message = format!("`{platform}` is listed twice");
                self.refuse::<()>(word.span(), message, "Name each platform once.");
            } else {
                platforms.push(platform);
            }
        }
        platforms
    }
}
