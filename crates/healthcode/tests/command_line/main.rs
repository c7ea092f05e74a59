//! The built binary as a newcomer meets it.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot run its program has failed"
)]

mod demo;
mod files;
mod installation;
mod newcomer;
mod policy_lab;
mod simulation;
