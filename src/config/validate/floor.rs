//! A target on the ground of a policy: the policy's rules lie beneath all others, and each that is loosened is told at the line that does.

use crate::config::{Policy, keys, raw};
use crate::diagnostics::Problem;
use crate::domain::{Place, Rules};

use super::looser::{self, Looser};
use super::{enforce, inherit};

/// A table of budget keys with its file.
type Table<'a> = (&'a raw::File, &'a raw::Rules);

/// The tables of budget files that speak of a target.
pub(super) struct Tables<'a> {
    pub(super) defaults: Table<'a>,
    pub(super) profile: Option<Table<'a>>,
    pub(super) target: Table<'a>,
}

impl<'a> Tables<'a> {
    /// The nearest first.
    fn nearest(&self) -> impl DoubleEndedIterator<Item = Table<'a>> {
        [Some(self.target), self.profile, Some(self.defaults)].into_iter().flatten()
    }

    /// The weakest first.
    fn rules(&self) -> impl Iterator<Item = &'a raw::Rules> {
        self.nearest().rev().map(|(_, rules)| rules)
    }
}

/// The rules of a target, and what the policy alone asks of it.
pub(super) struct Ground {
    pub(super) rules: Rules,
    /// `None` without a policy.
    pub(super) floor: Option<Rules>,
}

/// The rules that hold for a target which takes up `profile`. What is looser than the policy is added to `problems`, each once.
pub(super) fn ground(
    tables: &Tables<'_>,
    profile: Option<&str>,
    policy: Option<&Policy>,
    problems: &mut Vec<Problem>,
) -> Ground {
    let own = |place: &Place| tables.nearest().find_map(|(file, _)| file.dates.get(place)).copied();
    let day = enforce::of_tables(tables.rules());
    let Some(policy) = policy else {
        let mut rules = inherit::rules(tables.rules());
        rules.enforce_from = enforce::days(&rules, own, |_| day);
        return Ground { rules, floor: None };
    };
    let file = &policy.file;
    let beneath = || std::iter::once(&file.defaults).chain(profile.and_then(|profile| file.profiles.get(profile)));
    let policy_day = enforce::of_tables(beneath());
    let is_of_policy = |place: &Place| place.file == file.source.name();
    let floor = of_policy(file, beneath());
    let may = file.terms.may_loosen.as_slice();
    let mut rules = inherit::rules(beneath().chain(tables.rules()));
    complete(&mut rules, &floor, may);
    // A day of the repository's is about its own rules; the policy's begin when the policy says, unless it leaves that open.
    let table = |place: &Place| {
        if is_of_policy(place) { day.filter(|_| may.contains(&"enforce-from")).or(policy_day) } else { day }
    };
    rules.enforce_from = enforce::days(&rules, |place| own(place).or_else(|| file.dates.get(place).copied()), table);
    for looser in looser::looser(&rules, &floor, may) {
        let problem = told(&looser, tables);
        let is_known = problems.iter().any(|known| {
            known.span == problem.span && known.message == problem.message && known.file.name() == problem.file.name()
        });
        if !is_known {
            problems.push(problem);
        }
    }
    Ground { rules, floor: Some(floor) }
}

/// The rules of a command line over those of a policy, and what of them is looser. Its lists add to the policy's.
pub(in crate::config) fn beneath(policy: &Policy, rules: &Rules) -> (Rules, Vec<Looser>) {
    let file = &policy.file;
    let floor = of_policy(file, [&file.defaults].into_iter());
    let mut merged = floor.clone();
    // What a command line cannot say is the policy's.
    let Rules { max_size, max_compressed_size, max_layers, max_layer_size, .. } = rules.clone();
    merged.max_size = max_size.or(merged.max_size);
    merged.max_compressed_size = max_compressed_size.or(merged.max_compressed_size);
    merged.max_layers = max_layers.or(merged.max_layers);
    merged.max_layer_size = max_layer_size.or(merged.max_layer_size);
    merged.forbid_tools.extend(rules.forbid_tools.iter().cloned());
    merged.forbid_paths.extend(rules.forbid_paths.iter().cloned());
    merged.require_non_root = rules.require_non_root.clone().or(merged.require_non_root);
    let may = file.terms.may_loosen.as_slice();
    complete(&mut merged, &floor, may);
    let looser = looser::looser(&merged, &floor, may);
    (merged, looser)
}

/// What the tables of a policy ask for by themselves.
fn of_policy<'a>(file: &raw::File, tables: impl Iterator<Item = &'a raw::Rules> + Clone) -> Rules {
    let day = enforce::of_tables(tables.clone());
    let mut floor = inherit::rules(tables);
    floor.enforce_from = enforce::days(&floor, |place| file.dates.get(place).copied(), |_| day);
    floor
}

fn complete(rules: &mut Rules, floor: &Rules, may: &[&str]) {
    let fixed = |key: &str| !may.contains(&key);
    if fixed("max-size") {
        looser::complete(&mut rules.max_size, floor.max_size.as_ref());
    }
    if fixed("max-compressed-size") {
        looser::complete(&mut rules.max_compressed_size, floor.max_compressed_size.as_ref());
    }
    if fixed("max-own-size") {
        looser::complete(&mut rules.max_own_size, floor.max_own_size.as_ref());
    }
    if fixed("max-layers") {
        looser::complete(&mut rules.max_layers, floor.max_layers.as_ref());
    }
    if fixed("max-layer-size") {
        looser::complete(&mut rules.max_layer_size, floor.max_layer_size.as_ref());
    }
    if fixed("max-wasted") {
        looser::complete(&mut rules.max_wasted, floor.max_wasted.as_ref());
    }
    if fixed("max-growth") {
        looser::complete(&mut rules.max_growth, floor.max_growth.as_ref());
    }
    if fixed("max-own-growth") {
        looser::complete(&mut rules.max_own_growth, floor.max_own_growth.as_ref());
    }
    if fixed("max-os-packages") {
        looser::complete(&mut rules.max_os_packages, floor.max_os_packages.as_ref());
    }
}

/// The problem at the line that loosens: of the nearest table that writes the key.
fn told(looser: &Looser, tables: &Tables<'_>) -> Problem {
    let adds = keys::RULES.iter().find(|key| key.strip_prefix("extend-") == Some(looser.key));
    let written: [Option<&str>; 2] = [Some(looser.key), adds.copied()];
    let by_table = looser.by_date.then_some("enforce-from");
    let at = |rules: &raw::Rules| written.into_iter().chain([by_table]).flatten().find_map(|key| rules.key(key));
    let nearest = tables.nearest().find_map(|(file, rules)| Some((file, at(rules)?)));
    let (file, span) = nearest.unwrap_or((tables.target.0, 0..0));
    let place = looser.policy.as_ref().map_or_else(String::new, |place| format!(" at {place}"));
    let hint = match adds {
        Some(adds) if !looser.by_date => {
            format!("The policy says so{place}. `{adds}` adds to its list and takes nothing out.")
        }
        _ if looser.by_date => format!("The policy says so{place}. Give a day to rules of your own alone."),
        _ => format!(
            "The policy says so{place}: a repository may only be stricter. Change the value, or leave the key out."
        ),
    };
    Problem::new(&file.source, span, looser.message.clone()).with_hint(hint)
}
