//! Databases of dpkg as it writes them, and as nobody does.

use proptest::prelude::*;

use crate::contents::packages::fixture::{Tree, told};

const STATUS: &str = "var/lib/dpkg/status";

/// A record as dpkg writes it.
fn record(name: &str, more: &str) -> String {
    format!(
        "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1-1\n{more}Description: x\n .\n\n"
    )
}

#[test]
fn a_package_has_the_files_that_it_lists_where_the_final_file_system_shows_them() {
    let status = [
        record("base-files", "Essential: yes\n"),
        record("dash", "Depends: debianutils (>= 5), libc6 | libc6-udeb, dash-base, gone\nPre-Depends: libc6:any\n"),
        record("libc6", "Source: glibc (2.36-9)\nMulti-Arch: same\n"),
        record("mawk", "Provides: debianutils (= 5), awk\n"),
        record("old", "").replace("install ok installed", "deinstall ok config-files"),
    ];
    let found = Tree::default()
        .link("bin", "usr/bin")
        .file(STATUS, status.concat())
        .file("var/lib/dpkg/info/dash.list", "/.\n/bin\n/bin/sh\n/usr/bin\n/usr/bin/sh\n/usr/bin/dash\n/usr/share/doc/dash\n")
        .file("var/lib/dpkg/info/libc6:amd64.list", "/.\n/../../usr/bin/dash\n/lib/../etc/shadow\n/lib/libc.so.6\n/etc/rc\n")
        .file("var/lib/dpkg/info/base-files.list", "/.\n/bin\n/etc/rc\n")
        .file("var/lib/dpkg/info/mawk.list", "/usr/bin/gone\n")
        .file("var/lib/dpkg/info/old.list", "/etc/old\n")
        .file("var/lib/dpkg/diversions", "/etc/rc\n/etc/rc.real\nbase-files\n")
        .file("var/lib/apt/extended_states", "Package: libc6\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: dash\nArchitecture: i386\nAuto-Installed: 1\n")
        .size("usr/bin/dash", 100)
        .link("usr/bin/sh", "dash")
        .size("lib/libc.so.6", 1000)
        .size("etc/rc", 7)
        .size("etc/rc.real", 9)
        .size("etc/old", 11)
        .packages();
    insta::assert_snapshot!(told(&found), @r"
    deb base-files 1-1: 2 files, 14 bytes manual
    deb dash 1-1: 2 files, 104 bytes manual needs libc6,mawk
    deb libc6 1-1: 2 files, 1009 bytes automatic
    deb mawk 1-1: 0 files, 0 bytes manual
    ");
    let libc = found.packages.list.iter().find(|package| package.name == "libc6").expect("is there");
    assert_eq!((libc.source.as_deref(), libc.architecture.as_deref()), (Some("glibc"), Some("amd64")));
    assert!(found.packages.list[0].is_essential && !libc.is_essential);
}

#[test]
fn images_made_without_dpkg_have_a_file_for_each_package() {
    let control = "Package: base-files\nVersion: 12.4\nArchitecture: amd64\nDescription: x\n";
    let found = Tree::default()
        .file("var/lib/dpkg/status.d/base", control)
        .file("var/lib/dpkg/status.d/base.md5sums", "d41d8cd98f00b204e9800998ecf8427e  etc/debian_version\nnonsense\n")
        .file("var/lib/dpkg/status.d/libssl3", control.replace("base-files", "libssl3"))
        .file("var/lib/dpkg/status.d/cut", "Package: cut\nVersion: 1\nArch")
        .size("etc/debian_version", 5)
        .packages();
    insta::assert_snapshot!(told(&found), @r"
    deb base-files 12.4: 1 files, 5 bytes
    deb cut 1: 0 files, 0 bytes
    deb libssl3 12.4: 0 files, 0 bytes
    /var/lib/dpkg/status.d/cut is cut short in the record that begins in line 1
    /var/lib/dpkg/status.d the lists of files of cut and libssl3 are not there
    ");
}

#[test]
fn only_the_database_that_is_shown_counts() {
    let two = [record("a", ""), record("b", "")].concat();
    let lower = || Tree::default().file(STATUS, &two).layer();
    insta::assert_snapshot!(told(&lower().file(STATUS, record("a", "")).packages()), @r"
    deb a 1-1: 0 files, 0 bytes
    /var/lib/dpkg/info the lists of files of a are not there
    ");
    insta::assert_snapshot!(told(&lower().whiteout(STATUS).packages()), @"");
    let with_lists = || Tree::default().file(STATUS, &two).file("var/lib/dpkg/info/a.list", "").layer();
    insta::assert_snapshot!(told(&with_lists().whiteout(STATUS).packages()), @"/var/lib/dpkg/status has no packages, but there are lists of files of a");
    insta::assert_snapshot!(told(&with_lists().size(STATUS, 3).packages()), @"/var/lib/dpkg/status was not read");
}

#[test]
fn what_is_wrong_is_told_at_its_line() {
    let said = |status: &str| told(&Tree::default().file(STATUS, status).packages());
    let whole = record("a", "");
    insta::assert_snapshot!(said(&format!("{whole}Package: b\nStatus: install ok\n\n")), @r"
    deb a 1-1: 0 files, 0 bytes
    /var/lib/dpkg/status line 8 begins a record without a status that dpkg knows
    /var/lib/dpkg/info the lists of files of a are not there
    ");
    insta::assert_snapshot!(said(&format!("garbage\n{whole}Version: 2\n\n\u{202e}\n\n")), @r"
    deb a 1-1: 0 files, 0 bytes
    /var/lib/dpkg/status line 1 is not a field, and 2 more records are wrong
    /var/lib/dpkg/info the lists of files of a are not there
    ");
    insta::assert_snapshot!(said(&whole.replace("Version: 1-1\n", "")), @r"
    deb a ?: 0 files, 0 bytes
    /var/lib/dpkg/status line 1 begins a record without a version
    /var/lib/dpkg/info the lists of files of a are not there
    ");
    insta::assert_snapshot!(said(&format!("{whole}{}", whole.replace("1-1", "2-1"))), @r"
    deb a 2-1: 0 files, 0 bytes
    /var/lib/dpkg/info the lists of files of a are not there
    ");
    insta::assert_snapshot!(said(whole.trim_end()), @r"
    deb a 1-1: 0 files, 0 bytes
    /var/lib/dpkg/status is cut short in the record that begins in line 1
    /var/lib/dpkg/info the lists of files of a are not there
    ");
    let latin = [b"Package: caf\xe9\nStatus: install ok installed\nVersion: 1\n\n".as_slice()].concat();
    insta::assert_snapshot!(told(&Tree::default().file(STATUS, latin).packages()), @r"
    deb caf� 1: 0 files, 0 bytes
    /var/lib/dpkg/info the lists of files of caf� are not there
    ");
}

#[test]
fn many_records_take_no_more_memory_than_they_may() {
    let status: String = (0..20_000).map(|number| record(&number.to_string(), "Depends: 1, 2, 3\n")).collect();
    let tree = || Tree::default().file(STATUS, &status);
    assert!(tree().within(4_000_000).is_err());
    assert_eq!(tree().packages().packages.list.len(), 20_000);
}

proptest! {
    #[test]
    fn a_prefix_is_read_as_whole_records_or_is_told_to_be_one(cut in 0_usize..700) {
        let records = ["a", "b", "c", "d", "e"].map(|name| record(name, "Depends: a,\n b\n"));
        let status = records.concat();
        let cut = cut.min(status.len());
        let lists = ["a", "b", "c", "d", "e"].iter();
        let tree = lists.fold(Tree::default(), |tree, name| tree.file(&format!("var/lib/dpkg/info/{name}.list"), "/.\n"));
        let found = tree.file(STATUS, &status[..cut]).packages();
        let is_whole = cut == status.len();
        prop_assert_eq!(found.unread.is_empty(), is_whole, "{}", told(&found));
        prop_assert!(!is_whole || found.packages.list.len() == 5);
    }

    #[test]
    fn nothing_that_anybody_writes_ends_it(status in "(?s)(Package: [a-c]\n|Status: install ok installed\n|[ -~\n\t]{0,9}|\n)*", list in proptest::collection::vec(any::<u8>(), 0..64)) {
        let tree = Tree::default().file(STATUS, status).file("var/lib/dpkg/info/a.list", list).size("usr/bin/a", 1);
        let found = tree.packages();
        prop_assert!(found.packages.list.iter().all(|package| !package.name.is_empty()));
    }
}
