//! The page in a browser: what it shows, what it does, and that nothing else happens.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::images::{Image, Layer, docker_archive};
use crate::support::npm::{live, modules};
use crate::support::project::Project;
use crate::support::repository::root;

/// Names that would like to be more than names.
const NAMES: [&str; 10] = [
    "<script>window.hacked=1<",
    "\"><img src=x onerror=window.hacked=1>",
    "</script><script>window.hacked=1</script>",
    "<!--",
    "' onmouseover='window.hacked=1",
    "\u{202e}gnp.exe",
    "a\u{2028}b\u{2029}c",
    "\u{1b}]0;title\u{7}",
    "javascript:window.hacked=1",
    "名前 עברית ‏مرحبا",
];

/// An image with those names in every place that a page shows, and things to change.
fn image(name: &str) -> Image {
    let mut base = Layer::new().zeros("usr/bin/gcc", 0o755, 3_000_000).zeros("usr/lib/libc.so", 0o644, 2_000_000);
    let mut own = Layer::new().zeros("app/.git/objects/pack", 0o644, 900_000).zeros("app/main", 0o755, 1_500_000);
    for (number, hostile) in NAMES.iter().enumerate() {
        base = base.zeros(&format!("opt/{hostile}/large"), 0o644, 200_000 + number * 1000);
        own = own.zeros(&format!("srv/{hostile}"), 0o644, 100_000 + number * 1000);
        own = own.zeros(&format!("srv/small/{hostile}"), 0o644, 10 + number);
    }
    let last = Layer::new().whiteout("usr/lib/libc.so").zeros("app/main", 0o755, 1_500_000);
    let made_by = NAMES.join(" ");
    Image::new()
        .layer_by(base, "ADD rootfs / # buildkit")
        .layer_by(own, &format!("COPY {made_by} / # buildkit"))
        .layer_by(last, &format!("RUN /bin/sh -c {made_by}"))
        .named(name)
}

const BUDGETS: &str = r#"
[defaults]
forbid-tools = ["@build-tools"]
forbid-paths = ["**/.git"]
max-wasted = "1 MB"
require-non-root = true

[targets.api]
archive = "api.tar"
max-size = "9 MB"

[targets.web]
archive = "web.tar"
max-size = "900 MB"
"#;

fn project() -> Project {
    let archive = |name: &str| docker_archive(&[image(name)]);
    let small =
        Image::new().layer(Layer::new().zeros("srv/index.html", 0o644, 40_000)).user("65532").named("acme/web:1");
    Project::with(BUDGETS).file("api.tar", archive("acme/api:1")).file("web.tar", docker_archive(&[small]))
}

/// Looks at a page in Chromium; what is wrong with it.
fn look(page: &Path, find: &str) -> String {
    let mut node = Command::new("node");
    node.arg(root().join("tests/page/browser.mjs")).arg(page).env("MODULES", modules()).env("FIND", find);
    let said = node.output().expect("node");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&said.stdout), if said.status.success() { String::new() } else { text(&said.stderr) })
}

#[test]
fn a_page_of_hostile_images_does_what_it_should_and_nothing_else() {
    if !live("the page of a check in Chromium") {
        return;
    }
    let project = project();
    let screen = project.check("--write html=page.html");
    assert_eq!(screen.code, Some(1), "{}", screen.stderr);
    assert_eq!(look(&project.path("page.html"), "libc"), "");
}

#[test]
fn pages_of_inspect_and_diff_do_so_too() {
    if !live("the pages of inspect and diff in Chromium") {
        return;
    }
    let project = project();
    for (command, name) in [
        ("inspect --archive api.tar --format html", "inspect.html"),
        ("diff web.tar api.tar --format html", "diff.html"),
    ] {
        let screen = project.imgbudget(command).run();
        assert_eq!(screen.code, Some(0), "{command}: {}", screen.stderr);
        fs::write(project.path(name), &screen.stdout).expect("can be written");
        assert_eq!(look(&project.path(name), "libc"), "", "{command}");
    }
}

#[test]
fn the_page_of_a_check_is_written_beside_the_screen() {
    let project = project();
    let plain = project.check("");
    let screen = project.check("--write html=page.html");
    assert_eq!((plain.code, &plain.stdout), (screen.code, &screen.stdout), "a page changes no verdict");
    let page = project.read("page.html");
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">") && page.len() < 200_000, "{}", page.len());
    assert!(page.contains("<svg class=\"static wide\"") && page.contains("\"nodes\":[["));
    assert_eq!(page, project.check("--format html").stdout, "the same on the screen");
}

#[test]
fn a_page_from_reports_has_no_map_and_says_so() {
    let project = project();
    project.check("--write json=report.json");
    let screen = project.imgbudget("merge report.json --write html=page.html").run();
    assert_eq!(screen.code, Some(1), "{}", screen.stderr);
    assert!(project.read("page.html").contains("No map: the image's files were not looked at in this run."));
}
