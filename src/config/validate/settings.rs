//! What belongs to no single target: the fleet, the comment, the baseline, and what a looser budget is.

use toml::Spanned;

use super::outside;
use crate::config::{Surroundings, raw};
use crate::diagnostics::{Problem, SourceFile};
use crate::domain::{Budgets, CommentSettings, Place, Severity};

/// The settings of the root, and of the policy where the root says nothing.
pub(super) fn settings(root: &raw::File, surroundings: &Surroundings<'_>, problems: &mut Vec<Problem>) -> Budgets {
    let policy = surroundings.policy.map(|policy| &policy.file);
    if let Some(policy) = policy {
        refuse_looser(root, policy, problems);
    }
    outside::refuse_baseline(root, root, surroundings.boundary, problems);
    let has_baseline = |file: &&raw::File| file.baseline.file.is_some() || !file.baseline.images.is_empty();
    let with_baseline = [Some(root), policy].into_iter().flatten().find(has_baseline);
    if let Some(policy) = with_baseline.filter(|_| !has_baseline(&root)) {
        outside::refuse_baseline(policy, root, surroundings.boundary, problems);
    }
    let min_change = root.min_change.or(policy.and_then(|policy| policy.min_change));
    // A policy speaks of many repositories, so its path is one of each.
    let baseline = with_baseline.and_then(|file| file.baseline.file.as_ref());
    Budgets {
        fleet_max_size: root.fleet_max_size.clone(),
        comment: min_change.map_or_else(CommentSettings::default, |min_change| CommentSettings { min_change }),
        baseline: baseline.map(|file| root.directory.join(file.get_ref())),
        baseline_images: with_baseline.map(|file| file.baseline.images.clone()).unwrap_or_default(),
        only_new: only_new(root).or_else(|| only_new(policy?)).and_then(|(is_on, place)| is_on.then_some(place)),
        budget_changes: budget_changes(root).or_else(|| budget_changes(policy?)),
        ..Budgets::default()
    }
}

fn only_new(file: &raw::File) -> Option<(bool, Place)> {
    let only_new = file.baseline.only_new.as_ref()?;
    Some((*only_new.get_ref(), place(&file.source, only_new)))
}

fn budget_changes(file: &raw::File) -> Option<(Severity, Place)> {
    let level = file.budget_changes.as_ref()?;
    Some((*level.get_ref(), place(&file.source, level)))
}

fn place<T>(source: &SourceFile, at: &Spanned<T>) -> Place {
    source.place(at.span().start)
}

/// Notes what eases every rule of the policy at once.
fn refuse_looser(root: &raw::File, policy: &raw::File, problems: &mut Vec<Problem>) {
    let may = |key: &str| policy.terms.may_loosen.contains(&key);
    let is_on = |file: &raw::File| file.baseline.only_new.as_ref().is_some_and(|only_new| *only_new.get_ref());
    if let Some(only_new) =
        root.baseline.only_new.as_ref().filter(|_| is_on(root) && !is_on(policy) && !may("only-new"))
    {
        let message = "`only-new` eases what the policy asks for";
        let hint = format!("Take it out, or ask for may-loosen = [\"only-new\"] in {}.", policy.source.name());
        problems.push(Problem::new(&root.source, only_new.span(), message).with_hint(hint));
    }
    if let (Some(ours), Some((floor, place))) = (&root.budget_changes, budget_changes(policy))
        && *ours.get_ref() < floor
        && !may("budget-changes")
    {
        let message = "`budget-changes` is milder than the policy has it";
        let hint = format!("The policy says so at {place}: a repository may only be stricter. Leave the key out.");
        problems.push(Problem::new(&root.source, ours.span(), message).with_hint(hint));
    }
}
