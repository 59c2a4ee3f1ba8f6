//! Flags for how images are read, and who is asked about them.

use std::path::PathBuf;

use clap::Args;

use super::value::{self, CacheAt};
use crate::domain::ReadWay;

/// How images are read, and who is asked about them.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Reading")]
pub struct ReachArgs {
    /// How to read the layers of an engine's image; by default IMGBUDGET_READ, or auto
    #[arg(long, value_name = "HOW")]
    pub read: Option<ReadWay>,

    /// Where to cache what layers hold; by default IMGBUDGET_LAYER_CACHE, or the user's cache directory, and nowhere in CI
    #[arg(long, value_name = "DIR|off")]
    pub layer_cache: Option<CacheAt>,

    /// Contact only the engine: no registry, no comment
    #[arg(long, conflicts_with = "pull")]
    pub offline: bool,

    /// Use HTTP without TLS for this registry; not needed for one on this machine
    #[arg(long, value_name = "HOST[:PORT]", value_parser = value::registry)]
    pub plain_http: Vec<String>,

    /// Trust the certificates in this PEM file when talking to registries
    #[arg(long, value_name = "FILE")]
    pub ca_file: Vec<PathBuf>,
}
