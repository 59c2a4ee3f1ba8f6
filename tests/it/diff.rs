//! `imgbudget diff`, and what `check --baseline` says in the same words.

use imgbudget::report::{diff, from_json};
use serde_json::Value;

use crate::support::daemon;
use crate::support::images::{Image, Layer, docker_archive};
use crate::support::project::Project;
use crate::support::run::Run;

const KB: usize = 1000;

/// A layer with dpkg's record of these packages, each with one file of so many kilobytes.
fn packages(list: &[(&str, &str, usize)]) -> Layer {
    let record = |(name, version, _): &(&str, &str, usize)| {
        format!("Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n")
    };
    let status: String = list.iter().map(record).collect();
    let mut layer = Layer::new().file("var/lib/dpkg/status", 0o644, status);
    for (name, _, size) in list {
        let file = format!("usr/lib/{name}/{name}.so");
        layer = layer
            .file(format!("var/lib/dpkg/info/{name}.list"), 0o644, format!("/.\n/usr\n/usr/lib\n/{file}\n"))
            .zeros(&file, 0o644, size * KB);
    }
    layer
}

fn many(layer: Layer, directory: &str, number: usize, size: usize) -> Layer {
    (0..number).fold(layer, |layer, at| layer.zeros(&format!("{directory}/{at}.js"), 0o644, size))
}

fn before() -> Image {
    Image::new()
        .layer_by(packages(&[("libssl3", "3.0.1", 700), ("curl", "8.5", 300)]), "ADD rootfs.tar / # buildkit")
        .layer_by(
            many(Layer::new().zeros("app/main.js", 0o644, 20 * KB), "app/test", 30, 4 * KB),
            "COPY . . # buildkit",
        )
}

fn after() -> Image {
    let tools =
        Layer::new().file("usr/bin/gcc", 0o755, vec![1; 900 * KB]).file("usr/bin/make", 0o755, vec![1; 90 * KB]);
    Image::new()
        .layer_by(packages(&[("libssl3", "3.0.2", 710), ("gcc-12", "12.2", 5000)]), "ADD rootfs.tar / # buildkit")
        .layer_by(
            many(Layer::new().zeros("app/main.js", 0o644, 25 * KB), "app/dist", 40, 3 * KB),
            "COPY . . # buildkit",
        )
        .layer_by(tools, "COPY --from=build /usr/bin /usr/bin # buildkit")
        .layer_by(Layer::new().zeros("app/main.js", 0o644, 25 * KB), "RUN chown -R node:node /app # buildkit")
}

fn project() -> Project {
    Project::new().file("old.tar", docker_archive(&[before()])).file("new.tar", docker_archive(&[after()]))
}

