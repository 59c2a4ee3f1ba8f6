//! `@os-package-managers`: what installs packages of the distribution.

use crate::catalogue::tool::Tool;

pub(in crate::catalogue) const TOOLS: &[Tool] = &[
    Tool::new("apt", "apt", "Debian's package manager").aliases(&["apt-cache", "apt-config", "apt-key", "apt-mark"]),
    Tool::new("apt-get", "apt", "Debian's package manager, for scripts"),
    Tool::new("aptitude", "apt", "package manager for Debian").aliases(&["aptitude-curses"]),
    Tool::new("dpkg", "dpkg", "Debian's package installer"),
    Tool::new("dpkg-deb", "dpkg", "Debian's package archiver"),
    Tool::new("apk", "apk", "Alpine's package manager").aliases(&["apk.static"]),
    Tool::new("yum", "yum", "Red Hat's old package manager"),
    Tool::new("dnf", "dnf", "Red Hat's package manager").versioned(),
    Tool::new("microdnf", "microdnf", "Red Hat's small package manager"),
    Tool::new("tdnf", "tdnf", "Photon's package manager"),
    Tool::new("rpm", "rpm", "Red Hat's package installer").aliases(&["rpmkeys", "rpmdb"]),
    Tool::new("rpm2cpio", "rpm", "unpacks RPM packages"),
    Tool::new("zypper", "zypper", "SUSE's package manager"),
    Tool::new("pacman", "pacman", "Arch's package manager"),
    Tool::new("opkg", "opkg", "OpenWrt's package manager"),
    Tool::new("xbps-install", "xbps-install", "Void's package manager"),
    Tool::new("emerge", "emerge", "Gentoo's package manager"),
    Tool::new("nix", "nix", "Nix").aliases(&["nix-env", "nix-shell", "nix-build", "nix-store"]),
    Tool::new("guix", "guix", "Guix"),
    Tool::new("brew", "brew", "Homebrew"),
    Tool::new("snap", "snap", "Snap"),
    Tool::new("flatpak", "flatpak", "Flatpak"),
];
