//! The rules of writing: evidence in, verdict out, in one transaction.
//!
//! People are locked first, in order, so that two writers of one person see each other's evidence.
//! What a transaction wrote itself is not read back, but for visits: what was known is read before, and
//! what is new is added to it.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Colour, Evidence, EvidenceId, FactKind, PersonId, Status};
use sha2::{Digest, Sha256};
use store::evidence::EvidenceKey;
use store::people::{FIRST_REVISION, Revision};
use store::{
    ChangeNumber, ColourChange, RevokedIndex, StoreError, StoredVerdict, Transaction, appeals,
    changes, evidence, mirror, outbox, people, publications, status_indexes, verdicts,
};

use super::DecisionContext;

/// The outcome of deciding one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The status before; `None` if there was no verdict.
    pub before: Option<Status>,
    /// The verdict now, and since when it is stored.
    pub now: StoredVerdict,
    /// How many pieces of evidence were new.
    pub appended: u32,
}

impl Decided {
    /// Whether the status is another than before.
    pub fn is_changed(&self) -> bool {
        self.before != Some(self.now.verdict.status)
    }

    /// Whether the person is restricted more than before.
    pub fn is_restricted_more(&self) -> bool {
        let rank = |status: Option<Status>| match status.and_then(Status::colour) {
            None | Some(Colour::Green) => 0,
            Some(Colour::Yellow) => 1,
            Some(Colour::Red) => 2,
        };
        rank(Some(self.now.verdict.status)) > rank(self.before)
    }
}

/// Whether a verdict was decided without knowing everything that was published: it is due since it
/// was decided.
pub(crate) fn is_provisional(stored: &StoredVerdict) -> bool {
    let next = stored.verdict.next_change;
    next.is_some_and(|next| next <= stored.decided_at)
}

/// What a transaction decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decisions {
    /// Everybody decided, in order of identifier.
    pub decided: Vec<Decided>,
    /// Indexes in status lists that no longer hold because of it.
    pub revoked: Vec<RevokedIndex>,
}

impl Decisions {
    /// Whether there was evidence that the record did not hold.
    pub(crate) fn hold_something_new(&self) -> bool {
        self.decided.iter().any(|one| one.appended > 0)
    }
}

/// Adds evidence and decides everybody it is about, and `others`. Evidence whose identifier is there
/// already is left out. A verdict that got worse revokes the person's codes; a changed status goes to
/// the outbox, a first one only if it restricts. A verdict that did not change is not written again. If
/// the context does not know the last publication, every verdict is due at once.
///
/// # Errors
/// As every statement: [`StoreError`].
pub async fn decide(
    tx: &mut Transaction,
    context: &DecisionContext,
    evidence: &[&Evidence],
    others: &[PersonId],
) -> Result<Decisions, StoreError> {
    let about = evidence.iter().map(|piece| piece.person);
    let people: BTreeSet<PersonId> = about.chain(others.iter().copied()).collect();
    let revisions = people::touch(tx, people).await?;
    let (decisions, _) = decide_touched(tx, context, evidence, &revisions).await?;
    Ok(decisions)
}

/// As [`decide`], of people who are locked; also which evidence was new.
pub(crate) async fn decide_touched(
    tx: &mut Transaction,
    context: &DecisionContext,
    evidence: &[&Evidence],
    revisions: &BTreeMap<PersonId, Revision>,
) -> Result<(Decisions, BTreeSet<EvidenceKey>), StoreError> {
    let is_behind = publications::hold(tx).await? != context.published;
    let known: Vec<PersonId> = revisions
        .iter()
        .filter(|(_, revision)| **revision != FIRST_REVISION)
        .map(|(person, _)| *person)
        .collect();
    let (mut read, added) = add_and_read(tx, context, evidence, &known, revisions).await?;
    let mut appended = BTreeMap::<PersonId, u32>::new();
    for (person, _) in &added {
        *appended.entry(*person).or_default() += 1;
    }
    note_for_mirror(tx, &known, &appended, revisions).await?;
    let mut appeals = match context.takes_appeals {
        true => appeals::open_of(tx, &known).await?,
        false => BTreeMap::new(),
    };
    let mut earlier = verdicts::of(tx, &known).await?;
    let mut news = News::new(context);
    for (&person, &revision) in revisions {
        let known = read.remove(&person).unwrap_or_default();
        let filed = appeals.remove(&person).unwrap_or_default();
        let mut verdict = (context.decide)(&known, &filed);
        if is_behind {
            // A node that knows what was published decides again, at the latest in the next sweep.
            verdict.next_change = Some(context.now);
        }
        let appended = appended.get(&person).copied().unwrap_or_default();
        news.take(person, revision, verdict, earlier.remove(&person), appended);
    }
    Ok((news.write(tx).await?, added))
}

