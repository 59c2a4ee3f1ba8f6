//! The fields of `imgbudget.report/1`. Sizes are bytes and exact; lists are sorted; what is not known is `null`.
//!
//! A later version of imgbudget may add fields, and a reader passes over those that it does not know. Whatever changes the meaning of a
//! field, or takes one away, makes it `imgbudget.report/2`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::amount::Unit;
use super::wire_budget::TargetBudget;
pub(super) use super::wire_contents::{
    Brought, CanGo, Contents, Directory, Distro, Efficiency, Package, PackageCount, UnreadFile, Without, WithoutGlob,
};
pub(super) use super::wire_difference::{
    Difference, DifferenceRow, GrownDirectory, PackageCounts, Rest, RowKind, ToolChanges,
};
pub(super) use super::wire_drift::{Accepted, BudgetChange, Eased, EasedBy, InputState, Inputs};
pub(super) use super::wire_place::{DockerfilePlace, Place};
use crate::domain::{ChangeState, Ecosystem, ImageFrom, Origin, Role, RuleStatus, Rung, Severity, Verdict};

/// What imgbudget found out about some images.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Report {
    /// Name and version of this format: `imgbudget.report/1`.
    #[schemars(regex(pattern = "^imgbudget\\.report/1$"))]
    pub(super) schema: String,
    /// The version of imgbudget that wrote it.
    pub(super) imgbudget: String,
    /// What `size` means. Sizes of different definitions cannot be compared.
    #[schemars(regex(pattern = "^content/1$"))]
    pub(super) definition: String,
    /// The commit that was measured, when it is known.
    pub(super) commit: Option<String>,
    /// What it was compared with; `null` when no baseline was asked for.
    pub(super) baseline: Option<Baseline>,
    /// The worst verdict of all targets.
    pub(super) verdict: Verdict,
    /// One entry a target and platform.
    pub(super) targets: Vec<Target>,
    /// Rules that belong to no single target and could not be judged.
    pub(super) not_judged: Vec<NotJudged>,
    /// What was not checked because it did not change; `null` when everything was.
    #[serde(default)]
    pub(super) left_out: Option<LeftOut>,
    /// What became of the budget since the baseline; what allows more comes first.
    #[serde(default)]
    pub(super) budget_changes: Vec<BudgetChange>,
}

/// What a run was compared with.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Baseline {
    /// The file, the image, or the file at a git ref.
    pub(super) source: String,
    /// Which baseline it is, and why that one.
    #[serde(default)]
    pub(super) how: How,
    /// For `older`, by how many commits; `null` where git cannot tell.
    #[serde(default)]
    pub(super) older_by: Option<u64>,
    /// Whether it could be compared with.
    pub(super) state: BaselineState,
    /// Why there is none, or the definition that its sizes have; `null` exactly when the state is `found`.
    pub(super) reason: Option<String>,
    /// The commit that it was measured at, when it is known.
    pub(super) commit: Option<String>,
    /// How many commits lie between it and the commit that was measured now, when git can tell: more than 0 is an older baseline.
    pub(super) behind: Option<u64>,
    /// Targets that the baseline has and this run did not check. That is not the same as a baseline that is missing.
    pub(super) not_in_run: Vec<NotInRun>,
}

/// Whether a baseline could be compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum BaselineState {
    /// It was read.
    Found,
    /// There is none yet.
    Missing,
    /// Its sizes were measured by another definition.
    OtherDefinition,
}

/// Which baseline it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum How {
    /// A file that was named.
    #[default]
    File,
    /// What stands at a git ref that was named.
    Ref,
    /// The first parent of the merge that CI made.
    MergeParent,
    /// What the merge group was made on.
    MergeGroupBase,
    /// Where the branch left its base branch.
    MergeBase,
    /// The commit before the one that was measured.
    Parent,
    /// Measured before the commit that the change was made on.
    Older,
    /// An image in a registry.
    Image,
}

/// Targets that were not checked, because nothing that they are made of changed.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct LeftOut {
    /// The commit since which nothing changed, as it was asked for.
    pub(super) since: String,
    /// Their names.
    #[schemars(inner(regex(pattern = "^[A-Za-z0-9._-]{1,64}$")))]
    pub(super) targets: Vec<String>,
}

