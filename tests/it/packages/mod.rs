//! The catalogue against what registries really ship: Debian, npm and PyPI packages, fetched by their own clients and unpacked without
//! running anything of them.
//!
//! What each package has on PATH is written down whole beside this file, sorted by hand into tools and the rest. So nothing is missed
//! because nobody looked, and nothing is expected because it was found.

mod debian;
mod npm;
mod pypi;

use std::collections::BTreeSet;
use std::io::{self, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use imgbudget::domain::{DiffId, Digest};
use imgbudget::image::node::NodeKind;
use imgbudget::image::stack::Stack;
use imgbudget::image::tools::ToolSearch;
use imgbudget::layer::{Keep, LayerIndex, read};
use imgbudget::memory::Memory;
use regex::Regex;

/// A package, and what is to be found in it.
struct Package {
    /// Its names in one registry or another; the first that is known is taken.
    names: &'static [&'static str],
    /// Tools, apart by spaces: those on PATH by their names, others by their paths. `T` stands for a target triplet, `N` for a
    /// version.
    tools: &'static str,
    /// What else is on PATH.
    others: &'static str,
}

/// How a registry's packages came out.
#[derive(Default)]
struct Score {
    expected: usize,
    missed: Vec<String>,
    false_alarms: Vec<String>,
    unsorted: Vec<String>,
    packages: usize,
}

impl Score {
    /// Compares what is found in the layers of a package with what is written down for it. A name that this release of the package
    /// does not have cannot be missed.
    fn judge(&mut self, package: &Package, name: &str, layer: &LayerIndex) {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<BTreeSet<String>>();
        let (tools, others) = (words(package.tools), words(package.others));
        let (found, commands) = look(layer);
        let named = |what: &String| format!("{name}: {what}");
        let expected: BTreeSet<_> =
            tools.into_iter().filter(|it| it.starts_with('/') || commands.contains(it)).collect();
        let is_unsorted = |it: &&String| !it.starts_with('/') && !expected.contains(*it) && !others.contains(*it);
        self.packages += 1;
        self.expected += expected.len();
        self.missed.extend(expected.difference(&found).map(named));
        self.false_alarms.extend(found.difference(&expected).filter(|it| !is_unsorted(it)).map(named));
        self.unsorted.extend(commands.iter().filter(is_unsorted).map(named));
    }

    /// Says how it went, and fails where it went wrong.
    fn report(self, registry: &str, release_is_pinned: bool) {
        let Self { expected, missed, false_alarms, unsorted, packages } = self;
        println!(
            "{registry}: {packages} packages, {} of {expected} tools found, {} false alarms, {} commands unsorted",
            expected - missed.len(),
            false_alarms.len(),
            unsorted.len()
        );
        assert!(missed.is_empty() && false_alarms.is_empty(), "missed: {missed:#?}\nfalse alarms: {false_alarms:#?}");
        assert!(unsorted.is_empty() || !release_is_pinned, "commands that nobody has sorted yet: {unsorted:#?}");
    }
}

/// What is found in a layer, and what it has on PATH.
fn look(layer: &LayerIndex) -> (BTreeSet<String>, BTreeSet<String>) {
    let memory = Memory::default();
    let mut stack = Stack::default();
    let mut search = ToolSearch::new([], &memory);
    stack.push(layer).expect("small enough");
    search.look(&stack).expect("room");
    let commands = stack.live().filter(|(_, node)| match node.kind {
        NodeKind::File { .. } => node.mode & 0o111 != 0,
        kind => matches!(kind, NodeKind::Symlink { .. }),
    });
    let commands: BTreeSet<_> = commands.map(|(id, _)| plain(&String::from_utf8_lossy(&stack.path(id)))).collect();
    let found = search.finish(&stack, &mut memory.reserve()).expect("room").present;
    let paths = found.iter().flat_map(|tool| &tool.paths).map(|found| plain(&String::from_utf8_lossy(&found.path)));
    (paths.collect(), commands.into_iter().filter(|path| !path.starts_with('/')).collect())
}

/// A path without what differs between releases and processors, and without its directory when that is on PATH.
fn plain(path: &str) -> String {
    let swap = |pattern: &str, text: &str, with: &str| {
        Regex::new(pattern).expect("a pattern").replace_all(text, with).into_owned()
    };
    let path = swap(r"[a-z0-9_]+-linux-(gnu|musl)[a-z0-9_]*", path, "T");
    let path = swap(r"(-|\b[a-z]+)\d+(\.\d+)+", &path, "${1}N");
    let path = swap(r"-\d+(/|$)", &path, "-N$1");
    let directories = ["/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/", "/usr/local/bin/"];
    let name = directories.iter().find_map(|directory| path.strip_prefix(directory));
    name.filter(|name| !name.contains('/')).unwrap_or(&path).to_owned()
}

/// Reads what a program writes as the tar of a layer.
fn layer_of(program: &mut Command) -> LayerIndex {
    let mut child = program.stdout(Stdio::piped()).spawn().expect("a program of every Debian");
    let mut tar = BufReader::new(child.stdout.take().expect("piped"));
    let builder = read::read(&mut tar, &Memory::default(), &Keep::nothing()).expect("a tar");
    // What pads a tar at its end is nothing to the reader, but something to who writes it.
    io::copy(&mut tar, &mut io::sink()).expect("a pipe");
    assert!(child.wait().expect("a child").success(), "{program:?}");
    builder.finish(DiffId(Digest::from_sha256([1; 32]))).expect("room").0
}

/// A directory as the tar of a layer.
fn layer_of_directory(directory: &Path) -> LayerIndex {
    layer_of(Command::new("tar").arg("-C").arg(directory).args(["--owner=0", "--group=0", "-cf", "-", "."]))
}

/// Runs a registry's client; `None`, said aloud, when it is not there or no registry answers it.
fn fetched(registry: &str, client: &mut Command) -> Option<Output> {
    let output = client.stdin(Stdio::null()).output();
    let why = match output {
        Ok(output) if output.status.success() => return Some(output),
        Ok(output) => String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("it failed").to_owned(),
        Err(error) => error.to_string(),
    };
    println!("not run: {registry} does not answer here, so nothing is proven about its packages ({why})");
    None
}
