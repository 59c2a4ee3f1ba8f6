//! What a rule gets to see, and what it answers.

use time::Date;

use super::Rulebook;
use super::budget_before::Then;
use super::here::{self, Here, Sum};
use super::unread::{self, Unread};
use crate::baseline::{Before, Since};
use crate::catalogue;
use crate::domain::{
    Accepted, Allow, Amount, AppliedAllow, Bytes, CompressedSize, Contents, Finding, LayerRef, Limit, Origin, Package,
    Place, Role, Rule, RuleOutcome, RuleStatus, Rules, Severity, Target, TargetReport, ToolPackages,
};
use crate::image::{MeasuredLayer, Measurement, Shown, Stored};

/// One target before its rules.
pub(super) struct Case<'a> {
    /// The budget.
    pub(super) rules: &'a Rules,
    /// What was measured.
    pub(super) measured: &'a Measurement,
    /// What is in it, as far as somebody asked.
    pub(super) contents: Option<&'a Contents>,
    /// The packages that forbidden tools come with.
    pub(super) tool_packages: Option<&'a ToolPackages>,
    /// Where the target is declared.
    pub(super) place: Option<&'a Place>,
    /// Exceptions that speak of this target, expired ones included, in the order of the file.
    pub(super) exceptions: Vec<&'a Allow>,
    /// Today, UTC.
    pub(super) today: Date,
    /// What the baseline knows of the target.
    pub(super) before: Before<'a>,
    /// What became of the target since the baseline.
    pub(super) since: Since<'a>,
    /// What of that was done here.
    pub(super) here: Here<'a>,
    /// What it was judged by at the baseline.
    pub(super) then: Then,
    /// Its size and that of its base image in the lock file of this checkout, where the baseline is the same file as it stood before.
    pub(super) lock_now: Option<(Bytes, Option<Bytes>)>,
    /// From how many bytes on a finding that the baseline has is more than it was.
    pub(super) min_change: Bytes,
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
        /// What this change accepted.
        accepted: Vec<Accepted>,
    },
    /// It is on and could not be judged, because.
    NotJudged(Rule, String),
    /// It is on, and what it asks about was not read: nobody may take the target for one within budget.
    Unread(Unread),
}

impl From<Unread> for Ruling {
    fn from(unread: Unread) -> Self {
        Self::Unread(unread)
    }
}

impl<'a> Case<'a> {
    /// `report` has the facts of `measured`.
    pub(super) fn new(
        target: &'a Target,
        measured: &'a Measurement,
        (contents, tool_packages): (Option<&'a Contents>, Option<&'a ToolPackages>),
        report: &TargetReport,
        rulebook: &Rulebook<'a>,
    ) -> Self {
        let allows = &rulebook.budgets.allows;
        let earlier = rulebook.against.map(|against| &against.earlier);
        let before = earlier.map_or(Before::NoBaseline, |earlier| earlier.before(&target.name, &measured.platform));
        Self {
            rules: &target.rules,
            measured,
            contents,
            tool_packages,
            place: target.place.as_ref(),
            exceptions: allows.iter().filter(|allow| allow.covers(target.name.as_str())).collect(),
            today: rulebook.today,
            before,
            since: Since::new(before, measured.size(), measured.compressed_size, &report.layers),
            here: Here::new(target, report, before, rulebook),
            then: Then::of(&target.name, rulebook),
            lock_now: rulebook
                .against
                .and_then(|against| against.lock_now.as_ref()?.get(&target.name, &measured.platform))
                .map(|row| (row.size, row.base)),
            min_change: rulebook.budgets.comment.min_change,
        }
    }

