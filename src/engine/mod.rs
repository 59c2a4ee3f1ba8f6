//! Docker and Podman over their API: find the engine, build, inspect, save, and read through containers that never start. The only room that speaks to a daemon.
//!
//! Nothing here opens a socket before [`Engine::connect`] is called, and every future may be dropped at any time: the engine sees
//! the connection close and stops what it was doing for us.

mod allowance;
pub mod build;
pub mod connect;
pub mod container;
pub mod endpoint;
mod errands;
pub mod failure;
mod fault;
pub mod inspect;
pub mod janitor;
mod logins;
pub mod names;
mod route;
pub mod save;
pub mod step;
mod tail;
mod trace;
mod transcript;
mod watchdog;

pub use build::{BuildRequest, Built};
pub use connect::{Engine, Facts, Kind, NoEngine, Store};
pub use container::{Container, ContainerRequest, NotCreated};
pub use endpoint::{Address, Endpoint, Tls, find};
pub use failure::{BuildError, BuildFailure};
pub use inspect::{EngineImage, held_in_part};
pub use save::LacksContent;
pub use step::StepName;
