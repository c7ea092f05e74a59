//! Who is notified of changed colours, and sent one-time codes.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use service::{CodeMessage, CodeSender, Notice, NoticeKind, Notifier, NotifyError, SendError};
use store::ColourChange;

/// Remembers who was notified and sent what, or is out of order.
#[derive(Default)]
pub struct SentMessages {
    /// One-time codes, the last one last: to which number, and the code.
    pub codes: Mutex<Vec<(String, String)>>,
    /// Notices: to which number, in which language.
    pub notices: Mutex<Vec<(String, String)>>,
    pub changes: Mutex<Vec<ColourChange>>,
    /// Who was asked to say something: to which number.
    pub to_be_heard: Mutex<Vec<String>>,
    pub is_out_of_order: Mutex<bool>,
    /// How often it still breaks down altogether.
    pub breakdowns: AtomicU32,
}

#[async_trait]
impl CodeSender for SentMessages {
    async fn send(&self, message: &CodeMessage) -> Result<(), SendError> {
        if *self.is_out_of_order.lock().unwrap() {
            return Err(SendError("the line is cut".to_owned()));
        }
        let sent = (
            message.phone.expose().clone(),
            message.code.expose().clone(),
        );
        self.codes.lock().unwrap().push(sent);
        Ok(())
    }

    async fn tell(&self, notice: &Notice) -> Result<(), SendError> {
        if *self.is_out_of_order.lock().unwrap() {
            return Err(SendError("the line is cut".to_owned()));
        }
        let (phone, language) = (notice.phone.expose().clone(), notice.language.clone());
        match notice.kind {
            NoticeKind::ProviderBound => self.notices.lock().unwrap().push((phone, language)),
            NoticeKind::ToBeHeard => self.to_be_heard.lock().unwrap().push(phone),
        }
        Ok(())
    }
}

#[async_trait]
impl Notifier for SentMessages {
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
