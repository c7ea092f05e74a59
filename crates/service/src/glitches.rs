//! Reports of glitches: anybody sends one and gets a number; an office answers; the number opens
//! the answer. No account is needed and nobody is asked who they are.
//!
//! What was said may hold personal data all the same, so that it is sealed as an identity is, can be
//! erased at once, and goes with the report after 60 days. If the key of its month is destroyed before
//! then, it says nothing any more, as if it was erased.

use std::sync::Arc;

use domain::{Clock, GlitchId, IdSource, PersonId, RequestKey, Timestamp, text};
use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};
use store::audit::{self, NewEntry};
use store::glitches::{self, GlitchAnswer, GlitchRecord};
use store::{Store, StoreError, alarms};
use tracing::{info, instrument};

use crate::access::{Action, Resource, Staff};
use crate::alarms::AlarmKind;
use crate::audit::{AuditEntry, Did, note_alone};
use crate::people::{CredentialPurpose, Keys, VaultKeys};
use crate::publishing::PublishedPolicies;
use crate::{Result, ServiceError};

/// Days for which a report is kept.
pub const GLITCH_DAYS: u32 = 60;
const KEPT: SignedDuration = SignedDuration::from_hours(24 * GLITCH_DAYS as i64);
/// So many wait at most.
const MOST_WAITING: u64 = 5000;
/// From so many on somebody should know: strangers may have sent them to keep others out.
const MANY_WAIT: u64 = 1000;
/// So many are listed at once.
const PAGE: u32 = 50;
/// Characters of each thing that a report says, and of an answer.
const LONGEST: usize = 1000;
/// Characters of the address of a page.
const LONGEST_PAGE: usize = 200;
/// Letters and digits of a number, without those that look alike; 32 of them.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Stands between the two things that a report says.
const SEPARATOR: char = '\u{1e}';

/// What somebody reports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GlitchReport {
    /// The same report under the same key is taken in once, and gets the same number.
    pub request: Option<RequestKey>,
    /// What they wanted to do.
    pub wanted: String,
    /// What happened instead.
    pub happened: String,
    /// On which page of this site; empty if they do not say.
    pub page: String,
}

/// What came of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlitchOutcome {
    /// It is mended, or will be.
    Mended,
    /// It is as it should be, and why.
    NotAFault,
    /// Nobody could make it happen again.
    NotFound,
}

impl GlitchOutcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Mended, Self::NotAFault, Self::NotFound];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mended => "mended",
            Self::NotAFault => "not-a-fault",
            Self::NotFound => "not-found",
        }
    }

    /// Reads [`Self::as_str`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
    }
}

/// A report, as an office reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlitchView {
    /// Which.
    pub id: GlitchId,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// On which page; empty if they did not say.
    pub page: String,
    /// What they wanted and what happened; `None` once that was erased.
    pub said: Option<(String, String)>,
    /// When it was answered, what came of it, and in words.
    pub answer: Option<(Timestamp, GlitchOutcome, String)>,
}

/// An answer to a report: when it was given, what came of it, and in words.
pub type GlitchReply = (Timestamp, GlitchOutcome, String);

/// A place in the list of what waits: when it was reported, and which.
pub type GlitchPlace = (Timestamp, GlitchId);

/// Takes in reports of glitches, and answers them.
pub struct Glitches {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) keys: Keys,
    pub(crate) policies: Arc<PublishedPolicies>,
}

