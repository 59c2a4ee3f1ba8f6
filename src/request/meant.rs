//! What was meant: an image where a target goes, and the targets of the folder that a person stands in.

use std::path::{Path, PathBuf};

use crate::cli::CheckArgs;
use crate::domain::{Budgets, ImageRef, Source, Target};
use crate::session::Session;
use crate::text;

/// The names to check: those on the command line; else, from the folder of some targets, those; else none, which means all.
pub(crate) fn chosen(args: &CheckArgs, budgets: &Budgets, session: &Session) -> Vec<String> {
    if args.all || args.config.is_some() || !args.targets.is_empty() {
        return args.targets.clone();
    }
    let Some(here) = here(budgets, &session.working_directory) else { return Vec::new() };
    let shown = here.iter().map(|target| target.name.as_str()).collect::<Vec<_>>().join(", ");
    let said = format!("checking {shown}, whose folder this is; --all checks all {}", budgets.targets.len());
    session.terminal.notice(&said, None, false);
    // Who gives an image for another target wants that one, too.
    let sources = [&args.source.image, &args.source.archive, &args.source.layout].into_iter().flatten();
    let named = sources.filter_map(|source| source.name.as_ref());
    here.into_iter().map(|target| &target.name).chain(named).map(ToString::to_string).collect()
}

/// The targets of the folder `cwd`; `None` at the root, where the budget file is, and where the folder has none or all of them.
pub(super) fn here<'a>(budgets: &'a Budgets, cwd: &Path) -> Option<Vec<&'a Target>> {
    let root = whole(budgets.file.as_deref()?.parent()?);
    let cwd = whole(cwd);
    if cwd == root || !cwd.starts_with(&root) {
        return None;
    }
    let is_here = |path: &Path| whole(path).starts_with(&cwd);
    let of_folder = |target: &&Target| {
        let source = match &target.source {
            Source::Archive { path, .. } | Source::Layout { path, .. } => Some(path),
            Source::Build | Source::Image(_) => None,
        };
        let built = target.build.as_ref().map(|build| [&build.context, &build.dockerfile]);
        let declared = target.place.as_ref().map(|place| cwd.join(&place.file));
        built.into_iter().flatten().chain(source).any(|path| is_here(path))
            || declared.is_some_and(|file| is_here(&file))
    };
    let found: Vec<&Target> = budgets.targets.iter().filter(of_folder).collect();
    (!found.is_empty() && found.len() < budgets.targets.len()).then_some(found)
}

/// The path without links and `..`, as far as it is there.
fn whole(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// What to type where a word is not a target and looks like an image: `node:22`, `r.example.com/api`, `dist/app.tar`.
pub(super) fn image(word: &str, target: Option<&str>) -> Option<String> {
    let is_archive = [".tar", ".tar.gz", ".tgz", ".tar.zst"].iter().any(|end| word.ends_with(end));
    let is_reference = word.contains(['/', ':', '@']) && word.parse::<ImageRef>().is_ok();
    let (what, flag) = match (is_archive, is_reference) {
        (true, _) => ("an archive", "--archive"),
        (_, true) => ("an image", "--image"),
        _ => return None,
    };
    let shown = text::line(word);
    let command = match target {
        Some(target) => format!("imgbudget check {flag} {target}={shown}"),
        None => format!("imgbudget check {flag} {shown} --max-size 200MB"),
    };
    Some(format!("`{shown}` looks like {what}: `{command}`."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_an_image() {
        let said = |word| image(word, None).unwrap_or_default();
        assert_eq!(
            said("node:22"),
            "`node:22` looks like an image: `imgbudget check --image node:22 --max-size 200MB`."
        );
        assert!(said("r.example.com/acme/api").contains("--image r.example.com/acme/api "));
        assert!(said("dist/app.tar").contains("an archive: `imgbudget check --archive dist/app.tar "));
        for word in ["api", "Api:", "", "a b:c", "\u{1b}[2J:1"] {
            assert_eq!(image(word, None), None, "{word}");
        }
        assert_eq!(
            image("acme/api:1", Some("api")).as_deref(),
            Some("`acme/api:1` looks like an image: `imgbudget check --image api=acme/api:1`.")
        );
    }
}
