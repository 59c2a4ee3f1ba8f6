//! How files are fetched from an engine: one by one, or whole directories with what else is in them. A request takes as long as some
//! megabytes of bytes, so of many small files in one place the directory is cheaper.

use std::collections::{BTreeMap, BTreeSet};

use super::lacking::{Found, Lacking};
use crate::domain::Bytes;
use crate::image::Stack;
use crate::image::node::{NodeId, NodeKind};
use crate::memory::{List, OutOfMemory};
use crate::reading::fetch::{Ask, Errand, What};

/// What a request takes, in microseconds.
const REQUEST: u64 = 10_000;

/// Bytes that come in a microsecond: 300 MB/s.
const RATE: u64 = 300;

/// What a tar adds to each file: its header, and padding.
const HEADER: u64 = 1024;

/// The most requests for one image.
const MOST_ASKS: usize = 128;

/// What all requests for one image may take, in microseconds.
const MOST_TIME: u64 = 3_000_000;

/// What those for programs may take of that.
const MOST_TIME_OF_PROGRAMS: u64 = 1_000_000;

/// A request, and which files it brings.
struct Request {
    path: NodeId,
    bytes: u64,
    brings: Vec<usize>,
}

impl Request {
    fn time(&self) -> u64 {
        time(self.bytes)
    }
}

fn time(bytes: u64) -> u64 {
    REQUEST.saturating_add(bytes / RATE)
}

/// What to ask for. What is beyond the bounds of one image is left, the most costly first. Databases come before programs, which may be many
/// and large.
///
/// # Errors
/// There is no memory for it.
pub(super) fn plan(stack: &Stack<'_>, found: Found) -> Result<Errand, OutOfMemory> {
    let mut files = found.files;
    let mut asked = BTreeSet::new();
    let (mut asks, mut spent) = (Vec::new(), 0_u64);
    for (what, most) in [(What::Whole, MOST_TIME), (What::Program, MOST_TIME_OF_PROGRAMS)] {
        let mut requests = requests(stack, &files, what, &asked)?;
        requests.sort_by_cached_key(|it| (it.time() / it.brings.len().max(1) as u64, it.path));
        let most = spent.saturating_add(most).min(MOST_TIME);
        for request in requests {
            let time = request.time();
            if asks.len() < MOST_ASKS && spent.saturating_add(time) <= most {
                spent = spent.saturating_add(time);
                asked.insert(request.path);
                asks.push(Ask { path: stack.path(request.path), bytes: request.bytes });
                continue;
            }
            for number in request.brings {
                if let Some(Lacking { wanted, .. }) = files.get_mut(number) {
                    wanted.left = Some(format!("would take the engine too long to hand over ({})", Bytes(wanted.size)));
                }
            }
        }
    }
    Ok(Errand { wanted: files.into_iter().map(|lacking| lacking.wanted).collect(), asks })
}

