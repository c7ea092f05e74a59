//! What every store must do, told over the contract alone.

pub mod authorities;
pub mod codes;
pub mod companions;
pub mod evidence;
pub mod mirror;
pub mod presences;
pub mod proposals;
pub mod publications;
pub mod registration;
pub mod reopening;
pub mod statistics;
pub mod together;
pub mod traces;
pub mod verdicts;
pub mod visits;

use domain::{Colour, Status};

pub const GREEN: Status = Status::Decided(Colour::Green);
pub const YELLOW: Status = Status::Decided(Colour::Yellow);
pub const RED: Status = Status::Decided(Colour::Red);
