//! Texts that nobody writes by accident.

use imgbudget::config::{self, ConfigError};
use imgbudget::diagnostics::render;
use proptest::prelude::*;

use super::{EXAMPLE, good, load, problems};

#[test]
fn deep_nesting_is_refused() {
    problems(&format!("a = {}", "[".repeat(100_000)));
    problems(&format!("a = {}", "{a=".repeat(100_000)));
    problems(&format!("{}x = 1", "a.".repeat(100_000)));
}

#[test]
fn large_files_take_no_time() {
    let started = std::time::Instant::now();
    problems(&"x = 1 MB ".repeat(100_000));
    problems(&"x = \n".repeat(100_000));
    problems(&format!("[targets.a]\nimage = \"a\"\nforbid-tools = [{}]", "\"nmp\",".repeat(20_000)));
    problems(&"[[allow]]\n".repeat(20_000));
    let targets: Vec<String> = (0..10_000).map(|n| format!("t{n} = {{ image = \"a\", max-size = 1 }}")).collect();
    good(&format!("targets = {{ {} }}", targets.join(", ")));
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

/// Loading `text` ends, and every problem lies inside its file.
fn holds(text: &str) {
    if let Err(ConfigError::Problems(problems)) = load(&[("budgets.toml", text)]) {
        assert!(!problems.is_empty());
        for problem in &problems {
            let span = &problem.span;
            assert!(span.start <= span.end && span.end <= problem.file.text().len(), "{span:?}: {}", problem.message);
        }
        assert!(!render(&problems, false).contains('\u{1b}'));
    }
}

proptest! {
    #[test]
    fn any_text_has_an_answer(text in any::<String>()) {
        holds(&text);
    }

    #[test]
    fn any_mutation_of_the_example_has_an_answer(
        from in 0..EXAMPLE.len(),
        length in 0usize..60,
        inserted in "[-a-z0-9\"'\\[\\]{}=.,#\n é\u{1b}]{0,20}",
    ) {
        let at = |offset: usize| (0..=offset.min(EXAMPLE.len())).rev().find(|at| EXAMPLE.is_char_boundary(*at)).unwrap();
        holds(&format!("{}{inserted}{}", &EXAMPLE[..at(from)], &EXAMPLE[at(from + length)..]));
    }

    #[test]
    fn any_value_of_any_key_has_an_answer(
        key in prop::sample::select(config::tables().iter().flat_map(|(_, keys)| keys.iter().copied()).collect::<Vec<_>>()),
        value in prop::sample::select(vec![
            "1", "-1", "1.5", "true", "false", "\"\"", "\"x\"", "\"@\"", "\"%\"", "[]", "[1]", "[[]]", "{}", "{ warn = 1 }",
            "{ warn = {} }", "{ larger-of = 1 }", "{ env = 1 }", "1979-05-27", "99999999999999999999", "inf", "{ fail = [\"[\"] }",
        ]),
        table in prop::sample::select(vec!["", "[defaults]", "[targets.a]", "[profiles.p]", "[[allow]]", "[fleet]", "[targets]"]),
    ) {
        holds(&format!("{table}\n{key} = {value}\n"));
    }
}
