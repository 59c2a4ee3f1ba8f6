//! The fuzz targets, compiled as modules. They are a crate of their own, whose dependencies no other build needs; what they call of the
//! library must not change behind their back all the same.
//!
//! A binary of its own, since they take its root for the root of their crate. `scripts/fuzz.sh` fuzzes; here each target meets a few bytes.
#![expect(clippy::expect_used, clippy::panic, reason = "a target says what broke by ending")]
#![expect(unused_attributes, reason = "`no_main` is about the binary that libFuzzer makes of a target")]

extern crate self as imgbudget_fuzz;
extern crate self as libfuzzer_sys;

#[path = "../fuzz/src/lib.rs"]
mod shared;

pub use shared::*;

macro_rules! targets {
    ($($name:ident: $path:literal),+ $(,)?) => {
        $(#[path = $path] mod $name;)+

        /// Each target by the name of its file.
        const TARGETS: &[(&str, fn(&[u8]))] = &[$((stringify!($name), $name::run)),+];
    };
}

targets! {
    archive: "../fuzz/targets/archive.rs",
    budgets: "../fuzz/targets/budgets.rs",
    config: "../fuzz/targets/config.rs",
    dockerfile: "../fuzz/targets/dockerfile.rs",
    dockerignore: "../fuzz/targets/dockerignore.rs",
    index: "../fuzz/targets/index.rs",
    markdown: "../fuzz/targets/markdown.rs",
    split: "../fuzz/targets/split.rs",
    tar: "../fuzz/targets/tar.rs",
}

/// The form in which targets are written, without libFuzzer. Below them, so that they find it where they import it from.
#[macro_export]
macro_rules! fuzz_target {
    (init: $init:expr, |$data:ident: &[u8]| $body:block) => {
        pub(crate) fn run($data: &[u8]) {
            $init;
            $body
        }
    };
}

#[test]
fn each_target_holds_on_a_few_bytes() {
    for (name, run) in TARGETS {
        for bytes in
            [&b""[..], b"\0", b"\x01", b"FROM scratch\n", b"[targets.a]\nimage = \"a\"\n", &[0; 1024], &[0xff; 700]]
        {
            eprintln!("{name}: {bytes:?}");
            run(bytes);
        }
    }
}

#[test]
fn no_target_is_left_out() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/targets");
    let files = std::fs::read_dir(folder).expect("a folder").flatten().map(|file| file.file_name());
    let mut files: Vec<String> = files.map(|name| name.to_string_lossy().replace(".rs", "")).collect();
    files.sort();
    assert_eq!(files, TARGETS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}
