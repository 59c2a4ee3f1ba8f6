//! Whether an entry of an image's history is what an instruction of a Dockerfile becomes.
//!
//! The forms, with what each loses:
//! - BuildKit: `RUN /bin/sh -c make # buildkit`, `RUN |1 A=b /bin/sh -c make # buildkit`, `COPY a b # buildkit` with variables
//!   expanded and without `--from` and `--link`, `WORKDIR /app` made absolute.
//! - The classic builder and Buildah: `/bin/sh -c make`, `|1 A=b /bin/sh -c make`, `/bin/sh -c #(nop) COPY file:… in /b`, which
//!   forgets the sources.
//! - Podman: the classic form, with the flags of a RUN before its command, an exec form as written, and relative destinations.
//! - Kaniko: the instruction as written.

use crate::dockerfile::{self, Instruction};

/// What an entry of the history says: one of the four instructions that make layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made<'a> {
    keyword: &'static str,
    /// The rest, white space collapsed.
    arguments: String,
    /// What of a COPY or ADD the classic form kept: the destination.
    destination: Option<&'a str>,
}

impl<'a> Made<'a> {
    /// Reads `created_by`; `None` for what cannot make a layer.
    pub fn read(created_by: &'a str) -> Option<Self> {
        let text = created_by.trim();
        let text = text.strip_suffix("# buildkit").unwrap_or(text).trim();
        let (keyword, rest) = match text.strip_prefix("/bin/sh -c #(nop)").map(str::trim) {
            Some(metadata) => instruction(metadata)?,
            None => match instruction(text) {
                Some(written) => written,
                // Metadata without the marker of the classic builder, as BuildKit and others write it.
                None if METADATA.contains(&text.split(' ').next().unwrap_or_default()) || text.is_empty() => {
                    return None;
                }
                None => ("RUN", text),
            },
        };
        let copies = matches!(keyword, "COPY" | "ADD");
        let classic = ["file:", "dir:", "multi:"].iter().any(|start| without_flags(rest).starts_with(start));
        let destination = (copies && classic).then(|| rest.split_once(" in ").map(|(_, to)| to.trim())).flatten();
        Some(Self { keyword, arguments: collapse(rest), destination })
    }
}

const METADATA: [&str; 14] = [
    "ARG",
    "CMD",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
];

fn instruction(text: &str) -> Option<(&'static str, &str)> {
    ["RUN", "COPY", "ADD", "WORKDIR"].into_iter().find_map(|keyword| {
        let rest = text.strip_prefix(keyword)?;
        (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| (keyword, rest.trim()))
    })
}

/// The instruction that an entry of the history says to be kept with ONBUILD.
pub fn trigger(created_by: &str) -> Option<Instruction> {
    let text = created_by.trim();
    let text = text.strip_prefix("/bin/sh -c #(nop)").map_or(text, str::trim);
    dockerfile::read_instruction(text.strip_prefix("ONBUILD")?.trim_start())
}

/// Whether `made` can have come from `written`.
pub fn fits(made: &Made<'_>, written: &Instruction) -> bool {
    made.keyword == written.keyword
        && match made.keyword {
            "RUN" => ran(&made.arguments, written),
            "WORKDIR" => went(&made.arguments, &written.arguments),
            _ => copied(made, written),
        }
}

/// RUN: the shell's text as written, after the shell and the build arguments. A here-document is not compared.
fn ran(made: &str, written: &Instruction) -> bool {
    if !written.heredocs.is_empty() {
        return true;
    }
    let as_written = collapse(&written.arguments);
    let Some(words) = exec_form(&written.arguments) else {
        return made.strip_suffix(as_written.as_str()).is_some_and(|before| is_before_command(before, written, true));
    };
    let command = collapse(&words.join(" "));
    let run = made.strip_suffix(command.as_str()).is_some_and(|before| is_before_command(before, written, false));
    // Podman keeps the brackets, behind a shell that has no part in it.
    run || made.strip_suffix(as_written.as_str()).is_some_and(|before| is_before_command(before, written, true))
}

/// Whether `text` is what may stand before the command of a RUN: nothing, build arguments, a shell where there may be one, and behind
/// it the instruction's flags.
fn is_before_command(text: &str, written: &Instruction, shell: bool) -> bool {
    let text = text.trim_end();
    let flags: Vec<String> = written
        .flags
        .iter()
        .map(|flag| {
            flag.value.as_ref().map_or_else(|| format!("--{}", flag.name), |value| format!("--{}={value}", flag.name))
        })
        .collect();
    let plain = unquote(text);
    let without = if flags.is_empty() { None } else { plain.strip_suffix(&collapse(&flags.join(" "))) };
    let is_it = |before: &str| before.is_empty() || is_arguments(before) || shell && is_shell(before);
    is_it(text) || without.is_some_and(|before| is_it(before.trim_end()))
}

