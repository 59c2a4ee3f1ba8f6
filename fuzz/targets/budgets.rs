//! budgets.toml: every problem is at a place of the file and can be drawn; what is right stays right with a comment behind it.
#![no_main]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use imgbudget::config::{ConfigError, Surroundings, load};
use imgbudget::diagnostics::render;
use imgbudget::files::Boundary;
use imgbudget::text::is_hidden;
use libfuzzer_sys::fuzz_target;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("imgbudget-fuzz-{}", std::process::id()));
    fs::create_dir_all(folder.join(".git")).expect("a folder");
    folder
});

fn read(text: &[u8]) -> Result<String, ConfigError> {
    let path = FOLDER.join("budgets.toml");
    fs::write(&path, text).expect("written");
    let environment = |name: &str| (name == "HOME").then(|| "/root".to_owned());
    let surroundings = Surroundings {
        environment: &environment,
        build_env: &[],
        cwd: &FOLDER,
        boundary: &Boundary::around(&FOLDER, &|_| None),
        policy: None,
        is_tracked: &|_| true,
    };
    load(Path::new("budgets.toml"), &surroundings).map(|budgets| format!("{budgets:?}"))
}

fuzz_target!(init: imgbudget_fuzz::seeds::write("budgets"), |data: &[u8]| {
    // A pattern of `include` walks over the disk.
    if data.windows(7).any(|window| window == b"include") {
        return;
    }
    match read(data) {
        Ok(budgets) => {
            assert_eq!(read(data).ok(), Some(budgets), "the same file");
            assert!(read(&[data, b"\n# the end\n"].concat()).is_ok(), "a comment behind it");
        }
        Err(ConfigError::Problems(problems)) => {
            assert!(!problems.is_empty());
            for problem in &problems {
                assert!(problem.file.text().get(problem.span.clone()).is_some(), "{:?}", problem.span);
            }
            let shown = render(&problems, false);
            assert!(shown.chars().all(|c| c == '\n' || !is_hidden(c)), "{shown:?}");
        }
        Err(ConfigError::Failed(error)) => assert!(!error.to_string().chars().any(is_hidden)),
    }
});
