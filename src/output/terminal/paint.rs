//! Colour, and the marks that say the same without it.

use anstyle::{AnsiColor, Style};

use crate::domain::{Severity, Verdict};

/// Paints or does not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    colour: bool,
}

impl Paint {
    pub(super) fn new(colour: bool) -> Self {
        Self { colour }
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.with(Style::new().bold(), text)
    }

    /// For what is there to be looked up and not to be read.
    pub(super) fn dim(self, text: &str) -> String {
        self.with(Style::new().dimmed(), text)
    }

    pub(super) fn verdict(self, verdict: Verdict, text: &str) -> String {
        let colour = match verdict {
            Verdict::Pass => AnsiColor::Green,
            Verdict::Warn => AnsiColor::Yellow,
            Verdict::Fail | Verdict::Error => AnsiColor::Red,
        };
        self.with(colour.on_default().bold(), text)
    }

    fn with(self, style: Style, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// `✗ fail`: a mark and a word.
pub(super) fn verdict_words(verdict: Verdict) -> String {
    format!("{} {verdict}", mark(verdict))
}

/// The mark of a verdict.
pub(super) fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::Warn => "!",
        Verdict::Fail | Verdict::Error => "✗",
    }
}

/// The mark and the word of a severity.
pub(super) fn severity_words(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Note => ("·", "note"),
        Severity::Warn => (mark(Verdict::Warn), "warn"),
        Severity::Fail => (mark(Verdict::Fail), "fail"),
    }
}
