//! How it is known what a layer holds.

/// How far the content of a [`LayerIndex`](super::LayerIndex) is proven. The later one is the stronger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// An engine said so of a layer that it keeps under this diff id. Good for images of engines only.
    EngineSaid,
    /// Every byte of the layer was read, and together they have this diff id.
    Hashed,
}
