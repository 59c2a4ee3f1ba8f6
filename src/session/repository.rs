//! Where things are below the root of the repository, which is how forges name them.

use std::path::{Component, Path, PathBuf};

use super::Session;

/// `path` from the root of its repository, with `/` between its parts; without a file, the name of a budget that the command line says.
pub(crate) fn path_of(file: Option<&Path>, session: &Session) -> String {
    let Some(file) = file else { return "command-line".to_owned() };
    let file = session.working_directory.join(file);
    let folder = file.parent().unwrap_or(&file);
    let mut path = below_root(folder, session);
    if let Some(name) = file.file_name() {
        path.push(name.to_string_lossy().into_owned());
    }
    path.join("/")
}

/// What the project is called whose budget is in `file`: the repository's folder, and the path to the file's folder in it.
pub(crate) fn project(file: Option<&Path>, session: &Session) -> String {
    let file = session.working_directory.join(file.unwrap_or(Path::new("budgets.toml")));
    let folder = file.parent().unwrap_or(&file);
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let root = root(&folder, session).unwrap_or_else(|| folder.clone());
    let name = root.file_name().map_or_else(|| "project".to_owned(), |name| name.to_string_lossy().into_owned());
    std::iter::once(name).chain(below_root(&folder, session)).collect::<Vec<_>>().join("-")
}

/// Where the user stands: `services/api`, empty at the root.
pub(crate) fn directory(session: &Session) -> String {
    below_root(&session.working_directory, session).join("/")
}

/// The parts of `folder` below the root of the repository; none when there is no repository around it.
fn below_root(folder: &Path, session: &Session) -> Vec<String> {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let Some(root) = root(&folder, session) else { return Vec::new() };
    let below = folder.strip_prefix(&root).unwrap_or(Path::new(""));
    below
        .components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect()
}

/// The nearest folder with `.git` in it, else the folder that a GitHub job checks out into.
fn root(folder: &Path, session: &Session) -> Option<PathBuf> {
    let checkout = folder.ancestors().find(|parent| parent.join(".git").exists()).map(Path::to_owned);
    checkout.or_else(|| {
        let workspace = Path::new(session.environment.get("GITHUB_WORKSPACE")?).canonicalize().ok()?;
        folder.starts_with(&workspace).then_some(workspace)
    })
}
