//! How many documents an office looks up. A worker who could type numbers all day would learn which
//! of them are known.

use tracing::{info, warn};

use super::Accounts;
use crate::access::CommunityOfficial;
use crate::caps::{Cap, Drawing};
use crate::{Result, ServiceError};

impl Accounts {
    /// Counts a document that an office is about to look up. From four fifths of its day on there is an
    /// alarm.
    ///
    /// # Errors
    /// [`ServiceError::BadField`] if the office has used up its day; [`ServiceError::Store`].
    pub(super) async fn count_look_up(&self, by: &CommunityOfficial) -> Result<()> {
        let cap = Cap::LookUpsADay;
        let drawing = Drawing {
            cap,
            most: self.settings.cap(cap),
            authority: by.authority(),
            now: self.clock.now(),
            count: 1,
        };
        let drawn = self
            .store
            .transaction("office.count_look_up", drawing, |tx, drawing| {
                Box::pin(drawing.draw(tx))
            });
        if drawn.await? {
            let (staff, authority) = (by.staff(), by.authority());
            info!(%staff, %authority, "an office looks up a document");
            return Ok(());
        }
        let most = drawing.most;
        let staff = by.staff();
        warn!(%staff, cap = cap.name(), most, "an authority has used up its day");
        let why = format!(
            "one office looks up {most} documents a day; ask who keeps the installation if there are \
             that many visitors"
        );
        Err(ServiceError::field("document", why))
    }
}
