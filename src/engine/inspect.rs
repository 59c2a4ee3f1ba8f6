//! What the engine knows of one image.

use bollard::Docker;

use super::connect::{Engine, Kind, Store};
use super::fault;
use crate::domain::{DiffId, Digest, ImageRef, Platform};
use crate::{Class, Error};

/// An image that the engine has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineImage {
    /// Its id on this engine: digest of the config, or of the manifest where containerd keeps the images.
    pub id: Digest,
    /// What it was made for.
    pub platform: Platform,
    /// Its layers, from the bottom up.
    pub diff_ids: Vec<DiffId>,
    /// What to save it by: its id, since tags move. Only containerd's store gives an id here that its `save` does not know, where an
    /// image for several platforms is asked for one; then it is the name that was asked for.
    pub handle: String,
    /// What the engine says its files take, where that is the sum of its layers: on Docker's classic store.
    pub size: Option<u64>,
    /// What it keeps with ONBUILD; `None` where the engine does not say (Podman). Untrusted.
    pub triggers: Option<Vec<String>>,
    /// The repositories that it was pulled from or pushed to, each with the digest that it has there.
    pub stored_as: Vec<ImageRef>,
    /// The paths of its own volumes. Untrusted.
    pub volumes: Vec<String>,
}

/// First API (major, minor) whose inspect takes a platform.
const INSPECT_PLATFORM: (u32, u32) = (1, 49);

impl Engine {
    /// The image that `name` (a reference, or an id) means on this engine, of `platform` where one is wanted. Nothing is pulled.
    ///
    /// # Errors
    /// The engine does not have it, or has it for another platform.
    pub async fn image(&self, name: &str, platform: Option<&Platform>) -> Result<EngineImage, Error> {
        check(name)?;
        let wanted = platform.filter(|_| self.takes_platform(INSPECT_PLATFORM));
        let facts = self.facts();
        let inspect =
            async |platform| self.ask(async |docker| for_platform(docker, platform).inspect_image(name).await).await;
        let image = match (inspect(wanted).await, wanted) {
            (Ok(image), _) => image,
            (Err(fault), _) if facts.store == Store::Containerd && lacks_config(&fault) => {
                return Err(held_in_part(name, "its config is missing"));
            }
            (Err(fault), _) if !is_missing(&fault) => {
                return Err(fault::error(fault, self.endpoint(), &format!("look at image {name}")));
            }
            (Err(_), None) => return Err(self.absent(name)),
            // Missing altogether, or for this platform only: what is there says which.
            (Err(_), Some(wanted)) => match inspect(None).await {
                Ok(other) => return Err(mismatch(name, wanted, &platform_of(&other))),
                Err(_) => return Err(self.absent(name)),
            },
        };
        let actual = platform_of(&image);
        if let Some(wanted) = platform.filter(|wanted| !actual.satisfies(wanted)) {
            return Err(mismatch(name, wanted, &actual));
        }
        let strange =
            |what: &str| Error::new(Class::Image, format!("the engine describes image {name} without {what}"));
        let id: Digest = image.id.as_deref().and_then(|id| id.parse().ok()).ok_or_else(|| strange("a sha256 id"))?;
        let layers = image.root_fs.and_then(|root| root.layers).unwrap_or_default();
        let diff_ids = layers.iter().map(|layer| layer.parse()).collect::<Result<_, _>>();
        let config = image.config.unwrap_or_default();
        let kept = config.on_build.unwrap_or_default();
        // Podman says that there is nothing, whatever there is.
        let triggers = (facts.kind == Kind::Docker).then_some(kept);
        let is_classic = facts.kind == Kind::Docker && facts.store == Store::Classic;
        let is_one_of_several = facts.store == Store::Containerd && wanted.is_some();
        Ok(EngineImage {
            handle: if is_one_of_several { name.to_owned() } else { id.to_string() },
            id,
            platform: actual,
            diff_ids: diff_ids.map_err(|_| strange("sha256 layers"))?,
            triggers,
            volumes: config.volumes.unwrap_or_default(),
            stored_as: stored_as(image.repo_digests.unwrap_or_default()),
            size: image.size.filter(|_| is_classic).and_then(|size| size.try_into().ok()),
        })
    }

