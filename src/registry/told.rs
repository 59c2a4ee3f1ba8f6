//! What the build of an image said of the images that it took: three more documents, beside the image in its index.

use super::document::Kind;
use super::{RegistryImage, Shared};
use crate::domain::{Digest, ToldBase};
use crate::source::attestation;

/// The images that the build of `image` took, where a provenance is there and can be read. It explains and measures nothing, so what goes
/// wrong on the way is no error.
pub(super) async fn bases(shared: &Shared, image: &RegistryImage) -> Vec<ToldBase> {
    read(shared, image).await.unwrap_or_default()
}

async fn read(shared: &Shared, image: &RegistryImage) -> Option<Vec<ToldBase>> {
    if image.digest == image.manifest {
        return None;
    }
    let host = shared.host(&image.reference).await.ok()?;
    let get = async |kind: Kind, digest: &Digest| {
        shared.documents.get(shared, &host, &image.reference, kind, digest).await.ok()
    };
    let index = get(Kind::Manifest, &image.digest).await?;
    let manifest = get(Kind::Manifest, &attestation::listed(&index, &image.manifest)?).await?;
    let statement = get(Kind::Config, &attestation::provenance(&manifest)?).await?;
    // Megabytes may have to be parsed.
    tokio::task::spawn_blocking(move || attestation::images(&statement)).await.ok()
}
