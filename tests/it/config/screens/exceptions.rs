//! What is wrong with exceptions.

use super::super::screen;

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
