//! `@vcs`: version control.

use crate::catalogue::tool::Tool;

pub(in crate::catalogue) const TOOLS: &[Tool] = &[
    Tool::new("git", "git", "Git").aliases(&[
        "git-shell",
        "git-upload-pack",
        "git-receive-pack",
        "git-upload-archive",
        "scalar",
    ]),
    Tool::new("git-lfs", "git", "large files of Git"),
    Tool::new("hg", "hg", "Mercurial").aliases(&["chg"]),
    Tool::new("svn", "svn", "Subversion").aliases(&[
        "svnadmin",
        "svnlook",
        "svnmucc",
        "svnrdump",
        "svnserve",
        "svnsync",
        "svnversion",
    ]),
    Tool::new("bzr", "bzr", "Bazaar").aliases(&["brz"]),
    Tool::new("cvs", "cvs", "CVS"),
    Tool::new("darcs", "darcs", "Darcs"),
    Tool::new("fossil", "fossil", "Fossil"),
    Tool::new("jj", "jj", "Jujutsu"),
    Tool::new("p4", "p4", "Perforce"),
    Tool::new("pijul", "pijul", "Pijul"),
];
