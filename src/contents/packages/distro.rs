//! What an image says that it is a distribution of.
//!
//! `/etc/os-release`, and `/usr/lib/os-release` where that is not there: os-release(5).

use crate::domain::Distro;

use super::super::view::View;

/// The places, the first that is there counts.
const PLACES: [&[u8]; 2] = [b"/etc/os-release", b"/usr/lib/os-release"];

/// What an image says. A file that was not read says nothing: no count depends on it.
pub(super) fn read(view: &View<'_>) -> Option<Distro> {
    let file = PLACES.iter().find_map(|place| view.at(place))?;
    parse(view.bytes_of(file).ok()?)
}

/// Assignments as a shell reads them, of which the last of a name counts.
fn parse(text: &[u8]) -> Option<Distro> {
    let value = |key: &str| {
        let mut lines = text.split(|byte| *byte == b'\n').rev();
        let written = lines.find_map(|line| line.trim_ascii().strip_prefix(key.as_bytes())?.strip_prefix(b"="))?;
        word(written)
    };
    Some(Distro { id: value("ID")?, version: value("VERSION_ID") })
}

/// The value without its quotes. One that a shell would have to expand is not a name, nor is what no specification allows in one.
fn word(written: &[u8]) -> Option<String> {
    let quoted = |quote: &[u8]| written.strip_prefix(quote)?.strip_suffix(quote);
    let bare = quoted(b"\"").or_else(|| quoted(b"'")).unwrap_or(written);
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-+~".contains(byte);
    let is_name = !bare.is_empty() && bare.len() <= 64 && bare.iter().all(is_plain);
    is_name.then(|| String::from_utf8_lossy(bare).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_read_as_a_shell_would_and_nothing_is_expanded() {
        let said = |text: &str| parse(text.as_bytes()).map(|distro| (distro.id, distro.version));
        let named = |id: &str, version: Option<&str>| Some((id.to_owned(), version.map(str::to_owned)));
        assert_eq!(said("NAME=\"Debian\"\nVERSION_ID=\"12\"\nID=debian\n"), named("debian", Some("12")));
        assert_eq!(said("ID='alpine'\r\nVERSION_ID=3.20.1\n"), named("alpine", Some("3.20.1")));
        assert_eq!(said("ID=a\nID=arch\n"), named("arch", None));
        assert_eq!(said("ID=$(id)\n"), None);
        assert_eq!(said("VERSION_ID=1\nIDENTITY=x\n"), None);
    }
}
