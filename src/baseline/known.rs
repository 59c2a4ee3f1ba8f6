//! What an earlier report found, and whether what is found now is more than that.
//!
//! A finding is the same from run to run by target, platform, rule and subject, never by layer, line or digest. That alone would let a
//! compiler hide behind another one of its family, and a key behind a glob that matched something before. So the names of tools, the
//! places of paths and the bytes count as well: whatever the baseline lacks of a finding makes it new.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Amount, Bytes, Finding, PathGlob, Rule, Severity};

/// The findings of an earlier report by rule and subject.
#[derive(Debug, Clone, Default)]
pub(super) struct Known<'a>(BTreeMap<(Rule, &'a str), Same<'a>>);

/// All findings of one rule about one subject.
#[derive(Debug, Clone)]
struct Same<'a> {
    /// The worst that its rule said.
    severity: Severity,
    /// All of it; `None` where nothing was measured.
    total: Option<Total>,
    names: BTreeSet<&'a str>,
    paths: BTreeSet<&'a str>,
    /// Paths that the findings do not name.
    more_paths: u64,
}

/// A sum of amounts of one unit.
#[derive(Debug, Clone, Copy)]
enum Total {
    Bytes(u64),
    Count(u64),
}

impl Total {
    fn of(amount: Amount) -> Self {
        match amount {
            Amount::Bytes(bytes) => Self::Bytes(bytes.0),
            Amount::Count(count) => Self::Count(count),
        }
    }

    fn add(self, other: Option<Self>) -> Self {
        match (self, other) {
            (Self::Bytes(one), Some(Self::Bytes(other))) => Self::Bytes(one.saturating_add(other)),
            (Self::Count(one), Some(Self::Count(other))) => Self::Count(one.saturating_add(other)),
            (this, _) => this,
        }
    }

    /// Whether it is more than `before`: of bytes by more than `least`, of things by any.
    fn exceeds(self, before: Option<Self>, least: Bytes) -> bool {
        match (self, before) {
            (Self::Bytes(now), Some(Self::Bytes(before))) => now > before.saturating_add(least.0),
            (Self::Count(now), Some(Self::Count(before))) => now > before,
            // Of what was not measured nobody knows how much it was.
            _ => true,
        }
    }
}

impl<'a> Same<'a> {
    /// `findings` are of one rule about one subject.
    fn of(findings: impl IntoIterator<Item = &'a Finding>) -> Option<Self> {
        findings.into_iter().fold(None, |same: Option<Self>, finding| {
            let mut same = same.unwrap_or(Self {
                severity: Severity::Note,
                total: None,
                names: BTreeSet::new(),
                paths: BTreeSet::new(),
                more_paths: 0,
            });
            same.severity = same.severity.max(finding.ruled());
            same.total = finding.actual.map(Total::of).map_or(same.total, |total| Some(total.add(same.total)));
            same.names.extend(finding.names.iter().map(String::as_str));
            same.paths.extend(finding.paths.iter().map(String::as_str));
            same.more_paths = same.more_paths.saturating_add(finding.more_paths);
            Some(same)
        })
    }

    /// Whether it is named as a tool, or where a report of a version that did not keep names shows it.
    fn has_name(&self, name: &str, family: &str) -> bool {
        let of_path = |path: &&str| path.rsplit('/').next() == Some(name);
        self.names.contains(name) || self.names.is_empty() && (name == family || self.paths.iter().any(of_path))
    }
}

impl<'a> Known<'a> {
    /// What an earlier report found.
    pub(super) fn new(findings: &'a [Finding]) -> Self {
        let mut groups: BTreeMap<(Rule, &str), Vec<&Finding>> = BTreeMap::new();
        for finding in findings {
            groups.entry((finding.rule, finding.subject.as_str())).or_default().push(finding);
        }
        Self(groups.into_iter().filter_map(|(key, group)| Some((key, Same::of(group)?))).collect())
    }

