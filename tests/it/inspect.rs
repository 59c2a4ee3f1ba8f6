//! `imgbudget inspect`: what is in an image, on one screen.

use serde_json::Value;

use crate::support::images::{Image, Layer, docker_archive};
use crate::support::project::Project;

const KB: usize = 1000;

const BUDGETS: &str = "[targets.api]\ncontext = \".\"\nmax-size = \"10 MB\"\n";
const DOCKERFILE: &str = "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\nUSER 1000\n";

fn image() -> Image {
    Image::new()
        .user("1000")
        .layer_by(
            Layer::new()
                .zeros("usr/lib/x86_64-linux-gnu/libc.so.6", 0o755, 1900 * KB)
                .zeros("usr/lib/gcc/x86_64-linux-gnu/12/cc1", 0o755, 900 * KB)
                .zeros("usr/local/lib/node_modules/npm/index.js", 0o644, 300 * KB),
            "ADD rootfs.tar / # buildkit",
        )
        .layer_by(Layer::new().dir("app"), "WORKDIR /app")
        .layer_by(
            Layer::new().zeros("app/.git/objects/pack", 0o644, 180 * KB).zeros("app/main.js", 0o644, 40 * KB),
            "COPY . . # buildkit",
        )
        .layer_by(
            Layer::new()
                .zeros("app/node_modules/typescript/lib.js", 0o644, 230 * KB)
                .zeros("app/node_modules/@babel/core/index.js", 0o644, 90 * KB)
                .zeros("app/main.js", 0o600, 40 * KB),
            "RUN /bin/sh -c npm ci # buildkit",
        )
}

fn project() -> Project {
    Project::with(BUDGETS)
        .file("Dockerfile", DOCKERFILE)
        .file("package.json", "{}")
        .file("api.tar", docker_archive(&[image()]))
}

