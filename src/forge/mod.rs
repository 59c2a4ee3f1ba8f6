//! One comment on the pull or merge request: ours, in place, and never a reason for another verdict.

pub mod body;
pub mod error;
pub mod github;
pub mod gitlab;
pub mod key;
pub mod sticky;
pub mod thread;
pub mod token;
pub mod wish;

pub use body::Body;
pub use error::ForgeError;
pub use github::{GitHub, Server};
pub use gitlab::GitLab;
pub use key::CommentKey;
pub use sticky::{Outcome, Wish, post};
pub use thread::{Comment, Page, Posted, Thread};
pub use token::Token;
pub use wish::wish;
