//! What is wrong with targets.

use super::super::{good, screen};

#[test]
fn from_is_about_images_that_have_a_name() {
    insta::assert_snapshot!(screen(&[("budgets.toml", r#"
[targets.word]
image = "acme/a"
from = "docker"
[targets.host]
image = "acme/b"
from = "registry.example.com"
[targets.kind]
image = "acme/c"
from = ["engine"]
[targets.built]
context = "."
from = "engine"
[targets.saved]
archive = "a.tar"
from = "registry"
[defaults]
from = "registry"
"#)]), @r#"
    error: images cannot come from `docker`
     --> budgets.toml:4:8
      |
    4 | from = "docker"
      |        ^^^^^^^^
      |
      = hint: Did you mean "engine"?

    error: images cannot come from `registry.example.com`
     --> budgets.toml:7:8
      |
    7 | from = "registry.example.com"
      |        ^^^^^^^^^^^^^^^^^^^^^^
      |
      = hint: Write from = "registry"; the host stands in `image`, as in "registry.example.com/acme/worker:main".

    error: `from` wants a string, not a list
      --> budgets.toml:10:8
       |
    10 | from = ["engine"]
       |        ^^^^^^^^^^
       |
       = hint: Write from = "…".

    error: `from` is for targets with `image`, and `built` comes from `context`
      --> budgets.toml:13:1
       |
    13 | from = "engine"
       | ^^^^
       |
       = hint: Take it out; for an image that is built elsewhere, write --image NAME=REF --from WHERE on the command line.

    error: `from` is for targets with `image`, and `saved` comes from `archive`
      --> budgets.toml:16:1
       |
    16 | from = "registry"
       | ^^^^
       |
       = hint: Take it out: a file is read where it lies. Beside `base` it says where that image is looked for.

    error: unknown key `from` in [defaults]
      --> budgets.toml:18:1
       |
    18 | from = "registry"
       | ^^^^
       |
       = hint: `from` belongs in a target, such as [targets.api].

    6 problems in budgets.toml
    "#);
}

#[test]
fn a_target_has_one_source() {
    insta::assert_snapshot!(screen(&[("budgets.toml", r#"
[targets.two]
archive = "two.tar"
image = "acme/two"
[targets.none]
max-size = "1 MB"
[targets.built]
dockerfile = "Dockerfile.prod"
[targets.measured]
image = "acme/worker"
network = "host"
archive-image = "acme/x"
[targets."a b"]
image = "Upper"
"#)]), @r#"
    error: the target `two` has two sources, `archive` and `image`
     --> budgets.toml:4:1
      |
    4 | image = "acme/two"
      | ^^^^^
      |
      = hint: Keep one; --image NAME=REF replaces it for a single run.

    error: the target `none` has no source
     --> budgets.toml:5:10
      |
    5 | [targets.none]
      |          ^^^^
      |
      = hint: Say where its image comes from: `context` to build it, or `image`, `archive` or `layout` to measure one that exists.

    error: the target `built` has no source
     --> budgets.toml:7:10
      |
    7 | [targets.built]
      |          ^^^^^
      |
      = hint: Add the directory to build in: context = ".".

    error: `network` is for targets that are built, and `measured` comes from `image`
      --> budgets.toml:11:1
       |
    11 | network = "host"
       | ^^^^^^^
       |
       = hint: Take it out, or take `image` out to build it here.

    error: `archive-image` is for archives and layouts, and `measured` comes from `image`
      --> budgets.toml:12:1
       |
    12 | archive-image = "acme/x"
       | ^^^^^^^^^^^^^
       |
       = hint: Take it out, or name the file with `archive`.

    error: `a b` cannot name a target: names have 1 to 64 of A-Z a-z 0-9 . _ -
      --> budgets.toml:13:10
       |
    13 | [targets."a b"]
       |          ^^^^^
       |
       = hint: This name is what people, reports and file names see.

    error: `Upper` is not an image reference: a repository has lower-case letters, digits, and `.`, `_`, `-`, `/` between them
      --> budgets.toml:14:9
       |
    14 | image = "Upper"
       |         ^^^^^^^
       |
       = hint: Write it as registry/repository:tag, such as "registry.example.com/acme/worker:main".

    7 problems in budgets.toml
    "#);
}

#[test]
fn what_explains_an_image_stands_beside_it_and_nothing_else_does() {
    let budgets = good(
        "[targets.api]\nimage = \"acme/api:1\"\ncontext = \"services/api\"\ntarget = \"run\"\n\
         [targets.web]\nlayout = \"dist/web\"\ndockerfile = \"web/Dockerfile\"\n\
         [targets.job]\narchive = \"job.tar\"\nbase = \"node:20\"\nfrom = \"engine\"\n",
    );
    let [api, web, job] = budgets.targets.as_slice() else { panic!("three") };
    assert!(api.build.as_ref().unwrap().dockerfile.ends_with("services/api/Dockerfile"));
    assert!(web.build.as_ref().unwrap().dockerfile.ends_with("web/Dockerfile"));
    assert_eq!(job.base.as_ref().unwrap().place.line, 10);
    insta::assert_snapshot!(screen(&[("budgets.toml", r#"
[targets.built]
context = "."
base = "node:20"
[targets.saved]
archive = "saved.tar"
from = "registry"
[targets.wrong]
image = "acme/wrong"
base = "./node"
base-images = "x"
"#)]), @r#"
    error: `base` is for images built elsewhere, and `built` is built here
     --> budgets.toml:4:1
      |
    4 | base = "node:20"
      | ^^^^
      |
      = hint: Take it out: the FROM of its Dockerfile says what it stands on.

    error: `from` is for targets with `image`, and `saved` comes from `archive`
     --> budgets.toml:7:1
      |
    7 | from = "registry"
      | ^^^^
      |
      = hint: Take it out: a file is read where it lies. Beside `base` it says where that image is looked for.

    error: `./node` looks like a path, not an image
      --> budgets.toml:10:8
       |
    10 | base = "./node"
       |        ^^^^^^^^
       |
       = hint: Write `context` for a folder to build, `archive` for a file that was saved, or `layout` for an OCI layout.

    error: unknown key `base-images` in [targets.wrong]
      --> budgets.toml:11:1
       |
    11 | base-images = "x"
       | ^^^^^^^^^^^
       |
       = hint: `imgbudget schema budgets` describes every key.

    4 problems in budgets.toml
    "#);
}
