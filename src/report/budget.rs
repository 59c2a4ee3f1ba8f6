//! The budget of a target to the wire and back.

use super::mistrust::{all, contradiction, day, parsed, refuse, some, text, texts};
use super::wire_budget::{self as wire, Value};
use super::wire_place::Place as Wire;
use crate::Error;
use crate::domain::{
    self, Bytes, Forbidden, Growth, Level, Limit, PathGlob, PathPattern, Place, Rule, Rules, Severity, ToolPattern,
    UpTo,
};

impl From<&domain::TargetBudget> for wire::TargetBudget {
    fn from(budget: &domain::TargetBudget) -> Self {
        let place = |place: &Option<Place>| place.as_ref().map(Wire::from);
        let rules = &budget.rules;
        let limits = [
            limit(Rule::Size, rules.max_size.as_ref(), UpTo::Bytes),
            limit(Rule::CompressedSize, rules.max_compressed_size.as_ref(), UpTo::Bytes),
            limit(Rule::OwnSize, rules.max_own_size.as_ref(), UpTo::Bytes),
            limit(Rule::Layers, rules.max_layers.as_ref(), UpTo::Count),
            limit(Rule::LayerSize, rules.max_layer_size.as_ref(), UpTo::Bytes),
            limit(Rule::Wasted, rules.max_wasted.as_ref(), UpTo::Bytes),
            limit(Rule::Growth, rules.max_growth.as_ref(), UpTo::Growth),
            limit(Rule::OwnGrowth, rules.max_own_growth.as_ref(), UpTo::Growth),
            limit(Rule::OsPackages, rules.max_os_packages.as_ref(), UpTo::Count),
        ];
        let levels =
            [(NON_ROOT, &rules.require_non_root), (SHADOWED, &rules.shadowed_tools), (APPLETS, &rules.busybox_applets)];
        Self {
            limits: limits.into_iter().flatten().collect(),
            forbid_tools: banned(&rules.forbid_tools, ToString::to_string),
            forbid_paths: banned(&rules.forbid_paths, |glob| glob.as_str().to_owned()),
            levels: levels
                .into_iter()
                .filter_map(|(key, setting)| {
                    let (level, written) = setting.as_ref()?;
                    Some(wire::BudgetLevel { key: key.to_owned(), level: level.severity(), place: place(written) })
                })
                .collect(),
            enforce_from: rules
                .enforce_from
                .iter()
                .map(|(place, from)| wire::Enforced { place: Wire::from(place), from: from.to_string() })
                .collect(),
            exceptions: budget
                .exceptions
                .iter()
                .map(|exception| wire::Exception {
                    rule: exception.rule.to_string(),
                    matches: exception.matches.clone(),
                    origin: exception.origin,
                    up_to: exception.up_to.map(Value::from),
                    reason: exception.reason.clone(),
                    until: exception.until.map(|until| until.to_string()),
                    place: place(&exception.place),
                })
                .collect(),
            only_new: budget.only_new.is_some(),
            only_new_place: place(&budget.only_new),
            min_change: budget.min_change.0,
            budget_changes: budget.budget_changes,
            budget_changes_place: place(&budget.budget_changes_place),
        }
    }
}

const NON_ROOT: &str = "require-non-root";
const SHADOWED: &str = "shadowed-tools";
const APPLETS: &str = "busybox-applets";

fn limit<T: Copy>(rule: Rule, limit: Option<&Limit<T>>, unit: fn(T) -> UpTo) -> Option<wire::BudgetLimit> {
    let limit = limit?;
    let value = |side: Option<T>| side.map(|side| Value::from(unit(side)));
    Some(wire::BudgetLimit {
        rule: rule.to_string(),
        warn: value(limit.warn),
        fail: value(limit.fail),
        place: limit.place.as_ref().map(Wire::from),
    })
}

fn banned<T>(list: &[Forbidden<T>], text: impl Fn(&T) -> String) -> Vec<wire::Banned> {
    list.iter()
        .map(|entry| wire::Banned {
            what: text(&entry.what),
            severity: entry.severity,
            place: entry.place.as_ref().map(Wire::from),
        })
        .collect()
}

impl From<UpTo> for Value {
    fn from(value: UpTo) -> Self {
        let none = Self { bytes: None, count: None, percent_hundredths: None };
        match value {
            UpTo::Bytes(bytes) => Self { bytes: Some(bytes.0), ..none },
            UpTo::Count(count) => Self { count: Some(count), ..none },
            UpTo::Growth(growth) => {
                Self { bytes: growth.bytes.map(|bytes| bytes.0), percent_hundredths: growth.percent_hundredths, ..none }
            }
        }
    }
}

impl TryFrom<wire::TargetBudget> for domain::TargetBudget {
    type Error = Error;

