//! Exit codes: the one table that scripts and CI jobs rely on.

use std::collections::BTreeSet;

use crate::domain::{EasedBy, NotJudged, Report, Rule, Verdict};
use crate::error::Class;

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exit {
    /// 0: everything is within budget, perhaps with warnings.
    Within,
    /// 1: something breaks its budget.
    Over,
    /// 2: something could not be checked: bad input, no engine, an image that could not be measured, Ctrl-C.
    NotChecked,
}

/// What `--fail-on` turns into exit code 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FailOn {
    /// A target that breaks its budget.
    #[default]
    Failure,
    /// A warning, too.
    Warning,
    /// Nothing: 1 becomes 0.
    Never,
}

impl Exit {
    /// Every code with its meaning, for `--help` and the README.
    pub const TABLE: [(Self, &'static str); 3] = [
        (Self::Within, "every target is within its budget; warnings alone do not change that"),
        (Self::Over, "at least one target breaks its budget"),
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
        if report.verdict == Verdict::Error || strict && (not_judged(report).next().is_some() || lacks_baseline(report))
        {
            return Self::NotChecked;
        }
        let over = match fail_on {
            FailOn::Failure => report.verdict >= Verdict::Fail,
            FailOn::Warning => report.verdict >= Verdict::Warn,
            FailOn::Never => false,
        };
        if over { Self::Over } else { Self::Within }
    }

    /// What made the code of a finished run another one than its verdict alone gives; `None` where nothing did.
    #[must_use]
    pub fn reason(report: &Report, fail_on: FailOn, strict: bool) -> Option<String> {
        let exit = Self::of(report, fail_on, strict);
        if exit == Self::of(report, FailOn::Failure, false) {
            return None;
        }
        let why = match exit {
            Self::NotChecked if not_judged(report).next().is_none() => {
                "--strict, and there is no baseline that says what is new".to_owned()
            }
            Self::NotChecked => {
                let rules: BTreeSet<Rule> = not_judged(report).map(|not| not.rule).collect();
                let were = if rules.len() == 1 { "was" } else { "were" };
                let rules: Vec<&str> = rules.into_iter().map(Rule::code).collect();
                format!("--strict, and {} {were} not judged", rules.join(", "))
            }
            Self::Over => "--fail-on warning, and there are warnings".to_owned(),
            Self::Within => "--fail-on never".to_owned(),
        };
        Some(format!("exit code {}: {why}", exit.code()))
    }
}

/// Whether something passed only because no baseline says what is new.
fn lacks_baseline(report: &Report) -> bool {
    let mut eased =
        report.targets.iter().flat_map(|target| &target.findings).filter_map(|finding| finding.eased.as_ref());
    eased.any(|eased| eased.why == EasedBy::NoBaseline)
}

/// What no target and what each target could not be judged by.
fn not_judged(report: &Report) -> impl Iterator<Item = &NotJudged> {
    report.not_judged.iter().chain(report.targets.iter().flat_map(|target| &target.not_judged))
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
