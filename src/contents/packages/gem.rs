//! Ruby's gems: what `gem list` lists of each `specifications` directory.
//!
//! `specifications/NAME-VERSION.gemspec` and `specifications/default/…` are programs. Rubygems writes what they say into comments of their first lines,
//! and reads those itself (`Gem::StubSpecification`); the rest has one form, since Rubygems writes that too. Files are below
//! `gems/NAME-VERSION` and `extensions/PLATFORM/ABI/NAME-VERSION`.

use super::Found;
use super::listed::above;
use crate::contents::view::View;
use crate::domain::{Ecosystem, Package};
use crate::image::node::{NodeId, NodeKind};
use crate::memory::{List, OutOfMemory};

/// Finds Ruby's gems.
///
/// # Errors
/// There is no memory for it.
pub(super) fn find(view: &View<'_>, found: &mut Found) -> Result<(), OutOfMemory> {
    let stack = view.stack;
    let mut specifications = List::new(stack.memory());
    for (id, node) in stack.live() {
        if let Some(stem) = node.name.strip_suffix(b".gemspec").filter(|_| matches!(node.kind, NodeKind::File { .. }))
            && let Some(home) = home(view, node.parent)
        {
            specifications.push((id, home, stem))?;
        }
    }
    for (id, home, stem) in specifications.iter().copied() {
        let stem = String::from_utf8_lossy(stem);
        let (name, version) = split(&stem);
        let mut package = Package::new(Ecosystem::Gem, name);
        match found.bytes(view, id).map(Specification::parse) {
            Some(Some(said)) => {
                package.name = said.name;
                package.version = Some(said.version);
                package.architecture = Some(said.platform).filter(|platform| platform != "ruby");
                package.licences = said.licences;
                package.needs = said.needs.into_iter().map(|need| vec![need]).collect();
            }
            // Rubygems takes name and version of what it did not write from the name of the file.
            Some(None) if version.is_some() => package.version = version.map(str::to_owned),
            Some(None) => found.unread(view, id, "does not say which gem it is about"),
            None => {}
        }
        package.path = Some(String::from_utf8_lossy(&stack.path(id)).into_owned());
        let mut files = List::new(stack.memory());
        files.push(id)?;
        for top in tops(view, home, stem.as_bytes()) {
            for file in stack.below(top) {
                files.push(file)?;
            }
        }
        found.add(view, package, files.iter().copied())?;
    }
    Ok(())
}

/// The directory that gems are installed below, of one with specifications. What a gem itself ships is not installed.
fn home(view: &View<'_>, directory: NodeId) -> Option<NodeId> {
    let stack = view.stack;
    let parent = |id: NodeId| stack.node(id).parent;
    let directory = if stack.node(directory).name == b"default" { parent(directory) } else { directory };
    let home = (stack.node(directory).name == b"specifications").then(|| parent(directory))?;
    let mut gems = above(view, home).filter(|at| stack.node(*at).name == b"gems").map(parent);
    let is_in_a_gem = gems.any(|outer| outer != home && stack.child(outer, b"specifications").is_some());
    (!is_in_a_gem).then_some(home)
}

/// Of how many kinds of machines and versions of Ruby extensions are looked for.
const MOST_ABIS: usize = 16;

/// The directories of a gem.
fn tops(view: &View<'_>, home: NodeId, name: &[u8]) -> Vec<NodeId> {
    let stack = view.stack;
    let own = stack.child(home, b"gems").and_then(|gems| stack.child(gems, name));
    let platforms = stack.child(home, b"extensions").into_iter().flat_map(|platforms| stack.children(platforms));
    let versions = platforms.flat_map(|platform| stack.children(platform)).take(MOST_ABIS);
    own.into_iter().chain(versions.filter_map(|version| stack.child(version, name))).collect()
}

/// Name and version out of the name of a file: `nokogiri-1.16.0-x86_64-linux`.
fn split(stem: &str) -> (&str, Option<&str>) {
    let mut dashes = stem.match_indices('-').map(|(at, _)| at);
    let at = dashes.find(|at| stem[at + 1..].starts_with(|letter: char| letter.is_ascii_digit()));
    at.map_or((stem, None), |at| (&stem[..at], stem[at + 1..].split('-').next()))
}

/// What matters of a specification.
#[derive(Debug)]
struct Specification {
    name: String,
    version: String,
    platform: String,
    licences: Vec<String>,
    needs: Vec<String>,
}

