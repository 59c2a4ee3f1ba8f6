//! `imgbudget tools`.

use std::fmt::Write as _;

use super::Context;
use crate::catalogue::{self, Group};
use crate::cli::ToolsArgs;
use crate::error::{Class, Error};
use crate::exit::Exit;
use crate::text;

/// Lists the groups of tools, each with its members; or only those groups, and the groups of those tools, that were named.
pub(super) fn run(args: &ToolsArgs, context: &Context) -> Result<Exit, Error> {
    let groups = match args.only.as_slice() {
        [] => catalogue::groups().iter().collect(),
        only => chosen(only)?,
    };
    let width = context.terminal.width().unwrap_or(80).clamp(40, 100);
    let mut list = String::new();
    for group in groups {
        let _ = writeln!(list, "@{} — {}", group.name, group.about);
        let names: Vec<String> = if group.is_composed() {
            parts(group).map(|part| format!("@{}", part.name)).collect()
        } else {
            group.members().map(|tool| tool.name.to_owned()).collect()
        };
        wrap(&mut list, &names, width);
        list.push('\n');
    }
    context
        .terminal
        .result(list.as_bytes())
        .map_err(|error| Error::new(Class::Io, "cannot write to standard output").caused_by(error))?;
    Ok(Exit::Within)
}

/// The leaf groups that a composed one is made of.
fn parts(whole: &Group) -> impl Iterator<Item = &'static Group> {
    let has = |part: &&Group| {
        !part.is_composed() && part.members().all(|tool| whole.members().any(|member| member.name == tool.name))
    };
    catalogue::groups().iter().filter(has)
}

fn chosen(only: &[String]) -> Result<Vec<&'static Group>, Error> {
    let mut chosen: Vec<&'static Group> = Vec::new();
    for word in only {
        let name = word.trim_start_matches('@');
        let found: Vec<_> = catalogue::groups()
            .iter()
            .filter(|group| {
                group.name == name
                    || !word.starts_with('@') && !group.is_composed() && group.members().any(|tool| tool.name == name)
            })
            .collect();
        if found.is_empty() {
            return Err(unknown(word));
        }
        chosen.extend(
            found.into_iter().filter(|group| chosen.iter().all(|other| other.name != group.name)).collect::<Vec<_>>(),
        );
    }
    Ok(chosen)
}

fn unknown(word: &str) -> Error {
    let name = word.trim_start_matches('@');
    let names = catalogue::groups().iter().map(|group| group.name).chain(catalogue::names());
    let error = Error::new(Class::Usage, format!("no group or tool is called `{}`", text::line(word)));
    match text::nearest(name, names) {
        Some(near) => error.with_hint(format!("Did you mean `{near}`? `imgbudget tools` lists them all.")),
        None => {
            error.with_hint("`imgbudget tools` lists them all; forbid-tools takes names that are not among them, too.")
        }
    }
}

/// Words in lines of at most `width` cells, indented.
fn wrap(list: &mut String, words: &[String], width: usize) {
    let mut line = String::from(" ");
    for word in words {
        if line.len() > 1 && line.len() + 1 + word.len() > width {
            list.push_str(&line);
            list.push('\n');
            line = String::from(" ");
        }
        line.push(' ');
        line.push_str(word);
    }
    list.push_str(&line);
    list.push('\n');
}
