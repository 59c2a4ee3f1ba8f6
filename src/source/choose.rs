//! Which of the images that a source holds is meant.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::manifest::{Descriptor, Manifest, Node};
use super::name::Fit;
use super::{HINT_AGAIN, Wanted, name, unreadable};
use crate::domain::{Digest, ImageChoice, Platform};
use crate::error::{Class, Error};
use crate::text;

/// The most entries of indexes that are looked at: a source may list itself over and over.
pub(super) const MOST_ENTRIES: usize = 10_000;

/// Hands out a JSON blob of the source by its digest, verified; `None` when the source lacks it.
pub(super) type Fetch<'a> = dyn Fn(&Digest) -> Result<Option<Vec<u8>>, Error> + 'a;

/// An image that a source holds.
#[derive(Debug, Clone)]
pub(super) struct Candidate<T> {
    /// The names it was saved under.
    pub(super) names: BTreeSet<String>,
    /// Digests that it goes by: manifest and config, and the indexes at the top that lead to it.
    pub(super) digests: Vec<Digest>,
    /// What it was made for, where that is known.
    pub(super) platform: Option<Platform>,
    /// How to get at it; `None` when the source lists it and does not hold it.
    pub(super) image: Option<T>,
    /// Other platforms of the image that is chosen, where nobody asked for one.
    pub(super) beside: Vec<Platform>,
}

/// An entry of an index that is still to be looked at.
struct Open {
    /// The name that it has, or an index above it.
    named: Option<String>,
    /// The index at the top that leads to it.
    index: Option<Digest>,
    entry: Descriptor,
}

/// The images that an index lists, nested indexes walked, other artifacts left out, and so are the attestations in a nested index.
/// `platform_of` looks into a config, for descriptors that state no platform.
pub(super) fn images_of(
    index: Vec<Descriptor>,
    fetch: &Fetch<'_>,
    platform_of: &dyn Fn(&Descriptor) -> Option<Platform>,
    source: &str,
) -> Result<Vec<Candidate<Manifest>>, Error> {
    let mut found: BTreeMap<Digest, Candidate<Manifest>> = BTreeMap::new();
    let mut order = Vec::new();
    let mut seen = BTreeSet::new();
    let mut platforms: HashMap<Digest, Option<Platform>> = HashMap::new();
    let at_top = |entry: Descriptor| Open { named: entry.name().map(str::to_owned), index: None, entry };
    let mut open: Vec<Open> = index.into_iter().rev().map(at_top).collect();
    while let Some(Open { named, index, entry }) = open.pop() {
        if !seen.insert((named.clone(), index.clone(), entry.digest.clone())) {
            continue;
        }
        if seen.len() > MOST_ENTRIES {
            return Err(unreadable(format!("{source} lists more than {MOST_ENTRIES} manifests")).with_hint(HINT_AGAIN));
        }
        if let Some(known) = found.get_mut(&entry.digest) {
            known.names.extend(named);
            known.digests.extend(index);
            continue;
        }
        let node = match fetch(&entry.digest)? {
            None => None,
            Some(json) => match Node::parse(&json) {
                Ok(Some(node)) => Some(node),
                // A manifest of another kind, such as schema 1.
                Ok(None) => continue,
                Err(error) => {
                    return Err(unreadable(format!("{source}: the manifest {} cannot be read", entry.digest))
                        .caused_by(error)
                        .with_hint(HINT_AGAIN));
                }
            },
        };
        let image = match node {
            Some(Node::Index(entries)) => {
                let index = index.or(Some(entry.digest));
                let inherit = |child: Descriptor| Open {
                    named: named.clone().or_else(|| child.name().map(str::to_owned)),
                    index: index.clone(),
                    entry: child,
                };
                // What stands at the top may be loaded whatever its platform; in an index engines look for theirs.
                let children = entries.into_iter().filter(|child| !child.is_for_no_machine());
                open.extend(children.rev().map(inherit));
                continue;
            }
            Some(Node::Manifest(manifest)) if !manifest.config.is_image_config() => continue,
            Some(Node::Manifest(manifest)) => Some(manifest),
            None => None,
        };
        let mut looked_up =
            |config: &Descriptor| platforms.entry(config.digest.clone()).or_insert_with(|| platform_of(config)).clone();
        let platform = entry.platform().or_else(|| image.as_ref().and_then(|image| looked_up(&image.config)));
        let mut digests = vec![entry.digest.clone()];
        digests.extend(image.as_ref().map(|image| image.config.digest.clone()));
        digests.extend(index);
        order.push(entry.digest.clone());
        let names = named.into_iter().collect();
        found.insert(entry.digest, Candidate { names, digests, platform, image, beside: Vec::new() });
    }
    Ok(order.iter().filter_map(|digest| found.remove(digest)).collect())
}

