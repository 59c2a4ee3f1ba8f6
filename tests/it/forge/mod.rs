//! Telling a pull request: the real program against a GitHub on loopback.

mod bad_days;
mod contract;
mod conversation;
mod log;
mod reports;
mod scene;
mod secrets;
mod steps;
mod untrusted;
