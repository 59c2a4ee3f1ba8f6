//! Threads beside the one that reads: buffers go through them in a circle, and each does one thing with all of them.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use super::buffer::Buffer;
use super::squeeze::Squeeze;
use crate::domain::Sha256;

/// Buffers of one stream: one is filled while others are worked on.
const BUFFERS: usize = 4;

/// The threads of one stream. Where it is dropped, they end.
#[derive(Debug)]
pub(super) struct Beside {
    to: SyncSender<Buffer>,
    back: Receiver<Buffer>,
    made: usize,
    hash: JoinHandle<Sha256>,
    squeeze: Option<JoinHandle<Squeeze>>,
}

/// What is known after the last buffer.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) hasher: Sha256,
    pub(super) squeeze: Option<Squeeze>,
}

impl Beside {
    /// Goes on where `hasher` and `squeeze` are; `None` where the system has no thread to give.
    pub(super) fn new(hasher: &Sha256, squeeze: &mut Option<Squeeze>) -> Option<Self> {
        let (to, hashes) = sync_channel(BUFFERS);
        let (next, mut back) = sync_channel(BUFFERS);
        let squeezing = match squeeze.take() {
            None => None,
            Some(squeeze) => {
                let (last, squeezed) = sync_channel(BUFFERS);
                let squeezes = std::mem::replace(&mut back, squeezed);
                let thread = Builder::new().name("squeeze".to_owned());
                Some(thread.spawn(move || each(squeeze, &squeezes, &last, Squeeze::update)).ok()?)
            }
        };
        let hasher = hasher.clone();
        let thread = Builder::new().name("hash".to_owned());
        let hash = thread.spawn(move || each(hasher, &hashes, &next, |hasher, bytes| hasher.update(bytes)));
        Some(Self { to, back, made: 1, hash: hash.ok()?, squeeze: squeezing })
    }

    /// Hands over a buffer and takes another, which waits where all are being worked on.
    pub(super) fn exchange(&mut self, full: Buffer) -> Buffer {
        // A thread that is gone is noticed at the end.
        let _ = self.to.send(full);
        let mut free = match self.back.try_recv() {
            Ok(free) => free,
            Err(_) if self.made < BUFFERS => {
                self.made += 1;
                Buffer::default()
            }
            Err(_) => self.back.recv().unwrap_or_default(),
        };
        free.filled = 0;
        free
    }

    /// Waits until everything that was handed over is done.
    ///
    /// # Errors
    /// When a thread ended too early.
    pub(super) fn finish(self) -> io::Result<Done> {
        let Self { to, back, hash, squeeze, .. } = self;
        drop((to, back));
        let gone = |_| io::Error::other("a worker thread ended unexpectedly");
        let squeeze = squeeze.map(JoinHandle::join).transpose();
        Ok(Done { hasher: hash.join().map_err(gone)?, squeeze: squeeze.map_err(gone)? })
    }
}

/// Does `work` with every buffer and passes it on, until no more come. Where nobody takes them any more, they end here.
fn each<S>(mut state: S, from: &Receiver<Buffer>, to: &SyncSender<Buffer>, work: impl Fn(&mut S, &[u8])) -> S {
    while let Ok(buffer) = from.recv() {
        work(&mut state, buffer.filled());
        let _ = to.send(buffer);
    }
    state
}
