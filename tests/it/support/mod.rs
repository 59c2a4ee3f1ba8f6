//! What integration tests share.

pub(crate) mod repository;
pub(crate) mod run;
