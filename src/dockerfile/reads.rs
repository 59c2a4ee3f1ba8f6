//! What a stage is made of: the files of the build context that it reads, and the text that it is written in.

use std::collections::BTreeSet;

use super::Instruction;
use super::needs::{mounts, with_trigger};
use super::stage::{Base, Dockerfile, Stage};

/// What a build reads of its context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reads {
    /// These files and folders, relative to the context, without `.` and `..`. None: it reads nothing.
    Paths(BTreeSet<String>),
    /// Any of it, or what only the build can tell.
    Everything,
}

impl Dockerfile {
    /// What a build of `stage` reads of its context. What a base image keeps with ONBUILD is not known here.
    #[must_use]
    pub fn reads(&self, stage: usize) -> Reads {
        let mut paths = BTreeSet::new();
        let needed = self.needed(stage);
        let stages = needed.iter().filter_map(|index| self.stages.get(*index));
        for instruction in stages.flat_map(|stage| &stage.instructions).flat_map(with_trigger) {
            match instruction_reads(instruction) {
                Reads::Paths(more) => paths.extend(more),
                Reads::Everything => return Reads::Everything,
            }
        }
        Reads::Paths(paths)
    }

    /// The images that a build of `stage` stands on or copies from, sorted, each once.
    #[must_use]
    pub fn needed_images(&self, stage: usize) -> Vec<String> {
        let needed = self.needed(stage);
        let mut found = BTreeSet::new();
        for stage in needed.iter().filter_map(|index| self.stages.get(*index)) {
            if let Base::Image(name) | Base::Unresolved(name) = &stage.base {
                found.insert(name.clone());
            }
            let copied = super::needs::sources(stage).filter(|name| self.source_stage(name).is_none());
            found.extend(copied.filter(|name| !name.is_empty() && *name != "scratch").map(str::to_owned));
        }
        found.into_iter().collect()
    }

    /// Everything that the file says of `stage` and of the stages that it needs: equal texts are built alike, wherever they stand in
    /// their files.
    #[must_use]
    pub fn text_of(&self, stage: usize) -> Vec<String> {
        let needed: Vec<usize> = self.needed(stage).into_iter().collect();
        let place = |index: usize| needed.iter().position(|needed| *needed == index).unwrap_or(usize::MAX);
        let first = self.stages.first().map_or(0, |stage| stage.span.start);
        let header = self.file.text().get(..first).unwrap_or_default();
        // Comments may change; directives and global arguments look like neither.
        let globals = header.lines().map(str::trim).filter(|line| !line.is_empty() && !is_comment(line));
        let mut text: Vec<String> = globals.map(str::to_owned).collect();
        text.extend(self.syntax.clone());
        text.push(format!("stage {}", place(stage)));
        for index in &needed {
            let Some(stage) = self.stages.get(*index) else { continue };
            text.push(match &stage.base {
                Base::Scratch => "scratch".to_owned(),
                Base::Stage(lower) => format!("on {}", place(*lower)),
                Base::Image(name) | Base::Unresolved(name) => name.clone(),
            });
            text.push(self.said(&stage.span).to_owned());
            text.extend(stage.instructions.iter().map(|instruction| self.said(&instruction.span).to_owned()));
            text.extend(self.from(stage).map(place).map(|place| format!("from {place}")));
        }
        text
    }

    /// The stages that a stage copies or mounts from.
    fn from<'a>(&'a self, stage: &'a Stage) -> impl Iterator<Item = usize> + 'a {
        super::needs::sources(stage).filter_map(|name| self.source_stage(name))
    }

    fn said(&self, span: &std::ops::Range<usize>) -> &str {
        self.file.text().get(span.clone()).unwrap_or_default()
    }
}

/// Whether a line before the first FROM means nothing to a builder. A directive, such as `# escape=`, is none.
fn is_comment(line: &str) -> bool {
    line.strip_prefix('#').is_some_and(|rest| !rest.contains('='))
}

fn instruction_reads(instruction: &Instruction) -> Reads {
    match instruction.keyword.as_str() {
        "COPY" | "ADD" if instruction.values("from").any(|from| !from.is_empty()) => Reads::Paths(BTreeSet::new()),
        "COPY" | "ADD" => copied(instruction),
        "RUN" => {
            let mut paths = BTreeSet::new();
            let own = mounts(instruction)
                .filter(|mount| mount.kind.eq_ignore_ascii_case("bind") && mount.from.is_none_or(str::is_empty));
            for mount in own {
                match mount.source.and_then(plain) {
                    Some(path) => drop(paths.insert(path)),
                    None => return Reads::Everything,
                }
            }
            Reads::Paths(paths)
        }
        _ => Reads::Paths(BTreeSet::new()),
    }
}

