//! Layers as compressors store them.

use super::tree::{Names, Tree};
use super::{hold_blob, output, there};

#[test]
fn every_compressor() {
    let tree = Tree::new(Names::Long);
    let tar = output(&tree, "tar --format=pax -cf $OUT/layer.tar .; cat $OUT/layer.tar");
    for (tool, command) in [
        ("gzip", "gzip -c $OUT/layer.tar"),
        ("gzip", "gzip -n1c $OUT/layer.tar"),
        ("gzip", "(head -c 4000 $OUT/layer.tar | gzip -c; tail -c +4001 $OUT/layer.tar | gzip -c)"),
        ("pigz", "pigz -c $OUT/layer.tar"),
        ("pigz", "pigz -11 -i -b 32 -c $OUT/layer.tar"),
        ("busybox", "busybox gzip -c $OUT/layer.tar"),
        (
            "python3",
            "python3 -c 'import gzip,sys; sys.stdout.buffer.write(gzip.compress(open(sys.argv[1],\"rb\").read()))' $OUT/layer.tar",
        ),
        ("zstd", "zstd -qc $OUT/layer.tar"),
        ("zstd", "zstd -qc -19 --no-check $OUT/layer.tar"),
        ("zstd", "zstd -qc --fast=5 -T0 -B1MiB $OUT/layer.tar"),
        ("zstd", "zstd -qc --long=27 $OUT/layer.tar"),
        ("zstd", "cat $OUT/layer.tar | zstd -qc"),
        ("zstd", "(head -c 4000 $OUT/layer.tar | zstd -qc; tail -c +4001 $OUT/layer.tar | zstd -qc)"),
    ] {
        if there(tool) {
            hold_blob(command, &tar, output(&tree, command), tree.size);
        }
    }
}
