//! The demonstration: a made-up city on an embedded database, and the story that happens in it.

mod city;
mod client;
mod offices;
mod people;
mod plan;
mod story;
mod time;

pub use city::Town;
pub use plan::DataFolder;
pub use story::{StoryDependencies, tell};