/// `|2 A=b C=d`: the build arguments that a RUN saw, and nothing behind them. A value with a space in it is not told apart from a
/// command, so it fits nothing.
fn is_arguments(text: &str) -> bool {
    let mut words = text.split(' ');
    let count = words.next().and_then(|word| word.strip_prefix('|')).and_then(|number| number.parse::<usize>().ok());
    count.is_some_and(|count| words.clone().count() == count && words.all(|word| word.contains('=')))
}

/// `/bin/bash -o pipefail -c`, with build arguments before it or not.
fn is_shell(text: &str) -> bool {
    let words: Vec<_> = text.split(' ').collect();
    let Some(shell) = words.iter().rposition(|word| word.starts_with('/') || word.ends_with("sh")) else {
        return false;
    };
    let (before, options) = (&words[..shell], &words[shell + 1..]);
    let last = options.last().is_some_and(|option| {
        let short = option.starts_with('-') && !option.starts_with("--");
        option.eq_ignore_ascii_case("-command") || short && option.ends_with('c')
    });
    let options_only = options
        .iter()
        .enumerate()
        .all(|(position, word)| word.starts_with('-') || position > 0 && options[position - 1].ends_with('o'));
    last && options_only && before.first().is_none_or(|word| word.starts_with('|'))
}

/// WORKDIR: made absolute and clean.
fn went(made: &str, written: &str) -> bool {
    let clean = |path: &str| -> String {
        let plain = unquote(path);
        let relative = plain.trim_start_matches("./").trim_end_matches('/');
        if relative.is_empty() && plain.starts_with('/') { "/".to_owned() } else { relative.to_owned() }
    };
    let (made, written) = (clean(made), clean(written));
    if like(&written, &made) {
        return true;
    }
    if written.starts_with('/') || written.starts_with('$') {
        return like(&written, &made);
    }
    written.is_empty()
        || written.contains("..")
        || made.match_indices('/').any(|(slash, _)| like(&written, &made[slash + 1..]))
}

/// COPY and ADD: sources and destination with variables expanded, or in the classic form the destination alone.
fn copied(made: &Made<'_>, written: &Instruction) -> bool {
    if !written.heredocs.is_empty() {
        return true;
    }
    let split = || written.arguments.split_whitespace().map(str::to_owned).collect();
    let words: Vec<String> = exec_form(&written.arguments).unwrap_or_else(split);
    let Some(to) = words.last() else { return false };
    match made.destination {
        Some(destination) => went(destination, to) || matches!(to.as_str(), "." | "./"),
        None => like(&collapse(&unquote(&words.join(" "))), &collapse(&unquote(without_flags(&made.arguments)))),
    }
}

/// Whether `pattern`, in which variables stand for anything, is `text`.
fn like(pattern: &str, text: &str) -> bool {
    let mut parts = literal_parts(pattern).into_iter();
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
    let mut parts: Vec<_> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(&part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(&last)
}

/// The pieces of a text between its variables: `$NAME`, `${NAME}`, `${NAME:-other}`. One piece when there is no variable.
fn literal_parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('$', Some('{')) => {
                let mut depth = 0;
                for inner in chars.by_ref() {
                    depth += i32::from(inner == '{') - i32::from(inner == '}');
                    if depth == 0 {
                        break;
                    }
                }
                parts.push(String::new());
            }
            ('$', Some(next)) if next.is_ascii_alphanumeric() || *next == '_' => {
                while chars.next_if(|next| next.is_ascii_alphanumeric() || *next == '_').is_some() {}
                parts.push(String::new());
            }
            _ => {
                if let Some(part) = parts.last_mut() {
                    part.push(c);
                }
            }
        }
    }
    parts
}

/// `["a", "b"]` as its words.
fn exec_form(text: &str) -> Option<Vec<String>> {
    text.trim_start().starts_with('[').then(|| serde_json::from_str(text.trim()).ok()).flatten()
}

/// What is left after leading `--name=value` words.
fn without_flags(text: &str) -> &str {
    let mut text = text.trim();
    while text.starts_with("--") {
        text = text.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim_start());
    }
    text
}

fn unquote(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '"' | '\'' | '\\')).collect()
}

fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
