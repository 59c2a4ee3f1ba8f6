//! What of each target changed since a commit, and what `--changed-since` leaves out for it.

use serde_json::{Value, json};

use super::{API, BUDGETS, Repository, report};

/// The targets that are left out as unchanged since `main`.
fn left_out(repository: &Repository) -> String {
    left_out_since(repository, "main")
}

fn left_out_since(repository: &Repository, reference: &str) -> String {
    let screen = repository.check(&["--changed-since", reference]);
    assert_eq!(screen.code, Some(0), "{}", screen.screen());
    let report = report(&screen);
    let names = |value: &Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    let left_out = names(&report["left_out"]["targets"]);
    let checked: Vec<&str> =
        report["targets"].as_array().unwrap().iter().map(|target| target["name"].as_str().unwrap()).collect();
    // Nothing is lost between the two.
    let mut all: Vec<&str> = left_out.iter().map(String::as_str).chain(checked).collect();
    all.sort_unstable();
    assert_eq!(all, ["api", "web"]);
    assert_eq!(report["baseline"]["not_in_run"], json!([]));
    left_out.join(" ")
}

/// What is left out after one file was written, on a branch of its own.
fn after(path: &str, text: &str) -> String {
    let repository = Repository::new();
    repository.branch("feature");
    repository.write(path, text);
    let uncommitted = left_out(&repository);
    repository.commit("one file");
    assert_eq!(left_out(&repository), uncommitted, "{path}: committed or not, it is the same");
    uncommitted
}

#[test]
fn what_a_build_reads_changes_its_target() {
    for (path, text, expected) in [
        ("README.md", "# more\n", "api web"),
        ("services/other/x", "new\n", "api web"),
        ("services/api/main.go", "package other\n", "web"),
        ("services/api/new/file.go", "new\n", "web"),
        ("go.mod", "module other\n", "web"),
        ("services/web/index.html", "<html lang>\n", "api"),
        ("services/web/new.html", "new\n", "api"),
        // .dockerignore keeps it out.
        ("services/web/docs/read.me", "other words\n", "api web"),
        ("services/web/docs/new/read.me", "other words\n", "api web"),
        ("services/web/.dockerignore", "docs\nindex.html\n", "api"),
        (".dockerignore", "go.mod\n", "web"),
        ("services/api/Dockerfile.dockerignore", "go.mod\n", "web"),
    ] {
        assert_eq!(after(path, text), expected, "{path}");
    }
}

#[test]
fn the_text_of_needed_stages_changes_a_target() {
    let with = |from: &str, to: &str| {
        assert!(API.contains(from), "{from}");
        after("services/api/Dockerfile", &API.replace(from, to))
    };
    // What is copied holds the Dockerfile: it is a file of the context like others.
    assert_eq!(with("RUN make", "RUN make all"), "web");
    let repository = Repository::new();
    // One that nobody copies.
    repository.write("services/api/main.go", "package main\n");
    repository.write("build/Dockerfile", API);
    repository.write("budgets.toml", BUDGETS.replace("services/api/Dockerfile", "build/Dockerfile"));
    repository.commit("elsewhere");
    repository.branch("feature");
    for (from, to, expected) in [
        ("AS test", "AS test\n# a word", "api web"),
        ("COPY . /everything", "COPY . /elsewhere", "api web"),
        ("RUN make", "# a word\nRUN make", "api web"),
        ("RUN make", "RUN make all", "web"),
        ("BASE=registry.example.com/base:1", "BASE=registry.example.com/base:2", "web"),
        ("registry.example.com/run:1", "registry.example.com/run:2", "web"),
        ("COPY --from=build", "COPY --from=test", "web"),
    ] {
        assert!(API.contains(from), "{from}");
        repository.write("build/Dockerfile", API.replace(from, to));
        assert_eq!(left_out(&repository), expected, "{from} → {to}");
    }
}

