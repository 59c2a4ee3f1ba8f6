//! What a run found out: the value that every output and every comment reads, and nothing else.

use std::collections::BTreeMap;

use super::{
    Accepted, Amount, Baseline, BudgetChange, Bytes, Cause, Change, CompressedSize, Contents, DiffId, Difference,
    Digest, Finding, ImageFrom, Inputs, LeftOut, Origin, Place, Platform, ReadFacts, Rule, TargetBudget, TargetName,
    Verdict,
};

/// What `size` means in a report. Numbers of different definitions are never compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Definition {
    /// Regular-file bytes plus symlink-target lengths over all layers; hard links, directories and whiteouts 0.
    #[default]
    Content1,
}

impl Definition {
    /// The word in the report.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Content1 => "content/1",
        }
    }
}

/// A whole run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What `size` means.
    pub definition: Definition,
    /// The commit that was measured, when the working directory is a git checkout or CI says so.
    pub commit: Option<String>,
    /// What it was compared with; `None` when no baseline was asked for.
    pub baseline: Option<Baseline>,
    /// The worst verdict of all targets.
    pub verdict: Verdict,
    /// One entry a target and platform, in the order of the file.
    pub targets: Vec<TargetReport>,
    /// Rules that belong to no single target and could not be judged.
    pub not_judged: Vec<NotJudged>,
    /// What became of the budget itself since the baseline. What allows more comes first.
    pub budget_changes: Vec<BudgetChange>,
    /// What was left out as unchanged; `None` when nobody asked for that.
    pub left_out: Option<LeftOut>,
}

impl Report {
    /// A report over `targets`; its verdict is the worst of theirs.
    #[must_use]
    pub fn new(targets: Vec<TargetReport>, commit: Option<String>, not_judged: Vec<NotJudged>) -> Self {
        let verdict = targets.iter().map(|target| target.verdict).max().unwrap_or(Verdict::Pass);
        Self {
            definition: Definition::Content1,
            commit,
            baseline: None,
            verdict,
            targets,
            not_judged,
            budget_changes: Vec::new(),
            left_out: None,
        }
    }
}

/// One target on one platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetReport {
    /// The target's name.
    pub name: TargetName,
    /// The platform of the image that was measured; `None` when none could be.
    pub platform: Option<Platform>,
    /// What became of it.
    pub verdict: Verdict,
    /// The image that was measured.
    pub image: Option<ImageIdentity>,
    /// Content size; `None` when it could not be measured, and when no rule asked for it.
    pub size: Option<Bytes>,
    /// Content size of the layers that came with the base image, 0 for `FROM scratch`; `None` where that cannot be told for certain.
    pub base_size: Option<Bytes>,
    /// What its own layers stand on; `None` for `FROM scratch`, and where the layers of the base cannot be told for certain.
    pub base: Option<BaseImage>,
    /// Compressed size, where it is known or estimated.
    pub compressed_size: Option<CompressedSize>,
    /// What became of it since the baseline; `None` without a baseline that can be compared with.
    pub change: Option<Change>,
    /// What became of what is in it since the baseline; `None` where nothing did, and where what the layers hold is not known of both.
    pub difference: Option<Difference>,
    /// Why it could not be measured, or not all that its rules ask about. Set exactly when the verdict is [`Verdict::Error`].
    pub error: Option<TargetError>,
    /// Layers from the bottom up.
    pub layers: Vec<LayerReport>,
    /// The rules that were judged, in the order of [`Rule::ALL`].
    pub rules: Vec<RuleOutcome>,
    /// Findings, the worst first.
    pub findings: Vec<Finding>,
    /// What to change: new ones first, then by what fixing them frees.
    pub causes: Vec<Cause>,
    /// What the size would be at least, were all causes fixed; `None` where nothing says what they free.
    pub size_when_fixed: Option<Bytes>,
    /// What this change accepted beyond the budget.
    pub accepted: Vec<Accepted>,
    /// Whether what it is made of changed since the baseline; `None` without a baseline.
    pub inputs: Option<Inputs>,
    /// What it was judged by, for a later run to compare with.
    pub budget: Option<TargetBudget>,
    /// Exceptions that were applied.
    pub allows: Vec<AppliedAllow>,
    /// Rules that are on and could not be judged.
    pub not_judged: Vec<NotJudged>,
    /// What building took; `None` when nothing was built.
    pub build: Option<BuildFacts>,
    /// How the image was read, and what that cost.
    pub read: Option<ReadFacts>,
    /// What is in it, as far as somebody asked.
    pub contents: Option<Contents>,
    /// Things worth knowing that change nothing, one sentence each: extra bytes in the build context, a credential helper that failed.
    pub notes: Vec<String>,
}

impl TargetReport {
    /// A target of which nothing but this is known: no size, no layers, no findings.
    #[must_use]
    pub fn new(name: TargetName, platform: Option<Platform>, verdict: Verdict) -> Self {
        Self {
            name,
            platform,
            verdict,
            image: None,
            size: None,
            base_size: None,
            base: None,
            compressed_size: None,
            change: None,
            difference: None,
            error: None,
            layers: Vec::new(),
            rules: Vec::new(),
            findings: Vec::new(),
            causes: Vec::new(),
            size_when_fixed: None,
            accepted: Vec::new(),
            inputs: None,
            budget: None,
            allows: Vec::new(),
            not_judged: Vec::new(),
            build: None,
            read: None,
            contents: None,
            notes: Vec::new(),
        }
    }