async fn note_for_mirror(
    tx: &mut Transaction,
    known: &[PersonId],
    appended: &BTreeMap<PersonId, u32>,
    revisions: &BTreeMap<PersonId, Revision>,
) -> Result<(), StoreError> {
    let grown: Vec<(PersonId, Revision)> = known
        .iter()
        .filter(|person| appended.contains_key(person))
        .filter_map(|person| Some((*person, *revisions.get(person)?)))
        .collect();
    mirror::note(tx, &grown).await
}

/// Adds the evidence; returns what the context reads of each person, oldest first, and what was new.
async fn add_and_read(
    tx: &mut Transaction,
    context: &DecisionContext,
    evidence: &[&Evidence],
    known: &[PersonId],
    revisions: &BTreeMap<PersonId, Revision>,
) -> Result<(BTreeMap<PersonId, Vec<Evidence>>, BTreeSet<EvidenceKey>), StoreError> {
    let (since, visits) = (context.look_back_from, context.reads_visits);
    // A visit that is known changes by its end, so what is stored counts and not what came.
    let is_visit = |piece: &&Evidence| piece.fact.kind() == FactKind::Visit;
    if evidence.iter().any(is_visit) {
        let added = evidence::add(tx, evidence).await?;
        let people: Vec<PersonId> = revisions.keys().copied().collect();
        return Ok((evidence::since(tx, &people, since, visits).await?, added));
    }
    let mut read = evidence::since(tx, known, since, visits).await?;
    let added = evidence::add(tx, evidence).await?;
    for (person, written) in written(evidence, &added, context) {
        let read = read.entry(person).or_default();
        read.extend(written);
        read.sort_by_key(|piece| (piece.fact.begins(), piece.id));
    }
    Ok((read, added))
}

/// What the context would read of the evidence that was new; of what came twice the first was added.
fn written(
    evidence: &[&Evidence],
    added: &BTreeSet<EvidenceKey>,
    context: &DecisionContext,
) -> BTreeMap<PersonId, Vec<Evidence>> {
    let mut seen = BTreeSet::new();
    let mut written = BTreeMap::<PersonId, Vec<Evidence>>::new();
    for piece in evidence {
        let key = (piece.person, piece.id);
        if added.contains(&key) && seen.insert(key) && is_read(piece, context) {
            let of_person = written.entry(piece.person).or_default();
            of_person.push((*piece).clone());
        }
    }
    written
}

fn is_read(piece: &Evidence, context: &DecisionContext) -> bool {
    match piece.fact.kind() {
        FactKind::Withdrawal => true,
        _ => piece
            .fact
            .ends()
            .is_none_or(|end| end >= context.look_back_from),
    }
}

/// What changes with a transaction, written as sets.
struct News<'a> {
    context: &'a DecisionContext,
    decided: Vec<Decided>,
    /// Places in `decided` of verdicts that are not what is stored.
    changed: Vec<usize>,
    messages: Vec<ColourChange>,
    worse: Vec<PersonId>,
}

impl<'a> News<'a> {
    const fn new(context: &'a DecisionContext) -> Self {
        Self {
            context,
            decided: Vec::new(),
            changed: Vec::new(),
            messages: Vec::new(),
            worse: Vec::new(),
        }
    }

