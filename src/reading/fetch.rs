//! Files of an image, through a container of it that never starts: the engine hands over a file or a directory as a tar.
//!
//! What comes is taken only where it is a file that was asked for, of the size that the layer's index knows. Whatever goes wrong leaves
//! files unread, with the reason, and is no error of the image.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Fallback, Watcher};
use crate::domain::Bytes;
use crate::engine::{ContainerRequest, Engine, EngineImage};
use crate::error::{Class, Error};
use crate::layer::keep::{EACH, Keep, NO_ROOM, Room};
use crate::layer::path::normalise;
use crate::layer::tar::{MemberKind, Members};
use crate::layer::{Allowance, Kept, LayerFiles, TarError, program};
use crate::memory::Memory;
use crate::progress::Event;
use crate::source::{Limits, stream};

const BUFFER: usize = 256 << 10;

/// No engine takes that long for what is asked of it in one go; what has not come by then is left.
const PATIENCE: Duration = Duration::from_secs(60);

/// What headers and padding of a tar add to the bytes that are asked for, and what changed meanwhile.
const SLACK: u64 = 16 << 20;

/// A file that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Position of the layer whose index has it, from the bottom.
    pub layer: usize,
    /// Its path there, below the root, without a leading slash.
    pub path: Vec<u8>,
    /// The absolute paths at which the final file system shows it.
    pub names: Vec<Vec<u8>>,
    /// Its size in bytes.
    pub size: u64,
    /// What is wanted of it.
    pub what: What,
    /// Why it is not asked for, where it is not.
    pub left: Option<String>,
}

/// What is wanted of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// All of its bytes.
    Whole,
    /// What it says of itself as a program.
    Program,
}

/// A request for a file, or for all that is in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Absolute path.
    pub path: Vec<u8>,
    /// Bytes that will come, about.
    pub bytes: u64,
}

/// Files of an image that are to be fetched from the engine that holds it.
#[derive(Debug, Default)]
pub struct Errand {
    /// The files, each once.
    pub wanted: Vec<Wanted>,
    /// What to ask for.
    pub asks: Vec<Ask>,
}

/// What came.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    /// Of each layer that something was wanted of.
    pub(super) files: BTreeMap<usize, LayerFiles>,
    pub(super) bytes: u64,
    /// Whether another run would get no more.
    pub(super) is_final: bool,
}

/// Fetches what `errand` asks for.
pub(super) async fn fetch(
    engine: &Engine,
    image: &EngineImage,
    limits: &Limits,
    watcher: &Watcher,
    errand: Errand,
) -> Fetched {
    let Errand { wanted, asks } = errand;
    let taking = Arc::new(Mutex::new(Taking::new(wanted, &limits.keep, &limits.memory)));
    let all = async {
        if asks.is_empty() {
            return Ok(());
        }
        let EngineImage { handle, platform, volumes, .. } = image;
        let container = engine.create(&ContainerRequest { image: handle, platform, volumes, binds: &[] }).await?;
        for Ask { path, bytes } in asks {
            // An engine takes paths as text.
            let Ok(path) = String::from_utf8(path) else { continue };
            let above = path.rsplit_once('/').map_or("", |(above, _)| above).to_owned();
            let (taking, watcher, stop) = (Arc::clone(&taking), watcher.clone(), limits.memory.stop().clone());
            stream::read_by(container.archive(&path), move |tar| {
                let mut taking = taking.lock().unwrap_or_else(PoisonError::into_inner);
                let allowance = Allowance::new(Bytes(bytes.saturating_mul(2).saturating_add(SLACK)));
                let read = taking.read(allowance.bound(tar, &stop), above.as_bytes());
                watcher.event(Event::Reading { bytes: taking.bytes });
                read.map_err(|error| Error::new(Class::Image, "its answer cannot be read").caused_by(error))
            })
            .await?;
        }
        Ok::<_, Fallback>(())
    };
    let failed = match tokio::time::timeout(PATIENCE, all).await {
        Ok(Ok(())) => None,
        Ok(Err(Fallback(why))) => Some(why),
        Err(_) => Some("it took too long".to_owned()),
    };
    let taking = std::mem::take(&mut *taking.lock().unwrap_or_else(PoisonError::into_inner));
    taking.finish(failed.as_deref())
}

