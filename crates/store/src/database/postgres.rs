//! PostgreSQL: a pool of connections; each write is a transaction that is run again when it
//! collides with another.
//!
//! Transactions are READ COMMITTED. Two writers of one person wait for each other at that
//! person's row, which every write about a person touches first, in order of identifier
//! (`person_touch.sql`); so the second sees all that the first wrote.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::IdSource;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection as _, Postgres};

use super::{Connection, Session, Work, error};
use crate::{Result, StoreError};

/// How many connections one program holds at most.
const CONNECTIONS: u32 = 16;
/// How long a caller waits for a connection before the database counts as unreachable.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a transaction is tried in all.
const TRIES: u32 = 8;
/// The pause before the second try; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(5);

/// A database server.
pub(crate) struct PostgresDatabase {
    pool: PgPool,
    jitter: Jitter,
}

impl PostgresDatabase {
    /// Connects to a server whose schema was checked.
    pub(crate) async fn open(
        address: &PgConnectOptions,
        randomness: &dyn IdSource,
    ) -> Result<Self> {
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .connect_with(address.clone())
            .await
            .map_err(error::read)?;
        Ok(Self {
            pool,
            jitter: Jitter::new(randomness),
        })
    }

    pub(crate) async fn reader(&self) -> Result<PoolConnection<Postgres>> {
        self.pool.acquire().await.map_err(error::read)
    }

    pub(crate) async fn write<A, T>(&self, arguments: &A, work: Work<A, T>) -> Result<T> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..TRIES {
            match self.attempt(arguments, work).await {
                Attempt::Done(value) => return Ok(value),
                Attempt::Failed(error) => return Err(error),
                Attempt::RunAgain(error) => {
                    tracing::debug!(%error, "a transaction is run again");
                    tokio::time::sleep(pause + self.jitter.within(pause)).await;
                    pause *= 2;
                }
            }
        }
        match self.attempt(arguments, work).await {
            Attempt::Done(value) => Ok(value),
            Attempt::Failed(error) | Attempt::RunAgain(error) => Err(error),
        }
    }

    async fn attempt<A, T>(&self, arguments: &A, work: Work<A, T>) -> Attempt<T> {
        let transaction = match self.pool.begin().await {
            Ok(transaction) => transaction,
            Err(error) if error::is_cut(&error) => return Attempt::RunAgain(error::read(error)),
            Err(error) => return Attempt::Failed(error::read(error)),
        };
        let mut session = Session::new(Connection::Postgres(transaction));
        let outcome = work(&mut session, arguments).await;
        let Session {
            connection: Connection::Postgres(transaction),
            run_again,
        } = session
        else {
            return Attempt::Failed(StoreError::Database("a reader cannot write".to_owned()));
        };
        match outcome {
            Ok(value) => match transaction.commit().await {
                Ok(()) => Attempt::Done(value),
                Err(error) if error::is_collision(&error) => Attempt::RunAgain(error::read(error)),
                // The connection may have been cut before or after the commit took place, so the
                // caller must ask again; that is what request keys are for.
                Err(error) => Attempt::Failed(error::read(error)),
            },
            Err(error) => {
                // A connection that is gone has rolled back already.
                drop(transaction.rollback().await);
                if run_again {
                    Attempt::RunAgain(error)
                } else {
                    Attempt::Failed(error)
                }
            }
        }
    }
}

/// Connects once, to look at the schema or to change it; says at once why it cannot.
pub(crate) async fn connect(address: &PgConnectOptions) -> Result<PgConnection> {
    let connect = tokio::time::timeout(PATIENCE, PgConnection::connect_with(address));
    let slow = |_| StoreError::Unreachable("no answer within 5 seconds".to_owned());
    connect.await.map_err(slow)?.map_err(error::read)
}

/// Reads a `postgres://` address. Statements are never logged.
pub(crate) fn address(url: &str) -> Result<PgConnectOptions> {
    let options: PgConnectOptions = url.parse().map_err(|_| StoreError::BadAddress)?;
    let options = match options.get_application_name() {
        Some(_) => options,
        None => options.application_name("healthcode"),
    };
    Ok(options.disable_statement_logging())
}

enum Attempt<T> {
    Done(T),
    Failed(StoreError),
    RunAgain(StoreError),
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
