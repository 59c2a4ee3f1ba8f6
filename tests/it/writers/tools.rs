//! tar, bsdtar, busybox, Python and git.

use super::tree::{Names, Tree};
use super::{hold, output, there};

/// Runs commands that write the tree to standard output.
fn each(tree: &Tree, commands: &[&str]) {
    for command in commands {
        hold(command, &output(tree, command), tree.size);
    }
}

#[test]
fn gnu_tar_in_every_format() {
    if !there("tar") {
        return;
    }
    each(
        &Tree::new(Names::Long),
        &[
            "tar -cf - .",
            "tar --format=gnu -cf - *",
            "tar --format=oldgnu -cf - .",
            "tar --format=pax -cf - .",
            "tar --format=posix --pax-option=delete=atime,delete=ctime -cf - .",
            "tar --format=pax --pax-option=globexthdr.name=global,comment=everything -cf - .",
            "tar --format=pax --xattrs --acls -cf - .",
            "tar --sort=name --mtime=@1 --owner=0 --group=0 --numeric-owner --format=gnu -cf - .",
            "tar -b 1 -cf - .",
            "tar --transform=s,^./,, -cf - .",
            "tar --hard-dereference -cf - --exclude=./usr/bin/cc .",
            "tar -P -cf - $TREE/",
            "tar --label=volume --format=pax -cf - .",
        ],
    );
    each(&Tree::new(Names::Split), &["tar --format=ustar -cf - ."]);
    each(&Tree::new(Names::Short), &["tar --format=v7 -cf - ."]);
}

#[test]
fn gnu_tar_with_holes_in_every_format() {
    if !there("tar") {
        return;
    }
    each(
        &Tree::new(Names::Long),
        &[
            "tar -S -cf - .",
            "tar -S --format=oldgnu -cf - .",
            "tar -S --format=pax -cf - .",
            "tar -S --format=pax --sparse-version=0.0 -cf - .",
            "tar -S --format=pax --sparse-version=0.1 -cf - .",
            "tar -S --format=pax --sparse-version=1.0 -cf - .",
            "tar -S --format=pax --sparse-version=1.0 --hole-detection=raw -cf - .",
        ],
    );
}

#[test]
fn gnu_tar_appending() {
    if !there("tar") {
        return;
    }
    each(
        &Tree::new(Names::Long),
        &[
            "tar -cf $OUT/a.tar .; tar -rf $OUT/a.tar .; cat $OUT/a.tar",
            "tar -cf $OUT/b.tar ./one; tar -rf $OUT/b.tar .; cat $OUT/b.tar",
            "tar -cf $OUT/c.tar .; tar -rf $OUT/c.tar one; cat $OUT/c.tar",
            "tar -cf $OUT/d.tar .; tar -cf $OUT/e.tar one usr; tar -Af $OUT/d.tar $OUT/e.tar; cat $OUT/d.tar",
            "tar --format=pax -cf $OUT/f.tar .; tar --format=pax -uf $OUT/f.tar .; cat $OUT/f.tar",
            "tar -cf $OUT/g.tar .; tar --delete -f $OUT/g.tar ./one; tar -rf $OUT/g.tar ./one; cat $OUT/g.tar",
        ],
    );
}

#[test]
fn bsdtar_in_every_format() {
    if !there("bsdtar") {
        return;
    }
    each(
        &Tree::new(Names::Long),
        &[
            "bsdtar -cf - .",
            "bsdtar --format=pax -cf - .",
            "bsdtar --format=paxr -cf - .",
            "bsdtar --format=gnutar -cf - .",
            "bsdtar --no-read-sparse -cf - .",
            "bsdtar --format=pax --no-xattrs --no-acls --no-fflags -cf - *",
            "bsdtar --format=mtree -cf $OUT/spec.mtree .; bsdtar -cf - @$OUT/spec.mtree",
            "bsdtar --format=pax -cf $OUT/h.tar .; bsdtar -rf $OUT/h.tar one; cat $OUT/h.tar",
        ],
    );
    each(&Tree::new(Names::Split), &["bsdtar --format=ustar -cf - ."]);
    each(&Tree::new(Names::Short), &["bsdtar --format=v7 -cf - ."]);
}

#[test]
fn busybox_tar() {
    if there("busybox") {
        each(&Tree::new(Names::Long), &["busybox tar -cf - ."]);
    }
}

#[test]
fn python_in_every_format() {
    if !there("python3") {
        return;
    }
    let python = |format: &str, more: &str| {
        format!(
            "python3 -c 'import sys, tarfile\n\
             t = tarfile.open(fileobj=sys.stdout.buffer, mode=\"w|\", format=tarfile.{format}_FORMAT)\n\
             {more}\nt.close()'"
        )
    };
    let long = Tree::new(Names::Long);
    for format in ["GNU", "PAX"] {
        each(&long, &[&python(format, "t.add(\".\")")]);
        // As rules of Bazel do: a sorted walk, no times, no owners, parents as they come.
        let plain = "def plain(i): i.mtime = 0; i.uid = i.gid = 0; i.uname = i.gname = \"\"; return i\nt.add(\".\", filter=plain)";
        each(&long, &[&python(format, plain)]);
        each(&long, &[&python(format, "t.add(\".\")\nt.add(\"one\")")]);
    }
    each(&long, &[&python("PAX", "t.pax_headers = {\"comment\": \"everything\"}\nt.add(\".\")")]);
    each(&Tree::new(Names::Split), &[&python("USTAR", "t.add(\".\")")]);
}

#[test]
fn git_archive_with_its_lone_global_header() {
    if !there("git") {
        return;
    }
    let tree = Tree::new(Names::Long);
    let commit = "export HOME=$OUT GIT_CONFIG_NOSYSTEM=1; git init -q .; git add .; \
                  git -c user.name=n -c user.email=n@example.com commit -qm one --no-verify; git archive HEAD";
    // git knows no hard links.
    let size = tree.size + tree.linked;
    let tar = output(&tree, commit);
    assert_eq!(tar[156], b'g');
    hold("git archive HEAD", &tar, size);
    hold("git archive --prefix", &output(&tree, "git archive --prefix=srv/app/ HEAD"), size);
    hold("git archive HEAD^{tree}", &output(&tree, "git archive 'HEAD^{tree}'"), size);
}
