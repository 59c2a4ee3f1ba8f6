//! Layers out of the tools that write them: each of the same small tree, in each of its formats, and each must be measured without an
//! error, with the size that the tree has.
//!
//! `cargo test` alone uses the tools that are there and says which are not; `scripts/test-tools.sh` installs them.

mod go;
mod packed;
mod tools;
mod tree;

use std::process::Command;

use imgbudget::source::{Limits, Wanted, archive};

use crate::support::images::{Image, Layer, Stored, docker_archive, oci_files};
use tree::Tree;

/// A tool is there. Otherwise says so in the words that the gate looks for.
fn there(tool: &str) -> bool {
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(tool).is_file()));
    if !found {
        println!("skipped ({tool} is missing: scripts/test-tools.sh installs it): tars that it writes");
    }
    found
}

/// What a command writes to standard output, run in the tree.
fn output(tree: &Tree, command: &str) -> Vec<u8> {
    let mut run = Command::new("sh");
    run.args(["-euc", command])
        .current_dir(tree.root())
        .env("LC_ALL", "C.UTF-8")
        .env("TREE", tree.root())
        .env("OUT", tree.beside());
    let output = run.output().expect("sh");
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Size and number of paths of an image whose one layer is this tar.
fn measure(tar: &[u8]) -> Result<(u64, usize), String> {
    measure_image(Image::new().layer(Layer::new().ending(tar)))
}

fn measure_image(image: Image) -> Result<(u64, usize), String> {
    let tar = docker_archive(&[image]);
    let image = archive::read(&tar[..], &Wanted::default(), "written.tar", &Limits::default(), &mut |_| {})
        .map_err(|error| error.chain())?;
    Ok((image.layers.iter().map(|layer| layer.size().0).sum(), image.layers.iter().map(|layer| layer.len()).sum()))
}

/// Holds a writer to the tree that it was given.
fn hold(name: &str, tar: &[u8], size: u64) {
    match measure(tar) {
        Ok((ours, paths)) => {
            println!("{name}: {} bytes of tar, {paths} paths, {ours} bytes of content", tar.len());
            assert_eq!(ours, size, "{name}");
        }
        Err(why) => panic!("{name}: {why}"),
    }
}

/// A layout in a tar, whose one layer is this blob as it is.
fn hold_blob(name: &str, tar: &[u8], blob: Vec<u8>, size: u64) {
    let image = Image::new().stored(Stored::Gzip).layer(Layer::new().ending(tar)).blob(0, |stored| *stored = blob);
    let archived = oci_files(&[image]).tar();
    let image = archive::read(&archived[..], &Wanted::default(), "written.tar", &Limits::default(), &mut |_| {});
    let image = image.unwrap_or_else(|error| panic!("{name}: {}", error.chain()));
    assert_eq!(image.layers.iter().map(|layer| layer.size().0).sum::<u64>(), size, "{name}");
}
