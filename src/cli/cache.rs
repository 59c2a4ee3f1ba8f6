//! `imgbudget cache`.

use clap::{Args, Subcommand};

use super::CacheAt;

/// `imgbudget cache`.
#[derive(Debug, Args)]
pub struct CacheArgs {
    /// What to do with it; by default show it
    #[command(subcommand)]
    pub action: Option<CacheAction>,

    /// Where it is; by default IMGBUDGET_LAYER_CACHE, or the user's cache directory
    #[arg(long, global = true, value_name = "DIR|off")]
    pub layer_cache: Option<CacheAt>,
}

/// What can be done with the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum CacheAction {
    /// Remove what it holds, and nothing else
    Clear,
}
