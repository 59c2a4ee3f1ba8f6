//! The one image that a command looks into: a target by its name, an image by its reference or its file, or the only target there is.

use std::path::Path;

use super::{adhoc, budgets, meant, select};
use crate::cli::{LookArgs, NamedSource, SourceArgs};
use crate::config::{self, Outcome};
use crate::domain::{Budgets, ImageRef, Rules, Source, Target};
use crate::error::{Class, Error};
use crate::session::{Session, Stop};
use crate::text;

/// What is looked into.
#[derive(Debug)]
pub(crate) struct Subject {
    /// The budgets around it; empty for an image that no file knows.
    pub(crate) budgets: Budgets,
    /// The target; what was typed is its source where no file knows the image.
    pub(crate) target: Target,
    /// What the image was called on the command line, where no file has a target for it.
    pub(crate) title: Option<String>,
}

/// Finds out what `word` and the flags mean. `command` is the word after `imgbudget`, for hints.
///
/// # Errors
/// Nothing or several things are meant, or something that is not there; a budget file that is wrong.
pub(crate) fn of(word: Option<&str>, args: &LookArgs, command: &str, session: &Session) -> Result<Subject, Stop> {
    let typed = select::sources(&args.source)?;
    let named = match typed.as_slice() {
        [] => None,
        [(_, named, source)] => Some((*named, source)),
        [(first, ..), (second, ..), ..] => {
            return Err(Error::new(Class::Usage, format!("`imgbudget {command}` looks into one image"))
                .with_hint(format!("Leave out one of {first} and {second}."))
                .into());
        }
    };
    match (named, word) {
        (Some((NamedSource { name: None, .. }, source)), None) => Ok(of_source(source.clone(), &args.source)?),
        (Some((NamedSource { name: Some(name), .. }, _)), None) => {
            let name = name.to_string();
            of_file(Some(&name), args, command, session)
        }
        (None, Some(word)) => {
            match image(word, session).map_or_else(|| no_file(word, command), |found| Ok(Some(found)))? {
                Some(source) => Ok(of_source(source, &args.source)?),
                None => of_file(Some(word), args, command, session),
            }
        }
        (_, word) => of_file(word, args, command, session),
    }
}

/// Whether a word is the name of a target, where a flag says which image it is.
///
/// # Errors
/// A budget file that is wrong.
pub(crate) fn is_target(word: &str, args: &LookArgs, session: &Session) -> Result<bool, Stop> {
    let sources = [&args.source.image, &args.source.archive, &args.source.layout].into_iter().flatten();
    let is_named = |source: &NamedSource| source.name.as_ref().is_some_and(|name| name.as_str() == word);
    if sources.clone().any(is_named) {
        return Ok(true);
    }
    if args.config.is_none() && config::discover(&session.working_directory)?.is_none() {
        return Ok(false);
    }
    let budgets = budgets::of_file(args.config.as_deref(), &args.permits, session)?;
    Ok(budgets.targets.iter().any(|target| target.name.as_str() == word))
}

/// The image that a word names beyond doubt: a target's name has none of `/`, `:` and `@`.
fn image(word: &str, session: &Session) -> Option<Source> {
    let path = session.working_directory.join(word);
    let is_path = word.starts_with('.') || word.starts_with('/') || Path::new(word).extension().is_some();
    if is_path && path.is_file() {
        return Some(Source::Archive { path: word.into(), image: None });
    }
    if path.join("oci-layout").is_file() {
        return Some(Source::Layout { path: word.into(), image: None });
    }
    if word.starts_with(['.', '/']) || path.is_dir() && word.ends_with('/') {
        return None;
    }
    word.contains(['/', ':', '@']).then(|| word.parse().ok()).flatten().map(Source::Image)
}

/// Refuses a path where nothing is.
fn no_file(word: &str, command: &str) -> Result<Option<Source>, Error> {
    let is_archive = [".tar", ".tar.gz", ".tgz", ".tar.zst"].iter().any(|end| word.ends_with(end));
    if !is_archive && !word.starts_with('.') && !word.starts_with('/') {
        return Ok(None);
    }
    Err(Error::new(Class::Usage, format!("there is neither an archive nor an OCI layout at `{}`", text::line(word)))
        .with_hint(format!("Name a file that `docker save` wrote, or an image: `imgbudget {command} node:22`.")))
}

