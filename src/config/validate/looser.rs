//! Whether the rules of a target allow more than those of a policy.

use std::fmt::Display;

use time::Date;

use crate::catalogue::{self, busybox};
use crate::domain::{Bytes, Forbidden, Growth, Level, Limit, Place, Rules, Severity, ToolPattern};

/// One thing that is allowed and that the policy does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::config) struct Looser {
    /// The budget key.
    pub(in crate::config) key: &'static str,
    /// Whether `enforce-from` is what allows it.
    pub(super) by_date: bool,
    /// What is said and what the policy says: a lower-case fragment.
    pub(in crate::config) message: String,
    /// The line of the policy.
    pub(in crate::config) policy: Option<Place>,
}

/// What a limit can be made of.
pub(super) trait Allowance: Copy + Display {
    /// Whether it allows something that `other` does not.
    fn exceeds(self, other: Self) -> bool;
}

impl Allowance for Bytes {
    fn exceeds(self, other: Self) -> bool {
        self > other
    }
}

impl Allowance for u64 {
    fn exceeds(self, other: Self) -> bool {
        self > other
    }
}

impl Allowance for Growth {
    /// The larger of two forms holds, so each of them may be exceeded by its like alone.
    fn exceeds(self, other: Self) -> bool {
        self.bytes.unwrap_or(Bytes::ZERO) > other.bytes.unwrap_or(Bytes::ZERO)
            || self.percent_hundredths.unwrap_or(0) > other.percent_hundredths.unwrap_or(0)
    }
}

/// Adds to a limit the sides that only the policy has: a soft side of one's own takes no hard one away.
pub(super) fn complete<T: Allowance>(ours: &mut Option<Limit<T>>, floor: Option<&Limit<T>>) {
    let (Some(ours), Some(floor)) = (ours, floor) else { return };
    if ours.fail.is_none() && floor.fail.is_some() {
        ours.fail = floor.fail;
        // The place that asks for a failure is the policy's then.
        ours.place.clone_from(&floor.place);
    }
    if ours.warn.is_none() {
        ours.warn = floor.warn.filter(|warn| ours.fail.is_none_or(|fail| fail.exceeds(*warn)));
    }
}

/// Everything that `ours` allows beyond `floor`, but for the keys that `may` be loosened.
pub(super) fn looser(ours: &Rules, floor: &Rules, may: &[&str]) -> Vec<Looser> {
    // Every rule is named, so that a new one has to decide.
    let Rules {
        max_size,
        max_compressed_size,
        max_own_size,
        max_layers,
        max_layer_size,
        max_wasted,
        max_growth,
        max_own_growth,
        max_os_packages,
        forbid_tools,
        forbid_paths,
        require_non_root,
        busybox_applets: _,
        shadowed_tools,
        enforce_from: _,
    } = floor;
    let mut found = Vec::new();
    let mut compare = Comparison { ours, floor, found: &mut found };
    compare.limit("max-size", ours.max_size.as_ref(), max_size.as_ref());
    compare.limit("max-compressed-size", ours.max_compressed_size.as_ref(), max_compressed_size.as_ref());
    compare.limit("max-own-size", ours.max_own_size.as_ref(), max_own_size.as_ref());
    compare.limit("max-layers", ours.max_layers.as_ref(), max_layers.as_ref());
    compare.limit("max-layer-size", ours.max_layer_size.as_ref(), max_layer_size.as_ref());
    compare.limit("max-wasted", ours.max_wasted.as_ref(), max_wasted.as_ref());
    compare.limit("max-growth", ours.max_growth.as_ref(), max_growth.as_ref());
    compare.limit("max-own-growth", ours.max_own_growth.as_ref(), max_own_growth.as_ref());
    compare.limit("max-os-packages", ours.max_os_packages.as_ref(), max_os_packages.as_ref());
    compare.list("forbid-tools", &ours.forbid_tools, forbid_tools, ToolPattern::to_string);
    compare.list("forbid-paths", &ours.forbid_paths, forbid_paths, |glob| glob.as_str().to_owned());
    compare.level("require-non-root", ours.require_non_root.as_ref(), require_non_root.as_ref());
    compare.level("shadowed-tools", ours.shadowed_tools.as_ref(), shadowed_tools.as_ref());
    compare.level("busybox-applets", ours.busybox_applets.as_ref(), applets(ours, floor).as_ref());
    let may_wait = may.contains(&"enforce-from");
    found.retain(|looser| !(may.contains(&looser.key) || looser.by_date && may_wait));
    found
}

