//! Images as `docker save` writes them: a tar, as it comes.

use std::error::Error as _;

use bytes::Bytes;
use futures_util::stream::{Stream, StreamExt as _};

use super::connect::Engine;
use super::inspect::{check, for_platform};
use super::{fault, watchdog};
use crate::domain::Platform;
use crate::{Class, Error};

/// First API (major, minor) whose `save` takes a platform.
const SAVE_PLATFORM: (u32, u32) = (1, 48);

impl Engine {
    /// One tar of all images that `names` (ids, or references) mean, of `platform` where the engine has several. Layers that they share
    /// are in it once, and their order is the engine's. Saved by an id, an image has no name in it. Where the engine lacks one of them, or
    /// a part of one, it hands out none.
    ///
    /// Classic engines write the images to their disk before the first byte comes, so there is no bound in time. Dropping the
    /// stream ends the request. Errors are items of the stream; after one nothing more comes.
    pub fn save(
        &self,
        names: &[&str],
        platform: Option<&Platform>,
    ) -> impl Stream<Item = Result<Bytes, Error>> + Send + Unpin + use<> {
        let platform = platform.filter(|_| self.takes_platform(SAVE_PLATFORM));
        let endpoint = self.endpoint().clone();
        let doing = match names {
            [name] => format!("save image {name}"),
            several => format!("save {} images", several.len()),
        };
        let tar = names.iter().try_for_each(|name| check(name)).and_then(|()| {
            let (docker, allowance) = self.unbounded().map_err(|fault| fault::error(fault, &endpoint, &doing))?;
            let docker = for_platform(docker, platform);
            Ok((
                match names {
                    [name] => docker.export_image(name).left_stream(),
                    several => docker.export_images(several).right_stream(),
                },
                allowance,
            ))
        });
        let chunks = match tar {
            Ok((tar, allowance)) => tar
                .map(move |chunk| {
                    allowance.renew();
                    chunk.map_err(|fault| match fault::refusal(&fault) {
                        Some((status, why)) if status == 404 || lacks_content(why) => {
                            let error = Error::new(Class::Image, format!("the engine cannot {doing}: {why}"));
                            if lacks_content(why) { error.caused_by(LacksContent) } else { error }
                        }
                        _ => fault::error(fault, &endpoint, &doing),
                    })
                })
                .left_stream(),
            Err(error) => futures_util::stream::iter([Err(error)]).right_stream(),
        };
        Box::pin(watchdog::watch(self.clone(), chunks))
    }
}

/// Whether containerd's store says that it has the image and not all that belongs to it.
fn lacks_content(why: &str) -> bool {
    why.contains("content digest") && why.contains("not found")
}

/// The engine lacks a part of an image: the cause of the error that says so.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("")]
pub struct LacksContent;

impl LacksContent {
    /// Whether it is why there is this error.
    #[must_use]
    pub fn is_behind(error: &Error) -> bool {
        error.source().is_some_and(<dyn std::error::Error>::is::<Self>)
    }
}
