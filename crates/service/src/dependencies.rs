//! What a service is built from.

use std::sync::Arc;

use credential::IssuerKey;
use domain::{Clock, IdSource};
use store::Store;

use crate::accounts::CodeSender;
use crate::codes::KeySource;
use crate::people::Keys;
use crate::settings::Settings;
use crate::workers::Notifier;

/// What a service is built from.
pub struct Dependencies {
    /// The record.
    pub store: Arc<Store>,
    /// The secrets of the installation.
    pub keys: Keys,
    /// The keys that sign codes and lists, and whom to trust.
    pub signing: Arc<dyn KeySource>,
    /// The key that signs the log.
    pub log_key: IssuerKey,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// Random bits.
    pub ids: Arc<dyn IdSource>,
    /// Tells people of changed colours.
    pub notifier: Arc<dyn Notifier>,
    /// Sends one-time codes.
    pub code_sender: Arc<dyn CodeSender>,
    /// Choices of the installation.
    pub settings: Settings,
}