/// What is taken of what comes.
#[derive(Debug, Default)]
struct Taking {
    wanted: Vec<Wanted>,
    /// Which of `wanted` is at an absolute path.
    names: HashMap<Vec<u8>, usize>,
    got: HashMap<usize, Kept>,
    /// Of each layer its share of memory.
    rooms: BTreeMap<usize, Room>,
    keep: Keep,
    memory: Memory,
    bytes: u64,
    is_short: bool,
}

impl Taking {
    fn new(wanted: Vec<Wanted>, keep: &Keep, memory: &Memory) -> Self {
        let named = wanted.iter().enumerate();
        let names = named.flat_map(|(number, wanted)| wanted.names.iter().map(move |name| (name.clone(), number)));
        Self { names: names.collect(), wanted, keep: keep.clone(), memory: memory.clone(), ..Self::default() }
    }

    /// Takes what is wanted out of a tar of what is in the directory `above`.
    fn read(&mut self, tar: impl Read, above: &[u8]) -> Result<(), TarError> {
        let mut members = Members::new(BufReader::with_capacity(BUFFER, tar));
        let mut path = Vec::new();
        while let Some(member) = members.advance()? {
            self.bytes = self.bytes.saturating_add(member.size);
            if member.kind != MemberKind::File {
                continue;
            }
            path.clear();
            path.extend_from_slice(above);
            path.push(b'/');
            normalise(members.path(), &mut path);
            let Some(number) = self.names.get(&path).copied().filter(|number| !self.got.contains_key(number)) else {
                continue;
            };
            if self.wanted.get(number).is_some_and(|wanted| wanted.size == member.size)
                && let Some(kept) = self.take(number, &mut members.content())
            {
                self.got.insert(number, kept);
            }
        }
        Ok(())
    }

    fn take(&mut self, number: usize, content: &mut impl Read) -> Option<Kept> {
        let Wanted { layer, path, size, what, .. } = self.wanted.get(number)?;
        let room = self.rooms.entry(*layer).or_insert_with(|| Room::new(&self.keep, &self.memory));
        let place = path.len().saturating_add(EACH);
        let no_room = || Some(Kept::Left(NO_ROOM.into()));
        match what {
            What::Whole => {
                let length = usize::try_from(*size).unwrap_or(usize::MAX);
                if room.draw(place.saturating_add(length)).is_err() {
                    self.is_short = true;
                    return no_room();
                }
                let mut bytes = Vec::new();
                content.take(*size).read_to_end(&mut bytes).ok()?;
                (bytes.len() == length).then(|| Kept::Whole(bytes.into()))
            }
            What::Program => {
                // A script says nothing of itself, and need not be asked again.
                let program = program::look(content, *size).ok()?.unwrap_or_default();
                if room.draw(place.saturating_add(program.text())).is_err() {
                    self.is_short = true;
                    return no_room();
                }
                Some(Kept::Program(Arc::new(program)))
            }
        }
    }

