//! Who brought a layer: histories of each builder beside the Dockerfile they came from.

use imgbudget::dockerfile::Instruction;
use imgbudget::domain::{DiffId, Digest, HistoryEntry, ImageConfig, Origin, Platform};
use imgbudget::image::origin::{Below, Explanation, explain, fit};

use super::instructions;

/// A config from lines of history; those that begin with `-` made no layer.
fn config(history: &[&str]) -> ImageConfig {
    let entry = |line: &&str| HistoryEntry {
        created_by: Some(line.trim_start_matches('-').to_owned()),
        comment: Some("buildkit.dockerfile.v0".to_owned()),
        empty_layer: line.starts_with('-'),
    };
    let history: Vec<_> = history.iter().map(entry).collect();
    let layers = history.iter().filter(|entry| !entry.empty_layer).count();
    ImageConfig {
        id: Digest::from_sha256([9; 32]),
        platform: Platform::new("linux", "amd64", None),
        user: None,
        diff_ids: (0..layers).map(|number| diff_id(number, 1)).collect(),
        history,
    }
}

fn diff_id(number: usize, version: u8) -> DiffId {
    let mut bytes = [version; 32];
    bytes[0] = u8::try_from(number).expect("few layers");
    DiffId(Digest::from_sha256(bytes))
}

/// One letter a layer of an image that was built in this run: `b`ase, own with its line, `?` unknown.
fn origins(history: &[&str], dockerfile: &[(&str, &str)], from_scratch: bool) -> String {
    told(history, dockerfile, if from_scratch { Below::Nothing } else { Below::Base })
}

fn told(history: &[&str], dockerfile: &[(&str, &str)], below: Below<'_>) -> String {
    let instructions = instructions(dockerfile);
    let steps: Vec<&Instruction> = instructions.iter().collect();
    let explanation = Explanation { file: "Dockerfile", steps: &steps, below };
    let word = |(origin, place): (Origin, Option<imgbudget::domain::Place>)| match (origin, place) {
        (Origin::Base, None) => "b".to_owned(),
        (Origin::Own, Some(place)) => place.line.to_string(),
        (Origin::Unknown, None) => "?".to_owned(),
        other => panic!("{other:?}"),
    };
    explain(&config(history), Some(&explanation)).into_iter().map(word).collect::<Vec<_>>().join(" ")
}

const DEBIAN: [&str; 2] = ["/bin/sh -c #(nop) ADD file:ab12 in / ", "-/bin/sh -c #(nop)  CMD [\"bash\"]"];

