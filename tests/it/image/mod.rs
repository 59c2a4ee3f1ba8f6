//! The room `image`: layers stacked, searched and explained.

mod measure;
mod model;
mod origin;
mod stack;
mod tools;
mod unpack;
mod waste;

use std::collections::BTreeMap;
use std::sync::Arc;

use imgbudget::diagnostics::SourceFile;
use imgbudget::dockerfile::{self, Instruction};

/// Keywords with their arguments as a Dockerfile has them below its FROM, one a line.
fn instructions(below: &[(&str, &str)]) -> Vec<Instruction> {
    let read = |(keyword, arguments): &(&str, &str)| {
        let file = Arc::new(SourceFile::new("Dockerfile", format!("FROM x\n{keyword} {arguments}\n")));
        let mut dockerfile = dockerfile::parse(&file, &BTreeMap::new()).expect("a Dockerfile");
        dockerfile.stages.remove(0).instructions.remove(0)
    };
    below.iter().zip(2..).map(|(instruction, line)| Instruction { line, ..read(instruction) }).collect()
}
