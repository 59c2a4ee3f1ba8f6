//! The words that flags take for a choice. The choices belong to rooms that know nothing of a command line.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::domain::{CommentWhen, Format, LookIn, ReadWay};
use crate::exit::FailOn;
use crate::terminal::Color;

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Table => "The table and the findings, for a terminal",
            Self::Json => "`imgbudget.report/1`, for programs",
            Self::Markdown => "The comment's text, for a pull request or a step summary",
            Self::Junit => "JUnit XML, for lists of tests",
            Self::Codequality => "GitLab Code Quality, for lines of a merge request",
            Self::Sarif => "SARIF 2.1.0, for code scanning",
            Self::Metrics => "OpenMetrics text, for numbers over time",
            Self::Html => "A page that shows where the bytes are, for a browser",
            Self::Cyclonedx => "CycloneDX 1.6 with the packages of the images, for scanners",
        };
        Some(PossibleValue::new(self.as_str()).help(help))
    }
}

impl ValueEnum for CommentWhen {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Auto, Self::Always, Self::Changes, Self::Failures, Self::Never]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (word, help) = match self {
            Self::Auto => ("auto", "A failure or warning that the baseline lacks, a changed size or budget"),
            Self::Always => ("always", "Every run"),
            Self::Changes => ("changes", "A size that changed by at least `[comment] min-change`"),
            Self::Failures => ("failures", "A broken budget, or something not measured"),
            Self::Never => ("never", "Not at all"),
        };
        Some(PossibleValue::new(word).help(help))
    }
}

impl ValueEnum for LookIn {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Auto => "The engine; without one the registry, for references with a registry host or a digest",
            Self::Engine => "The engine alone",
            Self::Registry => "The registry alone, without any engine",
        };
        Some(PossibleValue::new(self.as_str()).help(help))
    }
}

impl ValueEnum for ReadWay {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Auto => "The engine's layer metadata, else `save`",
            Self::Metadata => "The engine's layer metadata alone",
            Self::Save => "`save` alone; no container is created",
        };
        Some(PossibleValue::new(self.as_str()).help(help))
    }
}

impl ValueEnum for FailOn {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Failure, Self::Warning, Self::Never]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (word, help) = match self {
            Self::Failure => ("failure", "A target that breaks its budget"),
            Self::Warning => ("warning", "A warning, too"),
            Self::Never => ("never", "Nothing: 1 becomes 0"),
        };
        Some(PossibleValue::new(word).help(help))
    }
}

impl ValueEnum for Color {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Auto, Self::Always, Self::Never]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (word, help) = match self {
            Self::Auto => ("auto", "On a terminal that has colours, unless NO_COLOR is set"),
            Self::Always => ("always", "Even into a pipe"),
            Self::Never => ("never", "Not at all"),
        };
        Some(PossibleValue::new(word).help(help))
    }
}
