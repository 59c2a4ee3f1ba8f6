//! An archive that arrives as a stream of chunks, such as an engine's `save`: the async edge around the sync reader.

use std::io::{self, Read};

use bytes::{Buf as _, Bytes};
use futures_util::{Stream, StreamExt as _};
use tokio::sync::mpsc;

use super::{ImageContent, Wanted, archive};
use crate::error::{Class, Error};

/// Chunks that may wait for the reader. A chunk of an engine has some 8 to 64 KiB.
const WAITING: usize = 16;

/// Reads an archive as [`archive::read`] does, on a thread of its own. An error of the stream is the answer, whatever the reader
/// made of the bytes before it. Dropping the future ends the thread.
///
/// # Errors
/// The stream's own, and as [`archive::read`].
pub async fn read_stream(
    stream: impl Stream<Item = Result<Bytes, Error>> + Send,
    wanted: Wanted,
    name: String,
    mut progress: impl FnMut(u64) + Send + 'static,
) -> Result<ImageContent, Error> {
    let (sender, receiver) = mpsc::channel(WAITING);
    let reader = tokio::task::spawn_blocking(move || {
        archive::read(Chunks { receiver, chunk: Bytes::new() }, &wanted, &name, &mut progress)
    });
    let mut stream = std::pin::pin!(stream);
    let mut failure = None;
    while let Some(item) = stream.next().await {
        match item {
            // Nobody receives any more: the reader has given up, and says why.
            Ok(chunk) => {
                if sender.send(chunk).await.is_err() {
                    break;
                }
            }
            Err(error) => {
                failure = Some(error);
                break;
            }
        }
    }
    drop(sender);
    let result = reader.await;
    match failure {
        Some(error) => Err(error),
        None => result
            .map_err(|error| Error::new(Class::Image, "the reader of the image ended unexpectedly").caused_by(error))?,
    }
}

/// Chunks as one byte stream. It ends where the sender is gone.
struct Chunks {
    receiver: mpsc::Receiver<Bytes>,
    chunk: Bytes,
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while self.chunk.is_empty() {
            match self.receiver.blocking_recv() {
                Some(chunk) => self.chunk = chunk,
                None => return Ok(0),
            }
        }
        let taken = self.chunk.len().min(buffer.len());
        self.chunk.copy_to_slice(&mut buffer[..taken]);
        Ok(taken)
    }
}
