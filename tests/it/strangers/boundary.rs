//! Text files and contexts lie inside of the repository, once links are resolved.

use std::process::Command;

use super::{CANARY, Scene, link};
use crate::support::images::{Image, Layer, docker_archive};
use crate::support::project::Project;

const TARGET: &str = "[targets.api]\ncontext = \"app\"\n";

#[test]
fn an_include_of_the_environment() {
    let scene = Scene::new(&format!("include = [\"/proc/self/environ\"]\n{TARGET}"));
    insta::assert_snapshot!(scene.refused("check"), @r#"
    exit: 2
    --- stdout

    --- stderr
    error: /proc/self/environ lies outside of the repository [DIR]
     --> budgets.toml:1:12
      |
    1 | include = ["/proc/self/environ"]
      |            ^^^^^^^^^^^^^^^^^^^^
      |
      = hint: A budget file names what lies beside it in its repository; --allow-outside lifts that.

    1 problem in budgets.toml
    "#);
}

#[test]
fn includes_that_lead_out() {
    for (pattern, link) in [("[OUTSIDE]/secret", "x"), ("link.toml", "link.toml"), ("links/*.toml", "links/a.toml")] {
        let scene = Scene::new(&format!("include = [\"{pattern}\"]\n{TARGET}")).link(link, "secret");
        let said = scene.refused("check");
        assert!(said.contains("lies outside of the repository"), "{said}");
    }
}

#[test]
fn a_dockerfile_that_leads_out() {
    let scene = Scene::new(TARGET).file("app/a", "").link("app/Dockerfile", "secret");
    insta::assert_snapshot!(scene.refused("check"), @r#"
    exit: 2
    --- stdout

    --- stderr
    error: the Dockerfile lies outside of the repository [DIR]
     --> budgets.toml:2:1
      |
    2 | context = "app"
      | ^^^^^^^
      |
      = hint: A budget file names what lies beside it in its repository; --allow-outside lifts that.

    1 problem in budgets.toml
    "#);
    let scene = Scene::new(&format!("{TARGET}dockerfile = \"[OUTSIDE]/Dockerfile\"\n")).file("app/a", "");
    let said = scene.refused("check");
    assert!(said.contains("budgets.toml:3:1") && said.contains("the Dockerfile lies outside"), "{said}");
}

#[test]
fn a_context_that_leads_out() {
    let scene = Scene::new("[targets.api]\ncontext = \"../../../../../etc\"\ndockerfile = \"/dev/null\"\n");
    insta::assert_snapshot!(scene.refused("check"), @r#"
    exit: 2
    --- stdout

    --- stderr
    error: the build context `../../../../../etc` lies outside of the repository [DIR]
     --> budgets.toml:2:1
      |
    2 | context = "../../../../../etc"
      | ^^^^^^^
      |
      = hint: A budget file names what lies beside it in its repository; --allow-outside lifts that.

    1 problem in budgets.toml
    "#);
    let scene = Scene::new(TARGET).link("app", ".");
    assert!(scene.refused("check").contains("the build context `app` lies outside"));
}

#[test]
fn ignore_files_that_lead_out() {
    for name in ["app/.dockerignore", "app/Dockerfile.dockerignore"] {
        let scene = Scene::new(TARGET).file("app/Dockerfile", "FROM scratch\n").link(name, "secret");
        let said = scene.refused("check");
        assert!(said.contains(".dockerignore") && said.contains("lies outside of the repository"), "{said}");
    }
}

#[test]
fn a_baseline_that_leads_out() {
    let budgets = "[targets.api]\nimage = \"a\"\n[baseline]\nfile = \"old.json\"\n";
    let said = Scene::new(budgets).link("old.json", "secret").refused("check");
    assert!(said.contains("budgets.toml:4:1") && said.contains("the baseline `old.json` lies outside"), "{said}");
}

/// `actions/checkout` keeps the token there.
#[test]
fn the_configuration_of_git_is_not_read_as_anything() {
    let budgets = format!("include = [\".git/config\"]\n{TARGET}dockerfile = \"../.git/config\"\n");
    let scene = Scene::new(&budgets).file(".git/config", &format!("root:{CANARY}\n")).file("app/a", "");
    let said = scene.refused("check");
    assert!(said.contains(".git/config lies in git's own folder"), "{said}");
}

#[test]
fn a_budget_file_of_the_checkout_that_is_a_link_out() {
    let scene = Scene::new("").link("linked.toml", "secret");
    insta::assert_snapshot!(scene.refused("check --config linked.toml"), @"
    exit: 2
    --- stdout

    --- stderr
    error: linked.toml lies outside of the repository [DIR]
     hint: Whoever committed the link chose where it leads; --allow-outside follows it all the same.
    ");
    std::fs::remove_file(scene.project.path("budgets.toml")).unwrap();
    link(&scene.outside.path().join("secret"), &scene.project.path("budgets.toml"));
    assert!(scene.refused("check").contains("budgets.toml lies outside of the repository"));
    assert!(scene.refused("update").contains("budgets.toml lies outside of the repository"));
    // Not even by a detour whose name lies elsewhere.
    link(scene.project.root(), &scene.outside.path().join("detour"));
    let args = format!("check --config {}", scene.outside.path().join("detour/linked.toml").display());
    assert!(scene.refused(&args).contains("lies outside of the repository"));
    let scene = Scene::new("").link("folder", ".");
    assert!(scene.refused("check --config folder/secret").contains("folder/secret lies outside of the repository"));
}

#[test]
fn what_the_person_names_outside_is_theirs() {
    let other = Project::with("[targets.api]\nimage = \"a\"\nmax-sise = 1\n");
    let scene = Scene::new("");
    let args = format!("check --config {}", other.path("budgets.toml").display());
    let screen = scene.project.imgbudget(&args).run().screen();
    assert!(screen.contains("max-sise = 1"), "their own file is quoted: {screen}");
    // As /etc/x may be a link into a store of packages.
    link(&other.path("budgets.toml"), &scene.outside.path().join("linked.toml"));
    let args = format!("check --config {}", scene.outside.path().join("linked.toml").display());
    let screen = scene.project.imgbudget(&args).run().screen();
    assert!(screen.contains("max-sise = 1"), "{screen}");
}

#[test]
fn the_permit_lifts_it_and_quotes_nothing() {
    let scene = Scene::new(&format!("include = [\"[OUTSIDE]/secret\"]\n{TARGET}"));
    insta::assert_snapshot!(scene.refused("check --allow-outside"), @"
    exit: 2
    --- stdout

    --- stderr
    error: line 1 is not as in a budget file
    --> [OUTSIDE]/secret:1
     = hint: Nothing of it is shown, because it lies outside; run `imgbudget check` in its own folder.

    1 problem in [OUTSIDE]/secret
    ");
    let scene = Scene::new(TARGET).file("app/a", "").link("app/Dockerfile", "secret");
    insta::assert_snapshot!(scene.refused("check --allow-outside"), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api      –       –         –

    ✗ api: line 1 of `app/Dockerfile` is not as in a Dockerfile
      hint: Nothing of it is shown, because it lies outside of the repository.
      budgets.toml:1

    ✗ api could not be measured
    --- stderr
    ");
    let ignore = Scene::new(TARGET).file("app/Dockerfile", "FROM scratch\n").link("app/.dockerignore", "bad");
    std::fs::write(ignore.outside.path().join("bad"), format!("[{CANARY}\n")).unwrap();
    let said = ignore.refused("check --allow-outside");
    assert!(said.contains(".dockerignore is not a .dockerignore"), "{said}");
    let good = Scene::new("include = [\"[OUTSIDE]/more.toml\"]\n");
    std::fs::write(good.outside.path().join("more.toml"), "[targets.api]\narchive = \"app.tar\"\nmax-size = 1\n")
        .unwrap();
    std::fs::write(good.outside.path().join("app.tar"), archive()).unwrap();
    let screen = good.project.imgbudget("check --allow-outside").run();
    assert_eq!(screen.code, Some(1), "{}", screen.screen());
}

#[test]
fn the_checkout_of_the_job_is_the_boundary() {
    let scene = Scene::new("include = [\"[OUTSIDE]/more.toml\"]\n");
    std::fs::write(scene.outside.path().join("more.toml"), "[targets.api]\nimage = \"a\"\nmax-sise = 1\n").unwrap();
    let above = scene.outside.path().parent().unwrap().to_owned();
    for name in ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"] {
        let screen = scene.project.imgbudget("check").env(name, above.clone()).run().screen();
        assert!(screen.contains("max-sise = 1"), "{name}: {screen}");
        let screen = scene.project.imgbudget("check").env(name, scene.outside.path()).run().screen();
        assert!(screen.contains("lies outside of the repository"), "{name} elsewhere says nothing: {screen}");
    }
}

fn archive() -> Vec<u8> {
    docker_archive(&[Image::new().layer(Layer::new().zeros("a", 0o644, 500))])
}

fn git(scene: &Scene, args: &[&str]) {
    let status = Command::new("git").args(args).current_dir(scene.project.root()).status().unwrap();
    assert!(status.success(), "{args:?}");
}

#[test]
fn an_archive_behind_a_link_that_a_tool_made_is_measured() {
    let scene =
        Scene::new("[targets.api]\narchive = \"bazel-bin/app.tar\"\nmax-size = \"1 kB\"\n").link("bazel-bin", ".");
    std::fs::write(scene.outside.path().join("app.tar"), archive()).unwrap();
    std::fs::remove_dir(scene.project.path(".git")).unwrap();
    git(&scene, &["init", "-q"]);
    let screen = scene.project.check("");
    assert_eq!(screen.code, Some(0), "{}", screen.screen());
    git(&scene, &["add", "bazel-bin"]);
    insta::assert_snapshot!(scene.refused("check"), @r#"
    exit: 2
    --- stdout

    --- stderr
    error: `bazel-bin/app.tar` leads out of the repository by the link bazel-bin
     --> budgets.toml:2:1
      |
    2 | archive = "bazel-bin/app.tar"
      | ^^^^^^^
      |
      = hint: A link that leads out is fine where a tool made it, as Bazel and Nix do, and not in a commit; --allow-outside lifts that.

    1 problem in budgets.toml
    "#);
    let screen = scene.project.check("--allow-outside");
    assert_eq!(screen.code, Some(0), "{}", screen.screen());
}

#[test]
fn an_archive_or_a_layout_outside_is_refused_by_its_name() {
    for key in ["archive", "layout"] {
        let scene = Scene::new(&format!("[targets.api]\n{key} = \"[OUTSIDE]/secret\"\n"));
        let said = scene.refused("check");
        assert!(said.contains("budgets.toml:2:1") && said.contains("lies outside of the repository"), "{said}");
    }
}

#[test]
fn an_archive_that_is_none_is_not_quoted() {
    let scene = Scene::new("[targets.api]\narchive = \"out/secret\"\n").link("out", ".");
    std::fs::remove_dir(scene.project.path(".git")).unwrap();
    git(&scene, &["init", "-q"]);
    assert!(scene.refused("check").contains("is not an image archive"));
}
