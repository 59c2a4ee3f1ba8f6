//! Problems as people read them: message, place, the line itself with the fault underlined, and what to do.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::Problem;
use super::excerpt::Excerpt;
use crate::text;

/// Problems that are shown; a file that is no TOML at all can have one in every line.
const MOST: usize = 50;
/// Characters of a message or hint that are shown.
const LONGEST_SENTENCE: usize = 400;

/// The problems by file and place, a blank line after each, and at the end how many there are.
/// Everything of the user's text is made harmless for a terminal. Ends in a line break; no problem is no text.
#[must_use]
pub fn render(problems: &[Problem], colour: bool) -> String {
    if problems.is_empty() {
        return String::new();
    }
    let mut sorted: Vec<&Problem> = problems.iter().collect();
    sorted.sort_by_key(|problem| (problem.file.name(), problem.span.start, problem.span.end, &problem.message));
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() }.decor_style(DecorStyle::Ascii);
    let mut shown = String::new();
    for problem in sorted.iter().take(MOST) {
        shown.push_str(&one(problem, &renderer));
        shown.push_str("\n\n");
    }
    shown.push_str(&summary(&sorted));
    shown.push('\n');
    shown
}

fn one(problem: &Problem, renderer: &Renderer) -> String {
    let place = problem.place();
    let (path, line) =
        (text::line_within(&place.file, LONGEST_SENTENCE), usize::try_from(place.line).unwrap_or(usize::MAX));
    let level = if problem.is_warning { Level::WARNING } else { Level::ERROR };
    let title = level.primary_title(text::line_within(&problem.message, LONGEST_SENTENCE));
    let group = if problem.file.is_quoted() {
        let excerpt = Excerpt::of(&problem.file, &problem.span);
        title.element(
            Snippet::source(excerpt.text)
                .path(path)
                .line_start(line)
                .annotation(AnnotationKind::Primary.span(excerpt.span)),
        )
    } else {
        title.element(Origin::path(path).line(line))
    };
    let group: Group<'_> = match &problem.hint {
        Some(hint) => group.element(Level::HELP.with_name("hint").message(text::line_within(hint, LONGEST_SENTENCE))),
        None => group,
    };
    renderer.render(&[group])
}

/// `2 problems in budgets.toml`; `2 warnings` where nothing is worse.
fn summary(sorted: &[&Problem]) -> String {
    let mut files: Vec<&str> = sorted.iter().map(|problem| problem.file.name()).collect();
    files.dedup();
    let place = match files.as_slice() {
        [file] => text::line_within(file, LONGEST_SENTENCE),
        many => text::count(many.len(), "file", "files"),
    };
    let (one, many) =
        if sorted.iter().all(|problem| problem.is_warning) { ("warning", "warnings") } else { ("problem", "problems") };
    let total = format!("{} in {place}", text::count(sorted.len(), one, many));
    if sorted.len() > MOST { format!("{total}, of which the first {MOST} are shown") } else { total }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostics::SourceFile;

    #[test]
    fn problems_are_sorted_and_counted() {
        let file = Arc::new(SourceFile::new("budgets.toml", "[defaults]\nmax-sise = \"1 MB\"\n\tx =\n"));
        let problems = [
            Problem::new(&file, 34..34, "a value is missing"),
            Problem::new(&file, 11..19, "`max-sise` is not a key of [defaults]").with_hint("Did you mean `max-size`?"),
        ];
        insta::assert_snapshot!(render(&problems, false), @r#"
        error: `max-sise` is not a key of [defaults]
         --> budgets.toml:2:1
          |
        2 | max-sise = "1 MB"
          | ^^^^^^^^
          |
          = hint: Did you mean `max-size`?

        error: a value is missing
         --> budgets.toml:4:1
          |
        4 |
          | ^

        2 problems in budgets.toml
        "#);
    }

    #[test]
    fn hidden_characters_stay_in_the_file() {
        let file = Arc::new(SourceFile::new("a\u{202e}b.toml", "x = \"\u{1b}[31m\u{202e}\"\n"));
        let shown = render(&[Problem::new(&file, 0..1, "no \u{1b}[0m key")], false);
        assert!(!shown.contains(['\u{1b}', '\u{202e}']));
        insta::assert_snapshot!(shown, @r#"
        error: no �[0m key
         --> a�b.toml:1:1
          |
        1 | x = "�[31m�"
          | ^

        1 problem in a�b.toml
        "#);
    }

    #[test]
    fn a_file_that_may_not_be_quoted_is_not() {
        let file = Arc::new(SourceFile::new("/proc/self/environ", "A=1\nTOKEN=secret\n").unquoted());
        insta::assert_snapshot!(render(&[Problem::new(&file, 4..9, "it is wrong").with_hint("Look.")], false), @"
        error: it is wrong
        --> /proc/self/environ:2
         = hint: Look.

        1 problem in /proc/self/environ
        ");
    }

    #[test]
    fn long_lines_keep_their_column() {
        let file = Arc::new(SourceFile::new("f", format!("{}wrong{}", "a".repeat(5000), "b".repeat(5000))));
        insta::assert_snapshot!(render(&[Problem::new(&file, 5000..5005, "it is wrong")], false), @r#"
        error: it is wrong
         --> f:1:5001
          |
        1 | ...aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaawrongbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb...
          |                                                                  ^^^^^

        1 problem in f
        "#);
    }

    #[test]
    fn colour_is_only_colour() {
        let file = Arc::new(SourceFile::new("f", "x\n"));
        let shown = render(&[Problem::new(&file, 0..1, "no").with_hint("yes")], true);
        assert!(shown.contains("\u{1b}["));
        assert_eq!(
            anstream::adapter::strip_str(&shown).to_string(),
            render(&[Problem::new(&file, 0..1, "no").with_hint("yes")], false)
        );
    }

    #[test]
    fn a_file_of_nothing_but_problems_is_cut() {
        let file = Arc::new(SourceFile::new("f", "x\n".repeat(90)));
        let problems: Vec<Problem> = (0..90).map(|line| Problem::new(&file, line * 2..line * 2 + 1, "no")).collect();
        let shown = render(&problems, false);
        assert!(shown.ends_with("90 problems in f, of which the first 50 are shown\n"));
        assert_eq!(render(&[], false), "");
    }
}
