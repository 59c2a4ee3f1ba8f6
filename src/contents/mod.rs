//! What an image holds: packages, large directories, what can go. Pure functions over a stack of layers and what was kept of their
//! files; the answers are values of [`domain`](crate::domain).

pub mod can_go;
pub mod difference;
pub mod directories;
pub mod efficiency;
#[cfg(test)]
mod fixture;
pub mod map;
pub mod packages;
pub mod path_groups;
#[cfg(test)]
pub(crate) mod planted;
pub mod removal;
pub mod survey;
pub mod told;
pub mod tool_packages;
pub mod view;
pub mod why;
pub mod without;

pub use difference::{Side, difference, of_layers};
pub use survey::{Wish, survey};
pub use told::Told;
pub use view::{Unread, View};
