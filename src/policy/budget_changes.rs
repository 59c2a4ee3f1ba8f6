//! What became of a target's budget: each rule, list and exception of one beside the other.

use time::Date;

use crate::catalogue::rules::facts;
use crate::domain::{
    Amount, Bytes, Exception, Forbidden, Growth, Level, Limit, Place, Rule, Severity, TargetBudget, TargetName, UpTo,
};
use crate::text;

/// One thing that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Changed {
    /// What it is about, without numbers that change: `max-size`, `allow growth`.
    pub(super) key: String,
    /// What changed, as a fragment: `max-size 150.0 → 300.0 MB`.
    pub(super) what: String,
    /// Whether more is allowed now.
    pub(super) loosens: bool,
    /// The line that says so now.
    pub(super) place: Option<Place>,
}

impl Changed {
    pub(super) fn new(key: &str, what: impl Into<String>, loosens: bool, place: Option<&Place>) -> Self {
        Self { key: key.to_owned(), what: what.into(), loosens, place: place.cloned() }
    }

    /// A target that is not in the budget any more.
    pub(super) fn dropped(name: &TargetName) -> Self {
        Self::new(&format!("target {name}"), format!("target {name} dropped"), true, None)
    }
}

/// What changed between two budgets of one target, in the order of the rules, exceptions after. An exception that ended before `today` is
/// none.
pub(super) fn between(then: &TargetBudget, now: &TargetBudget, today: Date) -> Vec<Changed> {
    let mut all = limits(then, now);
    all.extend(list("forbid-tools", &then.rules.forbid_tools, &now.rules.forbid_tools, ToString::to_string));
    all.extend(list("forbid-paths", &then.rules.forbid_paths, &now.rules.forbid_paths, |glob| {
        glob.as_str().to_owned()
    }));
    all.extend(levels(then, now));
    all.extend(enforced(then, now, today));
    all.extend(exceptions(then, now, today));
    all.extend(settings(then, now));
    all
}

/// A side of a limit of any unit.
type Sides = Limit<UpTo>;

fn limits(then: &TargetBudget, now: &TargetBudget) -> Vec<Changed> {
    let pairs = sides(then).into_iter().zip(sides(now));
    pairs.flat_map(|((rule, then), (_, now))| limit(facts(rule).key.unwrap_or_default(), then, now)).collect()
}

/// The limits of a budget, in the order of the rules.
fn sides(budget: &TargetBudget) -> [(Rule, Option<Sides>); 9] {
    fn of<T: Copy>(limit: Option<&Limit<T>>, unit: fn(T) -> UpTo) -> Option<Sides> {
        limit.map(|limit| Limit { warn: limit.warn.map(unit), fail: limit.fail.map(unit), place: limit.place.clone() })
    }
    let rules = &budget.rules;
    [
        (Rule::Size, of(rules.max_size.as_ref(), UpTo::Bytes)),
        (Rule::CompressedSize, of(rules.max_compressed_size.as_ref(), UpTo::Bytes)),
        (Rule::OwnSize, of(rules.max_own_size.as_ref(), UpTo::Bytes)),
        (Rule::Layers, of(rules.max_layers.as_ref(), UpTo::Count)),
        (Rule::LayerSize, of(rules.max_layer_size.as_ref(), UpTo::Bytes)),
        (Rule::Wasted, of(rules.max_wasted.as_ref(), UpTo::Bytes)),
        (Rule::Growth, of(rules.max_growth.as_ref(), UpTo::Growth)),
        (Rule::OwnGrowth, of(rules.max_own_growth.as_ref(), UpTo::Growth)),
        (Rule::OsPackages, of(rules.max_os_packages.as_ref(), UpTo::Count)),
    ]
}

