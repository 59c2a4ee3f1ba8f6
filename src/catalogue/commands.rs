//! Where the name of a program says something else than in a directory of commands: whom it serves, or what it is a part of.

use super::tool::Tool;
use super::tools::identify;

/// Programs that nobody calls by their names, in one directory and below it.
struct Helpers {
    /// The directory: an absolute path, or the end of one.
    directory: &'static str,
    /// Their names; empty where any name will do.
    names: &'static [&'static str],
    /// The size of the largest, in bytes. A name in such a directory is no licence to hide: a compiler that was copied there is
    /// larger than the script whose place it took, and counts.
    largest: u64,
}

/// Scripts of a distribution: of those in Debian the largest has 16,325 bytes, and a program that does anything has more.
const SCRIPT: u64 = 16 << 10;

const fn scripts(directory: &'static str) -> Helpers {
    Helpers { directory, names: &[], largest: SCRIPT }
}

const HELPERS: &[Helpers] = &[
    // `ftp` and `ssh` are how apt fetches, `apt` is how it asks itself what to install.
    Helpers {
        directory: "/usr/lib/apt/methods",
        names: &[
            "cdrom", "copy", "file", "ftp", "gpgv", "http", "https", "mirror", "rred", "rsh", "sqv", "ssh", "store",
        ],
        largest: 512 << 10,
    },
    Helpers { directory: "/usr/lib/apt/solvers", names: &["apt", "dump"], largest: 64 << 10 },
    Helpers { directory: "/usr/lib/apt/planners", names: &["apt", "dump"], largest: 64 << 10 },
    // Services and jobs are named after the package that they start or tidy up for: `rsync`, `distcc`, `dpkg`.
    scripts("/etc/init.d"),
    scripts("/etc/rc.d"),
    scripts("/etc/runlevels"),
    scripts("/etc/cron.d"),
    scripts("/etc/cron.hourly"),
    scripts("/etc/cron.daily"),
    scripts("/etc/cron.weekly"),
    scripts("/etc/cron.monthly"),
    scripts("/etc/cron.yearly"),
    scripts("/etc/periodic"),
    // So is what is called when a network comes up, a kernel is installed, a first file system is put together.
    scripts("/etc/network"),
    scripts("/etc/NetworkManager"),
    scripts("/etc/ppp"),
    scripts("/etc/dhcp"),
    scripts("/etc/kernel"),
    scripts("/etc/initramfs-tools"),
    scripts("/usr/share/initramfs-tools"),
    // What is added to a bug report about the package of that name.
    scripts("/usr/share/bug"),
    scripts("/etc/bash_completion.d"),
    scripts("/usr/share/bash-completion"),
    // Examples: zypper has an `apt-get` for people who are used to it.
    scripts("/usr/share/doc"),
    // `npm`, `yarn` and `pnpm` as corepack would link them onto the PATH: a part of corepack until it has.
    scripts("node_modules/corepack/shims"),
    // A script that CMake calls for one compiler of IBM's.
    Helpers { directory: "Modules/Compiler/XL-Fortran", names: &["cpp"], largest: SCRIPT },
];

/// The size up to which a program of this name in this directory, an absolute path, serves something else and is no command.
/// `None` where every program is one.
pub fn helper_limit(directory: &[u8], name: &[u8]) -> Option<u64> {
    let serves = |helpers: &&Helpers| {
        (helpers.names.is_empty() || helpers.names.iter().any(|known| known.as_bytes() == name))
            && is_in(directory, helpers.directory.as_bytes())
    };
    HELPERS.iter().filter(serves).map(|helpers| helpers.largest).max()
}

fn is_in(directory: &[u8], helpers: &[u8]) -> bool {
    let is_end = |rest: &[u8]| rest.first().is_none_or(|byte| *byte == b'/');
    if helpers.starts_with(b"/") {
        return directory.strip_prefix(helpers).is_some_and(is_end);
    }
    let ends = (0..directory.len()).filter(|at| directory[*at] == b'/').map(|at| &directory[at + 1..]);
    ends.filter_map(|rest| rest.strip_prefix(helpers)).any(is_end)
}

/// The tool that runs a program of this name in a directory below `above`, the names of two directories: without the command in
/// front of it, go's `pkg/tool/linux_amd64/compile` is still a compiler.
pub fn identify_inner(above: [&[u8]; 2], name: &[u8]) -> Option<&'static Tool> {
    let is_inner = above == [&b"pkg"[..], b"tool"] && matches!(name, b"compile" | b"link" | b"asm" | b"cgo");
    is_inner.then(|| identify(b"go"))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn helpers_and_what_only_looks_like_them() {
        for (helpers, name) in [
            ("/usr/lib/apt/methods", "ftp"),
            ("/usr/lib/apt/solvers", "apt"),
            ("/etc/cron.daily", "dpkg"),
            ("/etc/init.d", "rsync"),
            ("/etc/rc.d/init.d", "rsync"),
            ("/usr/share/bash-completion/completions", "gcc"),
            ("/etc/periodic/daily", "apk"),
            ("/opt/node_modules/corepack/shims/nodewin", "pnpm"),
            ("/node_modules/corepack/shims", "yarn"),
            ("/usr/share/cmake-3.25/Modules/Compiler/XL-Fortran", "cpp"),
        ] {
            assert!(helper_limit(helpers.as_bytes(), name.as_bytes()).is_some(), "{helpers}");
        }
        for (commands, name) in [
            ("/usr/bin", "ftp"),
            ("/", "apt"),
            ("/usr/lib/apt", "ftp"),
            ("/usr/lib/apt/methods", "gcc"),
            ("/usr/lib/apt/methods2", "ftp"),
            ("/opt/usr/lib/apt/methods", "ftp"),
            ("/opt/etc/init.d", "rsync"),
            ("/etc/init.d.bak", "rsync"),
            ("/etc/cron.daily.bak", "dpkg"),
            ("/srv/corepack/shims", "yarn"),
            ("/srv/my_node_modules/corepack/shims", "yarn"),
            ("/node_modules/corepack/shimsx", "yarn"),
            ("/usr/share/cmake-3.25/Modules/Compiler/XL-Fortran", "gcc"),
            ("/usr/share/cmake-3.25/Modules/Compiler", "cpp"),
        ] {
            assert_eq!(helper_limit(commands.as_bytes(), name.as_bytes()), None, "{commands}");
        }
    }

    #[test]
    fn what_go_runs() {
        let name = |above: [&[u8]; 2], name: &[u8]| identify_inner(above, name).map(|tool| tool.name);
        assert_eq!(name([b"pkg", b"tool"], b"compile"), Some("go"));
        assert_eq!(name([b"pkg", b"tool"], b"vet"), None);
        assert_eq!(name([b"usr", b"bin"], b"link"), None);
    }
}
