//! `@downloaders`: what fetches files from elsewhere.

use crate::catalogue::tool::Ecosystem::Python;
use crate::catalogue::tool::Tool;

pub(in crate::catalogue) const TOOLS: &[Tool] = &[
    Tool::new("curl", "curl", "curl").aliases(&["wcurl", "curlie"]),
    Tool::new("wget", "wget", "wget").aliases(&["wget2"]),
    Tool::new("aria2c", "aria2c", "aria2"),
    Tool::new("axel", "axel", "Axel"),
    Tool::new("httpie", "httpie", "HTTPie").packages(&[(Python, "httpie")]),
    Tool::new("xh", "xh", "HTTPie in Rust").aliases(&["xhs"]),
    Tool::new("lwp-request", "lwp-request", "Perl's HTTP client").aliases(&["lwp-download"]),
    Tool::new("lynx", "lynx", "browser for terminals"),
    Tool::new("elinks", "elinks", "browser for terminals"),
    Tool::new("links", "links", "browser for terminals").aliases(&["links2"]),
    Tool::new("w3m", "w3m", "browser for terminals"),
    Tool::new("ftp", "ftp", "FTP client").aliases(&["tnftp", "netkit-ftp", "inetutils-ftp", "ncftp"]),
    Tool::new("lftp", "lftp", "FTP client").aliases(&["lftpget"]),
    Tool::new("ftpget", "ftpget", "BusyBox's FTP client"),
    Tool::new("ftpput", "ftpget", "BusyBox's FTP client, the other way"),
    Tool::new("tftp", "tftp", "TFTP client").aliases(&["atftp", "inetutils-tftp"]),
    Tool::new("rsync", "rsync", "rsync").aliases(&["rsync-ssl"]),
    Tool::new("scp", "scp", "copies over ssh"),
    Tool::new("sftp", "scp", "FTP over ssh"),
];
