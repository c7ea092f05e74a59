//! What is over by a time that its own row has: found by an index, and deleted some hundred rows at once.

use domain::Timestamp;

use crate::Result;
use crate::database::{Row, Transaction, Value};
use crate::queries::{
    ACCOUNT_EVENT_FORGET, ACCOUNT_EVENTS_OLD, ACCOUNT_PERSON_FORGET, DISCLOSED_FORGET,
    DISCLOSED_OLD, DOCUMENT_EVENT_FORGET, DOCUMENT_EVENTS_OLD, HELD_MEMBERSHIP_DROP,
    HELD_MEMBERSHIPS_OLD, HELD_VISIT_DROP, HELD_VISITS_OLD, HOLDINGS_OLD, MESSAGE_FORGET,
    MESSAGES_OLD, MESSAGES_WAITING_OLD, PERSON_HOLDER_FORGET, PROPOSAL_FORGET,
    PROPOSALS_SETTLED_OLD, Query, STAFF_INVITATIONS_DROP, TRACED_GROUP_FORGET, TRACED_GROUPS_OLD,
    TRACED_PEOPLE_OLD, TRACED_PERSON_FORGET, TRACED_VENUE_FORGET, TRACED_VENUES_OLD,
};

/// What is forgotten by a time of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Messages, once they were delivered, or, if they never were, once what they say is old.
    Messages,
    /// Visits that a phone uploaded and nobody decided about.
    HeldVisits,
    /// Memberships that a trace met and nobody decided about.
    HeldMemberships,
    /// What traces read: people, venues and groups, each at times.
    TraceReads,
    /// What was done to accounts and with documents. That an account was taken from a document stays.
    AccountEvents,
    /// Guardianships and consents that ended.
    Holdings,
    /// Who is in a disclosure. The disclosure itself stays.
    Disclosed,
    /// What settled proposals said, of the kinds that name people. That there was one, and how it ended,
    /// stays.
    Proposals,
    /// Invitations that open nothing any more.
    Invitations,
}

impl Over {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Messages,
        Self::HeldVisits,
        Self::HeldMemberships,
        Self::TraceReads,
        Self::AccountEvents,
        Self::Holdings,
        Self::Disclosed,
        Self::Proposals,
        Self::Invitations,
    ];

    /// How the rows are found and how each is deleted.
    fn steps(self) -> Vec<Step> {
        match self {
            Self::Messages => vec![
                step(&MESSAGES_OLD, &MESSAGE_FORGET, 2),
                step(&MESSAGES_WAITING_OLD, &MESSAGE_FORGET, 2),
            ],
            Self::HeldVisits => vec![step(&HELD_VISITS_OLD, &HELD_VISIT_DROP, 2)],
            Self::HeldMemberships => {
                vec![step(&HELD_MEMBERSHIPS_OLD, &HELD_MEMBERSHIP_DROP, 3).and_time()]
            }
            Self::TraceReads => vec![
                step(&TRACED_PEOPLE_OLD, &TRACED_PERSON_FORGET, 3),
                step(&TRACED_VENUES_OLD, &TRACED_VENUE_FORGET, 3).and_time(),
                step(&TRACED_GROUPS_OLD, &TRACED_GROUP_FORGET, 3).and_time(),
            ],
            Self::AccountEvents => vec![
                step(&ACCOUNT_EVENTS_OLD, &ACCOUNT_EVENT_FORGET, 2).and_time(),
                step(&DOCUMENT_EVENTS_OLD, &DOCUMENT_EVENT_FORGET, 2).and_time(),
            ],
            Self::Holdings => vec![step(&HOLDINGS_OLD, &PERSON_HOLDER_FORGET, 2)],
            Self::Disclosed => vec![step(&DISCLOSED_OLD, &DISCLOSED_FORGET, 2)],
            Self::Proposals => vec![step(&PROPOSALS_SETTLED_OLD, &PROPOSAL_FORGET, 1)],
            Self::Invitations => vec![],
        }
    }
}

/// One table: its rows are read by their keys, identifiers first and then perhaps a time.
#[derive(Clone, Copy)]
struct Step {
    old: &'static Query,
    forget: &'static Query,
    ids: usize,
    has_time: bool,
}

const fn step(old: &'static Query, forget: &'static Query, ids: usize) -> Step {
    Step {
        old,
        forget,
        ids,
        has_time: false,
    }
}

impl Step {
    const fn and_time(self) -> Self {
        Self {
            has_time: true,
            ..self
        }
    }

    /// The key of a row, as it was read.
    fn key_of(self, row: &Row) -> Result<Vec<Value>> {
        let ids = (0..self.ids).map(|column| Ok(row.bytes(column)?.into()));
        let mut key: Vec<Value> = ids.collect::<Result<_>>()?;
        if self.has_time {
            key.push(row.int(self.ids)?.into());
        }
        Ok(key)
    }
}

/// Forgets what was over before, the oldest first and at most `limit` rows of each table; how many.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn forget(
    tx: &mut Transaction,
    what: Over,
    before: Timestamp,
    limit: u32,
) -> Result<u64> {
    if what == Over::Invitations {
        return tx.execute(&STAFF_INVITATIONS_DROP, &[before.into()]).await;
    }
    let mut forgotten = 0;
    for step in what.steps() {
        let rows = tx.rows(step.old, &[before.into(), limit.into()]).await?;
        let keys = rows.iter().map(|row| step.key_of(row));
        let keys: Vec<Vec<Value>> = keys.collect::<Result<_>>()?;
        if what == Over::Holdings {
            tx.execute_each(&ACCOUNT_PERSON_FORGET, &keys).await?;
        }
        forgotten += tx.execute_each(step.forget, &keys).await?;
    }
    Ok(forgotten)
}
