//! What was read of an image, compared with what its engine says of it.

use crate::domain::{Bytes, DiffId};
use crate::engine::EngineImage;
use crate::error::{Class, Error};
use crate::layer::LayerIndex;

/// A second pair of eyes. The engine counts the files that it unpacked and we those that the layers say: it may count less, by the
/// targets of symbolic links in what BuildKit has just built, and never more. Where it counts less than that still, the larger
/// number is ours and nothing hides behind it. Where it counts more, it sees files that we do not.
pub(super) fn compare<'a>(
    name: &str,
    diff_ids: &[DiffId],
    layers: impl IntoIterator<Item = &'a LayerIndex>,
    image: &EngineImage,
) -> Result<(), Error> {
    let unmeasured = |what: String| Error::new(Class::Image, format!("image {name} could not be measured: {what}"));
    if !image.diff_ids.is_empty() && image.diff_ids != diff_ids {
        return Err(unmeasured("the engine names other layers for it than it hands out".to_owned())
            .with_hint("Run again, if it was built or pulled anew in the meantime."));
    }
    let ours: Bytes = layers.into_iter().map(LayerIndex::size).sum();
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
    use super::*;
    use crate::domain::{Digest, Platform};
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
        let read = index.finish(diff_id.clone()).expect("room");
        let diff_ids = vec![DiffId(Digest::from_sha256([layer; 32]))];
        let image = EngineImage {
            handle: id.to_string(),
            id,
            platform,
            diff_ids,
            size,
            triggers: None,
            volumes: Vec::new(),
            stored_as: Vec::new(),
        };
        compare("a:1", &[diff_id], [&read], &image).map_err(|error| error.to_string())
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