/// A target that only the baseline has.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct NotInRun {
    /// Its name.
    #[schemars(regex(pattern = "^[A-Za-z0-9._-]{1,64}$"))]
    pub(super) name: String,
    /// Its platform.
    pub(super) platform: Option<Platform>,
}

/// What became of a target since the baseline.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Change {
    /// In a word; `extra` is a target that the baseline does not have.
    pub(super) state: ChangeState,
    /// Content size in the baseline; `null` exactly when the state is `extra`.
    pub(super) size_before: Option<u64>,
    /// Content size of the base image in the baseline, when it is known.
    pub(super) base_size_before: Option<u64>,
    /// Compressed size in the baseline, when it is known.
    pub(super) compressed_size_before: Option<u64>,
    /// Layers that came, went or changed their size, the largest difference first.
    pub(super) layers: Vec<LayerChange>,
}

/// What became of one layer.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct LayerChange {
    /// Its position in the target's `layers`, from 0; `null` when it is gone.
    pub(super) index: Option<usize>,
    /// The instruction that made it.
    pub(super) created_by: Option<String>,
    /// Content size in the baseline; `null` when it is new.
    pub(super) before: Option<u64>,
    /// Content size now; `null` when it is gone.
    pub(super) after: Option<u64>,
}

/// One target on one platform.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Target {
    /// The name in budgets.toml.
    #[schemars(regex(pattern = "^[A-Za-z0-9._-]{1,64}$"))]
    pub(super) name: String,
    /// The platform of the image that was measured.
    pub(super) platform: Option<Platform>,
    /// What became of it.
    pub(super) verdict: Verdict,
    /// The image that was measured.
    pub(super) image: Option<Image>,
    /// Content size in bytes: regular files and symbolic links over all layers; `null` when no layer was read.
    pub(super) size: Option<u64>,
    /// The part of it that came with the base image; `null` where that cannot be told for certain.
    pub(super) base_size: Option<u64>,
    /// The image that its own layers stand on; `null` for `FROM scratch` and where `base_size` is.
    pub(super) base: Option<BaseImage>,
    /// Bytes that a registry stores, where they are known or estimated.
    pub(super) compressed_size: Option<u64>,
    /// Whether `compressed_size` is an estimate, which may be off by 3 %.
    #[serde(default)]
    pub(super) compressed_size_is_estimate: bool,
    /// What became of it since the baseline; `null` when that cannot be told.
    pub(super) change: Option<Change>,
    /// What became of what is in it since the baseline; `null` where nothing changed, and where what its layers hold is not known.
    #[serde(default)]
    pub(super) difference: Option<Difference>,
    /// Why it could not be measured, or not all that its rules ask about; set exactly when the verdict is `error`.
    pub(super) error: Option<TargetError>,
    /// Layers from the bottom up.
    pub(super) layers: Vec<Layer>,
    /// The rules that were judged.
    pub(super) rules: Vec<RuleOutcome>,
    /// What they found, the worst first.
    pub(super) findings: Vec<Finding>,
    /// What to change, in the order in which to look at it: new ones first, then by what fixing them frees. Each finding is under exactly
    /// one.
    #[serde(default)]
    pub(super) causes: Vec<Cause>,
    /// Content size at least, were all causes fixed; `null` where nothing says what they free.
    #[serde(default)]
    pub(super) size_when_fixed: Option<u64>,
    /// What this change accepted beyond the budget.
    #[serde(default)]
    pub(super) accepted: Vec<Accepted>,
    /// Whether what it is made of changed since the baseline; `null` without one.
    #[serde(default)]
    pub(super) inputs: Option<Inputs>,
    /// What it was judged by; `null` in reports of versions that did not say.
    #[serde(default)]
    pub(super) budget: Option<TargetBudget>,
    /// Exceptions that were applied.
    pub(super) allows: Vec<Allow>,
    /// Rules that are on and could not be judged.
    pub(super) not_judged: Vec<NotJudged>,
    /// What building took, when imgbudget built it.
    pub(super) build: Option<Build>,
    /// How the image was read, and what that cost. Differs from run to run.
    pub(super) read: Option<Reading>,
    /// What is in it; `null` when nobody asked.
    #[serde(default)]
    pub(super) contents: Option<Contents>,
    /// Things worth knowing that change nothing.
    pub(super) notes: Vec<String>,
}