    /// The base image, of a layer that came with it.
    #[must_use]
    pub fn base_of(&self, layer: &LayerReport) -> Option<&BaseImage> {
        self.base.as_ref().filter(|_| layer.origin == Origin::Base)
    }

    /// The Dockerfile line to change when one of the layers is not wanted: the instruction that made it, or the FROM that brought it.
    #[must_use]
    pub fn line_of<'a>(&'a self, layer: &'a LayerReport) -> Option<&'a Place> {
        layer.dockerfile.as_ref().or_else(|| self.base_of(layer).map(|base| &base.place))
    }
}

/// The image that the lowest of a target's own stages names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseImage {
    /// As FROM says it, variables replaced where their values are known. Untrusted.
    pub reference: String,
    /// That FROM.
    pub place: Place,
}

/// The image that was measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageIdentity {
    /// Digest of the image config (Docker's image id on the classic store).
    pub id: Digest,
    /// What it was called: a reference, or the path of an archive or layout as the user wrote it.
    pub reference: Option<String>,
    /// Where it came from; `None` in reports of versions that did not say.
    pub from: Option<ImageFrom>,
    /// What the reference resolved to: the digest of a manifest or an index, where that is known.
    pub digest: Option<Digest>,
    /// When it was made, as its config says. Untrusted.
    pub created: Option<String>,
}

impl ImageIdentity {
    /// The day on which it was made, `YYYY-MM-DD` in UTC; `None` where its config does not say, or has a time that builders write so that
    /// equal images are equal: 1970, and 1980, where the dates of zip files begin.
    #[must_use]
    pub fn created_on(&self) -> Option<String> {
        const FIRST_YEAR: i32 = 1981;
        let created =
            time::OffsetDateTime::parse(self.created.as_deref()?, &time::format_description::well_known::Rfc3339);
        let day = created.ok()?.checked_to_offset(time::UtcOffset::UTC)?.date();
        (day.year() >= FIRST_YEAR).then(|| day.to_string())
    }
}

/// Why a target could not be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetError {
    /// One lower-case sentence with its causes.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// More lines for the terminal: the end of a failed step's log. Untrusted.
    pub detail: Vec<String>,
    /// The Dockerfile line, when it is known.
    pub place: Option<Place>,
}

/// One layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerReport {
    /// Its diff id.
    pub diff_id: DiffId,
    /// Its content size; `None` exactly where that of its target is.
    pub size: Option<Bytes>,
    /// Its blob as a registry stores it, where that is known or estimated.
    pub compressed_size: Option<Bytes>,
    /// Its `created_by` in the image's history. Untrusted.
    pub created_by: Option<String>,
    /// Who brought it.
    pub origin: Origin,
    /// The line of the target's Dockerfile that made it, when exactly one instruction fits.
    pub dockerfile: Option<Place>,
}

/// A rule that was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleOutcome {
    /// Which.
    pub rule: Rule,
    /// How it came out.
    pub status: RuleStatus,
    /// The measured amount: of findings for lists, of bytes or of things for limits.
    pub actual: Amount,
    /// The soft limit that holds, as an exception may have raised it.
    pub warn: Option<Amount>,
    /// The hard limit that holds, as an exception may have raised it.
    pub fail: Option<Amount>,
    /// The line that asked for it.
    pub budget: Option<Place>,
}

/// How a rule came out.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum RuleStatus {
    /// Kept.
    Pass,
    /// Past the soft side.
    Warn,
    /// Past the hard side.
    Fail,
    /// Past it, and excused by an exception.
    Allowed,
    /// Past it, and worth a note only: its findings say why.
    Eased,
}

/// An exception that was applied to a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedAllow {
    /// The rule it excused.
    pub rule: Rule,
    /// What it excused, sorted: tools, paths, or the limit that holds instead.
    pub subjects: Vec<String>,
    /// Why, in the user's words.
    pub reason: String,
    /// Last day, `YYYY-MM-DD`.
    pub until: Option<String>,
    /// Where it is written.
    pub place: Option<Place>,
}

/// A rule that is on and could not be judged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotJudged {
    /// Which.
    pub rule: Rule,
    /// Why, as a fragment: "no baseline yet".
    pub reason: String,
}

/// What building took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildFacts {
    /// Wall time in milliseconds.
    pub milliseconds: u64,
    /// Steps that came out of the build cache.
    pub cached_steps: u64,
    /// All steps.
    pub steps: u64,
}

/// Sums of findings by rule: what a one-line summary needs.
#[must_use]
pub fn findings_by_rule(findings: &[Finding]) -> BTreeMap<Rule, usize> {
    findings.iter().fold(BTreeMap::new(), |mut counts, finding| {
        *counts.entry(finding.rule).or_default() += 1;
        counts
    })
}
