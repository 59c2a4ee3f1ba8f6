//! Whatever a repository writes, it is not looser than its policy.

use imgbudget::domain::{Budgets, Bytes, Growth, Limit, Place, Rules, Severity};
use proptest::prelude::*;
use time::{Date, Month};

use super::{TARGET, load};

/// What a limit makes of an amount on a day.
fn verdict<T: Copy>(
    limit: Option<&Limit<T>>,
    rules: &Rules,
    day: Date,
    is_over: impl Fn(T) -> bool,
) -> Option<Severity> {
    let limit = limit?;
    let waits = limit.place.as_ref().and_then(|place| rules.enforce_from.get(place)).is_some_and(|from| *from > day);
    if limit.fail.is_some_and(&is_over) {
        return Some(if waits { Severity::Warn } else { Severity::Fail });
    }
    limit.warn.is_some_and(&is_over).then_some(Severity::Warn)
}

/// What the rules make of an image of `amount` that grew by as much from `before`, that has `tool` and runs as root.
fn verdicts(rules: &Rules, amount: u64, before: u64, tool: &str, day: Date) -> Vec<Option<Severity>> {
    let waits =
        |place: Option<&Place>| place.and_then(|place| rules.enforce_from.get(place)).is_some_and(|from| *from > day);
    let held = |severity: Severity, place: Option<&Place>| {
        if severity == Severity::Fail && waits(place) { Severity::Warn } else { severity }
    };
    let tools = rules.forbid_tools.iter().filter(|entry| entry.what.to_string() == tool);
    let root = rules.require_non_root.as_ref().and_then(|(level, place)| Some(held(level.severity()?, place.as_ref())));
    vec![
        verdict(rules.max_size.as_ref(), rules, day, |limit: Bytes| amount > limit.0),
        verdict(rules.max_layers.as_ref(), rules, day, |limit: u64| amount > limit),
        verdict(rules.max_growth.as_ref(), rules, day, |limit: Growth| amount > limit.allowed(Bytes(before)).0),
        tools.map(|entry| held(entry.severity, entry.place.as_ref())).max(),
        root,
    ]
}

/// A value of a limit: one side, two, or none.
fn limit(unit: &'static str) -> impl Strategy<Value = String> {
    let side = move |n: u32| if unit.is_empty() { n.to_string() } else { format!("\"{n} {unit}\"") };
    let day = prop::option::of(1u8..28);
    prop_oneof![
        (1u32..40).prop_map(side),
        (1u32..40).prop_map(move |n| format!("{{ warn = {} }}", side(n))),
        (1u32..40, 0u32..40, day).prop_map(move |(warn, more, day)| {
            let day = day.map_or(String::new(), |day| format!(", enforce-from = 2027-01-{day:02}"));
            format!("{{ warn = {}, fail = {}{day} }}", side(warn), side(warn + more))
        }),
        Just("false".to_owned()),
    ]
}

fn growth() -> impl Strategy<Value = String> {
    prop_oneof![
        limit("B"),
        (1u32..90).prop_map(|n| format!("\"{n}%\"")),
        (1u32..40, 1u32..90).prop_map(|(bytes, percent)| format!("{{ larger-of = [\"{bytes} B\", \"{percent}%\"] }}")),
    ]
}

/// A table of budget keys, each of them there or not.
fn table() -> impl Strategy<Value = String> {
    let words = || prop::sample::subsequence(vec!["gcc", "curl", "make"], 0..3).prop_map(|words| format!("{words:?}"));
    let list = prop_oneof![
        words(),
        (words(), 1u8..28).prop_map(|(fail, day)| format!("{{ fail = {fail}, enforce-from = 2027-01-{day:02} }}")),
        prop::sample::select(vec!["gcc", "curl"]).prop_map(|word| format!("{{ warn = [\"{word}\"] }}")),
    ];
    let demand = prop::sample::select(vec!["true", "false", "\"warn\"", "{ fail = true, enforce-from = 2027-01-10 }"]);
    let keys = (
        prop::option::of(limit("B")),
        prop::option::of(limit("")),
        prop::option::of(growth()),
        prop::option::of(list.clone()),
        prop::option::of(list),
        prop::option::of(demand),
        prop::option::of(1u8..28),
    );
    keys.prop_map(|(size, layers, growth, tools, more, root, day)| {
        let key = |key: &str, value: Option<String>| value.map_or(String::new(), |value| format!("{key} = {value}\n"));
        [
            key("max-size", size),
            key("max-layers", layers),
            key("max-growth", growth),
            key("forbid-tools", tools),
            key("extend-forbid-tools", more),
            key("require-non-root", root.map(str::to_owned)),
            key("enforce-from", day.map(|day| format!("2027-01-{day:02}"))),
        ]
        .concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever a repository writes: it is refused, or allows nothing that the policy does not.
    #[test]
    fn no_repository_is_looser_than_its_policy(
        (policy, of_profile) in (table(), table()),
        (defaults, profile, own) in (table(), table(), table()),
        (amount, before, day) in (0u64..90, 0u64..90, 1u8..28),
        tool in prop::sample::select(vec!["gcc", "curl", "make"]),
    ) {
        let policy = format!("[defaults]\n{policy}[profiles.p]\n{of_profile}");
        let target = format!("{TARGET}profile = \"p\"\n");
        // A day for what never fails is refused, here and there.
        let Ok(alone) = load(&policy, &target) else { return Ok(()) };
        let text = format!("[defaults]\n{defaults}[profiles.p]\n{profile}{target}{own}");
        let Ok(ours) = load(&policy, &text) else { return Ok(()) };
        let day = Date::from_calendar_date(2027, Month::January, day).unwrap();
        let of = |budgets: &Budgets| verdicts(&budgets.targets[0].rules, amount, before, tool, day);
        for (ours, policy) in of(&ours).into_iter().zip(of(&alone)) {
            prop_assert!(ours >= policy, "{ours:?} where the policy has {policy:?}\n{text}");
        }
    }
}
