//! All integration tests, in one binary: one link, one runner, one place for what they share.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests may fail loudly and say what they skip, as tests do"
)]

mod action;
mod amend;
mod architecture;
mod bake;
mod baseline;
mod check;
mod config;
mod context;
mod corpus;
mod diff;
mod docs;
mod engine;
mod forge;
mod generated;
mod gitlab;
mod house;
mod image;
mod inspect;
mod judging;
mod languages;
mod layer_cache;
mod markdown;
mod os_packages;
mod packages;
mod page;
mod pipeline;
mod reading;
mod registry;
mod reports;
mod since;
mod source;
mod strangers;
mod support;
mod tars;
mod why;
mod writers;
