//! Logins for registries, from Docker's configuration and its credential helpers.

pub mod docker_config;
pub mod find;

pub use docker_config::DockerConfig;
pub use find::{Credential, Credentials, is_our_secret};
