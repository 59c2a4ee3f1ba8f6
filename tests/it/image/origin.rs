//! Who brought a layer: histories of each builder beside the Dockerfile they came from.

use imgbudget::dockerfile::Instruction;
use imgbudget::domain::{DiffId, Digest, HistoryEntry, ImageConfig, Origin, Platform};
use imgbudget::image::origin::{Below, Explanation, Triggers, explain, fit};

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
        created: None,
        user: None,
        base: None,
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
    let explanation = Explanation { file: "Dockerfile", steps: &steps, from: 1, triggers: Triggers::InHistory, below };
    letters(&config(history), &explanation)
}

/// One letter a layer: `b`ase, own with its line, `?` unknown.
fn letters(config: &ImageConfig, explanation: &Explanation<'_>) -> String {
    let word = |(origin, place): (Origin, Option<imgbudget::domain::Place>)| match (origin, place) {
        (Origin::Base, None) => "b".to_owned(),
        (Origin::Own, Some(place)) => place.line.to_string(),
        (Origin::Unknown, None) => "?".to_owned(),
        other => panic!("{other:?}"),
    };
    explain(config, Some(explanation), None).into_iter().map(word).collect::<Vec<_>>().join(" ")
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
fn podman() {
    // Podman 5.8, as it was written.
    let history = [
        "/bin/sh -c #(nop) COPY file:1be1b3329a6d in /bin/busybox      ",
        "/bin/sh -c [\"/bin/busybox\",\"--install\",\"-s\",\"/bin\"]",
        "/bin/sh -c #(nop) WORKDIR /app",
        "-/bin/sh -c #(nop) ENV X=y",
        "/bin/sh -c --mount=type=cache,target=/c --network=none echo a > /a",
        "-/bin/sh -c #(nop) WORKDIR sub",
        "/bin/sh -c #(nop) COPY file:867837b75da1 in in      ",
        "/bin/sh -c #(nop) COPY file:b52eb824d7cd in ./x/      ",
        "/bin/sh -c #(nop) ADD file:e0bb879429f9 in .      ",
        "/bin/sh -c --mount=type=bind,from=one,source=/a,target=/m cat /m > /b",
        "/bin/sh -c [\"/bin/sh\",\"-c\",\"echo 1 > /c1\"]",
        "-/bin/sh -c #(nop) SHELL [\"/bin/ash\",\"-ec\"]",
        "/bin/sh -c echo 2 > /c2",
    ];
    let dockerfile = [
        ("RUN", "--mount=type=cache,target=/c --network=none echo a > /a"),
        ("WORKDIR", "sub"),
        ("COPY", "--from=one /a in"),
        ("COPY", "--from=0 /a ./x/"),
        ("ADD", "big ."),
        ("RUN", "--mount=type=bind,from=one,source=/a,target=/m cat /m > /b"),
        ("RUN", "[\"/bin/sh\",\"-c\",\"echo 1 > /c1\"]"),
        ("SHELL", "[\"/bin/ash\",\"-ec\"]"),
        ("RUN", "echo 2 > /c2"),
    ];
    assert_eq!(origins(&history, &dockerfile, false), "b b b 2 4 5 6 7 8 10");
    for (line, changed) in [
        (0, ("RUN", "--mount=type=cache,target=/d --network=none echo a > /a")),
        (0, ("RUN", "--network=none echo a > /a")),
        (2, ("COPY", "--from=one /a out")),
        (5, ("RUN", "--mount=type=bind,from=one,source=/a,target=/m cat /m > /c")),
        (6, ("RUN", "[\"/bin/sh\",\"-c\",\"echo 2 > /c1\"]")),
    ] {
        let mut dockerfile = dockerfile;
        dockerfile[line] = changed;
        assert_eq!(origins(&history, &dockerfile, false), ["?"; 10].join(" "), "{changed:?}");
    }
}

/// [`told`] where the base image keeps these, or the history alone says what it keeps. The FROM is at line 1.
fn told_with(history: &[&str], kept: Option<&[(&str, &str)]>, dockerfile: &[(&str, &str)], below: Below<'_>) -> String {
    let (instructions, kept) = (instructions(dockerfile), kept.map(instructions));
    let steps: Vec<&Instruction> = instructions.iter().collect();
    let triggers = kept.as_deref().map_or(Triggers::InHistory, Triggers::Known);
    letters(&config(history), &Explanation { file: "Dockerfile", steps: &steps, from: 1, triggers, below })
}

/// A base of two layers that keeps COPY, ENV and RUN, and what a child of it adds, as Podman writes it.
const KEPT: [&str; 9] = [
    "/bin/sh -c #(nop) ADD file:1be1 in /",
    "/bin/sh -c #(nop) WORKDIR /app",
    "-/bin/sh -c #(nop) ONBUILD COPY . in",
    "-/bin/sh -c #(nop) ONBUILD RUN --mount=type=cache,target=/c echo hi > /hi",
    "-/bin/sh -c #(nop) ONBUILD ENV A=b",
    "/bin/sh -c #(nop) COPY dir:dc83564d0048 in in      ",
    "/bin/sh -c --mount=type=cache,target=/c echo hi > /hi",
    "-/bin/sh -c #(nop) ENV A=b",
    "/bin/sh -c #(nop) COPY file:8678 in rel      ",
];

#[test]
fn what_the_base_keeps_with_onbuild_is_the_childs_own() {
    let child = [("COPY", "big rel")];
    let seen: Vec<_> = (0..2).map(|number| diff_id(number, 1)).collect();
    for below in [Below::Base, Below::Unseen, Below::Seen(&seen)] {
        assert_eq!(told_with(&KEPT, None, &child, below), "b b 1 1 2", "{below:?}");
    }
    // The classic builder writes it with another space.
    let classic =
        KEPT.map(|entry| if entry.contains("ONBUILD") { entry.replace("(nop) ", "(nop)  ") } else { entry.to_owned() });
    let classic: Vec<&str> = classic.iter().map(String::as_str).collect();
    assert_eq!(told_with(&classic, None, &child, Below::Base), "b b 1 1 2");
    // A child without instructions of its own still runs them.
    assert_eq!(told_with(&KEPT[..8], None, &[("CMD", "x")], Below::Base), "b b 1 1");
}

#[test]
fn buildkit_does_not_write_down_what_is_kept() {
    let history =
        ["ADD rootfs / # buildkit", "COPY . in # buildkit", "RUN /bin/sh -c make # buildkit", "COPY a /a # buildkit"];
    let (kept, child) =
        ([("COPY", ". in"), ("ENV", "A=b"), ("RUN", "--mount=type=cache,target=/c make")], [("COPY", "a /a")]);
    assert_eq!(told_with(&history, Some(&kept), &child, Below::Base), "b 1 1 2");
    assert_eq!(told_with(&history, Some(&kept), &child, Below::Seen(&[diff_id(0, 1)])), "b 1 1 2");
    assert_eq!(told_with(&history, Some(&[]), &child, Below::Base), "b b b 2");
    // Another base than the one that was built on: where this one ends nobody knows.
    let other = [("COPY", ". out")];
    assert_eq!(told_with(&history, Some(&other), &child, Below::Base), "? ? ? 2");
    assert_eq!(told_with(&history, Some(&other), &child, Below::Seen(&[diff_id(0, 1)])), "? ? ? 2");
}

#[test]
fn what_ran_in_the_base_already_is_the_bases() {
    // The grandparent kept a RUN, which the parent ran; the parent keeps a COPY.
    let history = [
        "ADD rootfs / # buildkit",
        "-/bin/sh -c #(nop) ONBUILD RUN make",
        "/bin/sh -c make",
        "-/bin/sh -c #(nop) ONBUILD COPY . /src",
        "/bin/sh -c #(nop) COPY dir:12ab in /src ",
        "/bin/sh -c strip x",
    ];
    assert_eq!(told_with(&history, None, &[("RUN", "strip x")], Below::Base), "b b 1 2");
    // Nothing that is kept was run: another builder, or a stage that was made since.
    let unrelated =
        ["ADD rootfs / # buildkit", "-/bin/sh -c #(nop) ONBUILD RUN make", "RUN x # buildkit", "RUN y # buildkit"];
    assert_eq!(told_with(&unrelated, None, &[("RUN", "y")], Below::Base), "b b 2");
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
    let explanation =
        Explanation { file: "Dockerfile", steps: &[copy], from: 1, triggers: Triggers::InHistory, below: Below::Base };
    assert_eq!(explain(&squashed, Some(&explanation), None), [(Origin::Unknown, None)]);
    assert_eq!(explain(&config(&["RUN x"]), None, None), [(Origin::Unknown, None)]);
    let mut bare = config(&["x"]);
    bare.history[0].created_by = None;
    assert_eq!(explain(&bare, Some(&explanation), None), [(Origin::Unknown, None)]);
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