#[test]
fn what_the_budget_file_says_changes_a_target() {
    for (from, to, expected) in [
        ("[baseline]", "# a word\n[baseline]", "api web"),
        ("[targets.web]\n", "[targets.web]\nmax-size = \"1 MB\"\n", "api web"),
        ("[targets.web]\n", "[targets.web]\nmax-size = \"2 MB\"\n", "api"),
        ("[targets.web]\n", "[targets.web]\nbuild-args = { A = \"1\" }\n", "api"),
        ("[targets.web]\n", "[targets.web]\nnetwork = \"none\"\n", "api"),
        ("target = \"production\"", "target = \"build\"", "web"),
        ("max-size = \"1 MB\"", "max-size = \"3 MB\"", ""),
        (
            "[targets.api]",
            "[[allow]]\ntargets = [\"web\"]\nrule = \"size\"\nup-to = \"2 MB\"\nreason = \"x\"\n[targets.api]",
            "api",
        ),
    ] {
        assert!(BUDGETS.contains(from), "{from}");
        assert_eq!(after("budgets.toml", &BUDGETS.replace(from, to)), expected, "{to}");
    }
    let repository = Repository::new();
    repository.write("budgets.toml", BUDGETS.split("[targets.web]").next().unwrap());
    repository.commit("one target");
    repository.branch("feature");
    repository.write("budgets.toml", BUDGETS);
    assert_eq!(left_out(&repository), "api");
    // What the budgets were cannot be read: nobody knows.
    repository.git(&["checkout", "--quiet", "main"]);
    repository.write("budgets.toml", "[targets");
    repository.commit("broken");
    repository.git(&["checkout", "--quiet", "-b", "mended"]);
    repository.write("budgets.toml", BUDGETS);
    assert_eq!(left_out(&repository), "");
}

#[test]
fn included_files_are_read_as_they_were() {
    let repository = Repository::new();
    let (root, web) = BUDGETS.split_once("[targets.web]\n").unwrap();
    let web = web.replace("services/web", ".");
    repository.write("budgets.toml", format!("include = [\"services/*/budgets.toml\"]\n{root}"));
    repository.write("services/web/budgets.toml", format!("[targets.web]\n{web}"));
    repository.commit("in two files");
    repository.branch("feature");
    assert_eq!(left_out(&repository), "api web");
    repository.write("services/web/budgets.toml", format!("[targets.web]\nmax-layers = 9\n{web}"));
    assert_eq!(left_out(&repository), "api");
}

#[test]
fn what_git_does_not_keep_is_never_unchanged() {
    let repository = Repository::new();
    repository.write("services/web/node_modules/x/index.js", "x");
    assert_eq!(left_out(&repository), "api");
    repository.write("services/web/.dockerignore", "docs\nnode_modules\n");
    repository.commit("keep them out");
    assert_eq!(left_out(&repository), "api web");
    let inner = repository.path().join("services/web/lib");
    std::fs::create_dir(&inner).unwrap();
    super::git(&inner, &["init", "--quiet"]);
    super::git(&inner, &["commit", "--quiet", "--allow-empty", "-m", "inner"]);
    repository.git(&["add", "services/web/lib"]);
    repository.git(&["commit", "--quiet", "-m", "a repository in the repository"]);
    assert_eq!(left_out(&repository), "api");
}

/// What is left out after `change` of a repository whose `web` is built of `dockerfile`, with links of these names and what they hold.
fn after_with_links(dockerfile: &str, links: &[(&str, &str)], change: impl Fn(&Repository)) -> String {
    let repository = Repository::new();
    repository.write("services/web/Dockerfile", dockerfile);
    for path in ["services/web/data/v1/a", "services/web/data/v2/a", "services/web/ignored.txt"] {
        repository.write(path, "docs\n");
    }
    for (link, to) in links {
        repository.link(link, to);
    }
    repository.commit("links");
    repository.branch("feature");
    assert_eq!(left_out(&repository), "api web", "nothing changed yet");
    change(&repository);
    left_out(&repository)
}

#[test]
fn a_link_to_what_is_copied_is_followed() {
    let assets = [("services/web/assets", "data/v1"), ("services/web/l", "data")];
    for (line, expected) in [
        ("COPY assets /assets", "api"),
        ("COPY l/v1 /assets", "api"),
        ("COPY index.html l/v1/a /assets", "api"),
        ("RUN --mount=type=bind,source=assets,target=/m make", "api"),
        ("COPY index.html /", "api web"),
    ] {
        let dockerfile = format!("FROM registry.example.com/web:1\n{line}\n");
        let added = |repository: &Repository| repository.write("services/web/data/v1/new", "new\n");
        assert_eq!(after_with_links(&dockerfile, &assets, added), expected, "{line}");
    }
}

