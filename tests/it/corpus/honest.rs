//! Layers as real tools write them. What is odd about them is allowed: they must be measured, to the byte, and shown alike.

use super::{BIG, Case, layer, layers, tool};
use crate::support::images::{Layer, header};

const SIZE: u64 = BIG as u64;

pub(super) fn cases() -> Vec<Case> {
    let new = Layer::new;
    let base =
        || tool(new().dir("usr").dir("usr/bin"), "usr/bin/gcc").symlink("bin", "usr/bin").file("conf", 0o644, "a=1");
    vec![
        layer("honest-nothing", new()).honest(0),
        layer("honest-one-file", tool(new(), "app")).honest(SIZE),
        layer("honest-dots", tool(new().dir("."), "./app")).honest(SIZE),
        layers("honest-deleted", [base(), new().whiteout("usr/bin/gcc")]).honest(SIZE + 10),
        layers("honest-changed", [base(), new().file("conf", 0o600, "a=12")]).honest(SIZE + 14),
        layers("honest-opaque", [base(), tool(new().dir("usr").opaque("usr"), "usr/cc")]).honest(2 * SIZE + 10),
        layers("honest-hard-link", [base().entry(b"usr/bin/cc", b'1', 0o755, b"usr/bin/gcc", b""), new()])
            .honest(SIZE + 10),
        layers("honest-folder-again", [base(), new().dir("usr").dir("usr/bin").file("usr/bin/x", 0o755, "x")])
            .honest(SIZE + 11),
        layer("honest-git-archive", {
            let text = b"52 comment=0123456789012345678901234567890123456789\n";
            let layer = new().raw(&header(b"pax_global_header", b'g', 0o666, b"", text.len() as u64), text);
            tool(layer, "app")
        })
        .honest(SIZE),
        layer("honest-long-names", tool(new(), &format!("{0}/{0}/gcc", "n".repeat(120)))).honest(SIZE),
        layer("honest-pax-everything", {
            let records: [(&str, &[u8]); 6] = [
                ("path", b"usr/bin/gcc"),
                ("size", b"30000"),
                ("mtime", b"1700000000.123456789"),
                ("uid", b"0"),
                ("SCHILY.xattr.user.a", b"b\0c"),
                ("LIBARCHIVE.creationtime", b"1700000000"),
            ];
            new().pax(&records).raw(&header(b"short", b'0', 0o755, b"", SIZE), &[b'x'; BIG])
        })
        .honest(SIZE),
    ]
}
