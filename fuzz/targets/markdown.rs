//! The escapes: whatever a stranger wrote, the result shows it and does nothing else. CommonMark's rule for code spans is the oracle.
#![no_main]

use imgbudget::text;
use libfuzzer_sys::fuzz_target;

/// The text outside of code spans, and the code spans' contents (CommonMark 0.31, "Code spans").
fn split(markdown: &str) -> (String, Vec<String>) {
    let (mut outside, mut spans) = (String::new(), Vec::new());
    let mut rest = markdown;
    while let Some(start) = rest.find('`') {
        outside.push_str(&rest[..start]);
        rest = &rest[start..];
        let ticks = rest.len() - rest.trim_start_matches('`').len();
        let (fence, after) = rest.split_at(ticks);
        let mut end = None;
        let mut at = 0;
        while let Some(found) = after[at..].find('`') {
            let run = after[at + found..].len() - after[at + found..].trim_start_matches('`').len();
            if run == ticks {
                end = Some(at + found);
                break;
            }
            at += found + run;
        }
        if let Some(end) = end {
            let inner = &after[..end];
            let bare = inner.strip_prefix(' ').and_then(|inner| inner.strip_suffix(' '));
            spans.push(bare.filter(|_| inner.trim() != "").unwrap_or(inner).to_owned());
            rest = &after[end + ticks..];
        } else {
            outside.push_str(fence);
            rest = after;
        }
    }
    outside.push_str(rest);
    (outside, spans)
}

/// What GitHub makes a link of without a scheme (GFM, "Autolinks"): `www.` and something of a domain behind it.
fn is_address(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    lower.strip_prefix("www.").is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric()))
}

fn is_harmless(c: char) -> bool {
    c.is_ascii_alphanumeric() || " ,.;:!?()'+-%–—·…".contains(c)
}

fuzz_target!(init: imgbudget_fuzz::seeds::write("markdown"), |data: &[u8]| {
    let input = String::from_utf8_lossy(data);
    let line = text::line(&input);
    assert!(!line.chars().any(text::is_hidden) && line.chars().count() <= text::LONGEST + 1);
    assert!(!line.contains("##["));

    let code = text::markdown_code(&input);
    assert!(!code.chars().any(text::is_hidden));
    let (outside, spans) = split(&code);
    assert_eq!((outside.as_str(), spans.len()), ("", 1), "{code:?}");
    assert_eq!(spans[0], line, "{code:?}");

    let prose = text::markdown_prose(&input, 300);
    assert!(!prose.chars().any(text::is_hidden));
    let (outside, spans) = split(&prose);
    assert!(outside.chars().all(is_harmless), "{prose:?}: outside of code {outside:?}");
    let number = prose.len() - prose.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let is_list = number > 0 && (prose[number..].starts_with(". ") || prose[number..].starts_with(") "));
    assert!(!is_list && !prose.starts_with("- ") && !prose.starts_with("+ "), "{prose:?} begins a list");
    for word in outside.split(' ') {
        let hexadecimal = word.len() >= 7 && word.chars().all(|c| c.is_ascii_hexdigit()) && word.chars().any(|c| c.is_ascii_digit());
        assert!(!hexadecimal, "{prose:?}: {word} may name a commit");
        assert!(!word.contains("://") && !is_address(word), "{prose:?}: {word} is an address");
    }
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    let shown = text::line_within(&input, 300);
    assert_eq!(letters(&outside) + spans.iter().map(|span| letters(span)).sum::<usize>(), letters(&shown), "{prose:?}");

    let cell = text::markdown_cell(&prose);
    assert!(cell.match_indices('|').all(|(at, _)| cell[..at].ends_with('\\')));

    let quoted = serde_json::to_string(&input).expect("a string");
    let json = text::json(&quoted);
    assert!(!json.chars().any(text::is_hidden));
    assert_eq!(serde_json::from_str::<String>(&json).ok().as_deref(), Some(&*input));

    let data = text::workflow_data(&input);
    assert!(!data.contains(['\r', '\n']));
    assert!(!text::workflow_property(&input).contains([':', ',', '\r', '\n']));
});
