//! Where a finding is shown: a file and a line of the repository, as forges and editors want it.

use crate::domain::{Finding, Place, Report, TargetReport, within_repository};
use crate::text;

/// The file that a finding is shown at when nothing better is known.
const FALLBACK: &str = "budgets.toml";

/// The longest path that is shown, in characters; no file system has files with longer ones.
const LONGEST: usize = 4096;

/// A line of a file of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Location {
    /// Relative to the root of the repository: no leading slash, no `.` and no `..`. Not escaped.
    pub(super) path: String,
    /// 1-based.
    pub(super) line: u32,
}

impl Location {
    /// The path as text that cannot act.
    pub(super) fn shown(&self) -> String {
        text::line_within(&self.path, LONGEST)
    }
}

/// The line of the Dockerfile to change, where that is known.
pub(super) fn dockerfile<'a>(finding: &'a Finding, target: &'a TargetReport) -> Option<&'a Place> {
    let layer = finding.layer.as_ref().and_then(|layer| target.layers.get(layer.index));
    layer.and_then(|layer| target.line_of(layer)).or(finding.dockerfile.as_ref())
}

/// Finds the places of one report.
#[derive(Debug)]
pub(super) struct Locations<'a> {
    directory: &'a str,
    budgets: String,
}

impl<'a> Locations<'a> {
    /// `directory` is where the run stands below the root of the repository, empty at the root: places are relative to it.
    pub(super) fn new(report: &Report, directory: &'a str) -> Self {
        let budgets = report
            .targets
            .iter()
            .flat_map(|target| {
                let rules = target.rules.iter().filter_map(|outcome| outcome.budget.as_ref());
                rules.chain(target.findings.iter().filter_map(|finding| finding.budget.as_ref()))
            })
            .find_map(|place| within_repository(directory, &place.file))
            .or_else(|| within_repository(directory, FALLBACK))
            .unwrap_or_else(|| FALLBACK.to_owned());
        Self { directory, budgets }
    }

    /// The line of the Dockerfile that made or brought the layer; else the line of the budget; else the first line of the budget file,
    /// because forges drop what has no place.
    pub(super) fn of(&self, finding: &Finding, target: &TargetReport) -> Location {
        self.first([dockerfile(finding, target), finding.budget.as_ref()])
    }

    /// The first of some places that lies in the repository, else the first line of the budget file.
    pub(super) fn first<'p>(&self, places: impl IntoIterator<Item = Option<&'p Place>>) -> Location {
        let known = places.into_iter().flatten().find_map(|place| {
            Some(Location { path: within_repository(self.directory, &place.file)?, line: place.line.max(1) })
        });
        known.unwrap_or_else(|| Location { path: self.budgets.clone(), line: 1 })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fixture::fixture;
    use super::*;

    #[test]
    fn the_line_to_look_at() {
        let report = fixture();
        let locations = Locations::new(&report, "");
        let at = |target: usize, finding: usize| {
            let target = &report.targets[target];
            let Location { path, line } = locations.of(&target.findings[finding], target);
            format!("{path}:{line}")
        };
        assert_eq!(at(0, 0), "services/api/Dockerfile:4");
        assert_eq!(at(0, 1), "services/api/Dockerfile:12");
        assert_eq!(at(0, 2), "services/api/Dockerfile:4", "the FROM that brought it");
        assert_eq!(at(3, 0), "budgets.toml:1");
    }

    #[test]
    fn paths_from_the_root_of_the_repository() {
        for (directory, file, path) in [
            ("", "./a//b", Some("a/b")),
            ("services/api", "Dockerfile", Some("services/api/Dockerfile")),
            ("services/api", "../budgets.toml", Some("services/budgets.toml")),
            ("a", "../../b", None),
            ("", "/etc/passwd", None),
            ("", "..", None),
            ("", "", None),
        ] {
            assert_eq!(within_repository(directory, file).as_deref(), path, "{directory} {file}");
        }
    }

    proptest! {
        #[test]
        fn no_path_leaves_the_repository(directory in "[./a]{0,6}", file in "[./a\\PC]{0,12}") {
            if let Some(path) = within_repository(&directory, &file) {
                prop_assert!(path.split('/').all(|part| !matches!(part, "" | "." | "..")));
            }
        }
    }
}
