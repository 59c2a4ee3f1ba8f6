//! What budgets.toml says of a target, now and at a commit.

use std::path::{Path, PathBuf};

use super::{Fragments, Look, covers, links};
use crate::domain::{Build, Forbidden, Limit, Place, Rules, Source, Target, TargetBudget};

/// Notes what budgets.toml says otherwise of the target than it did.
pub(super) fn compare(look: &Look<'_>, found: &mut Fragments) {
    let Some(before) = look.question.before else {
        if is_touched(look) {
            found.unknown("budgets.toml as it was cannot be read".to_owned());
        }
        return;
    };
    let declares = |target: &&Target| target.name == look.target.name;
    let Some(now) = look.question.budgets.targets.iter().find(declares) else { return };
    let Some(then) = before.targets.iter().find(declares) else {
        found.said("new in budgets.toml".to_owned());
        return;
    };
    match (&now.build, &then.build) {
        (Some(now), Some(then)) => builds(now, then, found),
        (None, None) => {}
        _ => found.said("where its image comes from".to_owned()),
    }
    // Both are what the files say: what a flag put in its place is no part of either.
    if !is_same_source(look, &now.source, &then.source) || now.look_in != then.look_in {
        found.said("where its image comes from".to_owned());
    }
    if now.base.as_ref().map(|base| &base.reference) != then.base.as_ref().map(|base| &base.reference) {
        found.said("its base in budgets.toml".to_owned());
    }
    if now.platforms != then.platforms {
        found.said("platforms".to_owned());
    }
    let budget = |target, budgets| without_places(TargetBudget::of(target, budgets));
    if budget(now, look.question.budgets) != budget(then, before) {
        found.said("its budget".to_owned());
    }
}

/// Whether both mean the same image, by what is written.
fn is_same_source(look: &Look<'_>, now: &Source, then: &Source) -> bool {
    let real = |path: &Path| links::way(&look.question.cwd.join(path)).map(|way| way.end);
    let is_same_file = |now: &Path, then: &Path| real(now).is_some_and(|now| real(then) == Some(now));
    match (now, then) {
        (Source::Archive { path: now, image }, Source::Archive { path: then, image: other })
        | (Source::Layout { path: now, image }, Source::Layout { path: then, image: other }) => {
            is_same_file(now, then) && image == other
        }
        _ => now == then,
    }
}

fn builds(now: &Build, then: &Build, found: &mut Fragments) {
    let names = now.args.keys().chain(then.args.keys());
    for name in names.filter(|name| now.args.get(*name) != then.args.get(*name)) {
        found.said(format!("build argument {}", crate::text::line(name)));
    }
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let differs = |now: &Path, then: &Path| real(now) != real(then);
    for (what, differs) in [
        ("context", differs(&now.context, &then.context)),
        ("dockerfile", differs(&now.dockerfile, &then.dockerfile)),
        ("target", now.stage != then.stage),
        ("network", now.network != then.network),
    ] {
        if differs {
            found.said(format!("its {what} in budgets.toml"));
        }
    }
}

/// Whether one of the files that say something of the target differs.
fn is_touched(look: &Look<'_>) -> bool {
    let root = look.question.budgets.file.clone();
    let own = look.target.place.as_ref().map(|place| PathBuf::from(&place.file));
    let mut files = root.into_iter().chain(own);
    files.any(|file| {
        // What cannot be found may have moved.
        let Some(way) = links::way(&look.question.cwd.join(file)) else { return true };
        way.links.iter().chain([&way.end]).any(|path| {
            let below = path.strip_prefix(&look.differences.top).ok();
            below.is_none_or(|path| covers(&look.differences.changed, path) || covers(&look.differences.ignored, path))
        })
    })
}

/// A budget as it judges, wherever it is written.
fn without_places(mut budget: TargetBudget) -> TargetBudget {
    fn limit<T>(limit: &mut Option<Limit<T>>) {
        if let Some(limit) = limit {
            limit.place = None;
        }
    }
    fn list<T>(list: &mut [Forbidden<T>]) {
        for entry in list {
            entry.place = None;
        }
    }
    let level = |level: &mut Option<(crate::domain::Level, Option<Place>)>| {
        if let Some((_, place)) = level {
            *place = None;
        }
    };
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
        ..
    } = &mut budget.rules;
    for bytes in [max_size, max_compressed_size, max_own_size, max_layer_size, max_wasted] {
        limit(bytes);
    }
    for growth in [max_growth, max_own_growth] {
        limit(growth);
    }
    for count in [max_layers, max_os_packages] {
        limit(count);
    }
    list(forbid_tools);
    list(forbid_paths);
    for place in [require_non_root, busybox_applets, shadowed_tools] {
        level(place);
    }
    budget.exceptions.iter_mut().for_each(|exception| exception.place = None);
    budget.only_new = budget.only_new.map(|_| Place { file: String::new(), line: 1, column: 1 });
    budget.budget_changes_place = None;
    budget
}
