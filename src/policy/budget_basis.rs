//! What a budget rests on: the baseline that it compares with, the rows of its lock file, and what of a target is measured at all. A change
//! that takes one of them away allows more, although no limit moved.

use std::path::{Component, Path, PathBuf};

use super::Rulebook;
use super::budget_changes::{Changed, arrow, between};
use crate::baseline::Earlier;
use crate::domain::{Budgets, Bytes, Platform, Source, Target, TargetBudget, TargetName, UpTo};
use crate::text;

/// Everything that became of the budget of a target, which was `then` at the baseline.
pub(super) fn changed(
    name: &TargetName,
    then: &TargetBudget,
    now: &TargetBudget,
    rulebook: &Rulebook<'_>,
) -> Vec<Changed> {
    let mut all = between(then, now, rulebook.today);
    // Flags replace what is measured; only the file is compared.
    let declared = |budgets: &Budgets| budgets.targets.iter().find(|target| target.name == *name).cloned();
    let Some(against) = rulebook.against.filter(|_| rulebook.budgets.file.is_some()) else { return all };
    let before = against.budgets.as_deref();
    all.extend(before.and_then(|before| baseline(before, rulebook.budgets)));
    if [then, now].iter().any(|budget| budget.rules.max_growth.is_some() || budget.rules.max_own_growth.is_some()) {
        all.extend(rows(name, rulebook));
    }
    if let Some(now) = declared(rulebook.budgets) {
        let before = before.and_then(declared);
        all.extend(before.as_ref().and_then(|before| source(before, &now)));
        all.extend(before.as_ref().and_then(|before| stage(before, &now)));
        let measured = || measured(name, &against.earlier);
        let platforms = before.map(|before| before.platforms).filter(|all| !all.is_empty()).unwrap_or_else(measured);
        all.extend(dropped_platforms(&platforms, &now));
    }
    all
}

/// The key of a row of the lock file.
pub(super) fn key_of_row(platform: &Platform) -> String {
    text::line(&format!("lock row {platform}"))
}

/// What `[baseline]` names.
fn baseline(then: &Budgets, now: &Budgets) -> Option<Changed> {
    let named = |budgets: &Budgets| {
        let folder = budgets.file.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        let file = budgets.baseline.as_deref().map(|path| path.strip_prefix(folder).unwrap_or(path));
        let file = file.map(|path| {
            path.components()
                .filter(|part| *part != Component::CurDir)
                .collect::<PathBuf>()
                .to_string_lossy()
                .into_owned()
        });
        let images = budgets.baseline_images.iter().map(|image| image.text.clone());
        file.into_iter().chain(images).collect::<Vec<_>>().join(", ")
    };
    let (was, is) = (named(then), named(now));
    let what = match (was.as_str(), is.as_str()) {
        (was, is) if was == is => return None,
        ("", is) => format!("baseline {} added", text::line(is)),
        (was, "") => format!("baseline {} dropped", text::line(was)),
        (was, is) => format!("baseline {} → {}", text::line(was), text::line(is)),
    };
    let place = now.baseline_images.first().map(|image| &image.place);
    Some(Changed::new("baseline", what, !was.is_empty(), place))
}

/// Rows that this change raised: growth is accepted by them as by an exception.
fn rows(name: &TargetName, rulebook: &Rulebook<'_>) -> Vec<Changed> {
    let Some(against) = rulebook.against else { return Vec::new() };
    let (Earlier::Lock(then), Some(now)) = (&against.earlier, &against.lock_now) else { return Vec::new() };
    let platforms: Vec<&Platform> = now.targets().filter(|(of, _)| *of == name).map(|(_, platform)| platform).collect();
    let raised = platforms.iter().filter_map(|platform| {
        let (was, is) = (then.get(name, platform)?, now.get(name, platform)?);
        let own = |size: Bytes, base: Option<Bytes>| Some(size.saturating_sub(base?));
        let row = if platforms.len() > 1 { key_of_row(platform) } else { "lock row".to_owned() };
        let what = if is.size > was.size {
            format!("{row} {}", arrow(UpTo::Bytes(was.size), UpTo::Bytes(is.size)))
        } else {
            let (was, is) = (own(was.size, was.base)?, own(is.size, is.base)?);
            (is > was).then(|| format!("{row}: own layers {}", arrow(UpTo::Bytes(was), UpTo::Bytes(is))))?
        };
        Some(Changed::new(&key_of_row(platform), what, true, None))
    });
    raised.collect()
}

/// Where the image comes from.
fn source(then: &Target, now: &Target) -> Option<Changed> {
    let word = |source: &Source| match source {
        Source::Build => "build",
        Source::Image(_) => "image",
        Source::Archive { .. } => "archive",
        Source::Layout { .. } => "layout",
    };
    let (was, is) = (word(&then.source), word(&now.source));
    (was != is).then(|| Changed::new("source", format!("source {was} → {is}"), true, now.place.as_ref()))
}

/// Which stage is built: another one is another image.
fn stage(then: &Target, now: &Target) -> Option<Changed> {
    let (was, is) = (&then.build.as_ref()?.stage, &now.build.as_ref()?.stage);
    let word = |stage: &Option<String>| stage.as_deref().map_or("the last".to_owned(), text::line);
    (was != is).then(|| Changed::new("stage", format!("stage {} → {}", word(was), word(is)), true, now.place.as_ref()))
}

/// The platforms on which the baseline has a target.
fn measured(name: &TargetName, earlier: &Earlier) -> Vec<Platform> {
    match earlier {
        Earlier::Report(report) => {
            let same = report.targets.iter().filter(|target| target.name == *name);
            same.filter_map(|target| target.platform.clone()).collect()
        }
        Earlier::Lock(lock) => {
            lock.targets().filter(|(of, _)| *of == name).map(|(_, platform)| platform.clone()).collect()
        }
        Earlier::NotAsked | Earlier::Missing(_) | Earlier::OtherDefinition(_) => Vec::new(),
    }
}

/// Platforms that the file does not ask for any more. Where it leaves the choice to whoever has the image, one of them is measured still.
fn dropped_platforms(then: &[Platform], now: &Target) -> Vec<Changed> {
    if now.platforms.is_empty() && then.len() < 2 {
        return Vec::new();
    }
    let gone = then.iter().filter(|platform| !now.platforms.iter().any(|wanted| platform.satisfies(wanted)));
    gone.map(|platform| {
        let what = text::line(&format!("platform {platform} dropped"));
        Changed::new(&what, what.clone(), true, now.place.as_ref())
    })
    .collect()
}
