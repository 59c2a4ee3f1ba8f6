//! Every help screen.

use crate::support::repository::root;
use crate::support::run::Run;

fn help(command: &str) -> String {
    let screen = Run::new().args(command.split_whitespace()).args(["--help"]).run();
    assert_eq!((screen.code, screen.stderr.as_str()), (Some(0), ""));
    screen.stdout
}

#[test]
fn every_help_screen_fits_80_columns() {
    for command in ["", "check", "init", "tools", "schema", "completions"] {
        let help = help(command);
        let wide: Vec<&str> = help.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(wide.is_empty(), "{command}: {wide:#?}");
    }
}

#[test]
fn the_help_screens() {
    insta::assert_snapshot!(help(""), @"
    Keep container images inside a budget.

    imgbudget builds the targets of a Dockerfile, measures the images, looks for
    tools that do not belong in production, and compares all of it with
    budgets.toml. It never runs an image.

    Usage: imgbudget [OPTIONS] <COMMAND>

    Commands:
      check        Build, measure and judge targets
      inspect      Show what is in an image, who brought it, and what can go
      why          Say why something is in an image, and what removing it frees
      diff         Compare two images: what came, what went, what grew
      update       Measure targets and write their sizes to budgets.lock, a baseline
                   to commit
      allow        Write an exception with its reason into the budget file
      merge        Join reports of several runs into one, with one verdict
      comment      Comment on a pull request from report files, without building
      init         Measure what is built here, and write a first budgets.toml that
                   it keeps
      tools        List the tools and groups that forbid-tools knows
      explain      Explain a rule, and how to fix or excuse what it finds
      cache        Show the layer cache: where it is, and what it holds
      schema       Print the JSON Schema of budgets.toml, reports, diff or why
      completions  Print shell completions

    Options:
      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Display:
          --color <WHEN>
              When to use colour; auto means on a terminal, unless NO_COLOR is set

              Possible values:
              - auto:   On a terminal that has colours, unless NO_COLOR is set
              - always: Even into a pipe
              - never:  Not at all
              
              [default: auto]

      -q, --quiet
              Show no progress, only the result

    Exit codes:
      0  every target is within its budget; warnings alone do not change that
      1  at least one target breaks its budget
      2  at least one target could not be checked, or the input was wrong
    ");
    insta::assert_snapshot!(help("check"), @"
    Build, measure and judge targets

    Usage: imgbudget check [OPTIONS] [TARGET]...

    Arguments:
      [TARGET]...
              Only these targets; by default those of this folder, at the root all

    Options:
          --all
              Check all targets, not only those of this folder

          --config <FILE>
              The budget file; else budgets.toml here or above, up to the repository

      -h, --help
              Print help (see a summary with '-h')

    Images built elsewhere:
          --image <NAME=REF>
              Measure this image instead of building the target

          --from <WHERE>
              Where to look for images; by default `from` in the file

              Possible values:
              - auto:     The engine; without one the registry, for references with
                a registry host or a digest
              - engine:   The engine alone
              - registry: The registry alone, without any engine

          --archive <NAME=PATH>
              Measure this file written by docker save or an OCI tool; `-` is
              standard input

          --layout <NAME=DIR>
              Measure this OCI image layout directory

          --bake-metadata <FILE>
              Measure what buildx bake built: the file of its --metadata-file, where
              bake targets are named as targets here

          --archive-image <REF>
              Which image of an archive or layout that holds several

          --platform <PLATFORM>
              Measure this platform instead of those in the file (os/arch[/variant])

    Building:
          --no-build
              Fail when a target has to be built

          --no-cache
              Build without the engine's build cache

          --pull
              Ask the registry for newer base images

          --jobs <N>
              Targets at once; by default the number of cores, at most 4

          --timeout <TIME>
              Give up on a target after this long (90s, 15m, 1h); by default never

          --i-know-this-runs-untrusted-code
              Build a stranger's code in a job that holds secrets
              (pull_request_target): it can steal them

    What budgets.toml may do:
          --build-env <NAME>
              Let build-args read this variable though its name looks like a
              credential's

          --allow-outside
              Let it name files and contexts outside its repository

          --policy <FILE>
              The policy of an organisation beneath it, which it may only make
              stricter; else IMGBUDGET_POLICY

    Limits:
          --memory-limit <SIZE>
              Memory for all images that are read at the same time
              
              [default: 256MB]

          --read-limit <SIZE>
              What an archive, and the layers of an image, may unpack to
              
              [default: 100GB]

    Reading:
          --read <HOW>
              How to read the layers of an engine's image; by default
              IMGBUDGET_READ, or auto

              Possible values:
              - auto:     The engine's layer metadata, else `save`
              - metadata: The engine's layer metadata alone
              - save:     `save` alone; no container is created

          --layer-cache <DIR|off>
              Where to cache what layers hold; by default IMGBUDGET_LAYER_CACHE, or
              the user's cache directory, and nowhere in CI

          --offline
              Contact only the engine: no registry, no comment

          --plain-http <HOST[:PORT]>
              Use HTTP without TLS for this registry; not needed for one on this
              machine

          --ca-file <FILE>
              Trust the certificates in this PEM file when talking to registries

    A budget without a file (for --image REF and its like):
          --max-size <SIZE>
              Content size: 150MB, 1.35GB, 150MiB

          --max-compressed-size <SIZE>
              What a registry stores and a node pulls

          --max-layers <N>
              Number of layers

          --max-layer-size <SIZE>
              Size of the largest layer

          --max-os-packages <N>
              Number of packages of the operating system (dpkg, apk, rpm)

          --forbid-tools <TOOLS>
              Tools and @groups that must not be there, separated by commas

          --forbid-paths <GLOBS>
              Paths that must not be there: globs and @groups, separated by commas

          --require-non-root
              The image must not run as root

    Change and growth (else [baseline] of budgets.toml):
          --baseline <FILE>
              Compare with an earlier JSON report or lock file, once it exists

          --baseline-ref <REF>
              Compare with the lock file or report as it stands at a branch, tag or
              commit; auto is the commit that this change was made on

          --only-new
              Fail only what the baseline does not have; show the rest as known

          --changed-since <REF>
              Check only targets that changed since this branch, tag or commit, or
              auto

    Result:
          --format <FORMAT>
              What to print on standard output

              Possible values:
              - table:       The table and the findings, for a terminal
              - json:        `imgbudget.report/1`, for programs
              - markdown:    The comment's text, for a pull request or a step
                summary
              - junit:       JUnit XML, for lists of tests
              - codequality: GitLab Code Quality, for lines of a merge request
              - sarif:       SARIF 2.1.0, for code scanning
              - metrics:     OpenMetrics text, for numbers over time
              - html:        A page that shows where the bytes are, for a browser
              - cyclonedx:   CycloneDX 1.6 with the packages of the images, for
                scanners
              
              [default: table]

          --write <FORMAT=PATH>
              Also write the result to a file; may be given several times

          --fail-on <WHAT>
              What makes the exit code 1; never changes exit code 2

              Possible values:
              - failure: A target that breaks its budget
              - warning: A warning, too
              - never:   Nothing: 1 becomes 0
              
              [default: failure]

          --strict
              Exit with code 2 when a rule could not be judged

    On a pull or merge request (nothing here changes the exit code):
          --comment <WHEN>
              When to comment on the pull or merge request; by default `comment`
              does as auto says, and `check` never. An existing comment is kept up
              to date

              Possible values:
              - auto:     A failure or warning that the baseline lacks, a changed
                size or budget
              - always:   Every run
              - changes:  A size that changed by at least `[comment] min-change`
              - failures: A broken budget, or something not measured
              - never:    Not at all

          --comment-key <KEY>
              Which comment to update, when there are several; by default the budget
              file's path

          --pr <N>
              The number of the request; by default the one of this job

          --summary
              On GitHub: append the result to the job's summary

          --annotations
              On GitHub: annotate the lines to change in the pull request's files

          --github-output
              On GitHub: set verdict, exceeded, report, markdown-file, comment-id
              and comment-url for later steps

    Display:
          --color <WHEN>
              When to use colour; auto means on a terminal, unless NO_COLOR is set

              Possible values:
              - auto:   On a terminal that has colours, unless NO_COLOR is set
              - always: Even into a pipe
              - never:  Not at all
              
              [default: auto]

      -q, --quiet
              Show no progress, only the result

    Examples:
      imgbudget check                          all targets of budgets.toml
      imgbudget check api --no-cache           one target, built from scratch
      imgbudget check --image api=acme/api:1   measure an image built elsewhere
      imgbudget check --archive api=api.tar    … or an archive, without an engine
      imgbudget check --image node:22 --max-size 200MB --forbid-tools @shells
      imgbudget check --baseline main.json     and what changed since that report
      imgbudget check --baseline-ref main      … or since budgets.lock on main

    Exit codes:
      0  every target is within its budget; warnings alone do not change that
      1  at least one target breaks its budget
      2  at least one target could not be checked, or the input was wrong
    ");
}

#[test]
fn without_a_command_the_help_is_shown() {
    let screen = Run::new().run();
    assert_eq!((screen.code, screen.stdout.as_str()), (Some(2), ""));
    assert!(screen.stderr.contains("Usage: imgbudget"), "{}", screen.stderr);
}

#[test]
fn exit_codes_are_written_once() {
    let table = imgbudget::exit::Exit::TABLE;
    let rows = table.map(|(exit, meaning)| format!("\n  {}  {meaning}", exit.code())).concat();
    assert_eq!(imgbudget::cli::EXIT_CODES, format!("Exit codes:{rows}"));
    for command in ["", "check"] {
        assert!(help(command).contains(imgbudget::cli::EXIT_CODES), "{command}");
    }
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let rows = table.map(|(exit, meaning)| format!("| {} | {meaning} |\n", exit.code())).concat();
    assert!(readme.contains(&rows), "README.md should hold:\n{rows}");
}
