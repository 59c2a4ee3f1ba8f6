//! Who is asked about an image: `--from`, `--offline`, and flags that contradict them.

use crate::support::fake_engine::{FakeEngine, Reply};
use crate::support::project::Project;

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