impl Glitches {
    /// Takes in a report, from anybody. The number with which its answer is read; it is shown once.
    ///
    /// # Errors
    /// [`ServiceError::BadField`]; [`ServiceError::TooManyGlitches`]; [`ServiceError::Ended`];
    /// [`ServiceError::Store`].
    #[instrument(name = "glitches.report", skip_all)]
    pub async fn report(&self, report: &GlitchReport) -> Result<String> {
        self.policies.refuse_ended()?;
        let wanted = checked("wanted", &report.wanted)?;
        let happened = checked("happened", &report.happened)?;
        let page = report.page.trim();
        let is_ours = page.is_empty() || page.starts_with('/') && !page.contains(['?', '#']);
        if !is_ours || page.chars().count() > LONGEST_PAGE || page.contains(char::is_control) {
            return Err(ServiceError::field(
                "page",
                "expected an address of this site, such as /me",
            ));
        }
        let said = format!("{wanted}{SEPARATOR}{happened}");
        let number = match report.request {
            None => self.draw(),
            Some(key) => self.number_of(key, &[&said, page]),
        };
        let id = self.id_of(&number);
        let now = self.clock.now();
        let record = GlitchRecord {
            id,
            reported_at: now,
            page: page.to_owned(),
            said: Some(self.keys.vault.seal_bytes(
                sealed_for(id),
                LABEL,
                said.as_bytes(),
                (now, &*self.ids),
            )?),
            answer: None,
        };
        let added = self
            .store
            .transaction("glitches.add", record, |tx, record| {
                Box::pin(async move {
                    if glitches::find(tx, record.id).await?.is_some() {
                        return Ok(());
                    }
                    let waiting = glitches::count_waiting(tx).await?;
                    if waiting >= MOST_WAITING {
                        return Err(ServiceError::TooManyGlitches);
                    }
                    if waiting >= MANY_WAIT {
                        let kind = AlarmKind::ReportsWait;
                        let alarm = kind.record("", None, waiting, record.reported_at);
                        alarms::raise(tx, &alarm).await?;
                    }
                    Ok(glitches::add(tx, record).await?)
                })
            });
        added.await?;
        info!("a glitch was reported");
        Ok(number)
    }

    /// The answer to the report with a number: when it was reported, and when it was answered, what came of
    /// it and in words. Nothing of what was reported.
    ///
    /// # Errors
    /// [`ServiceError::UnknownGlitch`]; [`ServiceError::Store`].
    #[instrument(name = "glitches.answer_to", skip_all)]
    pub async fn answer_to(&self, number: &str) -> Result<(Timestamp, Option<GlitchReply>)> {
        let record = self.find(self.id_of(&plain(number))).await?;
        let reported_at = record.reported_at;
        Ok((reported_at, record.answer.as_ref().and_then(answer_of)))
    }

    /// A page of what waits after a place, the oldest first; and where the next one begins. Nothing of what
    /// was said is in it.
    ///
    /// # Errors
    /// [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "glitches.list", skip_all)]
    pub async fn list(
        &self,
        by: &Staff,
        after: Option<GlitchPlace>,
    ) -> Result<(Vec<GlitchView>, Option<GlitchPlace>)> {
        self.check(by)?;
        let after = after.unwrap_or((Timestamp::MIN, GlitchId::from_u128(0)));
        let read = self.store.read("glitches.waiting", after, |tx, after| {
            Box::pin(glitches::waiting(tx, *after, PAGE))
        });
        let found = read.await?;
        let last = found.last().filter(|_| found.len() == PAGE as usize);
        let next = last.map(|last| (last.reported_at, last.id));
        let views = found.into_iter().map(|record| GlitchView {
            id: record.id,
            reported_at: record.reported_at,
            page: record.page,
            said: None,
            answer: None,
        });
        Ok((views.collect(), next))
    }

    /// How many wait.
    pub(crate) async fn count_waiting(&self) -> Result<u64> {
        let read = self.store.read("glitches.count_waiting", (), |tx, ()| {
            Box::pin(glitches::count_waiting(tx))
        });
        Ok(read.await?)
    }

    /// A report with what it says.
    ///
    /// # Errors
    /// [`ServiceError::UnknownGlitch`]; [`ServiceError::NotPermitted`]; [`ServiceError::Store`].
    #[instrument(name = "glitches.read", skip_all, fields(glitch = %id))]
    pub async fn read(&self, by: &Staff, id: GlitchId) -> Result<GlitchView> {
        self.check(by)?;
        let record = self.find(id).await?;
        let entry = self.entry(by, Did::GlitchRead, id);
        note_alone(&self.store, "glitches.note", entry).await?;
        let said = record
            .said
            .as_deref()
            .and_then(|sealed| self.open(id, sealed));
        Ok(GlitchView {
            id,
            reported_at: record.reported_at,
            page: record.page,
            said,
            answer: record.answer.as_ref().and_then(answer_of),
        })
    }

