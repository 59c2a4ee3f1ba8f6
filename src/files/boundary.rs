//! What a repository may name: files below one folder, once links are resolved. Whoever opens a pull request writes budgets.toml,
//! and may not point it at the secrets of the machine that checks it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fmt;
use std::io::Result;
use std::path::{Component, Path, PathBuf};

/// As many links are followed as on Linux.
const MOST_LINKS: usize = 40;

/// The folders that a CI system checks out into.
const CHECKOUTS: [&str; 2] = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"];

/// What a boundary is called that no checkout draws.
const FOLDER: &str = "the folder of the budget file,";

/// The folder that budget files, Dockerfiles, ignore files and build contexts have to lie in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boundary {
    /// Without links.
    root: PathBuf,
    what: &'static str,
    /// Whether what lies outside may be read all the same.
    lifted: bool,
}

/// Why a path may not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outside {
    /// It leads out of the folder.
    Beyond(Boundary),
    /// It lies in git's own folder, where logins are kept.
    Git,
}

impl fmt::Display for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Beyond(boundary) => write!(f, "lies outside of {} {}", boundary.what, boundary.root.display()),
            Self::Git => f.write_str("lies in git's own folder"),
        }
    }
}

/// Where a path leads that may pass through links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leads {
    /// To something inside.
    Inside,
    /// Out, by what was written itself.
    Out,
    /// Out, through this link, which lies inside.
    OutBy(PathBuf),
}

impl Boundary {
    /// The boundary for a budget file in `folder`: the checkout of the CI job that it lies in, else the outermost repository, else the
    /// folder itself. `variable` looks up the environment.
    #[must_use]
    pub fn around(folder: &Path, variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let checkout = CHECKOUTS.into_iter().find_map(|name| {
            let root = Path::new(&variable(name).filter(|value| !value.is_empty())?).canonicalize().ok()?;
            folder.starts_with(&root).then_some(root)
        });
        let (root, what) = match checkout {
            Some(root) => (root, "the job's checkout"),
            None => match folder.ancestors().filter(|above| above.join(".git").symlink_metadata().is_ok()).last() {
                Some(root) => (root.to_owned(), "the repository"),
                None => (folder, FOLDER),
            },
        };
        Self { root, what, lifted: false }
    }

    /// The same, with what lies outside readable, too: the person said so.
    #[must_use]
    pub fn lifted(self, lifted: bool) -> Self {
        Self { lifted, ..self }
    }

    /// Whether it is drawn by a checkout, whose links may be a stranger's, and not by a folder alone.
    #[must_use]
    pub fn is_checkout(&self) -> bool {
        self.what != FOLDER
    }

    /// That something leads out, in words.
    #[must_use]
    pub fn beyond(&self) -> Outside {
        Outside::Beyond(self.clone())
    }

    /// Whether a path that a person typed in `cwd` speaks of something inside. What is there may be a stranger's link, then.
    #[must_use]
    pub fn is_named(&self, path: &Path, cwd: &Path) -> bool {
        let cwd = cwd.canonicalize().unwrap_or_else(|_| cwd.to_owned());
        tidy(&cwd.join(path)).starts_with(&self.root)
    }

    /// Whether what is at `path` may be read. What is not there may be asked for.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, path: &Path) -> std::result::Result<(), Outside> {
        if self.lifted { Ok(()) } else { self.holds(path) }
    }

    /// Whether what is at `path` lies inside, and may be quoted in a message.
    ///
    /// # Errors
    /// Where it lies instead.
    pub fn holds(&self, path: &Path) -> std::result::Result<(), Outside> {
        let Ok(real) = real(path) else { return Ok(()) };
        let Ok(below) = real.strip_prefix(&self.root) else { return Err(Outside::Beyond(self.clone())) };
        if below.components().any(|part| part.as_os_str() == ".git") { Err(Outside::Git) } else { Ok(()) }
    }

    /// Follows `path`, relative to `folder`, link by link. Everything is inside when what lies outside may be read.
    ///
    /// # Errors
    /// More links than a system follows.
    pub fn follow(&self, folder: &Path, path: &Path) -> Result<Leads> {
        if self.lifted {
            return Ok(Leads::Inside);
        }
        let mut here = if path.is_absolute() { PathBuf::from("/") } else { folder.canonicalize()? };
        let mut by = None;
        let mut left: VecDeque<(OsString, Option<PathBuf>)> = parts(path, None).collect();
        let mut links = 0;
        while let Some((part, link)) = left.pop_front() {
            let was_inside = here.starts_with(&self.root);
            match Path::new(&part).components().next() {
                Some(Component::RootDir) => here = PathBuf::from("/"),
                Some(Component::ParentDir) => drop(here.pop()),
                Some(Component::Normal(name)) => here.push(name),
                _ => {}
            }
            if was_inside && !here.starts_with(&self.root) {
                by.clone_from(&link);
            }
            if let Ok(target) = here.read_link() {
                links += 1;
                if links > MOST_LINKS {
                    return Err(std::io::Error::other("it has too many links"));
                }
                // A link outside only goes on from what led there.
                let origin = if here.starts_with(&self.root) { Some(here.clone()) } else { link };
                here.pop();
                for part in parts(&target, origin.as_ref()).collect::<Vec<_>>().into_iter().rev() {
                    left.push_front(part);
                }
            }
        }
        Ok(if here.starts_with(&self.root) { Leads::Inside } else { by.map_or(Leads::Out, Leads::OutBy) })
    }
}

