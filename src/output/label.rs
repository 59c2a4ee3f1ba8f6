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
        self.of_all(&[target])
    }

    /// Some targets by name, each once: `node-04, node-08 and 8 more`.
    pub(super) fn few(&self, targets: &[&TargetReport]) -> String {
        const MOST: usize = 5;
        let mut names: Vec<String> = targets.iter().map(|target| self.of(target)).collect();
        names.dedup();
        let more = names.len().saturating_sub(MOST - 1);
        if names.len() > MOST {
            names.truncate(MOST - 1);
            return format!("{} and {more} more", names.join(", "));
        }
        names.join(", ")
    }

    /// Several platforms of one target: `api (linux/amd64, linux/arm64)`.
    pub(super) fn of_all(&self, targets: &[&TargetReport]) -> String {
        let Some(name) = targets.first().map(|target| target.name.as_str()) else { return String::new() };
        let several = self.entries.get(name).is_some_and(|entries| *entries > 1);
        let platforms = targets.iter().filter_map(|target| target.platform.as_ref()).filter(|_| several);
        let mut platforms: Vec<String> = platforms.map(|platform| text::line(&platform.to_string())).collect();
        platforms.dedup();
        if platforms.is_empty() { name.to_owned() } else { format!("{name} ({})", platforms.join(", ")) }
    }
}
