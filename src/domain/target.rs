//! One target of budgets.toml after validation: what to measure, and what it must keep to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::{Bytes, Growth, ImageChoice, ImageRef, Level, Limit, PathPattern, Place, Platform, Severity};

/// The name that people see: `[A-Za-z0-9._-]{1,64}`, so that it may stand unescaped anywhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetName(String);

/// The text cannot name a target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot name a target: names have 1 to 64 of A-Z a-z 0-9 . _ -")]
pub struct TargetNameError(String);

impl TargetName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TargetName {
    type Err = TargetNameError;

    fn from_str(text: &str) -> Result<Self, TargetNameError> {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if plain && (1..=64).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(TargetNameError(text.chars().take(100).collect()))
        }
    }
}

impl fmt::Display for TargetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A target: one image a platform, and its budget.
#[derive(Debug, Clone)]
pub struct Target {
    /// The name that people see.
    pub name: TargetName,
    /// Where it is declared; `None` when it came from the command line.
    pub place: Option<Place>,
    /// Where its image comes from in this run.
    pub source: Source,
    /// How it is built. Kept when `--image` and its like replace the source: its Dockerfile still explains the layers.
    pub build: Option<Build>,
    /// The image that it was built on elsewhere, where budgets.toml names it.
    pub base: Option<NamedBase>,
    /// Where the image of [`Source::Image`] is looked for, and that of [`Target::base`]. Says nothing about other sources.
    pub look_in: LookIn,
    /// Whether a registry may be asked about its image: `false` where somebody else's budget file names the image in a job that holds
    /// secrets, since its logins would go to a host of their choosing.
    pub may_ask_registry: bool,
    /// The platforms to measure; empty means the one of whoever has the image.
    pub platforms: Vec<Platform>,
    /// Its budget.
    pub rules: Rules,
}

/// `base` of budgets.toml.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedBase {
    /// What to look for.
    pub reference: ImageRef,
    /// Where it is written.
    pub place: Place,
    /// Whether its registry may be asked, as with [`Target::may_ask_registry`]: the image may be the job's own where the base is not.
    pub may_ask_registry: bool,
}

/// Where a target's image comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// imgbudget builds it from [`Target::build`].
    Build,
    /// An engine or a registry has it: [`Target::look_in`].
    Image(ImageRef),
    /// A file that `docker save` or an OCI tool wrote.
    Archive {
        /// The file.
        path: PathBuf,
        /// Which of its images, when it holds several.
        image: Option<ImageChoice>,
    },
    /// An OCI image layout directory (OCI image-layout.md).
    Layout {
        /// The directory.
        path: PathBuf,
        /// Which of its images, when it holds several.
        image: Option<ImageChoice>,
    },
}

/// Where an image that a reference names is looked for: `from` of budgets.toml, `--from`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LookIn {
    /// The engine; the registry only where there is no engine, and only for references with a registry host or a digest.
    #[default]
    Auto,
    /// The engine alone.
    Engine,
    /// The registry alone: no engine is asked.
    Registry,
}

impl LookIn {
    /// All of them, in the order in which people read of them.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Engine, Self::Registry];

    /// The word of budgets.toml and the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Engine => "engine",
            Self::Registry => "registry",
        }
    }
}

/// How layers of an engine's images are read: `--read`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReadWay {
    /// The engine's own layer metadata, and `save` where that does not work.
    #[default]
    Auto,
    /// The engine's own layer metadata alone.
    Metadata,
    /// `save` alone: no container is created.
    Save,
}

impl ReadWay {
    /// All of them, in the order in which people read of them.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Metadata, Self::Save];

    /// The word of the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Metadata => "metadata",
            Self::Save => "save",
        }
    }
}

