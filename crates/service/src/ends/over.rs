//! What is over by a time of its own row: messages, what waits for a tracer, what searches read, what was done
//! to accounts, what proposals said. A few hundred rows of each are deleted at once; how many is said in the log
//! at the end of the next pass over everybody.

use domain::Timestamp;
use store::over::{self, Over};
use store::sessions::{self, SessionPass};
use store::{StoreError, Transaction, counters};

use super::forgetting::{Forgetting, counter, turn_of};
use crate::Result;

/// Rows of a table that are deleted at once.
const ROWS_AT_ONCE: u32 = 500;
/// Of what presents sessions.
const SESSIONS_AT_ONCE: u32 = 1_000;
/// The pass over sessions, for the lock that it takes.
const SESSIONS: &str = "retention of sessions";
/// What is said to be erased of sessions, and of what was done to accounts.
const ACCOUNTS: &str = "accounts";

/// What is said in the log to be erased.
pub(super) const WORDS: [&str; 6] = [
    "messages",
    "waiting",
    "searches",
    ACCOUNTS,
    "disclosures",
    "proposals",
];

/// Rows of one sort, on their way out.
struct Step {
    what: Over,
    before: Timestamp,
}

impl Forgetting {
    /// The next rows of each sort, and the next sessions; whether there are more.
    pub(super) async fn forget_over(&self) -> Result<bool> {
        let now = self.clock.now();
        let Some(cutoffs) = self.cutoffs(now)? else {
            return Ok(false);
        };
        let retention = &self.settings.retention;
        let mut is_more = false;
        for what in Over::ALL {
            let before = match what {
                Over::Messages => Some(retention.message_cutoff(now)),
                // As if they had been taken in.
                Over::HeldVisits => cutoffs.visits,
                Over::HeldMemberships => Some(cutoffs.memberships),
                Over::TraceReads => Some(cutoffs.searches),
                Over::AccountEvents | Over::Holdings => Some(retention.account_cutoff(now)),
                // What else the person reads of who saw their data ends with the log.
                Over::Disclosed => Some(retention.log_cutoff(now)),
                Over::Proposals | Over::Invitations => Some(retention.proposal_cutoff(now)),
            };
            let Some(before) = before else {
                continue;
            };
            let step = Step { what, before };
            let done = self
                .store
                .transaction("retention.over", step, |tx, step| Box::pin(step.run(tx)));
            // Invitations go at once, the others at most so many of each table.
            let forgotten = done.await?;
            is_more |= what != Over::Invitations && forgotten >= u64::from(ROWS_AT_ONCE);
        }
        Ok(self.forget_sessions(now).await? || is_more)
    }

    /// The next sessions that ended long ago, with what presented them; whether there are more today.
    async fn forget_sessions(&self, now: Timestamp) -> Result<bool> {
        let turn = turn_of(now);
        let found = self.store.read("retention.sessions_pass", (), |tx, ()| {
            Box::pin(sessions::pass(tx))
        });
        let is_done = |pass: SessionPass| pass.turn == turn && pass.is_finished;
        if found.await?.is_some_and(is_done) {
            return Ok(false);
        }
        let before = self.settings.retention.account_cutoff(now);
        let done = self.store.transaction(
            "retention.sessions",
            (turn, before),
            |tx, (turn, before)| Box::pin(forget_sessions(tx, turn, *before)),
        );
        Ok(!done.await?)
    }
}

impl Step {
    /// How many rows were deleted.
    async fn run(&self, tx: &mut Transaction) -> Result<u64, StoreError> {
        let forgotten = over::forget(tx, self.what, self.before, ROWS_AT_ONCE).await?;
        if forgotten > 0 {
            let count = i64::try_from(forgotten).unwrap_or(i64::MAX);
            counters::add(tx, &counter(word(self.what)), count).await?;
        }
        Ok(forgotten)
    }
}

/// Whether the end was reached.
async fn forget_sessions(
    tx: &mut Transaction,
    turn: &str,
    before: Timestamp,
) -> Result<bool, StoreError> {
    // One node at a time: the row is locked until the transaction ends.
    counters::add(tx, SESSIONS, 0).await?;
    let found = sessions::pass(tx).await?;
    let mut pass = found
        .filter(|pass| pass.turn == turn)
        .unwrap_or_else(|| SessionPass {
            turn: turn.to_owned(),
            after: None,
            seen: 0,
            forgotten: 0,
            is_finished: false,
        });
    if pass.is_finished {
        return Ok(true);
    }
    let forgotten = sessions::forget_over(tx, &mut pass, before, SESSIONS_AT_ONCE).await?;
    if forgotten > 0 {
        let count = i64::try_from(forgotten).unwrap_or(i64::MAX);
        counters::add(tx, &counter(ACCOUNTS), count).await?;
    }
    Ok(pass.is_finished)
}

/// What is said in the log to be erased.
const fn word(what: Over) -> &'static str {
    match what {
        Over::Messages => "messages",
        Over::HeldVisits | Over::HeldMemberships => "waiting",
        Over::TraceReads => "searches",
        Over::AccountEvents | Over::Holdings => ACCOUNTS,
        Over::Disclosed => "disclosures",
        Over::Proposals | Over::Invitations => "proposals",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_counted_is_said() {
        for what in Over::ALL {
            assert!(WORDS.contains(&word(what)), "{what:?}");
        }
    }
}
