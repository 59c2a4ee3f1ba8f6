//! Flags for how images are read, and who is asked about them.

use std::path::PathBuf;

use clap::Args;

use super::value::{self, CacheAt};
use crate::domain::ReadWay;

/// How images are read, and who is asked about them.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Reading")]
pub struct ReachArgs {
    /// How to read the layers of an engine's image; else IMGBUDGET_READ, else auto
    #[arg(long, value_name = "HOW")]
    pub read: Option<ReadWay>,

    /// Where to keep what was read of layers; else IMGBUDGET_LAYER_CACHE, else the user's cache directory, and nowhere in CI
    #[arg(long, value_name = "DIR|off")]
    pub layer_cache: Option<CacheAt>,

    /// Talk to the engine alone: no registry, no comment
    #[arg(long, conflicts_with = "pull")]
    pub offline: bool,

    /// Speak HTTP without TLS to this registry; those on this machine need no permission
    #[arg(long, value_name = "HOST[:PORT]", value_parser = value::registry)]
    pub plain_http: Vec<String>,

    /// Trust the certificates in this PEM file when talking to registries
    #[arg(long, value_name = "FILE")]
    pub ca_file: Vec<PathBuf>,
}
