//! The build context: what of a directory goes to the engine, as a tar that is made while it is sent. Sync.
//!
//! No engine applies .dockerignore to a context that arrives as a tar (Podman does, and finds nothing more to leave out), so the
//! rules are applied here, as the Docker CLI does for BuildKit.

pub mod ignore;
pub mod pattern;
pub mod plan;
mod tar_writer;
mod walk;

pub use ignore::Ignore;
pub use plan::{ContextFacts, Plan, plan};
