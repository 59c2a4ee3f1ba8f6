//! What the files say, decoded but not yet joined: every value of its type, with its span.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use globset::GlobMatcher;
use toml::Spanned;

use crate::diagnostics::{Problem, SourceFile};
use crate::domain::{
    Bytes, Forbidden, Growth, ImageChoice, ImageRef, ImageTemplate, Level, Limit, LookIn, Network, PathPattern, Place,
    Platform, Rule, Severity, TargetName, ToolPattern,
};

/// One file.
#[derive(Debug)]
pub(super) struct File {
    pub(super) source: Arc<SourceFile>,
    /// What is read as it stands, and was perhaps not meant so.
    pub(super) warnings: Vec<Problem>,
    /// The `enforce-from` of single rules, by the place that asks for the judgement.
    pub(super) dates: BTreeMap<Place, time::Date>,
    /// The directory that its paths are relative to.
    pub(super) directory: PathBuf,
    pub(super) include: Vec<Spanned<String>>,
    pub(super) defaults: Rules,
    pub(super) profiles: BTreeMap<String, Rules>,
    pub(super) targets: Vec<Target>,
    pub(super) allows: Vec<Allow>,
    pub(super) fleet_max_size: Option<Limit<Bytes>>,
    pub(super) min_change: Option<Bytes>,
    pub(super) baseline: Baseline,
    /// `budget-changes`, at its key.
    pub(super) budget_changes: Option<Spanned<Severity>>,
    /// Of a policy: what a repository may do about it.
    pub(super) terms: Terms,
}

/// `[baseline]`.
#[derive(Debug, Default)]
pub(super) struct Baseline {
    /// The path as written, at its key.
    pub(super) file: Option<Spanned<String>>,
    /// Images that stand for it, the best first.
    pub(super) images: Vec<ImageTemplate>,
    /// `only-new`, at its key.
    pub(super) only_new: Option<Spanned<bool>>,
}

/// What a policy lets a repository do.
#[derive(Debug, Default)]
pub(super) struct Terms {
    /// The keys that it may loosen.
    pub(super) may_loosen: Vec<&'static str>,
    /// The rules of the policy that it may except something from; `None` for all.
    pub(super) may_allow: Option<Vec<Rule>>,
}

/// One `[targets.…]` table. A key whose value was wrong is absent here, and known to [`Target::keys`].
#[derive(Debug)]
pub(super) struct Target {
    /// The name as written, and where.
    pub(super) name: Spanned<String>,
    /// The same, when it can name a target.
    pub(super) valid_name: Option<TargetName>,
    /// The keys that were written, with the place of each.
    pub(super) keys: Vec<(&'static str, Range<usize>)>,
    /// Whether some unknown key was perhaps meant to say where the image comes from.
    pub(super) perhaps_has_source: bool,
    pub(super) profile: Option<Spanned<String>>,
    pub(super) context: Option<String>,
    pub(super) dockerfile: Option<String>,
    pub(super) stage: Option<String>,
    pub(super) build_args: BTreeMap<String, String>,
    pub(super) args_of_environment: BTreeSet<String>,
    pub(super) network: Network,
    pub(super) platforms: Vec<Platform>,
    pub(super) image: Option<ImageRef>,
    pub(super) base: Option<ImageRef>,
    pub(super) look_in: Option<LookIn>,
    pub(super) archive: Option<String>,
    pub(super) archive_image: Option<ImageChoice>,
    pub(super) layout: Option<String>,
    pub(super) rules: Rules,
}

impl Target {
    /// Where `key` was written.
    pub(super) fn key(&self, key: &str) -> Option<Range<usize>> {
        self.keys.iter().find(|(name, _)| *name == key).map(|(_, span)| span.clone())
    }
}

/// What a key says about a rule. A key that is absent says nothing, and what is inherited holds.
#[derive(Debug, Clone)]
pub(super) enum Setting<T> {
    /// `false`: the inherited rule is off.
    Off,
    /// The rule as it is to be here.
    On(T),
}

/// The budget keys of one table.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    pub(super) max_size: Option<Setting<Limit<Bytes>>>,
    pub(super) max_compressed_size: Option<Setting<Limit<Bytes>>>,
    pub(super) max_own_size: Option<Setting<Limit<Bytes>>>,
    pub(super) max_layers: Option<Setting<Limit<u64>>>,
    pub(super) max_layer_size: Option<Setting<Limit<Bytes>>>,
    pub(super) max_wasted: Option<Setting<Limit<Bytes>>>,
    pub(super) max_growth: Option<Setting<Limit<Growth>>>,
    pub(super) max_own_growth: Option<Setting<Limit<Growth>>>,
    pub(super) max_os_packages: Option<Setting<Limit<u64>>>,
    pub(super) forbid_tools: Option<Vec<Forbidden<ToolPattern>>>,
    pub(super) extend_forbid_tools: Vec<Forbidden<ToolPattern>>,
    pub(super) forbid_paths: Option<Vec<Forbidden<PathPattern>>>,
    pub(super) extend_forbid_paths: Vec<Forbidden<PathPattern>>,
    pub(super) require_non_root: Option<(Level, Option<Place>)>,
    pub(super) busybox_applets: Option<(Level, Option<Place>)>,
    pub(super) shadowed_tools: Option<(Level, Option<Place>)>,
    /// The `enforce-from` of the table, for rules without one of their own.
    pub(super) enforce_from: Option<Setting<time::Date>>,
    /// The keys that were written, with the place of each.
    pub(super) keys: Vec<(&'static str, Range<usize>)>,
}

impl Rules {
    /// Where `key` was written.
    pub(super) fn key(&self, key: &str) -> Option<Range<usize>> {
        self.keys.iter().find(|(name, _)| *name == key).map(|(_, span)| span.clone())
    }
}

/// One `[[allow]]` table.
#[derive(Debug)]
pub(super) struct Allow {
    /// The globs over target names, as written and compiled.
    pub(super) targets: Vec<(Spanned<String>, GlobMatcher)>,
    /// The exception, when the table is right by itself.
    pub(super) exception: Option<crate::domain::Allow>,
    /// The header of the table.
    pub(super) span: Range<usize>,
}
