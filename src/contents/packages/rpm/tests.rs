//! Databases of rpm as it writes them, and as nobody does.

use proptest::prelude::*;

use super::fixture::{Writer, header, ndb, sqlite};
use crate::contents::packages::fixture::{Tree, told};

const SQLITE: &str = "var/lib/rpm/rpmdb.sqlite";
const NDB: &str = "usr/lib/sysimage/rpm/Packages.db";

fn headers() -> Vec<Vec<u8>> {
    vec![
        header(
            "bash",
            &["libc.so.6()(64bit)", "rpmlib(X)", "(a if b)", "missing"],
            &["bash", "/bin/sh"],
            &[("/usr/bin/", "bash"), ("/bin/", "sh"), ("/etc/../", "shadow"), ("/gone/", "file")],
        ),
        header("glibc", &[], &["libc.so.6()(64bit)", ""], &[("/lib64/", "libc.so.6")]),
        header("scripts", &["/bin/sh", "/usr/bin/bash", "glibc", "scripts"], &[], &[]),
    ]
}

fn tree() -> Tree {
    Tree::default()
        .link("bin", "usr/bin")
        .size("usr/bin/bash", 900)
        .link("usr/bin/sh", "bash")
        .size("lib64/libc.so.6", 2000)
        .size("shadow", 7)
}

