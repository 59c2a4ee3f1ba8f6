//! `imgbudget why`: whose something in an image is, who brought it, and what removing it frees.

mod apt;

use serde_json::Value;

use crate::support::images::{Image, Layer, docker_archive};
use crate::support::project::Project;
use crate::support::run::Screen;

const DOCKERFILE: &str = "FROM debian:12\nRUN apt-get install -y build-essential\nCOPY app /app\nRUN dd of=/tmp/big\n\
                          RUN rm /tmp/big\nRUN chown -R 1000 /app\n";

/// A stanza of dpkg's database.
fn stanza(name: &str, more: &str) -> String {
    format!("Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 12.2.0-14\n{more}\n")
}

/// Debian with bash; `build-essential`, which brings gcc, cpp and a library; and an application that was given to another user.
fn image() -> Image {
    let base = [stanza("bash", "Essential: yes\nPre-Depends: libc6\n"), stanza("libc6", "")].concat();
    let more = [
        stanza("build-essential", "Depends: gcc (>= 4), make | make-guile\n"),
        stanza("cpp", "Depends: libc6\n"),
        stanza("gcc", "Depends: cpp, libgcc1\n"),
        stanza("libgcc1", "Depends: libc6\n"),
        stanza("make", "Depends: libc6\n"),
    ];
    let all = [base.clone(), more.concat()].concat();
    let automatic = |name: &str| format!("Package: {name}\nArchitecture: amd64\nAuto-Installed: 1\n\n");
    let marks: String = ["cpp", "gcc", "libgcc1", "make"].map(automatic).concat();
    let app = |layer: Layer| layer.zeros("app/server", 0o755, 400_000).zeros("app/static/a.map", 0o644, 90_000);
    Image::new()
        .layer_by(
            Layer::new()
                .zeros("bin/bash", 0o755, 1_200_000)
                .zeros("lib/libc.so.6", 0o644, 1_900_000)
                .file("var/lib/dpkg/status", 0o644, base)
                .file("var/lib/dpkg/info/bash.list", 0o644, "/.\n/bin\n/bin/bash\n")
                .file("var/lib/dpkg/info/libc6.list", 0o644, "/.\n/lib\n/lib/libc.so.6\n"),
            "ADD rootfs / # buildkit",
        )
        .layer_by(
            Layer::new()
                .zeros("usr/bin/x86_64-linux-gnu-gcc-12", 0o755, 1_100_000)
                .symlink("usr/bin/gcc-12", "x86_64-linux-gnu-gcc-12")
                .symlink("usr/bin/gcc", "gcc-12")
                .zeros("usr/lib/gcc/cc1", 0o755, 30_000_000)
                .zeros("usr/lib/libgcc_s.so.1", 0o644, 125_000)
                .zeros("usr/bin/make", 0o755, 250_000)
                .zeros("usr/share/doc/build-essential/list", 0o644, 5_000)
                .file("var/lib/dpkg/status", 0o644, all)
                .file("var/lib/apt/extended_states", 0o644, marks)
                .file("var/lib/dpkg/info/build-essential.list", 0o644, "/usr/share/doc/build-essential/list\n")
                .file("var/lib/dpkg/info/cpp.list", 0o644, "/usr/lib/gcc\n/usr/lib/gcc/cc1\n")
                .file(
                    "var/lib/dpkg/info/gcc.list",
                    0o644,
                    "/usr/bin/gcc\n/usr/bin/gcc-12\n/usr/bin/x86_64-linux-gnu-gcc-12\n",
                )
                .file("var/lib/dpkg/info/libgcc1.list", 0o644, "/usr/lib/libgcc_s.so.1\n")
                .file("var/lib/dpkg/info/make.list", 0o644, "/usr/bin/make\n"),
            "RUN /bin/sh -c apt-get install -y build-essential # buildkit",
        )
        .layer_by(app(Layer::new()), "COPY app /app # buildkit")
        .layer_by(Layer::new().zeros("tmp/big", 0o644, 20_000_000), "RUN /bin/sh -c dd of=/tmp/big # buildkit")
        .layer_by(Layer::new().whiteout("tmp/big"), "RUN /bin/sh -c rm /tmp/big # buildkit")
        .layer_by(app(Layer::new()), "RUN /bin/sh -c chown -R 1000 /app # buildkit")
        .named("acme/api:1")
}

fn project() -> Project {
    Project::with("[targets.api]\ncontext = \".\"\n")
        .file("Dockerfile", DOCKERFILE)
        .file("app/server", "")
        .file("api.tar", docker_archive(&[image()]))
}

fn why(words: &str) -> Screen {
    project().imgbudget(&format!("why api {words} --archive api=api.tar")).run()
}

