//! The one HTTP client: bounds on time and size, proxies, private CAs, and when to try again. Who is asked and what an answer means is
//! for the rooms that ask.

pub mod address;
pub mod answer;
pub mod client;
pub mod error;
pub mod incoming;
pub mod retry;
pub mod trust;

pub use address::{is_loopback, secure};
pub use answer::Answer;
pub use client::{Client, Ways};
pub use error::{HttpError, reasons};
pub use incoming::Incoming;
pub use retry::{reading, writing};
pub use trust::{certificates, identity};
