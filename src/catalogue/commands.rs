//! Where programs lie that nobody calls by their file name: what they are called says whom they serve, not what they are.

/// Directories of helpers, jobs and completions. `/` at the start stands for the root; without it, any place will do.
const HELPERS: &[&str] = &[
    // `ftp` and `ssh` are how apt fetches.
    "/usr/lib/apt/methods",
    // Jobs are named after the package that they tidy up for: `dpkg`, `apt-compat`.
    "/etc/cron.d",
    "/etc/cron.hourly",
    "/etc/cron.daily",
    "/etc/cron.weekly",
    "/etc/cron.monthly",
    "/etc/cron.yearly",
    "/etc/periodic",
    // What is added to a bug report about the package of that name.
    "/usr/share/bug",
    "/etc/bash_completion.d",
    "/usr/share/bash-completion",
    // `npm`, `yarn` and `pnpm` as corepack would link them onto the PATH: a part of corepack until it has.
    "node_modules/corepack/shims",
];

/// Whether programs in this directory, an absolute path, or below it are no commands.
pub fn holds_helpers(directory: &[u8]) -> bool {
    HELPERS.iter().any(|helpers| {
        let helpers = helpers.as_bytes();
        if helpers.starts_with(b"/") {
            return directory.strip_prefix(helpers).is_some_and(is_end);
        }
        let ends = (0..directory.len()).filter(|at| directory[*at] == b'/').map(|at| &directory[at + 1..]);
        ends.filter_map(|rest| rest.strip_prefix(helpers)).any(is_end)
    })
}

fn is_end(rest: &[u8]) -> bool {
    rest.first().is_none_or(|byte| *byte == b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn helpers_and_what_only_looks_like_them() {
        for helpers in [
            "/usr/lib/apt/methods",
            "/etc/cron.daily",
            "/usr/share/bash-completion/completions",
            "/etc/periodic/daily",
            "/opt/node_modules/corepack/shims/nodewin",
            "/node_modules/corepack/shims",
        ] {
            assert!(holds_helpers(helpers.as_bytes()), "{helpers}");
        }
        for commands in [
            "/usr/bin",
            "/",
            "/usr/lib/apt",
            "/usr/lib/apt/methods2",
            "/opt/usr/lib/apt/methods",
            "/etc/cron.daily.bak",
            "/srv/corepack/shims",
            "/srv/my_node_modules/corepack/shims",
            "/node_modules/corepack/shimsx",
        ] {
            assert!(!holds_helpers(commands.as_bytes()), "{commands}");
        }
    }
}
