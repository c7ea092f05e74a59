//! The rules of writing, tested on the record alone: what a transaction decides, whom it tells,
//! what it revokes, and what a repeated request is answered.

mod evidence;
mod mirror;
mod registration;
mod sample;
mod together;
mod verdicts;
mod visits;

use domain::{Colour, DeviceId, Evidence, EvidenceId, PersonId, Status, Timestamp};
use service::decisions::record::{self, Decided, Decisions};
use service::decisions::{Appended, DecisionContext, EvidenceBatch, NewPerson, Registration};
use service::decisions::{append, register};
use store::identities::{BlindIndex, SealedIdentity};
use store::mirror::Noted;
use store::{
    ColourChange, Publication, PublicationNumber, RecordedVisit, Result, RevokedIndex, StatusIndex,
    Store, StoredVerdict, identities, outbox, people, publications, status_indexes,
    verdicts as stored_verdicts, visits as stored_visits,
};

use crate::base::Base;
use crate::city::Seeded;

const GREEN: Status = Status::Decided(Colour::Green);
const YELLOW: Status = Status::Decided(Colour::Yellow);
const RED: Status = Status::Decided(Colour::Red);

/// A store with a verb for what the stories do and look at, each in a transaction of its own.
struct Record(Store);

impl Record {
    async fn open(base: &Base) -> Self {
        Self(Store::migrate(&base.url, &Seeded::new(7)).await.unwrap())
    }

    /// Appends batches in one transaction.
    async fn append_all(
        &self,
        batches: Vec<EvidenceBatch>,
        context: &DecisionContext,
    ) -> Vec<Appended> {
        let arguments = (context.clone(), batches);
        let work = self
            .0
            .transaction("append", arguments, |tx, (context, batches)| {
                Box::pin(append(tx, context, batches))
            });
        work.await.unwrap()
    }

    async fn append(&self, batch: EvidenceBatch, context: &DecisionContext) -> Appended {
        self.append_all(vec![batch], context).await.remove(0)
    }

    /// Appends evidence that no request came with; what was decided.
    async fn decided(
        &self,
        evidence: impl Into<Vec<Evidence>>,
        context: &DecisionContext,
    ) -> Vec<Decided> {
        let evidence = evidence.into();
        let batch = EvidenceBatch {
            evidence,
            ..EvidenceBatch::default()
        };
        new(self.append(batch, context).await).decided
    }

    /// Registers people in one transaction.
    async fn register_all(
        &self,
        people: Vec<NewPerson>,
        context: &DecisionContext,
    ) -> Vec<Registration> {
        let arguments = (context.clone(), people);
        let work = self
            .0
            .transaction("register", arguments, |tx, (context, people)| {
                Box::pin(register(tx, context, people))
            });
        work.await.unwrap()
    }

    async fn register(&self, person: NewPerson, context: &DecisionContext) -> Registration {
        self.register_all(vec![person], context).await.remove(0)
    }

    async fn decide_again(&self, people: &[PersonId], context: &DecisionContext) -> Decisions {
        let arguments = (context.clone(), people.to_vec());
        let work = self
            .0
            .transaction("decide again", arguments, |tx, (context, people)| {
                Box::pin(record::decide(tx, context, &[], people))
            });
        work.await.unwrap()
    }

    async fn put_visits(&self, visits: Vec<store::Visit>) {
        let visits: Vec<_> = visits.into_iter().map(RecordedVisit::own).collect();
        let work = self.0.transaction("visits", visits, |tx, visits| {
            Box::pin(stored_visits::put(tx, visits, store::Recorded::Live))
        });
        work.await.unwrap();
    }

    async fn publish_levels(&self, at: Timestamp) {
        let level = domain::RegionLevel {
            region: "42".parse().unwrap(),
            level: domain::Level::High,
            from: at,
            until: None,
        };
        let by = "the operator".to_owned();
        let work = self
            .0
            .transaction("levels", (level, Publication { by, at }), |tx, levels| {
                let (level, published) = levels;
                Box::pin(publications::publish_levels(
                    tx,
                    std::slice::from_ref(level),
                    published,
                ))
            });
        work.await.unwrap();
    }

    async fn claim(&self, index: StatusIndex) {
        let work = self.0.transaction("claim", index, |tx, index| {
            Box::pin(status_indexes::claim(tx, index))
        });
        assert!(work.await.unwrap(), "the index was free");
    }

    async fn delivered(&self, messages: &[(PersonId, EvidenceId)], at: Timestamp) {
        let arguments = (messages.to_vec(), at);
        let work = self
            .0
            .transaction("delivered", arguments, |tx, (messages, at)| {
                Box::pin(outbox::delivered(tx, messages, *at))
            });
        work.await.unwrap();
    }
}

/// Declares what a story may look at: what it takes, what it returns, and how it is read.
macro_rules! views {
    ($($view:ident($tx:ident $(, $name:ident: $type:ty)*) -> $answer:ty = $read:expr;)*) => {
        impl Record {$(
            async fn $view(&self $(, $name: $type)*) -> $answer {
                let arguments = ($($name,)*);
                let read: Result<$answer> = self.0.read(
                    stringify!($view),
                    arguments,
                    |$tx, ($($name,)*): &($($type,)*)| Box::pin($read),
                ).await;
                read.unwrap()
            }
        )*}
    };
}

