//! Where other people's code lies: what is published there with a package is not a secret of whoever built the image.

/// Directories that package managers fill, by name.
const FILLED: [&str; 9] = [
    "node_modules",
    "bower_components",
    "jspm_packages",
    "site-packages",
    "dist-packages",
    "gems",
    "vendor",
    "perl5",
    "_cacache",
];

/// Whether an absolute path lies in a package of some language, or in what a language itself comes with.
pub fn is_in_dependency(path: &[u8]) -> bool {
    let parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
    let Some((_, above)) = parts.split_last() else { return false };
    let is_python =
        |part: &[u8]| part.strip_prefix(b"python").is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_digit));
    above.iter().any(|part| FILLED.iter().any(|name| name.as_bytes() == *part))
        || above.windows(2).any(|pair| match pair {
            [b"lib" | b"lib64", next] => is_python(next) || next.starts_with(b"go-") || *next == b"ruby",
            [b"pkg", b"mod"]
            | [b"local", b"go"]
            | [b"cargo" | b".cargo", b"registry" | b"git"]
            | [b"share", b"doc" | b"perl" | b"ruby"] => true,
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::is_in_dependency;

    #[test]
    fn packages_and_languages_are_other_peoples_code() {
        for path in [
            "/app/node_modules/tunnel/test/keys/key.pem",
            "/usr/lib/python3/dist-packages/x/test.key",
            "/usr/local/lib/python3.12/test/certdata/keycert.pem",
            "/usr/local/go/src/crypto/tls/testdata/a.key",
            "/root/go/pkg/mod/x/testdata/id_rsa",
            "/usr/local/bundle/gems/puma/examples/k.pem",
            "/usr/share/doc/x/examples/k.pem",
        ] {
            assert!(is_in_dependency(path.as_bytes()), "{path}");
        }
        for path in ["/app/.env", "/root/.ssh/id_rsa", "/etc/ssl/private/k.pem", "/app/lib/key.pem", "/node_modules"] {
            assert!(!is_in_dependency(path.as_bytes()), "{path}");
        }
    }
}