#[test]
fn a_target_shows_where_its_bytes_are_and_who_brought_them() {
    let project = project();
    let run = |args: &str, columns: &str| project.imgbudget(args).env("COLUMNS", columns).run();
    let screen = |args: &str, columns: &str| run(args, columns).stdout;
    insta::assert_snapshot!(screen("inspect api --archive api.tar", "80"), @"
    api  3.7 MB  linux/amd64 · 4 layers · user 1000
         base node:20 3.1 MB · yours 580.0 kB · wasted 40.0 kB · 0 packages

    Layers, yours                                                         Dockerfile
      360.0 kB  ████████████████████  RUN npm ci                          :4
      220.0 kB  ████████████▏         COPY . .                            :3
        3.1 MB  base node:20, 1 layer                                     :1

    Largest directories                                                   brought by
        1.9 MB  /usr/lib/x86_64-linux-gnu                                 base
      900.0 kB  /usr/lib/gcc/x86_64-linux-gnu/12                          base
      320.0 kB  /app/node_modules                                         :4
      230.0 kB    typescript                                              :4
       90.0 kB    @babel/core                                             :4
      300.0 kB  /usr/local/lib/node_modules/npm                           base
      180.0 kB  /app/.git                                                 :3

    Can go                                                   fix
          base  cc1, npm (build tools)                       :1 node:20-slim: try it

    The base is 84 % of this image.
    ");
    insta::assert_snapshot!(screen("inspect api --archive api.tar --without **/.git --without /app/none", "60"), @"
    api  3.7 MB  linux/amd64 · 4 layers · user 1000
         base node:20 3.1 MB · yours 580.0 kB · wasted 40.0 kB
         0 packages

    Layers, yours                                     Dockerfile
      360.0 kB  ██████████  RUN npm ci                :4
      220.0 kB  ██████      COPY . .                  :3
        3.1 MB  base node:20, 1 layer                 :1

    Largest directories                               brought by
        1.9 MB  /usr/lib/x86_64-linux-gnu             base
      900.0 kB  /usr/lib/gcc/x86_64-linux-gnu/12      base
      320.0 kB  /app/node_modules                     :4
      230.0 kB    typescript                          :4
       90.0 kB    @babel/core                         :4
      300.0 kB  /usr/local/lib/node_modules/npm       base
      180.0 kB  /app/.git                             :3

    Can go
          base  cc1, npm (build tools)
                → :1 node:20-slim: try it

    Without
      180.0 kB  **/.git                          1 file
           0 B  /app/none                        matches nothing
    Without them 3.7 → 3.5 MB. Less in :3 180.0 kB. What is
    wasted stays wasted.

    The base is 84 % of this image.
    ");
    let own = screen("inspect --archive api=api.tar --own --all", "120");
    assert!(own.contains("Largest directories, yours") && !own.contains("/usr/lib"), "{own}");
    assert!(own.contains("base node:20, 1 layer") && own.contains("WORKDIR /app"), "{own}");
}

#[test]
fn an_image_without_layers_and_one_of_nothing_but_a_link() {
    let project = Project::new()
        .file("none.tar", docker_archive(&[Image::new()]))
        .file("links.tar", docker_archive(&[Image::new().layer(Layer::new().symlink("a", "b"))]));
    let run = |args: &str| project.imgbudget(args).env("COLUMNS", "80").run().stdout;
    insta::assert_snapshot!(run("inspect none.tar"), @"
    none.tar  0 B  (0 B compressed)  linux/amd64 · 0 layers · root
              no base · yours 0 B · wasted 0 B · 0 packages

    Nothing was found that can go.
    ");
    insta::assert_snapshot!(run("inspect links.tar"), @"
    links.tar  1 B  linux/amd64 · 1 layer · root
               base not known · wasted 0 B · 0 packages

    Layers                                                                     layer
           1 B  ████████████████████  COPY 0 /                                 #1

    Nothing was found that can go.
    ");
}

#[test]
fn names_of_strangers_do_nothing_and_fit() {
    let hostile = Layer::new().zeros("srv/\u{1b}[2J\u{202e}evil\n## x/data", 0o644, 50 * KB).zeros(
        &format!("srv/{}/data", "long-name/".repeat(20)),
        0o644,
        40 * KB,
    );
    let image = Image::new().user("\u{1b}[31mroot").layer_by(hostile, "RUN \u{1b}]0;x\u{7} | a");
    let project = Project::new().file("hostile.tar", docker_archive(&[image]));
    let screen = project.imgbudget("inspect hostile.tar").env("COLUMNS", "80").run();
    assert_eq!(screen.code, Some(0), "{}", screen.stderr);
    assert!(!screen.stdout.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{}", screen.stdout);
    assert!(screen.stdout.lines().all(|line| line.chars().count() <= 80), "{}", screen.stdout);
    assert!(screen.stdout.contains("50.0 kB  /srv/") && screen.stdout.contains("/…/long-name"), "{}", screen.stdout);
}

#[test]
fn the_json_is_a_report_with_contents() {
    let project = project();
    let screen = project.imgbudget("inspect api --archive api.tar --format json --write table=seen.txt").run();
    assert_eq!(screen.code, Some(0), "{}", screen.stderr);
    let report: Value = serde_json::from_str(&screen.stdout).expect("JSON");
    assert!(jsonschema::is_valid(&imgbudget::report::schema(), &report));
    assert!(imgbudget::report::from_json(screen.stdout.as_bytes()).is_ok());
    let contents = &report["targets"][0]["contents"];
    assert_eq!(contents["user"], "1000");
    assert_eq!(contents["wasted"], 40 * KB);
    assert_eq!(contents["efficiency"]["wasted_bytes"], 80 * KB, "dive counts the live copy, too");
    assert_eq!(contents["directories"][0]["path"], "/usr/lib/x86_64-linux-gnu");
    assert!(project.read("seen.txt").starts_with("api  3.7 MB"), "{}", project.read("seen.txt"));
}

#[test]
fn what_cannot_be_shown_is_said_with_what_was_meant() {
    let project = project().file("two/budgets.toml", "[targets.a]\ncontext = \".\"\n[targets.b]\ncontext = \".\"\n");
    for (args, of) in [
        ("inspect aip", "Did you mean `api`?"),
        ("inspect nothing.tar", "neither an archive nor an OCI layout at `nothing.tar`"),
        ("inspect api --archive api.tar --image node:22", "Leave out one of --image and --archive"),
        ("inspect api --archive api.tar --without [", "--without: `[` is not a glob"),
        ("inspect api --archive api.tar --base UPPER/Case", "--base needs a reference"),
        ("inspect --stages --archive x.tar", "and `x.tar` is an image"),
        ("inspect --config two/budgets.toml", "there are 2 targets: a, b"),
        ("inspect api --archive api.tar --write sarif=x", "`inspect` does not write sarif"),
    ] {
        let screen = project.imgbudget(args).run();
        assert!(screen.code == Some(2) && screen.stderr.contains(of), "{args}: {}", screen.stderr);
        assert!(!screen.stderr.contains("panicked") && screen.stdout.is_empty(), "{args}");
    }
    let empty = Project::new();
    let screen = empty.imgbudget("inspect").run();
    assert!(screen.stderr.contains("neither a budgets.toml nor a Dockerfile here"), "{}", screen.stderr);
}
