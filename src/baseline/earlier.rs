//! An earlier measurement: a JSON report or a lock file, told apart by content.

use crate::domain::{Bytes, CompressedSize, Platform, Report, TargetName, TargetReport};
use crate::report::{self, lock};
use crate::{Class, Error};

/// What was found where the baseline should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Earlier {
    /// Nothing that has sizes was asked for: only what this change was made on is known.
    NotAsked,
    /// Nothing yet, and why that is known.
    Missing(String),
    /// Sizes by another definition, which nothing can be compared with.
    OtherDefinition(String),
    /// A report.
    Report(Box<Report>),
    /// A lock file: sizes alone.
    Lock(lock::Lock),
}

/// What the baseline knows of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before<'a> {
    /// There is no baseline.
    NoBaseline,
    /// It was measured by another definition.
    OtherDefinition,
    /// It does not have the target on this platform.
    NotThere {
        /// Whether it would have its findings: a lock file has sizes alone.
        keeps_findings: bool,
    },
    /// It has the target, whose size was not measured at the time.
    NotMeasured,
    /// It has sizes.
    Sizes {
        /// Content size.
        size: Bytes,
        /// Content size of its base image, where that was told.
        base: Option<Bytes>,
        /// Compressed size, where it was exact.
        compressed: Option<Bytes>,
        /// All that a report says of the target; a lock file has sizes alone.
        report: Option<&'a TargetReport>,
    },
}

impl Earlier {
    /// Reads a baseline. `name` is what messages call it.
    ///
    /// # Errors
    /// It is neither a report nor a lock file, or one that is broken. There is no guessing: a baseline that cannot be read is not
    /// one that is missing.
    pub fn read(bytes: &[u8], name: &str) -> Result<Self, Error> {
        if lock::is_lock(bytes) {
            return Ok(match lock::read(bytes, name)? {
                lock::Read::Lock(lock) => Self::Lock(lock),
                lock::Read::OtherDefinition(definition) => Self::OtherDefinition(definition),
            });
        }
        if !bytes.trim_ascii_start().starts_with(b"{") {
            let error =
                Error::new(Class::Config, format!("`{name}` is neither a JSON report nor a lock file of imgbudget"));
            return Err(
                error.with_hint("`imgbudget check --write json=PATH` writes the one, `imgbudget update` the other.")
            );
        }
        if let Some(definition) = report::other_definition(bytes) {
            return Ok(Self::OtherDefinition(definition));
        }
        let report = report::from_json(bytes).map_err(|error| {
            let hint = error.hint().unwrap_or_default().to_owned();
            Error::new(Class::Config, format!("`{name}` cannot be a baseline")).caused_by(error).with_hint(hint)
        })?;
        Ok(Self::Report(Box::new(report)))
    }

    /// The commit that a report was measured at. A lock file does not say.
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        match self {
            Self::Report(report) => report.commit.as_deref(),
            Self::NotAsked | Self::Missing(_) | Self::OtherDefinition(_) | Self::Lock(_) => None,
        }
    }

    /// What it knows of a target.
    #[must_use]
    pub fn before(&self, name: &TargetName, platform: &Platform) -> Before<'_> {
        match self {
            Self::NotAsked | Self::Missing(_) => Before::NoBaseline,
            Self::OtherDefinition(_) => Before::OtherDefinition,
            Self::Lock(lock) => lock.get(name, platform).map_or(Before::NotThere { keeps_findings: false }, |sizes| {
                Before::Sizes { size: sizes.size, base: sizes.base, compressed: sizes.compressed, report: None }
            }),
            Self::Report(report) => {
                // A target that could not be measured may have no platform; then it stands for every one.
                let is_it = |target: &&TargetReport| {
                    target.name == *name
                        && target.platform.as_ref().map_or(target.size.is_none(), |earlier| earlier == platform)
                };
                let found = report.targets.iter().find(is_it);
                found.map_or(Before::NotThere { keeps_findings: true }, |target| match target.size {
                    None => Before::NotMeasured,
                    Some(size) => Before::Sizes {
                        size,
                        base: target.base_size,
                        compressed: target.compressed_size.and_then(CompressedSize::if_exact),
                        report: Some(target),
                    },
                })
            }
        }
    }

    /// Every target and platform that it has.
    pub(super) fn targets(&self) -> Vec<(TargetName, Option<Platform>)> {
        match self {
            Self::NotAsked | Self::Missing(_) | Self::OtherDefinition(_) => Vec::new(),
            Self::Lock(lock) => lock.targets().map(|(name, platform)| (name.clone(), Some(platform.clone()))).collect(),
            Self::Report(report) => {
                report.targets.iter().map(|target| (target.name.clone(), target.platform.clone())).collect()
            }
        }
    }
}
