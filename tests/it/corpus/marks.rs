//! Names that begin with `.wh.`: what they hide, and what hides behind them.

use super::{Case, layer, layers, tool};
use crate::support::images::Layer;

pub(super) fn cases() -> Vec<Case> {
    let new = Layer::new;
    let base =
        || tool(new(), "usr/bin/gcc").symlink("bin", "usr/bin").file("x", 0o644, "x").dir("d").file("d/a", 0o755, "a");
    vec![
        layer("mark-folder-of-notes", tool(new(), ".wh..wh.bin/gcc")),
        layer("mark-folder-of-links", tool(new(), ".wh..wh.plnk/gcc")),
        layer("mark-folder-called-opaque", tool(new(), ".wh..wh..opq/gcc")),
        layer("mark-folder-with-its-own-entry", tool(new().dir(".wh..wh.bin"), ".wh..wh.bin/gcc")),
        layer("mark-folder-further-down", tool(new(), "usr/.wh..wh.bin/gcc")),
        layer("mark-folder-that-hides", tool(new(), ".wh.bin/gcc")),
        layer("mark-folder-that-hides-itself", tool(new().dir(".wh.bin"), ".wh.bin/gcc")),
        layer("mark-dot-folder", tool(new(), "./.wh..wh.bin/./gcc")),
        layer("mark-note-with-content", tool(tool(new(), ".wh..wh.aufs"), ".wh..wh.orph")),
        layer("mark-note-unknown", tool(new(), ".wh..wh.gcc")),
        layer("mark-whiteout-with-content", tool(new(), "usr/.wh.gcc")),
        layer("mark-whiteout-as-folder", new().file("gcc", 0o755, "x").dir(".wh.gcc")),
        layer("mark-whiteout-as-link", new().symlink(".wh.gcc", "usr/bin/gcc").symlink("usr/.wh..wh..opq", "x")),
        layer("mark-nearly", tool(tool(tool(new(), ".whgcc"), "..wh.gcc"), "gcc.wh.")),
        layer("mark-of-itself", tool(new(), "usr/.wh.")),
        layer("mark-of-here", tool(new(), "usr/.wh..")),
        layer("mark-of-above", tool(new(), "usr/.wh...")),
        layer(
            "mark-links-folder-as-target",
            tool(new(), ".wh..wh.plnk/1.2").hard_link("usr/bin/gcc", ".wh..wh.plnk/1.2"),
        ),
        layer("mark-whiteout-as-hard-link", tool(new(), "usr/bin/gcc").hard_link(".wh.y", "usr/bin/gcc")),
        layer("mark-hard-link-to-whiteout", tool(new(), ".wh.y").hard_link("gcc", ".wh.y")),
        layer("mark-before-own-file", tool(new().whiteout("gcc"), "gcc")),
        layer("mark-after-own-file", tool(new(), "gcc").whiteout("gcc")),
        layer("mark-opaque-after-own-file", tool(new().dir("d"), "d/gcc").opaque("d")),
        layer("mark-twice", new().whiteout("gcc").whiteout("gcc").opaque("d").opaque("d")),
        layers("mark-after-own-file-over-lower", [base(), tool(new(), "d/gcc").whiteout("d/gcc").whiteout("x")]),
        layers("mark-folder-over-lower", [base(), tool(new().whiteout("d"), "d/gcc")]),
        layers("mark-below-lower-file", [base(), new().whiteout("x/y")]),
        layers("mark-opaque-below-lower-file", [base(), new().opaque("x")]),
        layers("mark-below-lower-link", [base(), new().whiteout("bin/gcc")]),
        layers("mark-opaque-below-lower-link", [base(), new().opaque("bin")]),
        layers("mark-deep-below-lower-file", [base(), new().whiteout("x/y/z")]),
        layers("mark-deep-below-lower-link", [base(), new().whiteout("bin/y/z")]),
        layers("mark-below-lower-file-and-entry", [base(), tool(new().whiteout("x/y"), "x/gcc")]),
        layers("mark-below-own-link", [base(), new().dir("r").symlink("l", "usr/bin").whiteout("l/gcc")]),
        layers("mark-of-missing", [base(), new().whiteout("no/such").opaque("nor/such")]),
        layers("mark-with-dots", [base(), new().file("usr/lib/../bin/.wh.gcc", 0o644, "")]),
        layers("mark-of-folder-and-into-it", [base(), new().whiteout("usr").whiteout("usr/bin/gcc")]),
        layers("mark-of-link", [base(), new().whiteout("bin")]),
        layers("mark-then-again-below", [base(), new().whiteout("usr"), tool(new(), "usr/bin/cc")]),
    ]
}
