//! `os-packages`: how many packages of the operating system there are.

use std::collections::BTreeMap;

use super::blame::Blame;
use super::case::{Case, Ruling, amounts};
use super::limits::{self, Measured};
use crate::domain::{Amount, Contents, LayerRef, Origin, Package, Packages, Role, Rule};
use crate::text;

pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let limit = case.rules.max_os_packages.as_ref()?;
    let packages: Vec<&Package> = match case.os_packages(Rule::OsPackages) {
        Ok(packages) => packages.collect(),
        Err(unread) => return Some(unread.into()),
    };
    let count = count(packages.len());
    // With an exception less is over, and the place is the same.
    let over = limit.fail.or(limit.warn).map_or(0, |side| count.saturating_sub(side));
    let measured = Measured {
        rule: Rule::OsPackages,
        subject: "image",
        actual: Amount::Count(count),
        is_estimate: false,
        eases: &|limit| case.here.eases(case.package_counts(&packages)?, limit),
        limit: amounts(limit, Amount::Count),
        blame: |_| blame(case, &packages, over),
    };
    let noun = if count == 1 { "package" } else { "packages" };
    Some(limits::judge(case, measured, |count| format!("the image has {count} {noun} of the operating system")))
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// The own layer that brought most of them, where without them it would be few enough; else the base image, where that brought most.
fn blame(case: &Case<'_>, packages: &[&Package], over: u64) -> Blame {
    let mut by_layer: BTreeMap<usize, u64> = BTreeMap::new();
    for layer in packages.iter().filter_map(|package| package.layer) {
        *by_layer.entry(layer).or_default() += 1;
    }
    let most = |is_base: bool| {
        let layers = by_layer.iter().filter(move |(layer, _)| (case.origin(**layer) == Origin::Base) == is_base);
        layers.rev().max_by_key(|(_, count)| **count).map(|(layer, count)| (*layer, *count))
    };
    let of_base: u64 = by_layer.iter().filter(|(layer, _)| case.origin(**layer) == Origin::Base).map(|(_, n)| n).sum();
    match (most(false), most(true)) {
        (Some((own, brought)), _) if brought >= over => {
            Blame { layer: layer_ref(case, own), hint: hint(case, own, brought) }
        }
        (own, Some((base, _))) if own.is_none_or(|(_, brought)| brought < of_base) => Blame {
            layer: layer_ref(case, base),
            hint: format!("The base image brings {of_base} of them: start from a smaller one."),
        },
        _ => Blame::nobody("Install fewer packages, or start from a smaller base image."),
    }
}

fn layer_ref(case: &Case<'_>, index: usize) -> Option<LayerRef> {
    case.layer_ref(index, Role::Cause)
}

fn hint(case: &Case<'_>, index: usize, brought: u64) -> String {
    let brought = usize::try_from(brought).unwrap_or(usize::MAX);
    let what = text::count(brought, "of the packages comes with that layer", "of the packages come with that layer");
    match without_recommended(case.contents, &case.instruction(index), index) {
        Some((fix, count)) => format!("{what}; `{fix}` leaves out {count} of them."),
        None => format!("{what}. Install fewer, or build in an earlier stage and copy only what runs."),
    }
}

/// The command that leaves out what is only recommended, and how many packages of a layer that is; `None` where it is used, and where there
/// are no such packages.
pub(super) fn without_recommended(
    contents: Option<&Contents>,
    instruction: &str,
    index: usize,
) -> Option<(&'static str, u64)> {
    let has = |words: &[&str]| words.iter().any(|word| instruction.contains(word));
    let fix = if has(&["apt-get ", "apt "]) && has(&[" install"]) && !has(&["--no-install-recommends"]) {
        "apt-get install --no-install-recommends"
    } else if has(&["dnf "]) && has(&[" install"]) && !has(&["install_weak_deps"]) {
        "dnf install --setopt=install_weak_deps=False"
    } else {
        return None;
    };
    let Packages { list, recommended, .. } = contents?.packages.as_ref()?;
    let of_layer = |position: &&usize| {
        list.get(**position).is_some_and(|package| package.layer == Some(index) && package.ecosystem.is_of_os())
    };
    let left_out = count(recommended.iter().filter(of_layer).count());
    (left_out > 0).then_some((fix, left_out))
}