    /// Answers a report.
    ///
    /// # Errors
    /// [`ServiceError::UnknownGlitch`]; [`ServiceError::GlitchAnswered`] if somebody was quicker;
    /// [`ServiceError::BadField`] without words; [`ServiceError::NotPermitted`];
    /// [`ServiceError::Store`].
    #[instrument(name = "glitches.answer", skip_all, fields(glitch = %id))]
    pub async fn answer(
        &self,
        by: &Staff,
        id: GlitchId,
        outcome: GlitchOutcome,
        words: &str,
    ) -> Result<()> {
        self.check(by)?;
        let words = checked("answer", words)?;
        self.find(id).await?;
        let answer = GlitchAnswer {
            at: self.clock.now(),
            by: by.id(),
            outcome: outcome.as_str().to_owned(),
            words,
        };
        let entry = self.entry(by, Did::GlitchAnswered, id);
        let answered = self.store.transaction(
            "glitches.answer",
            (id, answer, [entry]),
            |tx, (id, answer, entry)| {
                Box::pin(async move {
                    let is_first = glitches::answer(tx, *id, answer).await?;
                    if is_first {
                        audit::append(tx, entry).await?;
                    }
                    Ok::<_, StoreError>(is_first)
                })
            },
        );
        if answered.await? {
            Ok(())
        } else {
            Err(ServiceError::GlitchAnswered)
        }
    }

    /// Erases what a report says, for good.
    ///
    /// # Errors
    /// [`ServiceError::UnknownGlitch`] also if it says nothing any more; [`ServiceError::NotPermitted`];
    /// [`ServiceError::Store`].
    #[instrument(name = "glitches.erase", skip_all, fields(glitch = %id))]
    pub async fn erase(&self, by: &Staff, id: GlitchId) -> Result<()> {
        self.check(by)?;
        let entry = self.entry(by, Did::GlitchErased, id);
        let erased = self
            .store
            .transaction("glitches.erase", (id, [entry]), |tx, (id, entry)| {
                Box::pin(async move {
                    let is_erased = glitches::erase(tx, *id).await?;
                    if is_erased {
                        audit::append(tx, entry).await?;
                    }
                    Ok::<_, StoreError>(is_erased)
                })
            });
        erased
            .await?
            .then_some(())
            .ok_or(ServiceError::UnknownGlitch)
    }

