//! An image of the engine: read, and compared with what the engine itself says of it.

use std::error::Error as _;

use crate::domain::{Bytes, Platform};
use crate::engine::{Engine, EngineImage, LacksContent, Store, held_in_part};
use crate::error::{Class, Error};
use crate::source::{self, ImageContent, Limits, Missing, Wanted};

/// Reads an image by what the engine cannot move while we look. `progress` hears how many bytes were read so far.
///
/// # Errors
/// The engine does not have it, or not whole, or says something else of it than was read.
pub(super) async fn read(
    engine: &Engine,
    name: &str,
    platform: Option<&Platform>,
    limits: &Limits,
    mut progress: impl FnMut(u64) + Send + 'static,
) -> Result<ImageContent, Error> {
    let image = engine.image(name, platform).await?;
    // Some engines put the whole image together before they send its first byte.
    progress(0);
    let stream = engine.save(&[&image.handle], platform);
    let wanted = Wanted { image: None, platform: Some(image.platform.clone()) };
    let read = source::stream::read_stream(stream, wanted, format!("image {name}"), limits.clone(), progress).await;
    let content =
        read.map_err(|error| if engine.facts().store == Store::Containerd { in_part(name, error) } else { error })?;
    compare(name, &content, &image)?;
    Ok(content)
}

/// Says of an error that a part is missing what it means on containerd's store.
fn in_part(name: &str, error: Error) -> Error {
    let is_about_a_part = error.source().is_some_and(|cause| cause.is::<Missing>() || cause.is::<LacksContent>());
    if is_about_a_part { held_in_part(name, &error.to_string()) } else { error }
}

/// A second pair of eyes. The engine counts the files that it unpacked and we those that the layers say: it may count less, by the
/// targets of symbolic links in what BuildKit has just built, and never more. Where it counts less than that still, the larger
/// number is ours and nothing hides behind it. Where it counts more, it sees files that we do not.
fn compare(name: &str, content: &ImageContent, image: &EngineImage) -> Result<(), Error> {
    let unmeasured = |what: String| Error::new(Class::Image, format!("image {name} could not be measured: {what}"));
    if !image.diff_ids.is_empty() && image.diff_ids != content.config.diff_ids {
        return Err(unmeasured("the engine names other layers for it than it hands out".to_owned())
            .with_hint("Run again, if it was built or pulled anew in the meantime."));
    }
    let ours: Bytes = content.layers.iter().map(|layer| layer.size()).sum();
    match image.size {
        Some(theirs) if theirs > ours.0 => Err(unmeasured(format!(
            "imgbudget reads {} bytes of files in its layers, and the engine has {theirs}",
            ours.0
        ))
        .with_hint(
            "The engine sees files in it that imgbudget does not: please report that, if you can with the image.",
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{DiffId, Digest, ImageConfig};
    use crate::layer::{Entry, EntryKind, LayerIndexBuilder};

    /// An image of one file of 100 bytes and one link of 8, of which the engine says `size`.
    fn said(size: Option<u64>, layer: u8) -> Result<(), String> {
        let diff_id = DiffId(Digest::from_sha256([1; 32]));
        let mut index = LayerIndexBuilder::default();
        let entry = |path, kind| Entry { path, kind, mode: 0o755 };
        index.push(entry(b"a", EntryKind::File { size: 100 })).expect("room");
        index.push(entry(b"b", EntryKind::Symlink { target: b"/usr/bin" })).expect("room");
        let platform = Platform::new("linux", "amd64", None);
        let id = Digest::from_sha256([2; 32]);
        let content = ImageContent {
            config: ImageConfig {
                id: id.clone(),
                platform: platform.clone(),
                user: None,
                diff_ids: vec![diff_id.clone()],
                history: Vec::new(),
            },
            layers: vec![Arc::new(index.finish(diff_id).expect("room"))],
            compressed_layers: None,
            reference: None,
            beside: Vec::new(),
        };
        let diff_ids = vec![DiffId(Digest::from_sha256([layer; 32]))];
        let image = EngineImage { handle: id.to_string(), id, platform, diff_ids, size, triggers: None };
        compare("a:1", &content, &image).map_err(|error| error.to_string())
    }

    #[test]
    fn an_engine_may_count_less_and_never_more() {
        for size in [None, Some(108), Some(100), Some(0)] {
            assert_eq!(said(size, 1), Ok(()), "{size:?}");
        }
        let more =
            "image a:1 could not be measured: imgbudget reads 108 bytes of files in its layers, and the engine has 109";
        assert_eq!(said(Some(109), 1), Err(more.to_owned()));
    }

    #[test]
    fn an_image_of_other_layers_is_another_image() {
        let other = "image a:1 could not be measured: the engine names other layers for it than it hands out";
        assert_eq!(said(None, 3), Err(other.to_owned()));
    }
}
