//! Documentation that is installed with programs.

/// For lists: what is found.
pub(super) const MEMBERS: &[&str] = &["share/man", "share/doc", "share/info", "share/gtk-doc", "share/help"];

/// Whether a directory holds documentation of what is installed beside it. Documents of an application are its own affair.
pub fn holds_documents(path: &[u8]) -> bool {
    let is_below = |place: &&str| path.strip_suffix(place.as_bytes()).is_some_and(|above| above.ends_with(b"/"));
    MEMBERS.iter().any(is_below) || path == b"/usr/local/man"
}

/// Whether a directory called so may hold documentation: a quick look before the path is made.
pub fn may_be_called(name: &[u8]) -> bool {
    matches!(name, b"man" | b"doc" | b"info" | b"gtk-doc" | b"help")
}

/// Whether a file is a licence or says whose a work is: whoever passes on a program may have to pass it on as well.
pub fn is_licence(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    ["copyright", "licen", "copying", "notice", "patents", "authors", "credits", "legal", "eula"]
        .iter()
        .any(|word| name.windows(word.len()).any(|part| part == word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_stay() {
        for name in ["copyright", "LICENSE.txt.gz", "COPYING.LIB", "NOTICE", "LICENCE", "THIRD-PARTY-LICENSES"] {
            assert!(is_licence(name.as_bytes()), "{name}");
        }
        for name in ["changelog.Debian.gz", "README", "NEWS.gz"] {
            assert!(!is_licence(name.as_bytes()), "{name}");
        }
        assert!(holds_documents(b"/usr/share/man") && holds_documents(b"/opt/x/share/doc"));
        assert!(!holds_documents(b"/app/doc") && !holds_documents(b"/app/man") && !holds_documents(b"/ashare/man"));
    }
}