/// Operating system and architecture.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Platform {
    /// `linux`.
    pub(super) os: String,
    /// `amd64`.
    pub(super) architecture: String,
    /// `v7` of `linux/arm/v7`.
    pub(super) variant: Option<String>,
}

/// The image that was measured.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Image {
    /// Digest of its config.
    pub(super) id: String,
    /// What it was called: a reference, or a path.
    pub(super) reference: Option<String>,
    /// Where it came from; `null` in reports of versions that did not say.
    pub(super) from: Option<ImageFrom>,
    /// What the reference resolved to: the digest of a manifest or an index, where it is known.
    pub(super) digest: Option<String>,
    /// When it was made, as its config says. Not escaped.
    pub(super) created: Option<String>,
}

/// The image that a target's own layers stand on.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct BaseImage {
    /// As the Dockerfile names it, variables replaced where their values are known. Not escaped.
    pub(super) reference: String,
    /// Its FROM.
    pub(super) place: Place,
}

/// Why a target could not be measured.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct TargetError {
    /// What went wrong.
    pub(super) message: String,
    /// What to do about it.
    pub(super) hint: Option<String>,
    /// The end of a failed step's log.
    pub(super) detail: Vec<String>,
    /// The line that it is about.
    pub(super) place: Option<Place>,
}

/// One layer.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Layer {
    /// Digest of its uncompressed tar.
    pub(super) diff_id: String,
    /// Content size in bytes; `null` exactly when the target's is.
    pub(super) size: Option<u64>,
    /// Bytes that a registry stores of it, where they are known or estimated.
    pub(super) compressed_size: Option<u64>,
    /// The instruction in the image's history.
    pub(super) created_by: Option<String>,
    /// Who brought it.
    pub(super) origin: Origin,
    /// The instruction that made it, when exactly one fits.
    pub(super) dockerfile: Option<DockerfilePlace>,
}

/// How one rule came out.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct RuleOutcome {
    /// The rule's code.
    pub(super) rule: String,
    /// How it came out.
    pub(super) status: RuleStatus,
    /// What `actual`, `warn` and `fail` count.
    pub(super) unit: Unit,
    /// The measured amount; for rules without a limit the number of findings.
    pub(super) actual: u64,
    /// The soft limit that holds, as an exception may have raised it.
    pub(super) warn: Option<u64>,
    /// The hard limit that holds, as an exception may have raised it.
    pub(super) fail: Option<u64>,
    /// The line of budgets.toml.
    pub(super) budget: Option<Place>,
}

/// One finding: one cause.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Finding {
    /// The rule's code.
    pub(super) rule: String,
    /// How serious it is; a note changes no verdict.
    pub(super) severity: Severity,
    /// What it is about: a family of tools, a glob, the image. The same from run to run.
    pub(super) subject: String,
    /// What is the matter. May hold text from the image, not escaped.
    pub(super) message: String,
    /// What `actual`, `limit` and `over_by` count; `null` when there is none of them.
    pub(super) unit: Option<Unit>,
    /// The measured amount; for tools and paths, the bytes of what was found.
    pub(super) actual: Option<u64>,
    /// The limit that was passed, raised by an exception perhaps.
    pub(super) limit: Option<u64>,
    /// `actual` less `limit`; `null` where an estimate is too near to tell.
    pub(super) over_by: Option<u64>,
    /// The tools it is about, the family's name first; empty for everything else.
    #[serde(default)]
    pub(super) names: Vec<String>,
    /// Absolute paths in the image, not escaped.
    pub(super) paths: Vec<String>,
    /// How many more paths there are than `paths` holds.
    pub(super) more_paths: u64,
    /// The packages that its tools come with, and what removing each frees.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) packages: Vec<FoundPackage>,
    /// The layer that did it.
    pub(super) layer: Option<LayerRef>,
    /// The line of the Dockerfile to change, where no layer did it.
    pub(super) dockerfile: Option<Place>,
    /// What to do about it.
    pub(super) hint: Option<String>,
    /// The line of budgets.toml that asked for it.
    pub(super) budget: Option<Place>,
    /// Whether the baseline does not have it, or not all of it; `null` when that cannot be told.
    pub(super) is_new: Option<bool>,
    /// Why it is less serious than its rule says; `severity` is what holds.
    #[serde(default)]
    pub(super) eased: Option<Eased>,
}