fn limit(key: &str, then: Option<Sides>, now: Option<Sides>) -> Vec<Changed> {
    let (then, now) = match (then, now) {
        (None, None) => return Vec::new(),
        (Some(then), None) => {
            let was = then.fail.or(then.warn).map(shown).unwrap_or_default();
            return vec![Changed::new(key, format!("{key} {was} dropped"), true, None)];
        }
        (None, Some(now)) => {
            let is = now.fail.or(now.warn).map(shown).unwrap_or_default();
            return vec![Changed::new(key, format!("{key} {is} added"), false, now.place.as_ref())];
        }
        (Some(then), Some(now)) => (then, now),
    };
    let side = |name: &str, before: Option<UpTo>, after: Option<UpTo>| {
        let what = match (before, after) {
            (Some(before), Some(after)) if before != after => format!("{name} {}", arrow(before, after)),
            (Some(before), None) => format!("{name} {} dropped", shown(before)),
            (None, Some(after)) => format!("{name} {} added", shown(after)),
            _ => return None,
        };
        // Where one of two forms went up, more is allowed for some image.
        let loosens = before.is_some_and(|before| after.is_none_or(|after| is_more(after, before)));
        Some(Changed::new(key, what, loosens, now.place.as_ref()))
    };
    let hard = side(key, then.fail, now.fail);
    let soft = side(&format!("{key} warn"), then.warn, now.warn);
    hard.into_iter().chain(soft).collect()
}

/// Whether `now` allows more than `then` to some image.
fn is_more(now: UpTo, then: UpTo) -> bool {
    match (now, then) {
        (UpTo::Bytes(now), UpTo::Bytes(then)) => now > then,
        (UpTo::Count(now), UpTo::Count(then)) => now > then,
        (UpTo::Growth(now), UpTo::Growth(then)) => {
            now.bytes.unwrap_or_default() > then.bytes.unwrap_or_default()
                || now.percent_hundredths.unwrap_or_default() > then.percent_hundredths.unwrap_or_default()
        }
        _ => true,
    }
}

fn list<T: PartialEq>(
    key: &str,
    then: &[Forbidden<T>],
    now: &[Forbidden<T>],
    text: impl Fn(&T) -> String,
) -> Vec<Changed> {
    let severity = |list: &[Forbidden<T>], what: &T| {
        list.iter().filter(|entry| entry.what == *what).map(|entry| entry.severity).max()
    };
    let shown = |entry: &Forbidden<T>| text::line(&text(&entry.what));
    let place = now.first().and_then(|entry| entry.place.as_ref());
    let mut all = Vec::new();
    for entry in then {
        let name = shown(entry);
        match severity(now, &entry.what) {
            None => all.push(Changed::new(&format!("{key} {name}"), format!("{key}: {name} dropped"), true, place)),
            Some(after) if after != entry.severity => {
                let what = format!("{key}: {name} {} → {}", word(entry.severity), word(after));
                all.push(Changed::new(&format!("{key} {name}"), what, after < entry.severity, place));
            }
            Some(_) => {}
        }
    }
    for entry in now.iter().filter(|entry| severity(then, &entry.what).is_none()) {
        let name = shown(entry);
        let what = format!("{key}: {name} added");
        all.push(Changed::new(&format!("{key} {name}"), what, false, entry.place.as_ref()));
    }
    all
}

fn levels(then: &TargetBudget, now: &TargetBudget) -> Vec<Changed> {
    type Setting = Option<(Level, Option<Place>)>;
    // What a key means that is not there.
    let of = |setting: &Setting, absent: Level| setting.as_ref().map_or(absent, |(level, _)| *level);
    let (before, after) = (&then.rules, &now.rules);
    let all = [
        ("require-non-root", &before.require_non_root, &after.require_non_root, Level::Off),
        ("shadowed-tools", &before.shadowed_tools, &after.shadowed_tools, Level::Warn),
        ("busybox-applets", &before.busybox_applets, &after.busybox_applets, Level::Off),
    ];
    all.into_iter()
        .filter_map(|(key, then, now, absent)| {
            let (was, is) = (of(then, absent), of(now, absent));
            let place = now.as_ref().and_then(|(_, place)| place.as_ref());
            (was != is).then(|| Changed::new(key, format!("{key} {} → {}", level(was), level(is)), is < was, place))
        })
        .collect()
}

