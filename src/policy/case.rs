//! What a rule gets to see, and what it answers.

use time::Date;

use super::Rulebook;
use crate::baseline::{Before, Earlier};
use crate::catalogue;
use crate::domain::{
    Allow, Amount, AppliedAllow, Finding, LayerRef, Limit, Origin, Place, Rule, RuleOutcome, RuleStatus, Rules,
    Severity, Target, TargetName, ToolPattern,
};
use crate::image::{MeasuredLayer, Measurement};

/// One target before its rules.
pub(super) struct Case<'a> {
    /// The budget.
    pub(super) rules: &'a Rules,
    /// What was measured.
    pub(super) measured: &'a Measurement,
    /// Where the target is declared.
    pub(super) place: Option<&'a Place>,
    /// Exceptions that speak of this target, expired ones included, in the order of the file.
    pub(super) exceptions: Vec<&'a Allow>,
    /// Today, UTC.
    pub(super) today: Date,
    name: &'a TargetName,
    in_group: &'a dyn Fn(&str, &str) -> bool,
    earlier: Option<&'a Earlier>,
}

/// What a rule answers. A rule that is off answers nothing.
pub(super) enum Ruling {
    /// It was judged.
    Judged {
        /// How it came out; the status is read from the findings.
        outcome: RuleOutcome,
        /// What it found.
        findings: Vec<Finding>,
        /// What it would have found.
        allows: Vec<AppliedAllow>,
    },
    /// It is on and could not be judged, because.
    NotJudged(Rule, String),
}

impl<'a> Case<'a> {
    pub(super) fn new(target: &'a Target, measured: &'a Measurement, rulebook: &Rulebook<'a>) -> Self {
        let exceptions = rulebook.allows.iter().filter(|allow| allow.covers(target.name.as_str())).collect();
        Self {
            rules: &target.rules,
            measured,
            place: target.place.as_ref(),
            exceptions,
            today: rulebook.today,
            name: &target.name,
            in_group: rulebook.in_group,
            earlier: rulebook.earlier,
        }
    }

    /// Exceptions from `rule` that hold today. The day of `until` is the last one.
    pub(super) fn in_force(&self, rule: Rule) -> impl Iterator<Item = &'a Allow> {
        let today = self.today;
        let holds = move |allow: &&Allow| allow.rule == rule && allow.until.is_none_or(|until| until >= today);
        self.exceptions.iter().copied().filter(holds)
    }

    /// What the baseline knows of the target.
    pub(super) fn before(&self) -> Before<'a> {
        self.earlier.map_or(Before::NoBaseline, |earlier| earlier.before(self.name, &self.measured.platform))
    }

    /// Whether a pattern means the tool of this name.
    pub(super) fn means(&self, pattern: &ToolPattern, tool: &str) -> bool {
        match pattern {
            ToolPattern::Group(group) => (self.in_group)(group, tool),
            // `pip3` is one of the names of the catalogue's `pip`.
            ToolPattern::Name(name) => {
                name == tool || catalogue::identify(name.as_bytes()).is_some_and(|known| known.name == tool)
            }
        }
    }

    /// A layer of the image.
    pub(super) fn layer(&self, index: usize) -> Option<&'a MeasuredLayer> {
        self.measured.layers.get(index)
    }

    /// The largest layer, of equally large ones the lowest: it is the one that others build on. `None` without layers.
    pub(super) fn largest_layer(&self) -> Option<usize> {
        self.largest_by(|layer| layer.size)
    }

    /// The layer of which `size` is largest, of equals the lowest.
    pub(super) fn largest_by<T: Ord>(&self, size: impl Fn(&MeasuredLayer) -> T) -> Option<usize> {
        self.measured.layers.iter().enumerate().rev().max_by_key(|(_, layer)| size(layer)).map(|(index, _)| index)
    }

    /// `layer`, the one to look at first when the whole is too large, and what to do about it.
    pub(super) fn heaviest(&self, layer: Option<usize>) -> (Option<LayerRef>, &'static str) {
        let hint = match layer.map(|index| self.origin(index)) {
            Some(Origin::Base) => {
                "The largest layer came with the base image: start from a smaller one, or build in an earlier stage and copy only what runs."
            }
            Some(Origin::Own) if layer.is_some_and(|index| self.is_copied(index)) => COPY_LESS,
            Some(Origin::Own | Origin::Unknown) | None => {
                "Build in an earlier stage and copy only what runs, or start from a smaller base image."
            }
        };
        (layer.and_then(|index| self.layer_ref(index)), hint)
    }

    /// The instruction that made a layer, as people read it; empty where it is not known.
    pub(super) fn instruction(&self, index: usize) -> String {
        let created_by = self.layer(index).and_then(|layer| layer.created_by.as_deref());
        created_by.map(crate::text::instruction).unwrap_or_default()
    }

    /// Whether a layer was copied, from the context or from another stage: the history does not say from which.
    pub(super) fn is_copied(&self, index: usize) -> bool {
        let instruction = self.instruction(index);
        ["COPY ", "ADD "].iter().any(|keyword| instruction.starts_with(keyword))
    }

    /// A layer as findings point at it.
    pub(super) fn layer_ref(&self, index: usize) -> Option<LayerRef> {
        self.layer(index).map(|layer| LayerRef { index, diff_id: layer.diff_id.clone() })
    }

    /// Who brought a layer.
    pub(super) fn origin(&self, index: usize) -> Origin {
        self.layer(index).map_or(Origin::Unknown, |layer| layer.origin)
    }
}

/// What helps against a large layer that one's own COPY made: to copy only what runs may have been done already.
pub(super) const COPY_LESS: &str = "Look at what the largest layer copies, and leave out what does not run. A binary may hold debug symbols: \
                                    `-ldflags \"-s -w\"` leaves them out in Go, `strip` elsewhere.";

/// The outcome of a rule without a limit: it counts its findings. Notes are none.
pub(super) fn tally(rule: Rule, findings: &[Finding], budget: Option<Place>) -> RuleOutcome {
    let count = findings.iter().filter(|finding| finding.severity > Severity::Note).count();
    RuleOutcome {
        rule,
        status: RuleStatus::Pass,
        actual: Amount::Count(u64::try_from(count).unwrap_or(u64::MAX)),
        warn: None,
        fail: None,
        budget,
    }
}

/// The status that a finding of this severity gives its rule.
pub(super) fn status(severity: Severity) -> RuleStatus {
    match severity {
        Severity::Note => RuleStatus::Pass,
        Severity::Warn => RuleStatus::Warn,
        Severity::Fail => RuleStatus::Fail,
    }
}

/// An exception as the report shows it.
pub(super) fn applied(allow: &Allow, subjects: Vec<String>) -> AppliedAllow {
    AppliedAllow {
        rule: allow.rule,
        subjects,
        reason: allow.reason.clone(),
        until: allow.until.map(|until| until.to_string()),
        place: Some(allow.place.clone()),
    }
}

/// A limit of any unit as one of amounts.
pub(super) fn amounts<T: Copy>(limit: &Limit<T>, unit: fn(T) -> Amount) -> Limit<Amount> {
    Limit { warn: limit.warn.map(unit), fail: limit.fail.map(unit), place: limit.place.clone() }
}