    /// Whether `finding`, one of `all` that a rule found now, is more than what is known. Bytes are more from `least` on.
    pub(super) fn lacks(&self, finding: &Finding, all: &[Finding], least: Bytes) -> bool {
        if is_relative(finding.rule) {
            return true;
        }
        let is_same = |other: &&Finding| other.rule == finding.rule && other.subject == finding.subject;
        let Some(before) = self.0.get(&(finding.rule, finding.subject.as_str())) else { return true };
        // What is found several times, in several layers, is as much as all of it together.
        let Some(now) = Same::of(all.iter().filter(is_same)) else { return true };
        if finding.ruled() > before.severity || now.total.is_some_and(|now| now.exceeds(before.total, least)) {
            return true;
        }
        match finding.rule {
            Rule::ForbiddenPath => lacks_a_place(before, &now, &finding.subject),
            _ => finding.names.iter().any(|name| !before.has_name(name, &finding.subject)),
        }
    }
}

/// Whether a rule compares with the baseline, so that what it finds is news by nature.
fn is_relative(rule: Rule) -> bool {
    matches!(rule, Rule::Growth | Rule::OwnGrowth | Rule::BudgetChanged)
}

/// Whether a glob matches in a place where it did not match before.
fn lacks_a_place(before: &Same<'_>, now: &Same<'_>, glob: &str) -> bool {
    let places = Places::of(glob);
    if matches!(places, Places::One) {
        return false;
    }
    let known: BTreeSet<&str> = before.paths.iter().map(|path| places.of_path(path)).collect();
    // What is not named cannot be told from what was there.
    now.more_paths > 0 || now.paths.iter().any(|path| !known.contains(places.of_path(path)))
}

/// What of a path tells it apart. What lies in a folder that is forbidden whole, such as a cache, may change from run to run.
enum Places {
    /// The glob is one folder, and all that is in it: `/root/.npm/**`.
    One,
    /// The glob is folders: `**/node_modules/.cache/**`.
    Folders(PathGlob),
    /// Each path for itself: `**/*.pem`.
    Each,
}

impl Places {
    fn of(glob: &str) -> Self {
        let mut folder = glob;
        while let Some(above) = folder.strip_suffix("/**").or_else(|| folder.strip_suffix("/*")) {
            folder = above;
        }
        if folder.len() == glob.len() {
            Self::Each
        } else if !folder.contains(['*', '?', '[', '{', '\\']) {
            Self::One
        } else {
            PathGlob::new(folder).map_or(Self::Each, Self::Folders)
        }
    }

