//! Groups of paths: caches, repositories, secrets.

use crate::support::images::{Image, Layer, docker_archive};
use crate::support::project::Project;

const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHunter2Hunter2\n-----END PRIVATE KEY-----\n";

fn image() -> Image {
    let copied = Layer::new()
        .file("app/.git/objects/pack", 0o644, "a".repeat(3000))
        .file("app/vendor/.git", 0o644, "gitdir: ../../.git\n")
        .file("app/tls/server.key", 0o600, KEY)
        .file("app/tls/server.pub", 0o644, "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n")
        .file("app/.env.example", 0o644, "TOKEN=hunter2\n")
        .file("root/.ssh/id_ed25519", 0o600, KEY.replace("Hunter2Hunter2", "Swordfish12345"));
    let ran = Layer::new()
        .file("root/.npm/_cacache/content-v2/a", 0o644, "b".repeat(2000))
        .file("var/lib/apt/lists/lock", 0o640, "")
        .whiteout("root/.ssh/id_ed25519");
    Image::new()
        .layer_by(copied, "COPY . / # buildkit")
        .layer_by(ran, "RUN /bin/sh -c npm ci && rm /root/.ssh/id_ed25519 # buildkit")
        .named("acme/app:1")
}

#[test]
fn a_group_finds_what_it_says_and_shows_no_secret() {
    let project = Project::new().file("app.tar", docker_archive(&[image()]));
    let run =
        project.check("--archive app.tar --forbid-paths @caches,@vcs,@secrets,@core-dumps --write json=report.json");
    insta::assert_snapshot!(run.screen(), @r#"
    exit: 1
    --- stdout
    Target    Size  Budget  Headroom
    ────────────────────────────────
    ✗ app   5.3 kB       –         –

    ✗ app  4 forbidden paths
      frees ≤
       3.1 kB  layer 1 of 2  COPY . /
               /app/tls/server.key, /root/.ssh/id_ed25519, deleted later, /app/.git
               → add .git to .dockerignore, or leave it out of the COPY
       2.0 kB  layer 2 of 2  RUN npm ci && rm /root/.ssh/id_ed25519
               /root/.npm/_cacache → RUN --mount=type=cache,target=/root/.npm
      All fixes: 5.3 kB → 192 B
      Needed? imgbudget allow app /app/.git /app/tls/server.key \
                /root/.ssh/id_ed25519 --reason "…"
              imgbudget allow app /root/.npm/_cacache --reason "…"

    image: archive app.tar, [DIGEST]

    ✗ app 5.3 kB, 4 forbidden paths
    --- stderr
    "#);
    let written = project.read("report.json");
    for secret in ["Hunter2", "Swordfish", "BEGIN PRIVATE"] {
        assert!(!written.contains(secret), "{secret}");
    }
    assert!(written.contains("/app/tls/server.key"), "{written}");
}

#[test]
fn a_second_run_says_the_same() {
    let project = Project::new().file("app.tar", docker_archive(&[image()]));
    let first = project.check("--archive app.tar --forbid-paths @secrets");
    let again = project.check("--archive app.tar --forbid-paths @secrets");
    assert_eq!((first.code, again.code), (Some(1), Some(1)), "{}{}", first.stdout, again.stderr);
    assert_eq!(first.stdout.lines().next(), again.stdout.lines().next());
}

#[test]
fn a_file_that_may_be_a_secret_and_is_too_large_to_be_read_is_not_a_pass() {
    let layer = Layer::new().zeros("app/tls/huge.pem", 0o644, 3_000_000);
    let project = Project::new().file("app.tar", docker_archive(&[Image::new().layer(layer).named("acme/app:1")]));
    insta::assert_snapshot!(project.check("--archive app.tar --forbid-paths @secrets").screen(), @"
    exit: 2
    --- stdout
    Target    Size  Budget  Headroom
    ────────────────────────────────
    ✗ app   3.0 MB       –         –

    ✗ app: forbidden-path could not be judged: /app/tls/huge.pem may be of @secrets
      and was not read: has 3.0 MB, more than the 1.0 MB that are read
      hint: Take what was not read out of the image, or allow its path with a
            reason.

    image: archive app.tar, [DIGEST]
    not judged: forbidden-path: /app/tls/huge.pem may be of @secrets and was not
                read: has 3.0 MB, more than the 1.0 MB that are read

    ✗ app could not be measured
    --- stderr
    ");
}

#[test]
fn a_group_that_there_is_not_gets_the_nearest_name() {
    let project = Project::new().file("app.tar", docker_archive(&[image()]));
    insta::assert_snapshot!(project.check("--archive app.tar --forbid-paths @cache").screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: --forbid-paths: no group of paths is called `@cache`
     hint: Did you mean `@caches`?
    ");
}
