//! Python's distributions: what `pip list` lists of each `site-packages` and `dist-packages`.
//!
//! A distribution is a `NAME-VERSION.dist-info` directory ("Recording installed projects" of the Python Packaging User Guide), or an older
//! `.egg-info`, a directory or a file. `RECORD` lists its files, relative to the directory that it lies in; without one, as Debian
//! has it, they are what lies under the names in `top_level.txt` or, where that is missing too, under the distribution's own name.

use std::collections::{BTreeMap, BTreeSet};

use super::Found;
use super::listed::{above, at};
use crate::contents::view::View;
use crate::domain::{Ecosystem, Package};
use crate::image::node::{NodeId, NodeKind};
use crate::memory::{List, OutOfMemory};

/// A distribution.
#[derive(Debug, Clone, Copy)]
struct Distribution {
    /// The directory that Python imports from.
    home: NodeId,
    /// What says that it is installed: a directory, or the file that says all.
    info: NodeId,
    /// The file that says name and version, if there is one.
    metadata: Option<NodeId>,
}

/// Finds Python's distributions.
///
/// # Errors
/// There is no memory for it.
pub(super) fn find(view: &View<'_>, found: &mut Found) -> Result<(), OutOfMemory> {
    let first = found.packages.list.len();
    let mut homes: Vec<NodeId> = Vec::new();
    let mut taken = BTreeSet::new();
    for Distribution { home, info, metadata } in distributions(view)?.iter().copied() {
        let Some(metadata) = metadata else { continue };
        let stem = String::from_utf8_lossy(view.stack.node(info).name).into_owned();
        let stem = stem.rsplit_once('.').map_or(stem.as_str(), |(stem, _)| stem);
        let mut package = Package::new(Ecosystem::Python, stem.split('-').next().unwrap_or(stem));
        if let Some(bytes) = found.bytes(view, metadata) {
            match Metadata::parse(bytes) {
                Some(metadata) if !is_name(&metadata.name) => continue,
                Some(metadata) => {
                    package.name = metadata.name;
                    package.version = Some(metadata.version).filter(|version| !version.is_empty());
                    package.licences = metadata.licences;
                    package.needs = metadata.needs.into_iter().map(|need| vec![need]).collect();
                }
                None => found.unread(view, metadata, "is cut short: it does not say which distribution it is about"),
            }
        }
        if !is_name(&package.name) {
            continue;
        }
        package.path = Some(String::from_utf8_lossy(&view.stack.path(info)).into_owned());
        let files = files(view, found, home, info, &package.name, &mut taken)?;
        found.add(view, package, files.iter().copied())?;
        homes.push(home);
    }
    name_needs(&mut found.packages.list[first..], &homes);
    Ok(())
}

/// Writes what distributions need as those that are installed beside them are called: `jinja2` is there as `Jinja2`.
fn name_needs(packages: &mut [Package], homes: &[NodeId]) {
    let names: BTreeMap<(NodeId, String), String> = packages
        .iter()
        .zip(homes)
        .map(|(package, home)| ((*home, normalised(&package.name)), package.name.clone()))
        .collect();
    for (package, home) in packages.iter_mut().zip(homes) {
        for need in package.needs.iter_mut().flatten() {
            if let Some(name) = names.get(&(*home, need.clone())) {
                need.clone_from(name);
            }
        }
        package.needs.sort_unstable();
        package.needs.dedup();
    }
}

/// All distributions, in the order of their directories.
fn distributions(view: &View<'_>) -> Result<List<Distribution>, OutOfMemory> {
    let stack = view.stack;
    let mut list = List::new(stack.memory());
    let homes = stack.live().filter(|(_, node)| node.kind == NodeKind::Directory && is_home(node.name));
    for (home, _) in homes.filter(|(home, _)| !is_of_conda(view, *home) && !is_in_another(view, *home)) {
        for info in stack.children(home) {
            let node = stack.node(info);
            let is_file = matches!(node.kind, NodeKind::File { .. });
            let metadata = match (node.name.ends_with(b".dist-info"), node.name.ends_with(b".egg-info")) {
                (true, _) => stack.child(info, b"METADATA"),
                (_, true) if is_file => Some(info),
                (_, true) => stack.child(info, b"PKG-INFO"),
                _ => continue,
            };
            list.push(Distribution { home, info, metadata })?;
        }
    }
    list.sort_unstable_by_key(|it| it.info);
    Ok(list)
}

