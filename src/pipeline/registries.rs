//! The registries, whose logins are looked for at most once, and only when some target needs a registry.

use std::sync::OnceLock;

use super::Options;
use crate::error::Error;
use crate::registry::Registries;

/// Registries that nobody has asked for yet.
#[derive(Debug)]
pub(super) struct LazyRegistries {
    options: Options,
    registries: OnceLock<Result<Registries, Error>>,
}

impl LazyRegistries {
    /// The registries as `options` has them.
    pub(super) fn new(options: Options) -> Self {
        Self { options, registries: OnceLock::new() }
    }

    /// The registries.
    pub(super) fn get(&self) -> Result<&Registries, Error> {
        let Options { environment, plain_http, ca_files, .. } = &self.options;
        let make = || {
            let registries = Registries::new(environment)?;
            Ok(registries.with_plain_http(plain_http.iter().cloned()).with_authorities(ca_files.iter().cloned()))
        };
        self.registries.get_or_init(make).as_ref().map_err(Clone::clone)
    }
}
