//! Databases of apk as it writes them, and as nobody does.

use proptest::prelude::*;

use super::super::fixture::{Tree, told};

const INSTALLED: &str = "lib/apk/db/installed";

/// A record as apk writes it.
fn record(name: &str, more: &str) -> String {
    format!("C:Q1qKcZ+j23xssAXmgQhkOO8dHnbWw=\nP:{name}\nV:1.2-r3\nA:x86_64\nS:1\nI:2\nT:x\nL:MIT\no:{name}\n{more}\n")
}

#[test]
fn a_package_has_the_files_below_its_directories() {
    let busybox = "D:so:libc.musl-x86_64.so.1 /bin/true>=1 !uclibc missing\np:cmd:sh=1.2 /bin/sh\nF:bin\nR:busybox\na:0:0:755\n\
                   Z:Q1x=\nR:sh\nF:usr/../etc\nR:shadow\nF:etc\nM:0:0:1777\nR:gone\n";
    let installed = [
        record("busybox", busybox),
        record("musl", "p:so:libc.musl-x86_64.so.1=1\nF:lib\nR:ld-musl-x86_64.so.1\n"),
        record("musl-utils", "D:musl=1.2-r3 cmd:sh\n").replace("o:musl-utils", "o:musl"),
        record(".build-deps", "D:musl-utils@edge\n"),
    ];
    let tree = || {
        Tree::default()
            .file("etc/apk/world", "busybox>1\n.build-deps=2024\n!gone\n")
            .size("usr/bin/busybox", 800)
            .link("usr/bin/sh", "busybox")
            .link("bin", "usr/bin")
            .size("lib/ld-musl-x86_64.so.1", 600)
            .size("etc/shadow", 5)
    };
    let found = tree().file(INSTALLED, installed.concat()).packages();
    insta::assert_snapshot!(told(&found), @r"
    apk .build-deps 1.2-r3: 0 files, 0 bytes manual needs musl-utils
    apk busybox 1.2-r3: 2 files, 807 bytes manual needs musl
    apk musl 1.2-r3: 1 files, 600 bytes automatic
    apk musl-utils 1.2-r3: 0 files, 0 bytes automatic needs busybox,musl
    ");
    let utils = found.packages.list.iter().find(|package| package.name == "musl-utils").expect("is there");
    assert_eq!((utils.source.as_deref(), utils.licences.as_slice()), (Some("musl"), &["MIT".to_owned()][..]));
    // Where apk 3 has moved it, with the old name as a link, and where both are there.
    let moved =
        tree().file("usr/lib/apk/db/installed", installed.concat()).link(INSTALLED, "/usr/lib/apk/db/installed");
    assert_eq!(told(&moved.packages()), told(&found));
    let both = tree().file("usr/lib/apk/db/installed", installed.concat()).file(INSTALLED, installed.concat());
    assert_eq!(told(&both.packages()), told(&found));
}

#[test]
fn what_is_wrong_is_told_at_its_line() {
    let said = |installed: &str| told(&Tree::default().file(INSTALLED, installed).packages());
    let whole = record("a", "");
    insta::assert_snapshot!(said(&format!("{whole}nonsense\n{whole}")), @r"
    apk a 1.2-r3: 0 files, 0 bytes
    /lib/apk/db/installed line 11 is not a field
    ");
    insta::assert_snapshot!(said(&format!("{whole}P:b\n\n")), @r"
    apk a 1.2-r3: 0 files, 0 bytes
    apk b ?: 0 files, 0 bytes
    /lib/apk/db/installed line 11 begins a record without a name or a version
    ");
    insta::assert_snapshot!(said(&format!("{whole}V:1\n\n")), @r"
    apk a 1.2-r3: 0 files, 0 bytes
    /lib/apk/db/installed line 11 begins a record without a name or a version
    ");
    insta::assert_snapshot!(said(whole.trim_end()), @"/lib/apk/db/installed is cut short in the record that begins in line 1");
    assert_eq!(said(""), "");
}

proptest! {
    #[test]
    fn a_prefix_is_read_as_whole_records_or_is_told_to_be_one(cut in 0_usize..400) {
        let installed = ["a", "b", "c"].map(|name| record(name, "F:etc\nR:a\n"));
        let whole = installed.concat();
        let cut = cut.min(whole.len());
        let found = Tree::default().file(INSTALLED, &whole[..cut]).packages();
        let ends: Vec<usize> = (0..=3).map(|count| installed[..count].concat().len()).collect();
        if let Some(count) = ends.iter().position(|end| *end == cut) {
            prop_assert_eq!((found.packages.list.len(), found.unread.len()), (count, 0));
        } else {
            prop_assert_eq!(found.unread.len(), 1);
        }
    }

    #[test]
    fn nothing_that_anybody_writes_ends_it(installed in "(?s)([PVAoLDpFR]:[ -~]{0,4}\n|[ -~\n]{0,5}|\n)*") {
        let found = Tree::default().file(INSTALLED, installed).size("a", 1).packages();
        prop_assert!(found.packages.list.iter().all(|package| !package.name.is_empty()));
    }
}
