//! Layout directories that a stranger made: whatever lies in the place of a file, reading ends, with a sentence.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use imgbudget::source::{ImageContent, Limits, Wanted, layout};
use imgbudget::{Class, Error};
use tempfile::TempDir;

use super::{check_sample, sample};
use crate::support::images::{Layer, blob_path, oci_files};

fn read(directory: &Path) -> Result<ImageContent, Error> {
    layout::read(directory, &Wanted::default(), &Limits::default(), &mut |_| {})
}

fn said(directory: &Path) -> String {
    let error = read(directory).expect_err("must be refused");
    assert!(matches!(error.class(), Class::Image | Class::Io), "{error:?}");
    error.chain().replace(directory.to_str().unwrap(), "DIR")
}

/// The sample as a layout, and its document or blob that is to be replaced.
fn without(what: &str) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    oci_files(&[sample()]).write_to(directory.path());
    let layer = Layer::new().file("app", 0o755, vec![9; 100_000]).whiteout("bin/bash").tar();
    let path = match what {
        "layer" => directory.path().join(blob_path(&layer)),
        "config" => directory.path().join(blob_path(&sample().config())),
        "manifest" => directory.path().join(blob_path(&sample().manifest())),
        file => directory.path().join(file),
    };
    fs::remove_file(&path).unwrap();
    (directory, path)
}

const EACH: [&str; 5] = ["oci-layout", "index.json", "manifest", "config", "layer"];

#[test]
fn what_is_no_file_is_not_waited_for() {
    for what in EACH {
        let (directory, path) = without(what);
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert!(said(directory.path()).contains("is not a regular file"), "{what}");
        fs::remove_file(&path).unwrap();
        symlink("/dev/zero", &path).unwrap();
        assert!(said(directory.path()).contains("is not a regular file"), "{what}");
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(said(directory.path()).contains("is not a regular file"), "{what}");
    }
}

#[test]
fn links_in_a_circle_and_to_nothing_end() {
    for what in EACH {
        let (directory, path) = without(what);
        symlink(&path, &path).unwrap();
        assert!(said(directory.path()).contains("Too many levels of symbolic links"), "{what}");
        fs::remove_file(&path).unwrap();
        symlink("/no/such/file", &path).unwrap();
        let said = said(directory.path());
        assert!(said.contains("is missing") || said.contains("it has no `"), "{what}: {said}");
    }
}

/// Some tools link blobs into a store that all images share. What is there counts only when it is what its name says.
#[test]
fn links_that_lead_out_lead_to_what_they_name() {
    for what in EACH {
        let whole = tempfile::tempdir().unwrap();
        oci_files(&[sample()]).write_to(whole.path());
        let (directory, path) = without(what);
        symlink(whole.path().join(path.strip_prefix(directory.path()).unwrap()), &path).unwrap();
        check_sample(&read(directory.path()).expect(what));
        fs::remove_file(&path).unwrap();
        symlink("/etc/passwd", &path).unwrap();
        // The first document only has to be there, and its content is nobody's.
        if what != "oci-layout" {
            let said = said(directory.path());
            assert!(!said.contains("root:"), "{said}");
        }
    }
}

#[test]
fn documents_and_layers_of_any_size_are_bounded() {
    for what in &EACH[..4] {
        let (directory, path) = without(what);
        // As large as the disk is, and not a byte on it.
        fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert!(said(directory.path()).contains("is larger than a manifest or a config may be (4 MiB)"), "{what}");
    }
    let (directory, path) = without("layer");
    fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
    assert!(said(directory.path()).contains("has 1099511627776 bytes, and its manifest says 10"));
}

#[test]
fn a_blob_that_is_replaced_by_another_is_named() {
    for what in ["manifest", "config", "layer"] {
        let (directory, path) = without(what);
        fs::write(&path, Layer::new().file("app", 0o755, vec![8; 100_000]).whiteout("bin/bash").tar()).unwrap();
        let said = said(directory.path());
        assert!(
            said.contains("has other content than its name says") || said.contains("is not what its name says"),
            "{said}"
        );
    }
}
