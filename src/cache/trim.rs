//! A cache stays below its limit: the least recently used goes first.
//!
//! To look at every file at the end of every run would cost more than it saves. So a note says how much there is, and each run adds what
//! it wrote. Files are looked at where that is more than the limit, and once a day all the same, since runs that end at the same
//! time overwrite each other's note.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::place::{DRAFT, is_draft};
use super::store::room;
use super::walk;
use crate::files;

/// The file of the note: bytes, and when they were counted in seconds since 1970.
const USAGE: &str = "usage";

/// More files than a cache of any size has: those beyond wait for the next time.
const MOST: usize = 1_000_000;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A draft that is older was left by a run that is no more.
const ABANDONED: Duration = Duration::from_secs(3600);

/// How much there was, and when that was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Usage {
    bytes: u64,
    counted: u64,
}

/// Adds what a run wrote, and removes files where there is more than `limit`.
pub(super) fn trim(folder: &Path, written: u64, limit: u64) {
    let now = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
    let usage = match Usage::read(folder) {
        Some(usage) if now.abs_diff(usage.counted) < DAY.as_secs() && usage.bytes.saturating_add(written) <= limit => {
            Usage { bytes: usage.bytes.saturating_add(written), ..usage }
        }
        _ => Usage { bytes: shrink(folder, limit), counted: now },
    };
    // Without the note all is counted the next time.
    let _ = usage.write(folder);
}

/// Forgets the note, since nothing is left.
pub(super) fn forget(folder: &Path) {
    let _ = std::fs::remove_file(folder.join(USAGE));
}

/// Removes the least recently used until a fifth of the limit is free, where there is more than the limit. Gives what is left.
///
/// Files are counted by age before any is removed, so it takes no memory for a million of them. Their ages are those of one moment: to
/// look at so many takes longer than some of them are old.
fn shrink(folder: &Path, limit: u64) -> u64 {
    let now = SystemTime::now();
    sweep(folder);
    let mut ages = Ages::default();
    for file in walk::files(folder).take(MOST) {
        if file.is_draft && file.age(now) > ABANDONED {
            let _ = std::fs::remove_file(&file.path);
        } else {
            ages.add(file.age(now), room(file.bytes));
        }
    }
    if ages.total <= limit {
        return ages.total;
    }
    let (oldest, mut excess) = ages.cut(ages.total.saturating_sub(limit / 5 * 4));
    let mut left = ages.total;
    for file in walk::files(folder).take(MOST) {
        let step = step(file.age(now));
        let goes = step > oldest || step == oldest && excess > 0;
        if !file.is_draft && goes && std::fs::remove_file(&file.path).is_ok() {
            let room = room(file.bytes);
            left = left.saturating_sub(room);
            if step == oldest {
                excess = excess.saturating_sub(room);
            }
        }
    }
    left
}

/// Removes what is left of notes that were being written.
fn sweep(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten().filter(|entry| is_draft(&entry.file_name()))
    {
        let there = entry.metadata().ok().filter(std::fs::Metadata::is_file);
        let age = there.and_then(|there| there.modified().ok()).and_then(|time| time.elapsed().ok());
        if age.is_some_and(|age| age > ABANDONED) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Steps of age, each a sixteenth longer than the one before.
const STEPS: usize = 64 * 16;

/// How many bytes were used how long ago.
struct Ages {
    bytes: [u64; STEPS],
    total: u64,
}

impl Default for Ages {
    fn default() -> Self {
        Self { bytes: [0; STEPS], total: 0 }
    }
}

impl Ages {
    fn add(&mut self, age: Duration, bytes: u64) {
        self.total = self.total.saturating_add(bytes);
        if let Some(sum) = self.bytes.get_mut(step(age)) {
            *sum = sum.saturating_add(bytes);
        }
    }

    /// The step from which on files go when so many bytes are too many, and how many bytes of those in that very step.
    fn cut(&self, mut excess: u64) -> (usize, u64) {
        for (step, bytes) in self.bytes.iter().enumerate().rev() {
            if *bytes >= excess {
                return (step, excess);
            }
            excess = excess.saturating_sub(*bytes);
        }
        (0, excess)
    }
}

/// The step of an age: its seconds to four bits after the first.
fn step(age: Duration) -> usize {
    let seconds = age.as_secs();
    let Some(first) = seconds.checked_ilog2() else { return 0 };
    let rest = if first >= 4 { seconds >> (first - 4) } else { seconds << (4 - first) };
    first as usize * 16 + usize::try_from(rest & 15).unwrap_or_default()
}

impl Usage {
    fn read(folder: &Path) -> Option<Self> {
        const MOST: u64 = 64;
        let mut text = String::new();
        files::open_unlinked(&folder.join(USAGE)).ok()?.take(MOST).read_to_string(&mut text).ok()?;
        let (bytes, counted) = text.trim_end().split_once(' ')?;
        Some(Self { bytes: bytes.parse().ok()?, counted: counted.parse().ok()? })
    }

    fn write(self, folder: &Path) -> std::io::Result<()> {
        let mut draft = tempfile::Builder::new().prefix(DRAFT).tempfile_in(folder)?;
        writeln!(draft, "{} {}", self.bytes, self.counted)?;
        draft.persist(folder.join(USAGE))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_grow_with_age() {
        let mut last = 0;
        for seconds in (0..100_000).chain([1 << 40, u64::MAX]) {
            let step = step(Duration::from_secs(seconds));
            assert!((last..STEPS).contains(&step), "{seconds} s");
            last = step;
        }
        let day = DAY.as_secs();
        assert_ne!(step(DAY), step(Duration::from_secs(day + day / 10)));
    }

    #[test]
    fn the_oldest_are_cut_off() {
        let mut ages = Ages::default();
        for (seconds, bytes) in [(1, 50), (100, 30), (10_000, 20)] {
            ages.add(Duration::from_secs(seconds), bytes);
        }
        assert_eq!(ages.total, 100);
        assert_eq!(ages.cut(20), (step(Duration::from_secs(10_000)), 20));
        assert_eq!(ages.cut(21), (step(Duration::from_secs(100)), 1));
        assert_eq!(ages.cut(100), (step(Duration::from_secs(1)), 50));
    }
}
