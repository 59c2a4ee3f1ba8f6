//! Groups of tools: what `@build-tools` and its like stand for.

use super::tool::Tool;
use super::tools::{
    build_systems, compilers, debuggers, downloaders, language_package_managers, node_dev, os_package_managers, shells,
    vcs,
};

/// A group of tools.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// Its name, without the `@`.
    pub name: &'static str,
    /// What its tools have in common: a fragment for people.
    pub about: &'static str,
    /// The lists of tools it is made of: one for a leaf group, those of its parts for `build-tools`.
    pub(super) lists: &'static [&'static [Tool]],
}

const GROUPS: &[Group] = &[
    Group {
        name: "build-tools",
        about: "compilers, build systems and language package managers together",
        lists: &[compilers::TOOLS, build_systems::TOOLS, language_package_managers::TOOLS],
    },
    Group { name: "compilers", about: "compilers, assemblers and linkers", lists: &[compilers::TOOLS] },
    Group { name: "build-systems", about: "what drives compilers", lists: &[build_systems::TOOLS] },
    Group {
        name: "language-package-managers",
        about: "what fetches the libraries of one language",
        lists: &[language_package_managers::TOOLS],
    },
    Group {
        name: "os-package-managers",
        about: "what installs packages of the distribution",
        lists: &[os_package_managers::TOOLS],
    },
    Group { name: "shells", about: "command interpreters", lists: &[shells::TOOLS] },
    Group { name: "vcs", about: "version control", lists: &[vcs::TOOLS] },
    Group { name: "downloaders", about: "what fetches files from elsewhere", lists: &[downloaders::TOOLS] },
    Group { name: "debuggers", about: "what looks into running programs and networks", lists: &[debuggers::TOOLS] },
    Group {
        name: "node-dev",
        about: "development packages under any node_modules, and their commands",
        lists: &[node_dev::TOOLS],
    },
];

impl Group {
    /// Its tools, in the order of the catalogue.
    pub fn members(&self) -> impl Iterator<Item = &'static Tool> + use<> {
        self.lists.iter().flat_map(|list| list.iter())
    }

    /// Whether it is made of other groups.
    pub fn is_composed(&self) -> bool {
        self.lists.len() > 1
    }
}

/// Every group, those made of others first.
pub fn groups() -> &'static [Group] {
    GROUPS
}

/// The tools of the group called `name` (without the `@`), or `None` when no group is called so.
pub fn group_members(name: &str) -> Option<impl Iterator<Item = &'static Tool> + use<>> {
    GROUPS.iter().find(|group| group.name == name).map(Group::members)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::catalogue::tools;

    #[test]
    fn build_tools_are_its_three_parts() {
        let set = |name: &str| -> BTreeSet<_> { group_members(name).expect(name).map(|tool| tool.name).collect() };
        let parts = ["compilers", "build-systems", "language-package-managers"];
        assert_eq!(set("build-tools"), parts.iter().flat_map(|part| set(part)).collect());
        assert!(group_members("toys").is_none());
    }

    #[test]
    fn every_tool_is_in_one_leaf_group() {
        let leaves = groups().iter().filter(|group| !group.is_composed());
        let members: Vec<_> = leaves.flat_map(Group::members).map(|tool| tool.name).collect();
        assert_eq!(members, tools().iter().map(|tool| tool.name).collect::<Vec<_>>());
    }
}
