//! The page of reports that try to get out of it.

mod reader;

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::policy::policy;
use super::{MOST_BYTES, Options, render};
use crate::domain::{
    Bytes, CanGo, CanGoKind, Contents, Digest, Ecosystem, Links, Map, MapFile, MapKind, MapNode, Package, Packages,
    Report, Sha256, TargetReport, UnreadFile,
};
use crate::output::fixture::{HOSTILE, changed, fixture, hostile, two_platforms};
use reader::{Page, read};

/// `report` with a map in every image that was measured, all names of which are `text`.
fn mapped(mut report: Report, text: &str, directories: usize) -> Report {
    for target in report.targets.iter_mut().filter(|target| !target.layers.is_empty()) {
        target.contents = Some(contents(text, directories));
    }
    report
}

/// Directories of two files each, one of them hidden, and a rest.
fn contents(text: &str, directories: usize) -> Contents {
    let mut nodes = vec![MapNode::new(0, MapKind::Directory, String::new())];
    let mut files = Vec::new();
    for number in 0..directories {
        let name = |suffix: &str| format!("{text}{number}{suffix}");
        let above = nodes.len();
        nodes.push(MapNode::new(0, MapKind::Directory, name("")));
        for (kind, suffix, bytes, hidden) in
            [(MapKind::File, "a", 700_000, 0), (MapKind::File, "b", 200_000, 200_000), (MapKind::Rest, "", 100_000, 0)]
        {
            let node = nodes.len();
            nodes.push(MapNode {
                bytes: Bytes(bytes),
                hidden: Bytes(hidden),
                base: Bytes(bytes / 2),
                files: 1 + u64::from(kind == MapKind::Rest) * 40,
                layers: vec![(0, Bytes(bytes))],
                package: Some(0),
                ..MapNode::new(above, kind, if kind == MapKind::Rest { String::new() } else { name(suffix) })
            });
            files.push(MapFile {
                node,
                path: format!("/{}/{}", name(""), name(if suffix.is_empty() { "c" } else { suffix })),
                bytes: Bytes(bytes),
                is_hidden: hidden > 0,
                layer: 0,
                package: Some(0),
            });
        }
    }
    for position in (1..nodes.len()).rev() {
        let node = nodes[position].clone();
        let parent = &mut nodes[node.parent];
        parent.bytes = parent.bytes + node.bytes;
        parent.hidden = parent.hidden + node.hidden;
        parent.base = parent.base + node.base;
        parent.files += node.files;
    }
    let package = Package {
        version: Some(text.to_owned()),
        bytes: Bytes(700_000),
        files: 2,
        layer: Some(0),
        ..Package::new(Ecosystem::Npm, text)
    };
    let can_go = CanGo {
        kind: CanGoKind::Vcs,
        what: text.to_owned(),
        paths: vec![text.to_owned()],
        more_paths: 0,
        bytes: Some(Bytes(18_200_000)),
        layer: Some(0),
        line: None,
        fix: text.to_owned(),
        is_new: Some(true),
    };
    Contents {
        packages: Some(Packages { list: vec![package], ..Packages::default() }),
        can_go: vec![can_go],
        can_go_bytes: Bytes(18_200_000),
        map: Some(Map { nodes, files, more_files: 7, is_compared: false }),
        unread: vec![UnreadFile { path: text.to_owned(), why: text.to_owned() }],
        ..Contents::default()
    }
}

fn page(report: &Report) -> Page {
    read(&render(report, &Options::default()))
}

/// Every element with its attributes, each kind once.
fn kinds(page: &Page) -> BTreeSet<(String, BTreeSet<String>)> {
    let kind = |element: &reader::Element| {
        (element.name.clone(), element.attributes.iter().map(|(name, _)| name.clone()).collect())
    };
    page.elements.iter().map(kind).collect()
}

#[test]
fn the_policy_names_the_style_and_the_script_that_are_there() {
    let page = page(&mapped(fixture(), "name", 9));
    let hash = |text: &str| {
        use base64::Engine as _;
        let mut sha256 = Sha256::new();
        sha256.update(text);
        let digest: Digest = sha256.finish();
        format!("'sha256-{}'", base64::engine::general_purpose::STANDARD.encode(digest.as_bytes()))
    };
    let [style] = page.texts_of("style").try_into().expect("one style");
    let [_, script] = page.texts_of("script").try_into().expect("the data and one script");
    let stated = page
        .elements
        .iter()
        .find_map(|element| element.value("content").filter(|value| value.contains("-src")))
        .expect("a policy");
    assert_eq!(stated, policy());
    assert_eq!(
        stated,
        format!(
            "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
            hash(&style),
            hash(&script)
        )
    );
}

#[test]
fn nothing_is_asked_for_and_nothing_runs_but_the_script() {
    let links = Links {
        repository_url: Some("https://github.com/acme/shop".to_owned()),
        head: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
        ..Links::none()
    };
    let page = read(&render(&mapped(changed(), "name", 9), &Options { links, inspected: None }));
    assert!(
        page.elements.iter().any(|element| element.value("href").is_some_and(|href| href.contains("Dockerfile#L")))
    );
    for element in &page.elements {
        assert!(
            !["img", "link", "iframe", "object", "embed", "form", "base", "use", "image"]
                .contains(&element.name.as_str())
        );
        for (name, value) in &element.attributes {
            assert!(
                !name.starts_with("on") && !["style", "src", "srcset", "action", "xlink:href"].contains(&name.as_str())
            );
            let is_link =
                name != "href" || value.starts_with('#') || value.starts_with("https://github.com/acme/shop/");
            assert!(is_link, "{value}");
        }
    }
}

