//! An archive that arrives as a stream of chunks, such as an engine's `save`: the async edge around the sync reader.

use std::collections::VecDeque;
use std::io::{self, Read};

use bytes::{Buf as _, Bytes};
use futures_util::{Stream, StreamExt as _};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::archive::{self, Scan};
use super::{ImageContent, Limits, Wanted};
use crate::error::{Class, Error};

/// Chunks that are handed over at once: each handover wakes a thread, which costs more than reading what it hands over. A chunk of an
/// engine has some 8 to 64 KiB.
const AT_ONCE: usize = 32;
/// Handovers that may wait for the reader.
const WAITING: usize = 4;

/// Reads an archive for the one image that is wanted, as [`scan_stream`] does.
///
/// # Errors
/// The stream's own, and as [`archive::read`].
pub async fn read_stream(
    stream: impl Stream<Item = Result<Bytes, Error>> + Send + 'static,
    wanted: Wanted,
    name: String,
    limits: Limits,
    mut progress: impl FnMut(u64) + Send + 'static,
) -> Result<ImageContent, Error> {
    read_by(stream, move |chunks| archive::read(chunks, &wanted, &name, &limits, &mut progress)).await
}

/// Reads an archive as [`archive::scan`] does, on a thread of its own. An error of the stream is the answer, whatever the reader
/// made of the bytes before it. Dropping the future ends the thread.
///
/// # Errors
/// The stream's own, and as [`archive::scan`].
pub async fn scan_stream(
    stream: impl Stream<Item = Result<Bytes, Error>> + Send + 'static,
    name: String,
    limits: Limits,
    mut progress: impl FnMut(u64) + Send + 'static,
) -> Result<Scan, Error> {
    read_by(stream, move |chunks| archive::scan(chunks, &name, &limits, &mut progress)).await
}

/// Runs `read` over what `stream` brings, on a thread of its own. An error of the stream is the answer, whatever `read` made of the
/// bytes before it. Dropping the future ends the stream, and what `read` gets of it.
///
/// # Errors
/// The stream's own, and those of `read`.
pub async fn read_by<T: Send + 'static>(
    stream: impl Stream<Item = Result<Bytes, Error>> + Send + 'static,
    read: impl FnOnce(Chunks) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let (sender, receiver) = mpsc::channel(WAITING);
    let chunks = Chunks { receiver, waiting: VecDeque::new(), chunk: Bytes::new() };
    let reader = tokio::task::spawn_blocking(move || read(chunks));
    // A task of its own runs where the connection does; polled from here, every chunk would have to wake another thread.
    let handed_over = AbortOnDropHandle::new(tokio::spawn(hand_over(stream, sender))).await;
    let ended = |error| Error::new(Class::Image, "the reader of the image ended unexpectedly").caused_by(error);
    let result = reader.await;
    handed_over.map_err(ended)??;
    result.map_err(ended)?
}

/// Hands the chunks of `stream` to the reader until it wants no more.
async fn hand_over(
    stream: impl Stream<Item = Result<Bytes, Error>>,
    sender: mpsc::Sender<Vec<Bytes>>,
) -> Result<(), Error> {
    let mut batches = std::pin::pin!(stream.ready_chunks(AT_ONCE));
    while let Some(batch) = batches.next().await {
        let chunks: Vec<Bytes> = batch.into_iter().collect::<Result<_, Error>>()?;
        // Nobody receives any more: the reader has given up, and says why.
        if sender.send(chunks).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// Chunks as one byte stream. It ends where the sender is gone.
#[derive(Debug)]
pub struct Chunks {
    receiver: mpsc::Receiver<Vec<Bytes>>,
    waiting: VecDeque<Bytes>,
    chunk: Bytes,
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while self.chunk.is_empty() {
            match self.waiting.pop_front() {
                Some(chunk) => self.chunk = chunk,
                None => match self.receiver.blocking_recv() {
                    Some(chunks) => self.waiting = chunks.into(),
                    None => return Ok(0),
                },
            }
        }
        let taken = self.chunk.len().min(buffer.len());
        self.chunk.copy_to_slice(&mut buffer[..taken]);
        Ok(taken)
    }
}
