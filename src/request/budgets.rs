//! The budgets of a run: those of a file, or those that the command line says in full.

use std::path::Path;

use super::adhoc;
use crate::ci::Environment;
use crate::cli::CheckArgs;
use crate::config;
use crate::credentials::is_our_secret;
use crate::domain::Budgets;
use crate::error::{Class, Error};
use crate::session::{Session, Stop};
use crate::text;

/// The budgets of this run.
pub(crate) fn of(args: &CheckArgs, session: &Session) -> Result<Budgets, Stop> {
    if adhoc::is_adhoc(args) {
        let file = config::discover(&session.working_directory).ok().flatten();
        // With a file at hand and no budget typed, the image is one of the file's targets, and must say which.
        if file.is_none() || !args.budget.is_empty() {
            if file.is_some() {
                session.terminal.notice(
                    "judged by the budget on the command line alone; budgets.toml is not read",
                    None,
                    false,
                );
            }
            return Ok(adhoc::budgets(args)?);
        }
    } else if !args.budget.is_empty() {
        return Err(Error::new(Class::Usage, "a budget on the command line needs an image there, too")
            .with_hint("Add --image REF, --archive PATH or --layout DIR; or write the budget into budgets.toml.")
            .into());
    }
    of_file(args.config.as_deref(), session)
}

/// The budgets of a file, of the nearest when none is named.
pub(crate) fn of_file(config: Option<&Path>, session: &Session) -> Result<Budgets, Stop> {
    let path = match config {
        Some(path) => session.working_directory.join(path),
        None => config::discover(&session.working_directory)?.ok_or_else(|| no_file(session))?,
    };
    let environment = |name: &str| for_build(&session.environment, name);
    Ok(config::load(&path, &environment, &session.working_directory)?)
}

/// A variable that budgets.toml may hand to a build. Tokens of ours it may not: whatever the Dockerfile runs could read them, and they
/// would stay in the image's history.
fn for_build(environment: &Environment, name: &str) -> Option<String> {
    environment.get(name).filter(|_| !is_our_secret(name)).cloned()
}

/// No file is no dead end: the message names those further down, or holds one that fits the Dockerfiles nearby.
fn no_file(session: &Session) -> Error {
    /// What still is a glance: the head and some ten targets.
    const MOST_LINES: usize = 60;
    let below = config::discover::below(&session.working_directory, 5);
    if let Some(first) = below.first() {
        let folders: Vec<String> = below
            .iter()
            .filter_map(|file| file.parent())
            .map(|folder| text::line(&format!("{}/", folder.display())))
            .collect();
        let first = text::line(&first.display().to_string());
        return Error::new(
            Class::Config,
            format!("there is no budgets.toml here; there is one in {}", folders.join(", ")),
        )
        .with_hint(format!("Run it there, or name the file: --config {first}."));
    }
    let proposal = config::propose(&session.working_directory);
    let mut lines: Vec<String> = proposal.text.lines().map(str::to_owned).collect();
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        lines.push("# … and more, which `imgbudget init` writes".to_owned());
    }
    Error::new(Class::Config, "there is no budgets.toml here or above it in a repository; this one fits what was found")
        .with_detail(lines)
        .with_hint("`imgbudget init` writes it; `imgbudget check --image REF --max-size 150MB` needs none.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_cannot_take_the_token() {
        let environment = ["GITHUB_TOKEN", "GH_TOKEN", "IMGBUDGET_GITHUB_TOKEN", "NPM_TOKEN"]
            .map(|name| (name.into(), "x".into()))
            .into();
        assert_eq!(for_build(&environment, "NPM_TOKEN").as_deref(), Some("x"));
        for name in ["GITHUB_TOKEN", "GH_TOKEN", "IMGBUDGET_GITHUB_TOKEN", "UNSET"] {
            assert_eq!(for_build(&environment, name), None, "{name}");
        }
    }
}