/// What fails later than it did, or earlier.
fn enforced(then: &TargetBudget, now: &TargetBudget, today: Date) -> Vec<Changed> {
    let day = |budget: &TargetBudget, place: Option<&Place>| {
        place.and_then(|place| budget.rules.enforce_from.get(place)).copied().filter(|day| *day > today)
    };
    let (before, after) = (judged(then), judged(now));
    after
        .into_iter()
        .filter_map(|(key, place)| {
            let (_, earlier) = before.iter().find(|(same, _)| *same == key)?;
            let (was, is) = (day(then, earlier.as_ref()), day(now, place.as_ref()));
            let what = match (was, is) {
                (None, Some(is)) => format!("{key} enforced from {is}, not at once"),
                (Some(was), Some(is)) if was != is => format!("{key} enforced from {was} → {is}"),
                (Some(_), None) => format!("{key} enforced at once"),
                _ => return None,
            };
            Some(Changed::new(&key, what, is > was, place.as_ref()))
        })
        .collect()
}

/// Everything that a budget asks for, with its line.
fn judged(budget: &TargetBudget) -> Vec<(String, Option<Place>)> {
    let rules = &budget.rules;
    let limits = sides(budget)
        .into_iter()
        .filter_map(|(rule, limit)| Some((facts(rule).key.unwrap_or_default().to_owned(), limit?.place)));
    let tools = rules.forbid_tools.iter().map(|entry| (format!("forbid-tools: {}", entry.what), entry.place.clone()));
    let paths =
        rules.forbid_paths.iter().map(|entry| (format!("forbid-paths: {}", entry.what.as_str()), entry.place.clone()));
    let levels = [
        ("require-non-root", &rules.require_non_root),
        ("shadowed-tools", &rules.shadowed_tools),
        ("busybox-applets", &rules.busybox_applets),
    ];
    let levels = levels
        .into_iter()
        .filter_map(|(key, setting)| setting.as_ref().map(|(_, place)| (key.to_owned(), place.clone())));
    limits.chain(tools).chain(paths).chain(levels).map(|(key, place)| (text::line(&key), place)).collect()
}

fn exceptions(then: &TargetBudget, now: &TargetBudget, today: Date) -> Vec<Changed> {
    let holds = |exception: &&Exception| exception.until.is_none_or(|until| until >= today);
    let covered = |exception: &Exception, by: &TargetBudget| {
        by.exceptions.iter().filter(holds).any(|wider| is_as_wide(wider, exception))
    };
    let added = now.exceptions.iter().filter(holds).filter(|exception| !covered(exception, then)).map(|exception| {
        let same = |earlier: &&Exception| {
            earlier.rule == exception.rule && earlier.matches == exception.matches && earlier.origin == exception.origin
        };
        let earlier = then.exceptions.iter().find(same);
        Changed::new(&name(exception), widened(earlier, exception), true, exception.place.as_ref())
    });
    let removed = then
        .exceptions
        .iter()
        .filter(holds)
        // One that counted once does not count any more.
        .filter(|exception| !is_once(exception) && !covered(exception, now))
        .filter(|exception| !now.exceptions.iter().any(|other| name(other) == name(exception) && !covered(other, then)))
        .map(|exception| {
            Changed::new(
                &name(exception),
                format!("{} {} removed", name(exception), reach(exception)).replace("  ", " "),
                false,
                None,
            )
        });
    added.chain(removed).collect()
}

/// Whether an exception counts in one change only.
fn is_once(exception: &Exception) -> bool {
    exception.rule.is_of_growth() && exception.until.is_none()
}

