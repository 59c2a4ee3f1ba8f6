//! `imgbudget.lock/1`: the sizes of a repository's images, committed beside budgets.toml.
//!
//! ```text
//! imgbudget.lock/1 content/1
//! # Sizes in bytes, written by `imgbudget update`. …
//!
//! api linux/amd64 size=162_000_000 base=74_800_000 compressed=54_000_000
//!
//! web linux/amd64 size=96_500_000
//! ```
//!
//! One line a target and platform, sorted, so that a review shows what changed and by how much. The empty lines are there for git:
//! it calls changes of neighbouring lines a conflict, and with a line between them they merge.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::domain::{Bytes, CompressedSize, Definition, Platform, Report, TargetName};
use crate::{Class, Error, text};

/// The format that this version writes and reads.
pub const SCHEMA: &str = "imgbudget.lock/1";

/// The name of the file, beside budgets.toml, unless `[baseline]` gives another.
pub const FILE_NAME: &str = "budgets.lock";

/// What every version of the format begins with.
const FAMILY: &str = "imgbudget.lock/";

const COMMENT: &str = "\
# Sizes in bytes, written by `imgbudget update`. The empty lines let git merge changes of neighbours.";

/// The largest lock file, in bytes.
const LARGEST: usize = 4 * 1024 * 1024;
/// The most lines with sizes.
const MOST: usize = 10_000;

/// The sizes of one target on one platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Content size.
    pub size: Bytes,
    /// The part of it that came with the base image, where that can be told.
    pub base: Option<Bytes>,
    /// Compressed size, where it is exact.
    pub compressed: Option<Bytes>,
}

impl Sizes {
    /// Whether each changed by less than 1 %.
    fn is_near(self, now: Self) -> bool {
        let near =
            |then: Bytes, now: Bytes| then == now || u128::from(then.0.abs_diff(now.0)) * 100 < u128::from(then.0);
        let known = |then: Option<Bytes>, now: Option<Bytes>| match (then, now) {
            (Some(then), Some(now)) => near(then, now),
            (then, now) => then == now,
        };
        let compressed = now.compressed.is_none() || known(self.compressed, now.compressed);
        near(self.size, now.size) && known(self.base, now.base) && compressed
    }
}

/// A lock file: sizes by target and platform.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock(BTreeMap<(TargetName, Platform), Sizes>);

/// What a lock file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// Sizes.
    Lock(Lock),
    /// Sizes by a definition that this version does not know, so that none of them was read.
    OtherDefinition(String),
}

impl Lock {
    /// The sizes in a report.
    ///
    /// # Errors
    /// A target could not be measured, or its platform has a name that no lock file can hold.
    pub fn of(report: &Report) -> Result<Self, Error> {
        let mut lock = Self::default();
        for target in &report.targets {
            let (Some(platform), Some(size)) = (&target.platform, target.size) else {
                let was_not =
                    if target.error.is_some() { "could not be measured" } else { "has no size: no layer was read" };
                return Err(Error::new(Class::Image, format!("`{}` {was_not}", target.name)));
            };
            if platform.to_string().parse().as_ref() != Ok(platform) {
                let shown = text::line(&platform.to_string());
                return Err(Error::new(
                    Class::Image,
                    format!("the image of `{}` has no platform but `{shown}`", target.name),
                )
                .with_hint("A lock file names platforms as os/architecture; build the image for one."));
            }
            let sizes = Sizes {
                size,
                base: target.base_size,
                compressed: target.compressed_size.and_then(CompressedSize::if_exact),
            };
            lock.0.insert((target.name.clone(), platform.clone()), sizes);
        }
        Ok(lock)
    }

    /// The sizes of a target.
    #[must_use]
    pub fn get(&self, name: &TargetName, platform: &Platform) -> Option<Sizes> {
        self.0.get(&(name.clone(), platform.clone())).copied()
    }

    /// Every target and platform, sorted.
    pub fn targets(&self) -> impl Iterator<Item = (&TargetName, &Platform)> {
        self.0.keys().map(|(name, platform)| (name, platform))
    }

    /// Keeps what `keep` says of a target and platform.
    pub fn retain(&mut self, keep: impl Fn(&TargetName, &Platform) -> bool) {
        self.0.retain(|(name, platform), _| keep(name, platform));
    }

    /// Adds the sizes of `newer`, which replace those that are there.
    pub fn extend(&mut self, newer: Self) {
        self.0.extend(newer.0);
    }

