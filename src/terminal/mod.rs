//! The person's side of the process: streams, colour, width, progress. The one place that decides what may be shown where.
//!
//! Data goes to standard output and nothing else does; everything said on the way goes to standard error.

mod guard;
mod progress;

use std::io::{self, IsTerminal as _, Write};

use anstream::{AutoStream, ColorChoice};

use crate::ci::Provider;
use crate::error::Error;
use crate::text;

pub use guard::CommandGuard;
pub use progress::Progress;

/// When to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Color {
    /// On a terminal that has colours, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Even into a pipe.
    Always,
    /// Not at all.
    Never,
}

/// How the process talks.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    stdout_color: bool,
    stderr_color: bool,
    quiet: bool,
    guarded: bool,
}

/// Shows help, the version, or what is wrong with the command line, before anything is known of how to talk. A workflow may have put a
/// stranger's text into the arguments.
pub fn usage(styled: &str, is_wrong: bool) {
    // A stream that is gone is no reason to fail: there is nobody left to tell.
    let _ = if !is_wrong {
        anstream::stdout().write_all(styled.as_bytes())
    } else if std::env::var_os("GITHUB_ACTIONS").is_some() {
        let plain = anstream::adapter::strip_str(styled).to_string();
        io::stderr().write_all(&guard::defuse(plain.as_bytes()))
    } else {
        anstream::stderr().write_all(styled.as_bytes())
    };
}

impl Terminal {
    /// Looks at the streams once. On a GitHub runner every line is kept from being a workflow command.
    #[must_use]
    pub fn new(color: Color, quiet: bool, provider: Provider) -> Self {
        let shown = |choice: ColorChoice| match color {
            Color::Auto => choice != ColorChoice::Never,
            Color::Always => true,
            Color::Never => false,
        };
        Self {
            stdout_color: shown(AutoStream::choice(&io::stdout())),
            stderr_color: shown(AutoStream::choice(&io::stderr())),
            quiet,
            guarded: provider == Provider::GitHub,
        }
    }

    /// Whether standard output shows colours.
    #[must_use]
    pub fn colour(&self) -> bool {
        self.stdout_color
    }

    /// Width of standard output in cells; `None` when it is no terminal, so that nothing is wrapped for nobody.
    /// `COLUMNS` wins, as it does for other tools.
    #[must_use]
    pub fn width(&self) -> Option<usize> {
        let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).filter(|columns| *columns > 0);
        columns.or_else(|| {
            let stdout = io::stdout();
            stdout
                .is_terminal()
                .then(|| terminal_size::terminal_size_of(&stdout))
                .flatten()
                .map(|(width, _)| usize::from(width.0))
        })
    }

    /// Writes the result of a command to standard output. A reader that went away (`| head`) is no error.
    pub fn result(&self, bytes: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let written = if self.guarded { out.write_all(&guard::defuse(bytes)) } else { out.write_all(bytes) };
        match written.and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Says a sentence on standard error, unless quiet.
    pub fn say(&self, sentence: &str) {
        if !self.quiet {
            self.write_stderr(&format!("{sentence}\n"));
        }
    }

    /// Says what was left undone and changes no verdict, and what helps: a line on standard error, even when quiet. On a GitHub runner with
    /// `annotate` it stands beside the job's annotations, too.
    pub fn notice(&self, what: &str, hint: Option<&str>, annotate: bool) {
        let what = text::line_within(what, 600);
        if self.guarded && annotate {
            let sentence = hint.map_or_else(|| what.clone(), |hint| format!("{what}. {hint}"));
            self.workflow_commands(&format!("::notice title=imgbudget::{}\n", text::workflow_data(&sentence)));
            return;
        }
        let hint = hint.map(|hint| format!("\n hint: {hint}")).unwrap_or_default();
        self.write_stderr(&format!("note: {what}{hint}\n"));
    }

    /// Writes workflow commands of ours, one a line, to standard error, where a runner obeys them as it does on standard output. What
    /// is no command is not written, and elsewhere than on a GitHub runner nothing is.
    pub fn workflow_commands(&self, commands: &str) {
        if !self.guarded {
            return;
        }
        let mut err = io::stderr().lock();
        for command in commands.lines().filter(|line| line.starts_with("::")) {
            let _ = err.write_all(guard::inside_command(command).as_bytes()).and_then(|()| err.write_all(b"\n"));
        }
    }

    /// Shows already rendered diagnostics on standard error.
    pub fn diagnostics(&self, render: impl FnOnce(bool) -> String) {
        self.write_stderr(&render(self.stderr_color));
    }

    /// Shows an error that stops the run: the chain of what happened, its lines of detail, and the hint.
    pub fn error(&self, error: &Error) {
        use std::fmt::Write as _;

        let (red, cyan, reset) =
            if self.stderr_color { ("\u{1b}[1;31m", "\u{1b}[36m", "\u{1b}[0m") } else { ("", "", "") };
        let mut shown = format!("{red}error{reset}: ");
        if let Some(place) = error.place() {
            let _ = write!(shown, "{place}: ");
        }
        shown.push_str(&text::line_within(&error.chain(), 600));
        for line in error.detail() {
            // An empty line stays one: the detail may be a file to be pasted.
            let line = if line.is_empty() { String::new() } else { format!("  {}", text::line_within(line, 300)) };
            let _ = write!(shown, "\n{line}");
        }
        if let Some(hint) = error.hint() {
            for (number, line) in hint.lines().enumerate() {
                let lead = if number == 0 { format!("\n{cyan} hint{reset}: ") } else { "\n       ".to_owned() };
                let _ = write!(shown, "{lead}{line}");
            }
        }
        shown.push('\n');
        self.write_stderr(&shown);
    }

    /// An observer that shows progress on standard error as suits it: bars, plain lines, or nothing.
    #[must_use]
    pub fn progress(&self) -> Progress {
        if self.quiet {
            Progress::none()
        } else if io::stderr().is_terminal() {
            Progress::bars()
        } else {
            Progress::lines(*self)
        }
    }

    fn write_stderr(self, shown: &str) {
        let mut err = io::stderr().lock();
        // Nobody is left to tell when standard error itself is gone.
        let _ = if self.guarded {
            err.write_all(&guard::defuse(shown.as_bytes()))
        } else {
            err.write_all(shown.as_bytes())
        };
    }
}
