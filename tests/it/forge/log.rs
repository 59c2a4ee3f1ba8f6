//! Nothing of a stranger's reaches the log of a runner as a command.

use std::fs;

use crate::support::images::{Image, Layer, docker_archive};

use super::scene::Scene;

#[test]
fn names_in_an_image_command_nobody() {
    let scene = Scene::over();
    let hostile = ["##[error]a", "x ##[add-mask]b", "\n::error::c", "::set-output name=verdict::pass"];
    let layer = hostile.iter().fold(Layer::new(), |layer, name| layer.file(format!("evil/{name}"), 0o755, b"x"));
    let image = Image::new().layer_by(layer, "RUN echo '##[group]' \n::stop-commands::x");
    fs::write(scene.path("api.tar"), docker_archive(&[image])).unwrap();
    fs::write(
        scene.path("budgets.toml"),
        "[targets.api]\ncontext = \".\"\nmax-size = 1\nforbid-paths = [\"evil/**\"]\n",
    )
    .unwrap();
    for format in ["table", "json"] {
        let screen = scene.check(&format!("--format {format} --annotations --write json=out.json")).run();
        assert_eq!(screen.code, Some(1), "{}", screen.stderr);
        for (stream, is_ours) in [(&screen.stdout, false), (&screen.stderr, true)] {
            assert!(!stream.contains("##["), "{stream}");
            let commands: Vec<&str> = stream.lines().filter(|line| line.trim_start().starts_with("::")).collect();
            assert!(commands.iter().all(|line| is_ours && line.starts_with("::error ")), "{commands:?}");
        }
        if format == "json" {
            let printed: serde_json::Value = serde_json::from_str(&screen.stdout).unwrap();
            let written: serde_json::Value =
                serde_json::from_str(&fs::read_to_string(scene.path("out.json")).unwrap()).unwrap();
            assert_eq!(printed, written);
            let paths = printed["targets"][0]["findings"].to_string();
            assert!(paths.contains("/evil/##[error]a"), "the report says what is there: {paths}");
        }
    }
}

#[test]
fn arguments_command_nobody() {
    let scene = Scene::over();
    for args in ["--no-such-flag=##[error]x", "check --pr=##[error]x", "merge ##[error]x", "--color=##[group]"] {
        let screen = scene.step(args).run();
        assert_eq!(screen.code, Some(2));
        assert!(!screen.stderr.contains("##["), "{}", screen.stderr);
    }
}
