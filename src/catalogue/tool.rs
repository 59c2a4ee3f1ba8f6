//! What an entry of the catalogue says about one tool.

/// A tool: one command that a person would forbid by name, under all the file names it goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tool {
    /// The command's plain name.
    pub name: &'static str,
    /// What findings are grouped by: tools of one family come and go together (`npm`, `npx`, `corepack`).
    pub family: &'static str,
    /// What it is: a fragment for people.
    pub about: &'static str,
    /// Other file names of the same command, all exact.
    pub aliases: &'static [&'static str],
    /// Names of files that hold the tool and need no execute bit, because an interpreter is called with them.
    pub archives: &'static [&'static str],
    /// Packages whose directory alone means that the tool is there.
    pub packages: &'static [(Ecosystem, &'static str)],
}

/// Where packages of a language lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ecosystem {
    /// Directories below `node_modules` or Debian's `/usr/share/nodejs`, scoped ones as `@scope/name`.
    Node,
    /// Directories below `site-packages` or Debian's `dist-packages`, those inside of others as `poetry/console`.
    Python,
    /// The directories of an SDK, named by their version: `sdk/8.0.100`.
    DotNet,
}

impl Tool {
    /// A tool that goes by its plain name only.
    pub(super) const fn new(name: &'static str, family: &'static str, about: &'static str) -> Self {
        Self { name, family, about, aliases: &[], archives: &[], packages: &[] }
    }

    pub(super) const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    pub(super) const fn archives(mut self, archives: &'static [&'static str]) -> Self {
        self.archives = archives;
        self
    }

    pub(super) const fn packages(mut self, packages: &'static [(Ecosystem, &'static str)]) -> Self {
        self.packages = packages;
        self
    }
}
