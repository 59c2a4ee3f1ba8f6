//! From a report to JSON.

use super::amount::Unit;
use super::{SCHEMA, wire};
use crate::domain::{self, BaselineState, CauseAt, How, TargetName};

/// The report as JSON: indented, with a line break at its end, the same bytes for the same report.
#[must_use]
pub fn to_json(report: &domain::Report) -> String {
    let mut report = wire::Report::from(report);
    let contents = report.targets.iter_mut().filter_map(|target| target.contents.as_mut());
    contents.for_each(|contents| (contents.packages, contents.distro) = (None, None));
    json(&report)
}

/// [`to_json`] with the packages themselves, of which a report of `check` has only the counts.
#[must_use]
pub fn to_whole_json(report: &domain::Report) -> String {
    json(&wire::Report::from(report))
}

pub(super) fn json(report: &impl serde::Serialize) -> String {
    // Serialising structs of strings and integers into memory cannot fail; an empty text would be refused by every reader.
    let mut json = serde_json::to_string_pretty(report).unwrap_or_default();
    json.push('\n');
    // The report may be printed into the log of a GitHub runner, which obeys `##[command]` anywhere in a line. Outside of
    // strings JSON has no `#`, so the text means the same.
    json.replace("##[", "#\\u0023[")
}

impl From<&domain::Report> for wire::Report {
    fn from(report: &domain::Report) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            imgbudget: env!("CARGO_PKG_VERSION").to_owned(),
            definition: report.definition.as_str().to_owned(),
            commit: report.commit.clone(),
            baseline: some(report.baseline.as_ref()),
            verdict: report.verdict,
            targets: all(&report.targets),
            not_judged: all(&report.not_judged),
            budget_changes: all(&report.budget_changes),
            left_out: some(report.left_out.as_ref()),
        }
    }
}

fn all<'a, T: 'a, W: From<&'a T>>(items: &'a [T]) -> Vec<W> {
    items.iter().map(W::from).collect()
}

fn some<'a, T, W: From<&'a T>>(item: Option<&'a T>) -> Option<W> {
    item.map(W::from)
}

impl From<&domain::TargetReport> for wire::Target {
    fn from(target: &domain::TargetReport) -> Self {
        Self {
            name: target.name.to_string(),
            platform: some(target.platform.as_ref()),
            verdict: target.verdict,
            image: some(target.image.as_ref()),
            size: target.size.map(|size| size.0),
            base_size: target.base_size.map(|size| size.0),
            base: some(target.base.as_ref()),
            compressed_size: target.compressed_size.map(|size| size.bytes.0),
            compressed_size_is_estimate: target.compressed_size.is_some_and(|size| size.is_estimate),
            change: some(target.change.as_ref()),
            difference: some(target.difference.as_ref()),
            error: some(target.error.as_ref()),
            layers: all(&target.layers),
            rules: all(&target.rules),
            findings: all(&target.findings),
            causes: all(&target.causes),
            size_when_fixed: target.size_when_fixed.map(|size| size.0),
            accepted: all(&target.accepted),
            inputs: some(target.inputs.as_ref()),
            budget: some(target.budget.as_ref()),
            allows: all(&target.allows),
            not_judged: all(&target.not_judged),
            build: some(target.build.as_ref()),
            read: some(target.read.as_ref()),
            contents: some(target.contents.as_ref()),
            notes: target.notes.clone(),
        }
    }
}

impl From<&domain::Baseline> for wire::Baseline {
    fn from(baseline: &domain::Baseline) -> Self {
        let (state, reason) = match &baseline.state {
            BaselineState::Found => (wire::BaselineState::Found, None),
            BaselineState::Missing(why) => (wire::BaselineState::Missing, Some(why)),
            BaselineState::OtherDefinition(which) => (wire::BaselineState::OtherDefinition, Some(which)),
        };
        Self {
            source: baseline.source.clone(),
            how: how(baseline.how),
            older_by: if let How::Older { by } = baseline.how { by } else { None },
            state,
            reason: reason.cloned(),
            commit: baseline.commit.clone(),
            behind: baseline.behind,
            not_in_run: all(&baseline.not_in_run),
        }
    }
}

