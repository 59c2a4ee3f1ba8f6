//! Who is asked about an image: `--from`, `--offline`, and flags that contradict them.

use regex::Regex;
use serde_json::json;

use crate::support::fake_engine::{FakeEngine, Reply};
use crate::support::fake_registry::{FakeRegistry, OCI_INDEX, OCI_MANIFEST, index};
use crate::support::images::{Image, Layer, Stored};
use crate::support::project::Project;
use crate::support::run::Screen;

const BUDGETS: &str = "\
[targets.api]
image = \"127.0.0.1:1/acme/api:1\"
max-size = \"1 kB\"

[targets.web]
context = \"web\"
max-size = \"1 kB\"
";

#[test]
fn flags_that_contradict_each_other() {
    let project = Project::with(BUDGETS);
    insta::assert_snapshot!(project.check("api --offline --from registry").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: --from registry and --offline contradict each other
     hint: Leave out --offline; or save the image to a file elsewhere, and give that to --archive.
    ");
    insta::assert_snapshot!(project.check("api --offline --comment auto").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: --comment and --offline contradict each other
     hint: Write --write json=FILE here, and run `imgbudget comment --report FILE` where there is a network.
    ");
    insta::assert_snapshot!(project.check("api --offline --pull").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: the argument '--offline' cannot be used with '--pull'

    Usage: imgbudget check --offline <TARGET>...

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(project.check("web --from registry").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: --from is for targets with an image reference, and no target here has one
     hint: Name the image that was built elsewhere: --image NAME=REF.
    ");
    insta::assert_snapshot!(project.imgbudget("update api --offline --from registry").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: --from registry and --offline contradict each other
     hint: Leave out --offline; or save the image to a file elsewhere, and give that to --archive.
    ");
}

#[test]
fn values_that_are_none() {
    let project = Project::with(BUDGETS);
    insta::assert_snapshot!(project.check("--plain-http http://registry.example.com").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: invalid value 'http://registry.example.com' for '--plain-http <HOST[:PORT]>': `http://registry.example.com` is not a registry; write HOST or HOST:PORT, such as registry.example.com:5000

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(project.check("--plain-http registry").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: invalid value 'registry' for '--plain-http <HOST[:PORT]>': `registry` is not a registry; write HOST or HOST:PORT, such as registry.example.com:5000

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(project.check("--from docker").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: invalid value 'docker' for '--from <WHERE>'
      [possible values: auto, engine, registry]

    For more information, try '--help'.
    ");
    let project = project.file("empty.pem", "not a certificate");
    insta::assert_snapshot!(project.check("api --ca-file nowhere.pem").screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: --ca-file: cannot read `nowhere.pem`: No such file or directory (os error 2)
     hint: Name the file of your certificate authority, in PEM: it has lines BEGIN CERTIFICATE.
    ");
    insta::assert_snapshot!(project.check("api --ca-file empty.pem").screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: --ca-file: there is no certificate in `empty.pem`
     hint: Name the file of your certificate authority, in PEM: it has lines BEGIN CERTIFICATE.
    ");
    insta::assert_snapshot!(project.imgbudget("check api").env("IMGBUDGET_READ", "fast").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: IMGBUDGET_READ is `fast`, which is not a way to read
     hint: Set it to one of auto, metadata, save, or unset it.
    ");
}

#[test]
fn a_comment_that_is_switched_off_contradicts_nothing() {
    let engine = FakeEngine::new(|_| Reply::Missing);
    let project = Project::with(BUDGETS);
    let run = project.imgbudget("check api --offline --comment never").env("DOCKER_HOST", engine.host());
    let screen = run.run();
    assert!(!screen.stderr.contains("contradict"), "{}", screen.screen());
    assert!(!engine.requests().is_empty(), "the engine is asked");
}

/// A layer of so many bytes, packed as registries have it.
fn image(size: usize) -> Image {
    Image::new().stored(Stored::Gzip).layer(Layer::new().zeros("app", 0o755, size)).named("acme/api:1")
}

/// A screen without the port, which changes from run to run.
fn screen(screen: &Screen) -> String {
    Regex::new(r"127\.0\.0\.1:\d+").expect("valid").replace_all(&screen.screen(), "127.0.0.1:PORT").into_owned()
}

/// A budget for the image of a registry, with these lines beside it.
fn budgets(registry: &FakeRegistry, lines: &str) -> Project {
    let image = format!("image = \"{}/acme/api:1\"", registry.name());
    Project::with(&format!("[targets.api]\n{image}\n{lines}\nmax-size = \"4 kB\"\n"))
}

#[test]
fn a_registry_is_asked_and_no_engine() {
    let (registry, engine) = (FakeRegistry::start(), FakeEngine::new(|_| Reply::Missing));
    registry.push("acme/api", "1", &image(5000));
    for (lines, args) in [("from = \"registry\"", "check"), ("from = \"engine\"", "check --from registry")] {
        let project = budgets(&registry, lines);
        let seen = project.imgbudget(args).env("DOCKER_HOST", engine.host()).run();
        insta::allow_duplicates! {
            insta::assert_snapshot!(screen(&seen), @r#"
            exit: 1
            --- stdout
            Target    Size  Budget     Headroom
            ───────────────────────────────────
            ✗ api   5.0 kB  4.0 kB  1.0 kB over

            ✗ api  size 1.0 kB over
              largest
               5.0 kB  layer 1 of 1  COPY 0 /
                       → copy only what runs
              Needed? imgbudget allow api size --up-to 5kB --reason "…"

            image: 127.0.0.1:PORT/acme/api:1 from its registry, [DIGEST]
            read: 1 layer from a registry; 133 B in [TIME]

            ✗ api 5.0 kB, 1.0 kB over
            --- stderr
            "#);
        }
    }
    assert_eq!(engine.requests(), Vec::<String>::new());
}

#[test]
fn an_engine_that_is_configured_and_fails_is_an_error() {
    let registry = FakeRegistry::start();
    registry.push("acme/api", "1", &image(5000));
    insta::assert_snapshot!(screen(&budgets(&registry, "").check("")), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api      –       –         –

    ✗ api: no Docker or Podman engine answers
      | unix://[HOME]/no-engine.sock (DOCKER_HOST): there is no such socket
      hint: Start the engine that DOCKER_HOST names, or unset DOCKER_HOST. Or ask
            the registry: --from registry.

    ✗ api could not be measured
    --- stderr
    ");
    assert_eq!(registry.requests(), Vec::<String>::new(), "nobody is asked in its place");
}

#[test]
fn offline_asks_no_registry_and_the_other_targets_are_measured() {
    let registry = FakeRegistry::start();
    registry.push("acme/api", "1", &image(5000));
    let saved = crate::support::images::docker_archive(&[image(3000)]);
    let project = budgets(&registry, "from = \"registry\"").file("web.tar", saved);
    let budgets = project.read("budgets.toml") + "[targets.web]\narchive = \"web.tar\"\nmax-size = \"4 kB\"\n";
    let project = project.file("budgets.toml", budgets);
    insta::assert_snapshot!(screen(&project.check("--offline")), @"
    exit: 2
    --- stdout
    Target    Size  Budget  Headroom
    ────────────────────────────────
    ✗ api        –       –         –
    ✓ web   3.0 kB  4.0 kB    1.0 kB

    ✗ api: no registry can be asked about 127.0.0.1:PORT/acme/api:1: --offline is
      given
      hint: Leave out --offline, or look for it in the engine: --from engine.

    image: web: archive web.tar, [DIGEST]

    ✗ 1 of 2 could not be measured: api
    --- stderr
    ");
    assert_eq!(registry.requests(), Vec::<String>::new());
}

#[test]
fn several_platforms_of_one_reference_are_judged_in_one_run() {
    let registry = FakeRegistry::start();
    let platforms = [("amd64", image(3000)), ("arm64", image(5000).platform("linux/arm64"))];
    let entries = platforms.map(|(architecture, image)| {
        let (size, digest) = (image.manifest().len(), registry.push("acme/api", architecture, &image));
        let platform = json!({ "os": "linux", "architecture": architecture });
        json!({ "mediaType": OCI_MANIFEST, "digest": digest, "size": size, "platform": platform })
    });
    registry.push_manifest("acme/api", "1", OCI_INDEX, index(&entries));
    let in_file = budgets(&registry, "from = \"registry\"\nplatforms = [\"linux/amd64\", \"linux/arm64\"]").check("");
    let typed = budgets(&registry, "from = \"registry\"\n").check("--platform linux/amd64 --platform linux/arm64");
    insta::allow_duplicates! {
        for seen in [in_file, typed] {
            insta::assert_snapshot!(screen(&seen), @r#"
            exit: 1
            --- stdout
            Target  Platform       Size  Budget     Headroom
            ────────────────────────────────────────────────
            ✓ api   linux/amd64  3.0 kB  4.0 kB       1.0 kB
            ✗ api   linux/arm64  5.0 kB  4.0 kB  1.0 kB over

            ✗ api (linux/arm64)  size 1.0 kB over
              largest
               5.0 kB  layer 1 of 1  COPY 0 /
                       → copy only what runs
              Needed? imgbudget allow api size --up-to 5kB --reason "…"

            image: 127.0.0.1:PORT/acme/api:1 from its registry, [DIGEST]
            read: 2 layers from a registry; 245 B, at most [TIME] a target

            ✗ 1 of 2 images over: api (linux/arm64) 5.0 kB, 1.0 kB over
            --- stderr
            "#);
        }
    }
}

#[test]
fn a_digest_has_to_be_the_one_that_was_pushed() {
    let registry = FakeRegistry::start();
    let digest = registry.push("acme/api", "1", &image(3000));
    let pinned = |digest: &str| format!("check --image api={}/acme/api@{digest} --from registry", registry.name());
    let project = budgets(&registry, "");
    assert_eq!(project.imgbudget(&pinned(&digest)).run().code, Some(0));
    let other = format!("sha256:{}", "ab".repeat(32));
    let seen = project.imgbudget(&pinned(&other)).run();
    assert_eq!(seen.code, Some(2), "{}", screen(&seen));
}