#[test]
fn a_tool_says_its_package_who_pulled_that_in_and_what_goes_with_it() {
    insta::assert_snapshot!(why("gcc").screen(), @"
    exit: 0
    --- stdout
    /usr/bin/gcc  → /usr/bin/x86_64-linux-gnu-gcc-12, 1.1 MB
      package     gcc 12.2.0-14 (deb), 1.1 MB in 3 files
      pulled in   build-essential → gcc
      brought by  Dockerfile:2  RUN apt-get install -y build-essential
      removing it frees 31.5 MB (5 packages); build-essential cannot be without it
      fix         leave build-essential out, or install it in an earlier stage and
                  copy only what runs
      also        /usr/bin/gcc-12, /usr/bin/x86_64-linux-gnu-gcc-12
    --- stderr
    ");
}

#[test]
fn a_package_goes_with_what_only_it_needs_and_an_essential_one_not_at_all() {
    insta::assert_snapshot!(why("build-essential libc6").screen(), @"
    exit: 0
    --- stdout
    build-essential 12.2.0-14 (deb)  5.0 kB in 1 file
      pulled in   by nothing: it was installed by name
      brought by  Dockerfile:2  RUN apt-get install -y build-essential
      removing it frees 31.5 MB (5 packages)
      fix         leave build-essential out, or install it in an earlier stage and
                  copy only what runs

    libc6 12.2.0-14 (deb)  1.9 MB in 1 file
      pulled in   by nothing: it was installed by name
      brought by  base debian:12  ADD rootfs /
      removing it is not possible: bash needs it and is essential
      fix         use another base than debian:12; deleting it in a later layer
                  frees nothing
    --- stderr
    ");
}

#[test]
fn a_file_says_who_brought_it_and_who_has_it_again() {
    insta::assert_snapshot!(why("/app/server").screen(), @"
    exit: 0
    --- stdout
    /app/server  file, 400.0 kB
      package     none owns it
      brought by  Dockerfile:3  COPY app /app
      again by    Dockerfile:6  RUN chown -R 1000 /app
      ships twice 400.0 kB of an earlier copy from Dockerfile:3
      fix         set its owner with COPY --chown, so it ships once
    --- stderr
    ");
    insta::assert_snapshot!(why("/usr/lib/gcc").screen(), @"
    exit: 0
    --- stdout
    /usr/lib/gcc  directory, 30.0 MB in 1 file
      packages    cpp 30.0 MB
      brought by  Dockerfile:2  RUN apt-get install -y build-essential
    --- stderr
    ");
}

#[test]
fn a_file_that_a_later_layer_deletes_still_ships() {
    insta::assert_snapshot!(why("/tmp/big").screen(), @"
    exit: 0
    --- stdout
    /tmp/big  deleted, and its 20.0 MB still ship
      brought by  Dockerfile:4  RUN dd of=/tmp/big
      deleted by  Dockerfile:5  RUN rm /tmp/big
      fix         delete it in the RUN that makes it
    --- stderr
    ");
    let by_name = why("big");
    assert!(by_name.stdout.starts_with("/tmp/big  deleted, and its 20.0 MB still ship\n"), "{}", by_name.stdout);
}

#[test]
fn a_glob_lists_the_largest_first() {
    insta::assert_snapshot!(why("/usr/**/*gcc*").screen(), @"
    exit: 0
    --- stdout
    /usr/**/*gcc*: 5 things, 31.2 MB together

    /usr/lib/gcc  directory, 30.0 MB in 1 file
      packages    cpp 30.0 MB
      brought by  Dockerfile:2  RUN apt-get install -y build-essential

    /usr/bin/x86_64-linux-gnu-gcc-12  file, 1.1 MB
      package     gcc 12.2.0-14 (deb), 1.1 MB in 3 files
      pulled in   build-essential → gcc
      brought by  Dockerfile:2  RUN apt-get install -y build-essential
      removing it frees 31.5 MB (5 packages); build-essential cannot be without it
      fix         leave build-essential out, or install it in an earlier stage and
                  copy only what runs

        1.1 MB  /usr/bin/gcc (gcc 12.2.0-14)  Dockerfile:2
        1.1 MB  /usr/bin/gcc-12 (gcc 12.2.0-14)  Dockerfile:2
      125.0 kB  /usr/lib/libgcc_s.so.1 (libgcc1 12.2.0-14)  Dockerfile:2
    --- stderr
    ");
}

#[test]
fn what_is_not_there_is_named_with_what_is_called_nearly_so() {
    insta::assert_snapshot!(why("make gnupg /usr/bin/gc build-esential").screen(), @"
    exit: 2
    --- stdout
    /usr/bin/make  file, 250.0 kB
      package     make 12.2.0-14 (deb), 250.0 kB in 1 file
      pulled in   build-essential → make
      brought by  Dockerfile:2  RUN apt-get install -y build-essential
      removing it frees 31.5 MB (5 packages); build-essential cannot be without it
      fix         leave build-essential out, or install it in an earlier stage and
                  copy only what runs
    --- stderr
    error: no path, tool or package in api is called `gnupg`
     hint: A word is a path from `/`, a glob such as `**/*.map`, a tool, a package or the name of a file.
    error: `/usr/bin/gc` is not in api, nor in any of its layers
     hint: Did you mean `/usr/bin/gcc`?
    error: no path, tool or package in api is called `build-esential`
     hint: Did you mean `build-essential`?
    ");
}

#[test]
fn programs_get_json() {
    let screen = why("gcc nothing --format json");
    assert_eq!(screen.code, Some(2));
    let answers: Value = serde_json::from_str(&screen.stdout).expect("JSON");
    assert_eq!(answers["schema"], "imgbudget.why/1");
    let gcc = &answers["images"][0]["answers"][0]["things"][0];
    assert_eq!(
        (&gcc["kind"], &gcc["tool"], &gcc["end"]),
        (&"link".into(), &"gcc".into(), &"/usr/bin/x86_64-linux-gnu-gcc-12".into())
    );
    assert_eq!(gcc["package"]["chain"], serde_json::json!(["build-essential", "gcc"]));
    assert_eq!(gcc["package"]["frees"]["packages"], 5);
    assert_eq!(answers["images"][0]["answers"][1]["things"], serde_json::json!([]));
}

#[test]
fn one_word_is_asked_of_the_only_image_there_is() {
    let screen = project().imgbudget("why make --archive api.tar").run();
    assert_eq!(screen.code, Some(0), "{}", screen.stderr);
    assert!(screen.stdout.starts_with("/usr/bin/make  file, 250.0 kB\n"), "{}", screen.stdout);
    let none = Project::new().imgbudget("why npm").run();
    insta::assert_snapshot!(none.screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: there is neither a budgets.toml nor a Dockerfile here
     hint: Name an image: `imgbudget why node:22`, or `imgbudget why --archive app.tar`.
    ");
}

#[test]
fn names_of_strangers_cannot_paint_the_screen() {
    let layer = Layer::new().file("app/\u{1b}[31mred\nline", 0o644, "x");
    let image = Image::new().layer_by(layer, "RUN \u{1b}[2J evil");
    let project = Project::new().file("a.tar", docker_archive(&[image]));
    let screen = project.imgbudget("why --archive a.tar /app").run();
    assert!(!screen.stdout.contains('\u{1b}'), "{}", screen.stdout);
    let named = project.imgbudget("why --archive a.tar /app/*").run();
    assert!(!named.stdout.contains('\u{1b}') && named.stdout.contains("red\u{fffd}line"), "{}", named.stdout);
}

#[test]
fn a_forbidden_tool_names_its_package_and_what_removing_it_frees() {
    let budgets = "[targets.api]\ncontext = \".\"\nforbid-tools = [\"gcc\"]\nmax-os-packages = 3\n";
    let project = Project::with(budgets)
        .file("Dockerfile", DOCKERFILE)
        .file("app/server", "")
        .file("api.tar", docker_archive(&[image()]));
    insta::assert_snapshot!(project.check("--archive api=api.tar --write json=report.json").screen(), @r#"
    exit: 1
    --- stdout
    Target     Size  Budget  Headroom
    ─────────────────────────────────
    ✗ api   55.6 MB       –         –

    ✗ api  os packages 4 over
      frees ≤
      31.5 MB  Dockerfile:2  RUN apt-get install -y build-essential
               gcc → leave out package gcc and 4 that go with it, or install it in
               an earlier stage and copy only what runs
      All fixes: 55.6 → 24.1 MB
      Needed? imgbudget allow api gcc os-packages --up-to 7 --reason "…"

    image: archive api.tar, [DIGEST]
    note: no size limit yet; max-size = "70 MB" leaves 25 % to grow

    ✗ api 55.6 MB, os packages 4 over
    --- stderr
    "#);
    let report = project.report("report.json");
    let target = &report["targets"][0];
    let finding = target["findings"].as_array().expect("a list").iter().find(|it| it["rule"] == "forbidden-tool");
    let package = &finding.expect("it is found")["packages"][0];
    assert_eq!((&package["name"], &package["goes"]), (&"gcc".into(), &5.into()));
    let brought = target["layers"][1]["size"].as_u64().expect("a size");
    let frees = target["causes"][0]["frees"].as_u64().expect("something goes");
    assert!((31_000_000..=brought).contains(&frees), "{frees} of {brought}");
    let packages = target["rules"].as_array().expect("a list").iter().find(|it| it["rule"] == "os-packages");
    assert_eq!(packages.expect("it is judged")["actual"], 7);
}

#[test]
fn a_database_that_cannot_be_read_is_not_one_without_packages() {
    let status = "Package: bash\nStatus: install ok installed\nVersion: 5\n\nPackage";
    let image = Image::new().layer(Layer::new().file("var/lib/dpkg/status", 0o644, status));
    let project = Project::with("[targets.api]\narchive = \"a.tar\"\nmax-os-packages = 3\n")
        .file("a.tar", docker_archive(&[image]));
    insta::assert_snapshot!(project.check("").screen(), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api   62 B       –         –

    ✗ api: os-packages could not be judged: /var/lib/dpkg/status is cut short in the
      record that begins in line 5
      hint: What cannot be read cannot be counted: the image needs a whole database,
            or no `max-os-packages`.

    image: archive a.tar, [DIGEST]
    not judged: os-packages: /var/lib/dpkg/status is cut short in the record that
                begins in line 5

    ✗ api could not be measured
    --- stderr
    ");
}
