//! From JSON back to a report. The file may come from a pull request, so everything in it is checked.

use serde::Deserialize;

use super::contents::is_of_layers;
use super::difference;
use super::mistrust::{all, contradiction, few, parsed, refuse, some, text, texts};
use super::{SCHEMA, consistent, wire};
use crate::Error;
use crate::domain::{self, BaselineState, Bytes, ChangeState, CompressedSize, Definition, How, TargetName, Verdict};

/// The largest report, in bytes.
pub const LARGEST: usize = 16 * 1024 * 1024;

/// Reads a report.
///
/// # Errors
/// It is too large, no JSON, of another version of the format, lacks a field, or contradicts itself. Fields that this version does not
/// know are passed over: a newer version of imgbudget adds some.
pub fn from_json(bytes: &[u8]) -> Result<domain::Report, Error> {
    if bytes.len() > LARGEST {
        return Err(refuse(format!("the report is larger than {}", Bytes(LARGEST as u64))));
    }
    check_version(bytes)?;
    let report: wire::Report = serde_json::from_slice(bytes).map_err(|error| {
        let error = refuse("the report is not as imgbudget writes it").caused_by(error);
        match other_writer(bytes) {
            Some(version) => error.with_hint(format!(
                "imgbudget {version} wrote it, and this is {}: read it with that version or a newer one.",
                env!("CARGO_PKG_VERSION")
            )),
            None => error,
        }
    })?;
    report.try_into()
}

/// The version of imgbudget that wrote a report, when it is another.
fn other_writer(bytes: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Head {
        imgbudget: String,
    }
    let head: Head = serde_json::from_slice(bytes).ok()?;
    (head.imgbudget != env!("CARGO_PKG_VERSION")).then(|| crate::text::line_within(&head.imgbudget, 40))
}

/// The definition of the sizes in a report of ours that this version does not know: numbers that can be shown and never compared.
#[must_use]
pub fn other_definition(bytes: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Head {
        schema: String,
        definition: String,
    }
    let head: Head = serde_json::from_slice(bytes).ok().filter(|_| bytes.len() <= LARGEST)?;
    let other = head.schema == SCHEMA && head.definition != Definition::default().as_str();
    other.then(|| crate::text::line(&head.definition))
}

/// Only the version, before anything else: a later format is not a faulty one.
fn check_version(bytes: &[u8]) -> Result<(), Error> {
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    let head: Head =
        serde_json::from_slice(bytes).map_err(|error| refuse("this is not a report of imgbudget").caused_by(error))?;
    if head.schema == SCHEMA {
        return Ok(());
    }
    let found = crate::text::line(&head.schema);
    let error = refuse(format!("the report is of format `{found}`, and this version reads `{SCHEMA}`"));
    Err(match found.strip_prefix("imgbudget.report/").map(str::parse::<u32>) {
        Some(Ok(2..)) => error.with_hint("A newer imgbudget wrote it: update the one that reads it."),
        Some(_) => error.with_hint("Write and read it with the same version of imgbudget."),
        None => error,
    })
}

impl TryFrom<wire::Report> for domain::Report {
    type Error = Error;

    fn try_from(report: wire::Report) -> Result<Self, Error> {
        let definition = Definition::Content1;
        if report.definition != definition.as_str() {
            let found = crate::text::line(&report.definition);
            return Err(refuse(format!(
                "the report's sizes are `{found}`, and this version reads `{}`",
                definition.as_str()
            )));
        }
        let targets: Vec<domain::TargetReport> = all(report.targets, "targets")?;
        let commit = report.commit.map(text).transpose()?;
        text(report.imgbudget)?;
        let mut read = Self::new(targets, commit, all(report.not_judged, "not_judged")?);
        read.baseline = some(report.baseline)?;
        read.budget_changes = all(report.budget_changes, "budget_changes")?;
        read.left_out = some(report.left_out)?;
        let left_out = read.left_out.iter().flat_map(|left_out| &left_out.targets);
        if left_out.into_iter().any(|name| read.targets.iter().any(|target| target.name == *name)) {
            return Err(contradiction("a target that was left out was checked"));
        }
        let is_found = read.baseline.as_ref().is_some_and(|baseline| baseline.state == BaselineState::Found);
        if !is_found && read.targets.iter().any(eased_by_baseline) {
            return Err(contradiction("a finding was eased by a baseline that was not found"));
        }
        if read.verdict != report.verdict {
            return Err(contradiction("its verdict is not the worst of its targets"));
        }
        Ok(read)
    }
}

/// Whether a finding of the target is less serious because of what the baseline says.
fn eased_by_baseline(target: &domain::TargetReport) -> bool {
    use domain::EasedBy::{Base, Drift, Known};
    let whys = target.findings.iter().filter_map(|finding| finding.eased.as_ref());
    whys.into_iter().any(|eased| matches!(eased.why, Known | Drift | Base))
}

impl TryFrom<wire::Target> for domain::TargetReport {
    type Error = Error;