    fn finish(self, failed: Option<&str>) -> Fetched {
        let Self { wanted, mut got, mut rooms, bytes, is_short, .. } = self;
        let mut files: BTreeMap<usize, LayerFiles> = BTreeMap::new();
        for (number, Wanted { layer, path, left, .. }) in wanted.into_iter().enumerate() {
            let kept = got.remove(&number).unwrap_or_else(|| {
                let why = left.unwrap_or_else(|| match failed {
                    Some(why) => format!("the engine does not hand it over: {why}"),
                    None => "the engine has another file there than the layer".to_owned(),
                });
                Kept::Left(why.into())
            });
            let of = files.entry(layer).or_insert_with(|| {
                let mut of = LayerFiles::default();
                if let Some(room) = rooms.remove(&layer) {
                    of.hold(room);
                }
                of
            });
            of.insert(path, kept);
        }
        Fetched { files, bytes, is_final: failed.is_none() && !is_short }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(layer: usize, path: &str, names: &[&str], size: u64) -> Wanted {
        let names = names.iter().map(|name| name.as_bytes().to_vec()).collect();
        Wanted { layer, path: path.as_bytes().to_vec(), names, size, what: What::Whole, left: None }
    }

    fn tar(files: &[(&str, &str)]) -> Vec<u8> {
        let mut tar = ::tar::Builder::new(Vec::new());
        for (path, content) in files {
            let mut header = ::tar::Header::new_gnu();
            let name = &mut header.as_old_mut().name;
            name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            tar.append(&header, content.as_bytes()).expect("in memory");
        }
        tar.into_inner().expect("in memory")
    }

    fn taken(wanted: Vec<Wanted>, memory: &Memory, tar: &[u8], above: &str) -> Vec<String> {
        let mut taking = Taking::new(wanted, &Keep::nothing(), memory);
        taking.read(tar, above.as_bytes()).expect("a tar");
        let mut lines = Vec::new();
        for (layer, files) in taking.finish(None).files {
            for (path, kept) in files.iter() {
                let kept = match kept {
                    Kept::Whole(bytes) => format!("= {}", String::from_utf8_lossy(bytes)),
                    Kept::Left(why) => why.to_string(),
                    Kept::Program(program) => format!("{program:?}"),
                };
                lines.push(format!("{layer} {} {kept}", String::from_utf8_lossy(path)));
            }
        }
        lines
    }

    #[test]
    fn what_was_asked_for_is_taken_where_its_layer_has_it() {
        let wanted = vec![wanted(2, "store/1", &["/d/a", "/d/b"], 3), wanted(0, "d/c", &["/d/c"], 3)];
        let tar = tar(&[("d/other", "xxx"), ("d/b", "two"), ("d/c", "one"), ("d/a", "not")]);
        assert_eq!(taken(wanted, &Memory::default(), &tar, ""), ["0 d/c = one", "2 store/1 = two"]);
    }

    #[test]
    fn a_path_is_below_what_was_asked_for_whatever_the_tar_says() {
        let wanted = || vec![wanted(0, "var/lib/x", &["/var/lib/x"], 1)];
        assert_eq!(taken(wanted(), &Memory::default(), &tar(&[("x", "1")]), "/var/lib"), ["0 var/lib/x = 1"]);
        for other in ["../lib/x", "/var/lib/x", "y/x"] {
            let taken = taken(wanted(), &Memory::default(), &tar(&[(other, "1")]), "/var/lib");
            assert_eq!(taken, ["0 var/lib/x the engine has another file there than the layer"], "{other}");
        }
    }

    #[test]
    fn a_file_of_another_size_is_another_file() {
        let taken = taken(vec![wanted(0, "a", &["/a"], 3)], &Memory::default(), &tar(&[("a", "four")]), "");
        assert_eq!(taken, ["0 a the engine has another file there than the layer"]);
    }

    #[test]
    fn without_room_it_is_left() {
        let memory = Memory::new(Bytes(300));
        let wanted = vec![wanted(0, "a", &["/a"], 4), wanted(0, "b", &["/b"], 4)];
        let tar = tar(&[("a", "four"), ("b", "five")]);
        assert_eq!(
            taken(wanted, &memory, &tar, ""),
            ["0 a = four", "0 b finds no room in memory (see --memory-limit)"]
        );
    }

    #[test]
    fn what_failed_is_asked_again_by_the_next_run_and_what_is_left_is_not() {
        let beyond = Wanted { left: Some("is too large".to_owned()), ..wanted(0, "a", &["/a"], 3) };
        let finish = |failed| Taking::new(vec![beyond.clone()], &Keep::nothing(), &Memory::default()).finish(failed);
        assert!(finish(None).is_final && !finish(Some("gone")).is_final);
        let kept = finish(None).files.remove(&0).and_then(|files| files.get(b"a").cloned());
        assert_eq!(kept, Some(Kept::Left("is too large".into())));
    }
}