fn how(how: How) -> wire::How {
    match how {
        How::File => wire::How::File,
        How::Ref => wire::How::Ref,
        How::MergeParent => wire::How::MergeParent,
        How::MergeGroupBase => wire::How::MergeGroupBase,
        How::MergeBase => wire::How::MergeBase,
        How::Parent => wire::How::Parent,
        How::Older { .. } => wire::How::Older,
        How::Image => wire::How::Image,
    }
}

impl From<&domain::LeftOut> for wire::LeftOut {
    fn from(left_out: &domain::LeftOut) -> Self {
        Self { since: left_out.since.clone(), targets: left_out.targets.iter().map(ToString::to_string).collect() }
    }
}

impl From<&(TargetName, Option<domain::Platform>)> for wire::NotInRun {
    fn from((name, platform): &(TargetName, Option<domain::Platform>)) -> Self {
        Self { name: name.to_string(), platform: some(platform.as_ref()) }
    }
}

impl From<&domain::Change> for wire::Change {
    fn from(change: &domain::Change) -> Self {
        Self {
            state: change.state,
            size_before: change.size_before.map(|size| size.0),
            base_size_before: change.base_size_before.map(|size| size.0),
            compressed_size_before: change.compressed_size_before.map(|size| size.0),
            layers: all(&change.layers),
        }
    }
}

impl From<&domain::LayerChange> for wire::LayerChange {
    fn from(layer: &domain::LayerChange) -> Self {
        Self {
            index: layer.index,
            created_by: layer.created_by.clone(),
            before: layer.before.map(|size| size.0),
            after: layer.after.map(|size| size.0),
        }
    }
}

impl From<&domain::Platform> for wire::Platform {
    fn from(platform: &domain::Platform) -> Self {
        let domain::Platform { os, architecture, variant } = platform.clone();
        Self { os, architecture, variant }
    }
}

impl From<&domain::ImageIdentity> for wire::Image {
    fn from(image: &domain::ImageIdentity) -> Self {
        Self {
            id: image.id.to_string(),
            reference: image.reference.clone(),
            from: image.from,
            digest: image.digest.as_ref().map(ToString::to_string),
            created: image.created.clone(),
        }
    }
}

impl From<&domain::BaseImage> for wire::BaseImage {
    fn from(base: &domain::BaseImage) -> Self {
        Self { reference: base.reference.clone(), place: wire::Place::from(&base.place) }
    }
}

impl From<&domain::TargetError> for wire::TargetError {
    fn from(error: &domain::TargetError) -> Self {
        Self {
            message: error.message.clone(),
            hint: error.hint.clone(),
            detail: error.detail.clone(),
            place: some(error.place.as_ref()),
        }
    }
}

impl From<&domain::Place> for wire::Place {
    fn from(place: &domain::Place) -> Self {
        Self { file: place.file.clone(), line: place.line, column: place.column }
    }
}

impl From<&domain::Place> for wire::DockerfilePlace {
    fn from(place: &domain::Place) -> Self {
        Self { path: place.file.clone(), line: place.line, column: place.column }
    }
}

impl From<&domain::LayerReport> for wire::Layer {
    fn from(layer: &domain::LayerReport) -> Self {
        Self {
            diff_id: layer.diff_id.to_string(),
            size: layer.size.map(|size| size.0),
            compressed_size: layer.compressed_size.map(|size| size.0),
            created_by: layer.created_by.clone(),
            origin: layer.origin,
            dockerfile: some(layer.dockerfile.as_ref()),
        }
    }
}

impl From<&domain::RuleOutcome> for wire::RuleOutcome {
    fn from(outcome: &domain::RuleOutcome) -> Self {
        Self {
            rule: outcome.rule.to_string(),
            status: outcome.status,
            unit: Unit::of(outcome.actual),
            actual: outcome.actual.value(),
            warn: outcome.warn.map(domain::Amount::value),
            fail: outcome.fail.map(domain::Amount::value),
            budget: some(outcome.budget.as_ref()),
        }
    }
}

