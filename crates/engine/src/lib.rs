//! Work over everybody at once: the evidence of a population as columns, and the kernels that decide
//! and trace from them.
//!
//! Whatever is fast here is an optimisation of `domain` and proved equal to it. Files are read and
//! written by `tables`.

pub mod columns;
pub mod decide;
pub mod parallel;
pub mod trace;
