//! Who is told of changed colours.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use service::{Notifier, NotifyError};
use store::ColourChange;

/// Remembers who was told what, or is out of order.
#[derive(Default)]
pub struct Told {
    pub changes: Mutex<Vec<ColourChange>>,
    pub is_out_of_order: Mutex<bool>,
    /// How often it still breaks down altogether.
    pub breakdowns: AtomicU32,
}

#[async_trait]
impl Notifier for Told {
    async fn tell(&self, changes: &[ColourChange]) -> Result<(), NotifyError> {
        let one_less = |left: u32| left.checked_sub(1);
        let breakdowns = &self.breakdowns;
        let left = breakdowns.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less);
        assert!(left.is_err(), "the notifier breaks down on purpose");
        if *self.is_out_of_order.lock().unwrap() {
            return Err(NotifyError("the line is cut".to_owned()));
        }
        self.changes.lock().unwrap().extend_from_slice(changes);
        Ok(())
    }
}
