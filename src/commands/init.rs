//! `imgbudget init`.

use std::io::Write as _;
use std::path::Path;

use crate::cli::InitArgs;
use crate::domain::path_from;
use crate::error::{Class, Error};
use crate::exit::Exit;
use crate::session::Session;
use crate::{config, text};

/// Writes a first budgets.toml for the Dockerfiles found here. Never over an existing file.
pub(super) fn run(args: &InitArgs, session: &Session) -> Result<Exit, Error> {
    let path = session.working_directory.join(&args.config);
    let shown = args.config.display();
    let proposal = config::propose(&session.working_directory);
    let outer = config::discover(&session.working_directory).ok().flatten().filter(|outer| *outer != path);
    let written = std::fs::OpenOptions::new().write(true).create_new(true).open(&path);
    let mut file = written.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Error::new(Class::Usage, format!("`{shown}` is there already")).with_hint(
            "Nothing was written. `imgbudget check` uses the file that is there; --config FILE writes another.",
        ),
        _ => Error::new(Class::Io, format!("cannot write `{shown}`"))
            .with_hint("Name a file in a folder that is there and can be written to.")
            .caused_by(error),
    })?;
    file.write_all(proposal.text.as_bytes())
        .map_err(|error| Error::new(Class::Io, format!("cannot write `{shown}`")).caused_by(error))?;
    let found = text::count(proposal.dockerfiles.len().max(1), "target", "targets");
    session.terminal.say(&format!("wrote {shown} with {found}; `imgbudget check` measures, and suggests limits"));
    if let Some(outer) = outer.filter(|_| args.config == Path::new(config::FILE_NAME)) {
        let outer = text::line(&path_from(&outer, &session.working_directory).display().to_string());
        let hint =
            "Move the targets there, or let that file `include` this one, which may hold [targets] and [[allow]] then.";
        session.terminal.notice(&format!("from here on, this file hides `{outer}`"), Some(hint), false);
    }
    Ok(Exit::Within)
}