fn on_debian(tail: &[&'static str]) -> Vec<&'static str> {
    DEBIAN.into_iter().chain(tail.iter().copied()).collect()
}

#[test]
fn buildkit() {
    let history = on_debian(&[
        "-ARG VERSION=3",
        "-ENV A=b",
        "WORKDIR /app",
        "COPY package.json lock.json ./ # buildkit",
        "RUN |1 VERSION=3 /bin/sh -c npm ci   && npm cache clean # buildkit",
        "RUN |1 VERSION=3 /usr/bin/make all # buildkit",
        "COPY --chown=node:node /src/3/out /app/out # buildkit",
        "ADD a.tar /x # buildkit",
        "RUN |1 VERSION=3 /bin/bash -eo pipefail -c set -e\necho hello\n # buildkit",
        "-USER node",
        "-CMD [\"node\"]",
    ]);
    let dockerfile = [
        ("ARG", "VERSION=3"),
        ("ENV", "A=b"),
        ("WORKDIR", "app/"),
        ("copy", "package.json \\\n  lock.json ./"),
        ("RUN", "--mount=type=cache,target=/root/.npm npm ci \\\n  && npm cache clean"),
        ("RUN", "[\"/usr/bin/make\", \"all\"]"),
        ("COPY", "--from=build --chown=node:node --link /src/${VERSION:-x}/out \"$HOME/out\""),
        ("ADD", "a.tar /x"),
        ("RUN", "<<EOF\nset -e\necho hello\nEOF"),
        ("ONBUILD", "RUN nothing"),
        ("USER", "node"),
        ("CMD", "[\"node\"]"),
    ];
    assert_eq!(origins(&history, &dockerfile, false), "b 4 5 6 7 8 9 10");
}

#[test]
fn the_classic_builder_and_buildah() {
    let history = on_debian(&[
        "-/bin/sh -c #(nop)  ENV A=b",
        "/bin/sh -c #(nop) WORKDIR /app",
        "/bin/sh -c #(nop) COPY multi:12ab in ./ ",
        "|1 VERSION=3 /bin/sh -c apt-get update     && apt-get install -y make",
        "-/bin/sh -c true",
        "/bin/sh -c #(nop) COPY --chown=1:1 dir:ff in /app/out ",
        "-/bin/sh -c #(nop)  LABEL org.example.tool=1",
    ]);
    let dockerfile = [
        ("ENV", "A=b"),
        ("WORKDIR", "/app"),
        ("COPY", "a b ./"),
        ("RUN", "apt-get update \\\n    && apt-get install -y make"),
        ("RUN", "true"),
        ("COPY", "--chown=1:1 out out"),
    ];
    assert_eq!(origins(&history, &dockerfile, false), "b 3 4 5 7");
}

#[test]
fn a_dockerfile_that_changed_explains_nothing() {
    let history = on_debian(&["COPY a /a # buildkit", "RUN /bin/sh -c make # buildkit"]);
    let fits = [("COPY", "a /a"), ("RUN", "make")];
    assert_eq!(origins(&history, &fits, false), "b 2 3");
    for changed in [
        &[("COPY", "a /a"), ("RUN", "make all")][..],
        &[("COPY", "b /a"), ("RUN", "make")],
        &[("COPY", "a /a"), ("RUN", "make"), ("RUN", "strip x")],
        &[("RUN", "make"), ("COPY", "a /a")],
        &[("COPY", "a /a"), ("RUN", "ake")],
        &[("COPY", "a /a"), ("RUN", "-c make")],
        &[("RUN", "1"), ("RUN", "2"), ("RUN", "3"), ("RUN", "4"), ("RUN", "5")],
    ] {
        assert_eq!(origins(&history, changed, false), "? ? ?", "{changed:?}");
    }
}

#[test]
fn the_end_of_a_longer_command_is_not_that_command() {
    for history in [
        "RUN /bin/sh -c apt-get install make # buildkit",
        "RUN |1 A=b /bin/sh -c apt-get install make # buildkit",
        "/bin/sh -c apt-get -c make",
        "RUN |1 A=/bin/sh -c x make # buildkit",
    ] {
        assert_eq!(origins(&[history], &[("RUN", "make")], true), "?", "{history}");
    }
}

#[test]
fn from_scratch_leaves_nothing_at_the_head() {
    let history = ["COPY a / # buildkit", "COPY b / # buildkit"];
    assert_eq!(origins(&history, &[("COPY", "a /"), ("COPY", "b /")], true), "2 3");
    assert_eq!(origins(&history, &[("COPY", "b /")], true), "? ?");
    assert_eq!(origins(&[], &[], true), "");
}

#[test]
fn histories_that_disagree_with_the_layers() {
    let mut squashed = config(&["COPY a / # buildkit", "COPY b / # buildkit"]);
    squashed.diff_ids.pop();
    let copy = &instructions(&[("COPY", "b /")])[0];
    let explanation = Explanation { file: "Dockerfile", steps: &[copy], below: Below::Base };
    assert_eq!(explain(&squashed, Some(&explanation)), [(Origin::Unknown, None)]);
    assert_eq!(explain(&config(&["RUN x"]), None), [(Origin::Unknown, None)]);
    let mut bare = config(&["x"]);
    bare.history[0].created_by = None;
    assert_eq!(explain(&bare, Some(&explanation)), [(Origin::Unknown, None)]);
    // A layer of a foreign kind among our own.
    let history = ["COPY a / # buildkit", "LABEL odd=1", "COPY b / # buildkit"];
    assert_eq!(origins(&history, &[("COPY", "a /"), ("COPY", "b /")], false), "? ? ?");
}

#[test]
fn variables_stand_for_anything_and_nothing_else_does() {
    for (pattern, text, fits) in [
        ("$A b /c", "x/y b /c", true),
        ("a${B}c$D /e", "a1c2 /e", true),
        ("a${B:-${C}}d /e", "axd /e", true),
        ("$A /e", "x /f", false),
        ("a$ /e", "a$ /e", true),
        ("${A", "anything", true),
        ("a b", "a", false),
    ] {
        let history = format!("COPY {text} # buildkit");
        let want = if fits { "2" } else { "?" };
        assert_eq!(origins(&[&history], &[("COPY", pattern)], true), want, "{pattern} {text}");
    }
}

const OLD: [&str; 4] = [
    "ADD base / # buildkit",
    "ADD more / # buildkit",
    "RUN /bin/sh -c apt-get install make # buildkit",
    "COPY a /a # buildkit",
];

#[test]
fn a_line_deleted_since_leaves_a_layer_that_is_nobodys() {
    let base: Vec<_> = (0..2).map(|number| diff_id(number, 1)).collect();
    let whole = [("RUN", "apt-get install make"), ("COPY", "a /a")];
    assert_eq!(told(&OLD, &whole, Below::Seen(&base)), "b b 2 3");
    assert_eq!(told(&OLD, &whole[1..], Below::Seen(&base)), "b b ? 2");
    assert_eq!(told(&OLD, &[], Below::Seen(&base)), "b b ? ?");
}

#[test]
fn an_image_after_from_that_is_another_now_tells_nothing() {
    let steps = [("RUN", "apt-get install make"), ("COPY", "a /a")];
    let all: Vec<_> = (0..5).map(|number| diff_id(number, 1)).collect();
    let moved = [diff_id(0, 1), diff_id(1, 2)];
    for seen in [&moved[..], &all, &all[..3], &[]] {
        assert_eq!(told(&OLD, &steps, Below::Seen(seen)), "? ? 2 3", "{seen:?}");
    }
    assert_eq!(told(&OLD, &steps, Below::Seen(&all[..1])), "b ? 2 3");
}

#[test]
fn a_base_that_nobody_saw_is_believed_when_something_fits() {
    assert_eq!(told(&OLD, &[("COPY", "a /a")], Below::Unseen), "b b b 2");
    assert_eq!(told(&OLD, &[("USER", "node")], Below::Unseen), "? ? ? ?");
    assert_eq!(told(&OLD, &[("USER", "node")], Below::Base), "b b b b");
}

#[test]
fn how_many_steps_fit() {
    let count = |dockerfile: &[(&str, &str)]| {
        let instructions = instructions(dockerfile);
        fit(&config(&OLD), &instructions.iter().collect::<Vec<_>>())
    };
    assert_eq!(count(&[("RUN", "apt-get install make"), ("COPY", "a /a"), ("USER", "x")]), Some(2));
    assert_eq!(count(&[("USER", "x")]), Some(0));
    assert_eq!(count(&[("COPY", "b /a")]), None);
}
