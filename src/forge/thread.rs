//! A conversation on a pull or merge request, as much of it as a sticky comment needs.

use std::future::Future;

use super::ForgeError;

/// No answer of an API that is asked is larger: a page of 100 comments of 65,536 characters, four bytes each.
pub(super) const LARGEST_ANSWER: usize = 32 << 20;

/// A comment of the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its id; lower is older.
    pub id: u64,
    /// Whether we wrote it. Anybody can write our marker.
    pub ours: bool,
    /// Its text. Untrusted unless it is ours.
    pub body: String,
    /// Its address on the web.
    pub url: String,
}

/// A page of comments, oldest first, and the way to the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The comments.
    pub comments: Vec<Comment>,
    /// Number of the next page.
    pub next: Option<u32>,
    /// Number of the last page.
    pub last: Option<u32>,
}

/// A comment that is in place now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Its id.
    pub id: u64,
    /// Its address on the web.
    pub url: String,
}

/// What a forge must be able to do. Reading may be repeated by the implementation; writing is done once for each call.
pub trait Thread {
    /// Reads a page, counted from 1.
    fn page(&self, number: u32) -> impl Future<Output = Result<Page, ForgeError>> + Send;
    /// Writes a new comment.
    fn create(&self, body: &str) -> impl Future<Output = Result<Posted, ForgeError>> + Send;
    /// Replaces a comment's text.
    fn update(&self, id: u64, body: &str) -> impl Future<Output = Result<Posted, ForgeError>> + Send;
    /// Removes a comment.
    fn delete(&self, id: u64) -> impl Future<Output = Result<(), ForgeError>> + Send;
}
