//! Exit codes: the one table that scripts and CI jobs rely on.

use crate::domain::{Report, Verdict};
use crate::error::Class;

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exit {
    /// 0: everything is within budget, perhaps with warnings.
    Within,
    /// 1: something is over budget.
    Over,
    /// 2: something could not be checked: bad input, no engine, an image that could not be measured, Ctrl-C.
    NotChecked,
}

/// What `--fail-on` turns into exit code 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, clap::ValueEnum)]
pub enum FailOn {
    /// A target over budget.
    #[default]
    Failure,
    /// A warning, too.
    Warning,
    /// Nothing: 1 becomes 0, 2 stays 2.
    Never,
}

impl Exit {
    /// Every code with its meaning, for `--help` and the README.
    pub const TABLE: [(Self, &'static str); 3] = [
        (Self::Within, "every target is within its budget; warnings alone do not change that"),
        (Self::Over, "at least one target is over its budget"),
        (Self::NotChecked, "at least one target could not be checked, or the input was wrong"),
    ];

    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Within => 0,
            Self::Over => 1,
            Self::NotChecked => 2,
        }
    }

    /// The code of a finished run. With `strict` a rule that could not be judged counts as not checked.
    #[must_use]
    pub fn of(report: &Report, fail_on: FailOn, strict: bool) -> Self {
        let open = !report.not_judged.is_empty() || report.targets.iter().any(|target| !target.not_judged.is_empty());
        if report.verdict == Verdict::Error || strict && open {
            return Self::NotChecked;
        }
        let over = match fail_on {
            FailOn::Failure => report.verdict >= Verdict::Fail,
            FailOn::Warning => report.verdict >= Verdict::Warn,
            FailOn::Never => false,
        };
        if over { Self::Over } else { Self::Within }
    }
}

impl From<Class> for Exit {
    /// An error that stops the whole run means that nothing was checked, whatever it is; the match makes a new class decide.
    fn from(class: Class) -> Self {
        match class {
            Class::Usage
            | Class::Config
            | Class::Engine
            | Class::Build
            | Class::Image
            | Class::Io
            | Class::Interrupted => Self::NotChecked,
        }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