/// Whether a directory is in conda's store of packages, which environments link to.
fn is_of_conda(view: &View<'_>, home: NodeId) -> bool {
    let stack = view.stack;
    let mut stores = above(view, home).filter(|at| stack.node(*at).name == b"pkgs").map(|at| stack.node(at).parent);
    stores.any(|conda| stack.child(conda, b"conda-meta").is_some())
}

/// Whether a directory is part of what is installed in another: nobody imports from it by itself.
fn is_in_another(view: &View<'_>, home: NodeId) -> bool {
    above(view, home).skip(1).any(|at| is_home(view.stack.node(at).name))
}

/// Whether Python imports from directories of this name.
fn is_home(name: &[u8]) -> bool {
    matches!(name, b"site-packages" | b"dist-packages")
}

/// The files of a distribution.
fn files(
    view: &View<'_>,
    found: &mut Found,
    home: NodeId,
    info: NodeId,
    name: &str,
    taken: &mut BTreeSet<NodeId>,
) -> Result<List<NodeId>, OutOfMemory> {
    let stack = view.stack;
    let mut files = List::new(stack.memory());
    let child = |name: &[u8]| stack.child(info, name);
    let prefix = prefix(view, home);
    let is_inside = |id: NodeId| above(view, id).any(|at| at == prefix);
    // Paths of the former are relative to the directory of the distribution's directory, those of the latter to that itself.
    let lists = [(child(b"RECORD"), home), (child(b"installed-files.txt"), info)];
    for (list, from) in lists.into_iter().filter_map(|(list, from)| Some((list?, from))) {
        let Some(bytes) = found.bytes(view, list) else { continue };
        for line in bytes.split(|byte| *byte == b'\n') {
            let path = if from == home { first_field(line) } else { line.trim_ascii().into() };
            // What is elsewhere belongs to others, whatever a list says.
            if let Some(id) = at(view, from, &path).filter(|id| !path.is_empty() && is_inside(*id)) {
                files.push(id)?;
            }
        }
        files.push(list)?;
        return Ok(files);
    }
    let mut tops = vec![info];
    match child(b"top_level.txt").and_then(|list| found.bytes(view, list)) {
        Some(bytes) => {
            tops.extend(bytes.split(|byte| *byte == b'\n').flat_map(|name| modules(view, home, name.trim_ascii())));
        }
        None => tops.extend(modules(view, home, normalised(name).replace('-', "_").as_bytes())),
    }
    // What several of them name is of the first, and walked once.
    for top in tops.into_iter().filter(|top| taken.insert(*top)) {
        files.push(top)?;
        for id in stack.below(top) {
            files.push(id)?;
        }
    }
    Ok(files)
}

/// The package or module of a name in a directory that Python imports from.
fn modules(view: &View<'_>, home: NodeId, name: &[u8]) -> Vec<NodeId> {
    if name.is_empty() || name.contains(&b'/') || name.starts_with(b".") {
        return Vec::new();
    }
    let names = [name.to_vec(), [name, b".py"].concat()];
    names.iter().filter_map(|name| view.stack.child(home, name)).collect()
}

/// The directory that an installation is below: of `PREFIX/lib/python3.11/site-packages` and its like the prefix, which has `bin` too.
fn prefix(view: &View<'_>, home: NodeId) -> NodeId {
    let stack = view.stack;
    let mut at = home;
    for _ in 0..3 {
        at = stack.node(at).parent;
        if matches!(stack.node(at).name, b"lib" | b"lib64" | b"Lib") {
            return stack.node(at).parent;
        }
    }
    home
}

/// The first field of a line of a CSV file.
fn first_field(line: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    let Some(quoted) = line.strip_prefix(b"\"") else {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        return line.split(|byte| *byte == b',').next().unwrap_or_default().into();
    };
    let mut field = Vec::new();
    let mut rest = quoted;
    while let Some(quote) = rest.iter().position(|byte| *byte == b'"') {
        field.extend_from_slice(&rest[..quote]);
        rest = &rest[quote + 1..];
        match rest.strip_prefix(b"\"") {
            Some(more) => {
                field.push(b'"');
                rest = more;
            }
            None => break,
        }
    }
    field.into()
}

