//! Work over everybody at once: trace contacts, decide a population, derive risk levels, read and
//! write the files of the command line.
//!
//! For now these are plain loops over `domain`; whatever replaces them gives the same answers.

pub mod data_model;
pub mod files;
pub mod population;
pub mod risk;
pub mod trace;
