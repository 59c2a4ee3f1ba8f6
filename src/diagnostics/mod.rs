//! Problems in files that the user wrote: where exactly, and what to do.

mod excerpt;
pub mod problem;
pub mod render;
pub mod source_file;

pub use problem::Problem;
pub use render::render;
pub use source_file::SourceFile;
