//! PAX records: `LENGTH KEY=VALUE\n`, where LENGTH counts the whole record, so that a value may hold line breaks.
//!
//! Source: POSIX.1-2017, pax, "pax Extended Header"; for what is refused and what wins, Go's `archive/tar`.

use super::error::TarError;

const WRONG: TarError = TarError::Header("a damaged PAX record");

/// The records of one extension member that say something of the next member. Of two with one key the last counts, and an
/// empty value is as none.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Records {
    path: Vec<u8>,
    link: Vec<u8>,
    size: Vec<u8>,
    owners: [Vec<u8>; 2],
    times: [Vec<u8>; 3],
    /// Those that begin with `GNU.sparse.`.
    pub(super) sparse: SparseRecords,
}

/// The records of a sparse file. Values as written: most mean something only together.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SparseRecords {
    pub(super) major: Vec<u8>,
    pub(super) minor: Vec<u8>,
    pub(super) name: Vec<u8>,
    pub(super) size: Vec<u8>,
    pub(super) real_size: Vec<u8>,
    pub(super) blocks: Vec<u8>,
    pub(super) map: Vec<u8>,
}

impl Records {
    /// Reads one extension member.
    ///
    /// # Errors
    /// When the form of a record is wrong, or the pieces of a map in the form 0.0 are out of order.
    pub(super) fn parse(mut text: &[u8]) -> Result<Self, TarError> {
        let mut records = Self::default();
        let (mut map, mut pieces) = (Vec::new(), 0_u32);
        while !text.is_empty() {
            let (key, value, rest) = record(text).ok_or(WRONG)?;
            text = rest;
            // The form 0.0 has the same two keys for each fragment, in turn.
            if let turn @ (b"GNU.sparse.offset" | b"GNU.sparse.numbytes") = key {
                let expected: &[u8] = if pieces % 2 == 0 { b"GNU.sparse.offset" } else { b"GNU.sparse.numbytes" };
                if turn != expected || value.contains(&b',') {
                    return Err(WRONG);
                }
                if pieces > 0 {
                    map.push(b',');
                }
                pieces += 1;
                map.extend_from_slice(value);
            } else if let Some(known) = records.value(key) {
                value.clone_into(known);
            }
        }
        if pieces > 0 {
            records.sparse.map = map;
        }
        Ok(records)
    }

    fn value(&mut self, key: &[u8]) -> Option<&mut Vec<u8>> {
        let [user, group] = &mut self.owners;
        let [read, modified, changed] = &mut self.times;
        Some(match key {
            b"path" => &mut self.path,
            b"linkpath" => &mut self.link,
            b"size" => &mut self.size,
            b"uid" => user,
            b"gid" => group,
            b"atime" => read,
            b"mtime" => modified,
            b"ctime" => changed,
            b"GNU.sparse.major" => &mut self.sparse.major,
            b"GNU.sparse.minor" => &mut self.sparse.minor,
            b"GNU.sparse.name" => &mut self.sparse.name,
            b"GNU.sparse.size" => &mut self.sparse.size,
            b"GNU.sparse.realsize" => &mut self.sparse.real_size,
            b"GNU.sparse.numblocks" => &mut self.sparse.blocks,
            b"GNU.sparse.map" => &mut self.sparse.map,
            _ => return None,
        })
    }

    /// Whether owners and times are what they should be: where they are not, no engine reads the layer.
    ///
    /// # Errors
    /// When one is not.
    pub(super) fn check(&self) -> Result<(), TarError> {
        let right = self.owners.iter().filter_map(|id| some(id)).all(|id| decimal(id).is_some())
            && self.times.iter().filter_map(|time| some(time)).all(is_time);
        if right { Ok(()) } else { Err(WRONG) }
    }

    /// `path`.
    pub(super) fn path(&self) -> Option<&[u8]> {
        some(&self.path)
    }

    /// `linkpath`.
    pub(super) fn link(&self) -> Option<&[u8]> {
        some(&self.link)
    }

    /// `size`: bytes in the tar.
    ///
    /// # Errors
    /// When it is not a number.
    pub(super) fn size(&self) -> Result<Option<i64>, TarError> {
        some(&self.size).map(|size| decimal(size).ok_or(WRONG)).transpose()
    }
}

/// The value of a record; an empty one is none.
pub(super) fn some(value: &[u8]) -> Option<&[u8]> {
    (!value.is_empty()).then_some(value)
}

/// A decimal number as Go's `strconv.ParseInt` reads it: with a sign, if it likes.
pub(super) fn decimal(digits: &[u8]) -> Option<i64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn record(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = text.iter().position(|byte| *byte == b' ')?;
    let length = usize::try_from(decimal(&text[..space])?).ok()?;
    let body = text.get(space + 1..length)?.strip_suffix(b"\n")?;
    let equals = body.iter().position(|byte| *byte == b'=').filter(|at| *at > 0)?;
    let (key, value) = (&body[..equals], &body[equals + 1..]);
    let text_only = if matches!(key, b"path" | b"linkpath" | b"uname" | b"gname") { value } else { key };
    (!text_only.contains(&0)).then_some((key, value, &text[length..]))
}

/// Seconds, and digits after a point.
fn is_time(value: &[u8]) -> bool {
    let mut parts = value.splitn(2, |byte| *byte == b'.');
    decimal(parts.next().unwrap_or_default()).is_some()
        && parts.next().unwrap_or_default().iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_may_hold_line_breaks_and_equal_signs() {
        let records = Records::parse(b"14 path=a\n=b/\n12 size=123\n8 size=\n").expect("valid");
        assert_eq!(records.path(), Some(&b"a\n=b/"[..]));
        assert_eq!(records.size().expect("none"), None, "an empty value takes back");
    }

    #[test]
    fn maps_in_pieces() {
        let pieces =
            b"23 GNU.sparse.offset=1\n25 GNU.sparse.numbytes=2\n23 GNU.sparse.offset=3\n25 GNU.sparse.numbytes=4\n";
        assert_eq!(Records::parse(pieces).expect("valid").sparse.map, b"1,2,3,4");
        for wrong in
            [&b"25 GNU.sparse.numbytes=2\n"[..], b"23 GNU.sparse.offset=,\n", &[&pieces[..23], &pieces[..23]].concat()]
        {
            assert!(Records::parse(wrong).is_err(), "{}", String::from_utf8_lossy(wrong));
        }
    }

    #[test]
    fn damage() {
        for wrong in [
            &b"5 a=b"[..],
            b"99 a=b\n",
            b"0 a=b\n",
            b"a=b\n",
            b"6 ab\n\n",
            b"5 =b\n",
            b"11 path=\0a\n",
            b"7 a\0=b\n",
            b"4 a\n",
        ] {
            assert!(Records::parse(wrong).is_err(), "{}", String::from_utf8_lossy(wrong));
        }
        assert!(Records::parse(b"7 a=\0b\n").is_ok());
    }

    #[test]
    fn owners_and_times() {
        let right = |text: &[u8]| Records::parse(text).expect("valid").check().is_ok();
        for value in
            [&b"10 uid=-5\n"[..], b"16 mtime=-1.500\n", b"10 atime=\n", b"12 ctime=1.\n", b"18 LIBARCHIVE.x=z\n"]
        {
            assert!(right(value), "{}", String::from_utf8_lossy(value));
        }
        for value in
            [&b"9 uid=1x\n"[..], b"11 mtime=x\n", b"12 mtime=.5\n", b"14 mtime=1.-5\n", b"27 gid=9223372036854775808\n"]
        {
            assert!(!right(value), "{}", String::from_utf8_lossy(value));
        }
    }
}
