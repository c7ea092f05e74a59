//! Work in the background, and its end.
//!
//! Nothing depends on it for correctness: a due verdict is decided by the request that reads it,
//! and a job or a message that was not finished is found again. A worker that ends is started
//! again, and [`NodeWatch::faults`] says what it could not do lately.
//!
//! | file | holds |
//! |---|---|
//! | `background` | the workers: starting and stopping them |
//! | `turns` | one worker, turn after turn |
//! | `node_watch` | what is wrong with this node |
//! | `other_nodes` | taking in what other nodes did |
//! | `leftovers` | forgetting what is over |
//! | `outbox` | telling people |
//!
//! Which worker does what in which room is wiring: `service/background.rs`.

mod background;
mod leftovers;
mod node_watch;
mod other_nodes;
mod outbox;
mod turns;

pub use self::background::Workers;
pub(crate) use self::background::{Background, Pace};
pub(crate) use self::leftovers::Leftovers;
pub(crate) use self::node_watch::NodeWatch;
pub use self::node_watch::{Fault, TRACES_WAIT};
pub(crate) use self::other_nodes::OtherNodes;
pub use self::outbox::{CountingNotifier, Notifier, NotifyError, Outbox};
pub(crate) use self::turns::WorkerStates;

#[cfg(test)]
mod tests;