/// Whether two reasons are one: spaces are no words.
pub(super) fn is_same_reason(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

/// Whether `wider` excuses all that `other` does, for as long.
fn is_as_wide(wider: &Exception, other: &Exception) -> bool {
    let lasts = if is_once(other) {
        is_once(wider) && is_same_reason(&wider.reason, &other.reason) || wider.until.is_some()
    } else {
        !is_once(wider) && wider.until.is_none_or(|until| other.until.is_some_and(|other| other <= until))
    };
    lasts
        && wider.rule == other.rule
        && (wider.origin.is_none() || wider.origin == other.origin)
        && (wider.matches.is_empty()
            || !other.matches.is_empty() && other.matches.iter().all(|what| wider.matches.contains(what)))
        && match (wider.up_to, other.up_to) {
            (Some(wider), Some(other)) => !is_more(other, wider),
            (wider, other) => wider.is_none() == other.is_none(),
        }
}

/// `allow forbidden-tool npm, npx`: what an exception is about.
fn name(exception: &Exception) -> String {
    let matches: Vec<String> = exception.matches.iter().map(|what| text::line(what)).collect();
    format!("allow {} {}", exception.rule, matches.join(", ")).trim_end().to_owned()
}

/// `up to 170.0 MB until 2027-03-31`.
fn reach(exception: &Exception) -> String {
    let up_to = exception.up_to.map(|up_to| format!("up to {}", shown(up_to)));
    let origin = exception.origin.map(|_| "of the base image".to_owned());
    let until = exception.until.map(|until| format!("until {until}"));
    up_to.into_iter().chain(origin).chain(until).collect::<Vec<_>>().join(" ")
}

fn widened(earlier: Option<&Exception>, now: &Exception) -> String {
    let name = name(now);
    match earlier.and_then(|earlier| Some((earlier.up_to?, now.up_to?))) {
        Some((then, up_to)) if is_more(up_to, then) => format!("{name} up to {}", arrow(then, up_to)),
        _ => match (earlier.and_then(|earlier| earlier.until), now.until) {
            (Some(then), Some(until)) if until > then => format!("{name} until {then} → {until}"),
            (Some(then), None) => format!("{name} until {then} → no end"),
            _ => format!("{name} {}", reach(now)).trim_end().to_owned() + " added",
        },
    }
}

fn settings(then: &TargetBudget, now: &TargetBudget) -> Vec<Changed> {
    let mut all = Vec::new();
    match (&then.only_new, &now.only_new) {
        (None, Some(place)) => all.push(Changed::new("only-new", "only-new switched on", true, Some(place))),
        (Some(_), None) => all.push(Changed::new("only-new", "only-new switched off", false, None)),
        _ => {}
    }
    // It says what is new, and so what fails: wherever only that counts, which the command line may ask for, too.
    if now.min_change != then.min_change {
        let what = format!("min-change {}", arrow(UpTo::Bytes(then.min_change), UpTo::Bytes(now.min_change)));
        all.push(Changed::new("min-change", what, now.min_change > then.min_change, None));
    }
    if now.budget_changes != then.budget_changes {
        let what = format!("budget-changes {} → {}", word(then.budget_changes), word(now.budget_changes));
        let loosens = now.budget_changes < then.budget_changes;
        all.push(Changed::new("budget-changes", what, loosens, now.budget_changes_place.as_ref()));
    }
    all
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warn => "warn",
        Severity::Fail => "fail",
    }
}

fn level(level: Level) -> &'static str {
    level.severity().map_or("off", word)
}

fn shown(value: UpTo) -> String {
    match value {
        UpTo::Bytes(bytes) => bytes.to_string(),
        UpTo::Count(count) => count.to_string(),
        UpTo::Growth(growth) => grown(growth),
    }
}

fn grown(growth: Growth) -> String {
    let bytes = growth.bytes.map(|bytes: Bytes| bytes.to_string());
    let percent = growth.percent_hundredths.map(text::percent);
    bytes.into_iter().chain(percent).collect::<Vec<_>>().join(" or ")
}

/// `150.0 → 300.0 MB`.
pub(super) fn arrow(then: UpTo, now: UpTo) -> String {
    let (then, now) = match (then, now) {
        (UpTo::Bytes(then), UpTo::Bytes(now)) => text::pair(Amount::Bytes(then), Amount::Bytes(now)),
        (then, now) => (shown(then), shown(now)),
    };
    match (then.rsplit_once(' '), now.rsplit_once(' ')) {
        (Some((number, unit)), Some((_, same))) if unit == same => format!("{number} → {now}"),
        _ => format!("{then} → {now}"),
    }
}
