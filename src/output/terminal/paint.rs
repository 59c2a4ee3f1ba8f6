//! Colour, and the marks that say the same without it.
//!
//! Only marks and what is bold are painted. Faint text and bright black cannot be read on one half of all terminals: Solarized shows
//! both as nearly the background, the light one and the dark one.

use anstyle::{AnsiColor, Style};

use crate::domain::{Severity, Verdict};

/// Paints or does not.
#[derive(Debug, Clone, Copy)]
pub(in crate::output) struct Paint {
    colour: bool,
}

impl Paint {
    pub(in crate::output) fn new(colour: bool) -> Self {
        Self { colour }
    }

    pub(in crate::output) fn bold(self, text: &str) -> String {
        self.with(Style::new().bold(), text)
    }

    pub(in crate::output) fn verdict(self, verdict: Verdict, text: &str) -> String {
        let colour = match verdict {
            Verdict::Pass => AnsiColor::Green,
            // Bold yellow is bright on most terminals, and no colour at all on white.
            Verdict::Warn => return self.with(AnsiColor::Yellow.on_default(), text),
            Verdict::Fail | Verdict::Error => AnsiColor::Red,
        };
        self.with(colour.on_default().bold(), text)
    }

    /// Paints the mark that a line begins with and, of what follows, the name.
    pub(in crate::output) fn heading(self, line: &mut String, verdict: Verdict, name: &str) {
        let mark = mark(verdict);
        if let Some(rest) = line.strip_prefix(mark) {
            let named = rest.strip_prefix(' ').and_then(|rest| rest.strip_prefix(name));
            let rest = named.filter(|_| !name.is_empty()).map(|rest| format!(" {}{rest}", self.bold(name)));
            let rest = rest.unwrap_or_else(|| line.get(mark.len()..).unwrap_or_default().to_owned());
            *line = format!("{}{rest}", self.verdict(verdict, mark));
        }
    }

    fn with(self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// The mark of a verdict.
pub(in crate::output) fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::Warn => "!",
        Verdict::Fail | Verdict::Error => "✗",
    }
}

/// The mark and the word of a severity.
pub(in crate::output) fn severity_words(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Note => ("·", "note"),
        Severity::Warn => (mark(Verdict::Warn), "warn"),
        Severity::Fail => (mark(Verdict::Fail), "fail"),
    }
}