    fn try_from(budget: wire::TargetBudget) -> Result<Self, Error> {
        let wire::TargetBudget { limits, forbid_tools, forbid_paths, levels, exceptions, .. } = budget;
        let mut rules = Rules {
            forbid_tools: allowed(forbid_tools, |what| {
                Ok(match what.strip_prefix('@') {
                    Some(group) => ToolPattern::Group(group.to_owned()),
                    None => ToolPattern::Name(what),
                })
            })?,
            forbid_paths: allowed(forbid_paths, |what| {
                if what.starts_with('@') {
                    let group = what.parse().map_err(|_| refuse("a group of forbidden paths is not known"))?;
                    return Ok(PathPattern::Group(group));
                }
                let glob = PathGlob::new(&what);
                let glob = glob.map_err(|error| refuse(format!("a forbidden path is not a glob: {error}")))?;
                Ok(PathPattern::Glob(glob))
            })?,
            ..Rules::default()
        };
        few(limits.len())?;
        for limit in limits {
            enter_limit(&mut rules, limit)?;
        }
        rules.enforce_from =
            all::<_, Day>(budget.enforce_from, "days of enforcement")?.into_iter().map(|day| day.0).collect();
        few(levels.len())?;
        for setting in levels {
            let level = match setting.level {
                None => Level::Off,
                Some(Severity::Warn) => Level::Warn,
                Some(Severity::Fail) => Level::Fail,
                Some(Severity::Note) => return Err(refuse("a setting of the budget has the level `note`")),
            };
            let slot = match setting.key.as_str() {
                NON_ROOT => &mut rules.require_non_root,
                SHADOWED => &mut rules.shadowed_tools,
                APPLETS => &mut rules.busybox_applets,
                // A newer version may have more of them.
                _ => continue,
            };
            *slot = Some((level, some(setting.place)?));
        }
        let only_new = some(budget.only_new_place)?;
        if only_new.is_some() != budget.only_new {
            return Err(contradiction("only-new has a line exactly when it is on"));
        }
        Ok(Self {
            rules,
            exceptions: all(exceptions, "exceptions")?,
            only_new,
            min_change: Bytes(budget.min_change),
            budget_changes: budget.budget_changes,
            budget_changes_place: some(budget.budget_changes_place)?,
        })
    }
}

/// A place that asks for a judgement, and the day from which on it is enforced.
struct Day((Place, time::Date));

impl TryFrom<wire::Enforced> for Day {
    type Error = Error;

    fn try_from(enforced: wire::Enforced) -> Result<Self, Error> {
        Ok(Self((enforced.place.try_into()?, day(&enforced.from)?)))
    }
}

/// Lists of so few entries that the bound of the helpers is not needed.
fn few(number: usize) -> Result<(), Error> {
    if number > 100 { Err(refuse("the report has more than 100 limits in one budget")) } else { Ok(()) }
}

fn allowed<T>(list: Vec<wire::Banned>, read: impl Fn(String) -> Result<T, Error>) -> Result<Vec<Forbidden<T>>, Error> {
    let (what, rest): (Vec<String>, Vec<_>) =
        list.into_iter().map(|entry| (entry.what, (entry.severity, entry.place))).unzip();
    let what = texts(what, "forbidden things")?;
    what.into_iter()
        .zip(rest)
        .map(|(what, (severity, place))| Ok(Forbidden { what: read(what)?, severity, place: some(place)? }))
        .collect()
}

fn enter_limit(rules: &mut Rules, limit: wire::BudgetLimit) -> Result<(), Error> {
    let rule: Rule = parsed(&limit.rule)?;
    match rule {
        Rule::Size => rules.max_size = Some(sides(limit, bytes)?),
        Rule::CompressedSize => rules.max_compressed_size = Some(sides(limit, bytes)?),
        Rule::OwnSize => rules.max_own_size = Some(sides(limit, bytes)?),
        Rule::LayerSize => rules.max_layer_size = Some(sides(limit, bytes)?),
        Rule::Wasted => rules.max_wasted = Some(sides(limit, bytes)?),
        Rule::Layers => rules.max_layers = Some(sides(limit, count)?),
        Rule::OsPackages => rules.max_os_packages = Some(sides(limit, count)?),
        Rule::Growth => rules.max_growth = Some(sides(limit, growth)?),
        Rule::OwnGrowth => rules.max_own_growth = Some(sides(limit, growth)?),
        _ => return Err(refuse(format!("the budget in the report limits `{rule}`, which is not a limit"))),
    }
    Ok(())
}

fn sides<T>(limit: wire::BudgetLimit, read: fn(&Value) -> Option<T>) -> Result<Limit<T>, Error> {
    let wrong = || refuse("a limit of the budget in the report has another unit than its rule");
    let side = |value: Option<Value>| value.map(|value| read(&value).ok_or_else(wrong)).transpose();
    let (warn, fail) = (side(limit.warn)?, side(limit.fail)?);
    if warn.is_none() && fail.is_none() {
        return Err(refuse("a limit of the budget in the report has no side"));
    }
    Ok(Limit { warn, fail, place: some(limit.place)? })
}

fn bytes(value: &Value) -> Option<Bytes> {
    value.bytes.filter(|_| value.count.is_none() && value.percent_hundredths.is_none()).map(Bytes)
}

fn count(value: &Value) -> Option<u64> {
    value.count.filter(|_| value.bytes.is_none() && value.percent_hundredths.is_none())
}

fn growth(value: &Value) -> Option<Growth> {
    let growth = Growth { bytes: value.bytes.map(Bytes), percent_hundredths: value.percent_hundredths };
    (value.count.is_none() && (growth.bytes.is_some() || growth.percent_hundredths.is_some())).then_some(growth)
}

impl TryFrom<wire::Exception> for domain::Exception {
    type Error = Error;

    fn try_from(exception: wire::Exception) -> Result<Self, Error> {
        let rule: Rule = parsed(&exception.rule)?;
        let up_to = |value: Value| {
            let value = match rule {
                Rule::Growth | Rule::OwnGrowth => growth(&value).map(UpTo::Growth),
                Rule::Layers | Rule::OsPackages => count(&value).map(UpTo::Count),
                _ => bytes(&value).map(UpTo::Bytes),
            };
            value.ok_or_else(|| refuse("an exception in the report has another unit than its rule"))
        };
        Ok(Self {
            rule,
            matches: texts(exception.matches, "matches")?,
            origin: exception.origin,
            up_to: exception.up_to.map(up_to).transpose()?,
            reason: text(exception.reason)?,
            until: exception.until.as_deref().map(day).transpose()?,
            place: some(exception.place)?,
        })
    }
}
