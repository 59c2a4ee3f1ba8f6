//! Manifests, indexes and configs: fetched once, at most 4 MiB each, and what their digests say.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::Method;
use reqwest::header::{ACCEPT, HeaderValue};

use super::ask::ask;
use super::exchange::{Call, Failure, Refusal};
use super::flight::Flights;
use super::host::{Host, Name};
use super::refusal::{self, What};
use super::{Shared, unusable};
use crate::Error;
use crate::domain::{Digest, ImageRef};
use crate::source::LARGEST_JSON;

/// The forms that are asked for.
const FORMS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
                     application/vnd.docker.distribution.manifest.list.v2+json, \
                     application/vnd.docker.distribution.manifest.v2+json, */*;q=0.1";

/// How many bytes of documents a run keeps. Those of a thousand images take some ten million.
const MOST_KEPT: usize = 16 << 20;

type Key = (Name, String, Digest);

/// The documents of a run: those of one index for several platforms are fetched once.
#[derive(Debug, Default)]
pub(super) struct Documents {
    kept: Flights<Key, Arc<[u8]>>,
    bytes: AtomicUsize,
}

/// Which document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A manifest or an index.
    Manifest,
    /// A config.
    Config,
}

impl Documents {
    /// The document `digest` of the repository of `image`.
    pub(super) async fn get(
        &self,
        shared: &Shared,
        host: &Host,
        image: &ImageRef,
        kind: Kind,
        digest: &Digest,
    ) -> Result<Arc<[u8]>, Error> {
        let key = (host.name.clone(), host.name.repository(image), digest.clone());
        if self.bytes.load(Ordering::Relaxed) > MOST_KEPT && !self.kept.has(&key) {
            return fetch(shared, host, image, kind, digest).await;
        }
        self.kept
            .get(&key, || async {
                let document = fetch(shared, host, image, kind, digest).await?;
                self.bytes.fetch_add(document.len(), Ordering::Relaxed);
                Ok(document)
            })
            .await
    }
}

async fn fetch(
    shared: &Shared,
    host: &Host,
    image: &ImageRef,
    kind: Kind,
    digest: &Digest,
) -> Result<Arc<[u8]>, Error> {
    let (path, called) = match kind {
        Kind::Manifest => (format!("manifests/{digest}"), format!("the manifest {digest}")),
        Kind::Config => (format!("blobs/{digest}"), format!("the config {digest}")),
    };
    // The digest of the reference itself is what was asked for.
    let what = if image.digest.as_ref() == Some(digest) { What::Image } else { What::Part(&called) };
    let body = get(shared, host, image, &path, what, &called).await?;
    if Digest::of(&body) == *digest {
        Ok(body.into())
    } else {
        Err(unusable(format!("{image}: what {} sends as {called} has another digest", host.name))
            .with_hint("It was changed on the way or in the registry. Push the image again."))
    }
}

/// What `tag` stands for: asked without its content, which costs nothing where pulls are counted. A registry that does not say is asked
/// for the manifest.
pub(super) async fn resolve(shared: &Shared, host: &Host, image: &ImageRef, tag: &str) -> Result<Digest, Error> {
    let repository = host.name.repository(image);
    let path = format!("manifests/{tag}");
    let call = Call { headers: vec![accept()], ..Call::new(Method::HEAD) };
    let url = host.address(&repository, &path)?;
    let said = match ask(shared, host, &repository, &url, &call).await {
        Ok(reply) => reply.headers().get("docker-content-digest").and_then(|it| it.to_str().ok()?.parse().ok()),
        Err(Failure::Status(Refusal { status, .. })) if matches!(status.as_u16(), 400 | 405 | 501) => None,
        Err(failure) => return Err(refusal::of(failure, host, image, What::Image)),
    };
    match said {
        Some(digest) => Ok(digest),
        None => get(shared, host, image, &path, What::Image, "the manifest").await.map(|body| Digest::of(&body)),
    }
}

async fn get(
    shared: &Shared,
    host: &Host,
    image: &ImageRef,
    path: &str,
    what: What<'_>,
    called: &str,
) -> Result<Vec<u8>, Error> {
    let most = usize::try_from(LARGEST_JSON).unwrap_or(usize::MAX);
    let repository = host.name.repository(image);
    let call = Call { headers: vec![accept()], ..Call::new(Method::GET) };
    let url = host.address(&repository, path)?;
    let reply = ask(shared, host, &repository, &url, &call).await;
    let reply = reply.map_err(|failure| refusal::of(failure, host, image, what))?;
    let answer = reply.whole(most, shared.patience.answer).await;
    answer.map(|answer| answer.body).map_err(|error| refusal::unreadable(&error, host, image, called))
}

fn accept() -> (reqwest::header::HeaderName, HeaderValue) {
    (ACCEPT, HeaderValue::from_static(FORMS))
}