impl Specification {
    /// `None` where Rubygems did not write it.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let stub = text.lines().take(4).find_map(|line| line.strip_prefix("# stub: "))?;
        let mut words = stub.split(' ');
        let mut said = Self {
            name: words.next()?.to_owned(),
            version: words.next()?.to_owned(),
            platform: words.next()?.to_owned(),
            licences: Vec::new(),
            needs: Vec::new(),
        };
        for line in text.lines().map(str::trim) {
            let Some(line) = line.strip_prefix("s.") else { continue };
            if let Some(list) = line.strip_prefix("licenses = ") {
                said.licences = list.split('"').skip(1).step_by(2).map(str::to_owned).collect();
            } else if let Some(call) =
                line.strip_prefix("add_runtime_dependency(").or_else(|| line.strip_prefix("add_dependency("))
            {
                let name = call.strip_prefix("%q<").and_then(|call| call.split('>').next());
                said.needs.extend(name.map(str::to_owned));
            }
        }
        // Older ones say the same for each version of Rubygems.
        said.needs.sort_unstable();
        said.needs.dedup();
        Some(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contents::planted::Planted;

    const HOME: &str = "usr/local/bundle";

    fn lines(image: Planted) -> Vec<String> {
        image.look(|view| {
            let mut found = Found::new(view).expect("memory");
            find(view, &mut found).expect("memory");
            let line = |it: &Package| {
                let version = it.version.as_deref().unwrap_or("?");
                let of = it.architecture.as_deref().unwrap_or("any");
                format!(
                    "{} {version} {of} {} in {} {:?} {:?}",
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
    fn a_gem_with_extensions_one_of_a_platform_and_one_that_comes_with_ruby() {
        let nokogiri = "# -*- encoding: utf-8 -*-\n# stub: nokogiri 1.16.0 x86_64-linux lib\n\nGem::Specification.new do |s|\n  s.licenses = [\"MIT\".freeze, \"ISC\"]\n  \
                        s.add_runtime_dependency(%q<racc>.freeze, [\"~> 1.4\"])\n  s.add_development_dependency(%q<x>.freeze, [])\nend\n";
        let racc = "# -*- encoding: utf-8 -*-\n# stub: racc 1.7.3 ruby lib\n# stub: ext/racc/extconf.rb\n";
        let image = Planted::new()
            .file(&format!("{HOME}/specifications/nokogiri-1.16.0-x86_64-linux.gemspec"), nokogiri)
            .sized(&format!("{HOME}/gems/nokogiri-1.16.0-x86_64-linux/lib/a.so"), 1000)
            .file(
                &format!("{HOME}/gems/nokogiri-1.16.0-x86_64-linux/specifications/x-1.gemspec"),
                "# stub: x 1 ruby lib\n",
            )
            .file(&format!("{HOME}/specifications/racc-1.7.3.gemspec"), racc)
            .sized(&format!("{HOME}/gems/racc-1.7.3/lib/racc.rb"), 10)
            .sized(&format!("{HOME}/extensions/x86_64-linux/3.3.0/racc-1.7.3/racc.so"), 100)
            .file("usr/lib/ruby/gems/3.3.0/specifications/default/json-2.7.gemspec", "Gem::Specification.new\n");
        let size = |text: &str, more: usize| text.len() + more;
        let mut lines = lines(image);
        lines.sort();
        assert_eq!(
            lines,
            [
                "json 2.7 any 23 in 1 [] []".to_owned(),
                format!("nokogiri 1.16.0 x86_64-linux {} in 3 [\"racc\"] [\"MIT\", \"ISC\"]", size(nokogiri, 1021)),
                format!("racc 1.7.3 any {} in 3 [] []", size(racc, 110)),
            ]
        );
    }

    #[test]
    fn names_with_dashes_and_what_was_not_read() {
        let image = Planted::new()
            .sized(&format!("{HOME}/specifications/aws-sdk-s3-1.2.3.gemspec"), 10)
            .file(&format!("{HOME}/specifications/odd.gemspec"), "raise");
        insta::assert_snapshot!(lines(image).join("\n"), @r"
        aws-sdk-s3 ? any 10 in 1 [] []
        odd ? any 5 in 1 [] []
        /usr/local/bundle/specifications/aws-sdk-s3-1.2.3.gemspec: was not read
        /usr/local/bundle/specifications/odd.gemspec: does not say which gem it is about
        ");
    }
}
