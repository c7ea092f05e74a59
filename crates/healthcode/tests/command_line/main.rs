//! The built binary as a newcomer meets it.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot run its program has failed"
)]

mod audit;
mod backups;
mod bad_files;
mod browser;
#[cfg(feature = "s3")]
mod bucket;
#[cfg(target_os = "linux")]
mod crowded;
mod databases;
mod demo;
mod files;
mod health;
mod inputs;
mod installation;
mod invariant_5;
mod key_service;
mod keys;
mod killed;
mod large;
#[cfg(target_os = "linux")]
mod log;
mod met_outside;
mod mirror;
mod monitors;
mod newcomer;
mod other_databases;
mod other_tools;
mod packaged;
mod passkey;
mod policy_lab;
mod readme;
mod server;
mod simulation;
mod statistics;
mod sunset;
#[cfg(unix)]
mod tls;
mod top;
