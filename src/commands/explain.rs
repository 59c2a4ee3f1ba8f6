//! `imgbudget explain`.

use crate::catalogue::pages::{self, Block};
use crate::catalogue::rules::facts;
use crate::cli::ExplainArgs;
use crate::domain::Rule;
use crate::error::{Class, Error};
use crate::exit::Exit;
use crate::session::Session;
use crate::text::{self, hang};

/// Prints the page of a rule, or without a code a line for each.
pub(super) fn run(args: &ExplainArgs, session: &Session) -> Result<Exit, Error> {
    let width = session.terminal.width().unwrap_or(80).clamp(40, 100);
    let lines = match &args.rule {
        Some(word) => page(rule(word)?, width),
        None => list(width),
    };
    let text = lines.iter().flat_map(|line| [line.trim_end(), "\n"]).collect::<String>();
    session
        .terminal
        .result(text.as_bytes())
        .map_err(|error| Error::new(Class::Io, "cannot write to standard output").caused_by(error))?;
    Ok(Exit::Within)
}

/// A rule by its code, or by the key that switches it on.
fn rule(word: &str) -> Result<Rule, Error> {
    let by_key = || Rule::ALL.into_iter().find(|rule| facts(*rule).key == Some(word));
    word.parse().ok().or_else(by_key).ok_or_else(|| unknown(word))
}

fn unknown(word: &str) -> Error {
    let error = Error::new(Class::Usage, format!("`{}` is not a rule", text::line(word)));
    let words = || Rule::ALL.into_iter().flat_map(|rule| std::iter::once(rule.code()).chain(facts(rule).key));
    let codes = Rule::ALL.map(Rule::code).join(", ");
    match text::nearest(word, words()) {
        Some(near) => error.with_hint(format!("Did you mean `{near}`? The rules are {codes}.")),
        None => error.with_hint(format!("The rules are {codes}.")),
    }
}

/// The codes, each with its sentence.
fn list(width: usize) -> Vec<String> {
    let column = Rule::ALL.iter().map(|rule| rule.code().len()).max().unwrap_or(0) + 2;
    let line = |rule: Rule| hang(&format!("{:column$}", rule.code()), facts(rule).sentence, Some(width));
    Rule::ALL.into_iter().flat_map(line).collect()
}

fn page(rule: Rule, width: usize) -> Vec<String> {
    let facts = facts(rule);
    let mut lines = hang("", &format!("{rule}: {}", facts.sentence), Some(width));
    if !facts.is_judged {
        lines.extend(hang("", "This version accepts the key and reports it as not judged.", Some(width)));
    }
    lines.push(String::new());
    lines.extend(hang("", facts.help, Some(width)));
    if let Some(example) = pages::example(rule) {
        lines.extend([String::new(), "In budgets.toml:".to_owned(), String::new()]);
        lines.extend(example.lines().map(|line| format!("    {line}")));
    }
    for block in pages::blocks(rule) {
        lines.push(String::new());
        match block {
            Block::Prose(text) => lines.extend(hang("", &text, Some(width))),
            Block::Code(code) => lines.extend(code.into_iter().map(|line| format!("    {line}"))),
            Block::Table(rows) => lines.extend(rows.iter().skip(1).flat_map(|cells| row(cells, width))),
        }
    }
    if let Some(command) = pages::excuse(rule) {
        lines.push(String::new());
        lines.extend(text::command("Excuse it: ", &command, Some(width)));
    }
    lines
}

/// The cells of a row as one item: the first says what the others are about.
fn row(cells: &[String], width: usize) -> Vec<String> {
    let (first, others) = cells.split_first().map_or(("", String::new()), |(first, others)| (first, others.join("; ")));
    hang("  - ", &format!("{first}: {others}"), Some(width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_fits() {
        for rule in Rule::ALL {
            for line in page(rule, 80) {
                // Code is shown as it is.
                assert!(line.starts_with("    ") || text::width(&line) <= 80, "{rule}: {line}");
            }
        }
        assert!(list(80).iter().all(|line| text::width(line) <= 80));
    }

    #[test]
    fn a_rule_goes_by_its_code_and_by_its_key() {
        assert_eq!(rule("forbidden-tool").ok(), Some(Rule::ForbiddenTool));
        assert_eq!(rule("max-size").ok(), Some(Rule::Size));
        let hint = |word| rule(word).err().and_then(|error| error.hint().map(str::to_owned)).unwrap_or_default();
        assert!(hint("forbiden-tool").starts_with("Did you mean `forbidden-tool`?"), "{}", hint("forbiden-tool"));
        assert!(hint("max_size").starts_with("Did you mean `max-size`?"));
        assert!(hint("\u{1b}").starts_with("The rules are wrong-stage, size, "));
    }
}