/// What matters of the core metadata.
#[derive(Debug, Default)]
struct Metadata {
    name: String,
    version: String,
    licences: Vec<String>,
    /// Normalised.
    needs: Vec<String>,
}

impl Metadata {
    /// Reads the headers, which end at an empty line. `None` where they do not say a name.
    fn parse(bytes: &[u8]) -> Option<Self> {
        /// Longer ones are texts of licences.
        const LONGEST_LICENCE: usize = 100;
        let mut metadata = Self::default();
        let (mut expression, mut licence, mut classifiers) = (None, None, Vec::new());
        for line in bytes.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                break;
            }
            // What goes on in the next line is a text.
            let Some(colon) = line.iter().position(|byte| *byte == b':').filter(|_| !line.starts_with(b" ")) else {
                continue;
            };
            let value = String::from_utf8_lossy(line[colon + 1..].trim_ascii()).into_owned();
            match line[..colon].to_ascii_lowercase().as_slice() {
                b"name" if metadata.name.is_empty() => metadata.name = value,
                b"version" if metadata.version.is_empty() => metadata.version = value,
                b"license-expression" => expression = Some(value),
                b"license" if value.len() <= LONGEST_LICENCE && value != "UNKNOWN" => licence = Some(value),
                b"classifier" if value.starts_with("License ::") => {
                    classifiers.extend(value.rsplit("::").next().map(|licence| licence.trim().to_owned()));
                }
                b"requires-dist" => metadata.needs.extend(need(&value)),
                _ => {}
            }
        }
        metadata.licences = match (expression, licence.filter(|licence| !licence.is_empty())) {
            (Some(expression), _) => vec![expression],
            (None, Some(licence)) => vec![licence],
            (None, None) => classifiers,
        };
        (!metadata.name.is_empty()).then_some(metadata)
    }
}

/// The normalised name of what a `Requires-Dist` asks for; nothing where only an extra does.
fn need(requirement: &str) -> Option<String> {
    let (what, marker) = requirement.split_once(';').unwrap_or((requirement, ""));
    if marker.contains("extra ==") || marker.contains("extra==") {
        return None;
    }
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    let what = what.trim_start();
    let end = what.find(|letter| !is_part(letter)).unwrap_or(what.len());
    Some(normalised(&what[..end])).filter(|name| !name.is_empty())
}

/// A name as pip compares it: PEP 503.
fn normalised(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '.' | '-' | '_' if normal.ends_with('-') => {}
            '.' | '-' | '_' => normal.push('-'),
            letter => normal.push(letter.to_ascii_lowercase()),
        }
    }
    normal
}

