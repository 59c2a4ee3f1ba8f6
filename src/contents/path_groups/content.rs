//! `@secrets` and `@core-dumps`: files, told by what is in them.

use super::marks::{Mark, Marks};
use crate::catalogue::paths::development::is_numbered_core;
use crate::catalogue::paths::secret_content::{Told, look};
use crate::catalogue::paths::secrets;
use crate::contents::packages::Found;
use crate::contents::view::{Unread, View};
use crate::image::node::{NodeId, NodeKind};
use crate::memory::{List, OutOfMemory};

/// The least that a file called `core.4711` has, to be taken for the memory of a program.
const LEAST_CORE: u64 = 100_000;

/// Marks files with secrets, and those that may have one.
pub(super) fn mark_secrets(view: &View<'_>, found: &Found, marks: &mut Marks) -> Result<(), OutOfMemory> {
    for (id, node) in view.stack.since(0) {
        if !matches!(node.kind, NodeKind::File { .. }) || !secrets::may_be_called(node.name) {
            continue;
        }
        let path = view.stack.path(id);
        let Some(file) = secrets::candidate(&path) else { continue };
        // What a package brings anybody can download. What it puts below /etc people may have filled in.
        if is_of_os(found, id) && !path.starts_with(b"/etc/") {
            continue;
        }
        let told = view.bytes_of(id).map(|bytes| Told::read(bytes).unwrap_or_else(|| look(file, bytes)));
        match (told, node.hidden) {
            (Ok(Told::Secret), None) => marks.set(id, Mark::Member),
            (Ok(Told::Secret), Some(_)) if !is_of_system(&path) => marks.deleted.push(id)?,
            (Err(why), None) => marks.unread(id, reason(why))?,
            // Nobody promised to keep what is not shown.
            (Ok(_) | Err(_), _) => {}
        }
    }
    // Where the same path still has a secret, that is what there is to say.
    let mut deleted = List::new(view.stack.memory());
    for id in marks.deleted.iter() {
        let shown = view.stack.resolve(NodeId::ROOT, &view.stack.path(*id));
        if shown.is_none_or(|shown| marks.of(shown) != Mark::Member) {
            deleted.push(*id)?;
        }
    }
    marks.deleted = deleted;
    Ok(())
}

/// Marks what crashed programs left, and what may be of them.
pub(super) fn mark_cores(view: &View<'_>, found: &Found, marks: &mut Marks) -> Result<(), OutOfMemory> {
    for (id, node) in view.stack.live() {
        let NodeKind::File { size, .. } = node.kind else { continue };
        if is_of_os(found, id) {
            continue;
        }
        if is_numbered_core(node.name) && size >= LEAST_CORE {
            marks.set(id, Mark::Member);
        } else if node.name == b"core" {
            match view.bytes_of(id) {
                Ok(bytes) if is_core(bytes) => marks.set(id, Mark::Member),
                Ok(_) => {}
                Err(why) => marks.unread(id, reason(why))?,
            }
        }
    }
    Ok(())
}

fn is_of_os(found: &Found, id: NodeId) -> bool {
    let owner = found.owners.of(id).and_then(|owner| found.packages.list.get(owner));
    owner.is_some_and(|package| package.ecosystem.is_of_os())
}

/// Where packages of the operating system put their files: of what is hidden nobody knows who owned it.
fn is_of_system(path: &[u8]) -> bool {
    [&b"/usr/share/"[..], b"/usr/lib/", b"/usr/libexec/", b"/lib/", b"/var/lib/dpkg/"]
        .iter()
        .any(|place| path.starts_with(place))
}

fn reason(why: Unread) -> String {
    match why {
        Unread::Left(why) => why,
        Unread::NotYet | Unread::NoFile => "it was not read".to_owned(),
    }
}

/// Whether an ELF file is a core: `e_type` is 4.
fn is_core(bytes: &[u8]) -> bool {
    let (Some(b"\x7fELF"), Some(order), Some(&[first, second])) = (bytes.get(..4), bytes.get(5), bytes.get(16..18))
    else {
        return false;
    };
    let kind = if *order == 2 { u16::from_be_bytes([first, second]) } else { u16::from_le_bytes([first, second]) };
    kind == 4
}