#[test]
fn every_link_of_a_chain_counts() {
    let small = "FROM registry.example.com/web:1\nCOPY index.html /\n";
    let relink = |link: &'static str, to: &'static str| {
        move |repository: &Repository| {
            std::fs::remove_file(repository.path().join(link)).unwrap();
            repository.link(link, to);
        }
    };
    // The ignore file.
    let links = [("services/web/.dockerignore", "middle"), ("services/web/middle", "ignored.txt")];
    let said = |change: &dyn Fn(&Repository)| {
        let repository = Repository::new();
        std::fs::remove_file(repository.path().join("services/web/.dockerignore")).unwrap();
        repository.write("services/web/Dockerfile", small);
        repository.write("services/web/ignored.txt", "docs\n");
        repository.write("services/web/other.txt", "docs\nindex.html\n");
        for (link, to) in links {
            repository.link(link, to);
        }
        repository.commit("links");
        repository.branch("feature");
        assert_eq!(left_out(&repository), "api web", "nothing changed yet");
        change(&repository);
        left_out(&repository)
    };
    assert_eq!(said(&|repository| repository.write("services/web/ignored.txt", "index.html\n")), "api");
    assert_eq!(said(&relink("services/web/middle", "other.txt")), "api");
    // The context and the Dockerfile.
    let said = |change: &dyn Fn(&Repository)| {
        let repository = Repository::new();
        repository.write("k/v1/Dockerfile.small", small);
        repository.write("k/v2/Dockerfile.small", small);
        repository.write("k/v2/Dockerfile.large", small.replace("index.html", "."));
        for path in ["k/v1/index.html", "k/v2/index.html"] {
            repository.write(path, "words\n");
        }
        for (link, to) in [
            ("c", "k/cur"),
            ("k/cur", "v1"),
            ("k/v1/Dockerfile", "middle"),
            ("k/v1/middle", "Dockerfile.small"),
            ("k/v2/Dockerfile", "Dockerfile.small"),
        ] {
            repository.link(link, to);
        }
        repository.write("budgets.toml", BUDGETS.replace("\"services/web\"", "\"c\""));
        repository.commit("links");
        repository.branch("feature");
        assert_eq!(left_out(&repository), "api web", "nothing changed yet");
        change(&repository);
        left_out(&repository)
    };
    assert_eq!(said(&relink("k/cur", "v2")), "api");
    assert_eq!(said(&relink("k/v1/middle", "../v2/Dockerfile.large")), "api");
    assert_eq!(said(&|repository| repository.write("k/v1/index.html", "more\n")), "api");
    assert_eq!(said(&|repository| repository.write("k/v2/index.html", "more\n")), "api web");
}

#[test]
fn what_the_budget_file_calls_the_image_changes_a_target() {
    let image = "context = \"services/web\"\nimage = \"registry.example.com/web:1\"\n";
    let archive = "context = \"services/web\"\narchive = \"out/web.tar\"\n";
    for (first, from, to, expected) in [
        (image, "web:1", "web:1", "api web"),
        (image, "web:1", "web:2", "api"),
        (image, "image = ", "from = \"registry\"\nimage = ", "api"),
        (archive, "web.tar", "web.tar", "api web"),
        (archive, "web.tar", "other.tar", "api"),
        (archive, "archive = ", "archive-image = \"shop/x:1\"\narchive = ", "api"),
        (archive, "archive = ", "layout = ", "api"),
    ] {
        let repository = Repository::new();
        let budgets = BUDGETS.replace("context = \"services/web\"\n", first);
        repository.write("budgets.toml", &budgets);
        repository.commit("elsewhere");
        repository.branch("feature");
        assert!(budgets.contains(from));
        repository.write("budgets.toml", budgets.replace(from, to));
        assert_eq!(left_out(&repository), expected, "{from} → {to}");
    }
}

#[test]
fn a_build_argument_of_the_environment_is_never_unchanged() {
    for (value, expected) in [("\"small\"", "api web"), ("{ env = \"WHAT\" }", "api")] {
        let repository = Repository::new();
        repository.write("budgets.toml", format!("{BUDGETS}build-args = {{ WHAT = {value} }}\n"));
        repository.commit("an argument");
        repository.branch("feature");
        // Set or not: what it was then is not known.
        assert_eq!(left_out(&repository), expected, "{value}");
    }
}

#[test]
fn what_may_build_the_image_elsewhere_is_never_passed_over() {
    for (path, expected) in [
        ("docker-bake.hcl", ""),
        ("services/compose.prod.yaml", ""),
        ("Makefile", ""),
        (".github/workflows/release.yml", ""),
        (".gitlab-ci.yml", ""),
        (".github-notes", "api web"),
        ("services/notes.yaml", "api web"),
    ] {
        assert_eq!(after(path, "new\n"), expected, "{path}");
    }
}

#[test]
fn a_budget_file_that_became_a_link_is_compared_with_what_it_was() {
    let repository = Repository::new();
    repository.write("other.toml", BUDGETS.replace("[targets.web]\n", "[targets.web]\nmax-size = \"2 MB\"\n"));
    repository.write("same.toml", BUDGETS);
    repository.commit("others");
    repository.branch("feature");
    let relink = |to: &str| {
        std::fs::remove_file(repository.path().join("budgets.toml")).unwrap();
        repository.link("budgets.toml", to);
    };
    relink("other.toml");
    assert_eq!(left_out(&repository), "api");
    repository.write("new.toml", repository.read("other.toml"));
    relink("new.toml");
    assert_eq!(left_out(&repository), "api");
    relink("same.toml");
    assert_eq!(left_out(&repository), "api web");
    // One that was a link already is followed as it led then.
    repository.commit("a link");
    repository.git(&["checkout", "--quiet", "-b", "next"]);
    relink("other.toml");
    assert_eq!(left_out_since(&repository, "feature"), "api");
    relink("same.toml");
    assert_eq!(left_out_since(&repository, "feature"), "api web");
}

