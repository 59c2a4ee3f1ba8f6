//! Logins for registries, from Docker's configuration and its credential helpers.

pub mod docker_config;
pub mod find;
mod helper;
pub mod login;
pub mod secret;

pub use docker_config::DockerConfig;
pub use find::Credentials;
pub use login::Credential;
pub use secret::is_our_secret;