    fn absent(&self, name: &str) -> Error {
        let command = match self.facts().kind {
            Kind::Docker => "docker",
            Kind::Podman => "podman",
        };
        Error::new(Class::Image, format!("the engine at {} has no image {name}", self.endpoint()))
            .with_hint(format!("Pull it first, `{command} pull {name}`, or ask its registry: --from registry."))
    }

    /// Whether the engine heeds the `platform` of a request that has it since API `since`. Podman ignores it in silence.
    pub(crate) fn takes_platform(&self, since: (u32, u32)) -> bool {
        self.facts().kind == Kind::Docker && self.facts().api >= since
    }
}

/// Refuses what would be another request once it stands in a path.
pub(crate) fn check(name: &str) -> Result<(), Error> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/' | b':' | b'@' | b'[' | b']');
    let parts = !name.split('/').any(|part| part.is_empty() || part.starts_with('.'));
    if name.bytes().all(plain) && parts {
        return Ok(());
    }
    Err(Error::new(Class::Image, format!("`{name}` does not name an image")))
}

/// `docker`, whose requests ask for `platform`: bollard's options do not have it.
pub(crate) fn for_platform(docker: Docker, platform: Option<&Platform>) -> Docker {
    let Some(platform) = platform else { return docker };
    let variant = platform.variant.as_ref().map(|variant| format!(r#","variant":"{variant}""#)).unwrap_or_default();
    let json = format!(r#"{{"os":"{}","architecture":"{}"{variant}}}"#, platform.os, platform.architecture);
    let encoded = json.replace('{', "%7B").replace('}', "%7D").replace('"', "%22");
    docker.with_request_modifier(move |mut request| {
        let separator = if request.uri().query().is_some() { '&' } else { '?' };
        if let Ok(uri) = format!("{}{separator}platform={encoded}", request.uri()).parse() {
            *request.uri_mut() = uri;
        }
        request
    })
}

/// containerd's store describes an image whose config it never fetched without `RootFS.Type`, which bollard insists on.
fn lacks_config(fault: &bollard::errors::Error) -> bool {
    matches!(fault, bollard::errors::Error::JsonDataError { message, .. } if message.contains("missing field `Type`"))
}

/// containerd's store fetches no blob whose layer it has unpacked already, and then it cannot hand the image out.
#[must_use]
pub fn held_in_part(name: &str, why: &str) -> Error {
    Error::new(Class::Image, format!("the engine holds image {name} only in part: {why}"))
        .with_hint(format!("Remove it and pull it again: `docker image rm {name}`, then `docker pull {name}`."))
}

fn is_missing(fault: &bollard::errors::Error) -> bool {
    matches!(fault::refusal(fault), Some((404, _)))
}

/// References with digests, as far as they are such. A handful is enough.
fn stored_as(references: Vec<String>) -> Vec<ImageRef> {
    const MOST: usize = 16;
    let parsed = references.into_iter().take(MOST).filter_map(|text| text.parse::<ImageRef>().ok());
    parsed.filter(|reference| reference.digest.is_some()).collect()
}

fn platform_of(image: &bollard::models::ImageInspect) -> Platform {
    let or =
        |text: &Option<String>, default: &str| text.clone().filter(|t| !t.is_empty()).unwrap_or(default.to_owned());
    Platform::new(&or(&image.os, "linux"), &or(&image.architecture, "unknown"), image.variant.as_deref())
}

fn mismatch(name: &str, wanted: &Platform, actual: &Platform) -> Error {
    Error::new(Class::Image, format!("image {name} is for {actual}, not for {wanted}"))
        .with_hint(format!("Pull or build it for {wanted}, or change `platforms` of the target."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_leave_their_path() {
        for good in ["node", "r.example.com:5000/a/b:1@sha256:00", "sha256:00", "[::1]:5000/a"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for wrong in ["", "..", "a/../b", "/a", "a//b", "a?b", "a#b", "a%2fb", "a b", "a\n"] {
            assert!(check(wrong).is_err(), "{wrong:?}");
        }
    }
}
