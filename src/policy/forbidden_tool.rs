//! `forbidden-tool`: a tool in the final file system.

use super::case::{Case, Ruling, tally};
use super::{places, tools, words};
use crate::catalogue::{self, busybox};
use crate::domain::{Amount, Bytes, Finding, FoundPackage, Origin, Role, Rule, Severity, ToolRemoval};

pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let first = case.rules.forbid_tools.first()?;
    let tools = match case.shown(Rule::ForbiddenTool) {
        Ok(shown) => &shown.tools,
        Err(unread) => return Some(unread.into()),
    };
    let (groups, allows) = tools::forbidden(case, Rule::ForbiddenTool, tools);
    let findings: Vec<Finding> = groups.into_iter().map(|group| describe(case, &group)).collect();
    Some(Ruling::Judged {
        outcome: tally(Rule::ForbiddenTool, &findings, first.place.clone()),
        findings,
        allows,
        accepted: Vec::new(),
    })
}

fn describe(case: &Case<'_>, group: &tools::Group<'_>) -> Finding {
    let bytes = places::bytes(group.paths.iter().copied());
    let (paths, more_paths) = places::shown(group.paths.iter().copied());
    let several = group.names.len() > 1;
    let of_busybox = group.family == busybox::NAME;
    let message = if of_busybox { of_one_file(group, bytes) } else { in_the_image(&group.names, bytes) };
    // Where BusyBox is forbidden, what helps against it helps against what it provides.
    let of_applets = of_busybox && !group.names.contains(&busybox::NAME);
    let packages = group.packages(case);
    let hint = if of_applets { applets_hint(case, group) } else { hint(case, group, several) };
    let hint = match case.origin(group.layer) {
        // The same for every tool, so that what one base brings is told together.
        Origin::Base => hint,
        Origin::Own | Origin::Unknown => {
            comes_with(&packages, several).map_or(hint.clone(), |said| format!("{said} {hint}"))
        }
    };
    Finding {
        actual: Some(Amount::Bytes(bytes)),
        names: group.names.iter().map(|name| words::clip(name)).collect(),
        paths,
        more_paths,
        packages: packages.iter().map(|removal| shown(&removal.package)).collect(),
        layer: case.layer_ref(group.layer, Role::Cause),
        hint: Some(hint),
        budget: group.place.cloned(),
        ..Finding::new(Rule::ForbiddenTool, group.severity, group.family, message)
    }
}

/// `Comes with package npm 9.2.0; removing it frees 209.0 MB (372 packages).`
fn comes_with(packages: &[&ToolRemoval], several: bool) -> Option<String> {
    let come = if several { "Come" } else { "Comes" };
    let (first, rest) = packages.split_first()?;
    let FoundPackage { name, version, frees, goes, .. } = shown(&first.package);
    let version = version.map(|version| format!(" {version}")).unwrap_or_default();
    let others = match rest.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let freed = match (frees, rest.is_empty()) {
        (Some(frees), true) if goes > 1 => format!("; removing it frees {frees} ({goes} packages)"),
        (Some(frees), true) => format!("; removing it frees {frees}"),
        _ => String::new(),
    };
    let noun = if rest.is_empty() { "package" } else { "packages" };
    Some(format!("{come} with {noun} {name}{version}{others}{freed}."))
}

/// A package as a report has it: names are a stranger's and may be long.
fn shown(package: &FoundPackage) -> FoundPackage {
    let version = package.version.as_deref().map(words::clip);
    FoundPackage { name: words::clip(&package.name), version, ..package.clone() }
}

fn in_the_image(names: &[&str], bytes: Bytes) -> String {
    let are = if names.len() > 1 { "are" } else { "is" };
    format!("{} {are} in the image{}", words::list(names), words::in_brackets(bytes))
}

/// BusyBox and what it provides: one file, whatever it is called.
fn of_one_file(group: &tools::Group<'_>, bytes: Bytes) -> String {
    let (itself, applets): (Vec<&str>, Vec<&str>) = group.names.iter().partition(|name| **name == busybox::NAME);
    let provided = match applets.len() {
        0 => String::new(),
        1 => format!("provides {}", words::list(&applets)),
        several => format!("provides {several} of the forbidden tools: {}", words::list(&applets)),
    };
    match (itself.is_empty(), provided.is_empty()) {
        (true, _) => format!("busybox {provided}"),
        (false, true) => in_the_image(&itself, bytes),
        (false, false) => format!("{} and {provided}", in_the_image(&itself, bytes)),
    }
}

fn applets_hint(case: &Case<'_>, group: &tools::Group<'_>) -> String {
    if group.severity == Severity::Note {
        return "Groups do not forbid what BusyBox provides: name the tools in `forbid-tools`, or set `busybox-applets`.".to_owned();
    }
    let without =
        "An applet can be called without its link, as `busybox wget`: only a base image without BusyBox is without it.";
    match case.origin(group.layer) {
        Origin::Base => format!("{without} Or allow it with a reason and `origin = \"base\"`."),
        Origin::Own | Origin::Unknown => without.to_owned(),
    }
}

/// What fits the instruction that brought the tools. The base image is named only where it is certain.
fn hint(case: &Case<'_>, group: &tools::Group<'_>, several: bool) -> String {
    let object = if several { "them" } else { "it" };
    match case.origin(group.layer) {
        // The same for one tool and for several, so that what one base brings is told together.
        Origin::Base => {
            "Comes with the base image: use another base, or allow it with a reason and `origin = \"base\"`. \
                         Deleting it in a later layer frees no bytes."
                .to_owned()
        }
        Origin::Unknown => format!(
            "Build in an earlier stage and copy only what runs, or use a base image without {object}. \
             Deleting {object} in a later layer frees no bytes."
        ),
        Origin::Own => own_hint(case, group),
    }
}

fn own_hint(case: &Case<'_>, group: &tools::Group<'_>) -> String {
    let instruction = case.instruction(group.layer);
    let is_one_of = |set: &str| {
        catalogue::group_members(set).is_some_and(|mut tools| tools.any(|tool| group.names.contains(&tool.name)))
    };
    let advice = if instruction.contains("apt") && instruction.contains(" install") {
        "Install it in an earlier stage and copy only what runs; where another package drags it in, \
         `apt-get install --no-install-recommends` often leaves it out."
    } else if is_one_of("node-dev") {
        "Leave development dependencies out with `npm ci --omit=dev`, or build in an earlier stage and copy only what runs."
    } else if group.family == "pip" {
        "Make a virtual environment with `python3 -m venv --without-pip`, or uninstall pip where the environment is filled."
    } else if case.is_copied(group.layer) && ["npm", "yarn", "pnpm"].contains(&group.family) {
        "Copy only what runs, such as /usr/local/bin/node, from the stage that has it."
    } else {
        "Build in an earlier stage and copy only what runs into this one."
    };
    advice.to_owned()
}
