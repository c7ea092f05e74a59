//! Appeals: a person says which restrictions of theirs are wrong and why, and somebody else than who
//! submitted the evidence answers in time, by changing evidence or with reasons why not.
//!
//! What an open appeal grants follows from the policy and from time alone ([`domain::decide_appealed()`]):
//! nothing here sets a colour. What people say and send is sealed as identities are.
//!
//! | file | holds |
//! |---|---|
//! | `filing` | an appeal comes in, from the person or at an office |
//! | `attachment` | which files are taken |
//! | `view` | an appeal, as the person and as an officer reads it |
//! | `queue` | what waits for the officers of a region |
//! | `answering` | the answer, in the transaction of the evidence that it changes |
//! | `watching` | reminders, what is late |
//! | `by_rule` | how appeals against each rule went |
//! | `moving` | whose account is bound to a document takes their appeals along |
//! | `reseal` | sealing anew, after another key was added to the vault or before a month's is destroyed |

mod answering;
mod attachment;
mod by_rule;
mod filing;
mod moving;
mod queue;
mod reseal;
mod view;
mod watching;

use std::sync::{Arc, Mutex};

use domain::{AppealId, Clock, IdSource, PersonId};
use store::Store;

pub(crate) use self::answering::Answering;
pub use self::answering::AppealDecision;
pub use self::attachment::FileForm;
pub use self::by_rule::AppealsByRule;
use self::by_rule::Counted;
pub use self::filing::AppealRequest;
pub(crate) use self::moving::move_to;
pub use self::queue::{AppealToAnswer, QueuedAppeal};
pub use self::view::{AnswerView, AppealOutcome, AppealState, AppealView, AppealedRestriction};
use crate::access::Access;
use crate::decisions::Verdicts;
use crate::evidence::Submissions;
use crate::people::{Keys, PersonFinder, part_label};
use crate::publishing::PublishedPolicies;
use crate::settings::Settings;
use crate::tracing::CaseWindows;
use crate::wake::Wake;

/// Takes appeals and their answers.
pub struct Appeals {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) keys: Keys,
    pub(crate) settings: Arc<Settings>,
    pub(crate) access: Arc<Access>,
    pub(crate) policies: Arc<PublishedPolicies>,
    pub(crate) verdicts: Arc<Verdicts>,
    pub(crate) people: Arc<PersonFinder>,
    pub(crate) submissions: Arc<Submissions>,
    pub(crate) cases: Arc<CaseWindows>,
    pub(crate) wake: Arc<Wake>,
    /// How appeals went, counted lately.
    pub(crate) counted: Mutex<Option<Counted>>,
}

/// What is sealed of an appeal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// What the person says.
    Said,
    /// The file that they sent.
    File,
    /// The reasons of the answer.
    Reasons,
}

impl Part {
    /// What the part is sealed for: it opens as no other part, of no other appeal.
    fn label(self, id: AppealId) -> [u8; 24] {
        let part: [u8; 8] = match self {
            Self::Said => *b"said    ",
            Self::File => *b"file    ",
            Self::Reasons => *b"reasons ",
        };
        part_label(part, id.to_bytes())
    }
}

impl Appeals {
    fn seal(
        &self,
        (person, id): (PersonId, AppealId),
        part: Part,
        bytes: &[u8],
    ) -> crate::Result<Vec<u8>> {
        let (vault, with) = (&self.keys.vault, (self.clock.now(), &*self.ids));
        Ok(vault.seal_bytes(person, &part.label(id), bytes, with)?)
    }

    fn open(
        &self,
        (person, id): (PersonId, AppealId),
        part: Part,
        sealed: &[u8],
    ) -> crate::Result<Vec<u8>> {
        Ok(self
            .keys
            .vault
            .open_bytes(person, &part.label(id), sealed)?)
    }

    fn open_text(
        &self,
        of: (PersonId, AppealId),
        part: Part,
        sealed: &[u8],
    ) -> crate::Result<String> {
        let bytes = self.open(of, part, sealed)?;
        let text = String::from_utf8(bytes);
        Ok(text.map_err(|_| crate::VaultError::UnknownForm)?)
    }
}
