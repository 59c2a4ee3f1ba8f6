//! Images that no person would make, and that are measured, escaped and judged like any other.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::support::images::{Files, Image, Layer, Stored, digest, docker_archive, header, hex, pack};
use crate::support::project::Project;
use crate::support::run::Screen;

/// Checks an image for gcc, and for whatever lies in /evil; gives the screen and the report of the only target.
fn judged(archive: impl AsRef<[u8]>) -> (Screen, Value) {
    let project = Project::new().file("app.tar", archive);
    let screen =
        project.check("--archive app.tar --max-size 1GB --forbid-tools gcc --forbid-paths /evil/* --write json=r.json");
    harmless(&screen.stdout);
    harmless(&screen.stderr);
    harmless(&project.read("r.json"));
    (screen, project.report("r.json")["targets"][0].clone())
}

/// No character that acts instead of being seen, but for line breaks.
fn harmless(text: &str) {
    let hidden = text.chars().find(|&c| c != '\n' && imgbudget::text::is_hidden(c));
    assert_eq!(hidden, None, "{text}");
}

/// One layer: its exit code and its size.
fn of_layer(layer: Layer) -> (Option<i32>, Value) {
    let (screen, target) = judged(docker_archive(&[Image::new().layer(layer)]));
    assert_eq!(target["error"], Value::Null, "{}", screen.screen());
    (screen.code, target["size"].clone())
}

#[test]
fn names_that_would_act_on_a_terminal() {
    let names: [&[u8]; 5] =
        [b"evil/a\nb", b"evil/\x1b[31mred", "evil/\u{202e}txt.exe".as_bytes(), b"evil/\xff\xfe", b"evil/\x07\r"];
    let layer = names.iter().fold(Layer::new(), |layer, name| layer.file(name, 0o644, "1234"));
    let (screen, target) =
        judged(docker_archive(&[Image::new().layer_by(layer, "RUN \u{1b}]0;owned\u{7} \u{202e}\n::error::x")]));
    assert_eq!((screen.code, &target["size"]), (Some(1), &json!(20)));
    insta::assert_snapshot!(screen.screen(), @r#"
    exit: 1
    --- stdout
    Target  Size   Budget  Headroom
    ───────────────────────────────
    ✗ app   20 B  1.00 GB   1.00 GB

    ✗ app  1 forbidden path
      frees ≤
         20 B  layer 1 of 1  RUN �]0;owned� � ::error::x
               /evil/* → remove it in the same RUN
      All fixes: 20 → 0 B
      Needed? imgbudget allow app '/evil/*' --reason "…"

    image: archive app.tar, [DIGEST]

    ✗ app 20 B, 1 forbidden path
    --- stderr
    "#);
}

#[test]
fn a_name_of_4000_characters() {
    let name = format!("evil/{}", "n".repeat(4000));
    let (screen, target) = judged(docker_archive(&[Image::new().layer(Layer::new().file(&name, 0o644, "12"))]));
    assert_eq!((screen.code, &target["size"]), (Some(1), &json!(2)));
    assert!(screen.stdout.lines().all(|line| line.chars().count() < 200), "{}", screen.stdout);
}

#[test]
fn an_image_of_no_layers() {
    let (screen, target) = judged(docker_archive(&[Image::new()]));
    assert_eq!((screen.code, &target["size"], &target["layers"]), (Some(0), &json!(0), &json!([])));
}

#[test]
fn paths_that_lead_out() {
    let layer = Layer::new().file("../../evil/passwd", 0o644, "123").file("/evil/shadow", 0o644, "45");
    assert_eq!(of_layer(layer), (Some(1), json!(5)));
}

#[test]
fn a_compiler_below_a_directory_that_looks_like_a_whiteout() {
    for directory in [".wh..wh.bin", ".wh..wh.plnk", ".wh..wh..opq", ".wh.bin"] {
        let layer = Layer::new().file(format!("{directory}/gcc"), 0o755, vec![7; 3000]);
        assert_eq!(of_layer(layer), (Some(1), json!(3000)), "{directory}");
    }
}

#[test]
fn a_hard_link_to_nothing() {
    assert_eq!(of_layer(Layer::new().file("a", 0o644, "123").hard_link("bin/gcc", "nowhere")), (Some(0), json!(3)));
}

#[test]
fn a_whiteout_of_nothing() {
    assert_eq!(of_layer(Layer::new().whiteout("no/such/file").opaque("nor/this").whiteout("x")), (Some(0), json!(0)));
}

#[test]
fn two_entries_of_one_name() {
    let layer = Layer::new().file("bin/gcc", 0o755, "1234").file("bin/gcc", 0o644, "56");
    let (code, size) = of_layer(layer);
    assert_eq!((code, size), (Some(0), json!(2)), "the second counts, and nobody can run it");
}

#[test]
fn a_path_of_200_levels() {
    let path = format!("{}gcc", "d/".repeat(200));
    let (code, size) = of_layer(Layer::new().file(path, 0o755, "1"));
    assert_eq!((code, size), (Some(1), json!(1)));
}

#[test]
fn links_that_go_in_circles() {
    let layer = Layer::new().symlink("a", "b").symlink("b", "a").symlink("bin/gcc", "../a").symlink("self", "self/gcc");
    assert_eq!(of_layer(layer), (Some(0), json!(1 + 1 + 4 + 8)));
}

#[test]
fn a_million_empty_files() {
    const FILES: usize = 1_000_000;
    let name = |number: usize| format!("many/{:03}/{number:07}", number / 10_000);
    // One header, with only its name and checksum written anew: fast enough without optimisation.
    let blank = header(&[], b'0', 0o644, b"", 0);
    let sum: u32 = blank[..148].iter().chain(&blank[156..]).map(|&byte| u32::from(byte)).sum::<u32>() + 8 * 32;
    let mut tar = Vec::with_capacity(FILES * 512 + 1024);
    for number in 0..FILES {
        let name = name(number);
        let start = tar.len();
        tar.extend_from_slice(&blank);
        tar[start..start + name.len()].copy_from_slice(name.as_bytes());
        let sum = sum + name.bytes().map(u32::from).sum::<u32>();
        write!(&mut tar[start + 148..start + 156], "{sum:06o}\0 ").unwrap();
    }
    tar.resize(tar.len() + 1024, 0);
    let archive = saved(&tar);
    drop(tar);
    let (screen, target) = judged(archive);
    assert_eq!((screen.code, &target["size"]), (Some(0), &json!(0)), "{}", screen.screen());
    assert_eq!(target["layers"].as_array().map(Vec::len), Some(1));
}

/// A `docker save` of one layer, compressed so that the test writes little.
fn saved(tar: &[u8]) -> Vec<u8> {
    let config = json!({
        "os": "linux", "architecture": "amd64", "config": {},
        "rootfs": { "type": "layers", "diff_ids": [digest(tar)] },
        "history": [{ "created_by": "COPY many /many" }],
    })
    .to_string();
    let name = format!("{}.json", hex(config.as_bytes()));
    let mut files = Files::default();
    files.add("layer.tar", pack(tar, Stored::Gzip));
    files.add(name.as_str(), config);
    files.add("manifest.json", json!([{ "Config": name, "RepoTags": ["a:1"], "Layers": ["layer.tar"] }]).to_string());
    files.tar()
}
