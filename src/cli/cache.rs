//! `imgbudget cache`.

use clap::{Args, Subcommand};

use super::CacheAt;

/// `imgbudget cache`.
#[derive(Debug, Args)]
pub struct CacheArgs {
    /// What to do with it; it is shown when absent
    #[command(subcommand)]
    pub action: Option<CacheAction>,

    /// Where it is; else IMGBUDGET_LAYER_CACHE, else the user's cache directory
    #[arg(long, global = true, value_name = "DIR|off")]
    pub layer_cache: Option<CacheAt>,
}

/// What can be done with the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum CacheAction {
    /// Remove what it holds, and nothing else
    Clear,
}