#[test]
fn each_change_is_told_once_and_rows_add_up() {
    let project = project();
    insta::assert_snapshot!(project.imgbudget("diff old.tar new.tar").screen(), @"
    exit: 0
    --- stdout
    old.tar → new.tar  1.1 → 6.9 MB   +5.7 MB (+502.5 %)

        +5.0 MB  package    gcc-12 12.2, new
      +990.0 kB  new layer  COPY --from=build /usr/bin /usr/bin
      −300.0 kB  package    curl 8.5, gone
      +120.0 kB  directory  /app/dist, new
      −120.0 kB  directory  /app/test, gone
       +25.0 kB  new layer  RUN chown -R node:node /app: what it hides still ships
       +10.0 kB  package    libssl3 3.0.1 → 3.0.2
        +5.0 kB  file       /app/main.js
           +7 B  directory  /, 3 files

    tools     + gcc, make
    packages  2 (+1 −1), 1 of another version
    --- stderr
    ");
    insta::assert_snapshot!(project.imgbudget("diff new.tar old.tar").screen(), @"
    exit: 0
    --- stdout
    new.tar → old.tar  6.9 → 1.1 MB   −5.7 MB (−83.4 %)

        −5.0 MB  package     gcc-12 12.2, gone
      −990.0 kB  gone layer  COPY --from=build /usr/bin /usr/bin
      +300.0 kB  package     curl 8.5, new
      −120.0 kB  directory   /app/dist, gone
      +120.0 kB  directory   /app/test, new
       −25.0 kB  gone layer  RUN chown -R node:node /app
       −10.0 kB  package     libssl3 3.0.2 → 3.0.1
        −5.0 kB  file        /app/main.js
           −7 B  directory   /, 3 files

    tools     − gcc, make
    packages  2 (+1 −1), 1 of another version
    --- stderr
    ");
    insta::assert_snapshot!(project.imgbudget("diff old.tar old.tar").screen(), @"
    exit: 0
    --- stdout
    old.tar  1.1 MB   ±0

    Nothing changed that has bytes.
    --- stderr
    ");
}

#[test]
fn markdown_is_for_a_comment() {
    insta::assert_snapshot!(project().imgbudget("diff old.tar new.tar --format markdown").screen(), @"
    exit: 0
    --- stdout
    ### `old.tar → new.tar` 1.1 → 6.9 MB, **+5.7 MB (+502.5 %)**

    | Change | | What | Line |
    | ---: | :--- | :--- | :--- |
    | +5.0 MB | package | `gcc-12` 12.2, new |  |
    | +990.0 kB | new layer | `COPY --from=build /usr/bin /usr/bin` |  |
    | −300.0 kB | package | `curl` 8.5, gone |  |
    | +120.0 kB | directory | `/app/dist`, new |  |
    | −120.0 kB | directory | `/app/test`, gone |  |
    | +25.0 kB | new layer | `RUN chown -R node:node /app`: what it hides still ships |  |
    | +10.0 kB | package | `libssl3` 3.0.1 → 3.0.2 |  |
    | +5.0 kB | file | `/app/main.js` |  |
    | +7 B | directory | `/`, 3 files |  |

    - tools: + `gcc`, `make`
    - packages: 2 (+1 −1), 1 of another version
    --- stderr
    ");
}

#[test]
fn the_document_keeps_to_its_schema_and_adds_up() {
    let printed = project().imgbudget("diff old.tar new.tar --format json").run();
    let document: Value = serde_json::from_str(&printed.stdout).unwrap();
    let errors: Vec<String> = jsonschema::validator_for(&diff::schema())
        .unwrap()
        .iter_errors(&document)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, [""; 0]);
    let size = |value: &Value| value.as_i64().unwrap();
    let change = size(&document["new"]["size"]) - size(&document["old"]["size"]);
    for list in [&document["difference"]["rows"], &document["layers"]] {
        let row = |row: &Value| row["after"].as_i64().unwrap_or(0) - row["before"].as_i64().unwrap_or(0);
        assert_eq!(list.as_array().unwrap().iter().map(row).sum::<i64>(), change, "{list:#}");
    }
    assert_eq!(document["difference"]["packages"]["added"], 1);
}

#[test]
fn what_cannot_be_compared_is_said() {
    let project = project()
        .file("arm.tar", docker_archive(&[before().platform("linux/arm64")]))
        .file("report.json", "{}")
        .file("other.json", r#"{"schema":"imgbudget.report/1","definition":"content/0"}"#);
    for (args, of) in [
        ("diff old.tar arm.tar", "cannot be compared"),
        ("diff old.tar nothing.tar", "nothing.tar"),
        ("diff report.json new.tar", "report.json"),
        ("diff other.json new.tar", "another definition, content/0"),
        ("diff old.tar new.tar --baseline report.json", "--baseline"),
    ] {
        let screen = project.imgbudget(args).run();
        assert!(screen.code == Some(2) && screen.stderr.contains(of), "{args}: {}", screen.stderr);
        assert!(!screen.stderr.contains("panicked") && screen.stdout.is_empty(), "{args}");
    }
}

#[test]
fn names_of_strangers_do_nothing() {
    let hostile = Layer::new().zeros("a/\u{1b}[2Jb\n### c |\u{202e}", 0o644, 9 * KB).zeros(
        "d/<img src=x onerror=alert(1)>",
        0o644,
        8 * KB,
    );
    let new =
        before().layer_by(Layer::new(), "RUN \u{1b}]0;x\u{7}`a` | <b>@everyone</b>").layer_by(hostile, "COPY . .");
    let project = Project::new().file("old.tar", docker_archive(&[before()])).file("new.tar", docker_archive(&[new]));
    for format in ["table", "markdown", "json"] {
        let screen = project.imgbudget(&format!("diff old.tar new.tar --all --format {format}")).run();
        assert_eq!(screen.code, Some(0), "{}", screen.stderr);
        let acts = |c: char| c != '\n' && imgbudget::text::is_hidden(c);
        assert!(!screen.stdout.contains(acts), "{format}: {:?}", screen.stdout);
    }
    let markdown = project.imgbudget("diff old.tar new.tar --all --format markdown").run().stdout;
    assert!(!markdown.lines().any(|line| line.starts_with("### c")), "{markdown}");
}

const BUDGETS: &str = "[targets.api]\ncontext = \".\"\nmax-growth = \"1MB\"\nmax-size = \"5MB\"\n";

/// A project, and a layer cache outside of it.
struct Scene {
    project: Project,
    cache: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let project = Project::with(BUDGETS)
            .file("Dockerfile", "FROM scratch\nCOPY . .\n")
            .file("old.tar", docker_archive(&[before()]))
            .file("new.tar", docker_archive(&[after()]));
        Self { project, cache: tempfile::tempdir().unwrap() }
    }

    fn run(&self, args: &str) -> Run {
        self.project.imgbudget(args).env("IMGBUDGET_LAYER_CACHE", self.cache.path())
    }

    /// Checks `archive` as the target.
    fn check(&self, archive: &str, args: &str) -> Run {
        self.run(&format!("check --archive api={archive} {args}"))
    }
}

#[test]
fn a_check_tells_what_is_in_a_change_where_the_layers_are_known() {
    let scene = Scene::new();
    let project = &scene.project;
    assert_eq!(scene.check("old.tar", "--write json=main.json").run().code, Some(0));
    let failed = scene.check("new.tar", "--baseline main.json --write json=new.json --write markdown=new.md").run();
    assert_eq!(failed.code, Some(1), "{}", failed.stderr);
    let comment = project.read("new.md");
    assert!(comment.contains("<br>in `/usr/lib/gcc-12` +5.0 MB, `/usr/bin` +990.0 kB<br>"), "{comment}");
    let report = from_json(project.read("new.json").as_bytes()).unwrap();
    let difference = report.targets[0].difference.clone().unwrap();
    let change = report.targets[0].change.as_ref().unwrap();
    let sizes = (change.size_before.unwrap(), report.targets[0].size.unwrap());
    assert_eq!(difference.sum(), i128::from(sizes.1.0) - i128::from(sizes.0.0));
    // Nothing changed: nothing to tell, and nothing that was read for it.
    scene.check("old.tar", "--baseline main.json --write json=same.json").run();
    assert!(project.report("same.json")["targets"][0]["difference"].is_null());
    // Without the cache nobody knows what the layers hold.
    let blind = project.imgbudget("check --archive api=new.tar --baseline main.json --write json=blind.json");
    blind.env("IMGBUDGET_LAYER_CACHE", "off").run();
    assert!(project.report("blind.json")["targets"][0]["difference"].is_null());
    // A report is compared as well, by its layers where these are known and by their sizes else.
    let known = scene.run("diff main.json new.tar").run();
    assert!(known.stdout.contains("/app/test, gone"), "{}", known.stdout);
    let blind = project.imgbudget("diff main.json new.tar").env("IMGBUDGET_LAYER_CACHE", "off");
    insta::assert_snapshot!(blind.screen(), @"
    exit: 0
    --- stdout
    main.json → new.tar  1.1 → 6.9 MB   +5.7 MB (+502.5 %)

        +4.7 MB  layer      ADD rootfs.tar /
      +990.0 kB  new layer  COPY --from=build /usr/bin /usr/bin
       +25.0 kB  new layer  RUN chown -R node:node /app
        +5.0 kB  layer      COPY . .

    not compared  what the layers of main.json hold is not in the layer cache
    --- stderr
    ");
}

#[test]
fn a_report_whose_rows_do_not_add_up_is_refused() {
    let scene = Scene::new();
    scene.check("old.tar", "--write json=main.json").run();
    scene.check("new.tar", "--baseline main.json --write json=new.json").run();
    let sound = scene.project.report("new.json");
    for (path, value) in [
        ("/targets/0/difference/rows/0/after", Value::from(1)),
        ("/targets/0/difference/rows/0/layer", Value::from(99)),
        ("/targets/0/difference/rest/after", Value::from(u64::MAX)),
        ("/targets/0/difference/grown/0/after", Value::from(0)),
    ] {
        let mut report = sound.clone();
        *report.pointer_mut(path).unwrap_or_else(|| panic!("{path} in {sound:#}")) = value;
        assert!(from_json(report.to_string().as_bytes()).is_err(), "{path}");
    }
    assert!(from_json(sound.to_string().as_bytes()).is_ok());
}

/// Two builds of one Dockerfile, compared as a person does it.
#[test]
fn two_builds_and_a_stage_of_one_dockerfile() {
    if !daemon::on("diff of two builds") {
        return;
    }
    let dockerfile = "FROM scratch AS builder\nCOPY src /src\nFROM scratch AS final\nCOPY --from=builder /src/app /app\nCOPY docs /docs\n";
    let project = Project::with("[targets.api]\ncontext = \".\"\ntarget = \"final\"\n")
        .file("Dockerfile", dockerfile)
        .file("src/app", vec![1; 40 * KB])
        .file("src/test", vec![1; 70 * KB])
        .file("docs/a.md", vec![1; KB]);
    let cache = tempfile::tempdir().unwrap();
    let run = |args: &str| project.imgbudget(args).env("IMGBUDGET_LAYER_CACHE", cache.path()).live().run();
    assert_eq!(run("check --write json=main.json").code, Some(0));
    std::fs::write(project.path("src/app"), vec![1; 90 * KB]).unwrap();
    insta::assert_snapshot!(run("diff main.json api -q").stdout, @"
    main.json → api  41.0 → 91.0 kB   +50.0 kB (+122.0 %)

      +50.0 kB  file  /app  :4
    ");
    insta::assert_snapshot!(run("diff api:builder api -q").stdout, @"
    api:builder → api  160.0 → 91.0 kB   −69.0 kB (−43.1 %)

      −160.0 kB  gone layer  COPY src /src       :2
       +90.0 kB  new layer   COPY /src/app /app  :4
        +1.0 kB  new layer   COPY docs /docs     :5
    ");
}
