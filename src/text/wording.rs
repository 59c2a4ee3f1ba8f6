//! Words that several formats share: amounts, numbers of things, instructions, and how wide they are.

use unicode_width::UnicodeWidthChar as _;

use crate::domain::{Amount, Bytes};

/// An amount and its limit as a sentence shows them: as exact bytes when they would read alike.
#[must_use]
pub fn pair(actual: Amount, limit: Amount) -> (String, String) {
    let (shown, against) = (actual.to_string(), limit.to_string());
    match (actual, limit) {
        (Amount::Bytes(actual), Amount::Bytes(limit)) if shown == against => (exact(actual), exact(limit)),
        _ => (shown, against),
    }
}

/// `150,000,001 bytes`.
fn exact(bytes: Bytes) -> String {
    let digits = bytes.0.to_string();
    let mut shown = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown + if bytes.0 == 1 { " byte" } else { " bytes" }
}

/// A layer's `created_by` as people read it: the instruction, without the shell that BuildKit and the classic builder put around it.
/// Not escaped.
#[must_use]
pub fn instruction(created_by: &str) -> String {
    let text = created_by.trim();
    let text = text.strip_suffix("# buildkit").unwrap_or(text).trim();
    let nop = text.strip_prefix("/bin/sh -c #(nop)").map(str::trim);
    let text = match nop {
        Some(rest) => rest.to_owned(),
        None => match text.strip_prefix("/bin/sh -c ") {
            Some(command) => format!("RUN {command}"),
            None => {
                text.strip_prefix("RUN /bin/sh -c ").map_or_else(|| text.to_owned(), |command| format!("RUN {command}"))
            }
        },
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// [`instruction()`] as it is the same however often it is run: the classic builder writes a checksum of what it copies,
/// `COPY dir:24b6… in .`.
#[must_use]
pub fn instruction_again(created_by: &str) -> String {
    with_checksums(created_by, 0)
}

/// [`instruction()`] with the checksums of the classic builder in twelve digits, as people read a digest.
#[must_use]
pub fn instruction_short(created_by: &str) -> String {
    const SHORT: usize = 12;
    with_checksums(created_by, SHORT)
}

/// The instruction with so many digits of each checksum.
fn with_checksums(created_by: &str, digits: usize) -> String {
    const SHA256: usize = 64;
    let instruction = instruction(created_by);
    let shown = instruction.split(' ').map(|word| {
        let (what, sum) = word.split_once(':').unwrap_or((word, ""));
        let is_sum = matches!(what, "dir" | "file" | "multi")
            && sum.len() == SHA256
            && sum.bytes().all(|byte| byte.is_ascii_hexdigit());
        let kept = sum.get(..digits).filter(|_| is_sum);
        kept.map_or_else(|| word.to_owned(), |kept| format!("{what}:{kept}"))
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// Hundredths of a percent as a percentage: `2%`, `2.5%`.
#[must_use]
pub fn percent(hundredths: u64) -> String {
    let (whole, part) = (hundredths / 100, hundredths % 100);
    let part = format!(".{part:02}");
    format!("{whole}{}%", part.trim_end_matches('0').trim_end_matches('.'))
}

/// Width on a terminal, in cells.
#[must_use]
pub fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// `1 layer`, `2 layers`.
#[must_use]
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_lose_their_shell() {
        assert_eq!(instruction("RUN /bin/sh -c apt-get update # buildkit"), "RUN apt-get update");
        assert_eq!(instruction("/bin/sh -c #(nop) COPY file:ab in / "), "COPY file:ab in /");
        assert_eq!(instruction("/bin/sh -c make   all"), "RUN make all");
        assert_eq!(instruction("COPY a b # buildkit"), "COPY a b");
        assert_eq!(instruction("RUN |1 A=b /bin/sh -c make # buildkit"), "RUN |1 A=b /bin/sh -c make");
    }

    #[test]
    fn an_instruction_that_is_run_again_is_the_same() {
        let made_by = |digit: &str| format!("/bin/sh -c #(nop) COPY dir:{} in . ", digit.repeat(64));
        assert_eq!(instruction_again(&made_by("a")), "COPY dir: in .");
        assert_eq!(instruction_again(&made_by("a")), instruction_again(&made_by("b")));
        assert_eq!(instruction_short(&made_by("a")), "COPY dir:aaaaaaaaaaaa in .");
        assert_eq!(instruction_again("COPY dir:ab in . # buildkit"), "COPY dir:ab in .");
    }

    #[test]
    fn amounts_that_read_alike_are_exact() {
        let bytes = |n| Amount::Bytes(Bytes(n));
        let texts = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(pair(bytes(162_000_000), bytes(150_000_000)), texts("162.0 MB", "150.0 MB"));
        assert_eq!(pair(bytes(150_000_001), bytes(150_000_000)), texts("150,000,001 bytes", "150,000,000 bytes"));
        assert_eq!(pair(bytes(1), bytes(0)), texts("1 B", "0 B"));
        assert_eq!(pair(Amount::Count(13), Amount::Count(12)), texts("13", "12"));
        assert_eq!(exact(Bytes(1)), "1 byte");
        assert_eq!(exact(Bytes(1000)), "1,000 bytes");
    }
}
