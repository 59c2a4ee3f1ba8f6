//! PAX records: `LENGTH KEY=VALUE\n`, where LENGTH counts the whole record, so that a value may hold line breaks.
//!
//! Source: POSIX.1-2017, pax, "pax Extended Header"; the `GNU.sparse` keys: GNU tar manual, "Storing Sparse Files".

use super::error::TarError;

const WRONG: TarError = TarError::Header("a damaged PAX record");

/// The records that say what a member is called and how large it is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Records {
    /// `path`.
    pub(super) path: Option<Vec<u8>>,
    /// `linkpath`.
    pub(super) link: Option<Vec<u8>>,
    /// `size`: bytes in the tar.
    pub(super) size: Option<u64>,
    /// Apparent size of a sparse file.
    pub(super) sparse_size: Option<u64>,
}

impl Records {
    /// Reads one extension member. An empty value leaves what the header says.
    pub(super) fn parse(mut text: &[u8]) -> Result<Self, TarError> {
        let mut records = Self::default();
        let (mut sparse_name, mut sparse, mut sparse_size) = (None, false, None);
        while !text.is_empty() {
            let (key, value, rest) = record(text).ok_or(WRONG)?;
            text = rest;
            match key {
                b"path" => records.path = name(value)?,
                b"linkpath" => records.link = name(value)?,
                b"size" => records.size = size(value)?,
                b"GNU.sparse.name" => sparse_name = name(value)?,
                b"GNU.sparse.size" | b"GNU.sparse.realsize" => sparse_size = size(value)?.or(sparse_size),
                b"GNU.sparse.major" | b"GNU.sparse.map" => sparse = true,
                _ => {}
            }
        }
        if sparse {
            records.path = sparse_name.or(records.path);
            records.sparse_size = sparse_size;
        }
        Ok(records)
    }
}

fn record(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = text.iter().position(|byte| *byte == b' ')?;
    let length = usize::try_from(decimal(text.get(..space)?)?).ok()?;
    let body = text.get(space + 1..length)?.strip_suffix(b"\n")?;
    let equals = body.iter().position(|byte| *byte == b'=')?;
    Some((&body[..equals], &body[equals + 1..], text.get(length..)?))
}

fn decimal(digits: &[u8]) -> Option<u64> {
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    plain.then(|| std::str::from_utf8(digits).ok()?.parse().ok())?
}

fn name(value: &[u8]) -> Result<Option<Vec<u8>>, TarError> {
    if value.contains(&0) { Err(WRONG) } else { Ok((!value.is_empty()).then(|| value.to_vec())) }
}

fn size(value: &[u8]) -> Result<Option<u64>, TarError> {
    if value.is_empty() {
        return Ok(None);
    }
    decimal(value).filter(|size| i64::try_from(*size).is_ok()).map(Some).ok_or(WRONG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_may_hold_line_breaks_and_equal_signs() {
        let records = Records::parse(b"14 path=a\n=b/\n12 size=123\n8 size=\n").expect("valid");
        assert_eq!(records.path.as_deref(), Some(&b"a\n=b/"[..]));
        assert_eq!(records.size, None);
    }

    #[test]
    fn sparse_records_count_only_together() {
        let alone = Records::parse(b"22 GNU.sparse.size=99\n").expect("valid");
        assert_eq!(alone.sparse_size, None);
        let sparse = b"22 GNU.sparse.major=1\n26 GNU.sparse.realsize=99\n21 GNU.sparse.name=n\n";
        let records = Records::parse(sparse).expect("valid");
        assert_eq!((records.sparse_size, records.path.as_deref()), (Some(99), Some(&b"n"[..])));
    }

    #[test]
    fn damage() {
        for wrong in [&b"5 a=b"[..], b"99 a=b\n", b"0 a=b\n", b"a=b\n", b"6 ab\n\n", b"11 size=-1\n", b"11 path=\0a\n"]
        {
            assert!(Records::parse(wrong).is_err(), "{}", String::from_utf8_lossy(wrong));
        }
    }
}