#[test]
fn both_forms_of_the_database_say_the_same() {
    let with = tree().file(SQLITE, sqlite(&headers())).packages();
    insta::assert_snapshot!(told(&with), @r"
    rpm bash 1.2-3.el9: 2 files, 904 bytes needs glibc
    rpm glibc 1.2-3.el9: 1 files, 2000 bytes
    rpm scripts 1.2-3.el9: 0 files, 0 bytes needs bash,glibc
    ");
    let glibc = with.packages.list.iter().find(|package| package.name == "glibc").expect("is there");
    let (architecture, source) = (glibc.architecture.as_deref(), glibc.source.as_deref());
    assert_eq!(
        (architecture, source, glibc.licences.as_slice()),
        (Some("x86_64"), Some("the-source"), &["MIT".to_owned()][..])
    );
    assert_eq!(told(&tree().file(NDB, ndb(&headers())).packages()), told(&with));
    // Where the old place is a link to the new one, and where both have one.
    let linked = tree()
        .file("usr/lib/sysimage/rpm/rpmdb.sqlite", sqlite(&headers()))
        .link("var/lib/rpm", "../../usr/lib/sysimage/rpm");
    assert_eq!(told(&linked.packages()), told(&with));
    let both = tree().file(SQLITE, sqlite(&headers())).file(NDB, ndb(&headers()[1..]));
    assert_eq!(both.packages().packages.list.len(), 3);
}

#[test]
fn what_is_not_read_is_named_and_counts_nothing() {
    let database = || sqlite(&headers());
    let said = |tree: Tree| told(&tree.packages());
    insta::assert_snapshot!(said(Tree::default().file("var/lib/rpm/Packages", "x")), @"/var/lib/rpm/Packages is a Berkeley DB, which imgbudget does not read");
    insta::assert_snapshot!(said(tree().file(SQLITE, database()).size("var/lib/rpm/rpmdb.sqlite-wal", 32)), @"/var/lib/rpm/rpmdb.sqlite-wal has changes to rpmdb.sqlite that are not in it yet, so neither is read");
    insta::assert_snapshot!(said(tree().file(SQLITE, &database()[..5000])), @"/var/lib/rpm/rpmdb.sqlite is cut short");
    insta::assert_snapshot!(said(tree().file(NDB, &ndb(&headers())[..5000])), @"/usr/lib/sysimage/rpm/Packages.db is cut short");
    insta::assert_snapshot!(said(Tree::default().file(SQLITE, "x").file("var/lib/rpm/Packages.db", "x")), @r"
    /var/lib/rpm/Packages.db is not read, because rpmdb.sqlite is beside it
    /var/lib/rpm/rpmdb.sqlite is cut short
    ");
    let mut twice = headers();
    twice.push(vec![0; 40]);
    insta::assert_snapshot!(said(tree().file(NDB, ndb(&twice))), @"/usr/lib/sysimage/rpm/Packages.db has a header that is damaged");
    let mut header = Writer::default();
    header.add(1000, 6, 1, b"nameless\0");
    insta::assert_snapshot!(said(tree().file(SQLITE, sqlite(&[header.finish()]))), @"/var/lib/rpm/rpmdb.sqlite has a header without name, version or release");
    // An empty file beside it is what SQLite leaves.
    let whole = tree().file(SQLITE, database()).file("var/lib/rpm/rpmdb.sqlite-wal", "").packages();
    assert_eq!((whole.packages.list.len(), whole.unread.len()), (3, 0));
}

#[test]
fn cells_and_pages_that_lie_are_refused() {
    let whole = sqlite(&headers());
    let refused = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = whole.clone();
        change(&mut bytes);
        let found = tree().file(SQLITE, bytes).packages();
        assert!(found.packages.list.is_empty());
        found.unread.iter().map(|unread| unread.why.clone()).collect::<String>()
    };
    assert_eq!(refused(&|bytes| bytes[31] = 3), "is cut short");
    assert_eq!(refused(&|bytes| bytes[16] = 3), "has pages of a size that SQLite does not have");
    assert_eq!(refused(&|bytes| bytes[59] = 2), "is a SQLite database of a form that rpm does not write");
    assert_eq!(refused(&|bytes| bytes[4096] = 10), "has a page that is damaged");
    // Two pointers to one row.
    assert_eq!(refused(&|bytes| bytes.copy_within(4104..4106, 4106)), "has rows out of order");
    // A row that no pointer leads to any more.
    assert_eq!(refused(&|bytes| bytes[4100] = 2), "has a page that has lost rows");
    // A pointer among the pointers.
    assert_eq!(refused(&|bytes| bytes[4104..4106].copy_from_slice(&[0, 9])), "has a row that is damaged");
    // The root is the schema, and a page that is not there.
    let root = whole.iter().rposition(|byte| *byte == 2).filter(|at| *at < 4096).unwrap_or(4095);
    assert_eq!(whole[root], 2);
    assert_eq!(refused(&|bytes| bytes[root] = 1), "has a page in two places");
    assert_eq!(refused(&|bytes| bytes[root] = 9), "names a page that it does not have");
    // An inner page that names itself.
    let cycle = |bytes: &mut Vec<u8>| {
        bytes[4096..4108].copy_from_slice(&[5, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 2]);
    };
    assert_eq!(refused(&cycle), "has a page in two places");
}

proptest! {
    #[test]
    fn a_prefix_is_refused(cut in 0_usize..10_000) {
        for (path, whole) in [(SQLITE, sqlite(&headers())), (NDB, ndb(&headers()))] {
            let cut = cut.min(whole.len() - 1);
            let found = Tree::default().file(path, &whole[..cut]).packages();
            // SQLite takes a file without bytes for a database without tables.
            prop_assert_eq!((found.packages.list.len(), found.unread.len()), (0, 1), "{}", told(&found));
        }
    }

    #[test]
    fn nothing_that_anybody_writes_ends_it(changes in proptest::collection::vec((0_usize..8192, any::<u8>()), 1..6)) {
        for (path, whole) in [(SQLITE, sqlite(&headers())), (NDB, ndb(&headers()))] {
            let mut bytes = whole;
            for (at, value) in &changes {
                let at = at % bytes.len();
                bytes[at] = *value;
            }
            let found = Tree::default().file(path, bytes).packages();
            prop_assert!(found.packages.list.len() <= 3 && (found.unread.is_empty() || found.packages.list.is_empty()));
        }
    }
}