    /// Deletes reports whose time is over.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub(crate) async fn forget_old(&self) -> Result<()> {
        let before = self.clock.now().checked_sub(KEPT).unwrap_or(Timestamp::MIN);
        let forget = self
            .store
            .transaction("glitches.forget", before, |tx, before| {
                Box::pin(glitches::forget(tx, *before))
            });
        forget.await?;
        Ok(())
    }

    /// Seals with the newest key of the vault what an older one sealed, so that the older one can go. What
    /// does not open stays as it is.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    #[instrument(name = "glitches.reseal", level = "debug", skip_all)]
    pub(crate) async fn reseal(&self) -> Result<()> {
        let newest = self.keys.vault.newest_seal();
        if newest == 1 {
            return Ok(());
        }
        let mut after = None;
        loop {
            let page = self.said(after).await?;
            let old = page
                .iter()
                .filter(|(_, said)| VaultKeys::seal_of_bytes(said) != Some(newest));
            let anew = old.filter_map(|(id, said)| {
                let opened = self
                    .keys
                    .vault
                    .open_bytes(sealed_for(*id), LABEL, said)
                    .ok()?;
                let anew = (self.clock.now(), &*self.ids);
                let sealed = self
                    .keys
                    .vault
                    .seal_bytes(sealed_for(*id), LABEL, &opened, anew);
                Some(sealed.map(|sealed| (*id, said.clone(), sealed)))
            });
            let anew: Vec<(GlitchId, Vec<u8>, Vec<u8>)> = anew.collect::<Result<_, _>>()?;
            let done = self.store.transaction("glitches.reseal", anew, |tx, anew| {
                Box::pin(async move {
                    for (id, before, sealed) in anew.iter() {
                        glitches::reseal(tx, *id, before, sealed).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            });
            done.await?;
            after = page.last().map(|(id, _)| *id);
            if page.len() < PAGE as usize {
                return Ok(());
            }
        }
    }

    /// How many reports are sealed with a key of the vault. Looks at each.
    ///
    /// # Errors
    /// [`ServiceError::Store`].
    pub async fn sealed_with(&self, number: u8) -> Result<u64> {
        let (mut after, mut count) = (None, 0);
        loop {
            let page = self.said(after).await?;
            let with = page
                .iter()
                .filter(|(_, said)| VaultKeys::seal_of_bytes(said) == Some(number));
            count += with.count() as u64;
            after = page.last().map(|(id, _)| *id);
            if page.len() < PAGE as usize {
                return Ok(count);
            }
        }
    }

    async fn said(&self, after: Option<GlitchId>) -> Result<Vec<(GlitchId, Vec<u8>)>> {
        let after = after.unwrap_or(GlitchId::from_u128(0));
        let read = self.store.read("glitches.said", after, |tx, after| {
            Box::pin(glitches::said(tx, *after, PAGE))
        });
        Ok(read.await?)
    }

    fn check(&self, by: &Staff) -> Result<()> {
        by.check(Action::AnswerGlitches, &Resource::NOBODYS, self.clock.now())
    }

    fn entry(&self, by: &Staff, did: Did, id: GlitchId) -> NewEntry {
        let entry = AuditEntry::new(by.into(), did, self.clock.now());
        entry.what(id).seal(&*self.ids)
    }

    async fn find(&self, id: GlitchId) -> Result<GlitchRecord> {
        let read = self.store.read("glitches.find", id, |tx, id| {
            Box::pin(glitches::find(tx, *id))
        });
        read.await?.ok_or(ServiceError::UnknownGlitch)
    }

    fn open(&self, id: GlitchId, sealed: &[u8]) -> Option<(String, String)> {
        let opened = self
            .keys
            .vault
            .open_bytes(sealed_for(id), LABEL, sealed)
            .ok()?;
        let said = String::from_utf8(opened).ok()?;
        let (wanted, happened) = said.split_once(SEPARATOR)?;
        Some((wanted.to_owned(), happened.to_owned()))
    }

    /// 80 random bits as letters and digits.
    fn draw(&self) -> String {
        let mut bytes = [0; 16];
        self.ids.fill(&mut bytes);
        letters(&bytes)
    }

    /// The number of a report that came with a key, which nobody else can find out.
    fn number_of(&self, key: RequestKey, said: &[&str]) -> String {
        let mut bytes = [b"number" as &[u8], &key.to_bytes()].concat();
        for text in said {
            bytes.extend(Sha256::digest(text));
        }
        let hash = self.keys.at_rest(CredentialPurpose::Glitch, &bytes);
        letters(&hash[..16])
    }

    fn id_of(&self, number: &str) -> GlitchId {
        let hash = self
            .keys
            .at_rest(CredentialPurpose::Glitch, number.as_bytes());
        let mut first = [0; 16];
        first.copy_from_slice(&hash[..16]);
        GlitchId::from_u128(u128::from_be_bytes(first))
    }
}

fn letters(bytes: &[u8]) -> String {
    let letters = bytes.iter();
    letters
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect()
}

/// What a report is sealed for: it opens as no identity and no part of an appeal.
const LABEL: &[u8] = b"glitch";

/// A report is about nobody who is known; the vault seals for somebody.
const fn sealed_for(id: GlitchId) -> PersonId {
    PersonId::from_u128(id.as_u128())
}

/// A number as it was drawn, however it was typed.
fn plain(number: &str) -> String {
    let letters = number.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_uppercase()).collect()
}

fn answer_of(answer: &GlitchAnswer) -> Option<(Timestamp, GlitchOutcome, String)> {
    let outcome = GlitchOutcome::from_word(&answer.outcome)?;
    Some((answer.at, outcome, answer.words.clone()))
}

fn checked(field: &'static str, words: &str) -> Result<String> {
    ServiceError::named(field, text::lines(words, LONGEST)).map(|words| words.trim().to_owned())
}
