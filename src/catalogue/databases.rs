//! Which files say what packages of the operating system are installed.

/// Whether an absolute path is a file or directory that lists packages of the operating system, in a form that is read or not: without it
/// nobody knows how many there are.
pub fn lists_os_packages(path: &str) -> bool {
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    match directory {
        "/var/lib/dpkg/status.d" => !name.ends_with(".md5sums"),
        "/lib/apk/db" | "/usr/lib/apk/db" => name == "installed",
        "/var/lib/pacman" => name == "local",
        "/var/lib/dpkg" | "/usr/lib/opkg" | "/var/lib/opkg" => name == "status",
        "/var/db" => matches!(name, "pkg" | "xbps"),
        "/var/lib" => name == "eopkg",
        "/nix/var/nix/db" | "/var/guix/db" => name == "db.sqlite",
        "/var/lib/chisel" => name == "manifest.wall",
        "/var/lib/rpm" | "/usr/lib/sysimage/rpm" | "/usr/share/rpm" => {
            matches!(name, "Packages" | "Packages.db" | "rpmdb.sqlite" | "rpmdb.sqlite-wal")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lists_packages_and_what_says_more_of_them() {
        for path in [
            "/var/lib/dpkg/status",
            "/var/lib/dpkg/status.d/base-files",
            "/lib/apk/db/installed",
            "/var/lib/rpm/Packages",
            "/usr/lib/sysimage/rpm/rpmdb.sqlite",
            "/var/lib/pacman/local",
        ] {
            assert!(lists_os_packages(path), "{path}");
        }
        for path in [
            "/var/lib/dpkg/info/bash.list",
            "/var/lib/dpkg/status.d/base-files.md5sums",
            "/var/lib/apt/extended_states",
            "/app/var/lib/dpkg/status",
            "status",
        ] {
            assert!(!lists_os_packages(path), "{path}");
        }
    }
}
