//! What only several tables and files together can get wrong, and the [`Budgets`] that come out.

mod allow;
mod enforce;
mod floor;
mod inherit;
mod looser;
mod outside;
mod settings;
mod target;
mod terms;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub(super) use floor::beneath;

use super::{Surroundings, raw};
use crate::diagnostics::Problem;
use crate::domain::{Budgets, Place};

/// Joins the root file at `path` with the files it includes. What comes out is complete when no problem was added.
pub(super) fn budgets(
    path: PathBuf,
    root: &raw::File,
    included: &[raw::File],
    surroundings: &Surroundings<'_>,
    problems: &mut Vec<Problem>,
) -> Budgets {
    let mut budgets = Budgets { file: Some(path), ..settings::settings(root, surroundings, problems) };
    let files: Vec<&raw::File> = std::iter::once(root).chain(included).collect();
    // A `targets` that could not be read has been complained about already.
    if problems.is_empty() && files.iter().all(|file| file.targets.is_empty()) {
        let hint = "Declare one: [targets.api] with context = \"services/api\" under it, or with `image`, `archive` or `layout`.";
        problems.push(
            Problem::new(&root.source, 0..0, "no target is declared, so nothing would be judged").with_hint(hint),
        );
    }
    unique_names(&files, problems);
    let mut floors = Vec::new();
    for file in &files {
        for target in &file.targets {
            let valid = target::target(file, target, root, surroundings.policy, &mut floors, problems);
            let Some(valid) = valid else { continue };
            outside::refuse(file, target, &valid, surroundings, problems);
            budgets.targets.push(valid);
        }
    }
    let names_in =
        |file: &raw::File| file.targets.iter().map(|target| target.name.get_ref().clone()).collect::<Vec<_>>();
    let everybody: Vec<String> = files.iter().copied().flat_map(names_in).collect();
    budgets.allows.extend(root.allows.iter().filter_map(|allow| allow::of_root(root, allow, &everybody, problems)));
    for file in included {
        let own = names_in(file);
        budgets.allows.extend(file.allows.iter().filter_map(|allow| allow::of_included(file, allow, &own, problems)));
    }
    if let Some(policy) = surroundings.policy {
        for (file, allow) in files.iter().flat_map(|file| file.allows.iter().map(move |allow| (*file, allow))) {
            terms::refuse(file, allow, &floors, policy, problems);
        }
        budgets.allows.extend(policy.allows());
        budgets.policy = Some(policy.named());
    }
    budgets
}

/// Notes every target whose name another one has taken before.
fn unique_names(files: &[&raw::File], problems: &mut Vec<Problem>) {
    let mut declared: BTreeMap<&str, Place> = BTreeMap::new();
    for file in files {
        for target in &file.targets {
            let (name, span) = (target.name.get_ref().as_str(), target.name.span());
            if let Some(first) = declared.get(name) {
                let problem = Problem::new(&file.source, span, format!("the target `{name}` is declared twice"));
                problems
                    .push(problem.with_hint(format!("The other one is at {first}; give one of them another name.")));
            } else {
                declared.insert(name, file.source.place(span.start));
            }
        }
    }
}
