//! The pages: what they repeat of the program is compared with it, their commands run, their TOML loads, their links lead somewhere.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod commands;
mod generated;
mod links;
mod security;
mod toml;

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::repository::root;

/// A Markdown file of the repository.
struct Page {
    /// Its path, relative to the repository.
    path: PathBuf,
    text: String,
}

/// A fenced block of a page.
struct Block<'a> {
    /// The words after the fence: `console`, `runs`.
    info: Vec<&'a str>,
    /// What it holds, line by line.
    lines: Vec<&'a str>,
    /// The line of its fence, from 1.
    line: usize,
}

impl Page {
    /// The fenced blocks, in order. A fence may be indented.
    fn blocks(&self) -> Vec<Block<'_>> {
        let mut blocks = Vec::new();
        let mut open: Option<Block<'_>> = None;
        for (number, line) in self.text.lines().enumerate() {
            match (line.trim_start().strip_prefix("```"), &mut open) {
                (Some(info), None) => {
                    open = Some(Block { info: info.split_whitespace().collect(), lines: Vec::new(), line: number + 1 });
                }
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (None, Some(block)) => block.lines.push(line),
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{} ends inside a block", self.path.display());
        blocks
    }

    /// The blocks of one language, each with its place.
    fn blocks_in(&self, language: &str) -> impl Iterator<Item = (String, Block<'_>)> {
        let mut blocks = self.blocks();
        blocks.retain(|block| block.info.first() == Some(&language));
        blocks.into_iter().map(|block| (format!("{}:{}", self.path.display(), block.line), block))
    }

    /// The page without its blocks: prose alone has links and headings.
    fn prose(&self) -> impl Iterator<Item = &str> {
        let mut inside = false;
        self.text.lines().filter(move |line| {
            let fence = line.trim_start().starts_with("```");
            inside ^= fence;
            !fence && !inside
        })
    }
}

/// The Markdown files of the repository's root and of `docs`.
fn pages() -> Vec<Page> {
    let mut pages: Vec<Page> = ["", "docs"]
        .iter()
        .flat_map(|folder| fs::read_dir(root().join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| page(path.strip_prefix(root()).unwrap()))
        .collect();
    pages.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(pages.len() > 5, "the pages were not found");
    pages
}

fn page(path: impl AsRef<Path>) -> Page {
    let path = path.as_ref();
    Page { text: fs::read_to_string(root().join(path)).unwrap(), path: path.to_owned() }
}