/// Picks the one image that `wanted` means: first by name, then by platform. `host` is the platform of last resort.
pub(super) fn choose<T>(
    candidates: Vec<Candidate<T>>,
    wanted: &Wanted,
    host: &Platform,
    source: &str,
) -> Result<Candidate<T>, Error> {
    if candidates.is_empty() {
        return Err(unreadable(format!("{source} holds no image")).with_hint(super::HINT_FORMAT));
    }
    let named = by_name(candidates, wanted, source)?;
    let held = named.iter().filter(|candidate| candidate.image.is_some() && wanted.platform.is_none());
    let mut beside: Vec<Platform> = held.filter_map(|candidate| candidate.platform.clone()).collect();
    let mut chosen = by_platform(named, wanted.platform.as_ref(), host, source)?;
    beside.retain(|platform| chosen.platform.as_ref() != Some(platform));
    beside.dedup();
    chosen.beside = beside;
    if chosen.image.is_none() {
        let what = chosen.digests.first().map_or_else(String::new, ToString::to_string);
        return Err(unreadable(format!("{source}: the manifest {what} is missing"))
            .with_hint(HINT_AGAIN)
            .caused_by(super::Missing));
    }
    Ok(chosen)
}

fn by_name<T>(candidates: Vec<Candidate<T>>, wanted: &Wanted, source: &str) -> Result<Vec<Candidate<T>>, Error> {
    let listed = list(candidates.iter().flat_map(Candidate::labels));
    if let Some(image) = &wanted.image {
        let Some(best) = candidates.iter().filter_map(|candidate| candidate.fit(image)).min() else {
            let error = unreadable(format!("{source} holds no image `{image}`"));
            return Err(error.with_hint(format!("It holds {listed}.")));
        };
        let fitting: Vec<_> = candidates.into_iter().filter(|it| it.fit(image) == Some(best)).collect();
        // A name means its manifests of all platforms. What is less than a name has to mean one image.
        let is_one = best == Fit::Same || fitting.windows(2).all(|pair| pair[0].names == pair[1].names);
        return if is_one {
            Ok(fitting)
        } else {
            Err(ambiguous(source, &list(fitting.iter().flat_map(Candidate::labels))))
        };
    }
    // Manifests of one name, or of none, are one image for several platforms.
    let several = candidates.windows(2).any(|pair| pair[0].names != pair[1].names);
    if !several {
        return Ok(candidates);
    }
    // Under names of their own, such as app:amd64 and app:arm64, the platform alone tells them apart.
    let is_asked_for = |candidate: &Candidate<T>| candidate.platform.is_some() && candidate.platform == wanted.platform;
    let mut asked_for: Vec<_> = candidates.into_iter().filter(is_asked_for).collect();
    if asked_for.len() > 1 {
        asked_for.clear();
    }
    if asked_for.is_empty() { Err(ambiguous(source, &listed)) } else { Ok(asked_for) }
}

