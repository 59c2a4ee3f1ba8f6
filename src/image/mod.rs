//! Layers stacked into an image: pure functions from indexes to a [`Measurement`].

mod bits;
mod brought;
mod hidden;
pub mod instruction;
pub mod measure;
pub mod measurement;
pub mod node;
pub mod origin;
pub mod paths;
pub mod resolve;
mod share;
pub mod stack;
pub mod tools;
pub mod waste;

pub use measure::{Contents, Question, measure};
pub use measurement::{
    CopiedFrom, FoundPath, FoundTool, HiddenHow, MatchedPaths, MeasuredLayer, Measurement, Share, Shown, Stored,
    Wasted, WastedPart, WastedPath,
};
pub use origin::{Below, Explanation, Triggers};
pub use stack::{Stack, TooLarge};