    /// Takes the lines of `earlier` where little changed, so that a lock file that is written anew differs where something happened. A line
    /// stays where each of its sizes changed by less than 1 % and `may_stay` says so of the sizes then and now; a compressed size that was
    /// known then and is not now counts as unchanged.
    pub fn settle(&mut self, earlier: &Self, may_stay: impl Fn(&TargetName, Sizes, Sizes) -> bool) {
        for ((name, platform), now) in &mut self.0 {
            if let Some(then) = earlier.get(name, platform)
                && then.is_near(*now)
                && may_stay(name, then, *now)
            {
                *now = then;
            }
        }
    }

    /// How many lines with sizes it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The file, the same bytes for the same sizes.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{SCHEMA} {}\n{COMMENT}\n", Definition::default().as_str());
        for ((name, platform), sizes) in &self.0 {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n{name} {platform} size={}", grouped(sizes.size));
            for (key, bytes) in [("base", sizes.base), ("compressed", sizes.compressed)] {
                if let Some(bytes) = bytes {
                    let _ = write!(text, " {key}={}", grouped(bytes));
                }
            }
            text.push('\n');
        }
        text
    }
}

/// Whether these bytes claim to be a lock file, or are one that git left with a conflict.
#[must_use]
pub fn is_lock(bytes: &[u8]) -> bool {
    bytes.starts_with(FAMILY.as_bytes()) || bytes.starts_with(b"<<<<<<<")
}

/// Reads a lock file. `name` is what messages call it.
///
/// # Errors
/// It is too large, of another version, has a line that the format does not have, a target twice, or conflict markers; the message
/// names the line.
pub fn read(bytes: &[u8], name: &str) -> Result<Read, Error> {
    if bytes.len() > LARGEST {
        return Err(refuse(format!("`{name}` is larger than {}", Bytes(LARGEST as u64))));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| refuse(format!("`{name}` is not UTF-8 text")))?;
    if let Some(number) = conflict(text) {
        return Err(Error::new(Class::Config, format!("{name}:{number}: git left a conflict here"))
            .with_hint("Run `imgbudget update`: it measures again and writes the whole file."));
    }
    let mut lines = text.lines().enumerate().map(|(number, line)| (number + 1, line));
    let header = lines.next().map_or("", |(_, line)| line);
    match header.split_once(' ') {
        Some((SCHEMA, definition)) if definition == Definition::default().as_str() => {}
        Some((SCHEMA, definition)) => return Ok(Read::OtherDefinition(text::line(definition))),
        _ => {
            let found = text::line(header);
            return Err(refuse(format!("{name}:1: the first line is `{found}`, and this version reads `{SCHEMA}`")));
        }
    }
    let mut lock = Lock::default();
    for (number, line) in lines {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let entry = entry(line).map_err(|why| {
            let shown = text::line(line);
            refuse(format!("{name}:{number}: {why} in `{shown}`"))
        })?;
        if let Some(twice) = lock.insert(entry) {
            return Err(refuse(format!("{name}:{number}: {twice} is there twice")));
        }
        if lock.len() > MOST {
            return Err(refuse(format!("`{name}` has more than {MOST} lines with sizes")));
        }
    }
    Ok(Read::Lock(lock))
}

impl Lock {
    /// Adds a line; what it is about when there was one already.
    fn insert(&mut self, (name, platform, sizes): (TargetName, Platform, Sizes)) -> Option<String> {
        let what = format!("`{name} {platform}`");
        self.0.insert((name, platform), sizes).map(|_| what)
    }
}

/// `api linux/amd64 size=162_000_000 base=74_800_000 compressed=54_000_000`.
///
/// # Errors
/// What is wrong with it, as a fragment.
fn entry(line: &str) -> Result<(TargetName, Platform, Sizes), String> {
    const FORM: &str = "not `TARGET PLATFORM size=BYTES [base=BYTES] [compressed=BYTES]`";
    let mut words = line.trim_end().split(' ').peekable();
    let mut word = || words.next().ok_or(FORM);
    let name = word()?.parse().map_err(|_| "not the name of a target")?;
    let platform = word()?.parse().map_err(|_| "not a platform, such as linux/amd64,")?;
    let size = word().ok().filter(|word| word.starts_with("size=")).ok_or("no `size=BYTES`")?;
    let size = bytes(size, "size=")?;
    let mut known = |key: &str| words.next_if(|word| word.starts_with(key)).map(|word| bytes(word, key)).transpose();
    let (base, compressed) = (known("base=")?, known("compressed=")?);
    if words.next().is_some() {
        return Err(FORM.to_owned());
    }
    Ok((name, platform, Sizes { size, base, compressed }))
}

