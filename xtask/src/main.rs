//! Project automation: `cargo xtask test` is the gate.
fn main() {}
