//! What the script knows of a target: its map, what can be searched for, and which bytes a cause is about. As much as there is room for.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};

use super::Options;
use super::light::{Finder, Light};
use super::thin::thinned;
use crate::domain::{Bytes, Cause, CauseAt, Map, MapFile, MapKind, MapNode, Origin, Package, TargetReport};
use crate::text;

/// The longest name of a file, in characters, and the longest rest of a path.
const LONGEST_NAME: usize = 100;
const LONGEST_PATH: usize = 240;
/// Of the layers of a node as many are told apart.
const MOST_LAYERS: usize = 6;

/// A target's data as JSON that can stand in a script element: at most `room` bytes where a few names fit into that.
pub(super) fn data(target: &TargetReport, options: &Options, room: usize) -> String {
    let Some(map) = target.contents.as_ref().and_then(|contents| contents.map.as_ref()) else {
        return "null".to_owned();
    };
    let layers: Vec<Value> = target
        .layers
        .iter()
        .map(|layer| {
            let instruction = layer.created_by.as_deref().map(text::instruction).unwrap_or_default();
            let place = target.line_of(layer).map(|place| format!("{}:{}", place.file, place.line));
            let place = place.map(|place| text::line_within(&place, LONGEST_PATH));
            let origin = match layer.origin {
                Origin::Base => "base",
                Origin::Own => "own",
                Origin::Unknown => "",
            };
            json!([text::line_within(&instruction, LONGEST_PATH), place, origin])
        })
        .collect();
    let changes = target.change.iter().flat_map(|change| &change.layers);
    let changed: Vec<usize> = changes.filter_map(|change| change.index).collect();
    let fixed = encoded(&json!({
        "layers": layers,
        "changed": if target.change.is_some() { json!(changed) } else { Value::Null },
        "compared": map.is_compared,
        "inspected": options.inspected.is_some(),
    }));
    let (nodes, now) = nodes_within(map, room.saturating_sub(fixed.len()) / 2);
    let causes = encoded(&causes(target, map, &now));
    let room = room.saturating_sub(fixed.len() + nodes.len() + causes.len() + 200);
    let list = target.contents.as_ref().and_then(|contents| contents.packages.as_ref()).map(|packages| &packages.list);
    let (packages, more_packages) = filled(largest(list.map_or(&[][..], Vec::as_slice)).map(package), room / 3);
    let room = room.saturating_sub(packages.len());
    let is_node = |file: &&MapFile| map.nodes.get(file.node).is_none_or(|node| node.kind != MapKind::File);
    let (files, left) = filled(map.files.iter().filter(is_node).map(|file| self::file(file, &now)), room);
    let more = map.more_files.saturating_add(left);
    let fixed = fixed.strip_suffix('}').unwrap_or(&fixed);
    format!(
        "{fixed},\"nodes\":{nodes},\"causes\":{causes},\"packages\":{packages},\"morePackages\":{more_packages},\
         \"files\":{files},\"more\":{more}}}"
    )
}

/// JSON that can stand in a script element.
fn encoded(value: &impl Serialize) -> String {
    text::script_json(&serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned()))
}

/// The nodes of a map in at most so many bytes, the small ones merged as far as it takes; and which node each has become.
fn nodes_within(map: &Map, room: usize) -> (String, Vec<usize>) {
    let all = map.nodes.first().map_or(Bytes::ZERO, |root| root.bytes);
    let mut part = 1000;
    loop {
        let (nodes, now) = thinned(map, if part == 1000 { Bytes::ZERO } else { Bytes(all.0 / part) });
        let shown = encoded(&nodes.iter().map(node).collect::<Vec<_>>());
        if shown.len() <= room || part <= 2 {
            return (shown, now);
        }
        // As many nodes fewer as it is too long, and no fewer than half of what there were.
        let fitting = u64::try_from(room.saturating_mul(1000) / shown.len().max(1)).unwrap_or(0) * part / 1000;
        part = fitting.clamp(2, part / 2 + 1).min(part - 1);
    }
}