/// Bytes with `_` between groups of three digits, as they are written; a number without is taken, too.
///
/// # Errors
/// What is wrong with them.
fn bytes(word: &str, key: &str) -> Result<Bytes, String> {
    let digits = word.strip_prefix(key).unwrap_or_default();
    if digits.is_empty() {
        return Err(format!("no number after `{key}`"));
    }
    if digits.starts_with('-') {
        return Err(format!("a negative number after `{key}`"));
    }
    let plain = digits.replace('_', "");
    let is_number = plain.bytes().all(|byte| byte.is_ascii_digit());
    let bytes = plain.parse().ok().filter(|_| is_number).map(Bytes);
    let bytes = bytes.filter(|bytes| digits == plain || digits == grouped(*bytes));
    bytes.ok_or_else(|| format!("not a number of bytes after `{key}`"))
}

/// `162_000_000`.
fn grouped(bytes: Bytes) -> String {
    let digits = bytes.0.to_string();
    let mut shown = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            shown.push('_');
        }
        shown.push(digit);
    }
    shown
}

/// The line of the first conflict that git left, 1-based.
#[must_use]
pub fn conflict(text: &str) -> Option<usize> {
    text.lines().position(is_conflict_marker).map(|number| number + 1)
}

/// The lines that git writes around a conflict, both styles.
fn is_conflict_marker(line: &str) -> bool {
    ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().any(|marker| line.starts_with(marker))
}

