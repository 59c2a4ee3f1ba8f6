//! A place that can be changed, as a list item: where, by how much, what is the matter, what to do, and how to accept it.

use super::item::{SENTENCE, eased_words};
use super::shared::Whose;
use super::view::{DOT, View, symbol, unbroken};
use crate::domain::{Bytes, Cause, CauseAt, Place, Severity, TargetReport, Verdict};
use crate::output::packages;
use crate::text;

/// Targets that are named of a cause which several share.
const NAMES: usize = 3;

/// One cause, of one target or of several that share it.
pub(super) fn item(view: &View<'_>, shared: &[Whose<'_>]) -> String {
    let Some((target, cause)) = shared.first() else { return String::new() };
    let mut head = vec![place(view, shared)];
    head.extend(amounts(shared));
    head.extend(easing(target, cause));
    head.retain(|part| !part.is_empty());
    let mut lines = vec![head.join(DOT), advice(target, cause)];
    lines.extend(touched_again(view, target, cause));
    lines.extend(new_packages(target, cause));
    lines.extend(grown(target, cause));
    lines.extend(needed(shared));
    lines.retain(|line| !line.is_empty());
    // Below a heading that has the mark, only what differs from it needs one.
    let is_milder = cause.severity == Severity::Warn && target.verdict != Verdict::Warn;
    let mark = if is_milder { format!("{} ", symbol(Verdict::Warn)) } else { String::new() };
    format!("- {mark}{}", lines.join("<br>"))
}

/// ``[`Dockerfile:18`](…) `RUN npm ci` ``. Lines that differ between those who share the cause are left out.
pub(super) fn place(view: &View<'_>, shared: &[Whose<'_>]) -> String {
    let Some((target, cause)) = shared.first() else { return String::new() };
    let (words, line) = at(target, cause);
    let is_one = shared.iter().all(|(target, cause)| at(target, cause).1 == line);
    let line = line.filter(|_| is_one).map(|line| view.path(line));
    line.into_iter().chain(words).collect::<Vec<_>>().join(" ")
}

/// What is there, and its line.
fn at<'a>(target: &'a TargetReport, cause: &'a Cause) -> (Option<String>, Option<&'a Place>) {
    match &cause.at {
        CauseAt::Stage => (Some("the wrong stage".to_owned()), None),
        CauseAt::Layer { index, line } => (Some(instruction(target, *index, line.is_some())), line.as_ref()),
        CauseAt::Base { line } => {
            let base = target.base.as_ref().map(|base| format!("FROM {}", base.reference));
            let base = base.map_or_else(|| "the base image".to_owned(), |base| text::markdown_code(&base));
            (Some(base), line.as_ref().or_else(|| target.base.as_ref().map(|base| &base.place)))
        }
        // What is the matter mostly says it: "no USER".
        CauseAt::Setting { instruction, line } => {
            let is_said = cause.what.contains(instruction.as_str());
            ((!is_said).then(|| text::markdown_code(instruction)), line.as_ref())
        }
        CauseAt::Image => (None, None),
        CauseAt::Budget { line } => (None, line.as_ref()),
    }
}

/// A layer by its instruction; one without a line by its position, too.
fn instruction(target: &TargetReport, index: usize, has_line: bool) -> String {
    let made_by = target.layers.get(index).and_then(|layer| layer.created_by.as_deref());
    let made_by = made_by.map(|made_by| text::markdown_code(&text::instruction(made_by)));
    let position = format!("layer {} of {}", index.saturating_add(1), target.layers.len());
    match made_by {
        Some(made_by) if has_line => made_by,
        Some(made_by) => format!("{position} {made_by}"),
        None => position,
    }
}

