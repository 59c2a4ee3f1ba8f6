//! The Dockerfiles nearby.

use std::path::{Path, PathBuf};

use super::variant;

/// How deep to look.
const DEEPEST: usize = 5;
/// Directories to look into.
const MOST_DIRECTORIES: usize = 2000;
/// Dockerfiles to propose targets for.
const MOST_TARGETS: usize = 30;
/// Directories of other people's work, of nobody's, or of tests: what lies there is not shipped.
const SKIPPED: [&str; 14] = [
    "node_modules",
    "target",
    "vendor",
    "third_party",
    "dist",
    "build",
    "venv",
    "__pycache__",
    "testdata",
    "test-data",
    "test_data",
    "fixtures",
    "__fixtures__",
    "__tests__",
];

/// Dockerfiles at and below `directory`, the nearest first, relative to it.
pub(super) fn dockerfiles(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut level = vec![PathBuf::new()];
    let mut budget = MOST_DIRECTORIES;
    for _ in 0..DEEPEST {
        let mut next = Vec::new();
        for relative in level {
            if budget == 0 {
                break;
            }
            budget -= 1;
            // A directory that cannot be read has nothing to propose.
            let Ok(entries) = std::fs::read_dir(directory.join(&relative)) else { continue };
            for entry in entries.filter_map(Result::ok) {
                let (Ok(kind), file) = (entry.file_type(), entry.file_name()) else { continue };
                let Some(file) = file.to_str() else { continue };
                if kind.is_dir() && !file.starts_with('.') && !SKIPPED.contains(&file) {
                    next.push(relative.join(file));
                } else if kind.is_file() && is_dockerfile(file) {
                    found.push(relative.join(file));
                }
            }
        }
        next.sort();
        level = next;
    }
    found.sort_by_key(|path| (path.components().count(), path.clone()));
    found.truncate(MOST_TARGETS);
    found
}

fn is_dockerfile(file: &str) -> bool {
    !file.ends_with(".dockerignore") && (file == "Dockerfile" || file == "Containerfile" || variant(file).is_some())
}