/// How a target is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// The build context: a directory.
    pub context: PathBuf,
    /// Whether somebody said that it is this one. Where an image was built elsewhere it is perhaps another.
    pub context_is_told: bool,
    /// The Dockerfile, which may lie outside the context.
    pub dockerfile: PathBuf,
    /// The stage to build; the last one when absent.
    pub stage: Option<String>,
    /// Build arguments, those from the environment already looked up.
    pub args: BTreeMap<String, String>,
    /// Those of them that come from the environment, set or not: what they were in another run is not known.
    pub args_of_environment: BTreeSet<String>,
    /// Network of RUN steps.
    pub network: Network,
}

/// Network of RUN steps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Network {
    /// The engine's own choice.
    #[default]
    Default,
    /// The network of the engine's host.
    Host,
    /// None.
    None,
}

impl Network {
    /// The word of budgets.toml.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Host => "host",
            Self::None => "none",
        }
    }
}

/// The budget of one target: everything that was switched on, nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Content size.
    pub max_size: Option<Limit<Bytes>>,
    /// Compressed size.
    pub max_compressed_size: Option<Limit<Bytes>>,
    /// Size of the layers above the base image.
    pub max_own_size: Option<Limit<Bytes>>,
    /// Number of layers.
    pub max_layers: Option<Limit<u64>>,
    /// Size of the largest layer.
    pub max_layer_size: Option<Limit<Bytes>>,
    /// Bytes that the final file system does not show.
    pub max_wasted: Option<Limit<Bytes>>,
    /// Growth against the baseline.
    pub max_growth: Option<Limit<Growth>>,
    /// Growth of the layers above the base image.
    pub max_own_growth: Option<Limit<Growth>>,
    /// Number of packages of the operating system.
    pub max_os_packages: Option<Limit<u64>>,
    /// Tools that must not be there. Empty: the rule is off.
    pub forbid_tools: Vec<Forbidden<ToolPattern>>,
    /// Paths that must not be there. Empty: the rule is off.
    pub forbid_paths: Vec<Forbidden<PathPattern>>,
    /// The image must not run as root.
    pub require_non_root: Option<(Level, Option<Place>)>,
    /// What it means that BusyBox provides a tool of a forbidden group: worth a note unless written otherwise.
    pub busybox_applets: Option<(Level, Option<Place>)>,
    /// What deleted tools are: `warn` unless written otherwise.
    pub shadowed_tools: Option<(Level, Option<Place>)>,
    /// What is not enforced at once: by the place that asks for a judgement, the first day (UTC) on which it fails. Until then it warns.
    pub enforce_from: BTreeMap<Place, time::Date>,
}

impl Rules {
    /// Whether no rule is on, so that the target is measured and not judged. `shadowed-tools` alone does not count.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.max_size.is_none()
            && self.max_compressed_size.is_none()
            && self.max_own_size.is_none()
            && self.max_layers.is_none()
            && self.max_layer_size.is_none()
            && self.max_wasted.is_none()
            && self.max_growth.is_none()
            && self.max_own_growth.is_none()
            && self.max_os_packages.is_none()
            && self.forbid_tools.is_empty()
            && self.forbid_paths.is_empty()
            && !matches!(self.require_non_root, Some((Level::Warn | Level::Fail, _)))
    }
}

/// One entry of a forbidding list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forbidden<T> {
    /// What is forbidden.
    pub what: T,
    /// How serious its presence is.
    pub severity: Severity,
    /// Where it was written; `None` when it came from the command line.
    pub place: Option<Place>,
}

/// An entry of `forbid-tools`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToolPattern {
    /// `@build-tools`: a group of the catalogue, without the `@`.
    Group(String),
    /// `curl`: one command, which the catalogue need not know.
    Name(String),
}

impl fmt::Display for ToolPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(name) => write!(f, "@{name}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert!("web-1.api_x".parse::<TargetName>().is_ok());
        for wrong in ["", "a b", "a/b", "é", &"a".repeat(65), "a\n"] {
            assert!(wrong.parse::<TargetName>().is_err(), "{wrong:?}");
        }
    }
}
