//! The inputs that fuzzing begins with, made in code or taken from this repository.

use std::fs;
use std::path::Path;

use crate::{BETWEEN, member};

/// Writes the seeds of one target to the folder `IMGBUDGET_FUZZ_SEEDS`, if the script names one.
///
/// # Panics
/// When it cannot write them.
pub fn write(target: &str) {
    let Some(folder) = std::env::var_os("IMGBUDGET_FUZZ_SEEDS") else { return };
    let seed =
        |name: String, bytes: &[u8]| fs::write(Path::new(&folder).join(name), bytes).expect("the folder is there");
    let texts = |texts: &[&str], files: &[&str]| {
        for (number, text) in texts.iter().enumerate() {
            seed(number.to_string(), text.as_bytes());
        }
        for file in files {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
            seed(file.replace('/', "-"), &fs::read(path).expect("the repository has it"));
        }
    };
    match target {
        "tar" | "split" => {
            for (number, layer) in layers().iter().enumerate() {
                // The first byte says whether checksums are put right.
                seed(number.to_string(), &[&[1], layer.as_slice()].concat());
            }
        }
        "archive" => {
            for (number, layer) in layers().iter().enumerate() {
                seed(format!("saved-{number}"), &saved(layer));
                seed(format!("layout-{number}"), &layout(layer));
            }
        }
        "index" => {
            for (number, layer) in layers().iter().enumerate() {
                if let Some(entry) = crate::entry(layer) {
                    seed(number.to_string(), &entry);
                }
            }
        }
        "config" => texts(&CONFIGS, &[]),
        "dockerfile" => texts(&DOCKERFILES, &["examples/api/Dockerfile"]),
        "dockerignore" => texts(&IGNORES, &[]),
        "budgets" => texts(&BUDGETS, &["budgets.example.toml", "examples/budgets.toml"]),
        "markdown" => texts(&PROSE, &["README.md"]),
        other => panic!("no seeds for {other}"),
    }
}

/// The path of a member, its type, where it links to, and its content.
type Member<'a> = (&'a [u8], u8, &'a [u8], &'a [u8]);

/// Layers with everything that a tar may hold.
fn layers() -> Vec<Vec<u8>> {
    let tar = |members: &[Member<'_>]| {
        let mut tar = Vec::new();
        for (path, kind, link, content) in members {
            member(&mut tar, path, *kind, link, content);
        }
        tar.resize(tar.len() + 1024, 0);
        tar
    };
    let sparse = b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n19 GNU.sparse.name=s\n26 GNU.sparse.realsize=99\n";
    let old_sparse = b"28 GNU.sparse.numblocks=1\n22 GNU.sparse.size=99\n22 GNU.sparse.map=0,5\n";
    let map = [&b"1\n0\n5\n"[..], &[0; 506], b"hello"].concat();
    vec![
        tar(&[(b"usr/bin/", b'5', b"", b""), (b"usr/bin/gcc", b'0', b"", b"elf"), (b"cc", b'1', b"usr/bin/gcc", b"")]),
        tar(&[(b"bin", b'2', b"usr/bin", b""), (b"a/.wh.b", b'0', b"", b""), (b"a/.wh..wh..opq", b'0', b"", b"")]),
        tar(&[(b".wh..wh.bin/gcc", b'0', b"", b"elf"), (b"a", b'0', b"", b"1"), (b"a", b'0', b"", b"22")]),
        tar(&[(b"x", b'x', b"", b"11 path=abc\n9 size=5\n"), (b"short", b'0', b"", b"hello")]),
        tar(&[
            (b"././@LongLink", b'L', b"", b"long/name\0"),
            (b"././@LongLink", b'K', b"", b"link\0"),
            (b"l", b'2', b"x", b""),
        ]),
        tar(&[(b"x", b'x', b"", sparse), (b"GNUSparseFile.0/s", b'0', b"", &map)]),
        tar(&[(b"x", b'x', b"", old_sparse), (b"s", b'0', b"", b"hello")]),
        tar(&[
            (b"g", b'g', b"", b"11 path=abc\n"),
            (b"x", b'x', b"", b"9 size=0\n"),
            (b"g", b'g', b"", b""),
            (b"f", b'0', b"", b"x"),
        ]),
        tar(&[(b"old", b'S', b"", b"hello"), (b"d/", 0, b"", b""), (b"dev", b'3', b"", b""), (b"c", b'7', b"", b"x")]),
        tar(&[]),
    ]
}

const CONFIG: &str = r#"{"os":"linux","architecture":"amd64","config":{"User":"app"},"history":[{"created_by":"COPY"}],"rootfs":{"type":"layers","diff_ids":["sha256:@0"]}}"#;

/// As `docker save` wrote it for ten years.
fn saved(layer: &[u8]) -> Vec<u8> {
    let layer = [b"%", layer].concat();
    let manifest = br#"[{"Config":"@1.json","RepoTags":["a:1"],"Layers":["@0/layer.tar"]}]"#;
    let parts: [&[u8]; 8] = [
        b"layer.tar",
        &layer,
        b"@1.json",
        CONFIG.as_bytes(),
        b">@0/layer.tar",
        b"../layer.tar",
        b"manifest.json",
        manifest,
    ];
    // The config cannot name itself, so it is written twice: once to be known, once under its name.
    let parts = [&parts[..2], &[b"config".as_slice(), CONFIG.as_bytes()], &parts[2..]].concat();
    parts.join(BETWEEN)
}

