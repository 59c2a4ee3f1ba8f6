//! The budgets of a run: those of a file, or those that the command line says in full.

use std::path::{Path, PathBuf};

use super::{adhoc, git, meant};
use crate::cli::{CheckArgs, PermitArgs};
use crate::config::{self, ConfigError, Loaded, Policy, Surroundings};
use crate::domain::{Budgets, path_from};
use crate::error::{Class, Error};
use crate::files::Boundary;
use crate::session::{Session, Stop, stop};
use crate::text;

/// The variable that stands in for `--policy`, for a job whose command line a repository writes.
const POLICY: &str = "IMGBUDGET_POLICY";

/// The budgets of this run.
pub(crate) fn of(args: &CheckArgs, session: &Session) -> Result<Budgets, Stop> {
    let is_adhoc = adhoc::is_adhoc(args);
    if is_adhoc {
        let file = config::discover(&session.working_directory).ok().flatten();
        // With a file and no budget typed, the image is one of the file's targets, and must say which.
        if file.is_none() || !args.budget.is_empty() {
            if file.is_some() {
                session.terminal.notice(
                    "judged by the budget on the command line alone; budgets.toml is not read",
                    None,
                    false,
                );
            }
            let policy = policy(&args.permits, session)?;
            return Ok(adhoc::budgets(args, policy.as_ref())?);
        }
    }
    let image = args.targets.first().and_then(|word| meant::image(word, None));
    if !is_adhoc && !args.budget.is_empty() {
        let hint = "Add --image REF, --archive PATH or --layout DIR; or write the budget into budgets.toml.";
        return Err(Error::new(Class::Usage, "a budget on the command line needs an image there, too")
            .with_hint(image.unwrap_or_else(|| hint.to_owned()))
            .into());
    }
    if let Some(hint) = image
        && args.config.is_none()
        && config::discover(&session.working_directory).is_ok_and(|file| file.is_none())
    {
        return Err(Error::new(Class::Usage, "there is no budgets.toml here, so there are no targets")
            .with_hint(hint)
            .into());
    }
    of_file(args.config.as_deref(), &args.permits, session)
}

/// The budgets of a file, of the nearest when none is named.
pub(crate) fn of_file(config: Option<&Path>, permits: &PermitArgs, session: &Session) -> Result<Budgets, Stop> {
    let loaded = loaded(config, permits, session)?;
    stop::warn(&loaded.warnings, session);
    Ok(loaded.budgets)
}

/// Whether the file loads that [`of_file`] has warned of before, and that was edited since.
pub(crate) fn still_loads(config: Option<&Path>, permits: &PermitArgs, session: &Session) -> Result<(), Stop> {
    loaded(config, permits, session).map(|_| ())
}

fn loaded(config: Option<&Path>, permits: &PermitArgs, session: &Session) -> Result<Loaded, Stop> {
    let cwd = &session.working_directory;
    let path = match config {
        Some(path) => cwd.join(path),
        None => config::discover(cwd)?.ok_or_else(|| no_file(session))?,
    };
    refuse_stray(&path, permits, session)?;
    surrounded(&path, permits, session, |surroundings| config::load(&path, surroundings))
}

/// The budgets of a text that is to lie at `path`, an absolute one.
pub(crate) fn of_text(path: &Path, text: &str, permits: &PermitArgs, session: &Session) -> Result<Budgets, Stop> {
    let loaded = surrounded(path, permits, session, |surroundings| config::load_text(path, text, surroundings))?;
    Ok(loaded.budgets)
}

fn surrounded(
    path: &Path,
    permits: &PermitArgs,
    session: &Session,
    load: impl FnOnce(&Surroundings<'_>) -> Result<Loaded, ConfigError>,
) -> Result<Loaded, Stop> {
    let policy = policy(permits, session)?;
    let surroundings = Surroundings {
        environment: &|name| session.environment.get(name).cloned(),
        build_env: &permits.build_env,
        cwd: &session.working_directory,
        boundary: &boundary(Some(path), permits, session),
        policy: policy.as_ref(),
        is_tracked: &git::is_tracked,
    };
    Ok(load(&surroundings)?)
}

/// The policy that the command line or the environment names. A repository cannot.
pub(super) fn policy(permits: &PermitArgs, session: &Session) -> Result<Option<Policy>, Stop> {
    let Some(path) = policy_path(permits, session) else { return Ok(None) };
    let cwd = &session.working_directory;
    refuse_stray(&path, permits, session)?;
    let surroundings = Surroundings {
        environment: &|_| None,
        build_env: &[],
        cwd,
        boundary: &boundary(Some(&path), permits, session),
        policy: None,
        is_tracked: &git::is_tracked,
    };
    let policy = config::load_policy(&path, &surroundings)?;
    stop::warn(policy.warnings(), session);
    Ok(Some(policy))
}

/// The file of the policy.
pub(super) fn policy_path(permits: &PermitArgs, session: &Session) -> Option<PathBuf> {
    let of_environment = || session.environment.get(POLICY).filter(|path| !path.is_empty()).map(PathBuf::from);
    Some(session.working_directory.join(permits.policy.clone().or_else(of_environment)?))
}

/// What the budgets of `file` may name; without a file, what the folder that the person stands in may.
pub(crate) fn boundary(file: Option<&Path>, permits: &PermitArgs, session: &Session) -> Boundary {
    let file = file.map(|file| session.working_directory.join(file));
    let folder = file.as_deref().and_then(Path::parent).unwrap_or(&session.working_directory);
    Boundary::around(folder, &|name| session.environment.get(name).cloned()).lifted(permits.allow_outside)
}

/// Refuses a file that lies in the checkout by its name and leads out of it: the person named it, and the repository made it a link.
pub(super) fn refuse_stray(path: &Path, permits: &PermitArgs, session: &Session) -> Result<(), Error> {
    let here = Some(boundary(None, permits, session));
    let here = here.filter(|here| here.is_named(path, &session.working_directory));
    // A file elsewhere is the person's own, but for one in another checkout.
    let there = Some(boundary(Some(path), permits, session)).filter(Boundary::is_checkout);
    let outside = here.into_iter().chain(there).find_map(|boundary| boundary.check(path).err());
    let Some(outside) = outside else { return Ok(()) };
    let shown = path_from(path, &session.working_directory);
    Err(Error::new(Class::Config, format!("{} {outside}", text::line(&shown.display().to_string())))
        .with_hint("Whoever committed the link chose where it leads; --allow-outside follows it all the same."))
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
    let proposal = config::propose(&session.working_directory, None);
    let mut lines: Vec<String> = proposal.text(None).lines().map(str::to_owned).collect();
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        lines.push("# … and more, which `imgbudget init` writes".to_owned());
    }
    Error::new(Class::Config, "there is no budgets.toml here or above it in a repository; this one fits what was found")
        .with_detail(lines)
        .with_hint("`imgbudget init` writes it; `imgbudget check --image REF --max-size 150MB` needs none.")
}
