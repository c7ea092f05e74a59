//! What the store must do on either database.

pub mod accounts;
pub mod alarms;
pub mod appeals;
pub mod audit;
pub mod authorities;
pub mod blind_indexes;
pub mod changes;
pub mod contradictions;
pub mod desk;
pub mod ends;
pub mod evidence;
pub mod feeds;
pub mod memberships;
pub mod mirror;
pub mod outbox;
pub mod people;
pub mod proposals;
pub mod publications;
pub mod receipts;
pub mod reopening;
pub mod scanners;
pub mod staff;
pub mod statistics;
pub mod status_indexes;
pub mod together;
pub mod traces;
pub mod transactions;
pub mod verdicts;
pub mod visits;

use domain::{Colour, Status};

pub const GREEN: Status = Status::Decided(Colour::Green);
pub const YELLOW: Status = Status::Decided(Colour::Yellow);
pub const RED: Status = Status::Decided(Colour::Red);
