//! Paths that have too little room.

use crate::text::width;

/// At most so many cells of a path: parts in the middle give way first, and never the last one.
pub(in crate::output) fn shorten(path: &str, room: usize) -> String {
    if width(path) <= room {
        return path.to_owned();
    }
    let parts: Vec<&str> = path.split('/').collect();
    // `/usr/…/site-packages`: the first part stays, then as many of the last as there is room for.
    let first = parts.get(..2).map(|parts| parts.join("/")).unwrap_or_default();
    for start in 2..parts.len() {
        let tail = parts.get(start..).unwrap_or_default().join("/");
        let shown = format!("{first}/…/{tail}");
        if width(&shown) <= room {
            return shown;
        }
    }
    let last = parts.last().copied().unwrap_or_default();
    let shown = format!("…/{last}");
    if width(&shown) <= room { shown } else { crate::output::terminal::rows::cut(&shown, room) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_middle_gives_way() {
        let path = "/usr/local/lib/python3.11/site-packages/torch";
        assert_eq!(shorten(path, 80), path);
        assert_eq!(shorten(path, 44), "/usr/…/lib/python3.11/site-packages/torch");
        assert_eq!(shorten(path, 26), "/usr/…/site-packages/torch");
        assert_eq!(shorten(path, 15), "/usr/…/torch");
        assert_eq!(shorten(path, 8), "…/torch");
        assert_eq!(shorten(path, 6), "…/tor…");
    }

    proptest! {
        #[test]
        fn it_fits(path in "(/[a-z日]{0,12}){0,8}", room in 4usize..60) {
            prop_assert!(width(&shorten(&path, room)) <= room);
        }
    }
}
