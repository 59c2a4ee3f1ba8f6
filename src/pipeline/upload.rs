//! The build context on its way to the engine: written by a thread, sent as it is written, never held or spooled.

use std::io::{self, Write};

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::context::Plan;
use crate::error::Error;

/// Bytes of one chunk, and chunks that may wait: a megabyte at most.
const CHUNK: usize = 64 << 10;
const WAITING: usize = 16;

/// The context as a stream, and the writer's own word on how it went, which has the hint that an I/O error has not.
pub(super) fn upload(
    plan: Plan,
) -> (impl Stream<Item = io::Result<Bytes>> + Send + 'static, JoinHandle<Result<(), Error>>) {
    let (sender, mut receiver) = mpsc::channel(WAITING);
    let writer = tokio::task::spawn_blocking(move || {
        let mut out = Chunks { sender: sender.clone(), chunk: Vec::with_capacity(CHUNK) };
        let written = plan.write(&mut out).map(|_| ());
        if sender.is_closed() {
            // The engine has heard enough: a cached build, or one that failed. That is the build's to tell.
            return Ok(());
        }
        match &written {
            Ok(()) => {
                // The last chunk has nobody left to tell of a failure either.
                let _ = out.flush();
            }
            Err(error) => {
                let _ = sender.blocking_send(Err(io::Error::other(error.chain())));
            }
        }
        written
    });
    let stream = futures_util::stream::poll_fn(move |context| receiver.poll_recv(context));
    (stream, writer)
}

struct Chunks {
    sender: mpsc::Sender<io::Result<Bytes>>,
    chunk: Vec<u8>,
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        if self.chunk.len() == CHUNK {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK));
        self.sender.blocking_send(Ok(chunk.into())).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