#[test]
fn a_page_reads_without_its_script() {
    let mut report = mapped(changed(), "usr", 3);
    report.targets.truncate(1);
    let page = page(&report);
    insta::assert_snapshot!(page.outline(), @r"
    imgbudget
    4f2a9c1 against baseline.json (9d1c0fe)
    ◐
    api: size 12.0 MB over – imgbudget
    ✗ fail api
    162.0 MB size 12.0 MB over
    base 96.1 MB yours 65.9 MB budget 150.0 MB all fixes: 162.0 MB → 120.8 MB
    Change +40.1 MB
    Compressed 61.0 MB
    Wasted 600.0 kB
    Packages at least 1
    Layers 4
    Platform linux/amd64
    Base node:20-bookworm-slim
    What to change
    ✗ services/api/Dockerfile:12 new +40.2 MB frees ≤ 41.2 MB
    RUN apt-get update && apt-get install -y g++ make
    gcc, g++
    → install in an earlier stage and copy only what runs
    Show on the map
    ! new +1.7 MB frees ≤ 12 B
    layer 4 of 4: COPY dist /srv�[2J�
    /srv/a�::error::b�[31m
    → add it to .dockerignore
    Show on the map
    ✗ services/api/Dockerfile:4
    FROM node:20-bookworm-slim
    npm, npx, corepack, wget
    → use a base image without them
    Show on the map
    Bytes
    All
    Yours
    Base
    Grown
    yours base image deleted or replaced later, ships all the same of this cause
    Can go together at most 18.2 MB
    Frees ≤ What Fix
    18.2 MB usr new usr
    Layers from the top
    Size Instruction Whose Line
    1.7 MB COPY dist /srv�[2J� yours
    64.2 MB RUN apt-get update && apt-get install -y g++ make yours services/api/Dockerfile:12
    21.3 MB RUN npm install -g npm@10 base services/api/Dockerfile:4
    74.8 MB ADD file:0f1 in / base services/api/Dockerfile:4
    Packages
    Size Package Version From Files Layer
    700.0 kB usr usr npm 2 base
    Wasted 600.0 kB that a later layer deletes or replaces: it ships all the same
    Wasted Where Of
    200.0 kB /usr0/usr0b 200.0 kB
    200.0 kB /usr1/usr1b 200.0 kB
    200.0 kB /usr2/usr2b 200.0 kB
    Not read what these files say is not known
    usr: usr
    ");
}

#[test]
fn an_image_that_was_only_looked_into_is_not_judged() {
    let options = Options { links: Links::none(), inspected: Some("node:20".to_owned()) };
    let page = read(&render(&mapped(two_platforms(), "usr", 3), &options));
    assert!(page.elements.iter().all(|element| !element.is("badge") && !element.is("causes")));
    assert_eq!(page.texts_of("title"), ["node:20 – imgbudget"]);
}

#[test]
fn a_page_is_bounded_however_much_there_is() {
    let long = "<\u{1F4A9}&\"".repeat(60);
    let mut report = mapped(fixture(), &long, 1600);
    let one = report.targets[0].clone();
    for _ in 0..14 {
        report.targets.push(one.clone());
    }
    for _ in 0..600 {
        report.targets.push(TargetReport { contents: None, ..one.clone() });
    }
    let shown = render(&report, &Options::default());
    assert!(shown.len() <= MOST_BYTES, "{}", shown.len());
    let page = read(&shown);
    assert!(page.text().contains("There is no room for"), "what is left out is said");
    let data: Vec<serde_json::Value> = serde_json::from_str(&page.texts_of("script")[0]).expect("JSON");
    assert!(data.len() > 3);
    for data in data.iter().filter(|data| !data.is_null()) {
        let nodes = data["nodes"].as_array().expect("a list");
        assert!(!nodes.is_empty() && nodes[0][3] == 1_600_000_000_u64);
        let (shown, left) =
            (data["files"].as_array().expect("a list").len() as u64, data["more"].as_u64().expect("a number"));
        assert_eq!(shown + left, 1600 + 7, "files that are nodes are found as such");
    }
}

#[test]
fn equal_reports_have_equal_pages() {
    let one = || render(&mapped(changed(), "name", 40), &Options::default());
    assert_eq!(one(), one());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_names_an_image_has_they_are_text(text in HOSTILE) {
        let known = kinds(&page(&mapped(hostile("name"), "name", 9)));
        let shown = render(&mapped(hostile(&text), &text, 9), &Options::default());
        prop_assert!(!shown.chars().any(|c| crate::text::is_hidden(c) && c != '\n'));
        let page = read(&shown);
        for kind in kinds(&page) {
            prop_assert!(known.contains(&kind), "{kind:?}");
        }
        prop_assert_eq!(page.texts_of("script").len(), 2);
        prop_assert!(page.comments == 0, "a name began a comment");
        let data: serde_json::Value = serde_json::from_str(&page.texts_of("script")[0]).expect("JSON");
        prop_assert!(data.is_array());
    }
}
