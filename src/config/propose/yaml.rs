//! YAML as far as compose files need it, read event by event: how much, how deep and how often something is repeated is bounded, and
//! what an alias repeats is shared and not copied.

use std::collections::BTreeMap;
use std::rc::Rc;

use saphyr_parser::{Event, Parser};

/// The largest text, in bytes.
const LARGEST: usize = 1024 * 1024;
/// The most values.
const MOST: usize = 100_000;
/// How deep values lie in each other, those of aliases included.
const DEEPEST: usize = 64;
/// How many `<<` lead from one mapping to the next.
const MOST_MERGES: usize = 8;

/// A value.
#[derive(Debug)]
pub(super) enum Node {
    /// Text, as written; numbers and truth are text, too.
    Scalar(String),
    /// A sequence.
    List(Vec<Tree>),
    /// A mapping, in the order of the file.
    Map(Vec<(String, Tree)>),
}

/// A value that several places may share.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    node: Rc<Node>,
    height: usize,
}

impl Tree {
    fn new(node: Node) -> Result<Self, String> {
        let below = match &node {
            Node::Scalar(_) => 0,
            Node::List(list) => list.iter().map(|tree| tree.height).max().unwrap_or(0),
            Node::Map(map) => map.iter().map(|(_, tree)| tree.height).max().unwrap_or(0),
        };
        if below >= DEEPEST {
            return Err(format!("values lie more than {DEEPEST} deep"));
        }
        Ok(Self { node: Rc::new(node), height: below + 1 })
    }

    /// The value.
    pub(super) fn node(&self) -> &Node {
        &self.node
    }

    /// Text.
    pub(super) fn text(&self) -> Option<&str> {
        match self.node() {
            Node::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a key, also where `<<` brings it.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.get_within(key, MOST_MERGES)
    }

    fn get_within(&self, key: &str, merges: usize) -> Option<&Self> {
        let Node::Map(map) = self.node() else { return None };
        let own = map.iter().rev().find(|(name, _)| name == key).map(|(_, tree)| tree);
        own.or_else(|| {
            let (_, merged) = map.iter().find(|(name, _)| name == "<<").filter(|_| merges > 0)?;
            match merged.node() {
                Node::List(list) => list.iter().find_map(|tree| tree.get_within(key, merges - 1)),
                _ => merged.get_within(key, merges - 1),
            }
        })
    }

    /// The pairs of a mapping.
    pub(super) fn pairs(&self) -> &[(String, Self)] {
        match self.node() {
            Node::Map(map) => map,
            _ => &[],
        }
    }
}

/// A value that is not finished.
enum Open {
    List(usize, Vec<Tree>),
    Map(usize, Vec<(String, Tree)>, Option<String>),
}

/// The first document of a text.
///
/// # Errors
/// It is not YAML, or more than is read.
pub(super) fn parse(text: &str) -> Result<Tree, String> {
    if text.len() > LARGEST {
        return Err("it is larger than 1 MiB".to_owned());
    }
    let mut anchors: BTreeMap<usize, Tree> = BTreeMap::new();
    let mut open: Vec<Open> = Vec::new();
    let mut count = 0_usize;
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, _) = event.map_err(|error| error.to_string())?;
        let (tree, anchor) = match event {
            Event::SequenceStart(anchor, _) => {
                open.push(Open::List(anchor, Vec::new()));
                (None, 0)
            }
            Event::MappingStart(anchor, _) => {
                open.push(Open::Map(anchor, Vec::new(), None));
                (None, 0)
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List(anchor, list)) => (Some(Tree::new(Node::List(list))?), anchor),
                Some(Open::Map(anchor, map, _)) => (Some(Tree::new(Node::Map(map))?), anchor),
                None => return Err("an end without a beginning".to_owned()),
            },
            Event::Scalar(text, _, anchor, _) => (Some(Tree::new(Node::Scalar(text.into_owned()))?), anchor),
            Event::Alias(anchor) => {
                let tree = anchors.get(&anchor).cloned().ok_or("an alias of what is not finished")?;
                (Some(tree), 0)
            }
            Event::DocumentEnd | Event::StreamEnd => return Err("it is empty".to_owned()),
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => (None, 0),
        };
        if open.len() > DEEPEST {
            return Err(format!("values lie more than {DEEPEST} deep"));
        }
        let Some(tree) = tree else { continue };
        count += 1;
        if count > MOST {
            return Err(format!("it has more than {MOST} values"));
        }
        if anchor > 0 {
            anchors.insert(anchor, tree.clone());
        }
        match open.last_mut() {
            None => return Ok(tree),
            Some(Open::List(_, list)) => list.push(tree),
            Some(Open::Map(_, map, key)) => match key.take() {
                Some(key) => map.push((key, tree)),
                None => *key = Some(tree.text().unwrap_or_default().to_owned()),
            },
        }
    }
    Err("it is empty".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn anchors_and_merges_are_followed() {
        let tree = parse("x: &x\n  a: 1\n  b: [2, 3]\ny:\n  <<: *x\n  a: 4\nz:\n  <<: [*x, {c: 5}]\n").unwrap();
        let text = |path: [&str; 2]| tree.get(path[0]).and_then(|tree| tree.get(path[1])).and_then(Tree::text);
        assert_eq!((text(["y", "a"]), text(["z", "a"]), text(["z", "c"])), (Some("4"), Some("1"), Some("5")));
        assert!(
            matches!(tree.get("y").and_then(|tree| tree.get("b")).map(Tree::node), Some(Node::List(list)) if list.len() == 2)
        );
    }

    #[test]
    fn hostile_texts_are_refused_quickly() {
        // Each line repeats the one before it so many times.
        let chain = |lines: usize, times: usize| {
            let line = |n: usize| {
                let before = if n == 0 { "x".to_owned() } else { format!("*a{}", n - 1) };
                format!("a{n}: &a{n} [{}]\n", vec![before; times].join(","))
            };
            (0..lines).map(line).collect::<Vec<_>>().concat()
        };
        let (laughs, deep) = (chain(60, 9), chain(70, 1));
        assert!(parse(&laughs).is_ok(), "shared, not copied");
        for wrong in [
            &deep,
            &"[".repeat(5000),
            &"- ".repeat(5000),
            &"{a: ".repeat(100),
            "",
            "a: *b",
            "&a [*a]",
            "a: b: c",
            "\t\0",
            &"x".repeat(LARGEST + 1),
            &"- 1\n".repeat(MOST + 1),
        ] {
            assert!(parse(wrong).is_err(), "{}", &wrong[..wrong.len().min(20)]);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "[-:&*<{}\\[\\],#|>'\"! \na-c]{0,80}") {
            let _ = parse(&text);
        }
    }
}
