//! Layers stacked into an image: pure functions from indexes to a [`Measurement`].

mod bits;
pub mod instruction;
pub mod measure;
pub mod measurement;
pub mod node;
pub mod origin;
pub mod paths;
pub mod resolve;
pub mod stack;
pub mod tools;
pub mod waste;

pub use measure::{Contents, Question, measure};
pub use measurement::{
    FoundPath, FoundTool, MatchedPaths, MeasuredLayer, Measurement, Shown, Stored, Wasted, WastedByLayer, WastedPath,
};
pub use origin::{Below, Explanation, Triggers};
pub use stack::{Stack, TooLarge};
