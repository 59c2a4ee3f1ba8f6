//! The screen for each thing that can be wrong.

use super::{good, load, load_in, problems, screen, shown, warnings};

#[test]
fn missing_and_unreadable_are_two_answers() {
    let root = tempfile::tempdir().unwrap();
    let load = |name: &str| shown(load_in(root.path(), name).unwrap_err());
    insta::assert_snapshot!(load("budgets.toml"), @r#"
    error: there is no file budgets.toml
     = hint: `imgbudget init` writes a first budgets.toml; --config names one that lies elsewhere.
    "#);
    insta::assert_snapshot!(load("."), @r#"
    error: . is a directory
     = hint: Name the file itself, such as budgets.toml.
    "#);
    std::fs::write(root.path().join("latin"), b"# ok\n# caf\xe9\n").unwrap();
    insta::assert_snapshot!(load("latin"), @r#"
    error: latin is not UTF-8 text: line 2 has other bytes
     = hint: Save it as UTF-8.
    "#);
    std::fs::write(root.path().join("large"), vec![b'#'; 1024 * 1024 + 1]).unwrap();
    insta::assert_snapshot!(load("large"), @r#"
    error: large is larger than 1 MiB
     = hint: Is it the right file? Budgets of many teams can be split up with `include`.
    "#);
}

#[test]
fn every_syntax_error_is_shown() {
    insta::assert_snapshot!(screen(&[("budgets.toml", "[targets.api]\ncontext = .\nmax-size = 150 MB\nrequire-non-root = True\nplatforms = [\"a\"\n[targets.api]\n")]), @r#"
    error: not valid TOML: invalid mantissa, expected digits
     --> budgets.toml:2:11
      |
    2 | context = .
      |           ^
      |
      = hint: Strings stand in quotes, lists in [ ], tables in { } or under a [header] of their own line.

    error: `150 MB` has no quotes
     --> budgets.toml:3:12
      |
    3 | max-size = 150 MB
      |            ^^^^^^
      |
      = hint: Write "150 MB".

    error: `True` is not a value
     --> budgets.toml:4:20
      |
    4 | require-non-root = True
      |                    ^^^^
      |
      = hint: Write "True" in quotes, or true or false in lower case.

    error: not valid TOML: missing comma between array elements, expected `,`
     --> budgets.toml:6:1
      |
    6 | [targets.api]
      | ^
      |
      = hint: Strings stand in quotes, lists in [ ], tables in { } or under a [header] of their own line.

    4 problems in budgets.toml
    "#);
}

#[test]
fn unknown_keys_have_suggestions() {
    insta::assert_snapshot!(screen(&[("budgets.toml", r#"
[targets.api]
context = "."
args = { A = "b" }
maxSize = "1 MB"
secret = "x"
banana = 1
"#)]), @r#"
    error: unknown key `args` in [targets.api]
     --> budgets.toml:4:1
      |
    4 | args = { A = "b" }
      | ^^^^
      |
      = hint: Did you mean `build-args`?

    error: unknown key `maxSize` in [targets.api]
     --> budgets.toml:5:1
      |
    5 | maxSize = "1 MB"
      | ^^^^^^^
      |
      = hint: Did you mean `max-size`?

    error: unknown key `secret` in [targets.api]
     --> budgets.toml:6:1
      |
    6 | secret = "x"
      | ^^^^^^
      |
      = hint: A build is handed no secrets, ssh keys or named contexts; build that image elsewhere and name it with `image`, or with --image NAME=REF.

    error: unknown key `banana` in [targets.api]
     --> budgets.toml:7:1
      |
    7 | banana = 1
      | ^^^^^^
      |
      = hint: `imgbudget schema budgets` describes every key.

    4 problems in budgets.toml
    "#);
}

#[test]
fn problems_of_all_files_are_shown_together() {
    insta::assert_snapshot!(screen(&[
        ("budgets.toml", "include = [\"services/*/budgets.toml\"]\n[targets.api]\ncontext = \".\"\nmax-size = \"3 bananas\"\n"),
        ("services/web/budgets.toml", "[targets.web]\nmax-layers = \"12\"\n[targets.api]\nimage = \"x\"\n[defaults]\n"),
    ]), @r#"
    error: `bananas` is not a unit
     --> budgets.toml:4:12
      |
    4 | max-size = "3 bananas"
      |            ^^^^^^^^^^^
      |
      = hint: Write a size as "150 MB", "1.35 GB", "150 MiB", or as an integer of bytes.

    error: the target `web` has no source
     --> services/web/budgets.toml:1:10
      |
    1 | [targets.web]
      |          ^^^
      |
      = hint: Say where its image comes from: `context` to build it, or `image`, `archive` or `layout` to measure one that exists.

    error: `max-layers` wants a whole number, not a string
     --> services/web/budgets.toml:2:14
      |
    2 | max-layers = "12"
      |              ^^^^
      |
      = hint: Write it without quotes and without a unit, such as 12.

    error: the target `api` is declared twice
     --> services/web/budgets.toml:3:10
      |
    3 | [targets.api]
      |          ^^^
      |
      = hint: The other one is at budgets.toml:2; give one of them another name.

    error: unknown key `defaults` in an included file
     --> services/web/budgets.toml:5:2
      |
    5 | [defaults]
      |  ^^^^^^^^
      |
      = hint: `defaults` belongs at the top of the root file.

    5 problems in 2 files
    "#);
}

#[test]
fn limits_that_cannot_be() {
    insta::assert_snapshot!(screen(&[("budgets.toml", r#"
[targets.api]
context = "."
max-size = "99999999 TB"
max-layer-size = "150M"
max-own-size = -1
max-layers = { warn = 12, fail = 10 }
max-wasted = true
max-growth = { larger-of = ["5 MB", "6 MB"] }
max-compressed-size = 1.5
"#)]), @r#"
    error: `99999999 TB` is more bytes than can be counted
     --> budgets.toml:4:12
      |
    4 | max-size = "99999999 TB"
      |            ^^^^^^^^^^^^^
      |
      = hint: The largest size is 18446744073709551615 bytes (about 18 EB).

    error: `M` is not a unit: MB or MiB?
     --> budgets.toml:5:18
      |
    5 | max-layer-size = "150M"
      |                  ^^^^^^
      |
      = hint: Write MB for powers of ten or MiB for powers of two.

    error: `max-own-size` cannot be negative
     --> budgets.toml:6:16
      |
    6 | max-own-size = -1
      |                ^^
      |
      = hint: Write 0 or more.

    error: `warn` of `max-layers` is above its `fail`
     --> budgets.toml:7:23
      |
    7 | max-layers = { warn = 12, fail = 10 }
      |                       ^^
      |
      = hint: A soft limit speaks before the hard one: make `warn` the smaller, or swap them.

    error: `max-wasted` wants a limit, not `true`
     --> budgets.toml:8:14
      |
    8 | max-wasted = true
      |              ^^^^
      |
      = hint: Write the limit itself; `max-wasted = false` switches an inherited one off.

    error: `larger-of` wants one size and one percentage
     --> budgets.toml:9:28
      |
    9 | max-growth = { larger-of = ["5 MB", "6 MB"] }
      |                            ^^^^^^^^^^^^^^^^
      |
      = hint: Write { larger-of = ["5 MB", "2%"] }: one size and one percentage.

    error: `max-compressed-size` wants a size, not a number with a fraction
      --> budgets.toml:10:23
       |
    10 | max-compressed-size = 1.5
       |                       ^^^
       |
       = hint: Write a size as "150 MB", "1.35 GB", "150 MiB", or as an integer of bytes.

    7 problems in budgets.toml
    "#);
}

#[test]
fn tools_that_do_not_exist() {
    insta::assert_snapshot!(screen(&[("budgets.toml", r#"
[targets.api]
context = "."
forbid-tools = ["@build-tool", "nmp", "compilers", "/usr/bin/make", "terraform", "pip3", "gcc-12"]
"#)]), @r#"
    error: no group of tools is called `@build-tool`
     --> budgets.toml:4:17
      |
    4 | forbid-tools = ["@build-tool", "nmp", "compilers", "/usr/bin/make", "terraform", "pip3", "gcc-12"]
      |                 ^^^^^^^^^^^^^
      |
      = hint: Did you mean `@build-tools`?

    error: no tool is called `nmp`
     --> budgets.toml:4:32
      |
    4 | forbid-tools = ["@build-tool", "nmp", "compilers", "/usr/bin/make", "terraform", "pip3", "gcc-12"]
      |                                ^^^^^
      |
      = hint: Did you mean `npm`? A command that really is called `nmp` can be forbidden by its path: forbid-paths = ["**/nmp"].

    error: `compilers` is a group of tools, not a tool
     --> budgets.toml:4:39
      |
    4 | forbid-tools = ["@build-tool", "nmp", "compilers", "/usr/bin/make", "terraform", "pip3", "gcc-12"]
      |                                       ^^^^^^^^^^^
      |
      = hint: Write `@compilers`.

    error: `/usr/bin/make` is not the name of a command
     --> budgets.toml:4:52
      |
    4 | forbid-tools = ["@build-tool", "nmp", "compilers", "/usr/bin/make", "terraform", "pip3", "gcc-12"]
      |                                                    ^^^^^^^^^^^^^^^
      |
      = hint: Write the bare name of a command, such as "curl"; paths and globs go into `forbid-paths`.

    4 problems in budgets.toml
    "#);
}

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
fn a_problem_has_no_echo() {
    assert_eq!(problems("[targets.api]\ncontext = 5\n").len(), 1, "a source of the wrong type is a source");
    assert_eq!(problems("[targets.api]\nimag = \"x\"\n").len(), 1, "so is one that is misspelt");
    assert_eq!(problems("targets = 1\n").len(), 1);
    assert_eq!(problems("").len(), 1, "a file that judges nothing is an error");
}

#[test]
fn exceptions_for_the_base_image_are_about_tools_and_paths() {
    insta::assert_snapshot!(screen(&[("budgets.toml", r#"
[targets.api]
context = "."
[[allow]]
rule = "forbidden-tool"
match = ["/usr/bin/pip*"]
origin = "own"
reason = "r"
[[allow]]
rule = "size"
up-to = "1 MB"
origin = "base"
reason = "r"
"#)]), @r#"
    error: `/usr/bin/pip*` is a path, and tools go by their names
     --> budgets.toml:6:10
      |
    6 | match = ["/usr/bin/pip*"]
      |          ^^^^^^^^^^^^^^^
      |
      = hint: Write the command's name, such as `pip*`; origin = "base" is for what the base image brought.

    error: an exception is for what the base image brought, or for all
     --> budgets.toml:7:10
      |
    7 | origin = "own"
      |          ^^^^^
      |
      = hint: Write origin = "base" for what the base image brought, or leave it out.

    error: `origin` is for tools and paths, and `size` has neither
      --> budgets.toml:12:1
       |
    12 | origin = "base"
       | ^^^^^^
       |
       = hint: Take `origin` out.

    3 problems in budgets.toml
    "#);
}

#[test]
fn exceptions_say_what_and_why() {
    insta::assert_snapshot!(screen(&[("budgets.toml", r#"
[targets.api]
context = "."
[[allow]]
targets = ["apo", "web-*"]
rule = "max-size"
reason = "later"
[[allow]]
rule = "size"
[[allow]]
rule = "root-user"
reason = ""
up-to = "1 MB"
match = ["x"]
until = "2027-03-31"
[[allow]]
rule = "layers"
up-to = "1 MB"
reason = "r"
[[allow]]
rule = "forbidden-path"
match = ["/a["]
reason = "r"
until = 2027-03-31T00:00:00Z
"#)]), @r#"
    error: no target matches `apo`
     --> budgets.toml:5:12
      |
    5 | targets = ["apo", "web-*"]
      |            ^^^^^
      |
      = hint: Did you mean `api`?

    error: no target matches `web-*`
     --> budgets.toml:5:19
      |
    5 | targets = ["apo", "web-*"]
      |                   ^^^^^^^
      |
      = hint: The targets are api.

    error: no rule is called `max-size`
     --> budgets.toml:6:8
      |
    6 | rule = "max-size"
      |        ^^^^^^^^^^
      |
      = hint: Did you mean `size`?

    error: an exception from `size` without `up-to`
     --> budgets.toml:8:1
      |
    8 | [[allow]]
      | ^^^^^^^^^
      |
      = hint: Say how far it goes: up-to = "170 MB".

    error: an exception without a `reason`
     --> budgets.toml:8:1
      |
    8 | [[allow]]
      | ^^^^^^^^^
      |
      = hint: Say why in a sentence: reason = "…". Whoever meets this exception next year wants to know.

    error: `reason` is empty
      --> budgets.toml:12:10
       |
    12 | reason = ""
       |          ^^
       |
       = hint: Say something between the quotes.

    error: `up-to` is for limits, and `root-user` is not one
      --> budgets.toml:13:1
       |
    13 | up-to = "1 MB"
       | ^^^^^
       |
       = hint: Take `up-to` out.

    error: `match` is for tools and paths, and `root-user` has neither
      --> budgets.toml:14:1
       |
    14 | match = ["x"]
       | ^^^^^
       |
       = hint: Take `match` out.

    error: `until` wants a day, not a string
      --> budgets.toml:15:9
       |
    15 | until = "2027-03-31"
       |         ^^^^^^^^^^^^
       |
       = hint: Write a day without quotes and without a time: until = 2027-03-31.

    error: `up-to` wants a whole number, not a string
      --> budgets.toml:18:9
       |
    18 | up-to = "1 MB"
       |         ^^^^^^
       |
       = hint: Write it without quotes and without a unit, such as 12.

    error: `/a[` is not a glob: unclosed character class; missing ']'
      --> budgets.toml:22:10
       |
    22 | match = ["/a["]
       |          ^^^^^
       |
       = hint: `*`, `?`, `[ab]` and `{a,b}` have a meaning in globs; close what was opened.

    error: `until` wants a day
      --> budgets.toml:24:9
       |
    24 | until = 2027-03-31T00:00:00Z
       |         ^^^^^^^^^^^^^^^^^^^^
       |
       = hint: Write a day without quotes and without a time: until = 2027-03-31.

    12 problems in budgets.toml
    "#);
}

#[test]
fn includes_that_find_nothing() {
    insta::assert_snapshot!(screen(&[("budgets.toml", "include = [\"servces/*/budgets.toml\", \"a/b.toml\"]\n[targets.a]\ncontext = \".\"\n")]), @r#"
    error: `servces/*/budgets.toml` matches no file
     --> budgets.toml:1:12
      |
    1 | include = ["servces/*/budgets.toml", "a/b.toml"]
      |            ^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = hint: It is relative to this file; a pattern that finds nothing would leave its budgets unjudged, so take it out or correct it.

    error: `a/b.toml` matches no file
     --> budgets.toml:1:38
      |
    1 | include = ["servces/*/budgets.toml", "a/b.toml"]
      |                                      ^^^^^^^^^^
      |
      = hint: It is relative to this file; a pattern that finds nothing would leave its budgets unjudged, so take it out or correct it.

    2 problems in budgets.toml
    "#);
}

#[test]
fn tables_of_the_wrong_shape() {
    insta::assert_snapshot!(screen(&[("budgets.toml", "version = 2\n[[targets]]\ncontext = \".\"\n[allow]\nrule = \"size\"\n")]), @r#"
    error: a version that this imgbudget does not read
     --> budgets.toml:1:11
      |
    1 | version = 2
      |           ^
      |
      = hint: This imgbudget reads version 1; write `version = 1`, or take a newer imgbudget.

    error: `targets` wants a table, not a list
     --> budgets.toml:2:1
      |
    2 | [[targets]]
      | ^^^^^^^^^^^
      |
      = hint: Give each target its name: [targets.api], not [[targets]].

    error: `allow` wants a list of tables, not a table
     --> budgets.toml:4:1
      |
    4 | [allow]
      | ^^^^^^^
      |
      = hint: Write [[allow]], with two brackets: each table is one exception.

    error: an exception from `size` without `up-to`
     --> budgets.toml:4:1
      |
    4 | [allow]
      | ^^^^^^^
      |
      = hint: Say how far it goes: up-to = "170 MB".

    error: an exception without a `reason`
     --> budgets.toml:4:1
      |
    4 | [allow]
      | ^^^^^^^
      |
      = hint: Say why in a sentence: reason = "…". Whoever meets this exception next year wants to know.

    5 problems in budgets.toml
    "#);
}

#[test]
fn included_files_that_cannot_be_read_or_excuse_others() {
    insta::assert_snapshot!(screen(&[
        ("budgets.toml", "include = [\"a.toml\", \"b.toml\", \"big.toml\"]\n[targets.api]\ncontext = \".\"\n"),
        ("a.toml", "[targets.web]\ncontext = \".\"\n[[allow]]\ntargets = [\"api\"]\nrule = \"root-user\"\nreason = \"r\"\n"),
        ("b.toml", "[[allow]]\nrule = \"root-user\"\nreason = \"r\"\n"),
        ("big.toml", &"#".repeat(1024 * 1024 + 1)),
    ]), @r#"
    error: no target of this file matches `api`
     --> a.toml:4:12
      |
    4 | targets = ["api"]
      |            ^^^^^
      |
      = hint: The targets are web.

    error: an exception in a file that declares no target
     --> b.toml:1:1
      |
    1 | [[allow]]
      | ^^^^^^^^^
      |
      = hint: Write it into the root file; what stands here is about the targets of this file.

    error: big.toml is larger than 1 MiB
     --> budgets.toml:1:32
      |
    1 | include = ["a.toml", "b.toml", "big.toml"]
      |                                ^^^^^^^^^^
      |
      = hint: Is it the right file? Budgets of many teams can be split up with `include`.

    3 problems in 3 files
    "#);
}

#[test]
fn a_file_that_includes_itself() {
    let screen_of = |pattern: &str| {
        let root = format!("include = [\"{pattern}\"]\n[targets.a]\ncontext = \".\"\n");
        screen(&[("budgets.toml", &root), ("more/x", "")])
    };
    insta::assert_snapshot!(screen_of("budgets.toml"), @r#"
    error: `budgets.toml` includes this file itself
     --> budgets.toml:1:12
      |
    1 | include = ["budgets.toml"]
      |            ^^^^^^^^^^^^^^
      |
      = hint: Name the other files, or take it out.

    1 problem in budgets.toml
    "#);
    for pattern in ["./budgets.toml", "more/../budgets.toml", "*.toml"] {
        assert!(screen_of(pattern).contains("includes this file itself"), "{pattern}");
    }
    let included = "include = [\"../budgets.toml\"]\n[targets.b]\ncontext = \".\"\n";
    let root = "include = [\"more/a.toml\"]\n[targets.a]\ncontext = \".\"\n";
    let cycle = screen(&[("budgets.toml", root), ("more/a.toml", included)]);
    assert!(cycle.contains("unknown key `include` in an included file"), "{cycle}");
}

#[test]
fn a_wide_pattern_passes_over_the_file_itself() {
    let root = "include = [\"**/budgets.toml\"]\n[targets.a]\ncontext = \".\"\n";
    let service = "[targets.b]\ncontext = \".\"\n";
    let budgets = load(&[("budgets.toml", root), ("b/budgets.toml", service)]).map_err(shown).unwrap();
    assert_eq!(budgets.targets.len(), 2);
}

#[test]
fn a_group_where_a_path_goes_is_not_a_glob_that_matches_nothing() {
    insta::assert_snapshot!(screen(&[("budgets.toml", r#"
[targets.api]
context = "."
forbid-paths = ["@caches", "**/.git"]
extend-forbid-paths = { warn = ["@shels"] }

[[allow]]
rule = "forbidden-path"
match = ["@shells"]
reason = "we need them"
"#)]), @r#"
    error: `@caches` looks like a group of tools, not a path
     --> budgets.toml:4:17
      |
    4 | forbid-paths = ["@caches", "**/.git"]
      |                 ^^^^^^^^^
      |
      = hint: Write the paths themselves, such as /root/.cache/**; a path that begins with @ is written /@caches.

    error: `@shels` looks like a group of tools, not a path
     --> budgets.toml:5:33
      |
    5 | extend-forbid-paths = { warn = ["@shels"] }
      |                                 ^^^^^^^^
      |
      = hint: Did you mean forbid-tools = ["@shells"]?

    error: `@shells` looks like a group of tools, not a path
     --> budgets.toml:9:10
      |
    9 | match = ["@shells"]
      |          ^^^^^^^^^
      |
      = hint: Write rule = "forbidden-tool" with match = ["@shells"].

    3 problems in budgets.toml
    "#);
    good("[targets.api]\ncontext = \".\"\nforbid-paths = [\"/@scope/**\", \"**/@types\"]\n");
}

#[test]
fn a_size_that_cannot_be_meant_as_bytes_asks_for_its_unit_and_is_judged_as_written() {
    insta::assert_snapshot!(warnings(r#"
[defaults]
max-size = 200
max-growth = 5
max-wasted = { warn = "10", fail = "5 MB" }

[targets.api]
context = "."
"#), @r#"
    warning: `max-size` is 200 B here: the number has no unit
     --> budgets.toml:3:12
      |
    3 | max-size = 200
      |            ^^^
      |
      = hint: Write the unit that was meant: "200 MB"; "200 B" for bytes.

    warning: `max-growth` is 5 B here: the number has no unit
     --> budgets.toml:4:14
      |
    4 | max-growth = 5
      |              ^
      |
      = hint: Write the unit that was meant: "5 MB", or "5%"; "5 B" for bytes.

    warning: `max-wasted.warn` is 10 B here: the number has no unit
     --> budgets.toml:5:23
      |
    5 | max-wasted = { warn = "10", fail = "5 MB" }
      |                       ^^^^
      |
      = hint: Write the unit that was meant: "10 MB"; "10 B" for bytes.

    3 warnings in budgets.toml
    "#);
    let quiet = "[defaults]\nmax-size = 150000000\nmax-compressed-size = \"200 B\"\nmax-wasted = 0\nmax-growth = 16384\n\
                 max-layers = 5\n[targets.api]\ncontext = \".\"\n";
    assert_eq!(warnings(quiet), "");
    let budgets = good("[targets.api]\ncontext = \".\"\nmax-size = 200\n");
    assert_eq!(budgets.targets[0].rules.max_size.as_ref().unwrap().fail.unwrap().0, 200);
}

#[test]
fn warnings_are_shown_beside_errors() {
    insta::assert_snapshot!(screen(&[("budgets.toml", "[targets.api]\ncontext = \".\"\nmax-size = 200\nmax-sise = 1\n")]), @r#"
    warning: `max-size` is 200 B here: the number has no unit
     --> budgets.toml:3:12
      |
    3 | max-size = 200
      |            ^^^
      |
      = hint: Write the unit that was meant: "200 MB"; "200 B" for bytes.

    error: unknown key `max-sise` in [targets.api]
     --> budgets.toml:4:1
      |
    4 | max-sise = 1
      | ^^^^^^^^
      |
      = hint: Did you mean `max-size`?

    2 problems in budgets.toml
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