/// The cheapest requests that bring all of `files` of which this is wanted and that no request of `asked` brings.
fn requests(
    stack: &Stack<'_>,
    files: &[Lacking],
    what: What,
    asked: &BTreeSet<NodeId>,
) -> Result<Vec<Request>, OutOfMemory> {
    let above = |node: NodeId| {
        let ups = std::iter::successors(Some(node), |at| Some(stack.node(*at).parent));
        ups.take_while(|at| *at != NodeId::ROOT)
    };
    let is_due = |file: &Lacking| {
        let Lacking { node, wanted } = file;
        wanted.what == what && wanted.left.is_none() && !above(*node).any(|at| asked.contains(&at))
    };
    let due: Vec<usize> = (0..files.len()).filter(|number| files.get(*number).is_some_and(is_due)).collect();
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let length = stack.len();
    let list = || -> Result<List<u64>, OutOfMemory> {
        let mut list = List::new(stack.memory());
        list.resize(length, 0)?;
        Ok(list)
    };
    // Of each node the bytes of its tar, and what the files in it take in the cheapest way.
    let (mut bytes, mut best, mut parents) = (list()?, list()?, list()?);
    for (id, node) in stack.live() {
        let size = if let NodeKind::File { size, .. } = node.kind { size } else { 0 };
        bytes[id.index()] = size.saturating_add(HEADER);
        parents[id.index()] = node.parent.index() as u64;
    }
    for Lacking { node, wanted } in due.iter().filter_map(|number| files.get(*number)) {
        best[node.index()] = time(wanted.size.saturating_add(HEADER));
    }
    let mut is_whole = vec![false; length];
    // Children have larger numbers than their parents. Never the root: engines put much into it.
    for index in (1..length).rev() {
        let whole = time(bytes[index]);
        if best[index] > whole && whole <= MOST_TIME {
            (best[index], is_whole[index]) = (whole, true);
        }
        let parent = usize::try_from(parents[index]).unwrap_or_default();
        bytes[parent] = bytes[parent].saturating_add(bytes[index]);
        best[parent] = best[parent].saturating_add(best[index]);
    }
    let mut by_place: BTreeMap<NodeId, Request> = BTreeMap::new();
    for number in due {
        let Some(Lacking { node, .. }) = files.get(number) else { continue };
        // The highest directory that is asked for, or the file itself.
        let place = above(*node).filter(|at| is_whole[at.index()]).last().unwrap_or(*node);
        let request = by_place.entry(place).or_insert_with(|| Request {
            path: place,
            bytes: bytes[place.index()],
            brings: Vec::new(),
        });
        request.brings.push(number);
    }
    Ok(by_place.into_values().collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::lacking;
    use super::*;
    use crate::domain::{DiffId, Digest};
    use crate::layer::{Entry, EntryKind, Keep, LayerIndex, LayerIndexBuilder};
    use crate::memory::Memory;

    fn layer(files: &[(String, u64, u32)]) -> LayerIndex {
        let mut draft = LayerIndexBuilder::default();
        for (path, size, mode) in files {
            let kind = EntryKind::File { size: *size };
            draft.push(Entry { path: path.as_bytes(), kind, mode: *mode }).expect("room");
        }
        draft.finish(DiffId(Digest::of(""))).expect("room")
    }

    /// What is asked for, and how many files are left.
    fn planned(files: &[(String, u64, u32)]) -> (Vec<String>, usize) {
        let layer = layer(files);
        let mut stack = Stack::default();
        stack.push(&layer).expect("room");
        let keep = Keep::new(|path| path.ends_with(b".json").then_some(64 << 20), &Memory::default());
        let found = lacking::find(&stack, &[Arc::default()], &keep).expect("room");
        let wanted = found.files.len();
        let errand = plan(&stack, found).expect("room");
        assert_eq!(errand.wanted.len(), wanted);
        let asks = errand.asks.iter().map(|ask| String::from_utf8_lossy(&ask.path).into_owned()).collect();
        (asks, errand.wanted.iter().filter(|wanted| wanted.left.is_some()).count())
    }

    fn many(directory: &str, count: usize, size: u64) -> Vec<(String, u64, u32)> {
        (0..count).map(|number| (format!("{directory}/{number:05}.json"), size, 0o644)).collect()
    }

    #[test]
    fn many_small_files_come_with_their_directory_and_one_comes_alone() {
        let mut files = many("var/lib/info", 300, 2000);
        files.push(("usr/lib/huge".to_owned(), 2_000_000_000, 0o644));
        files.push(("usr/lib/one.json".to_owned(), 500, 0o644));
        assert_eq!(planned(&files), (vec!["/var/lib/info".to_owned(), "/usr/lib/one.json".to_owned()], 0));
    }

    #[test]
    fn a_few_files_in_a_large_directory_come_one_by_one() {
        let mut files = vec![("d/large".to_owned(), 600_000_000, 0o644)];
        files.extend(many("d", 3, 100));
        assert_eq!(planned(&files).0, ["/d/00000.json", "/d/00001.json", "/d/00002.json"]);
        files.extend(many("d", 400, 100));
        assert_eq!(planned(&files).0, ["/d"], "by then all of it is cheaper");
        files.push(("d/larger".to_owned(), 600_000_000, 0o644));
        let (asks, left) = planned(&files);
        assert_eq!((asks.len(), left), (MOST_ASKS, 400 - MOST_ASKS), "it would take too long");
    }

    #[test]
    fn the_root_is_never_asked_for() {
        let files: Vec<_> = (0..200).map(|number| (format!("{number:03}.json"), 10, 0o644)).collect();
        let (asks, left) = planned(&files);
        assert_eq!((asks.len(), left), (MOST_ASKS, 200 - MOST_ASKS));
    }

    #[test]
    fn what_takes_too_long_is_left_and_databases_come_first() {
        let mut files: Vec<_> = (0..5).map(|number| (format!("opt/{number}/app"), 200_000_000, 0o755)).collect();
        files.push(("opt/db.json".to_owned(), 60_000_000, 0o644));
        assert_eq!(planned(&files), (vec!["/opt/db.json".to_owned(), "/opt/0/app".to_owned()], 4));
        let within = vec![
            ("d/app".to_owned(), 200_000, 0o755),
            ("d/a.json".to_owned(), 1, 0o644),
            ("d/b.json".to_owned(), 1, 0o644),
        ];
        assert_eq!(planned(&within), (vec!["/d".to_owned()], 0), "what comes along is not asked for twice");
        assert_eq!(planned(&[]), (Vec::new(), 0));
    }

    #[test]
    fn a_million_files_are_planned() {
        let mut files = many("a/b/c", 100_000, 10);
        files.extend((0..100_000).map(|number| (format!("x/{number}/y"), 1_000_000, 0o644)));
        assert_eq!(planned(&files).0, ["/a/b/c"]);
    }
}
