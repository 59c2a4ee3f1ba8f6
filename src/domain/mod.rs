//! The words of the trade, as types that cannot hold nonsense. No I/O and no async: every room may name these.

pub mod allow;
pub mod amount;
pub mod baseline;
pub mod budgets;
pub mod bytes;
pub mod cause;
pub mod change;
pub mod comment;
pub mod comparison;
pub mod compressed;
pub mod contents;
pub mod difference;
pub mod digest;
pub mod drift;
pub mod finding;
pub mod format;
pub mod image_config;
pub mod layer_pairs;
pub mod level;
pub mod limit;
pub mod links;
pub mod new_allow;
pub mod origin;
pub mod path_pattern;
pub mod place;
pub mod platform;
pub mod reading;
pub mod reference;
pub mod report;
pub mod round;
pub mod rule;
pub mod sha256;
pub mod shared_causes;
pub mod shares;
pub mod target;
pub mod target_budget;
pub mod tool_packages;
pub mod why;

pub use allow::{Allow, AllowMatch, Scope, UpTo};
pub use amount::Amount;
pub use baseline::{Baseline, BaselineState, How};
pub use budgets::{Budgets, CommentSettings, ImageTemplate, PolicyFile};
pub use bytes::{Bytes, SizeError};
pub use cause::{Cause, CauseAt};
pub use change::{Change, ChangeState, LayerChange};
pub use comment::CommentWhen;
pub use comparison::{ComparedImage, Comparison};
pub use compressed::{Compared, Compressed, CompressedSize};
pub use contents::{
    CanGo, CanGoKind, Contents, Directory, Distro, Ecosystem, Efficiency, Map, MapFile, MapKind, MapNode, Package,
    PackageCount, Packages, UnreadFile, Without, WithoutGlob,
};
pub use difference::{
    Difference, DifferenceRest, DifferenceRow, DifferenceState, DifferentThing, GrownDirectory, PackageCounts,
    ToolChanges,
};
pub use digest::{DiffId, Digest, DigestError};
pub use drift::{Accepted, BudgetChange, Eased, EasedBy, Inputs, LeftOut};
pub use finding::{Finding, LayerRef, Role};
pub use format::Format;
pub use image_config::{HistoryEntry, ImageConfig, ToldBase};
pub use layer_pairs::{LayerKey, LayerPairs};
pub use level::{Level, Severity, Verdict};
pub use limit::{Growth, Limit};
pub use links::{LinkStyle, Links, percent_encoded, within_repository};
pub use new_allow::NewAllow;
pub use origin::Origin;
pub use path_pattern::{PathGlob, PathGroup, PathPattern, UnknownPathGroup};
pub use place::{Place, path_from};
pub use platform::Platform;
pub use reading::{ImageFrom, ReadFacts, Rung};
pub use reference::{ImageChoice, ImageRef, ReferenceError};
pub use report::{
    AppliedAllow, BaseImage, BuildFacts, Definition, ImageIdentity, LayerReport, NotJudged, Report, RuleOutcome,
    RuleStatus, TargetError, TargetReport,
};
pub use rule::Rule;
pub use sha256::Sha256;
pub use shared_causes::{SharedCause, shared_causes};
pub use shares::Shares;
pub use target::{
    Build, Forbidden, LookIn, NamedBase, Network, ReadWay, Rules, Source, Target, TargetName, TargetNameError,
    ToolPattern,
};
pub use target_budget::{Exception, TargetBudget};
pub use tool_packages::{FoundPackage, ToolPackages, ToolRemoval};
pub use why::{Earlier, Freed, HiddenBy, PackageFacts, Thing, ThingKind, Why, WhyReport};
