//! How much an engine may say before something comes of it. Answers are put together in memory, and an engine that is broken, or is
//! none, may talk without end: in a header, a document, an error or a line of a build.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// An image's description has some kilobytes, a line of BuildKit's trace at most some hundred.
const MOST: usize = 4 << 20;

/// What is left of the bytes that one request's answer may have until [`Allowance::renew`]. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Allowance(Arc<AtomicUsize>);

impl Default for Allowance {
    fn default() -> Self {
        Self(Arc::new(AtomicUsize::new(MOST)))
    }
}

impl Allowance {
    /// Something came of what was said: a chunk of an image, a line of a build.
    pub(crate) fn renew(&self) {
        if !self.is_spent() {
            self.0.store(MOST, Ordering::Relaxed);
        }
    }

    /// Whether the engine said more than that, so that the request broke off.
    pub(crate) fn is_spent(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    fn spend(&self, bytes: usize) {
        let spent = |left: usize| Some(left.saturating_sub(bytes));
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spent);
    }
}

/// The engine said more than its allowance.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the engine's answer does not end: more than {} MiB came at once", MOST >> 20)]
pub(crate) struct Endless;

/// A connection that ends where its allowance does.
#[derive(Debug)]
pub(crate) struct Metered<T> {
    connection: T,
    allowance: Option<Allowance>,
}

impl<T> Metered<T> {
    /// `connection`, bounded by `allowance` if there is one.
    pub(crate) fn new(connection: T, allowance: Option<Allowance>) -> Self {
        Self { connection, allowance }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Metered<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.allowance.as_ref().is_some_and(Allowance::is_spent) {
            return Poll::Ready(Err(io::Error::other(Endless)));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.connection).poll_read(context, buffer);
        if let Some(allowance) = &self.allowance {
            allowance.spend(buffer.filled().len().saturating_sub(before));
        }
        read
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Metered<T> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.connection).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.connection).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[tokio::test]
    async fn an_answer_ends_where_the_allowance_does() {
        let allowance = Allowance::default();
        let mut endless =
            Metered::new(tokio::io::join(tokio::io::repeat(0), tokio::io::sink()), Some(allowance.clone()));
        let mut most = vec![0; MOST - 1];
        for _ in 0..3 {
            endless.read_exact(&mut most).await.expect("within the allowance");
            allowance.renew();
        }
        let mut all = Vec::new();
        assert!(endless.read_to_end(&mut all).await.is_err() && all.len() <= MOST);
        assert!(allowance.is_spent());
        allowance.renew();
        assert!(allowance.is_spent(), "what broke off is not mended");
    }
}
