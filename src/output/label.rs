//! What targets are called: by name, and by platform where a name has several.

use std::collections::BTreeMap;

use crate::domain::{Report, TargetReport};
use crate::text;

/// Knows which names need their platform.
pub(super) struct Labels<'a> {
    entries: BTreeMap<&'a str, usize>,
}

impl<'a> Labels<'a> {
    pub(super) fn new(report: &'a Report) -> Self {
        let mut entries = BTreeMap::new();
        for target in &report.targets {
            *entries.entry(target.name.as_str()).or_default() += 1;
        }
        Self { entries }
    }

    /// `api`, or `api (linux/arm64)`.
    pub(super) fn of(&self, target: &TargetReport) -> String {
        let several = self.entries.get(target.name.as_str()).is_some_and(|entries| *entries > 1);
        match &target.platform {
            Some(platform) if several => format!("{} ({})", target.name, text::line(&platform.to_string())),
            _ => target.name.to_string(),
        }
    }
}
