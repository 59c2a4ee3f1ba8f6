//! Lists of a layer's entries, parsed on all cores while the next ones arrive, and compared with what an engine keeps beside them.

use std::io::Read;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::Fallback;
use crate::domain::DiffId;
use crate::layer::index::NodeKind;
use crate::layer::{Allowance, IndexedLayer, LayerError, LayerIndex, Split, read_split};
use crate::memory::{Memory, Reserved};

/// Lists up to this size, compressed, wait for a core in memory; a larger one is parsed as it comes. A list of 50,000 entries has 3 MB.
const WAITS: u64 = 8 << 20;

/// More of them than a connection can feed.
const MOST_CORES: usize = 8;

/// What an engine keeps beside the list of a layer's entries.
#[derive(Debug, Default)]
pub(super) struct Stated {
    /// Its diff id, as written.
    pub(super) diff_id: Option<Vec<u8>>,
    /// Bytes of its files, as written.
    pub(super) size: Option<Vec<u8>>,
}

/// The lists that were parsed, by number.
pub(super) struct Drafts(Vec<(usize, Result<Split, LayerError>)>);

/// Cores that wait for lists.
pub(super) struct Parsing<'a> {
    memory: &'a Memory,
    allowance: &'a Allowance,
    waiting: SyncSender<Waiting>,
    done: &'a Mutex<Vec<(usize, Result<Split, LayerError>)>>,
}

/// A list in memory.
struct Waiting {
    number: usize,
    list: Vec<u8>,
    _reserved: Reserved,
}

impl Parsing<'_> {
    /// Lets `feed` hand over so many lists, and waits until they are parsed.
    pub(super) fn run(
        memory: &Memory,
        allowance: &Allowance,
        lists: usize,
        feed: impl FnOnce(&Parsing<'_>) -> Result<(), Fallback>,
    ) -> Result<Drafts, Fallback> {
        let cores = thread::available_parallelism().map_or(1, usize::from).min(lists).min(MOST_CORES);
        let (waiting, lists) = sync_channel(1);
        let (lists, done) = (Mutex::new(lists), Mutex::default());
        thread::scope(|scope| {
            for _ in 0..cores {
                scope.spawn(|| parse_all(&lists, &done, memory, allowance));
            }
            // Dropped at the end, which is what the others wait for.
            let parsing = Parsing { memory, allowance, waiting, done: &done };
            feed(&parsing)
        })?;
        Ok(Drafts(done.into_inner().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Parses the list of layer `number`, now or later.
    pub(super) fn read(&self, number: usize, list: &mut impl Read, size: u64) -> Result<(), Fallback> {
        let mut reserved = self.memory.reserve();
        let bytes = usize::try_from(size.min(WAITS)).unwrap_or(usize::MAX);
        if size > WAITS || reserved.grow(bytes).is_err() {
            let read = read_split(list, self.memory, self.allowance);
            self.done.lock().unwrap_or_else(PoisonError::into_inner).push((number, read));
            return Ok(());
        }
        let mut whole = Vec::with_capacity(bytes);
        list.read_to_end(&mut whole)
            .map_err(|error| Fallback(format!("the engine's answer cannot be read: {error}")))?;
        self.waiting
            .send(Waiting { number, list: whole, _reserved: reserved })
            .map_err(|_| Fallback("a worker thread ended unexpectedly".to_owned()))
    }
}

fn parse_all(
    lists: &Mutex<Receiver<Waiting>>,
    done: &Mutex<Vec<(usize, Result<Split, LayerError>)>>,
    memory: &Memory,
    allowance: &Allowance,
) {
    loop {
        let next = lists.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Waiting { number, list, _reserved }) = next else { return };
        let read = read_split(&list[..], memory, allowance);
        done.lock().unwrap_or_else(PoisonError::into_inner).push((number, read));
    }
}

impl Drafts {
    /// Those of the numbers from 0, each where it was handed over once.
    pub(super) fn by_number(self, numbers: usize) -> Vec<Option<Result<Split, LayerError>>> {
        let mut drafts: Vec<_> = (0..numbers).map(|_| None).collect();
        for (number, draft) in self.0 {
            if let Some(place) = drafts.get_mut(number) {
                *place = Some(draft);
            }
        }
        drafts
    }
}

impl Stated {
    /// The index of `layer`, where what was read of it fits what the engine keeps beside it.
    pub(super) fn check(&self, layer: &DiffId, split: Split) -> Result<IndexedLayer, Fallback> {
        let stated = |text: &Option<Vec<u8>>| {
            text.as_deref().and_then(|text| std::str::from_utf8(text).ok()).map(|text| text.trim().to_owned())
        };
        if stated(&self.diff_id) != Some(layer.to_string()) {
            return Err(Fallback::of_layer(layer, "it is another layer"));
        }
        let (index, files) = split.draft.finish(layer.clone()).map_err(|error| Fallback::of_layer(layer, error))?;
        let size = stated(&self.size).and_then(|size| size.parse::<u64>().ok());
        // The sum of what was unpacked; BuildKit, which unpacks nothing anew, leaves out the targets of symbolic links.
        let (with, without) = (index.size().0, index.size().0.saturating_sub(targets(&index)));
        if size.is_none_or(|size| size != with && size != without) {
            let size = size.map_or_else(|| "unknown".to_owned(), |size| size.to_string());
            return Err(Fallback::of_layer(layer, format!("its entries have {with} bytes, and its size is {size}")));
        }
        Ok(IndexedLayer::new(index, files))
    }
}

/// Bytes of the targets of symbolic links.
fn targets(index: &LayerIndex) -> u64 {
    let length = |position| match index.node(position).kind {
        NodeKind::Symlink { target } => target.len() as u64,
        _ => 0,
    };
    (1..=index.len()).map(length).sum()
}