views! {
    verdict(tx, person: PersonId) -> Option<StoredVerdict> = stored_verdicts::find(tx, *person);
    due(tx, now: Timestamp, limit: u32) -> Vec<PersonId> =
        stored_verdicts::due(tx, *now, *limit);
    piece(tx, person: PersonId, id: EvidenceId) -> Option<Evidence> =
        store::evidence::find(tx, *person, *id);
    evidence_of(tx, person: PersonId, since: Timestamp) -> Vec<Evidence> =
        store::evidence::of(tx, *person, *since);
    outbox(tx, limit: u32) -> Vec<ColourChange> = outbox::waiting(tx, *limit);
    everybody(tx) -> Vec<PersonId> = people::after(tx, None, 100);
    person_by_token(tx, hash: [u8; 32]) -> Option<PersonId> = person_by_token(tx, *hash);
    person_by_document(tx, document: BlindIndex) -> Option<PersonId> =
        identities::person_by_document(tx, *document);
    identity(tx, person: PersonId) -> Option<SealedIdentity> = identities::find(tx, *person);
    live_index(tx, person: PersonId, device: Option<DeviceId>) -> Option<StatusIndex> =
        status_indexes::live(tx, *person, *device);
    revoked_indexes(tx, now: Timestamp) -> Vec<RevokedIndex> =
        status_indexes::revoked(tx, *now);
    published(tx) -> PublicationNumber = publications::last(tx);
    noted(tx) -> Vec<Noted> = store::mirror::noted(tx, None, 100);
    visits_of(tx, person: PersonId, from: Timestamp, until: Timestamp) -> Vec<store::Visit> =
        stored_visits::of(tx, *person, *from, *until);
}

/// The person whose phone presents what has this hash.
async fn person_by_token(tx: &mut store::Transaction, hash: [u8; 32]) -> Result<Option<PersonId>> {
    let Some((account, _)) = store::sessions::owner(tx, hash).await? else {
        return Ok(None);
    };
    let account = store::accounts::find(tx, account).await?;
    Ok(account.map(|account| account.person))
}

/// What a batch decided that was not a repeat.
fn new(appended: Appended) -> Decisions {
    match appended {
        Appended::New(decisions) => decisions,
        other => panic!("not new: {other:?}"),
    }
}

/// Tells each story on both databases.
macro_rules! record_stories {
    ($($noun:ident { $($story:ident)* })*) => {
        mod sqlite {$(
            mod $noun {$(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    let base = crate::base::sqlite();
                    let record = crate::record::Record::open(&base).await;
                    crate::record::$noun::$story(&record).await;
                }
            )*}
        )*}

        mod postgresql {$(
            mod $noun {$(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    if let Some(base) = crate::base::postgresql().await {
                        let record = crate::record::Record::open(&base).await;
                        crate::record::$noun::$story(&record).await;
                        base.remove().await;
                    }
                }
            )*}
        )*}
    };
}

record_stories! {
    registration {
        a_person_registers_once_and_a_repeat_says_so
        a_registration_comes_with_its_first_verdict
        a_document_may_be_claimed_by_many_and_nobody_learns_it
        a_repeat_without_a_receipt_is_known_by_its_token
        the_key_of_another_registration_is_refused
        registrations_of_one_transaction_are_answered_each_alone
    }
    evidence {
        evidence_out_of_order_gives_the_same_verdict
        evidence_that_is_there_is_left_out
        a_repeated_request_counts_once
        a_key_used_for_another_request_is_refused_and_nothing_is_written
        batches_of_one_transaction_are_answered_each_alone
        withdrawn_evidence_counts_no_more
        a_decision_reads_what_had_not_ended_and_every_withdrawal
        a_first_decision_reads_what_a_later_one_reads
        one_batch_decides_many_people
    }
    verdicts {
        a_worse_verdict_revokes_every_index_of_the_person
        a_better_verdict_leaves_codes_alone
        a_lapsed_declaration_revokes_a_green_code
        whoever_does_not_know_the_last_publication_decides_for_now_only
        deciding_again_takes_a_verdict_off_those_that_are_due
        an_unchanged_verdict_is_not_written_again
        a_verdict_of_the_future_is_written_again
        changes_of_colour_wait_in_the_outbox_until_delivered
        a_decision_that_panics_leaves_nothing_behind
    }
    visits {
        visits_are_evidence_where_the_policy_reads_them
        a_submitted_visit_keeps_its_authority
        a_submitted_visit_is_decided_by_as_it_is_stored
    }
    mirror {
        whoever_has_new_evidence_is_noted
    }
    together {
        writers_of_one_person_see_each_other
        batches_over_the_same_people_do_not_block_each_other
        one_document_claimed_at_once_is_claimed_by_each
        one_request_sent_at_once_counts_once
    }
}
