//! From a reference to an image: what it stands for, its manifest, its config.

use super::document::{Kind, resolve};
use super::{RegistryImage, Shared, unusable};
use crate::Error;
use crate::domain::{Digest, ImageRef, Platform};
use crate::source::remote::{self, Known, Next};

/// The most documents that are read for one image. One that is found through an index takes three; more are needed only where an index
/// does not say which manifest is for which platform.
const MOST: usize = 60;
/// How many bytes they may have together: real ones have some ten thousand.
const MOST_BYTES: usize = 16 << 20;

/// [`super::Registries::describe`].
pub(super) async fn describe(
    shared: &Shared,
    image: &ImageRef,
    platform: Option<&Platform>,
) -> Result<RegistryImage, Error> {
    let host = shared.host(image).await?;
    let digest = if let Some(digest) = &image.digest {
        digest.clone()
    } else {
        let tag = image.tag.clone().unwrap_or_else(|| "latest".to_owned());
        let key = (host.name.clone(), host.name.repository(image), tag.clone());
        shared.tags.get(&key, || resolve(shared, &host, image, &tag)).await?
    };
    let source = image.to_string();
    let mut known = Known::new();
    let mut bytes = 0_usize;
    for _ in 0..MOST {
        let (kind, needed) = match next(&digest, &known, platform, &source).await? {
            Next::Manifest(needed) => (Kind::Manifest, needed),
            Next::Config(needed) => (Kind::Config, needed),
            Next::Chosen(chosen) => {
                let remote::Chosen { manifest, config, config_json, created, layers, beside } = *chosen;
                let reference = image.clone();
                return Ok(RegistryImage { reference, digest, manifest, config, config_json, created, layers, beside });
            }
        };
        let document = shared.documents.get(shared, &host, image, kind, &needed).await?;
        bytes = bytes.saturating_add(document.len());
        if bytes > MOST_BYTES {
            return Err(unusable(format!(
                "{source}: more than 16 MiB of manifests would have to be read to find the image"
            ))
            .with_hint("Its index does not say what each is for. Name the image by its digest."));
        }
        known.insert(needed, document);
    }
    Err(unusable(format!("{source}: more than {MOST} manifests would have to be read to find the image"))
        .with_hint("Its index does not say what each is for. Name the image by its digest."))
}

/// [`remote::next`] where it keeps nobody waiting: megabytes may have to be parsed.
async fn next(digest: &Digest, known: &Known, platform: Option<&Platform>, source: &str) -> Result<Next, Error> {
    let (digest, known, platform, source) = (digest.clone(), known.clone(), platform.cloned(), source.to_owned());
    let step = tokio::task::spawn_blocking(move || remote::next(&digest, &known, platform.as_ref(), &source));
    step.await.map_err(|error| unusable("the manifests of an image could not be read").caused_by(error))?
}
