//! What is wrong with limits and lists.

use super::super::{good, screen, warnings};

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
fn a_group_where_a_path_goes_is_one_of_paths() {
    insta::assert_snapshot!(screen(&[("budgets.toml", r#"
[targets.api]
context = "."
forbid-paths = ["@cache", "@vcs", "**/.git"]
extend-forbid-paths = { warn = ["@shels"] }

[[allow]]
rule = "forbidden-path"
match = ["@shells"]
reason = "we need them"
"#)]), @r#"
    error: no group of paths is called `@cache`
     --> budgets.toml:4:17
      |
    4 | forbid-paths = ["@cache", "@vcs", "**/.git"]
      |                 ^^^^^^^^
      |
      = hint: Did you mean `@caches`?

    error: `@shels` looks like a group of tools, not of paths
     --> budgets.toml:5:33
      |
    5 | extend-forbid-paths = { warn = ["@shels"] }
      |                                 ^^^^^^^^
      |
      = hint: Did you mean forbid-tools = ["@shells"]?

    error: `@shells` looks like a group of tools, not of paths
     --> budgets.toml:9:10
      |
    9 | match = ["@shells"]
      |          ^^^^^^^^^
      |
      = hint: Write rule = "forbidden-tool" with match = ["@shells"].

    3 problems in budgets.toml
    "#);
    good("[targets.api]\ncontext = \".\"\nforbid-paths = [\"/@scope/**\", \"**/@types\", \"@secrets\"]\n");
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
