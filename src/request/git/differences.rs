//! What differs between a commit and the checkout, without a byte of the checkout being read where git knows better.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::commits::top;
use super::{git, read};
use crate::ci::is_commit;

/// The most paths that are kept. What differs in more differs in everything.
const MOST: usize = 100_000;
/// The most bytes of names that are read from one answer.
const MOST_NAMES: usize = 32 << 20;
/// The most filters of a configuration that are switched off.
const MOST_FILTERS: usize = 100;

/// Paths from the root of the repository. A folder of which git knows nothing stands for all that is in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Differences {
    /// Where the paths begin, without links.
    pub(crate) top: PathBuf,
    /// Files that differ, came or went, those included that nobody committed yet.
    pub(crate) changed: BTreeSet<PathBuf>,
    /// What git does not keep because somebody said so: nobody knows what it was.
    pub(crate) ignored: BTreeSet<PathBuf>,
    /// Repositories in the repository. Git compares their commits, and not what lies in them.
    pub(crate) submodules: BTreeSet<PathBuf>,
    /// There are more than anybody wants to look through.
    pub(crate) is_too_many: bool,
}

/// Compares the checkout around `directory` with the commit `id`; `None` where git cannot.
pub(crate) fn differences(directory: &Path, id: &str) -> Option<Differences> {
    if !is_commit(id) {
        return None;
    }
    let top = top(directory)?;
    let no_filters = no_filters(&top)?;
    let mut found = Differences { top: top.clone(), ..Differences::default() };
    let plain = ["--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv"];
    let ask = |args: &[&str]| -> Option<Vec<u8>> {
        let settings = no_filters.iter().flat_map(|setting| ["-c", setting.as_str()]);
        let args: Vec<&str> = settings.chain(args.iter().copied()).collect();
        read(git(&top, &args), MOST_NAMES)
    };
    let index = [&["diff-index", "--cached"][..], &plain, &[id, "--"]].concat();
    // Files whose time alone is another are looked into, which `diff-files` would not do.
    let checkout = [&["diff", "--no-relative", "--ignore-submodules=dirty"][..], &plain, &["--"]].concat();
    let others = ["ls-files", "-z", "--others", "--directory", "--no-empty-directory", "--exclude-standard"];
    for args in [&index[..], &checkout[..], &others[..]] {
        found.is_too_many |= keep(&ask(args)?, &mut found.changed, |_| true);
    }
    let ignored = [&others[..], &["--ignored"]].concat();
    found.is_too_many |= keep(&ask(&ignored)?, &mut found.ignored, |_| true);
    let staged = ask(&["ls-files", "-z", "--stage"])?;
    // `160000 ID STAGE<tab>PATH` is a repository (git-ls-files, output; gitglossary, gitlink).
    found.is_too_many |= keep(&staged, &mut found.submodules, |line| line.starts_with(b"160000 "));
    found.submodules = found.submodules.iter().filter_map(|line| after_tab(line)).collect();
    Some(found)
}

/// Keeps the lines that are `wanted`. Whether there are too many.
fn keep(bytes: &[u8], paths: &mut BTreeSet<PathBuf>, wanted: impl Fn(&[u8]) -> bool) -> bool {
    for line in bytes.split(|byte| *byte == 0).filter(|line| !line.is_empty() && wanted(line)) {
        if paths.len() >= MOST {
            return true;
        }
        paths.insert(PathBuf::from(OsStr::from_bytes(line)));
    }
    bytes.len() > MOST_NAMES
}

fn after_tab(line: &Path) -> Option<PathBuf> {
    let bytes = line.as_os_str().as_bytes();
    let tab = bytes.iter().position(|byte| *byte == b'\t')?;
    Some(PathBuf::from(OsStr::from_bytes(&bytes[tab + 1..])))
}

/// Settings that switch off every filter of the configuration: git would start one to compare a file whose time changed. `None` where one
/// cannot be switched off.
fn no_filters(top: &Path) -> Option<Vec<String>> {
    // It fails where there is none.
    let said =
        read(git(top, &["config", "-z", "--name-only", "--get-regexp", r"^filter\."]), MOST_NAMES).unwrap_or_default();
    let mut names = BTreeSet::new();
    for key in said.split(|byte| *byte == 0).filter(|key| !key.is_empty()) {
        let key = std::str::from_utf8(key).ok()?;
        // The name of a filter may hold dots. With `=`, a setting would end early.
        let (name, _) = key.strip_prefix("filter.")?.rsplit_once('.')?;
        if name.contains('=') || name.contains('\n') || names.len() >= MOST_FILTERS {
            return None;
        }
        names.insert(name.to_owned());
    }
    let off = |name: &String| {
        [("clean", ""), ("smudge", ""), ("process", ""), ("required", "false")]
            .map(|(key, value)| format!("filter.{name}.{key}={value}"))
    };
    Some(names.iter().flat_map(off).collect())
}
