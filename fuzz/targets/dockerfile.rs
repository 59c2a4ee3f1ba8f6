//! A Dockerfile: stages stand on earlier ones, every place is in the file, and a problem can be drawn without acting on the terminal.
#![no_main]

use std::collections::BTreeMap;
use std::sync::Arc;

use imgbudget::diagnostics::{SourceFile, render};
use imgbudget::dockerfile::{Base, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: imgbudget_fuzz::seeds::write("dockerfile"), |data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let lines = text.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let inside = |line: u32| (1..=lines).contains(&(line as usize));
    let file = Arc::new(SourceFile::new("Dockerfile", text));
    let args = BTreeMap::from([("V".to_owned(), "$V".to_owned()), ("A".to_owned(), String::new())]);
    let dockerfile = match parse(&file, &args) {
        Ok(dockerfile) => dockerfile,
        Err(problem) => {
            assert!(inside(problem.place().line));
            assert!(file.text().get(problem.span.clone()).is_some(), "{:?}", problem.span);
            let shown = render(&[problem], false);
            assert!(shown.chars().all(|c| c == '\n' || !imgbudget::text::is_hidden(c)), "{shown:?}");
            return;
        }
    };
    assert!(!dockerfile.stages.is_empty());
    for (number, stage) in dockerfile.stages.iter().enumerate() {
        assert!(inside(stage.line));
        if let Base::Stage(lower) = stage.base {
            assert!(lower < number, "stage {number} stands on stage {lower}");
        }
        for instruction in &stage.instructions {
            assert!(inside(instruction.line));
            assert!(file.text().get(instruction.span.clone()).is_some(), "{:?}", instruction.span);
            assert!(inside(dockerfile.place(instruction).line));
        }
        let chain = dockerfile.chain(number);
        assert!(!matches!(chain.base, Base::Stage(_)));
        assert!(chain.layers().count() <= chain.instructions.len());
        let needed = dockerfile.needed(number);
        assert!(needed.iter().all(|needed| *needed < dockerfile.stages.len()));
        let _problems = dockerfile.unsupported(number);
    }
    let _images = dockerfile.images();
    assert_eq!(dockerfile.stage(None).ok(), Some(dockerfile.stages.len() - 1));
});