    /// The outermost folder that matches, or the path itself.
    fn of_path<'p>(&self, path: &'p str) -> &'p str {
        let Self::Folders(glob) = self else { return path };
        let ends = path.match_indices('/').map(|(end, _)| end).skip(1).chain([path.len()]);
        ends.filter_map(|end| path.get(..end)).find(|above| glob.matches(above.as_bytes())).unwrap_or(path)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tool(names: &[&str], bytes: u64) -> Finding {
        Finding {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            actual: Some(Amount::Bytes(Bytes(bytes))),
            ..Finding::new(Rule::ForbiddenTool, Severity::Fail, "gcc", "")
        }
    }

    fn paths(glob: &str, paths: &[&str]) -> Finding {
        Finding {
            paths: paths.iter().map(|path| (*path).to_owned()).collect(),
            ..Finding::new(Rule::ForbiddenPath, Severity::Fail, glob, "")
        }
    }

    fn is_new(before: &[Finding], now: &[Finding]) -> bool {
        let known = Known::new(before);
        now.iter().any(|finding| known.lacks(finding, now, Bytes(10)))
    }

    #[test]
    fn a_tool_of_a_known_family_is_new() {
        let before = [tool(&["gcc"], 100)];
        assert!(!is_new(&before, &[tool(&["gcc"], 110)]));
        assert!(is_new(&before, &[tool(&["gcc"], 111)]), "it grew by more than the least change");
        assert!(is_new(&before, &[tool(&["gcc", "g++"], 100)]));
        assert!(is_new(&before, &[tool(&["gcc"], 100), tool(&["gcc"], 100)]), "a copy in another layer adds up");
        assert!(!is_new(&[tool(&["gcc", "g++"], 50), tool(&["gcc"], 50)], &before));
    }

    #[test]
    fn reports_without_names_have_their_paths() {
        let before = [Finding { paths: vec!["/usr/bin/g++".to_owned()], ..tool(&[], 100) }];
        assert!(!is_new(&before, &[tool(&["gcc", "g++"], 100)]), "the family's own name is its subject");
        assert!(is_new(&before, &[tool(&["cc"], 100)]));
    }

    #[test]
    fn a_path_is_new_where_nothing_matched_before() {
        for (glob, before, now, new) in [
            ("**/.git", "/app/.git", "/app/.git", false),
            ("**/.git", "/app/.git", "/srv/.git", true),
            ("**/*.pem", "/app/ca.pem", "/app/key.pem", true),
            ("/root/.npm/**", "/root/.npm/_cacache/a1", "/root/.npm/_cacache/b2", false),
            ("/var/lib/apt/lists/*", "/var/lib/apt/lists/a", "/var/lib/apt/lists/b", false),
            ("**/node_modules/.cache/**", "/a/node_modules/.cache/x", "/a/node_modules/.cache/y", false),
            ("**/node_modules/.cache/**", "/a/node_modules/.cache/x", "/b/node_modules/.cache/x", true),
        ] {
            assert_eq!(is_new(&[paths(glob, &[before])], &[paths(glob, &[now])]), new, "{glob} {now}");
        }
    }

    #[test]
    fn what_is_not_named_is_new_but_in_one_folder() {
        let cut = |glob| Finding { more_paths: 5, ..paths(glob, &["/a/x"]) };
        assert!(is_new(&[cut("**/x")], &[cut("**/x")]));
        assert!(!is_new(&[cut("/a/**")], &[cut("/a/**")]));
    }

    #[test]
    fn worse_and_relative_findings_are_new() {
        let warned = [Finding { severity: Severity::Warn, ..tool(&["gcc"], 100) }];
        assert!(is_new(&warned, &[tool(&["gcc"], 100)]));
        let eased = crate::domain::Eased { from: Severity::Fail, why: crate::domain::EasedBy::Known };
        let known = [Finding { severity: Severity::Note, eased: Some(eased), ..tool(&["gcc"], 100) }];
        assert!(!is_new(&known, &[tool(&["gcc"], 100)]), "what was eased was a failure all the same");
        let growth = [Finding::new(Rule::Growth, Severity::Fail, "image", "")];
        assert!(is_new(&growth, &growth));
        let layers = |count| {
            [Finding { actual: Some(Amount::Count(count)), ..Finding::new(Rule::Layers, Severity::Fail, "image", "") }]
        };
        assert!(is_new(&layers(20), &layers(21)) && !is_new(&layers(20), &layers(19)));
    }

    proptest! {
        #[test]
        fn whatever_the_baseline_lacks_is_new(
            before in prop::collection::btree_set("[a-d]", 1..4),
            now in prop::collection::btree_set("[a-f]", 1..5),
            bytes in (0u64..50, 0u64..50),
        ) {
            let names = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>();
            let with = |set, bytes| Finding { names: names(set), ..tool(&[], bytes) };
            let found = is_new(&[with(&before, bytes.0)], &[with(&now, bytes.1)]);
            prop_assert_eq!(found, !now.is_subset(&before) || bytes.1 > bytes.0 + 10);
            let globbed = |set: &BTreeSet<String>| {
                let at: Vec<String> = set.iter().map(|name| format!("/srv/{name}.pem")).collect();
                paths("**/*.pem", &at.iter().map(String::as_str).collect::<Vec<_>>())
            };
            prop_assert_eq!(is_new(&[globbed(&before)], &[globbed(&now)]), !now.is_subset(&before));
        }

        #[test]
        fn nothing_is_new_against_itself(sets in prop::collection::vec((prop::collection::vec("[a-f]", 0..4), 0u64..50), 0..5)) {
            let findings: Vec<Finding> = sets
                .iter()
                .map(|(names, bytes)| tool(&names.iter().map(String::as_str).collect::<Vec<_>>(), *bytes))
                .collect();
            prop_assert!(!is_new(&findings, &findings));
        }

        #[test]
        fn any_glob_and_path_is_answered(glob in any::<String>(), path in any::<String>()) {
            prop_assert!(path.starts_with(Places::of(&glob).of_path(&path)));
        }
    }
}