/// What the policy says of BusyBox: where it forbids BusyBox and leaves the rest open, what BusyBox provides is as forbidden.
fn applets(ours: &Rules, floor: &Rules) -> Option<(Level, Option<Place>)> {
    if floor.busybox_applets.is_some() || ours.busybox_applets.is_none() {
        return floor.busybox_applets.clone();
    }
    let is_busybox = |entry: &&Forbidden<ToolPattern>| match &entry.what {
        ToolPattern::Group(group) => {
            catalogue::group_members(group).is_some_and(|mut members| members.any(|tool| tool.name == busybox::NAME))
        }
        ToolPattern::Name(name) => {
            catalogue::identify(name.as_bytes()).is_some_and(|known| known.name == busybox::NAME)
        }
    };
    let worst = floor.forbid_tools.iter().filter(is_busybox).max_by_key(|entry| entry.severity)?;
    let level = if worst.severity == Severity::Fail { Level::Fail } else { Level::Warn };
    Some((level, worst.place.clone()))
}

struct Comparison<'a> {
    ours: &'a Rules,
    floor: &'a Rules,
    found: &'a mut Vec<Looser>,
}

impl Comparison<'_> {
    fn note(&mut self, key: &'static str, by_date: bool, message: String, policy: Option<&Place>) {
        self.found.push(Looser { key, by_date, message, policy: policy.cloned() });
    }

    fn limit<T: Allowance>(&mut self, key: &'static str, ours: Option<&Limit<T>>, floor: Option<&Limit<T>>) {
        let Some(floor) = floor else { return };
        let policy = floor.place.as_ref();
        let Some(ours) = ours else {
            return self.note(key, false, format!("`{key}` is switched off, and the policy sets it"), policy);
        };
        let soft = ours.warn.or(ours.fail);
        match (ours.fail, floor.fail) {
            (Some(ours), Some(floor)) if ours.exceeds(floor) => {
                self.note(key, false, format!("`{key}` allows {ours}, and the policy {floor}"), policy);
            }
            (None, Some(floor)) => {
                self.note(key, false, format!("`{key}` never fails, and the policy allows {floor}"), policy);
            }
            (_, Some(floor)) if ours.warn.is_some_and(|warn| warn.exceeds(floor)) => {
                let message = format!("`{key}` warns where the policy has failed already, above {floor}");
                self.note(key, false, message, policy);
            }
            _ => {}
        }
        if let (Some(soft), Some(floor)) = (soft, floor.warn)
            && soft.exceeds(floor)
        {
            self.note(key, false, format!("`{key}` warns above {soft}, and the policy above {floor}"), policy);
        }
        if floor.fail.is_some() {
            self.day(key, ours.place.as_ref(), policy);
        }
    }

    fn list<T: PartialEq>(
        &mut self,
        key: &'static str,
        ours: &[Forbidden<T>],
        floor: &[Forbidden<T>],
        shown: impl Fn(&T) -> String,
    ) {
        for entry in floor {
            let policy = entry.place.as_ref();
            let what = shown(&entry.what);
            match ours.iter().filter(|other| other.what == entry.what).max_by_key(|other| other.severity) {
                None => self.note(key, false, format!("`{key}` leaves out `{what}`, which the policy forbids"), policy),
                Some(other) if other.severity < entry.severity => {
                    let message = format!("`{what}` only warns here, and fails by the policy");
                    self.note(key, false, message, policy);
                }
                Some(other) if entry.severity == Severity::Fail => self.day(key, other.place.as_ref(), policy),
                Some(_) => {}
            }
        }
    }

    fn level(
        &mut self,
        key: &'static str,
        ours: Option<&(Level, Option<Place>)>,
        floor: Option<&(Level, Option<Place>)>,
    ) {
        let Some((floor, policy)) = floor else { return };
        let (ours, place) = ours.map_or((Level::Off, None), |(level, place)| (*level, place.as_ref()));
        if ours < *floor {
            let word = |level| match level {
                Level::Off => "off",
                Level::Warn => "warns",
                Level::Fail => "fails",
            };
            let message = format!("`{key}` is {} here, and {} by the policy", shade(ours), word(*floor));
            self.note(key, false, message, policy.as_ref());
        } else if *floor == Level::Fail {
            self.day(key, place, policy.as_ref());
        }
    }

    /// Notes that what the policy enforces waits longer here.
    fn day(&mut self, key: &'static str, ours: Option<&Place>, policy: Option<&Place>) {
        let day = |rules: &Rules, place: Option<&Place>| place.and_then(|place| rules.enforce_from.get(place)).copied();
        let (ours, floor): (Option<Date>, Option<Date>) = (day(self.ours, ours), day(self.floor, policy));
        // Without a day it is enforced already.
        if ours > floor {
            let when = |day: Option<Date>| day.map_or("now".to_owned(), |day| format!("from {day}"));
            let message = format!("`{key}` is enforced {}, and by the policy {}", when(ours), when(floor));
            self.note(key, true, message, policy);
        }
    }
}

fn shade(level: Level) -> &'static str {
    match level {
        Level::Off => "off",
        Level::Warn => "a warning",
        Level::Fail => "a failure",
    }
}
