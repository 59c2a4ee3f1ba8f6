//! Which files of a layer are kept whole while its bytes go by: those that say what else is in the image.

use super::paths::secret_content::{Told, look};
use super::paths::secrets;

/// The most bytes of `path` that are kept; `None` for a file that nobody asks about. The path is below the root, without a leading slash.
pub fn kept(path: &[u8]) -> Option<u64> {
    const DATABASE: u64 = 64 << 20;
    const LIST: u64 = 16 << 20;
    const DOCUMENT: u64 = 1 << 20;
    let (directory, name) = match path.iter().rposition(|byte| *byte == b'/') {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => (&path[..0], path),
    };
    let known = match directory {
        b"etc" | b"usr/lib" => (name == b"os-release").then_some(DOCUMENT),
        b"var/lib/dpkg" => match name {
            b"status" => Some(DATABASE),
            b"diversions" => Some(LIST),
            _ => None,
        },
        b"var/lib/dpkg/status.d" => Some(LIST),
        b"var/lib/dpkg/info" => (name.ends_with(b".list")).then_some(LIST),
        b"var/lib/apt" => (name == b"extended_states").then_some(LIST),
        b"etc/apk" => (name == b"world").then_some(LIST),
        b"lib/apk/db" | b"usr/lib/apk/db" => (name == b"installed").then_some(DATABASE),
        b"var/lib/rpm" | b"usr/lib/sysimage/rpm" | b"usr/share/rpm" => {
            matches!(name, b"rpmdb.sqlite" | b"Packages.db").then_some(DATABASE)
        }
        _ => match name {
            // Of a package, or of the project that has a `node_modules` beside it; not what is deeper in a package.
            b"package.json" => (is_in_node_modules(directory) || !is_below_node_modules(directory)).then_some(DOCUMENT),
            b".package-lock.json" => directory.ends_with(b"node_modules").then_some(DATABASE),
            b"METADATA" | b"RECORD" => directory.ends_with(b".dist-info").then_some(LIST),
            b"PKG-INFO" | b"installed-files.txt" => directory.ends_with(b".egg-info").then_some(LIST),
            b"top_level.txt" => {
                (directory.ends_with(b".egg-info") || directory.ends_with(b".dist-info")).then_some(DOCUMENT)
            }
            _ if name.ends_with(b".egg-info") => {
                (directory.ends_with(b"site-packages") || directory.ends_with(b"dist-packages")).then_some(LIST)
            }
            _ if name.ends_with(b".gemspec") => {
                let specifications = directory.strip_suffix(b"/default").unwrap_or(directory);
                specifications.ends_with(b"/specifications").then_some(DOCUMENT)
            }
            _ => None,
        },
    };
    known.or_else(|| named(path, name))
}

/// The most bytes of what may be a secret, or the memory of a crashed program.
fn named(path: &[u8], name: &[u8]) -> Option<u64> {
    if name == b"core" {
        return Some(1 << 20);
    }
    if secrets::may_be_called(name) { secrets::largest(&[b"/", path].concat()) } else { None }
}

/// What is kept in place of the content of a file that may be a secret, or the memory of a crashed program; `None` for others. What was kept
/// once is kept as it is.
#[must_use]
pub fn told_instead(path: &[u8], content: &[u8]) -> Option<Vec<u8>> {
    /// As much of an ELF file says what it is.
    const HEAD: usize = 18;
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    if name == b"core" {
        return Some(content.get(..HEAD).unwrap_or(content).to_vec());
    }
    if kept(path).is_none() || !secrets::may_be_called(name) {
        return None;
    }
    let file = secrets::candidate(&[b"/", path].concat())?;
    Some(Told::read(content).unwrap_or_else(|| look(file, content)).as_bytes().to_vec())
}

/// Whether a directory is directly in a `node_modules`, or in a scope there.
fn is_in_node_modules(directory: &[u8]) -> bool {
    let mut above = directory.rsplit(|byte| *byte == b'/').skip(1);
    match above.next() {
        Some([b'@', ..]) => above.next() == Some(b"node_modules"),
        parent => parent == Some(b"node_modules"),
    }
}

fn is_below_node_modules(path: &[u8]) -> bool {
    path.split(|byte| *byte == b'/').any(|part| part == b"node_modules")
}
