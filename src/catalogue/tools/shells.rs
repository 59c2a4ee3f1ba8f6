//! `@shells`: command interpreters.

use crate::catalogue::tool::Tool;

// What `sh` usually leads to is of its family: one program under several names is one finding.
pub(in crate::catalogue) const TOOLS: &[Tool] = &[
    Tool::new("sh", "sh", "the system's shell"),
    Tool::new("bash", "bash", "GNU Bash").aliases(&["rbash", "bash-static"]),
    Tool::new("dash", "sh", "Debian's small shell"),
    Tool::new("ash", "sh", "BusyBox's shell"),
    Tool::new("hush", "sh", "BusyBox's smaller shell"),
    // `busybox sh` is a shell without any link.
    Tool::new("busybox", "busybox", "many commands in one file").aliases(&[
        "busybox.static",
        "busybox-extras",
        "busybox.nosuid",
        "busybox.suid",
        "static-sh",
    ]),
    Tool::new("toybox", "toybox", "many commands in one file"),
    Tool::new("zsh", "zsh", "Z shell").aliases(&["rzsh", "zsh-static"]),
    Tool::new("ksh", "ksh", "Korn shell").aliases(&[
        "ksh93",
        "mksh",
        "lksh",
        "oksh",
        "pdksh",
        "rksh",
        "rksh93",
        "rlksh",
        "rmksh",
        "mksh-static",
        "ksh2020",
    ]),
    Tool::new("fish", "fish", "friendly shell"),
    Tool::new("csh", "csh", "C shell").aliases(&["bsd-csh"]),
    Tool::new("tcsh", "csh", "C shell with line editing"),
    Tool::new("posh", "posh", "Debian's strict shell"),
    Tool::new("sash", "sash", "shell on its own"),
    Tool::new("osh", "oils", "Oils").aliases(&["ysh"]),
    Tool::new("yash", "yash", "POSIX shell"),
    Tool::new("elvish", "elvish", "Elvish"),
    Tool::new("nu", "nu", "Nushell"),
    Tool::new("pwsh", "pwsh", "PowerShell"),
    Tool::new("xonsh", "xonsh", "Python shell"),
];
