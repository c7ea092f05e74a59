//! A server that is known to be out of reach: callers get that error at once, and one task looks
//! whether it is back.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use deadpool_postgres::{HookError, Pool, PoolError, TimeoutType};
use tokio_postgres::error::SqlState;

use super::{PATIENCE, error};
use crate::StoreError;

/// How long until the server is looked for again.
const PAUSE: Duration = Duration::from_millis(200);

/// Whether the server is out of reach, and what it said last.
#[derive(Default)]
pub(super) struct Outage(Mutex<Option<StoreError>>);

impl Outage {
    /// Why no connection is to be had, if that is known.
    pub(super) fn known(&self) -> Option<StoreError> {
        self.error().clone()
    }

    /// Notes why no connection was to be had. If that is because the server is out of reach,
    /// callers get that error until it is back.
    pub(super) fn note(outage: &Arc<Self>, pool: &Pool, why: &PoolError) {
        if !is_out_of_reach(why) {
            return;
        }
        let said = error::of_pool(why);
        let before = outage.error().replace(said.clone());
        if before.is_none() {
            tracing::warn!(error = %said, "the database is out of reach");
            tokio::spawn(look_until_back(Arc::downgrade(outage), pool.clone()));
        }
    }

    fn error(&self) -> MutexGuard<'_, Option<StoreError>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks whether the server answers until it does, or nobody wants to know any more.
async fn look_until_back(outage: Weak<Outage>, pool: Pool) {
    loop {
        tokio::time::sleep(PAUSE).await;
        let answers = tokio::time::timeout(PATIENCE, ask(&pool)).await;
        let Some(outage) = outage.upgrade() else {
            return;
        };
        match answers {
            Ok(Ok(())) => {
                *outage.error() = None;
                tracing::info!("the database is within reach again");
                return;
            }
            Ok(Err(why)) => *outage.error() = Some(why),
            // It holds its tongue; what it said before stays.
            Err(_) => {}
        }
    }
}

async fn ask(pool: &Pool) -> Result<(), StoreError> {
    let client = pool.get().await.map_err(|why| error::of_pool(&why))?;
    let answered = client.batch_execute("").await;
    answered.map_err(|why| error::of_postgres(&why))
}

/// Whether it is the server that is out of reach. One that answers and refuses (too many connections, a
/// wrong password), and a pool of which every connection is at work, are something else.
fn is_out_of_reach(why: &PoolError) -> bool {
    match why {
        PoolError::Timeout(TimeoutType::Create) => true,
        PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
            error.as_db_error().is_none() || error.code() == Some(&SqlState::CANNOT_CONNECT_NOW)
        }
        _ => false,
    }
}