/// Whether pip takes it for a name: PEP 508. What an interrupted `pip install` leaves, `~ip`, is not one.
fn is_name(name: &str) -> bool {
    let is_letter = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    is_letter(name.chars().next())
        && is_letter(name.chars().next_back())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contents::planted::Planted;

    const SITE: &str = "usr/local/lib/python3.11/site-packages";

    fn lines(image: Planted) -> Vec<String> {
        image.look(|view| {
            let mut found = Found::new(view).expect("memory");
            find(view, &mut found).expect("memory");
            let line = |it: &Package| {
                let version = it.version.as_deref().unwrap_or("?");
                format!(
                    "{} {version} {} in {} {:?} {:?}",
                    it.name,
                    it.bytes.0,
                    it.files,
                    it.needs.concat(),
                    it.licences
                )
            };
            let unread = found.unread.iter().map(|file| format!("{}: {}", file.path, file.why));
            found.packages.list.iter().map(line).chain(unread).collect()
        })
    }

    #[test]
    fn files_are_those_of_the_record_inside_the_prefix() {
        let record = "flask/__init__.py,sha256=x,100\n\"flask/a, \"\"b\"\".py\",,\r\n../../../bin/flask,,\n../../../../../etc/passwd,,\n\
                      /usr/bin/python,,\nflask/gone.py,,\nFlask-3.0.0.dist-info/METADATA,,\nFlask-3.0.0.dist-info/RECORD,,\n,,\n";
        let metadata = "Metadata-Version: 2.1\nName: Flask\nVersion: 3.0.0\nLicense: BSD-3-Clause\nRequires-Dist: jinja2 (>=3)\n\
                        Requires-Dist: Importlib_Metadata>=3.6; python_version < \"3.10\"\nRequires-Dist: x ; extra == 'dev'\n\nName: body\n";
        let image = Planted::new()
            .file(&format!("{SITE}/Flask-3.0.0.dist-info/METADATA"), metadata)
            .file(&format!("{SITE}/Flask-3.0.0.dist-info/RECORD"), record)
            .file(
                &format!("{SITE}/Jinja2-3.1.dist-info/METADATA"),
                "Name: Jinja2\nVersion: 3.1\nClassifier: License :: OSI Approved :: BSD License\n",
            )
            .sized(&format!("{SITE}/jinja2/__init__.py"), 40)
            .sized(&format!("{SITE}/flask/__init__.py"), 100)
            .sized(&format!("{SITE}/flask/a, \"b\".py"), 20)
            .sized("usr/local/bin/flask", 3)
            .sized("etc/passwd", 5)
            .sized("usr/bin/python", 6)
            .file(&format!("{SITE}/setuptools/_vendor/x-1.dist-info/METADATA"), "Name: x\nVersion: 1\n")
            .file(&format!("{SITE}/jinja2/site-packages/y-1.dist-info/METADATA"), "Name: y\nVersion: 1\n")
            .file("opt/conda/pkgs/z-1/lib/python3.11/site-packages/z-1.dist-info/METADATA", "Name: z\nVersion: 1\n")
            .file("opt/conda/conda-meta/history", "")
            .file(&format!("{SITE}/~ip-1.dist-info/METADATA"), "Name: ~ip\nVersion: 1\n");
        let rest = metadata.len() + record.len();
        assert_eq!(
            lines(image),
            [
                format!("Flask 3.0.0 {} in 5 [\"Jinja2\", \"importlib-metadata\"] [\"BSD-3-Clause\"]", rest + 123),
                "Jinja2 3.1 136 in 3 [] [\"BSD License\"]".to_owned(),
            ]
        );
    }

    #[test]
    fn older_forms() {
        let home = "usr/lib/python3/dist-packages";
        let image = Planted::new()
            .file(&format!("{home}/six-1.16.0.egg-info/PKG-INFO"), "Name: six\nVersion: 1.16.0\n")
            .file(&format!("{home}/six-1.16.0.egg-info/top_level.txt"), "six\n../../x\n")
            .sized(&format!("{home}/six.py"), 30)
            .file(&format!("{home}/old-1.egg-info"), "Name: old\nVersion: 1\n")
            .sized(&format!("{home}/old/a.py"), 10)
            .file(&format!("{home}/gone-1.dist-info/RECORD"), "")
            .file("src/app.egg-info/PKG-INFO", "Name: app\nVersion: 1\n");
        assert_eq!(lines(image), ["six 1.16.0 68 in 3 [] []", "old 1 31 in 2 [] []"]);
    }

    #[test]
    fn what_cannot_be_read_is_named_and_counts_all_the_same() {
        let image = Planted::new()
            .left(
                &format!("{SITE}/big_one-2.0.dist-info/METADATA"),
                1_000_000_000,
                "has 1.00 GB, more than the 16.8 MB that are read",
            )
            .file(&format!("{SITE}/short-1.dist-info/METADATA"), "Metadata-Version: 2.1\nNa")
            .file(&format!("{SITE}/norecord-1.dist-info/METADATA"), "Name: norecord\nVersion: 1\n")
            .sized(&format!("{SITE}/norecord-1.dist-info/RECORD"), 9);
        insta::assert_snapshot!(lines(image).join("\n").replace(SITE, "SITE"), @r"
        big_one ? 1000000000 in 1 [] []
        short ? 24 in 1 [] []
        norecord 1 35 in 2 [] []
        /SITE/big_one-2.0.dist-info/METADATA: has 1.00 GB, more than the 16.8 MB that are read
        /SITE/short-1.dist-info/METADATA: is cut short: it does not say which distribution it is about
        /SITE/norecord-1.dist-info/RECORD: was not read
        ");
    }
}
