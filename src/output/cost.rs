//! How images were read, and what that cost. It differs from run to run, so it stands where nothing is compared.

use std::collections::BTreeMap;

use crate::domain::{Bytes, ImageFrom, ReadFacts, Rung, TargetReport};
use crate::text;

/// The longest reason why a way of reading failed, in characters.
const LONGEST: usize = 300;

/// `9 layers: 7 cached, 2 by the engine's layer metadata; 2.9 MB in 310 ms`, of all targets together; nothing where only files were
/// read: what those cost is no news.
pub(super) fn cost<'a>(targets: impl IntoIterator<Item = &'a TargetReport>) -> Option<String> {
    let reads: Vec<&ReadFacts> =
        targets.into_iter().filter(|target| !is_file(target)).filter_map(|target| target.read.as_ref()).collect();
    let cached = sum(reads.iter().map(|read| read.layers_cached));
    let mut by_way: BTreeMap<Rung, u64> = BTreeMap::new();
    for read in &reads {
        let layers = by_way.entry(read.how).or_default();
        *layers = layers.saturating_add(read.layers_read);
    }
    let all = cached.saturating_add(sum(by_way.values().copied()));
    let read: Vec<(Rung, u64)> =
        by_way.iter().map(|(way, layers)| (*way, *layers)).filter(|(_, layers)| *layers > 0).collect();
    let layers = if all == 1 { "layer" } else { "layers" };
    let mut said = match (cached, read.as_slice()) {
        (_, []) if all == 0 => String::new(),
        (_, []) => format!("{all} {layers}, all cached"),
        (0, [(way, _)]) => format!("{all} {layers} {}", by(*way)),
        _ => {
            let cached = (cached > 0).then(|| format!("{cached} cached"));
            let parts = cached.into_iter().chain(read.iter().map(|(way, layers)| format!("{layers} {}", by(*way))));
            format!("{all} {layers}: {}", parts.collect::<Vec<_>>().join(", "))
        }
    };
    if by_way.contains_key(&Rung::Export) {
        said = if said.is_empty() { EXPORTED.to_owned() } else { format!("{said}; {EXPORTED}") };
    }
    if said.is_empty() {
        return None;
    }
    let bytes = Bytes(sum(reads.iter().map(|read| read.bytes.0)));
    let longest = time(reads.iter().map(|read| read.milliseconds).max().unwrap_or_default());
    let time = if reads.len() == 1 { format!("in {longest}") } else { format!("at most {longest} a target") };
    let cost = if bytes == Bytes::ZERO { time } else { format!("{bytes} {time}").replace(" at most", ", at most") };
    Some(format!("{said}; {cost}"))
}

fn is_file(target: &TargetReport) -> bool {
    let from = target.image.as_ref().and_then(|image| image.from);
    matches!(from, Some(ImageFrom::Archive | ImageFrom::Layout))
}

/// Better ways of reading that failed, and why; each one line that cannot act.
pub(super) fn fallbacks(target: &TargetReport) -> impl Iterator<Item = String> {
    target.read.iter().flat_map(|read| &read.fallbacks).map(|why| text::line_within(why, LONGEST))
}

const EXPORTED: &str = "the final file system by `export`";

fn by(way: Rung) -> &'static str {
    match way {
        Rung::Cache => "cached",
        Rung::Metadata => "by the engine's layer metadata",
        Rung::Save => "by `save`",
        Rung::Export => "by `export`",
        Rung::Registry => "from a registry",
        Rung::File => "from files",
    }
}

fn sum(numbers: impl Iterator<Item = u64>) -> u64 {
    numbers.fold(0, u64::saturating_add)
}

/// `310 ms`, `7.3 s`.
fn time(milliseconds: u64) -> String {
    match milliseconds {
        0..1000 => format!("{milliseconds} ms"),
        _ => format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Verdict;
    use crate::output::fixture::fixture;

    fn said(reads: &[(Rung, u64, u64, u64, u64)]) -> Option<String> {
        let target = |(how, layers_cached, layers_read, bytes, milliseconds): &(Rung, u64, u64, u64, u64)| {
            let (how, layers_cached, layers_read) = (*how, *layers_cached, *layers_read);
            let (bytes, milliseconds) = (Bytes(*bytes), *milliseconds);
            let read = ReadFacts { how, layers_cached, layers_read, bytes, milliseconds, fallbacks: Vec::new() };
            TargetReport { read: Some(read), ..TargetReport::new("api".parse().expect("a name"), None, Verdict::Pass) }
        };
        cost(&reads.iter().map(target).collect::<Vec<_>>())
    }

    #[test]
    fn of_one_target() {
        for (read, words) in [
            ((Rung::Cache, 9, 0, 0, 12), "9 layers, all cached; in 12 ms"),
            (
                (Rung::Metadata, 7, 2, 2_900_000, 310),
                "9 layers: 7 cached, 2 by the engine's layer metadata; 2.9 MB in 310 ms",
            ),
            ((Rung::Save, 0, 1, 1_200_000_000, 7_251), "1 layer by `save`; 1.20 GB in 7.2 s"),
            ((Rung::Export, 0, 0, 1_200_000_000, 3_000), "the final file system by `export`; 1.20 GB in 3.0 s"),
            (
                (Rung::Export, 3, 0, 1_000_000, 900),
                "3 layers, all cached; the final file system by `export`; 1.0 MB in 900 ms",
            ),
        ] {
            assert_eq!(said(&[read]).as_deref(), Some(words));
        }
    }

    #[test]
    fn of_several_targets() {
        let reads = [
            (Rung::Metadata, 50, 5, 2_000_000, 100),
            (Rung::Save, 1, 4, 900_000_000, 4_000),
            (Rung::Cache, 9, 0, 0, 1),
        ];
        let words =
            "69 layers: 60 cached, 5 by the engine's layer metadata, 4 by `save`; 902.0 MB, at most 4.0 s a target";
        assert_eq!(said(&reads).as_deref(), Some(words));
    }

    #[test]
    fn of_files_and_manifests_there_is_nothing_to_tell() {
        assert_eq!(said(&[]), None);
        assert_eq!(said(&[(Rung::Registry, 0, 0, 4_000, 90)]), None);
        let mut report = fixture();
        for target in &mut report.targets {
            target.read = Some(ReadFacts {
                how: Rung::File,
                layers_cached: 2,
                layers_read: 1,
                bytes: Bytes(5),
                milliseconds: 9,
                fallbacks: Vec::new(),
            });
        }
        assert!(cost(&report.targets).is_some());
        for image in report.targets.iter_mut().filter_map(|target| target.image.as_mut()) {
            image.from = Some(ImageFrom::Archive);
        }
        report.targets.retain(|target| target.image.is_some());
        assert_eq!(cost(&report.targets), None);
    }
}
