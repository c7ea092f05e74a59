//! PostgreSQL: a pool of connections; each transaction is run again when it collides with another.
//!
//! Transactions are READ COMMITTED. Two writers of one person wait for each other at that
//! person's row, which every write about a person touches first, in order of identifier
//! (`person_touch.sql`); so the second sees all that the first wrote.
//!
//! What other nodes changed (verdicts, sessions, revoked codes) is followed by number, and each reading
//! looks ten seconds back: a change that became visible later would be missed. So a transaction that
//! took longer than [`LONGEST_TRANSACTION`] is undone instead of committed, and nobody who is stuck holds
//! its locks for longer ([`LIMITS`]). A COMMIT cannot be undone however long it takes, so followers look
//! two minutes back once a minute, which finds those that took up to one.

mod lease;
mod outage;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use domain::IdSource;
use futures::FutureExt;
use tokio::time::Instant;

pub(crate) use self::lease::Lease;
use self::outage::Outage;
use super::tls::Address;
use super::{Connection, Fullness, Transaction, Trouble, Work, error};
use crate::{Result, StoreError};

/// How many connections one program holds at most.
const CONNECTIONS: usize = 16;
/// How long a caller waits for a connection before the database counts as unreachable.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// How often a transaction is tried in all.
const TRIES: u32 = 8;
/// The pause before the second try; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
/// A transaction that is not over by then is undone: followers look ten seconds back, and two of them are
/// left for its commit. Also how long one that keeps colliding is tried.
const LONGEST_TRANSACTION: Duration = Duration::from_secs(8);
/// What each connection is bounded by, on the server: it goes on when this program does not.
///
/// - `idle_in_transaction_session_timeout` is [`LONGEST_TRANSACTION`]: a node that is stuck or cut
///   off in the middle of one loses connection and locks when it could not commit any more.
/// - `lock_timeout` is half of it: who waits for the row of a person still has time to write.
/// - `statement_timeout` bounds what only reads, too, which nobody follows: a statement that takes longer
///   has been given up by who asked, and would go on reading.
///
/// What takes long by nature (a migration, the erasing at the end, a snapshot of the whole record)
/// sets its own: [`Lease::take_time`].
const LIMITS: &str = "SET idle_in_transaction_session_timeout = '8s'; SET lock_timeout = '4s'; \
                      SET statement_timeout = '30s'";
/// Sets that are asked for join tables by their keys. Until a table's statistics are gathered, and
/// with a generic plan, the planner likes to read all of it instead.
const BY_KEY: &str = "SET enable_hashjoin = off; SET enable_mergejoin = off";

/// A database server.
pub(crate) struct PostgresDatabase {
    pool: Pool,
    outage: Arc<Outage>,
    fullness: Fullness,
    jitter: Jitter,
}

