//! Docker's classic store, under `DockerRootDir/image/DRIVER`: of each layer its tar-split, its diff id and its size in
//! `layerdb/sha256/CHAIN` (moby's `layer/filestore.go`), and configs in `imagedb/content/sha256` (`image/fs.go`).

use std::io::Read;
use std::sync::Arc;

use super::members::{Member, Members, text};
use super::splits::{Parsing, Stated};
use super::{Fallback, Handed, LARGEST_DOCUMENT, Progress, Request};
use crate::domain::{DiffId, Digest};
use crate::layer::{Allowance, Evidence};
use crate::source::{Limits, stream};

/// The longest of the small files: a diff id.
const LONGEST_FIELD: u64 = 100;

pub(super) async fn read(request: &Request<'_>) -> Result<Handed, Fallback> {
    let (root, driver) = request.place()?;
    let chains = chains(&request.image.diff_ids);
    let mut binds = Vec::with_capacity(request.lacking.len() + 1);
    for layer in &request.lacking {
        let position = request.image.diff_ids.iter().position(|diff_id| diff_id == layer);
        let chain = position.and_then(|position| chains.get(position));
        let chain = chain.ok_or_else(|| Fallback::of_layer(layer, "the image does not have it"))?;
        binds.push(format!("{root}/image/{driver}/layerdb/sha256/{}", chain.hex()));
    }
    let config = request.want_config.then_some(binds.len());
    if request.want_config {
        binds.push(format!("{root}/image/{driver}/imagedb/content/sha256/{}", request.image.id.hex()));
    }
    let container = request.container(&binds).await?;
    let expected = Expected {
        directory: container.directory(),
        layers: request.lacking.clone(),
        config: config.map(|number| (number, request.image.id.clone())),
    };
    let (limits, progress) = (request.limits.clone(), Arc::clone(&request.progress));
    let files = container.archive(&container.directory());
    stream::read_by(files, move |tar| Ok(unpack(tar, &expected, &limits, &progress))).await?
}

/// The digest of each layer on top of those below it (OCI config.md, "Layer ChainID").
fn chains(layers: &[DiffId]) -> Vec<Digest> {
    let mut chains: Vec<Digest> = Vec::with_capacity(layers.len());
    for DiffId(layer) in layers {
        let chain = chains.last().map_or_else(|| layer.clone(), |below| Digest::of(format!("{below} {layer}")));
        chains.push(chain);
    }
    chains
}

/// What the tar of the engine's files has to hold.
struct Expected {
    directory: String,
    layers: Vec<DiffId>,
    /// The number of its bind, and its digest.
    config: Option<(usize, Digest)>,
}

fn unpack(tar: impl Read, expected: &Expected, limits: &Limits, progress: &Progress) -> Result<Handed, Fallback> {
    let allowance = Allowance::new(limits.read);
    let mut config = None;
    let mut stated: Vec<Stated> = expected.layers.iter().map(|_| Stated::default()).collect();
    let mut members = Members::new(tar, &expected.directory, progress);
    let drafts = Parsing::run(&limits.memory, &allowance, stated.len(), |parsing| {
        while let Some(Member { bind, name, mut content, size }) = members.advance()? {
            if expected.config.as_ref().is_some_and(|(number, _)| *number == bind) && name.is_empty() {
                config = Some(text(content, LARGEST_DOCUMENT)?);
                continue;
            }
            let Some(stated) = stated.get_mut(bind) else { continue };
            match name.as_str() {
                "tar-split.json.gz" => parsing.read(bind, &mut content, size)?,
                "diff" => stated.diff_id = Some(text(content, LONGEST_FIELD)?),
                "size" => stated.size = Some(text(content, LONGEST_FIELD)?),
                _ => {}
            }
        }
        Ok(())
    })?;
    let config = match (&expected.config, config) {
        (None, _) => None,
        (Some((_, id)), Some(bytes)) if Digest::of(&bytes) == *id => Some(bytes),
        (Some(_), Some(_)) => {
            return Err(Fallback("what the engine keeps as the image's config is another".to_owned()));
        }
        (Some(_), None) => return Err(Fallback("the engine does not keep the image's config".to_owned())),
    };
    let mut layers = Vec::with_capacity(expected.layers.len());
    for ((layer, stated), draft) in expected.layers.iter().zip(&stated).zip(drafts.by_number(expected.layers.len())) {
        let split = draft
            .ok_or_else(|| Fallback::of_layer(layer, "its list of entries is missing"))?
            .map_err(|error| Fallback::of_layer(layer, error))?;
        layers.push((stated.check(layer, split)?, Evidence::EngineSaid));
    }
    Ok(Handed { config, layers, bytes: progress.bytes(), ..Handed::default() })
}
