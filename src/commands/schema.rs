//! `imgbudget schema`.

use crate::cli::{SchemaArgs, SchemaOf};
use crate::error::{Class, Error};
use crate::exit::Exit;
use crate::session::Session;
use crate::{config, report};

/// Prints a JSON Schema. The same texts are checked in under `schema/`.
pub(super) fn run(args: &SchemaArgs, session: &Session) -> Result<Exit, Error> {
    let schema = match args.of {
        SchemaOf::Report => report::schema(),
        SchemaOf::Diff => report::diff::schema(),
        SchemaOf::Why => report::why::schema(),
        SchemaOf::Budgets => config::schema::schema(),
    };
    session
        .terminal
        .result(format!("{schema:#}\n").as_bytes())
        .map_err(|error| Error::new(Class::Io, "cannot write to standard output").caused_by(error))?;
    Ok(Exit::Within)
}