/// An image that no file knows.
fn of_source(source: Source, args: &SourceArgs) -> Result<Subject, Error> {
    let title = match &source {
        Source::Image(reference) => Some(reference.to_string()),
        Source::Archive { path, .. } | Source::Layout { path, .. } => Some(path.display().to_string()),
        Source::Build => None,
    };
    let target = adhoc::target(adhoc::derived_name(&source)?, source, &args.platform, Rules::default());
    let mut targets = [target];
    select::choose_image(args, &mut targets)?;
    select::look_in(args, &mut targets)?;
    let [target] = targets;
    Ok(Subject { budgets: Budgets::default(), target, title })
}

/// A target of the budget file, or of what is built here where there is none.
fn of_file(word: Option<&str>, args: &LookArgs, command: &str, session: &Session) -> Result<Subject, Stop> {
    let has_file = args.config.is_some() || config::discover(&session.working_directory)?.is_some();
    let budgets = if has_file {
        budgets::of_file(args.config.as_deref(), &args.permits, session)?
    } else {
        proposed(args, session)?
    };
    let is_target = |word: &str| budgets.targets.iter().any(|target| target.name.as_str() == word);
    if let Some(word) = word.filter(|word| !is_target(word) && !has_file) {
        // `alpine`: without a file there is nothing else that it could be.
        if let Ok(reference) = word.parse::<ImageRef>() {
            return Ok(of_source(Source::Image(reference), &args.source)?);
        }
    }
    let chosen = match word {
        Some(word) => word.to_owned(),
        None => only(&budgets, has_file, command, session)?,
    };
    let source = of_target(&args.source, &chosen)?;
    let unknown = |error: Error| match word.filter(|word| !is_target(word) && word.parse::<ImageRef>().is_ok()) {
        Some(word) => {
            let image = format!("For the image: `imgbudget {command} {}:latest`.", text::line(word));
            let hint = error.hint().map_or_else(|| image.clone(), |hint| format!("{hint}\n{image}"));
            error.with_hint(hint)
        }
        None => error,
    };
    let mut targets = select(&budgets, &[chosen], &source).map_err(unknown)?;
    match targets.pop() {
        Some(target) => Ok(Subject { budgets, target, title: None }),
        None => Err(nothing(command).into()),
    }
}

/// The flags, where a source without a name is that of the target.
fn of_target(args: &SourceArgs, name: &str) -> Result<SourceArgs, Error> {
    let mut args = args.clone();
    let sources = [&mut args.image, &mut args.archive, &mut args.layout];
    for source in sources.into_iter().flatten().filter(|source| source.name.is_none()) {
        let name = name.parse().map_err(|error: crate::domain::TargetNameError| {
            Error::new(Class::Usage, error.to_string())
                .with_hint("Name the image once: by its reference, or by its flag.")
        })?;
        source.name = Some(name);
    }
    Ok(args)
}

/// What is built here, as `init` would find it: without rules.
fn proposed(args: &LookArgs, session: &Session) -> Result<Budgets, Stop> {
    let folder = &session.working_directory;
    let proposal = config::propose(folder, None);
    if proposal.targets.is_empty() {
        return Ok(Budgets::default());
    }
    let text = proposal.text(Some(&Outcome::default()));
    let mut budgets = budgets::of_text(&folder.join(config::FILE_NAME), &text, &args.permits, session)?;
    for target in &mut budgets.targets {
        // The file that would say so is not there.
        target.place = None;
        target.rules = Rules::default();
    }
    budgets.file = None;
    Ok(budgets)
}

/// The only target, of all or of the folder that the person stands in.
fn only(budgets: &Budgets, has_file: bool, command: &str, session: &Session) -> Result<String, Error> {
    const MOST: usize = 12;
    let here = meant::here(budgets, &session.working_directory);
    let choices: Vec<&str> = match &here {
        Some(here) => here.iter().map(|target| target.name.as_str()).collect(),
        None => budgets.targets.iter().map(|target| target.name.as_str()).collect(),
    };
    match choices.as_slice() {
        [] => Err(nothing(command)),
        [only] => Ok((*only).to_owned()),
        [first, ..] => {
            let shown = choices.iter().take(MOST).copied().collect::<Vec<_>>().join(", ");
            let more = choices.len().saturating_sub(MOST);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let places = if has_file { "targets" } else { "images that are built here" };
            Err(Error::new(Class::Usage, format!("there are {} {places}: {shown}{more}", choices.len()))
                .with_hint(format!("Name one: `imgbudget {command} {first}`.")))
        }
    }
}

fn nothing(command: &str) -> Error {
    Error::new(Class::Usage, "there is neither a budgets.toml nor a Dockerfile here")
        .with_hint(format!("Name an image: `imgbudget {command} node:22`, or `imgbudget {command} --archive app.tar`."))
}