/// `[parent, kind, name, bytes, hidden, base, grown, files, [layer, bytes, …]]`
fn node(node: &MapNode) -> Value {
    let kind = match node.kind {
        MapKind::Directory => 0,
        MapKind::File => 1,
        MapKind::Rest => 2,
    };
    let name = if node.name.is_empty() { String::new() } else { text::line_within(&node.name, LONGEST_NAME) };
    let layers: Vec<u64> = node
        .layers
        .iter()
        .take(MOST_LAYERS)
        .flat_map(|(layer, bytes)| [u64::try_from(*layer).unwrap_or(u64::MAX), bytes.0])
        .collect();
    json!([
        node.parent,
        kind,
        name,
        node.bytes.0,
        node.hidden.0,
        node.base.0,
        node.grown.0,
        node.files,
        layers,
        node.package
    ])
}

/// `[node, path, bytes, hidden, layer]`
fn file(file: &MapFile, now: &[usize]) -> Value {
    let node = now.get(file.node).copied().unwrap_or_default();
    json!([node, text::line_within(&file.path, LONGEST_PATH), file.bytes.0, u8::from(file.is_hidden), file.layer])
}

/// `[position, name, version, ecosystem, bytes, files, layer]`
fn package((position, package): (usize, &Package)) -> Value {
    let version = package.version.as_deref().map(|version| text::line_within(version, LONGEST_NAME));
    json!([
        position,
        text::line_within(&package.name, LONGEST_NAME),
        version,
        package.ecosystem.as_str(),
        package.bytes.0,
        package.files,
        package.layer
    ])
}

/// The largest packages, with their positions.
fn largest(list: &[Package]) -> impl Iterator<Item = (usize, &Package)> {
    let mut all: Vec<(usize, &Package)> = list.iter().enumerate().collect();
    all.sort_by_key(|(position, package)| (std::cmp::Reverse(package.bytes), *position));
    all.into_iter()
}

/// As many as fit, as a list, and how many do not.
fn filled(all: impl Iterator<Item = Value>, room: usize) -> (String, u64) {
    let (mut list, mut left, mut is_full) = (String::from("["), 0_u64, false);
    for value in all {
        let shown = if is_full { String::new() } else { encoded(&value) };
        is_full |= list.len().saturating_add(shown.len()).saturating_add(2) > room;
        if is_full {
            left = left.saturating_add(1);
            continue;
        }
        if list.len() > 1 {
            list.push(',');
        }
        list.push_str(&shown);
    }
    list.push(']');
    (list, left)
}

/// Of each cause the bytes that it is about.
fn causes(target: &TargetReport, map: &Map, now: &[usize]) -> Vec<Value> {
    let finder = Finder::new(map);
    let place = |node: usize| now.get(node).copied().unwrap_or_default();
    let mut shares = vec![0_usize; map.nodes.len()];
    for node in now {
        if let Some(count) = shares.get_mut(*node) {
            *count += 1;
        }
    }
    // What was merged since is a part of what it is in.
    let is_kept = |node: &usize| shares.get(place(*node)) == Some(&1);
    let places = |nodes: &BTreeSet<usize>| {
        nodes.iter().filter(|node| is_kept(node)).map(|node| place(*node)).collect::<Vec<_>>()
    };
    let merged = |nodes: &BTreeSet<usize>, of: fn(&MapNode) -> Bytes| {
        let merged =
            nodes.iter().filter(|node| !is_kept(node)).filter_map(|node| Some((*node, of(map.nodes.get(*node)?).0)));
        merged.collect::<Vec<_>>()
    };
    let shown = |(cause, light): (&Cause, Light)| {
        let seen = merged(&light.whole, |node| node.bytes.saturating_sub(node.hidden));
        let hidden = merged(&light.wasted, |node| node.hidden);
        let parts = seen.into_iter().chain(hidden).chain(light.parts.iter().map(|(node, bytes)| (*node, *bytes)));
        json!({
            "whole": places(&light.whole),
            "wasted": places(&light.wasted),
            "parts": parts.map(|(node, bytes)| (place(node), bytes)).collect::<Vec<_>>(),
            "layer": light.layer,
            "base": light.is_base,
            "within": match cause.at {
                CauseAt::Layer { index, .. } => Some(index),
                _ => None,
            },
            "frees": cause.frees.map(|frees| frees.to_string()),
        })
    };
    target.causes.iter().map(|cause| shown((cause, finder.light(cause, target)))).collect()
}
