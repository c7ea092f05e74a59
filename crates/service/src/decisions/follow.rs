//! What other nodes decided, followed in the order of changes.

use store::{ChangeCursor, StoredVerdict, changes, verdicts};

use super::Verdicts;
use crate::Result;
use crate::follow::monotonic_now;

const AT_ONCE: u32 = 1000;

impl Verdicts {
    /// Takes in the verdicts that other nodes wrote, if the people are in memory. Each reading begins some
    /// seconds back, and once a minute two minutes: a verdict whose COMMIT took long becomes visible late.
    pub(crate) async fn follow_other_nodes(&self) -> Result<()> {
        let asked = monotonic_now();
        let mut followed = self.followed.lock().await;
        // Of many who wait for this, one reads for all.
        if followed.has_read_since(asked) {
            return Ok(());
        }
        let began = monotonic_now();
        // Before the rows: what is drawn later is read the next time.
        let stands_at = self
            .store
            .read("changes.last", (), |tx, ()| Box::pin(changes::last(tx)));
        let stands_at = stands_at.await?;
        let Some(from) = followed.settled(began) else {
            // At the start nothing is in memory that could be old.
            followed.note(began, stands_at);
            return Ok(());
        };
        let mut cursor = ChangeCursor::at(from);
        loop {
            let page = self.store.read("verdicts.changed", cursor, |tx, cursor| {
                Box::pin(verdicts::changed_since(tx, *cursor, AT_ONCE))
            });
            let page = page.await?;
            for stored in &page {
                self.cache.update_if_held(stored);
            }
            cursor = page.last().map_or(cursor, StoredVerdict::cursor);
            if page.len() < AT_ONCE as usize {
                followed.note(began, stands_at);
                return Ok(());
            }
        }
    }
}
