//! What a package manager leaves, or makes again, after its lists and caches were cleaned up as they should be.

/// Paths that apt's package has, and empty files that apt makes whenever it is called.
const OF_APT: [&str; 10] = [
    "/var/lib/apt/lists",
    "/var/lib/apt/lists/auxfiles",
    "/var/lib/apt/lists/lock",
    "/var/lib/apt/lists/partial",
    "/var/lib/apt/mirrors",
    "/var/lib/apt/mirrors/partial",
    "/var/lib/apt/periodic",
    "/var/cache/apt/archives",
    "/var/cache/apt/archives/lock",
    "/var/cache/apt/archives/partial",
];

/// Whether apt leaves this path, empty, after `apt-get clean` and after its lists were deleted.
pub fn is_left_by_apt(path: &[u8]) -> bool {
    OF_APT.iter().any(|left| left.as_bytes() == path)
}
