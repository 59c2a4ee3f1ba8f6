//! What to change on a line of a Dockerfile: it depends on what the instruction does.

use super::evidence::Evidence;
use crate::catalogue::paths::fix::{Step, fix, ignored};
use crate::catalogue::{self, owner};
use crate::domain::{Finding, Origin, PathGroup, Rule, ToolRemoval};
use crate::image::{CopiedFrom, HiddenHow};
use crate::policy::case::Case;
use crate::policy::os_packages;
use crate::text;

/// What helps where nothing better is known.
pub(super) const COPY_WHAT_RUNS: &str = "build in an earlier stage and copy only what runs";
/// How many lines are named.
const MOST_LINES: usize = 3;

/// About tools and paths.
pub(super) fn of_found(case: &Case<'_>, evidence: &Evidence<'_>, finding: &Finding, index: usize) -> String {
    match finding.rule {
        Rule::ForbiddenPath => of_paths(case, evidence, finding, index),
        Rule::ShadowedTool if case.is_copied(index) => "leave them out of the COPY".to_owned(),
        Rule::ShadowedTool => "install and remove in one RUN".to_owned(),
        _ => of_tools(case, evidence, finding, index),
    }
}

fn of_tools(case: &Case<'_>, evidence: &Evidence<'_>, finding: &Finding, index: usize) -> String {
    let instruction = case.instruction(index);
    let names = evidence.tools(finding).map_or(&[][..], |tools| &tools.names);
    let is_one_of =
        |set: &str| catalogue::group_members(set).is_some_and(|mut tools| tools.any(|tool| names.contains(&tool.name)));
    if is_one_of("node-dev") {
        let install = without_dev(&instruction);
        match case.layer(index).and_then(|layer| layer.copied_from) {
            Some(CopiedFrom::Context) => "add node_modules to .dockerignore".to_owned(),
            Some(CopiedFrom::Stage) => format!("{install} in the stage it is copied from"),
            None => install.to_owned(),
        }
    } else if finding.subject == "pip" {
        "make the virtual environment with `python3 -m venv --without-pip`".to_owned()
    } else if instruction.contains("apt") && instruction.contains(" install") {
        let packages = evidence.tools(finding).map(|tools| tools.packages(case)).unwrap_or_default();
        of_package(&packages).unwrap_or_else(|| "install in an earlier stage and copy only what runs".to_owned())
    } else if case.is_copied(index) {
        "copy only what runs".to_owned()
    } else {
        COPY_WHAT_RUNS.to_owned()
    }
}

/// The one package that tools come with, where it can be removed.
fn of_package(packages: &[&ToolRemoval]) -> Option<String> {
    let [ToolRemoval { package, .. }] = packages else { return None };
    let others = package.goes.checked_sub(1)?;
    let with = if others > 0 { format!(" and {others} that go with it") } else { String::new() };
    let name = text::line(&package.name);
    Some(format!("leave out package {name}{with}, or install it in an earlier stage and copy only what runs"))
}

fn without_dev(instruction: &str) -> &'static str {
    if instruction.contains("pnpm ") {
        "pnpm install --prod"
    } else if instruction.contains("yarn") {
        "yarn install --production"
    } else {
        "npm ci --omit=dev"
    }
}

fn of_paths(case: &Case<'_>, evidence: &Evidence<'_>, finding: &Finding, index: usize) -> String {
    let copied_from = case.layer(index).and_then(|layer| layer.copied_from);
    let instruction = case.instruction(index);
    if let Ok(group) = finding.subject.parse::<PathGroup>() {
        let largest = evidence.paths(finding).iter().max_by_key(|found| (found.size, std::cmp::Reverse(&found.path)));
        let path = largest.map(|found| text::line(&String::from_utf8_lossy(&found.path))).unwrap_or_default();
        return fix(group, &path, step(case, index));
    }
    if copied_from == Some(CopiedFrom::Context) {
        // The history says where to, and the name is the same on both sides.
        let name = match evidence.paths(finding) {
            [one] if finding.more_paths == 0 => Some(ignored(&String::from_utf8_lossy(&one.path))),
            _ => None,
        };
        let pattern = || finding.subject.strip_prefix("**/").map(|_| finding.subject.clone());
        return match name.or_else(pattern) {
            Some(name) => format!("add {} to .dockerignore", text::line(&name)),
            None => "add it to .dockerignore".to_owned(),
        };
    }
    if instruction.starts_with("RUN ") {
        if finding.subject.contains("/var/lib/apt/lists") {
            return "end the RUN with && rm -rf /var/lib/apt/lists/*".to_owned();
        }
        return "remove it in the same RUN".to_owned();
    }
    match copied_from {
        Some(_) => "leave it out of the COPY".to_owned(),
        None if case.is_copied(index) => "add it to .dockerignore, or leave it out of the COPY".to_owned(),
        None => "remove it in the instruction that makes it".to_owned(),
    }
}

