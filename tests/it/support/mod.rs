//! What integration tests share.

pub(crate) mod daemon;
pub(crate) mod images;
pub(crate) mod layers;
pub(crate) mod repository;
pub(crate) mod run;
