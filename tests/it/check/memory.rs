//! What an image can make a run take: the peak of resident memory of the real program, as the kernel keeps it.
#![cfg(target_os = "linux")]

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;

use crate::support::images::{Files, Image, Layer, Stored, digest, docker_archive, header, hex, pack};
use crate::support::project::Project;

/// Peak in bytes of a check of `archive`, and why it could not be measured.
fn checked(archive: impl AsRef<[u8]>, flags: &str) -> (u64, Option<String>) {
    let project = Project::new().file("app.tar", archive);
    let check = "check --archive app.tar --max-size 1GB --forbid-tools gcc --forbid-paths /no/** --write json=r.json";
    let run = project.imgbudget(&format!("{check} {flags}"));
    let mut child = run.command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let high_water: Option<u64> =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        peak = peak.max(high_water.unwrap_or(0) * 1024);
        std::thread::sleep(Duration::from_millis(1));
    }
    let error = &project.report("r.json")["targets"][0]["error"];
    let said = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
    (peak, error.is_object().then(|| format!("{}\n{}", said("message"), said("hint"))))
}

/// What a run takes that measures nothing to speak of.
fn base() -> u64 {
    checked(docker_archive(&[Image::new().layer(Layer::new().file("a", 0o644, "a"))]), "").0
}

/// An archive with one layer that is listed so many times.
fn listed(tar: &[u8], times: usize) -> Vec<u8> {
    let config = json!({
        "os": "linux", "architecture": "amd64", "config": {},
        "rootfs": { "type": "layers", "diff_ids": vec![digest(tar); times] },
    })
    .to_string();
    let name = format!("{}.json", hex(config.as_bytes()));
    let mut files = Files::default();
    files.add("layer.tar", pack(tar, Stored::Gzip));
    files.add(name.as_str(), config);
    files.add("manifest.json", json!([{ "Config": name, "Layers": vec!["layer.tar"; times] }]).to_string());
    files.tar()
}

fn files(count: usize, name: impl Fn(usize) -> String) -> Vec<u8> {
    let mut tar = Vec::new();
    for number in 0..count {
        tar.extend_from_slice(&header(name(number).as_bytes(), b'0', 0o644, b"", 0));
    }
    tar.extend_from_slice(&[0; 1024]);
    tar
}

const MB: u64 = 1_000_000;

/// How much the limit is that the hostile cases run into; and what else a run may take above its base: buffers, documents, the report.
const LIMIT: &str = "--memory-limit 16MB";
const MOST: u64 = (16 + 16) * MB;

#[test]
fn a_million_files_take_64_mb_with_the_stack() {
    let archive = listed(&files(1_000_000, |number| format!("many/{:03}/{number:07}", number / 10_000)), 1);
    let (peak, error) = checked(archive, "");
    let above = peak.saturating_sub(base());
    eprintln!("a million files: {} MB above the base", above / MB);
    assert_eq!(error, None);
    assert!(above <= 64 * MB, "{above} bytes");
}

#[test]
fn names_that_compress_well() {
    let name = |number: usize| format!("{number:05}{}", "n".repeat(15_000));
    let layer = (0..3000).fold(Layer::new(), |layer, number| layer.file(name(number), 0o644, ""));
    let (peak, error) = checked(docker_archive(&[Image::new().stored(Stored::Gzip).layer(layer)]), LIMIT);
    let error = error.expect("too many");
    assert!(
        error.contains(
            "cannot be read: it needs more memory than the 16.0 MB that a run may take for images\n--memory-limit"
        ),
        "{error}"
    );
    assert!(peak <= base() + MOST, "{peak}");
}

#[test]
fn one_layer_listed_many_times() {
    let (peak, error) = checked(listed(&files(2000, |number| format!("{number}")), 1000), LIMIT);
    let error = error.expect("too many");
    assert!(error.starts_with("the image could not be measured: it needs more memory than the 16.0 MB"), "{error}");
    assert!(error.contains("--memory-limit"), "{error}");
    assert!(peak <= base() + MOST, "{peak}");
}

#[test]
fn long_targets_of_links_count_and_are_not_kept() {
    let layer = (0..1000).fold(Layer::new(), |layer, number| layer.symlink(format!("l{number}"), "t".repeat(40_000)));
    let (peak, error) = checked(docker_archive(&[Image::new().stored(Stored::Gzip).layer(layer)]), LIMIT);
    assert_eq!(error, None);
    assert!(peak <= base() + MOST, "{peak}");
}

#[test]
fn a_window_that_claims_more_than_there_is() {
    let layer = || Layer::new().file("a", 0o644, "a");
    let tar = layer().tar();
    // RFC 8878: no single segment, a window of 512 MiB, one raw block, the last.
    let block = u32::try_from(tar.len() << 3 | 1).unwrap().to_le_bytes();
    let frame = [&[0x28, 0xb5, 0x2f, 0xfd, 0, (29 - 10) << 3][..], &block[..3], &tar].concat();
    let image = || Image::new().stored(Stored::Zstd).layer(layer()).blob(0, |blob| blob.clone_from(&frame));
    let (peak, error) = checked(docker_archive(&[image()]), "");
    let error = error.expect("too large");
    assert!(error.contains("it needs more memory than the 256.0 MB that a run may take"), "{error}");
    assert!(peak <= base() + MOST, "{peak}");
}

#[test]
fn more_than_a_run_reads_of_an_image() {
    let image = |stored| Image::new().stored(stored).layer(Layer::new().zeros("zeros", 0o644, 20_000_000));
    for stored in [Stored::Plain, Stored::Gzip, Stored::Zstd] {
        let archive = docker_archive(&[image(stored)]);
        let error = checked(&archive, "--read-limit 10MB").1.expect("too much");
        assert!(error.contains("it has more than the 10.0 MB that a run may read of an image"), "{error}");
        assert!(error.contains("\n--read-limit"), "{error}");
        assert_eq!(checked(&archive, "--read-limit 30MB").1, None);
    }
    let whole = pack(&docker_archive(&[image(Stored::Plain)]), Stored::Gzip);
    assert!(checked(&whole, "--read-limit 10MB").1.is_some_and(|error| error.contains("--read-limit")));
}

/// Frames that a decoder skips (RFC 8878, 3.1.2) unpack to nothing, however many there are.
#[test]
fn what_unpacks_to_nothing_counts_as_it_is_stored() {
    let frame = [&[0x50, 0x2a, 0x4d, 0x18][..], &1_000_000_u32.to_le_bytes(), &vec![0; 1_000_000]].concat();
    let frames = frame.repeat(20);
    let whole = [&frames[..], &pack(&Layer::new().tar(), Stored::Zstd)].concat();
    let image = || Image::new().stored(Stored::Zstd).layer(Layer::new()).blob(0, |blob| blob.clone_from(&whole));
    let archive = docker_archive(&[image()]);
    let error = checked(&archive, "--read-limit 10MB").1.expect("too much");
    assert!(error.contains("it has more than the 10.0 MB that a run may read of an image"), "{error}");
    assert!(error.contains("\n--read-limit"), "{error}");
    let error = checked(&frames, "--read-limit 10MB").1.expect("too much");
    assert!(error.contains("--read-limit"), "{error}");
    assert_eq!(checked(&archive, "--read-limit 30MB").1.as_deref(), None);
}
