//! What becomes of a result: the screen, the files of `--write`, and what a job and its reviewers are told.

pub(crate) mod output_file;
pub(crate) mod publish;
pub(crate) mod screen;
pub(crate) mod write_files;
