//! Work over everybody at once: trace contacts, decide a population, derive risk levels, read and
//! write the files of the command line.
//!
//! Whatever is fast here is an optimisation of `domain` and proved equal to it.

pub mod columns;
pub mod data_model;
pub mod decide;
pub mod files;
pub mod lab;
pub mod mirror;
pub mod population;
pub mod risk;
mod spread;
pub mod trace;
