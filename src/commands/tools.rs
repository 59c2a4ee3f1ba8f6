//! `imgbudget tools`: what the groups of `forbid-tools` and `forbid-paths` stand for.

use std::fmt::Write as _;

use crate::catalogue::{self, Group, Tool, paths};
use crate::cli::ToolsArgs;
use crate::domain::PathGroup;
use crate::error::{Class, Error};
use crate::exit::Exit;
use crate::session::Session;
use crate::text;

/// Lists the groups of tools and paths, each with its members; or those groups and tools alone that were named.
pub(super) fn run(args: &ToolsArgs, session: &Session) -> Result<Exit, Error> {
    let width = session.terminal.width().unwrap_or(80).clamp(40, 100);
    let mut list = String::new();
    if args.only.is_empty() {
        for group in catalogue::groups() {
            of_group(&mut list, group, width);
        }
        for group in PathGroup::ALL {
            of_paths(&mut list, group, width);
        }
    }
    for word in &args.only {
        let paths = path_group(word);
        match named(word) {
            Ok(Named::Group(group)) => of_group(&mut list, group, width),
            Ok(Named::Tool(tool)) => of_tool(&mut list, tool, width),
            // What is a group of paths need not be one of tools.
            Err(error) if paths.is_none() => return Err(error),
            Err(_) => {}
        }
        if let Some(group) = paths {
            of_paths(&mut list, group, width);
        }
    }
    session
        .terminal
        .result(list.as_bytes())
        .map_err(|error| Error::new(Class::Io, "cannot write to standard output").caused_by(error))?;
    Ok(Exit::Within)
}

/// What somebody asked for.
enum Named {
    Group(&'static Group),
    Tool(&'static Tool),
}

/// A group, with or without its `@`; or the tool that goes by this name, as it would be found in an image.
fn named(word: &str) -> Result<Named, Error> {
    let name = word.trim_start_matches('@');
    let group = catalogue::groups().iter().find(|group| group.name == name).map(Named::Group);
    let tool = || catalogue::identify(word.as_bytes()).map(Named::Tool);
    group.or_else(tool).ok_or_else(|| unknown(word))
}

/// A group of paths, with or without its `@`.
fn path_group(word: &str) -> Option<PathGroup> {
    format!("@{}", word.trim_start_matches('@')).parse().ok()
}

/// A group of paths, and what is in it.
fn of_paths(list: &mut String, group: PathGroup, width: usize) {
    let facts = paths::facts(group);
    let _ = writeln!(list, "{group} — {} (paths)", facts.about);
    wrap(list, &facts.members.iter().map(|member| (*member).to_owned()).collect::<Vec<_>>(), width);
    list.push('\n');
}

fn of_group(list: &mut String, group: &Group, width: usize) {
    let _ = writeln!(list, "@{} — {}", group.name, group.about);
    let names: Vec<String> = if group.is_composed() {
        parts(group).map(|part| format!("@{}", part.name)).collect()
    } else {
        group.members().map(|tool| tool.name.to_owned()).collect()
    };
    wrap(list, &names, width);
    list.push('\n');
}

/// What a tool is, what forbids it, and what else it goes by.
fn of_tool(list: &mut String, tool: &Tool, width: usize) {
    let _ = writeln!(list, "{} — {}", tool.name, tool.about);
    let groups = catalogue::groups().iter().filter(|group| group.members().any(|member| member.name == tool.name));
    let facts: [(&str, Vec<String>); 3] = [
        ("in:", groups.map(|group| format!("@{}", group.name)).collect()),
        ("commands:", std::iter::once(&tool.name).chain(tool.aliases).map(ToString::to_string).collect()),
        ("packages:", tool.packages.iter().map(|(_, package)| (*package).to_owned()).collect()),
    ];
    for (label, mut words) in facts.into_iter().filter(|(_, words)| !words.is_empty()) {
        words.insert(0, label.to_owned());
        wrap(list, &words, width);
    }
    list.push('\n');
}

/// The leaf groups that a composed one is made of.
fn parts(whole: &Group) -> impl Iterator<Item = &'static Group> {
    let has = |part: &&Group| {
        !part.is_composed() && part.members().all(|tool| whole.members().any(|member| member.name == tool.name))
    };
    catalogue::groups().iter().filter(has)
}

fn unknown(word: &str) -> Error {
    let error = Error::new(Class::Usage, format!("no group or tool is called `{}`", text::line(word)));
    let of_tools = catalogue::groups().iter().map(|group| format!("@{}", group.name));
    let groups: Vec<String> = of_tools.chain(PathGroup::ALL.map(|group| group.to_string())).collect();
    let groups = || groups.iter().map(String::as_str);
    let near = if word.starts_with('@') {
        text::nearest(word, groups())
    } else {
        // `shell` is rather `@shells` than `jshell`.
        let plural =
            groups().find(|group| group.strip_prefix('@').and_then(|name| name.strip_suffix('s')) == Some(word));
        let near_group = || text::nearest(&format!("@{word}"), groups());
        plural.or_else(|| text::nearest(word, catalogue::names())).or_else(near_group)
    };
    match near {
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
