//! A checkpoint without a server: finds a code in a picture of the camera and verifies it, with the
//! trust list and the status lists that were fetched before.
//!
//! [`Scanner`] is all of it. [`browser`] gives it to scripts as functions over a piece of memory, so
//! that nothing has to be generated beside the compiled file.

pub mod browser;
mod picture;

use credential::{
    Accepted, BadStatusList, BadTrustList, Form, FreshTrustList, PublicKey, Refusal, ReplayCache,
    Settings, StatusLists, verify,
};
use domain::{Assurance, Timestamp};
use serde_json::{Value, json};

pub use picture::{Grey, read};

/// What a checkpoint knows.
#[derive(Default)]
pub struct Scanner {
    roots: Vec<PublicKey>,
    trust: Option<FreshTrustList>,
    lists: StatusLists,
    seen: ReplayCache,
}

impl Scanner {
    /// A scanner that believes what one of `roots` signed.
    pub fn new(roots: Vec<PublicKey>) -> Self {
        Self {
            roots,
            ..Self::default()
        }
    }

    /// Takes in a trust list. The numbers of lists only go up.
    ///
    /// # Errors
    /// [`BadTrustList`]; the one held stays.
    pub fn take_trust_list(&mut self, bytes: &[u8], now: Timestamp) -> Result<(), BadTrustList> {
        let opened = FreshTrustList::open(bytes, &self.roots, self.trust.as_ref(), now)?;
        self.trust = Some(opened);
        Ok(())
    }

    /// Takes in a status list.
    ///
    /// # Errors
    /// [`BadStatusList`], also while there is no trust list; the one held stays.
    pub fn take_status_list(&mut self, bytes: &[u8]) -> Result<(), BadList> {
        let trust = self.trust.as_ref().ok_or(BadList::NoTrustList)?;
        self.lists.add(bytes, trust).map_err(BadList::Bad)?;
        Ok(())
    }

    /// Verifies the text of a code. A live code is taken once, as at a server.
    ///
    /// # Errors
    /// [`Refusal`] says why it is not taken; `None` while there is no trust list.
    pub fn check(&mut self, text: &str, now: Timestamp) -> Option<Result<Accepted, Refusal>> {
        let trust = self.trust.as_ref()?;
        let checked = verify(text, trust, Some(&self.lists), now, &Settings::default());
        Some(checked.and_then(|accepted| {
            self.seen.admit(&accepted, now)?;
            Ok(accepted)
        }))
    }
}

/// A status list that is not taken.
#[derive(Debug)]
pub enum BadList {
    /// There is no trust list yet: fetch it first.
    NoTrustList,
    /// What is wrong with it.
    Bad(BadStatusList),
}

/// An answer for the page: one of the words of `answer`, and what stands small beside it.
pub fn to_json(checked: Option<&Result<Accepted, Refusal>>) -> Value {
    match checked {
        None => json!({ "answer": "no-lists" }),
        Some(Ok(accepted)) => json!({
            "answer": answer(accepted),
            "form": accepted.form.as_str(),
            "name": accepted.name.as_ref().map(|name| name.as_str()),
            "name_unchecked": accepted.assurance < Assurance::Seen,
            "known_at": accepted.known_at.as_second(),
        }),
        Some(Err(refusal)) => json!({ "answer": "refused", "refusal": refusal.word() }),
    }
}

/// Green is the colour of the person whom the document names.
fn answer(accepted: &Accepted) -> &'static str {
    match accepted.colour {
        domain::Colour::Green if accepted.wants_document() => match accepted.form {
            Form::Live => "unproven",
            Form::Plain | Form::Card => "document",
        },
        colour => colour.as_str(),
    }
}