    fn try_from(target: wire::Target) -> Result<Self, Error> {
        if target.error.is_some() != (target.verdict == Verdict::Error) {
            return Err(contradiction("a target has the verdict `error` exactly when it has an error"));
        }
        let layers: Vec<domain::LayerReport> = all(target.layers, "layers")?;
        let findings: Vec<domain::Finding> = all(target.findings, "findings")?;
        let worst = findings.iter().map(|finding| finding.severity.into()).max().unwrap_or(Verdict::Pass);
        if target.error.is_none() && target.verdict != worst {
            return Err(contradiction("a target's verdict is not the worst of its findings"));
        }
        if target.error.is_none() && target.platform.is_none() {
            return Err(contradiction("a target without an error was measured, and has a platform"));
        }
        if target.compressed_size.is_none() && target.compressed_size_is_estimate {
            return Err(contradiction("a compressed size that is not there is an estimate"));
        }
        let mut blamed = findings.iter().filter_map(|finding| finding.layer.as_ref());
        if !blamed.all(|layer| layers.get(layer.index).is_some_and(|found| found.diff_id == layer.diff_id)) {
            return Err(contradiction("a finding names a layer that its target does not have"));
        }
        let change: Option<domain::Change> = some(target.change)?;
        let mut changed = change.iter().flat_map(|change| &change.layers).filter_map(|layer| layer.index);
        if !changed.all(|index| index < layers.len()) {
            return Err(contradiction("a layer changed that its target does not have"));
        }
        let difference: Option<domain::Difference> = some(target.difference)?;
        let before = change.as_ref().and_then(|change| change.size_before);
        if let Some(difference) = &difference
            && !difference::is_of(difference, before, target.size.map(Bytes), layers.len())
        {
            return Err(contradiction("what became of a target is not what it changed by"));
        }
        let contents: Option<domain::Contents> = some(target.contents)?;
        if contents.as_ref().is_some_and(|contents| !is_of_layers(contents, layers.len())) {
            return Err(contradiction("something is in a layer that its target does not have"));
        }
        let read = Self {
            name: parsed(&target.name)?,
            platform: some(target.platform)?,
            verdict: target.verdict,
            image: some(target.image)?,
            size: target.size.map(Bytes),
            base_size: target.base_size.map(Bytes),
            base: some(target.base)?,
            compressed_size: target
                .compressed_size
                .map(|bytes| CompressedSize { bytes: Bytes(bytes), is_estimate: target.compressed_size_is_estimate }),
            change,
            difference,
            error: some(target.error)?,
            layers,
            rules: all(target.rules, "rules")?,
            findings,
            causes: all(target.causes, "causes")?,
            size_when_fixed: target.size_when_fixed.map(Bytes),
            accepted: all(target.accepted, "accepted")?,
            inputs: some(target.inputs)?,
            budget: some(target.budget)?,
            allows: all(target.allows, "allows")?,
            not_judged: all(target.not_judged, "not_judged")?,
            build: some(target.build)?,
            read: some(target.read)?,
            contents,
            notes: texts(target.notes, "notes")?,
        };
        match consistent::contradiction(&read) {
            Some(what) => Err(contradiction(what)),
            None => Ok(read),
        }
    }
}

impl TryFrom<wire::Baseline> for domain::Baseline {
    type Error = Error;

    fn try_from(baseline: wire::Baseline) -> Result<Self, Error> {
        let state = match (baseline.state, baseline.reason.map(text).transpose()?) {
            (wire::BaselineState::Found, None) => BaselineState::Found,
            (wire::BaselineState::Missing, Some(why)) => BaselineState::Missing(why),
            (wire::BaselineState::OtherDefinition, Some(which)) => BaselineState::OtherDefinition(which),
            _ => return Err(contradiction("a baseline has a reason exactly when it was not found")),
        };
        few(&baseline.not_in_run, "not_in_run")?;
        let not_in_run =
            baseline.not_in_run.into_iter().map(|target| Ok((parsed(&target.name)?, some(target.platform)?)));
        Ok(Self {
            source: text(baseline.source)?,
            how: how(baseline.how, baseline.older_by)?,
            state,
            commit: baseline.commit.map(text).transpose()?,
            behind: baseline.behind,
            not_in_run: not_in_run.collect::<Result<Vec<(TargetName, _)>, Error>>()?,
        })
    }
}

fn how(how: wire::How, older_by: Option<u64>) -> Result<How, Error> {
    if older_by.is_some() && how != wire::How::Older {
        return Err(contradiction("a baseline that is not older is older by some commits"));
    }
    Ok(match how {
        wire::How::File => How::File,
        wire::How::Ref => How::Ref,
        wire::How::MergeParent => How::MergeParent,
        wire::How::MergeGroupBase => How::MergeGroupBase,
        wire::How::MergeBase => How::MergeBase,
        wire::How::Parent => How::Parent,
        wire::How::Older => How::Older { by: older_by },
        wire::How::Image => How::Image,
    })
}

impl TryFrom<wire::LeftOut> for domain::LeftOut {
    type Error = Error;

