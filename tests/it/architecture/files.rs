//! All sources together: which file a path leads to, and whether files name each other in circles.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::reader::Reader;

/// A file that ships.
pub(super) struct File {
    /// From `src`, with `/` between its parts.
    pub(super) path: String,
    pub(super) room: String,
    pub(super) module: Vec<String>,
    pub(super) reader: Reader,
}

/// The files by module, without those that exist in tests only.
pub(super) struct Files(BTreeMap<Vec<String>, File>);

impl Files {
    pub(super) fn read(sources: &[(PathBuf, String)]) -> Result<Self, String> {
        let mut files = Vec::new();
        for (path, source) in sources {
            let (room, module) = place(path);
            let shown = path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
            let reader = Reader::read(source, &module).map_err(|why| format!("src/{shown}: {why}"))?;
            files.push(File { path: shown, room, module, reader });
        }
        let tests: Vec<Vec<String>> = files.iter().flat_map(|file| file.reader.test_modules.clone()).collect();
        files.retain(|file| !tests.iter().any(|test| file.module.starts_with(test)));
        Ok(Self(files.into_iter().map(|file| (file.module.clone(), file)).collect()))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &File> {
        self.0.values()
    }

    /// What the root of the crate re-exports, each with the room it comes from.
    pub(super) fn reexports(&self) -> BTreeMap<String, String> {
        let Some(root) = self.0.get(&Vec::new()) else { return BTreeMap::new() };
        let names = root.reader.bindings.iter().map(|binding| &binding.name);
        names.filter_map(|name| Some((name.clone(), root.bound(name)?.first()?.clone()))).collect()
    }

    /// The module in whose file a path from the root ends, however it was re-exported on the way.
    fn end(&self, path: &[String]) -> Option<&[String]> {
        let mut path = path.to_vec();
        // A path through more names than that goes in circles.
        for _ in 0..16 {
            let depth = (0..=path.len()).rev().find(|depth| self.0.contains_key(&path[..*depth]))?;
            let file = self.0.get(&path[..depth])?;
            let Some(name) = path.get(depth) else { return Some(&file.module) };
            match file.bound(name) {
                Some(meant) => path = [meant.as_slice(), &path[depth + 1..]].concat(),
                None => return Some(&file.module),
            }
        }
        None
    }

    /// The modules of its own room whose files a file names.
    fn neighbours(&self, file: &File) -> BTreeSet<Vec<String>> {
        let mut ends = BTreeSet::new();
        for named in &file.reader.named {
            // A word alone may well be a variable; what `use` brings was seen where it is brought.
            let relative = || file.absolute(&named.path).filter(|_| named.path.len() > 1 && !named.global);
            let path = if named.ours { Some(named.path.clone()) } else { relative() };
            let end = path.and_then(|path| self.end(&path).map(<[String]>::to_vec));
            // What stands in the `mod.rs` above a file belongs to it.
            ends.extend(end.filter(|end| !file.module.starts_with(end) && end.first() == file.module.first()));
        }
        ends
    }

    /// Circles of files within one room, each once, as the files on the way.
    pub(super) fn circles(&self) -> Vec<String> {
        let edges: BTreeMap<&[String], BTreeSet<Vec<String>>> =
            self.iter().map(|file| (file.module.as_slice(), self.neighbours(file))).collect();
        let mut found = Vec::new();
        let mut known: BTreeSet<BTreeSet<Vec<String>>> = BTreeSet::new();
        for start in edges.keys() {
            let Some(way) = way_back(&edges, start) else { continue };
            if known.insert(way.iter().cloned().collect()) {
                let paths = way.iter().chain(way.first()).filter_map(|module| self.0.get(module));
                found.push(paths.map(|file| file.path.clone()).collect::<Vec<_>>().join(" → "));
            }
        }
        found
    }
}

/// The shortest way from `start` to itself.
fn way_back(edges: &BTreeMap<&[String], BTreeSet<Vec<String>>>, start: &[String]) -> Option<Vec<Vec<String>>> {
    let mut ways = vec![vec![start.to_vec()]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for next in way.last().and_then(|last| edges.get(last.as_slice())).into_iter().flatten() {
                if next == start {
                    return Some(way);
                }
                if seen.insert(next.clone()) {
                    longer.push([way.as_slice(), std::slice::from_ref(next)].concat());
                }
            }
        }
        ways = longer;
    }
    None
}

impl File {
    /// A path that starts with a name of this file, from the root; `None` when it starts outside of the crate.
    pub(super) fn absolute(&self, path: &[String]) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        let start = self.child(first).or_else(|| self.bound(first))?;
        Some([start.as_slice(), rest].concat())
    }

    /// What `use` made `name` stand for, from the root; `None` when that is not of this crate.
    fn bound(&self, name: &str) -> Option<Vec<String>> {
        let binding = self.reader.bindings.iter().find(|binding| binding.name == name)?;
        if binding.ours {
            return Some(binding.path.clone());
        }
        let (first, rest) = binding.path.split_first()?;
        Some([self.child(first)?.as_slice(), rest].concat())
    }

    fn child(&self, name: &str) -> Option<Vec<String>> {
        self.reader.modules.iter().find(|module| module.last().is_some_and(|last| last == name)).cloned()
    }
}

/// The room and the module path of a file below src.
pub(super) fn place(file: &Path) -> (String, Vec<String>) {
    let mut module: Vec<String> =
        file.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    let room = module[0].clone();
    if room == "lib" {
        module.clear();
    }
    (room, module)
}
