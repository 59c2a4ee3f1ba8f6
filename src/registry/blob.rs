//! The blob of a layer as it comes: as many bytes as the manifest says, in order, taken up again where the connection broke.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::try_unfold;
use reqwest::header::{CONTENT_RANGE, HeaderValue, RANGE};
use reqwest::{Method, StatusCode};

use super::ask::ask;
use super::exchange::Call;
use super::host::Host;
use super::refusal::{self, What};
use super::{Shared, unusable};
use crate::Error;
use crate::domain::ImageRef;
use crate::http::{HttpError, Incoming};
use crate::source::remote::StoredLayer;

/// How often in a row a blob is taken up again.
const TRIES: u32 = 4;
/// After so many bytes a failure is no longer one in a row.
const PROGRESS: u64 = 1 << 20;
/// The least that has to come while a blob is waited for as long as a silence may last: below it is no use in waiting.
const LEAST: u64 = 4 << 10;

/// [`super::Registries::layer`].
pub(super) fn stream(
    shared: Arc<Shared>,
    image: ImageRef,
    layer: Option<StoredLayer>,
) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static {
    let begin = Begin { shared, image, layer };
    try_unfold(State::Begin(Box::new(begin)), |state| async move {
        let mut blob = match state {
            State::Begin(begin) => begin.open().await?,
            State::Under(blob) => blob,
        };
        Ok(blob.next().await?.map(|piece| (piece, State::Under(blob))))
    })
}

enum State {
    Begin(Box<Begin>),
    Under(Box<Blob>),
}

struct Begin {
    shared: Arc<Shared>,
    image: ImageRef,
    layer: Option<StoredLayer>,
}

/// A blob that is under way.
struct Blob {
    shared: Arc<Shared>,
    host: Arc<Host>,
    image: ImageRef,
    layer: StoredLayer,
    /// Bytes that were handed on.
    had: u64,
    /// The answer that is being read, and how many of its bytes were had before.
    under_way: Option<(Incoming, u64)>,
    pace: Pace,
    failures: u32,
    /// What was had at the last failure.
    failed_at: u64,
}

impl Begin {
    async fn open(self) -> Result<Box<Blob>, Error> {
        let Self { shared, image, layer } = self;
        let Some(layer) = layer else { return Err(unusable(format!("{image} has no such layer"))) };
        if layer.kept_elsewhere {
            return Err(unusable(format!(
                "{image}: the layer {} may not be passed on, so registries lack it",
                layer.digest
            ))
            .with_hint("What is in it could not be measured. Compressed size and number of layers can be."));
        }
        let host = shared.host(&image).await?;
        let pace = Pace::default();
        Ok(Box::new(Blob { shared, host, image, layer, had: 0, under_way: None, pace, failures: 0, failed_at: 0 }))
    }
}

impl Blob {
    /// The next bytes; `None` after the last.
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let (mut reply, mut skip) = match self.under_way.take() {
                Some(under_way) => under_way,
                None => self.ask().await?,
            };
            let (begun, patience) = (Instant::now(), self.shared.patience.silence);
            let piece = match reply.piece(patience).await {
                Ok(piece) => piece,
                Err(error) => {
                    self.again(error).await?;
                    continue;
                }
            };
            let Some(mut piece) = piece else {
                if self.had == self.layer.size.0 {
                    return Ok(None);
                }
                let (had, size) = (self.had, self.layer.size.0);
                self.again(HttpError::Broken(format!("it ended after {had} of {size} bytes"))).await?;
                continue;
            };
            if let Some(error) = self.pace.waited(begun.elapsed(), piece.len(), patience) {
                self.again(error).await?;
                continue;
            }
            let before = usize::try_from(skip).map_or(piece.len(), |skip| skip.min(piece.len()));
            let piece = piece.split_off(before);
            skip = skip.saturating_sub(length(before));
            self.had = self.had.saturating_add(length(piece.len()));
            if self.had > self.layer.size.0 {
                return Err(self.too_large());
            }
            self.under_way = Some((reply, skip));
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
    }

    /// Asks for what is still missing.
    async fn ask(&mut self) -> Result<(Incoming, u64), Error> {
        let repository = self.host.name.repository(&self.image);
        let digest = &self.layer.digest;
        let url = self.host.address(&repository, &format!("blobs/{digest}"))?;
        let mut call = Call::new(Method::GET);
        if self.had > 0
            && let Ok(range) = HeaderValue::from_str(&format!("bytes={}-", self.had))
        {
            call.headers.push((RANGE, range));
        }
        let called = self.called();
        let reply = ask(&self.shared, &self.host, &repository, &url, &call)
            .await
            .map_err(|failure| refusal::of(failure, &self.host, &self.image, What::Part(&called)))?;
        // Who does not know ranges begins anew, and what was had is passed over.
        let begins = if reply.status() == StatusCode::PARTIAL_CONTENT { begin(&reply) } else { Some(0) };
        let ends = reply.length().zip(begins).map(|(length, begins)| begins.saturating_add(length));
        match (begins, ends) {
            (_, Some(end)) if end > self.layer.size.0 => Err(self.too_large()),
            (_, Some(end)) if end < self.layer.size.0 => {
                let size = self.layer.size.0;
                Err(unusable(format!("{}: {called} has {end} bytes, and its manifest says {size}", self.image))
                    .with_hint("Push the image again."))
            }
            (Some(begins), _) if begins == self.had || begins == 0 => Ok((reply, self.had - begins)),
            _ => Err(unusable(format!(
                "{}: {} sends another part of {called} than was asked for",
                self.image, self.host.name
            ))
            .with_hint(refusal::TRY_AGAIN)),
        }
    }

    /// Waits before it is taken up again, unless that was done too often.
    async fn again(&mut self, error: HttpError) -> Result<(), Error> {
        if self.had.saturating_sub(self.failed_at) >= PROGRESS {
            self.failures = 0;
        }
        self.failed_at = self.had;
        self.failures += 1;
        self.pace = Pace::default();
        if self.failures >= TRIES {
            return Err(refusal::unreadable(&error, &self.host, &self.image, &self.called()));
        }
        tokio::time::sleep(self.shared.patience.backoff.saturating_mul(2u32.saturating_pow(self.failures - 1))).await;
        Ok(())
    }

    fn too_large(&self) -> Error {
        let size = self.layer.size.0;
        unusable(format!("{}: {} has more bytes than the {size} of its manifest", self.image, self.called()))
            .with_hint("Push the image again.")
    }

    fn called(&self) -> String {
        format!("the layer {}", self.layer.digest)
    }
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// Where a part begins (RFC 9110, 14.4): `bytes 100-199/200`.
fn begin(reply: &Incoming) -> Option<u64> {
    let range = reply.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split_once('-')?.0.parse().ok()
}

/// How fast a blob comes, by the time for which it was waited for: who reads it may take its own time.
#[derive(Debug, Default)]
struct Pace {
    waited: Duration,
    bytes: u64,
}

impl Pace {
    /// So many bytes came after such a wait. An error when less came in a whole `window` than can be meant.
    fn waited(&mut self, wait: Duration, bytes: usize, window: Duration) -> Option<HttpError> {
        self.waited = self.waited.saturating_add(wait);
        self.bytes = self.bytes.saturating_add(length(bytes));
        if self.waited < window {
            return None;
        }
        let came = std::mem::take(self).bytes;
        (came < LEAST).then(|| HttpError::Broken(format!("only {came} bytes came in {} s", window.as_secs().max(1))))
    }
}