    fn take(
        &mut self,
        person: PersonId,
        revision: Revision,
        verdict: domain::Verdict,
        earlier: Option<StoredVerdict>,
        appended: u32,
    ) {
        let before = earlier.as_ref().map(|earlier| earlier.verdict.status);
        if let Some(earlier) = earlier.filter(|earlier| is_same(earlier, &verdict, self.context)) {
            let now = earlier;
            self.decided.push(Decided {
                before,
                now,
                appended,
            });
            return;
        }
        let (after, at) = (verdict.status, self.context.now);
        if is_news(before, after) {
            let id = message_id(person, revision);
            self.messages.push(ColourChange {
                person,
                id,
                before,
                after,
                at,
            });
        }
        if got_worse(before, after) {
            self.worse.push(person);
        }
        self.changed.push(self.decided.len());
        let now = StoredVerdict {
            person,
            verdict,
            decided_at: at,
            change: ChangeNumber::BEFORE_ALL,
        };
        self.decided.push(Decided {
            before,
            now,
            appended,
        });
    }

    async fn write(mut self, tx: &mut Transaction) -> Result<Decisions, StoreError> {
        let mut revoked = Vec::new();
        if !self.changed.is_empty() {
            // Drawn once the people are locked: of two changes of one person the later has the
            // greater number.
            let change = changes::draw(tx).await?;
            let mut stored = Vec::with_capacity(self.changed.len());
            for place in self.changed {
                self.decided[place].now.change = change;
                stored.push(self.decided[place].now.clone());
            }
            verdicts::put(tx, &stored).await?;
            outbox::add(tx, &self.messages).await?;
            let now = self.context.now;
            revoked = status_indexes::revoke(tx, &self.worse, now, change).await?;
        }
        Ok(Decisions {
            decided: self.decided,
            revoked,
        })
    }
}

/// Whether the stored verdict says the same. One that was decided in what is the future now (a clock
/// that ran ahead was set right) is written again, so that it has a date that is past.
fn is_same(earlier: &StoredVerdict, verdict: &domain::Verdict, context: &DecisionContext) -> bool {
    earlier.verdict == *verdict && !context.is_ahead(earlier.decided_at)
}

/// Whether the person must be notified. A first verdict is news only if it restricts: a person who
/// registers reads theirs in the answer.
fn is_news(before: Option<Status>, after: Status) -> bool {
    match before {
        None => matches!(after, Status::Decided(Colour::Yellow | Colour::Red)),
        Some(before) => before != after,
    }
}

/// Whether a code signed under the verdict before promises more than the person may do now.
fn got_worse(before: Option<Status>, after: Status) -> bool {
    let rank = |status| match status {
        Status::Decided(Colour::Green) => 0,
        Status::Undeclared => 1,
        Status::Decided(Colour::Yellow) => 2,
        Status::Decided(Colour::Red) => 3,
    };
    before.is_some_and(|before| rank(after) > rank(before))
}

/// A message is identified by the person and the revision that caused it: fresh for each change,
/// and the same when the transaction is run again.
fn message_id(person: PersonId, revision: Revision) -> EvidenceId {
    let mut hash = Sha256::new();
    hash.update(b"healthcode outbox");
    hash.update(person.to_bytes());
    hash.update(revision.to_be_bytes());
    let hash: [u8; 32] = hash.finalize().into();
    let half = hash.first_chunk().copied().unwrap_or_default();
    EvidenceId::from_u128(u128::from_be_bytes(half))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_revoked_exactly_when_they_promise_too_much() {
        let statuses = ["green", "undeclared", "yellow", "red"];
        let status = |word: &str| word.parse::<Status>().unwrap();
        for (place, before) in statuses.iter().enumerate() {
            for (later, after) in statuses.iter().enumerate() {
                let worse = got_worse(Some(status(before)), status(after));
                assert_eq!(worse, later > place, "{before} to {after}");
            }
            assert!(
                !got_worse(None, status(before)),
                "no code was signed without a verdict"
            );
        }
    }

    #[test]
    fn every_revision_has_a_message_of_its_own() {
        let message = |person, revision| message_id(PersonId::from_u128(person), revision);
        assert_eq!(message(1, 1), message(1, 1));
        assert_ne!(message(1, 1), message(1, 2));
        assert_ne!(message(1, 1), message(2, 1));
    }
}
