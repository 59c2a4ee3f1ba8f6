//! The small commands, and what is written twice.

use crate::support::project::Project;
use crate::support::run::Run;

#[test]
fn tools_can_be_looked_up() {
    let tools = |args: &str| Project::new().imgbudget("tools").args(args.split_whitespace()).screen();
    insta::assert_snapshot!(tools("@os-package-managers npm"), @"
    exit: 0
    --- stdout
    @os-package-managers — what installs packages of the distribution
      apt apt-get aptitude dpkg dpkg-deb nala debootstrap apk yum dnf microdnf tdnf
      rpm rpm2cpio zypper pacman opkg xbps-install emerge nix guix brew snap flatpak

    npm — Node's package manager
      in: @build-tools @language-package-managers
      commands: npm
      packages: npm
    --- stderr
    ");
    insta::assert_snapshot!(tools("nmp"), @"
    exit: 2
    --- stdout

    --- stderr
    error: no group or tool is called `nmp`
     hint: Did you mean `npm`? `imgbudget tools` lists them all.
    ");
    insta::assert_snapshot!(tools("tsc go gcc-12"), @"
    exit: 0
    --- stdout
    typescript — TypeScript compiler
      in: @node-dev
      commands: typescript tsc tsserver
      packages: typescript

    go — Go toolchain
      in: @build-tools @compilers
      commands: go

    gcc — GNU C compiler
      in: @build-tools @compilers
      commands: gcc c89-gcc c99-gcc
    --- stderr
    ");
    assert!(tools("@shell").contains("Did you mean `@shells`?"), "{}", tools("@shell"));
    assert!(tools("shell").contains("Did you mean `@shells`?"), "{}", tools("shell"));
    let all = Project::new().imgbudget("tools").run();
    assert_eq!(all.code, Some(0));
    for group in ["@build-tools", "@compilers", "@shells", "@vcs", "@downloaders", "@debuggers", "@node-dev"] {
        assert!(all.stdout.contains(group), "{group}");
    }
    assert!(all.stdout.lines().all(|line| line.chars().count() <= 80), "{}", all.stdout);
}

#[test]
fn schemas_are_json() {
    for of in ["report", "budgets"] {
        let printed = Run::new().args(["schema", of]).run();
        assert_eq!(printed.code, Some(0));
        serde_json::from_str::<serde_json::Value>(&printed.stdout).unwrap();
    }
}

#[test]
fn completions_of_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let screen = Run::new().args(["completions", shell]).run();
        assert!(screen.code == Some(0) && screen.stdout.contains("imgbudget"), "{shell}");
    }
}

#[test]
fn the_version() {
    insta::assert_snapshot!(Run::new().args(["--version"]).screen(), @r"
    exit: 0
    --- stdout
    imgbudget [VERSION]
    --- stderr
    ");
}

#[test]
fn a_mistyped_command() {
    insta::assert_snapshot!(Run::new().args(["chekc"]).screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: unrecognized subcommand 'chekc'

      tip: some similar subcommands exist: 'schema', 'check'

    Usage: imgbudget [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
}
