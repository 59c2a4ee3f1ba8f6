//! What an image of a distribution has beside its files: databases of packages, and what package managers of languages leave.

use std::io::{self, Write};

use super::images::{Layer, entry};

/// As many as `node:20` has, about.
const OF_THE_DISTRIBUTION: usize = 430;
const OF_NODE: usize = 1500;
const OF_PYTHON: usize = 120;

/// Writes databases that own all of `files`, absolute paths.
pub(crate) fn write<W: Write>(tar: &mut tar::Builder<W>, files: &[String]) -> io::Result<()> {
    let mut put = |path: &str, content: &str| entry(tar, path, 0o644, content.len() as u64, content.as_bytes());
    let mut status = String::new();
    let share = files.len().div_ceil(OF_THE_DISTRIBUTION).max(1);
    for (number, files) in files.chunks(share).enumerate() {
        let record = format!(
            "Package: package-{number}\nStatus: install ok installed\nPriority: optional\nSection: libs\nInstalled-Size: 1234\n\
             Maintainer: somebody <somebody@example.com>\nArchitecture: amd64\nVersion: 1:2.{number}-1\n\
             Depends: package-{} (>= 1.0), package-{} | package-0\nDescription: made for measuring\n of so many lines\n .\n and words\n\n",
            number / 2,
            number / 3,
        );
        status.push_str(&record);
        put(&format!("var/lib/dpkg/info/package-{number}.list"), &format!("/.\n{}\n", files.join("\n")))?;
    }
    put("var/lib/dpkg/status", &status)?;
    for number in 0..OF_NODE {
        let directory = format!("app/node_modules/module-{number}");
        let about = "words of a readme ".repeat(60);
        let json = format!(
            r#"{{"name":"module-{number}","version":"1.2.{number}","description":"{about}","main":"index.js"}}"#
        );
        put(&format!("{directory}/package.json"), &json)?;
        put(&format!("{directory}/index.js"), &"module.exports = 1;\n".repeat(200))?;
    }
    for number in 0..OF_PYTHON {
        let directory = format!("usr/lib/python3/site-packages/dist_{number}-1.{number}.dist-info");
        put(
            &format!("{directory}/METADATA"),
            &format!("Metadata-Version: 2.1\nName: dist-{number}\nVersion: 1.{number}\n\n"),
        )?;
        let files: Vec<String> = (0..60).map(|file| format!("dist_{number}/module_{file}.py,sha256=x,900\n")).collect();
        put(&format!("{directory}/RECORD"), &files.concat())?;
        for file in 0..60 {
            put(&format!("usr/lib/python3/site-packages/dist_{number}/module_{file}.py"), &"import os\n".repeat(90))?;
        }
    }
    Ok(())
}

/// The files of a layer, by what its tar says.
pub(crate) fn files(layer: &Layer) -> io::Result<Vec<String>> {
    let mut archive = tar::Archive::new(std::fs::File::open(&layer.tar)?);
    let mut files = Vec::new();
    for entry in archive.entries_with_seek()? {
        let entry = entry?;
        if entry.header().entry_type().is_file() {
            files.push(format!("/{}", entry.path()?.display()));
        }
    }
    Ok(files)
}