#[test]
fn what_main_did_since_was_not_done_here() {
    let repository = Repository::new();
    repository.branch("feature");
    repository.write("services/api/main.go", "package feature\n");
    repository.commit("api");
    repository.git(&["checkout", "--quiet", "main"]);
    repository.write("services/web/index.html", "<html lang>\n");
    repository.commit("web");
    repository.git(&["checkout", "--quiet", "feature"]);
    assert_eq!(left_out(&repository), "web");
    assert_eq!(left_out_since(&repository, "auto"), "web");
    assert_eq!(left_out_since(&repository, "HEAD"), "api web");
}

#[test]
fn a_target_stands_on_the_image_of_another() {
    let repository = Repository::new();
    let base = "\n[targets.base]\ncontext = \"base\"\n";
    repository.write("budgets.toml", format!("{BUDGETS}{base}"));
    repository.write("base/Dockerfile", "FROM scratch\nCOPY rootfs /\n");
    repository.write("base/rootfs/a", "a");
    repository.commit("a base");
    repository.branch("feature");
    repository.write("base/rootfs/a", "b");
    let args = ["--changed-since", "main", "--image", "base=registry.example.com/web:1", "--from", "engine"];
    let screen = repository.check(&args);
    assert_eq!(report(&screen)["left_out"]["targets"], json!(["api"]), "{}", screen.stderr);
}

#[test]
fn nothing_to_check_is_said() {
    let repository = Repository::new();
    let run = repository.run_in(repository.path(), &["check", "--changed-since", "main"]).run();
    insta::assert_snapshot!(run.screen(), @"
    exit: 0
    --- stdout
    baseline: budgets.lock

    ✓ nothing to check: 2 unchanged since main
    --- stderr
    ");
    let run =
        |format| repository.run_in(repository.path(), &["check", "--changed-since", "main", "--format", format]).run();
    let comment = run("markdown").stdout;
    assert!(comment.contains("nothing to check: 2 targets unchanged"), "{comment}");
    assert!(comment.contains("2 unchanged since `main`, not checked"), "{comment}");
    for format in ["json", "junit", "sarif", "html", "gitlab-code-quality"] {
        let screen = run(format);
        assert!(screen.code == Some(0) || screen.stderr.contains("invalid value"), "{format}: {}", screen.screen());
    }
    // Beside what is checked, it is a line.
    repository.write("services/api/main.go", "package other\n");
    let table = repository.run_in(repository.path(), &["check", "--changed-since", "main"]).run().stdout;
    assert!(table.contains("not checked: 1 unchanged since main\n"), "{table}");
}

#[test]
fn a_wrong_commit_stops_the_run() {
    let repository = Repository::new();
    let said = |args: &[&str]| {
        let screen = repository.check(args);
        assert_eq!((screen.code, screen.stdout.as_str()), (Some(2), ""), "{args:?}");
        screen.stderr
    };
    insta::assert_snapshot!(said(&["--changed-since", "mian"]), @"
    error: --changed-since: this repository has no `mian`
     hint: Did you mean `main`? `git fetch` brings what only the remote has.
    ");
    assert!(said(&["--changed-since=--output=x"]).contains("`--output=x` is not the name of a commit"));
    insta::assert_snapshot!(said(&["--changed-since", "a..b"]), @"
    error: --changed-since: `a..b` is not the name of a commit
     hint: Give a branch, a tag or a commit: --changed-since origin/main
    ");
    repository.commit("second");
    let shallow = repository.clone_with(&["--depth", "1"]);
    let screen = repository.run_in(shallow.path(), &["check", "--changed-since", "HEAD~1"]).run();
    insta::assert_snapshot!(screen.stderr, @"
    error: --changed-since HEAD~1: this clone is shallow and does not have it; run `git fetch --unshallow`
     hint: Leave it out to check every target.
    ");
    assert_eq!(screen.code, Some(2));
    std::fs::remove_dir_all(repository.path().join(".git")).unwrap();
    insta::assert_snapshot!(said(&["--changed-since", "main"]), @"
    error: --changed-since main: this is not a git repository, or git is not installed
     hint: Leave it out to check every target.
    ");
}