/// The parts of a path, each with the link that it comes from.
fn parts(path: &Path, link: Option<&PathBuf>) -> impl Iterator<Item = (OsString, Option<PathBuf>)> {
    let link = link.cloned();
    path.components().map(move |part| (part.as_os_str().to_owned(), link.clone()))
}

/// `path` without links, or the nearest folder above it that is there: a file that is missing inside is missing, and no more.
fn real(path: &Path) -> Result<PathBuf> {
    let mut above = path;
    loop {
        match above.canonicalize() {
            Ok(real) => return Ok(real),
            // A link to nothing leads where its target would be, and the links of `/proc` lead where no path does.
            Err(error) if above.is_symlink() => {
                let folder = above.parent().ok_or(error)?.canonicalize()?;
                return Ok(tidy(&folder.join(above.read_link()?)));
            }
            Err(error) => above = above.parent().filter(|above| !above.as_os_str().is_empty()).ok_or(error)?,
        }
    }
}

/// `path` without `.` and `..`, as it is written.
fn tidy(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut tidy, part| {
        match part {
            Component::ParentDir => drop(tidy.pop()),
            Component::CurDir => {}
            part => tidy.push(part),
        }
        tidy
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn none(_: &str) -> Option<String> {
        None
    }

    /// A repository with a folder of a service, beside a file of somebody else's.
    fn repository() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("repo");
        std::fs::create_dir_all(root.join("service")).unwrap();
        std::fs::create_dir(root.join(".git")).unwrap();
        std::fs::write(root.join(".git/config"), "token").unwrap();
        std::fs::write(root.join("service/file"), "").unwrap();
        std::fs::write(folder.path().join("secret"), "").unwrap();
        (folder, root)
    }

    #[test]
    fn the_checkout_then_the_outermost_repository_then_the_folder() {
        let (folder, root) = repository();
        std::fs::create_dir(root.join("service/.git")).unwrap();
        let service = root.join("service");
        assert_eq!(Boundary::around(&service, &none).root, root);
        let checkout = |name: &'static str, value: &Path| {
            let value = value.display().to_string();
            Boundary::around(&service, &move |asked: &str| (asked == name).then(|| value.clone())).root
        };
        let above = folder.path().canonicalize().unwrap();
        assert_eq!(checkout("GITHUB_WORKSPACE", &above), above);
        assert_eq!(checkout("CI_PROJECT_DIR", &above), above);
        assert_eq!(checkout("CI_PROJECT_DIR", Path::new("/nowhere")), root);
        assert_eq!(checkout("GITHUB_WORKSPACE", Path::new("")), root, "empty is not set");
        assert_eq!(Boundary::around(&above, &none).root, above);
    }

    #[test]
    fn links_are_resolved_before_it_is_judged() {
        let (folder, root) = repository();
        let boundary = Boundary::around(&root, &none);
        symlink(folder.path().join("secret"), root.join("out")).unwrap();
        symlink("service", root.join("in")).unwrap();
        symlink(folder.path(), root.join("above")).unwrap();
        symlink("missing", root.join("nothing")).unwrap();
        symlink("/proc/self/fd/0", root.join("stdin")).unwrap();
        for inside in [
            "service/file",
            "in/file",
            "service/../service/file",
            "missing",
            "missing/x",
            "nothing",
            "above/repo/in/file",
        ] {
            assert_eq!(boundary.check(&root.join(inside)), Ok(()), "{inside}");
        }
        for outside in
            ["out", "stdin", "above/secret", "../secret", "/proc/self/environ", "in/../../secret", "../missing"]
        {
            assert!(matches!(boundary.check(&root.join(outside)), Err(Outside::Beyond(_))), "{outside}");
        }
        assert_eq!(boundary.check(&root.join(".git/config")), Err(Outside::Git));
        let lifted = boundary.lifted(true);
        assert_eq!(lifted.check(&root.join("out")), Ok(()));
        assert!(lifted.holds(&root.join("out")).is_err(), "it may be read, and not quoted");
    }

    #[test]
    fn the_link_that_leads_out_is_named() {
        let (folder, root) = repository();
        let boundary = Boundary::around(&root, &none);
        symlink(folder.path(), root.join("bazel-bin")).unwrap();
        symlink("bazel-bin", root.join("service/detour")).unwrap();
        symlink("../bazel-bin/secret", root.join("service/secret")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        let follow = |path: &str| boundary.follow(&root.join("service"), Path::new(path)).unwrap();
        assert_eq!(follow("file"), Leads::Inside);
        assert_eq!(follow("../bazel-bin/secret"), Leads::OutBy(root.join("bazel-bin")));
        assert_eq!(
            follow("secret"),
            Leads::OutBy(root.join("bazel-bin")),
            "the link to the link leads nowhere by itself"
        );
        assert_eq!(follow("../../secret"), Leads::Out);
        assert_eq!(follow("/etc/passwd"), Leads::Out);
        assert_eq!(follow("../bazel-bin/repo/service/file"), Leads::Inside);
        assert!(boundary.follow(&root, Path::new("loop")).is_err());
    }

    #[test]
    fn what_a_person_types_is_told_by_its_words() {
        let (_folder, root) = repository();
        let boundary = Boundary::around(&root, &none);
        assert!(boundary.is_named(Path::new("service/x"), &root));
        assert!(boundary.is_named(Path::new("../service/../x"), &root.join("service")));
        assert!(!boundary.is_named(Path::new("../x"), &root));
        assert!(!boundary.is_named(Path::new("/etc/budgets.toml"), &root));
    }
}
