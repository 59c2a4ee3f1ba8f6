//! What integration tests share.

pub(crate) mod action;
pub(crate) mod certificates;
pub(crate) mod daemon;
pub(crate) mod fake_engine;
pub(crate) mod fake_github;
pub(crate) mod fake_gitlab;
pub(crate) mod fake_registry;
pub(crate) mod file_server;
pub(crate) mod go;
pub(crate) mod images;
pub(crate) mod layers;
pub(crate) mod npm;
pub(crate) mod project;
pub(crate) mod real_registry;
pub(crate) mod repository;
pub(crate) mod run;
pub(crate) mod tar_split;