/// `**+64.2 MB**`, or at most what fixing it frees: `frees ≤ 24.0 MB`.
fn amounts(shared: &[Whose<'_>]) -> Vec<String> {
    let (_, grew) = range(shared, |cause| cause.grew);
    let (same, frees) = range(shared, |cause| cause.frees);
    let each = if shared.len() > 1 && same { " each" } else { "" };
    let grew = grew.map(|grew| format!("**+{}**", unbroken(&grew.to_string())));
    let frees = frees.map(|frees| format!("frees ≤\u{a0}{}{each}", unbroken(&frees.to_string())));
    grew.into_iter().chain(frees).collect()
}

/// The largest amount of those who share a cause, where it is more than nothing, and whether it is that of all.
fn range(shared: &[Whose<'_>], of: impl Fn(&Cause) -> Option<Bytes>) -> (bool, Option<Bytes>) {
    let mut amounts = shared.iter().map(|(_, cause)| of(cause));
    let most = amounts.clone().flatten().max().filter(|most| *most > Bytes::ZERO);
    (amounts.all(|amount| amount == most), most)
}

/// Why it only warns.
fn easing(target: &TargetReport, cause: &Cause) -> Vec<String> {
    let findings = cause.findings.iter().filter_map(|index| target.findings.get(*index));
    let mut said: Vec<String> = findings.filter_map(eased_words).collect();
    said.sort();
    said.dedup();
    said
}

/// `new: typescript, jest → npm ci --omit=dev`.
fn advice(target: &TargetReport, cause: &Cause) -> String {
    let new = if cause.is_new == Some(true) && has_found(target, cause) { "**new:** " } else { "" };
    let what = text::markdown_prose(&cause.what, SENTENCE);
    if cause.fix.is_empty() {
        return format!("{new}{what}");
    }
    format!("{new}{what} → {}", text::markdown_prose(&quoted(&cause.fix), SENTENCE))
}

/// Whether something is there that should not be: a tool, a path. A limit is passed by the whole.
fn has_found(target: &TargetReport, cause: &Cause) -> bool {
    cause.findings.iter().filter_map(|index| target.findings.get(*index)).any(|finding| finding.limit.is_none())
}

/// A fix that begins with a command has all of it in one code span: `` `npm ci --omit=dev` in the stage … ``.
fn quoted(fix: &str) -> String {
    const COMMANDS: [&str; 7] = ["COPY", "apk", "apt-get", "npm", "pip", "pnpm", "yarn"];
    let words: Vec<&str> = fix.split(' ').collect();
    let is_command = words.first().is_some_and(|first| COMMANDS.contains(first)) && !fix.contains('`');
    let option = words.iter().position(|word| word.starts_with("--")).filter(|_| is_command);
    let Some((command, rest)) = option.and_then(|option| words.split_at_checked(option + 1)) else {
        return fix.to_owned();
    };
    let rest = if rest.is_empty() { String::new() } else { format!(" {}", rest.join(" ")) };
    format!("`{}`{rest}", command.join(" "))
}

/// ``new packages: `typescript` 23.0 MB, `jest` 12.0 MB``.
fn new_packages(target: &TargetReport, cause: &Cause) -> Option<String> {
    let CauseAt::Layer { index, .. } = &cause.at else { return None };
    packages::new_in(target, *index, text::markdown_code).map(|new| format!("new packages: {new}"))
}

/// Where the bytes are of a whole that grew too much.
fn grown(target: &TargetReport, cause: &Cause) -> Option<String> {
    let is_growth = cause.grew.is_some_and(|grew| grew > Bytes::ZERO) && !has_found(target, cause);
    let grown = packages::grown(target, text::markdown_code).filter(|_| is_growth)?;
    Some(format!("in {grown}"))
}

/// The instruction that changed the same files again.
fn touched_again(view: &View<'_>, target: &TargetReport, cause: &Cause) -> Option<String> {
    let index = cause.touched_again?;
    let line = target.layers.get(index)?.dockerfile.as_ref();
    let line = line.map(|line| format!("{} ", view.path(line))).unwrap_or_default();
    Some(format!("copied again by {line}{}", instruction(target, index, !line.is_empty())))
}

/// The command that accepts it, for all who share it where one line can.
fn needed(shared: &[Whose<'_>]) -> Option<String> {
    const LONGEST: usize = 300;
    let commands: Vec<(&str, &str)> = shared.iter().filter_map(|whose| split_at_name(whose)).collect();
    let (first, rest) = commands.first()?;
    let mut names: Vec<&str> = commands.iter().map(|(name, _)| *name).collect();
    names.dedup();
    let is_one = commands.len() == shared.len() && commands.iter().all(|(_, other)| other == rest);
    let command = |names: &str| format!("{ALLOW}{names}{rest} --reason \"…\"");
    let all = command(&names.join(","));
    let shown = if is_one && all.chars().count() <= LONGEST { all } else { command(first) };
    // Half a command is none.
    if shown.chars().count() > SENTENCE || text::line_within(&shown, SENTENCE) != shown {
        return None;
    }
    let others = if is_one { 0 } else { names.len() - 1 };
    let others = if others > 0 { format!(", and so for the other {others}") } else { String::new() };
    Some(format!("Needed? {}{others}", text::markdown_command(&shown)))
}

/// How every command begins that excuses something.
const ALLOW: &str = "imgbudget allow ";

/// `api` and ` npm --origin base`: whom a command is for, and what follows.
fn split_at_name<'a>((target, cause): &Whose<'a>) -> Option<(&'a str, &'a str)> {
    let name = target.name.as_str();
    let rest = cause.allow.as_deref()?.strip_prefix(ALLOW)?.strip_prefix(name)?;
    rest.starts_with(' ').then_some((name, rest))
}

/// `` `node:20-slim` brings npm, npx: `node-04`, `node-08` and 8 more``: a cause in one line, for what is folded.
pub(super) fn brief(view: &View<'_>, shared: &[Whose<'_>]) -> String {
    let Some((target, cause)) = shared.first() else { return String::new() };
    let what = text::markdown_prose(&cause.what, SENTENCE);
    let targets: Vec<&TargetReport> = shared.iter().map(|(target, _)| *target).collect();
    let names = view.several(&targets, NAMES);
    let said = match (&cause.at, &target.base) {
        (CauseAt::Base { .. }, Some(base)) => {
            let brings = if has_found(target, cause) { " brings" } else { ":" };
            format!("{}{brings} {what}", text::markdown_code(&base.reference))
        }
        (CauseAt::Setting { .. } | CauseAt::Image | CauseAt::Stage, _) => what,
        _ => format!("{}{DOT}{what}", place(view, shared)),
    };
    format!("- {said}: {names}")
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_command_is_one_span() {
        for (fix, shown) in [
            ("npm ci --omit=dev", "`npm ci --omit=dev`"),
            ("COPY --chown=node:node on lines 21 and 23", "`COPY --chown=node:node` on lines 21 and 23"),
            ("pnpm install --prod in the stage", "`pnpm install --prod` in the stage"),
            ("use `npm --x`", "use `npm --x`"),
            ("copy only what runs", "copy only what runs"),
        ] {
            assert_eq!(quoted(fix), shown);
        }
    }
}
