//! The map as it stands on the page before anybody touches it, and where no script runs: once for wide screens, once for phones.

use maud::{Markup, html};

use super::layout::{Area, area, divided};
use crate::domain::{Bytes, Map, MapKind, MapNode};
use crate::text;

/// Width and height of the two pictures.
const WIDE: (f64, f64) = (1000.0, 620.0);
const NARROW: (f64, f64) = (360.0, 460.0);
/// Height of a directory's name above what is in it.
const HEADING: f64 = 20.0;
/// Between a directory and what is in it.
const GAP: f64 = 2.0;
/// A directory smaller than this is drawn as one.
const LEAST: (f64, f64) = (64.0, 46.0);
/// The deepest level that is drawn.
const DEEPEST: usize = 6;
/// Width of a letter, about.
const LETTER: f64 = 7.0;

/// Both pictures.
pub(super) fn pictures(map: &Map, told: &str) -> Markup {
    html! {
        (picture(map, WIDE, "wide", told))
        (picture(map, NARROW, "narrow", told))
    }
}

fn picture(map: &Map, (width, height): (f64, f64), class: &str, told: &str) -> Markup {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); map.nodes.len()];
    for (position, node) in map.nodes.iter().enumerate().skip(1) {
        if let Some(siblings) = children.get_mut(node.parent) {
            siblings.push(position);
        }
    }
    let mut open = vec![(0, area(0.0, 0.0, width, height), 0)];
    let mut shapes = Vec::new();
    while let Some((mut position, place, depth)) = open.pop() {
        let mut name = name_of(map, position);
        // A directory with nothing but a directory in it is one with that.
        while let Some([only]) = children.get(position).map(Vec::as_slice)
            && children.get(*only).is_some_and(|below| !below.is_empty())
            && position != 0
        {
            position = *only;
            name = format!("{name}/{}", name_of(map, position));
        }
        let (Some(node), Some(below)) = (map.nodes.get(position), children.get(position)) else { continue };
        let is_open = !below.is_empty() && depth < DEEPEST && place.w >= LEAST.0 && place.h >= LEAST.1;
        if !is_open {
            shapes.push(leaf(node, &name, place));
            continue;
        }
        let heading = if position == 0 { 0.0 } else { HEADING };
        if position > 0 {
            shapes.push(directory(node, &name, place));
        }
        let gap = if position == 0 { 0.0 } else { GAP };
        let inner = area(place.x + gap, place.y + heading, place.w - 2.0 * gap, place.h - heading - gap);
        let sizes: Vec<u64> = below.iter().map(|child| map.nodes.get(*child).map_or(0, |node| node.bytes.0)).collect();
        let placed = divided(&sizes, inner);
        open.extend(placed.into_iter().filter_map(|(child, place)| Some((*below.get(child)?, place, depth + 1))));
    }
    html! {
        svg class={ "static " (class) } viewBox={ "0 0 " (short(width)) " " (short(height)) } role="img" aria-label=(told) {
            defs {
                pattern id={ "hatch-" (class) } width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    rect class="hatched" width="7" height="7" {}
                    rect class="hatch" width="2.5" height="7" {}
                }
            }
            @for shape in &shapes { (shape.draw(class)) }
        }
    }
}

/// A rectangle with its name and its size, as far as there is room.
struct Shape {
    kind: &'static str,
    ground: &'static str,
    place: Area,
    lines: Vec<String>,
    /// Hundredths that are the target's own, beside what the ground says, and that a later layer hides.
    own: u64,
    hidden: u64,
}

impl Shape {
    /// An SVG of its own, so that no name runs over its edge.
    fn draw(&self, picture: &str) -> Markup {
        let Area { x, y, w, h } = self.place;
        let (w, h) = ((w - 1.0).max(0.5), (h - 1.0).max(0.5));
        html! {
            svg class={ "cell " (self.kind) } x=(short(x + 0.5)) y=(short(y + 0.5)) width=(short(w)) height=(short(h)) {
                rect class={ "ground " (self.ground) } width="100%" height="100%" rx="2" {}
                @if self.own > 1 { rect class="part own" width={ (self.own) "%" } height="100%" {} }
                @if self.hidden > 1 { rect x={ (100_u64.saturating_sub(self.hidden)) "%" } width={ (self.hidden) "%" } height="100%" fill={ "url(#hatch-" (picture) ")" } {} }
                @for (line, (class, below)) in self.lines.iter().zip([("name", "14"), ("amount", "29")]) {
                    text class=(class) x="6" y=(below) { (line) }
                }
            }
        }
    }
}

fn directory(node: &MapNode, name: &str, place: Area) -> Shape {
    let room = letters(place.w - 10.0);
    let bytes = node.bytes.to_string();
    let both = format!("{}  {bytes}", cut(name, room.saturating_sub(bytes.len() + 2)));
    let line = if room > bytes.len() + 6 { both } else { cut(name, room) };
    Shape { kind: "directory", ground: "", place, lines: vec![line], own: 0, hidden: 0 }
}

fn leaf(node: &MapNode, name: &str, place: Area) -> Shape {
    let room = letters(place.w - 10.0);
    let mut lines = Vec::new();
    if place.h >= 18.0 && room >= 3 {
        let mark = if node.kind == MapKind::Directory { "/" } else { "" };
        lines.push(cut(&format!("{name}{mark}"), room));
    }
    if place.h >= 34.0 && room >= 8 {
        lines.push(cut(&node.bytes.to_string(), room));
    }
    let share = |part: Bytes| part.0.saturating_mul(100) / node.bytes.0.max(1);
    let own = share(node.bytes.saturating_sub(node.base));
    let ground = if own < 50 { "base" } else { "own" };
    let own = if own < 99 { own } else { 0 };
    Shape { kind: "leaf", ground, place, lines, own, hidden: share(node.hidden) }
}

/// What a node is called: its name, or of how many files it is.
fn name_of(map: &Map, position: usize) -> String {
    match map.nodes.get(position) {
        Some(node) if node.kind == MapKind::Rest => format!("{} smaller", node.files),
        Some(node) => node.name.clone(),
        None => String::new(),
    }
}

fn cut(name: &str, room: usize) -> String {
    if name.is_empty() || room == 0 { String::new() } else { text::line_within(name, room) }
}

/// How many letters so many units are wide.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a width on a screen, cut to what can be")]
fn letters(width: f64) -> usize {
    (width / LETTER).clamp(0.0, 400.0) as usize
}

/// A length to a tenth of a unit.
fn short(length: f64) -> String {
    let shown = format!("{length:.1}");
    shown.strip_suffix(".0").map_or_else(|| shown.clone(), str::to_owned)
}