impl From<&domain::Finding> for wire::Finding {
    fn from(finding: &domain::Finding) -> Self {
        Self {
            rule: finding.rule.to_string(),
            severity: finding.severity,
            subject: finding.subject.clone(),
            message: finding.message.clone(),
            unit: finding.actual.or(finding.limit).or(finding.over_by).map(Unit::of),
            actual: finding.actual.map(domain::Amount::value),
            limit: finding.limit.map(domain::Amount::value),
            over_by: finding.over_by.map(domain::Amount::value),
            names: finding.names.clone(),
            paths: finding.paths.clone(),
            more_paths: finding.more_paths,
            packages: finding.packages.iter().map(wire::FoundPackage::from).collect(),
            layer: some(finding.layer.as_ref()),
            dockerfile: some(finding.dockerfile.as_ref()),
            hint: finding.hint.clone(),
            budget: some(finding.budget.as_ref()),
            is_new: finding.is_new,
            eased: some(finding.eased.as_ref()),
        }
    }
}

impl From<&domain::FoundPackage> for wire::FoundPackage {
    fn from(package: &domain::FoundPackage) -> Self {
        Self {
            ecosystem: package.ecosystem,
            name: package.name.clone(),
            version: package.version.clone(),
            frees: package.frees.map(|bytes| bytes.0),
            goes: package.goes,
        }
    }
}

impl From<&domain::Cause> for wire::Cause {
    fn from(cause: &domain::Cause) -> Self {
        let (at, layer, instruction, place) = match &cause.at {
            CauseAt::Stage => (wire::CauseAt::Stage, None, None, None),
            CauseAt::Layer { index, line } => (wire::CauseAt::Layer, Some(*index), None, line.as_ref()),
            CauseAt::Base { line } => (wire::CauseAt::Base, None, None, line.as_ref()),
            CauseAt::Setting { instruction, line } => {
                (wire::CauseAt::Setting, None, Some(instruction.clone()), line.as_ref())
            }
            CauseAt::Image => (wire::CauseAt::Image, None, None, None),
            CauseAt::Budget { line } => (wire::CauseAt::Budget, None, None, line.as_ref()),
        };
        Self {
            at,
            layer,
            instruction,
            place: some(place),
            severity: cause.severity,
            what: cause.what.clone(),
            frees: cause.frees.map(|bytes| bytes.0),
            grew: cause.grew.map(|bytes| bytes.0),
            is_new: cause.is_new,
            findings: cause.findings.clone(),
            touched_again: cause.touched_again,
            fix: cause.fix.clone(),
            allow: cause.allow.clone(),
        }
    }
}

impl From<&domain::LayerRef> for wire::LayerRef {
    fn from(layer: &domain::LayerRef) -> Self {
        Self { index: layer.index, diff_id: layer.diff_id.to_string(), role: layer.role }
    }
}

impl From<&domain::AppliedAllow> for wire::Allow {
    fn from(allow: &domain::AppliedAllow) -> Self {
        Self {
            rule: allow.rule.to_string(),
            subjects: allow.subjects.clone(),
            reason: allow.reason.clone(),
            until: allow.until.clone(),
            place: some(allow.place.as_ref()),
        }
    }
}

impl From<&domain::NotJudged> for wire::NotJudged {
    fn from(not_judged: &domain::NotJudged) -> Self {
        Self { rule: not_judged.rule.to_string(), reason: not_judged.reason.clone() }
    }
}

impl From<&domain::BuildFacts> for wire::Build {
    fn from(build: &domain::BuildFacts) -> Self {
        Self {
            seconds: build.milliseconds / 1000,
            milliseconds: build.milliseconds % 1000,
            cached_steps: build.cached_steps,
            steps: build.steps,
        }
    }
}

impl From<&domain::ReadFacts> for wire::Reading {
    fn from(read: &domain::ReadFacts) -> Self {
        Self {
            how: read.how,
            layers_cached: read.layers_cached,
            layers_read: read.layers_read,
            bytes: read.bytes.0,
            seconds: read.milliseconds / 1000,
            milliseconds: read.milliseconds % 1000,
            fallbacks: read.fallbacks.clone(),
        }
    }
}