/// A package that a tool comes with.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct FoundPackage {
    /// Whose.
    pub(super) ecosystem: Ecosystem,
    /// Its name, not escaped.
    pub(super) name: String,
    /// Its version as its ecosystem writes it; `null` where that was not read.
    pub(super) version: Option<String>,
    /// What removing it frees; `null` where it cannot be removed.
    pub(super) frees: Option<u64>,
    /// How many packages go with it, it included.
    pub(super) goes: u64,
}

/// A place that can be changed, with what was found there.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Cause {
    /// What can be changed.
    pub(super) at: CauseAt,
    /// Of a `layer` its position in `layers`, from 0.
    pub(super) layer: Option<usize>,
    /// Of a `setting` the instruction that sets it.
    pub(super) instruction: Option<String>,
    /// The line to change, when it is known: of the Dockerfile, or of budgets.toml.
    pub(super) place: Option<Place>,
    /// The worst of its findings.
    pub(super) severity: Severity,
    /// What is the matter there, in a few words. May hold text from the image, not escaped.
    pub(super) what: String,
    /// The most bytes that fixing it frees: no more than its layer brought. `null` where nothing is known that could go, as of a base
    /// image.
    pub(super) frees: Option<u64>,
    /// Bytes by which it grew since the baseline, when that is known and more than 0.
    pub(super) grew: Option<u64>,
    /// Whether the baseline does not have it; `null` when that cannot be told.
    pub(super) is_new: Option<bool>,
    /// Positions of its findings in `findings`, from 0, ascending.
    pub(super) findings: Vec<usize>,
    /// The layer that changed the same files again: its position in `layers`.
    pub(super) touched_again: Option<usize>,
    /// What to do.
    pub(super) fix: String,
    /// The command that excuses it and lacks only its `--reason`; `null` where nothing excuses it.
    pub(super) allow: Option<String>,
}

/// What can be changed about an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum CauseAt {
    /// It is another stage than the budget expects.
    Stage,
    /// An instruction, or a layer that no line is known of.
    Layer,
    /// The base image.
    Base,
    /// A setting, such as its user.
    Setting,
    /// The image as a whole.
    Image,
    /// The budget file.
    Budget,
}

/// A layer of the target.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct LayerRef {
    /// Its position in `layers`, from 0.
    pub(super) index: usize,
    /// Its diff id.
    pub(super) diff_id: String,
    /// Why it is this layer: it did it, it is the largest, it grew most since the baseline, it hides most.
    #[serde(default)]
    pub(super) role: Role,
}

/// An exception that was applied.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Allow {
    /// The rule's code.
    pub(super) rule: String,
    /// What it excused: tools, paths, or the limit that holds instead.
    pub(super) subjects: Vec<String>,
    /// Why.
    pub(super) reason: String,
    /// Its last day, `YYYY-MM-DD`.
    pub(super) until: Option<String>,
    /// Where it is written.
    pub(super) place: Option<Place>,
}

/// A rule that could not be judged.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct NotJudged {
    /// The rule's code.
    pub(super) rule: String,
    /// Why.
    pub(super) reason: String,
}

/// What building took: `seconds` and `milliseconds` together.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Build {
    /// Whole seconds.
    pub(super) seconds: u64,
    /// What is left of the last second.
    #[schemars(range(max = 999))]
    pub(super) milliseconds: u64,
    /// Steps out of the build cache.
    pub(super) cached_steps: u64,
    /// All steps.
    pub(super) steps: u64,
}

/// How an image was read, and what that cost.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Reading {
    /// The way that gave the last of what was needed.
    pub(super) how: Rung,
    /// Layers that the cache had.
    pub(super) layers_cached: u64,
    /// Layers that were read.
    pub(super) layers_read: u64,
    /// Bytes that were read or fetched. What several images share counts at the first of them.
    pub(super) bytes: u64,
    /// Whole seconds.
    pub(super) seconds: u64,
    /// What is left of the last second.
    #[schemars(range(max = 999))]
    pub(super) milliseconds: u64,
    /// Better ways that failed, and why. Not escaped.
    pub(super) fallbacks: Vec<String>,
}
