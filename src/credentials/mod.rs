//! Logins for registries, from the files of Docker and Podman, `DOCKER_AUTH_CONFIG`, and credential helpers.

pub mod docker_config;
pub mod find;
mod helper;
pub mod key;
pub mod login;
pub mod logins;
pub mod secret;

pub use docker_config::DockerConfig;
pub use find::Credentials;
pub use login::Credential;
pub use logins::Logins;
pub use secret::is_our_secret;