impl PostgresDatabase {
    /// Connects to a server: `postgres://USER:PASSWORD@HOST/NAME`, with several hosts if there are.
    pub(crate) async fn open(url: &str, randomness: &dyn IdSource) -> Result<Self> {
        let Address { config, tls } = Address::read(url)?;
        let recycling_method = RecyclingMethod::Fast;
        let manager = Manager::from_config(config, tls, ManagerConfig { recycling_method });
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(PATIENCE))
            .runtime(Runtime::Tokio1)
            .post_create(Hook::async_fn(|client, _| {
                Box::pin(async move {
                    for settings in [BY_KEY, LIMITS] {
                        let set = client.batch_execute(settings).await;
                        set.map_err(HookError::Backend)?;
                    }
                    Ok(())
                })
            }))
            .build()
            .map_err(|error| StoreError::Database(error.to_string()))?;
        let database = Self {
            pool,
            outage: Arc::default(),
            fullness: Fullness::default(),
            jitter: Jitter::new(randomness),
        };
        // Says at once why the server cannot be reached, if it cannot.
        drop(database.lease().await?);
        Ok(database)
    }

    pub(crate) async fn read<A, T, E>(&self, arguments: &A, work: Work<A, T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        for _ in 1..TRIES {
            let lease = self.lease().await?;
            let mut transaction = Transaction::new(Connection::Postgres(lease));
            let outcome = run(&mut transaction, arguments, work).await;
            match (outcome, transaction.trouble.take()) {
                (Ok(value), _) => return Ok(value),
                // The server closed connections that lay idle: another one may live.
                (Err(_), Some(Trouble::Lost(StoreError::Unreachable(_))))
                    if was_stale(&transaction) => {}
                (Err(error), _) => return Err(error),
            }
        }
        Err(StoreError::Unreachable("every connection was closed".to_owned()).into())
    }

    pub(crate) async fn snapshot<A, T, E>(&self, arguments: &A, work: Work<A, T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        for _ in 1..TRIES {
            let mut lease = self.lease().await?;
            match lease.begin_snapshot().await {
                Ok(()) => {}
                Err(Trouble::Refused(error)) => return Err(error.into()),
                // Nothing was read yet: another connection may live.
                Err(Trouble::Lost(_) | Trouble::Collided) => continue,
            }
            let mut transaction = Transaction::new(Connection::Postgres(lease));
            let outcome = run(&mut transaction, arguments, work).await;
            if let Connection::Postgres(lease) = &mut transaction.connection {
                lease.roll_back().await;
            }
            return outcome;
        }
        Err(StoreError::Unreachable("every connection was closed".to_owned()).into())
    }

    pub(crate) async fn write<A, T, E>(
        &self,
        arguments: &A,
        work: Work<A, T, E>,
        repeats: &mut u32,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let begun = Instant::now();
        let mut pause = FIRST_PAUSE;
        for _ in 1..TRIES {
            match self.attempt(arguments, work).await {
                Attempt::Done(value) => return Ok(value),
                Attempt::Failed(error) => return Err(error),
                Attempt::RunAgain(error) if begun.elapsed() > LONGEST_TRANSACTION => {
                    return Err(error);
                }
                Attempt::RunAgain(_) => {
                    tracing::debug!("a transaction is run again");
                    tokio::time::sleep(pause + self.jitter.within(pause)).await;
                    pause *= 2;
                    *repeats += 1;
                }
            }
        }
        match self.attempt(arguments, work).await {
            Attempt::Done(value) => Ok(value),
            Attempt::Failed(error) | Attempt::RunAgain(error) => Err(error),
        }
    }

    async fn attempt<A, T, E>(&self, arguments: &A, work: Work<A, T, E>) -> Attempt<T, E>
    where
        E: From<StoreError>,
    {
        let mut lease = match self.lease().await {
            Ok(lease) => lease,
            Err(error) => return Attempt::Failed(error.into()),
        };
        let begun = Instant::now();
        if let Err(trouble) = lease.begin().await {
            return match trouble {
                Trouble::Refused(error) => Attempt::Failed(error.into()),
                Trouble::Collided => Attempt::RunAgain(busy().into()),
                // Nothing was begun, so nothing can have taken place.
                Trouble::Lost(error) => Attempt::RunAgain(error.into()),
            };
        }
        let mut transaction = Transaction::new(Connection::Postgres(lease));
        let outcome = run(&mut transaction, arguments, work).await;
        let trouble = transaction.trouble.take();
        if let Some(Trouble::Refused(StoreError::DiskFull)) = trouble
            && self.fullness.note()
        {
            tracing::error!("the disk of the database is full");
        }
        let Connection::Postgres(lease) = &mut transaction.connection else {
            let why = "a transaction changed its database".to_owned();
            return Attempt::Failed(StoreError::Database(why).into());
        };
        let is_late = begun.elapsed() > LONGEST_TRANSACTION && !lease.takes_time();
        let would_go_on = match &trouble {
            None => outcome.is_ok(),
            Some(Trouble::Collided | Trouble::Lost(_)) => true,
            Some(Trouble::Refused(_)) => false,
        };
        if is_late && would_go_on {
            lease.roll_back().await;
            return Attempt::Failed(late().into());
        }
        match (outcome, trouble) {
            (Ok(value), None) => match lease.commit().await {
                Ok(()) => Attempt::Done(value),
                Err(Trouble::Collided) => Attempt::RunAgain(busy().into()),
                // The connection may have been cut before or after the commit took place, so the
                // caller must ask again; that is what request keys are for.
                Err(Trouble::Refused(error) | Trouble::Lost(error)) => {
                    Attempt::Failed(error.into())
                }
            },
            // A lost connection has rolled back: nothing was committed, another one may live.
            (Err(error), Some(Trouble::Collided | Trouble::Lost(_))) => {
                lease.roll_back().await;
                Attempt::RunAgain(error)
            }
            (Err(error), _) => {
                lease.roll_back().await;
                Attempt::Failed(error)
            }
            // The work went on although a statement had failed.
            (Ok(_), Some(trouble)) => {
                lease.roll_back().await;
                match trouble {
                    Trouble::Refused(error) => Attempt::Failed(error.into()),
                    Trouble::Lost(error) => Attempt::RunAgain(error.into()),
                    Trouble::Collided => Attempt::RunAgain(busy().into()),
                }
            }
        }
    }

    /// How many transactions wait for a connection.
    pub(crate) fn queue_length(&self) -> usize {
        self.pool.status().waiting
    }

    /// Whether a recent write met a full disk.
    pub(crate) fn is_full(&self) -> bool {
        self.fullness.is_full()
    }

    async fn lease(&self) -> Result<Lease> {
        if let Some(error) = self.outage.known() {
            return Err(error);
        }
        match self.pool.get().await {
            Ok(client) => Ok(Lease::new(client)),
            Err(error) => {
                Outage::note(&self.outage, &self.pool, &error);
                Err(error::of_pool(&error))
            }
        }
    }
}

/// Runs work to its end. Work that panics is undone as work that fails; the callers that wait for
/// it, and for others beside it, go on.
async fn run<A, T, E>(
    transaction: &mut Transaction,
    arguments: &A,
    work: Work<A, T, E>,
) -> Result<T, E>
where
    E: From<StoreError>,
{
    let outcome = AssertUnwindSafe(work(transaction, arguments)).catch_unwind();
    outcome.await.unwrap_or_else(|_| {
        let why = "the work panicked and was undone".to_owned();
        Err(StoreError::Database(why).into())
    })
}

fn was_stale(transaction: &Transaction) -> bool {
    match &transaction.connection {
        Connection::Postgres(lease) => lease.was_stale(),
        Connection::Sqlite(_) => false,
    }
}

fn late() -> StoreError {
    let limit = LONGEST_TRANSACTION.as_secs();
    StoreError::Busy(format!("a transaction took over {limit} s and was undone"))
}

fn busy() -> StoreError {
    StoreError::Busy("transactions kept colliding".to_owned())
}

enum Attempt<T, E> {
    Done(T),
    Failed(E),
    RunAgain(E),
}

/// Spreads repeated transactions in time, so that two that collided do not collide again.
struct Jitter(AtomicU64);

impl Jitter {
    fn new(randomness: &dyn IdSource) -> Self {
        let mut seed = [0; 8];
        randomness.fill(&mut seed);
        Self(AtomicU64::new(u64::from_le_bytes(seed)))
    }

    /// A pause of up to `longest`.
    fn within(&self, longest: Duration) -> Duration {
        // SplitMix64: a counter whose bits are mixed.
        let mut mixed = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        longest.mul_f64((mixed >> 11) as f64 / (1u64 << 53) as f64)
    }
}