    fn try_from(left_out: wire::LeftOut) -> Result<Self, Error> {
        few(&left_out.targets, "left_out")?;
        let targets = left_out.targets.iter().map(|name| parsed(name));
        Ok(Self { since: text(left_out.since)?, targets: targets.collect::<Result<_, Error>>()? })
    }
}

impl TryFrom<wire::Change> for domain::Change {
    type Error = Error;

    fn try_from(change: wire::Change) -> Result<Self, Error> {
        if (change.state == ChangeState::Extra) != change.size_before.is_none() {
            return Err(contradiction("a target has no size before exactly when it is extra"));
        }
        Ok(Self {
            state: change.state,
            size_before: change.size_before.map(Bytes),
            base_size_before: change.base_size_before.map(Bytes),
            compressed_size_before: change.compressed_size_before.map(Bytes),
            layers: all(change.layers, "changed layers")?,
        })
    }
}

impl TryFrom<wire::LayerChange> for domain::LayerChange {
    type Error = Error;

    fn try_from(layer: wire::LayerChange) -> Result<Self, Error> {
        if layer.index.is_some() != layer.after.is_some() || layer.before.or(layer.after).is_none() {
            return Err(contradiction(
                "a changed layer has a position exactly when it has a size now, or else a size before",
            ));
        }
        Ok(Self {
            index: layer.index,
            created_by: layer.created_by.map(text).transpose()?,
            before: layer.before.map(Bytes),
            after: layer.after.map(Bytes),
        })
    }
}

impl TryFrom<wire::Platform> for domain::Platform {
    type Error = Error;

    fn try_from(platform: wire::Platform) -> Result<Self, Error> {
        let variant = platform.variant.map(text).transpose()?;
        Ok(Self { os: text(platform.os)?, architecture: text(platform.architecture)?, variant })
    }
}

impl TryFrom<wire::Image> for domain::ImageIdentity {
    type Error = Error;

    fn try_from(image: wire::Image) -> Result<Self, Error> {
        Ok(Self {
            id: parsed(&image.id)?,
            reference: image.reference.map(text).transpose()?,
            from: image.from,
            digest: image.digest.as_deref().map(parsed).transpose()?,
            created: image.created.map(text).transpose()?,
        })
    }
}

impl TryFrom<wire::BaseImage> for domain::BaseImage {
    type Error = Error;

    fn try_from(base: wire::BaseImage) -> Result<Self, Error> {
        Ok(Self { reference: text(base.reference)?, place: base.place.try_into()? })
    }
}

impl TryFrom<wire::TargetError> for domain::TargetError {
    type Error = Error;

    fn try_from(error: wire::TargetError) -> Result<Self, Error> {
        Ok(Self {
            message: text(error.message)?,
            hint: error.hint.map(text).transpose()?,
            detail: texts(error.detail, "lines of detail")?,
            place: some(error.place)?,
        })
    }
}

impl TryFrom<wire::Place> for domain::Place {
    type Error = Error;

    fn try_from(place: wire::Place) -> Result<Self, Error> {
        if place.line == 0 || place.column == 0 {
            return Err(refuse("the report has a line or a column 0; they count from 1"));
        }
        Ok(Self { file: text(place.file)?, line: place.line, column: place.column })
    }
}

impl TryFrom<wire::DockerfilePlace> for domain::Place {
    type Error = Error;

    fn try_from(place: wire::DockerfilePlace) -> Result<Self, Error> {
        wire::Place { file: place.path, line: place.line, column: place.column }.try_into()
    }
}

impl TryFrom<wire::Layer> for domain::LayerReport {
    type Error = Error;

    fn try_from(layer: wire::Layer) -> Result<Self, Error> {
        Ok(Self {
            diff_id: parsed(&layer.diff_id)?,
            size: layer.size.map(Bytes),
            compressed_size: layer.compressed_size.map(Bytes),
            created_by: layer.created_by.map(text).transpose()?,
            origin: layer.origin,
            dockerfile: some(layer.dockerfile)?,
        })
    }
}

impl TryFrom<wire::Build> for domain::BuildFacts {
    type Error = Error;

    fn try_from(build: wire::Build) -> Result<Self, Error> {
        Ok(Self {
            milliseconds: milliseconds(build.seconds, build.milliseconds)?,
            cached_steps: build.cached_steps,
            steps: build.steps,
        })
    }
}

impl TryFrom<wire::Reading> for domain::ReadFacts {
    type Error = Error;

    fn try_from(read: wire::Reading) -> Result<Self, Error> {
        Ok(Self {
            how: read.how,
            layers_cached: read.layers_cached,
            layers_read: read.layers_read,
            bytes: Bytes(read.bytes),
            milliseconds: milliseconds(read.seconds, read.milliseconds)?,
            fallbacks: texts(read.fallbacks, "fallbacks")?,
        })
    }
}

/// A time out of its two parts.
fn milliseconds(seconds: u64, rest: u64) -> Result<u64, Error> {
    let whole = seconds.checked_mul(1000).filter(|_| rest < 1000);
    whole.and_then(|whole| whole.checked_add(rest)).ok_or_else(|| refuse("the report has a time that cannot be"))
}
