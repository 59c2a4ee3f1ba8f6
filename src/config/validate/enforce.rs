//! From which day on each judgement of a target is enforced.

use std::collections::BTreeMap;

use time::Date;

use crate::config::raw::{self, Setting};
use crate::domain::{Place, Rules};

/// The days of `rules`: a rule's own, else what `table` says for the place that asks for it.
pub(super) fn days(
    rules: &Rules,
    own: impl Fn(&Place) -> Option<Date>,
    table: impl Fn(&Place) -> Option<Date>,
) -> BTreeMap<Place, Date> {
    places(rules).into_iter().filter_map(|place| Some((place.clone(), own(place).or_else(|| table(place))?))).collect()
}

/// The `enforce-from` of tables laid over one another, the weakest first.
pub(super) fn of_tables<'a>(tables: impl IntoIterator<Item = &'a raw::Rules>) -> Option<Date> {
    tables.into_iter().fold(None, |inherited, table| match table.enforce_from {
        Some(Setting::On(day)) => Some(day),
        Some(Setting::Off) => None,
        None => inherited,
    })
}

/// Every place that asks for a judgement.
fn places(rules: &Rules) -> Vec<&Place> {
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
        busybox_applets,
        shadowed_tools,
        enforce_from: _,
    } = rules;
    let sizes = [max_size, max_compressed_size, max_own_size, max_layer_size, max_wasted];
    let sizes = sizes.into_iter().flatten().filter_map(|limit| limit.place.as_ref());
    let counts = [max_layers, max_os_packages].into_iter().flatten().filter_map(|limit| limit.place.as_ref());
    let growth = [max_growth, max_own_growth].into_iter().flatten().filter_map(|limit| limit.place.as_ref());
    let tools = forbid_tools.iter().filter_map(|entry| entry.place.as_ref());
    let paths = forbid_paths.iter().filter_map(|entry| entry.place.as_ref());
    let levels = [require_non_root, busybox_applets, shadowed_tools];
    let levels = levels.into_iter().flatten().filter_map(|(_, place)| place.as_ref());
    sizes.chain(counts).chain(growth).chain(tools).chain(paths).chain(levels).collect()
}