/// What the instruction is that made a layer.
fn step(case: &Case<'_>, index: usize) -> Step {
    match case.layer(index).and_then(|layer| layer.copied_from) {
        Some(CopiedFrom::Context) => Step::FromContext,
        Some(CopiedFrom::Stage) => Step::FromStage,
        None if case.is_copied(index) => Step::Copied,
        None if case.instruction(index).starts_with("RUN ") => Step::Run,
        None => Step::Other,
    }
}

/// About wasted bytes that are put down to a layer.
pub(super) fn of_waste(case: &Case<'_>, evidence: &Evidence<'_>, index: usize) -> String {
    let Some(culprit) = evidence.culprit() else { return "make files once, in their last form".to_owned() };
    let path = evidence.wasted_path().map(|path| text::line(&path));
    match (culprit.how, path) {
        (HiddenHow::Again, path) => of_copies(case, &culprit.others(), index, path),
        (HiddenHow::Deleted, Some(path)) => match case.layer(index).and_then(|layer| layer.copied_from) {
            Some(CopiedFrom::Context) => format!("leave {path} out with .dockerignore"),
            Some(CopiedFrom::Stage) => format!("leave {path} out of the COPY"),
            None => format!("delete {path} in the instruction that makes it"),
        },
        (HiddenHow::Deleted, None) => "delete files in the instruction that makes them".to_owned(),
        (HiddenHow::Replaced, _) => "make files once, in their last form".to_owned(),
    }
}

/// A layer that has again what `brought` brought, most first.
fn of_copies(case: &Case<'_>, brought: &[usize], index: usize, path: Option<String>) -> String {
    let instruction = case.instruction(index);
    if case.is_copied(index) {
        return path.map_or_else(|| "copy it once".to_owned(), |path| format!("copy {path} once"));
    }
    let Some(most) = brought.first() else { return "make files once, in their last form".to_owned() };
    if case.origin(*most) == Origin::Base {
        let what = if owner(&instruction).is_some() { "chown only" } else { "change only" };
        return format!("{what} what your own lines add");
    }
    let is_copied = case.is_copied(*most);
    let lines = lines(case, brought.iter().copied().filter(|layer| case.is_copied(*layer) == is_copied));
    let on = lines.map(|lines| format!(" on {lines}")).unwrap_or_default();
    match (is_copied, owner(&instruction), instruction.contains("chmod ")) {
        (true, Some(owner), _) => format!("COPY --chown={owner}{on}"),
        (true, None, true) => format!("COPY --chmod{on}"),
        (true, None, false) => format!("copy files in their last form{on}"),
        (false, Some(_), _) => format!("chown in the RUN{on}"),
        (false, None, true) => format!("chmod in the RUN{on}"),
        (false, None, false) => format!("change files in the RUN{on}"),
    }
}

/// `line 21`, `lines 21 and 23`, `lines 21, 23, 25 and 2 more`; `None` where one is not known.
fn lines(case: &Case<'_>, layers: impl Iterator<Item = usize>) -> Option<String> {
    let line = |layer: usize| case.layer(layer)?.dockerfile.as_ref().map(|place| place.line);
    let mut lines = layers.map(line).collect::<Option<Vec<u32>>>()?;
    lines.sort_unstable();
    lines.dedup();
    let shown: Vec<String> = lines.iter().take(MOST_LINES).map(u32::to_string).collect();
    Some(match (shown.split_last(), lines.len().saturating_sub(MOST_LINES)) {
        (None, _) => return None,
        (Some((one, [])), _) => format!("line {one}"),
        (Some((last, first)), 0) => format!("lines {} and {last}", first.join(", ")),
        (Some(_), more) => format!("lines {} and {more} more", shown.join(", ")),
    })
}

/// About a limit: what is usually left out of such an instruction.
pub(super) fn of_limit(case: &Case<'_>, index: usize) -> String {
    let instruction = case.instruction(index);
    let has = |text: &str| instruction.contains(text);
    let lacks = |texts: &[&str]| !texts.iter().any(|text| instruction.contains(text));
    let fix = if case.is_copied(index) {
        match case.layer(index).and_then(|layer| layer.copied_from) {
            Some(CopiedFrom::Context) => "leave out what does not run: .dockerignore, or fewer sources",
            _ => "copy only what runs",
        }
    } else if (has("npm ci") || has("npm install")) && lacks(&["--omit", "--production", "install -g", "--global"]) {
        "npm ci --omit=dev"
    } else if has("apt-get") && has(" install") && lacks(&["--no-install-recommends"]) {
        "apt-get install --no-install-recommends"
    } else if has("apk add") && lacks(&["--no-cache"]) {
        "apk add --no-cache"
    } else if has("pip") && has(" install") && lacks(&["--no-cache-dir"]) {
        "pip install --no-cache-dir"
    } else {
        COPY_WHAT_RUNS
    };
    fix.to_owned()
}

/// About too many packages of the operating system.
pub(super) fn of_packages(case: &Case<'_>, index: usize) -> String {
    match os_packages::without_recommended(case.contents, &case.instruction(index), index) {
        Some((fix, count)) => {
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            format!("{fix} leaves out {}", text::count(count, "package", "packages"))
        }
        None => COPY_WHAT_RUNS.to_owned(),
    }
}