fn by_platform<T>(
    mut candidates: Vec<Candidate<T>>,
    wanted: Option<&Platform>,
    host: &Platform,
    source: &str,
) -> Result<Candidate<T>, Error> {
    let platforms = list(candidates.iter().map(Candidate::platform_label));
    if wanted.is_none() {
        let present = candidates.iter().filter(|candidate| candidate.image.is_some()).count();
        if present == 1 {
            candidates.retain(|candidate| candidate.image.is_some());
        }
        if candidates.len() == 1 {
            return candidates.pop().ok_or_else(|| ambiguous(source, &platforms));
        }
    }
    let asked = wanted.unwrap_or(host);
    let fits = |candidate: &Candidate<T>| candidate.platform.as_ref().is_none_or(|it| it.satisfies(asked));
    candidates.retain(fits);
    if candidates.iter().any(|candidate| candidate.platform.as_ref() == Some(asked)) {
        candidates.retain(|candidate| candidate.platform.as_ref() == Some(asked));
    }
    let platforms_left = list(candidates.iter().map(Candidate::platform_label));
    // Names do not tell manifests of one name and one platform apart.
    let left = if candidates.windows(2).all(|pair| pair[0].names == pair[1].names) {
        list(candidates.iter().filter_map(|candidate| candidate.digests.first()).map(ToString::to_string))
    } else {
        list(candidates.iter().flat_map(Candidate::labels))
    };
    match (candidates.pop(), candidates.last()) {
        (None, _) => Err(unreadable(format!("{source} has no image for {asked}"))
            .with_hint(format!("It has {platforms}: choose with `platforms`, or with --platform."))),
        (Some(only), None) => Ok(only),
        (Some(one), Some(other)) if one.platform != other.platform => {
            Err(unreadable(format!("{source} has several images for {asked}"))
                .with_hint(format!("It has {platforms_left}: choose with `platforms`, or with --platform.")))
        }
        (Some(_), Some(_)) => Err(ambiguous(source, &left)),
    }
}

fn ambiguous(source: &str, listed: &str) -> Error {
    Error::new(Class::Image, format!("{source} holds several images"))
        .with_hint(format!("It holds {listed}. Say which with `archive-image` or --archive-image."))
}

impl<T> Candidate<T> {
    /// The name that was asked for as the source writes it, else its first.
    pub(super) fn reference(&self, wanted: &Wanted) -> Option<String> {
        let asked = wanted.image.as_ref().and_then(|image| {
            let fitting = self.names.iter().filter_map(|known| Some((name::fit(known, image)?, known)));
            fitting.min().map(|(_, known)| known)
        });
        asked.or_else(|| self.names.first()).cloned()
    }

    /// Whether it is among the images that `wanted` may mean, as far as is known of it.
    pub(super) fn could_be(&self, wanted: &Wanted) -> bool {
        let named = wanted.image.as_ref().is_none_or(|image| self.fit(image).is_some());
        let fits = |platform: &Platform| self.platform.as_ref().is_none_or(|it| it.satisfies(platform));
        named && wanted.platform.as_ref().is_none_or(fits)
    }

    /// How well its best name fits, or its digest.
    fn fit(&self, wanted: &ImageChoice) -> Option<Fit> {
        match name::digest(wanted) {
            Some(digest) => self.digests.contains(&digest).then_some(Fit::Same),
            None => self.names.iter().filter_map(|known| name::fit(known, wanted)).min(),
        }
    }

    /// Every name it has, or its digest.
    fn labels(&self) -> Vec<String> {
        if self.names.is_empty() {
            return self.digests.first().map(ToString::to_string).into_iter().collect();
        }
        self.names.iter().map(|name| text::line(name)).collect()
    }

    fn platform_label(&self) -> String {
        self.platform.as_ref().map_or_else(|| "one of unknown platform".to_owned(), |it| text::line(&it.to_string()))
    }
}

/// `a, b and 3 more`, each once.
fn list(items: impl Iterator<Item = String>) -> String {
    const SHOWN: usize = 100;
    let all: BTreeSet<String> = items.collect();
    let shown: Vec<&str> = all.iter().take(SHOWN).map(String::as_str).collect();
    match all.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