fn refuse(message: String) -> Error {
    Error::new(Class::Config, message).with_hint("Write the lock file anew with `imgbudget update`.")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Name, platform, size, size of the base image, compressed size.
    type Line<'a> = (&'a str, &'a str, u64, Option<u64>, Option<u64>);

    fn lock(entries: &[Line<'_>]) -> Lock {
        let entry = |(name, platform, size, base, compressed): &Line<'_>| {
            let key = (name.parse().expect("a name"), platform.parse().expect("a platform"));
            (key, Sizes { size: Bytes(*size), base: base.map(Bytes), compressed: compressed.map(Bytes) })
        };
        Lock(entries.iter().map(entry).collect())
    }

    fn refusal(text: &str) -> String {
        read(text.as_bytes(), "budgets.lock").expect_err("refused").chain()
    }

    #[test]
    fn it_reads_like_a_table() {
        let lock = lock(&[
            ("web", "linux/amd64", 96_500_000, Some(74_800_000), None),
            ("api", "linux/arm/v7", 0, None, None),
            ("api", "linux/amd64", 162_000_000, Some(74_800_000), Some(54_000_001)),
        ]);
        insta::assert_snapshot!(lock.to_text(), @r"
        imgbudget.lock/1 content/1
        # Sizes in bytes, written by `imgbudget update`. The empty lines let git merge changes of neighbours.

        api linux/amd64 size=162_000_000 base=74_800_000 compressed=54_000_001

        api linux/arm/v7 size=0

        web linux/amd64 size=96_500_000 base=74_800_000
        ");
        assert_eq!(read(lock.to_text().replace('\n', "\r\n").as_bytes(), "l").expect("ours"), Read::Lock(lock));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let head = "imgbudget.lock/1 content/1\n\n";
        assert_eq!(
            refusal("imgbudget.lock/2 content/1\n"),
            "budgets.lock:1: the first line is `imgbudget.lock/2 content/1`, and this version reads `imgbudget.lock/1`"
        );
        assert_eq!(
            refusal(&format!("{head}api linux/amd64 size=1\n\napi linux/x86_64 size=2\n")),
            "budgets.lock:5: `api linux/amd64` is there twice"
        );
        for wrong in [
            "api",
            "api linux/amd64",
            "api linux/amd64 size=",
            "api linux/amd64 size=+1",
            "api linux/amd64 size=-1",
            "api linux/amd64 size=1.0",
            "api linux/amd64 size=1_0",
            "api linux/amd64 size=_1",
            "api linux/amd64 size=18446744073709551616",
            "api linux/amd64 compressed=1 size=1",
            "api linux/amd64 size=1 compressed=1 color=1",
            "api linux/amd64 size=1 compressed=1 base=1",
            "api linux/amd64 size=1 base=",
            "a/b linux/amd64 size=1",
            "api linux size=1",
            " api linux/amd64 size=1",
            "api  linux/amd64 size=1",
        ] {
            assert!(refusal(&format!("{head}{wrong}\n")).starts_with("budgets.lock:3: "), "{wrong}");
        }
        for (wrong, why) in [
            ("api linux/amd64 size=-1", "a negative number after `size=` in `api linux/amd64 size=-1`"),
            ("api linux/amd64 size=", "no number after `size=` in `api linux/amd64 size=`"),
            ("api linux/amd64", "no `size=BYTES` in `api linux/amd64`"),
            ("api linux/amd64 size=1 base=x", "not a number of bytes after `base=` in `api linux/amd64 size=1 base=x`"),
            ("api linux size=1", "not a platform, such as linux/amd64, in `api linux size=1`"),
        ] {
            assert_eq!(refusal(&format!("{head}{wrong}\n")), format!("budgets.lock:3: {why}"));
        }
        let many: Vec<String> = (0..=MOST).map(|n| format!("t{n} linux/amd64 size=1")).collect();
        assert!(refusal(&format!("{head}{}", many.join("\n"))).contains("more than 10000"));
        assert!(read(&vec![b'#'; LARGEST + 1], "l").is_err());
        assert!(read(b"imgbudget.lock/1 \xff", "l").is_err());
    }

    #[test]
    fn conflicts_are_recognised_wherever_git_left_them() {
        let theirs = "<<<<<<< HEAD\napi linux/amd64 size=1\n=======\napi linux/amd64 size=2\n>>>>>>> main\n";
        let error =
            read(format!("imgbudget.lock/1 content/1\n\n{theirs}").as_bytes(), "budgets.lock").expect_err("refused");
        assert_eq!(error.chain(), "budgets.lock:3: git left a conflict here");
        assert!(error.hint().is_some_and(|hint| hint.contains("imgbudget update")));
        assert!(is_lock(theirs.as_bytes()) && refusal(theirs).contains("conflict"));
    }

    #[test]
    fn a_line_changes_when_something_happened() {
        let then = lock(&[("api", "linux/amd64", 100_000, Some(50_000), Some(20_000))]);
        let settled = |size, base, compressed, may_stay: bool| {
            let mut now =
                lock(&[("api", "linux/amd64", size, base, compressed), ("web", "linux/amd64", 1, None, None)]);
            now.settle(&then, |_, _, _| may_stay);
            assert_eq!(now.len(), 2);
            now.get(&"api".parse().expect("a name"), &"linux/amd64".parse().expect("a platform"))
                == then.0.values().next().copied()
        };
        assert!(settled(100_999, Some(50_000), Some(20_199), true));
        assert!(settled(99_001, Some(49_501), None, true));
        assert!(!settled(100_999, Some(50_000), Some(20_000), false));
        assert!(!settled(101_000, Some(50_000), Some(20_000), true));
        assert!(!settled(99_000, Some(50_000), Some(20_000), true));
        assert!(!settled(100_000, Some(50_500), Some(20_000), true));
        assert!(!settled(100_000, None, Some(20_000), true));
        assert!(!settled(100_000, Some(50_000), Some(20_200), true));
    }

    #[test]
    fn another_definition_is_no_fault() {
        let read = read(b"imgbudget.lock/1 content/2\nwhatever follows\n", "l").expect("ours");
        assert_eq!(read, Read::OtherDefinition("content/2".to_owned()));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            entries in prop::collection::vec(
                ("[A-Za-z0-9._-]{1,64}", "linux/(amd64|arm/v[67])", any::<u64>(), any::<Option<u64>>(), any::<Option<u64>>()),
                0..9,
            ),
        ) {
            let entries: Vec<_> = entries.iter().map(|(n, p, s, b, c)| (n.as_str(), p.as_str(), *s, *b, *c)).collect();
            let lock = lock(&entries);
            prop_assert_eq!(read(lock.to_text().as_bytes(), "l").expect("ours"), Read::Lock(lock));
        }

        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = read(text.as_bytes(), "l");
            let _ = read(format!("imgbudget.lock/1 content/1\n{text}").as_bytes(), "l");
        }
    }
}
