//! A JDK where a JRE would do: told by its files, and only where nothing in the image compiles Java.
//!
//! Promised are the files that compile and link alone: modules to link (`jmods`), the sources, the headers, and what `javac` knows of older
//! releases. The compiler itself lies in one file with all that runs.

use super::{Candidate, Ground};
use crate::domain::CanGoKind;
use crate::image::node::{NodeId, NodeKind};
use crate::memory::OutOfMemory;

/// What runs nothing, below the directory of a JDK.
const PARTS: [&[u8]; 6] = [b"jmods", b"lib/src.zip", b"src.zip", b"lib/ct.sym", b"include", b"demo"];

/// Families of tools that compile Java: beside them a JDK is there on purpose.
const COMPILE: [&str; 7] = ["maven", "gradle", "ant", "sbt", "bazel", "kotlin", "scala"];

/// A candidate for each JDK.
pub(super) fn find(ground: &Ground<'_>) -> Result<Vec<Candidate>, OutOfMemory> {
    let stack = ground.view.stack;
    let mut candidates = Vec::new();
    let compiles = |name: &str| COMPILE.iter().any(|tool| name.starts_with(tool));
    if ground.view.told.tools.iter().any(|tool| compiles(&tool.family) || tool.name == "mvn") {
        return Ok(candidates);
    }
    for (compiler, node) in stack.live() {
        let is_file = matches!(node.kind, NodeKind::File { .. });
        if node.name != b"javac" || !is_file || stack.node(node.parent).name != b"bin" || !ground.may_go(compiler) {
            continue;
        }
        let home = stack.node(node.parent).parent;
        if !is_jdk(ground, home) {
            continue;
        }
        let parts = PARTS.iter().filter_map(|part| stack.resolve_link(home, part));
        let what = format!("a JDK where a JRE would do: {}", ground.path(home));
        let fix = "install a JRE, or link one with jlink";
        candidates.push(Candidate::of(CanGoKind::Jdk, what, fix, stack.memory(), parts)?);
    }
    Ok(candidates)
}

/// Whether a directory holds a JDK that only runs programs here: not one that makes native images, and not a part of a development
/// environment.
fn is_jdk(ground: &Ground<'_>, home: NodeId) -> bool {
    let stack = ground.view.stack;
    let has = |path: &[u8]| stack.resolve(home, path).is_some();
    let runs = has(b"bin/java") || has(b"jre/bin/java");
    let develops = has(b"jmods") || has(b"lib/jrt-fs.jar") || has(b"lib/tools.jar");
    runs && develops && has(b"release") && !has(b"bin/native-image") && !has(b"lib/svm")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contents::packages;
    use crate::contents::planted::Planted;
    use crate::contents::view::View;
    use crate::image::FoundTool;

    fn jdk(home: &str) -> Planted {
        Planted::new()
            .sized(&format!("{home}/bin/java"), 10_000)
            .sized(&format!("{home}/bin/javac"), 10_000)
            .file(&format!("{home}/release"), "JAVA_VERSION=\"21\"\n")
            .sized(&format!("{home}/jmods/java.base.jmod"), 80_000_000)
            .sized(&format!("{home}/lib/src.zip"), 50_000_000)
            .sized(&format!("{home}/lib/modules"), 130_000_000)
    }

    fn advice(image: Planted, tools: &[&str]) -> Vec<String> {
        let tool = |name: &&str| FoundTool {
            name: (*name).to_owned(),
            family: (*name).to_owned(),
            applet: false,
            paths: Vec::new(),
        };
        let tools: Vec<FoundTool> = tools.iter().map(tool).collect();
        image.look(|view| {
            let mut view: View<'_> = *view;
            view.told.tools = &tools;
            let found = packages::find(&view).expect("memory");
            let (can_go, _) = super::super::find(&view, &found).expect("memory");
            let line = |it: &crate::domain::CanGo| format!("{:?} {} → {}", it.bytes.map(|it| it.0), it.what, it.fix);
            can_go.iter().filter(|it| it.kind == CanGoKind::Jdk).map(line).collect()
        })
    }

    #[test]
    fn a_jdk_that_nothing_compiles_with() {
        assert_eq!(
            advice(jdk("opt/java/openjdk"), &["javac", "curl"]),
            ["Some(130000000) a JDK where a JRE would do: /opt/java/openjdk → install a JRE, or link one with jlink"]
        );
    }

    #[test]
    fn near_misses_are_silent() {
        for tool in ["maven", "gradle", "ant", "sbt"] {
            assert!(advice(jdk("opt/java/openjdk"), &[tool]).is_empty(), "{tool}");
        }
        let graal = jdk("opt/graalvm").sized("opt/graalvm/bin/native-image", 10_000);
        let jre = Planted::new()
            .sized("opt/jre/bin/java", 10_000)
            .file("opt/jre/release", "JAVA_VERSION=\"21\"\n")
            .sized("opt/jre/lib/modules", 130_000_000)
            .sized("opt/jre/lib/jrt-fs.jar", 100_000);
        let other = Planted::new().sized("opt/x/bin/javac", 10_000).sized("opt/x/lib/src.zip", 50_000_000);
        let linked = Planted::new().link("usr/bin/javac", "/opt/gone/bin/javac").sized("usr/lib/src.zip", 50_000_000);
        for image in [graal, jre, other, linked] {
            let shown = format!("{image:?}");
            assert!(advice(image, &[]).is_empty(), "{shown}");
        }
    }
}
