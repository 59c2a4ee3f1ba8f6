//! Whom to ask about an image that a reference names: the engine, or the reference's registry. Decided before anybody is asked.

use crate::domain::{ImageRef, LookIn, Target};
use crate::engine::NoEngine;
use crate::error::{Class, Error};

/// Whom to ask about an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// The engine. Where nobody configured one and none is found, the sentence says why no registry stood in for it; `None` where that
    /// was not asked for.
    Engine(Option<String>),
    /// The engine; the registry where nobody configured an engine and none is found. One that is configured and fails is an error.
    EngineElseRegistry,
    /// The registry. No engine is looked for.
    Registry,
}

impl Ask {
    /// Why there is no engine to ask, with what the user can do beside starting one.
    #[must_use]
    pub fn explain(&self, error: Error) -> Error {
        let more = match self {
            Self::Engine(Some(why)) if NoEngine::is_behind(&error) => why,
            Self::EngineElseRegistry => "Or ask the registry: --from registry.",
            Self::Engine(_) | Self::Registry => return error,
        };
        let hint = format!("{} {more}", error.hint().unwrap_or_default());
        error.with_hint(hint.trim_start())
    }
}

/// Whom to ask about the image `reference` of `target`.
///
/// `auto` asks a registry only about references that name it or hold a digest: what is short could be a typo, and would be a stranger's
/// image on a default registry.
///
/// # Errors
/// Only a registry may be asked, and it must not be.
pub fn whom_to_ask(target: &Target, reference: &ImageRef, offline: bool) -> Result<Ask, Error> {
    match target.look_in {
        LookIn::Engine => Ok(Ask::Engine(None)),
        LookIn::Registry => match obstacle(target, reference, offline) {
            None => Ok(Ask::Registry),
            Some((why, hint)) => {
                let error = Error::new(Class::Usage, format!("no registry can be asked about {reference}: {why}"));
                Err(error.with_hint(hint))
            }
        },
        LookIn::Auto => Ok(match obstacle(target, reference, offline) {
            Some((why, hint)) => Ask::Engine(Some(format!("No registry is asked either: {why}. {hint}"))),
            None if reference.registry.is_some() || reference.digest.is_some() => Ask::EngineElseRegistry,
            None => Ask::Engine(Some(format!(
                "A registry is asked instead when the reference names it, such as {}.",
                in_full(reference)
            ))),
        }),
    }
}

/// What keeps every registry from being asked, and what to do about it.
fn obstacle(target: &Target, reference: &ImageRef, offline: bool) -> Option<(&'static str, String)> {
    if is_image_id(reference) {
        let hint = "Name the image as it was pushed, such as registry.example.com/acme/api:1.";
        return Some(("it is an image id, which only an engine knows", hint.to_owned()));
    }
    if !target.may_ask_registry {
        let hint = format!("Name the image on the command line: --image {}=REF.", target.name);
        return Some(("a file from a fork names it, in a job that holds secrets", hint));
    }
    if offline {
        return Some((
            "--offline is given",
            "Leave out --offline, or look for it in the engine: --from engine.".to_owned(),
        ));
    }
    None
}

/// Whether it is an id, `sha256:…`, which reads like a repository called `sha256` with a tag.
fn is_image_id(reference: &ImageRef) -> bool {
    let is_id = |tag: &str| tag.len() == 64 && tag.bytes().all(|b| b.is_ascii_hexdigit());
    reference.registry.is_none() && reference.repository == "sha256" && reference.tag.as_deref().is_some_and(is_id)
}

/// What Docker takes a reference without a host to mean.
fn in_full(reference: &ImageRef) -> String {
    let official = if reference.repository.contains('/') { "" } else { "library/" };
    format!("{}/{official}{reference}", reference.registry_or_hub())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Rules, Source};

    const DIGEST: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    fn target(look_in: LookIn, reference: &str) -> (Target, ImageRef) {
        let reference: ImageRef = reference.parse().expect("a reference");
        let target = Target {
            name: "api".parse().expect("a name"),
            place: None,
            source: Source::Image(reference.clone()),
            build: None,
            base: None,
            look_in,
            may_ask_registry: true,
            platforms: Vec::new(),
            rules: Rules::default(),
        };
        (target, reference)
    }

    fn asked(look_in: LookIn, reference: &str) -> Result<Ask, String> {
        let (target, reference) = target(look_in, reference);
        whom_to_ask(&target, &reference, false).map_err(|error| error.to_string())
    }

    #[test]
    fn a_choice_is_kept_to() {
        for reference in ["node:22", "r.example.com/acme/api:1"] {
            assert_eq!(asked(LookIn::Engine, reference), Ok(Ask::Engine(None)));
            assert_eq!(asked(LookIn::Registry, reference), Ok(Ask::Registry));
        }
    }

    #[test]
    fn auto_asks_a_registry_only_about_what_cannot_be_a_typo() {
        for reference in ["r.example.com/acme/api:1", "localhost:5000/api", &format!("node@{DIGEST}")] {
            assert_eq!(asked(LookIn::Auto, reference), Ok(Ask::EngineElseRegistry), "{reference}");
        }
        for (reference, in_full) in [("node:22", "docker.io/library/node:22"), ("acme/api", "docker.io/acme/api")] {
            let why = format!("A registry is asked instead when the reference names it, such as {in_full}.");
            assert_eq!(asked(LookIn::Auto, reference), Ok(Ask::Engine(Some(why))));
        }
    }

    #[test]
    fn the_error_without_an_engine_says_what_else_helps() {
        let none = || Error::new(Class::Engine, "none").with_hint("Start one.").caused_by(NoEngine);
        let (ask, configured) =
            (Ask::Engine(Some("Or so.".to_owned())), Error::new(Class::Engine, "gone").with_hint("x"));
        assert_eq!(ask.explain(none()).hint(), Some("Start one. Or so."));
        assert_eq!(Ask::Engine(None).explain(none()).hint(), Some("Start one."));
        assert_eq!(
            ask.explain(configured.clone()).hint(),
            Some("x"),
            "an engine that is configured is not passed over"
        );
        assert_eq!(Ask::EngineElseRegistry.explain(configured).hint(), Some("x Or ask the registry: --from registry."));
    }

    #[test]
    fn an_image_id_is_for_engines() {
        assert!(matches!(asked(LookIn::Auto, DIGEST), Ok(Ask::Engine(Some(_)))));
        let why = format!("no registry can be asked about {DIGEST}: it is an image id, which only an engine knows");
        assert_eq!(asked(LookIn::Registry, DIGEST), Err(why));
    }

    #[test]
    fn whoever_must_not_ask_a_registry_does_not() {
        let pinned = format!("r.example.com/acme/api@{DIGEST}");
        for look_in in [LookIn::Auto, LookIn::Registry] {
            let (mut target, reference) = target(look_in, &pinned);
            let offline = whom_to_ask(&target, &reference, true);
            target.may_ask_registry = false;
            let untrusted = whom_to_ask(&target, &reference, false);
            for outcome in [offline, untrusted] {
                match outcome {
                    Ok(ask) => assert!(matches!((look_in, ask), (LookIn::Auto, Ask::Engine(Some(_))))),
                    Err(error) => assert_eq!((look_in, error.class()), (LookIn::Registry, Class::Usage)),
                }
            }
        }
    }
}