/// The sources of a COPY or ADD: all words but the last.
fn copied(instruction: &Instruction) -> Reads {
    let arguments = instruction.arguments.trim();
    let is_json = arguments.starts_with('[');
    let words: Option<Vec<String>> = if is_json {
        serde_json::from_str(arguments).ok()
    } else {
        Some(arguments.split_whitespace().map(str::to_owned).collect())
    };
    let Some((_, sources)) = words.as_deref().and_then(<[String]>::split_last) else { return Reads::Everything };
    let mut paths = BTreeSet::new();
    // In a list `<<` begins a name like any other.
    let is_document = |source: &str| !is_json && source.starts_with("<<");
    for source in sources.iter().filter(|source| !is_document(source) && !is_remote(source, &instruction.keyword)) {
        match plain(source) {
            Some(path) => drop(paths.insert(path)),
            None => return Reads::Everything,
        }
    }
    Reads::Paths(paths)
}

/// Whether ADD fetches it. What a remote place holds is no input that git knows.
fn is_remote(source: &str, keyword: &str) -> bool {
    let begins = ["http://", "https://", "git://", "ssh://", "git@"];
    keyword == "ADD" && begins.iter().any(|scheme| source.starts_with(scheme))
}

/// A path that means one file or folder below the context, and not all of it.
fn plain(path: &str) -> Option<String> {
    let is_plain = |c: char| !matches!(c, '$' | '*' | '?' | '[' | ']' | '\\' | '`' | '"' | '\'');
    if !path.chars().all(is_plain) {
        return None;
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    (!parts.is_empty() && !parts.contains(&"..")).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::super::parse;
    use super::*;
    use crate::diagnostics::SourceFile;

    fn file(text: &str) -> Dockerfile {
        parse(&Arc::new(SourceFile::new("Dockerfile", text)), &BTreeMap::new()).unwrap()
    }

    /// What the last stage reads.
    fn reads(text: &str) -> String {
        let file = file(text);
        match file.reads(file.stages.len() - 1) {
            Reads::Paths(paths) => paths.into_iter().collect::<Vec<_>>().join(" "),
            Reads::Everything => "everything".to_owned(),
        }
    }

    #[test]
    fn the_context_is_read_by_copy_add_and_mounts() {
        for (line, expected) in [
            ("COPY a b/c/ ./d /", "a b/c d"),
            ("COPY --link --chown=1:1 /a /x", "a"),
            ("COPY [\"a b\", \"c\", \"/x/\"]", "a b c"),
            ("ADD https://example.com/x git@example.com:a/b.git a /x", "a"),
            ("COPY . .", "everything"),
            ("COPY ./ /x", "everything"),
            ("COPY a ../b /x", "everything"),
            ("COPY *.json /x", "everything"),
            ("COPY $DIR /x", "everything"),
            ("COPY \"a\" /x", "everything"),
            ("COPY --from=other a /x", ""),
            ("COPY --from= a /x", "a"),
            ("COPY <<one a /x\nbody\none", "a"),
            ("COPY [\"<<E\", \"/x\"]", "<<E"),
            ("RUN --mount=type=bind,source=go.mod,target=/m go build", "go.mod"),
            ("RUN --mount=target=/src make", "everything"),
            ("RUN --mount=type=cache,target=/c --mount=from=other,target=/o make", ""),
            ("RUN --mount=TYPE=bind,src=./a/,target=/m make", "a"),
            ("RUN --mount=type=bind,source=a,src=data,target=/m make", "data"),
            ("RUN --mount=type=bind,src=data,SOURCE=a,target=/m make", "a"),
            ("RUN --mount=type=bind,\"from=other\",target=/m make", ""),
            ("ONBUILD COPY a /x", "a"),
            ("RUN cp a b", ""),
        ] {
            assert_eq!(reads(&format!("FROM base\n{line}\n")), expected, "{line}");
        }
    }

    #[test]
    fn only_needed_stages_read() {
        let text = "FROM a AS build\nCOPY src /src\nFROM b AS other\nCOPY . .\nFROM c\nCOPY --from=build /out /out\nCOPY conf /conf\n";
        assert_eq!(reads(text), "conf src");
        assert_eq!(file(text).needed_images(2), ["a", "c"]);
    }

    #[test]
    fn equal_texts_are_equal_wherever_they_stand() {
        let of = |text: &str| {
            let file = file(text);
            file.text_of(file.stages.len() - 1)
        };
        let first = "ARG V=1\nFROM a:$V AS build\nRUN make\nFROM b\nCOPY --from=build /a /a\n";
        let moved = "# about\nARG V=1\n\nFROM x AS unused\nRUN other\nFROM a:$V AS build\n# why\nRUN make\nFROM b\nCOPY --from=build /a /a\n";
        assert_eq!(of(first), of(moved));
        for other in [
            first.replace("V=1", "V=2"),
            first.replace("make", "make all"),
            first.replace("FROM b", "FROM c"),
            first.replace("/a /a", "/a /b"),
            format!("# escape=`\n{first}"),
            format!("# syntax=docker/dockerfile:1\n{first}"),
            first.replace("FROM b\n", "FROM x AS build\nRUN less\nFROM b\n"),
        ] {
            assert_ne!(of(first), of(&other), "{other}");
        }
    }
}
