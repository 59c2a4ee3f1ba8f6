//! Relative links lead to a file of the repository, and their fragments to one of its headings.

use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;

use super::{Page, page, pages};
use crate::support::repository::root;

/// The anchor that GitHub and GitLab give a heading: lower case, hyphens for spaces, no punctuation.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

fn anchors(page: &Page) -> BTreeSet<String> {
    page.prose()
        .filter(|line| line.starts_with('#'))
        .filter_map(|line| line.trim_start_matches('#').strip_prefix(' '))
        .map(anchor)
        .collect()
}

fn dead_links(page: &Page) -> Vec<String> {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let prose: String = page.prose().flat_map(|line| [line, "\n"]).collect();
    let folder = page.path.parent().unwrap_or(Path::new(""));
    let is_dead = |target: &&str| {
        if target.contains("://") || target.starts_with("mailto:") {
            return false;
        }
        let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
        let path = if path.is_empty() { page.path.clone() } else { folder.join(path) };
        if !root().join(&path).exists() {
            return true;
        }
        let is_page = path.extension().is_some_and(|extension| extension == "md");
        !fragment.is_empty() && is_page && !anchors(&super::page(path)).contains(fragment)
    };
    let dead = link.captures_iter(&prose).map(|found| found.get(1).unwrap().as_str()).filter(is_dead);
    dead.map(|target| format!("{}: {target}", page.path.display())).collect()
}

#[test]
fn relative_links_lead_somewhere() {
    let dead: Vec<String> = pages().iter().flat_map(dead_links).collect();
    assert!(dead.is_empty(), "\n{}\n", dead.join("\n"));
}

#[test]
fn a_dead_link_is_noticed() {
    let text = "[a](rules.md#size) [b](rules.md#no-such) [c](nothing.md) [d](../README.md) [e](#here)\n## Here\n";
    let page = Page { path: "docs/x.md".into(), text: text.to_owned() };
    // A link into this page reads the page from the disk, where it is not.
    assert_eq!(dead_links(&page), ["docs/x.md: rules.md#no-such", "docs/x.md: nothing.md", "docs/x.md: #here"]);
    assert_eq!(anchor("Which size is this?"), "which-size-is-this");
}

#[test]
fn every_page_is_reached_from_another() {
    let all: String = pages().into_iter().map(|page| page.text).collect();
    for name in
        ["configuration.md", "rules.md", "sizes.md", "ci.md", "security.md", "github-action.md", "engine.md", "cli.md"]
    {
        let is_linked = ["(", "/"].iter().any(|before| all.contains(&format!("{before}{name}")));
        assert!(is_linked, "no page links to {name}");
        assert!(page(Path::new("docs").join(name)).text.starts_with("# "), "{name} has no title");
    }
}
