//! Databases of package managers that are not read: what they have installed is named as not known, never as not there.

use super::Found;
use crate::contents::view::View;
use crate::image::node::NodeKind;

/// Where they are, and whose they are.
const DATABASES: [(&[u8], &str); 9] = [
    (b"/var/lib/pacman/local", "pacman"),
    (b"/usr/lib/opkg/status", "opkg"),
    (b"/var/lib/opkg/status", "opkg"),
    (b"/var/db/pkg", "Portage"),
    (b"/var/db/xbps", "XBPS"),
    (b"/var/lib/eopkg", "eopkg"),
    (b"/nix/var/nix/db/db.sqlite", "Nix"),
    (b"/var/guix/db/db.sqlite", "Guix"),
    (b"/var/lib/chisel/manifest.wall", "Chisel"),
];

/// Distributions whose packages are in one of the databases that are read. Where it was deleted, the packages are there all the same.
const DISTROS: [&str; 24] = [
    "debian",
    "ubuntu",
    "devuan",
    "kali",
    "linuxmint",
    "raspbian",
    "alpine",
    "wolfi",
    "chainguard",
    "postmarketos",
    "fedora",
    "rhel",
    "centos",
    "rocky",
    "almalinux",
    "ol",
    "amzn",
    "photon",
    "azurelinux",
    "mariner",
    "opensuse-leap",
    "opensuse-tumbleweed",
    "sles",
    "sle_hpc",
];

/// Names those that are there. Chisel's is named only where it wrote down its packages nowhere else.
pub(super) fn tell(view: &View<'_>, found: &mut Found) {
    let was_silent = found.unread.is_empty();
    let has_packages = found.packages.list.iter().any(|package| package.ecosystem.is_of_os());
    let mut told = Vec::new();
    for (path, whose) in DATABASES {
        let Some(at) = view.at(path).filter(|at| !told.contains(at)) else { continue };
        told.push(at);
        let is_empty = view.stack.node(at).kind == NodeKind::Directory && view.stack.children(at).next().is_none();
        let is_read_elsewhere = whose == "Chisel" && has_packages;
        if !is_empty && !is_read_elsewhere {
            found.unread(view, at, format!("is a database of {whose}, which imgbudget does not read"));
        }
    }
    let distro = found.packages.distro.as_ref().filter(|distro| DISTROS.contains(&distro.id.as_str()));
    if let Some(distro) = distro.filter(|_| was_silent && told.is_empty() && !has_packages) {
        let why = format!("says {}, but the image has no database of its packages", distro.id);
        found.unread_at(view, view.at(b"/etc/os-release"), "/usr/lib/os-release", why);
    }
}
