//! Images whose layers are there, measured as in a run: for what only whole images can show.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::diagnostics::SourceFile;
use crate::dockerfile::{self, Instruction};
use crate::domain::{HistoryEntry, ImageConfig};
use crate::image::{Below, Contents, Explanation, Question, Triggers, measure};
use crate::layer::{Entry, EntryKind, LayerIndex, LayerIndexBuilder};
use crate::memory::Memory;

/// One layer: the instruction as the Dockerfile has it, or as the base image's history does, and what it changes: `+path size`,
/// `-path`.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// As written, `COPY --from=build /a /b`; the base image's is not looked at.
    pub(super) instruction: String,
    /// Whether the base image brought it.
    pub(super) is_base: bool,
    /// Files with their sizes; `None` deletes.
    pub(super) files: Vec<(String, Option<u64>)>,
}

/// A layer of the base image.
pub(super) fn base(files: &[(&str, u64)]) -> Step {
    Step { is_base: true, ..own("ADD rootfs /", files) }
}

/// A layer of the Dockerfile: the first stands on its line 2.
pub(super) fn own(instruction: &str, files: &[(&str, u64)]) -> Step {
    let files = files.iter().map(|(path, size)| ((*path).to_owned(), Some(*size))).collect();
    Step { instruction: instruction.to_owned(), is_base: false, files }
}

impl Step {
    /// Deletes paths.
    pub(super) fn without(mut self, paths: &[&str]) -> Self {
        self.files.extend(paths.iter().map(|path| ((*path).to_owned(), None)));
        self
    }

    fn index(&self, number: u8) -> LayerIndex {
        let mut builder = LayerIndexBuilder::default();
        for (path, size) in &self.files {
            let kind = size.map_or(EntryKind::Whiteout, |size| EntryKind::File { size });
            // What an engine refuses is left out.
            let _ = builder.push(Entry { path: path.as_bytes(), kind, mode: 0o755 });
        }
        builder.finish(DiffId(Digest::from_sha256([number; 32]))).expect("can be counted")
    }

    /// As BuildKit writes it down.
    fn created_by(&self) -> String {
        let (keyword, arguments) = self.instruction.split_once(' ').expect("an instruction");
        let arguments: Vec<&str> = arguments.split(' ').filter(|word| !word.starts_with("--from")).collect();
        let shell = if keyword == "RUN" { "/bin/sh -c " } else { "" };
        format!("{keyword} {shell}{} # buildkit", arguments.join(" "))
    }

    fn parsed(&self, line: u32) -> Instruction {
        let file = Arc::new(SourceFile::new("Dockerfile", format!("FROM x\n{}\n", self.instruction)));
        let mut dockerfile = dockerfile::parse(&file, &BTreeMap::new()).expect("a Dockerfile");
        Instruction { line, ..dockerfile.stages.remove(0).instructions.remove(0) }
    }
}

/// Measures an image of these layers, asked about globs.
pub(super) fn image(steps: &[Step], globs: &[&str]) -> Measurement {
    let layers: Vec<Arc<LayerIndex>> =
        steps.iter().zip(1u8..).map(|(step, number)| Arc::new(step.index(number))).collect();
    let config = ImageConfig {
        id: Digest::from_sha256([9; 32]),
        platform: Platform::new("linux", "amd64", None),
        created: None,
        user: None,
        base: None,
        diff_ids: (1u8..).take(steps.len()).map(|number| DiffId(Digest::from_sha256([number; 32]))).collect(),
        history: steps
            .iter()
            .map(|step| HistoryEntry { created_by: Some(step.created_by()), ..HistoryEntry::default() })
            .collect(),
    };
    let written: Vec<Instruction> =
        steps.iter().filter(|step| !step.is_base).zip(2..).map(|(step, line)| step.parsed(line)).collect();
    let written: Vec<&Instruction> = written.iter().collect();
    let explanation = Explanation {
        file: "Dockerfile",
        steps: &written,
        from: 1,
        triggers: Triggers::Known(&[]),
        below: Below::Base,
    };
    let globs: Vec<PathGlob> = globs.iter().map(|glob| PathGlob::new(glob).expect("a glob")).collect();
    let globs: Vec<&PathGlob> = globs.iter().collect();
    let question = Question { tool_names: &[], globs: &globs, explanation: Some(explanation), base: None };
    measure(&config, Contents::Layers(&layers), None, &question, &Memory::default()).expect("small enough")
}
