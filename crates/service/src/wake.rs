//! Wakes workers before their time.

use std::sync::Arc;

use tokio::sync::Notify;

/// One bell for each worker that can be woken.
#[derive(Default)]
pub(crate) struct Wake {
    pub everybody: Arc<Notify>,
    pub proposals: Arc<Notify>,
    pub traces: Arc<Notify>,
    pub outer_rings: Arc<Notify>,
    pub outbox: Arc<Notify>,
    pub revoked: Arc<Notify>,
}
