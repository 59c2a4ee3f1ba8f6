//! What a project of Node.js says in its own `package.json`, beside a `node_modules`.

use super::loose::{Keys, unmarked};
use crate::contents::view::View;
use crate::image::node::NodeId;

/// A project.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Project {
    #[serde(default)]
    dependencies: Keys,
    #[serde(default, rename = "optionalDependencies")]
    optional: Keys,
    #[serde(default, rename = "peerDependencies")]
    peers: Keys,
    #[serde(default, rename = "devDependencies")]
    dev: Keys,
    /// Other projects that have their packages in the same `node_modules`.
    workspaces: Option<serde::de::IgnoredAny>,
}

impl Project {
    /// The project of a directory; `None` where it says nothing that can be read.
    pub fn of(view: &View<'_>, directory: NodeId) -> Option<Self> {
        let manifest = view.stack.child(directory, b"package.json")?;
        serde_json::from_slice(unmarked(view.bytes_of(manifest).ok()?)).ok()
    }

    /// The names of what it needs when it runs.
    pub fn needs(&self) -> impl Iterator<Item = &str> {
        [&self.dependencies, &self.optional, &self.peers].into_iter().flat_map(|keys| &keys.0).map(String::as_str)
    }

    /// The names of what it needs for development.
    pub fn dev(&self) -> impl Iterator<Item = &str> {
        self.dev.0.iter().map(String::as_str)
    }

    /// Whether other projects share its `node_modules`.
    pub fn is_shared(&self) -> bool {
        self.workspaces.is_some()
    }
}
