//! Several layers read side by side, one on each core.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::Limits;
use super::part::Place;
use crate::layer::{Allowance, Head, LayerBlob, LayerError, read_layer_and};

/// How often who waits is told how far it is.
const TELL: Duration = Duration::from_millis(50);

/// Reads the layers at `places`, and gives them in that order. `progress` hears how many bytes were read so far of all of them.
pub(super) fn read(
    places: &[&Place],
    limits: &Limits,
    progress: &mut dyn FnMut(u64),
) -> Vec<Result<LayerBlob, LayerError>> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let allowance = Allowance::new(limits.read);
    let bytes = AtomicU64::new(0);
    let one = |place: &Place| read_one(place, limits, &allowance, &bytes);
    let next = AtomicUsize::new(0);
    let (done, results) = mpsc::channel();
    let mut layers: Vec<Option<Result<LayerBlob, LayerError>>> = places.iter().map(|_| None).collect();
    thread::scope(|scope| {
        for _ in 0..cores.min(places.len()) {
            let (done, next, one) = (done.clone(), &next, &one);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(place) = places.get(number) else { break };
                    // Nobody receives it only where nobody waits any more.
                    if done.send((number, one(place))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(done);
        loop {
            match results.recv_timeout(TELL) {
                Ok((number, layer)) => layers[number] = Some(layer),
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
            progress(bytes.load(Ordering::Relaxed));
        }
    });
    // Side by side they may need more memory than one after the other.
    let again = |(layer, place): (Option<Result<LayerBlob, LayerError>>, &&Place)| match layer {
        Some(Err(error)) if error.is_out_of_memory() && places.len() > 1 => one(place),
        Some(layer) => layer,
        None => one(place),
    };
    layers.into_iter().zip(places).map(again).collect()
}

fn read_one(place: &Place, limits: &Limits, allowance: &Allowance, bytes: &AtomicU64) -> Result<LayerBlob, LayerError> {
    let mut reader = Counted { reader: place.open()?, bytes };
    let head = Head::read(&mut reader)?;
    if head.bytes().is_empty() || head.begins_layer() {
        read_layer_and(head, reader, &limits.memory, allowance, &limits.keep, limits.squeeze)
    } else {
        Err(LayerError::NoLayer)
    }
}

/// Adds what is read to what others read.
struct Counted<'a, R> {
    reader: R,
    bytes: &'a AtomicU64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
