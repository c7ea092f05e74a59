//! Forgetting what is over and that no retention of evidence speaks of.

use std::sync::Arc;

use domain::{Clock, Timestamp};
use jiff::SignedDuration;
use store::{Store, receipts};

use crate::Result;
use crate::alarms::Alarms;
use crate::glitches::Glitches;
use crate::staff::StaffAccounts;

/// A receipt is kept for so long: a request is not repeated later.
const RECEIPTS_LAST: SignedDuration = SignedDuration::from_hours(24);

/// Receipts of requests, and what other rooms keep for a while.
pub(crate) struct Leftovers {
    pub store: Arc<Store>,
    pub clock: Arc<dyn Clock>,
    pub alarms: Arc<Alarms>,
    pub glitches: Arc<Glitches>,
    pub staff: Arc<StaffAccounts>,
}

impl Leftovers {
    /// Forgets receipts, sessions of staff members, and what authorities drew, that are over for a day.
    ///
    /// # Errors
    /// [`crate::ServiceError::Store`].
    pub async fn forget(&self) -> Result<()> {
        let before = self.clock.now().checked_sub(RECEIPTS_LAST);
        let before = before.unwrap_or(Timestamp::MIN);
        let forget = self
            .store
            .transaction("receipts.forget", before, |tx, before| {
                Box::pin(receipts::forget(tx, *before))
            });
        forget.await?;
        let now = self.clock.now();
        let forget = self.store.transaction("caps.forget", now, |tx, now| {
            Box::pin(crate::caps::forget_drawn(tx, *now))
        });
        forget.await?;
        self.alarms.forget_old().await?;
        self.glitches.forget_old().await?;
        self.glitches.reseal().await?;
        self.staff.forget_old().await
    }
}
