//! The room `image`: layers stacked, searched and explained.

mod measure;
mod origin;
mod stack;
mod tools;
mod waste;