/// An OCI layout.
fn layout(layer: &[u8]) -> Vec<u8> {
    let layer = [b"%", layer].concat();
    let manifest =
        br#"{"schemaVersion":2,"config":{"digest":"sha256:@1","size":#1},"layers":[{"digest":"sha256:@0","size":#0}]}"#;
    let index = br#"{"schemaVersion":2,"manifests":[{"digest":"sha256:@2","size":#2,"annotations":{"org.opencontainers.image.ref.name":"1"}}]}"#;
    let parts: [&[u8]; 16] = [
        b"layer",
        &layer,
        b"config",
        CONFIG.as_bytes(),
        b"manifest",
        manifest,
        b"oci-layout",
        br#"{"imageLayoutVersion":"1.0.0"}"#,
        b">blobs/sha256/@0",
        b"../../layer",
        b">blobs/sha256/@1",
        b"../../config",
        b">blobs/sha256/@2",
        b"../../manifest",
        b"index.json",
        index,
    ];
    parts.join(BETWEEN)
}

const CONFIGS: [&str; 5] = [
    r#"{"os":"linux","architecture":"arm","variant":"v7","config":{"User":"1000:1000","Env":["A=b"],"Labels":{"a":"b","A":"c"}},"history":[{"created_by":"COPY","comment":"buildkit.dockerfile.v0"},{"empty_layer":true}],"rootfs":{"type":"layers","diff_ids":["sha256:@"]}}"#,
    r#"{"config":{"User":"a","user":"b"},"rootfs":{"diff_ids":["sha256:@"]}}"#,
    r#"{"OS":"linux","Architecture":"amd64","Config":{"USER":""},"RootFS":{"Diff_IDs":["sha256:@"]}}"#,
    r#"{"config":null,"history":null,"rootfs":{"diff_ids":["sha256:@"]}}"#,
    r#"{"config":{"User":"\u0000\ud83d\ude00\"\\"},"rootfs":{"diff_ids":["sha256:@"],"diff_ids":null}}"#,
];

const DOCKERFILES: [&str; 6] = [
    "# syntax=docker/dockerfile:1\n# escape=`\nARG V=1\nFROM debian:$V AS base\nRUN a `\n  && b\nFROM base\nCOPY --from=base --chown=0 a b /c/\n",
    "FROM scratch\nCOPY <<EOF /a\nhello $X\nEOF\nRUN <<-'X' cat <<Y\n\tone\n\tX\nY\n",
    "FROM --platform=$BUILDPLATFORM golang AS build\nONBUILD RUN [\"a\", \"b\"]\nFROM build as build\nUSER ${A:-b}:${C:+d}\nHEALTHCHECK --interval=1s CMD x\n",
    "\u{feff}FROM a\\\n\n# comment\nb AS c\r\nENV a=b c='d e' f=\"g $a\"\nSHELL [\"sh\"]\n",
    "from a\nrun --mount=type=cache,target=/x --network=none true\nadd https://example.com/x /\nworkdir a\nentrypoint x\nexpose 1\nvolume v\nstopsignal 9\nlabel a=b\nmaintainer m\n",
    "ARG A\nARG B=${A:-x}\nFROM ${B}\nFROM 0\nCOPY --from=1 a b\n",
];

const IGNORES: [&str; 4] = [
    "# comment\n*\n!src\nsrc/**/*.o\n\0src/a/b.o\0src\0a",
    "**/node_modules\n!**/node_modules/keep\n/abs\n../up\n[a-c]?\\*\n\0x/node_modules/keep/y\0b1*",
    "\u{feff}a/b/\n!a/b/c/../d\n**\n!!x\n\0a/b/d\0a",
    "[^a]*\n[\n\0b",
];

const BUDGETS: [&str; 4] = [
    "[defaults]\nforbid-tools = [\"@build-tools\"]\n[targets.api]\nimage = \"a:1\"\nmax-size = { warn = \"1 MB\", fail = \"2 MB\" }\n",
    "[targets.a]\narchive = \"a.tar\"\nmax-layers = 3\nforbid-paths = [\"/usr/**/*.a\"]\nrequire-non-root = true\n[[allow]]\ntargets = [\"a\"]\nrule = \"forbidden-tool\"\nmatch = [\"pip\"]\nreason = \"r\"\nuntil = 2027-03-31\n",
    "[targets.a]\ncontext = \".\"\ntarget = \"x\"\nplatforms = [\"linux/arm64\"]\nmax-growth = { fail = \"5 %\" }\n[targets.a.build-args]\nX = { env = \"HOME\" }\n[baseline]\nfile = \"b.json\"\n[comment]\nmin-change = \"1 kB\"\n",
    "include = [\"*.toml\"]\n\"tar\\u0067ets\".x.layout = 'oci'\ntargets.x.max-size = 1e400\n",
];

const PROSE: [&str; 6] = [
    "the image is 12.0 MB, 2.0 MB over its budget of 10.0 MB",
    "RUN echo `id` | tee <b>x</b> @team #12 https://example.com ![x](y) \u{202e}abc",
    "a ``b`` ```c d`",
    "-- [ ] * _x_ ~~y~~ \\` &amp; deadbeef1 GH-1 org/repo#1",
    "ends with a tick` (and brackets) !",
    "##[error]x ::set-output name=a::b\r\n%0A",
];
