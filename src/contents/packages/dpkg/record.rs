//! What a database of dpkg's has of packages: which, and in which state.

use super::stanza::{Stanza, Wrong, stanzas};
use crate::image::node::NodeId;
use crate::memory::{List, Memory, OutOfMemory};

/// More bytes than a file name has, which `NAME.list` is.
const LONGEST_NAME: usize = 255;

/// The states in which dpkg has files of a package, and after them those in which it has none: `Status` of dpkg-query(1).
const STATES: [&str; 8] = [
    "installed",
    "unpacked",
    "half-installed",
    "half-configured",
    "triggers-awaited",
    "triggers-pending",
    "config-files",
    "not-installed",
];
const PRESENT: usize = 6;

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// In `status`, among others.
    Status,
    /// In a file of its own below `status.d`, which is installed by being there.
    Single {
        /// The file.
        file: NodeId,
        /// Its position among those by name.
        order: usize,
    },
}

/// A package that a database speaks of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) name: &'a [u8],
    /// Empty where it does not say.
    pub(super) architecture: &'a [u8],
    pub(super) stanza: Stanza<'a>,
    pub(super) kind: Kind,
    pub(super) is_present: bool,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Records<'a>(List<Record<'a>>);

impl<'a> Records<'a> {
    pub(super) fn new(memory: &Memory) -> Self {
        Self(List::new(memory))
    }

    /// Reads a file, and says what is wrong with it.
    pub(super) fn read(&mut self, text: &'a [u8], kind: Kind) -> Result<Option<String>, OutOfMemory> {
        let mut wrong: Vec<Wrong> = Vec::new();
        let mut others = 0_u64;
        let mut last = None;
        for stanza in stanzas(text) {
            last = Some(stanza);
            let (fields, mut trouble) = stanza.fields(["Package", "Architecture", "Status", "Version"]);
            let [name, architecture, status, version] = fields;
            let state = status.map(state);
            let is_present = match (kind, state) {
                (_, Some(Some(state))) => state < PRESENT,
                (Kind::Single { .. }, None) => true,
                _ => {
                    trouble = trouble.or(Some((stanza.line, "begins a record without a status that dpkg knows")));
                    false
                }
            };
            let name = name.filter(|name| !name.is_empty() && name.len() <= LONGEST_NAME);
            match name {
                Some(name) => {
                    if is_present && version.is_none() {
                        trouble = trouble.or(Some((stanza.line, "begins a record without a version")));
                    }
                    let architecture = architecture.unwrap_or_default();
                    self.0.push(Record { name, architecture, stanza, kind, is_present })?;
                }
                None => trouble = trouble.or(Some((stanza.line, "begins a record without a name"))),
            }
            match trouble {
                Some(trouble) if wrong.is_empty() => wrong.push(trouble),
                Some(_) => others = others.saturating_add(1),
                None => {}
            }
        }
        // A control file of its own need not end with an empty line.
        let is_cut = last.is_some_and(|last| !last.is_closed && (kind == Kind::Status || !text.ends_with(b"\n")));
        if let Some(last) = last.filter(|_| is_cut) {
            return Ok(Some(format!("is cut short in the record that begins in line {}", last.line)));
        }
        Ok(wrong.first().map(|(line, what)| match others {
            0 => format!("line {line} {what}"),
            others => format!("line {line} {what}, and {others} more records are wrong"),
        }))
    }

    /// Puts them in order. Of several of one package and architecture the last counts, as dpkg reads them.
    pub(super) fn finish(&mut self) {
        let order = |record: &Record<'_>| match record.kind {
            Kind::Status => (0, record.stanza.line),
            Kind::Single { order, .. } => (order.saturating_add(1), record.stanza.line),
        };
        self.0.sort_unstable_by(|a, b| {
            (a.name, a.architecture).cmp(&(b.name, b.architecture)).then_with(|| order(a).cmp(&order(b)))
        });
        let mut kept = 0;
        for at in 0..self.0.len() {
            let record = self.0[at];
            let is_again = self
                .0
                .get(at + 1)
                .is_some_and(|next| (next.name, next.architecture) == (record.name, record.architecture));
            if !is_again {
                self.0[kept] = record;
                kept += 1;
            }
        }
        self.0.truncate(kept);
    }

    /// Those that are there, by name and architecture.
    pub(super) fn present(&self) -> impl Iterator<Item = &Record<'a>> {
        self.0.iter().filter(|record| record.is_present)
    }

    /// Whether any speaks of a package.
    pub(super) fn has(&self, name: &[u8]) -> bool {
        self.0.binary_search_by(|record| record.name.cmp(name)).is_ok()
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The last of the three words of a status, as its position in [`STATES`].
fn state(status: &[u8]) -> Option<usize> {
    let mut words = status.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let (_want, _flag, state) = (words.next()?, words.next()?, words.next()?);
    if words.next().is_some() {
        return None;
    }
    STATES.iter().position(|known| state.eq_ignore_ascii_case(known.as_bytes()))
}
