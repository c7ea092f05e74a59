//! What several pages of the desk share: something to choose, and something that is shown once.

use domain::Authority;
use service::Staff;

/// Something to choose in a form.
pub(super) struct Choice {
    /// What the form sends.
    pub(super) value: String,
    /// What somebody reads.
    pub(super) label: String,
    pub(super) is_chosen: bool,
}

/// A secret that is shown once, to be handed over or copied.
pub(super) struct ShownOnce {
    /// The name of the text that says what it is and what to do with it.
    pub(super) about: &'static str,
    /// Whose it is.
    pub(super) name: String,
    pub(super) secret: String,
}

impl Choice {
    pub(super) fn new(value: impl ToString, label: String, is_chosen: bool) -> Self {
        Self {
            value: value.to_string(),
            label,
            is_chosen,
        }
    }

    /// Authorities by name. The one with the identifier `chosen` is chosen, or else the reader's own.
    pub(super) fn authorities(
        authorities: &[Authority],
        chosen: &str,
        reader: &Staff,
    ) -> Vec<Self> {
        let own = reader.authority().id.to_string();
        let chosen = if chosen.is_empty() { &*own } else { chosen };
        let choices = authorities.iter().map(|authority| {
            let id = authority.id.to_string();
            let is_chosen = id == chosen;
            Self::new(id, authority.name.clone(), is_chosen)
        });
        choices.collect()
    }
}