    /// Exceptions from `rule` that hold today. The day of `until` is the last one. One from growth without a day holds only in the change that
    /// adds or raises it.
    pub(super) fn in_force(&self, rule: Rule) -> impl Iterator<Item = &'a Allow> + use<'_, 'a> {
        let today = self.today;
        let holds = move |allow: &&Allow| allow.rule == rule && allow.until.is_none_or(|until| until >= today);
        self.exceptions.iter().copied().filter(holds).filter(|allow| !self.is_spent(allow))
    }

    /// Whether an exception from growth counted in an earlier change, or may have.
    pub(super) fn is_spent(&self, allow: &Allow) -> bool {
        allow.rule.is_of_growth() && allow.until.is_none() && !self.then.lacks(allow, self.before, self.today)
    }

    /// What a report that is the baseline says of the target.
    pub(super) fn report_before(&self) -> Option<&'a TargetReport> {
        match self.before {
            Before::Sizes { report, .. } => report,
            _ => None,
        }
    }

    /// What a rule measured at the baseline.
    pub(super) fn judged_before(&self, rule: Rule) -> Option<Amount> {
        self.report_before()?.rules.iter().find(|outcome| outcome.rule == rule).map(|outcome| outcome.actual)
    }

    /// Its size before and now.
    pub(super) fn sizes(&self) -> Option<Sum> {
        let Before::Sizes { size: before, base: base_before, .. } = self.before else { return None };
        let now = self.measured.size()?;
        let own_before = base_before.and_then(|base| before.0.checked_sub(base.0));
        let own_now = self.measured.base_size().and_then(|base| now.0.checked_sub(base.0));
        Some(Sum { all: (before.0, now.0), own: own_before.zip(own_now) })
    }

    /// Its compressed size before and now, where both are exact.
    pub(super) fn compressed_sizes(&self) -> Option<Sum> {
        let Before::Sizes { compressed: Some(before), report, .. } = self.before else { return None };
        let now = self.measured.compressed_size.and_then(CompressedSize::if_exact)?;
        let number = |size: Option<Bytes>| size.map(|size| size.0);
        let own_before = report.and_then(|report| {
            here::own(report.layers.iter().map(|layer| (layer.origin, number(layer.compressed_size))))
        });
        let own_now = here::own(self.measured.layers.iter().map(|layer| (layer.origin, number(layer.compressed_size))));
        Some(Sum { all: (before.0, now.0), own: own_before.zip(own_now) })
    }

    /// How many layers it had and has.
    pub(super) fn layer_counts(&self) -> Option<Sum> {
        let before = &self.report_before()?.layers;
        let count = |number: usize| u64::try_from(number).ok();
        let own_before = here::own(before.iter().map(|layer| (layer.origin, Some(1))));
        let own_now = here::own(self.measured.layers.iter().map(|layer| (layer.origin, Some(1))));
        Some(Sum { all: (count(before.len())?, count(self.measured.layers.len())?), own: own_before.zip(own_now) })
    }

    /// The packages of the operating system in it, or the answer of a rule that cannot do without any of them.
    pub(super) fn os_packages(&self, rule: Rule) -> Result<impl Iterator<Item = &'a Package> + use<'a>, Unread> {
        let packages = self.contents.and_then(|contents| Some((contents, contents.packages.as_ref()?)));
        let Some((contents, packages)) = packages else {
            let is_read = self.measured.stored.is_some();
            let why = if is_read { "its files were not looked into" } else { unread::reason(self.measured) };
            return Err(Unread { rule, why: why.into() });
        };
        if let Some(file) = contents.unread.iter().find(|file| catalogue::lists_os_packages(&file.path)) {
            return Err(Unread { rule, why: format!("{} {}", file.path, file.why) });
        }
        let of_os = || packages.list.iter().filter(|package| package.ecosystem.is_of_os());
        // A distribution without any package has lost its database.
        let os_release = contents.unread.iter().find(|file| file.path.ends_with("/os-release"));
        if let Some(file) = os_release.filter(|_| of_os().next().is_none()) {
            return Err(Unread { rule, why: format!("{} {}", file.path, file.why) });
        }
        Ok(of_os())
    }

    /// How many packages of the operating system it had and has: those of the own layers by the layer that brought most of each.
    pub(super) fn package_counts(&self, now: &[&Package]) -> Option<Sum> {
        let number = |count: usize| u64::try_from(count).ok();
        let Amount::Count(before) = self.judged_before(Rule::OsPackages)? else { return None };
        let earlier = self.report_before()?;
        let own = |origin: &dyn Fn(usize) -> Origin, packages: &mut dyn Iterator<Item = &Package>| {
            here::own(packages.map(|package| (package.layer.map_or(Origin::Unknown, origin), Some(1))))
        };
        let packages_before = earlier.contents.as_ref().and_then(|contents| contents.packages.as_ref());
        let own_before = packages_before.and_then(|packages| {
            let origin = |layer: usize| earlier.layers.get(layer).map_or(Origin::Unknown, |layer| layer.origin);
            own(&origin, &mut packages.list.iter().filter(|package| package.ecosystem.is_of_os()))
        });
        let own_now = own(&|layer| self.origin(layer), &mut now.iter().copied());
        Some(Sum { all: (before, number(now.len())?), own: own_before.zip(own_now) })
    }

    /// What the layers store, or the answer of a rule that cannot do without it.
    pub(super) fn stored(&self, rule: Rule) -> Result<&'a Stored, Unread> {
        self.measured.stored.as_ref().ok_or_else(|| Unread { rule, why: unread::reason(self.measured).to_owned() })
    }

    /// What a container of the image would see, or the answer of a rule that cannot do without it.
    pub(super) fn shown(&self, rule: Rule) -> Result<&'a Shown, Unread> {
        self.measured.shown.as_ref().ok_or_else(|| Unread { rule, why: unread::reason(self.measured).to_owned() })
    }

    /// A layer of the image. Where nobody knows which, there is none.
    pub(super) fn layer(&self, index: impl Into<Option<usize>>) -> Option<&'a MeasuredLayer> {
        self.measured.layers.get(index.into()?)
    }

    /// The instruction that made a layer, as people read it; empty where it is not known.
    pub(super) fn instruction(&self, index: impl Into<Option<usize>>) -> String {
        let created_by = self.layer(index).and_then(|layer| layer.created_by.as_deref());
        created_by.map(crate::text::instruction).unwrap_or_default()
    }

    /// Whether a layer was copied, from the context or from another stage: the history does not say from which.
    pub(super) fn is_copied(&self, index: impl Into<Option<usize>>) -> bool {
        let instruction = self.instruction(index);
        ["COPY ", "ADD "].iter().any(|keyword| instruction.starts_with(keyword))
    }

    /// Where a layer comes from, as people say it: `on line 3`, `in the base image`, `in layer 3`.
    pub(super) fn where_is(&self, index: usize) -> String {
        match self.layer(index) {
            Some(MeasuredLayer { origin: Origin::Base, .. }) => "in the base image".to_owned(),
            Some(MeasuredLayer { dockerfile: Some(place), .. }) => format!("on line {}", place.line),
            _ => format!("in layer {}", index.saturating_add(1)),
        }
    }

    /// A layer as findings point at it.
    pub(super) fn layer_ref(&self, index: impl Into<Option<usize>>, role: Role) -> Option<LayerRef> {
        let index = index.into()?;
        self.layer(index).map(|layer| LayerRef { index, diff_id: layer.diff_id.clone(), role })
    }

    /// Who brought a layer.
    pub(super) fn origin(&self, index: impl Into<Option<usize>>) -> Origin {
        self.layer(index).map_or(Origin::Unknown, |layer| layer.origin)
    }
}

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
