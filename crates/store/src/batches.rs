//! Requests that wait at the same time share a transaction and its statements.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::error::SendTimeoutError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::{Result, Store, StoreError, Work};

/// How long a request waits for its turn before it is refused as one too many.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many requests go together.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// In one transaction; bounds how long the first of them waits.
    pub together: usize,
    /// How many transactions are under way at once.
    pub at_once: usize,
    /// How many requests may wait before their callers are held back, and after some seconds refused.
    pub waiting: usize,
}

/// Takes requests one by one and runs `work` on as many as wait, in one transaction. Each is
/// answered alone, after the commit. If the transaction fails because of what it was given, each of
/// its requests is run by itself, so a request that cannot be carried out takes no other with it.
/// If the database cannot be reached, is busy or full, all of them get that error.
///
/// Ends when it is dropped, once what waits is answered.
pub struct Batches<R, T, E> {
    queue: mpsc::Sender<Waiting<R, T, E>>,
}

/// What is shared by the requests of a transaction, and they themselves.
type Arguments<C, R> = (Arc<C>, Arc<Vec<R>>);

/// Runs requests; returns an answer to each, in order.
pub type BatchWork<C, R, T, E> = Work<Arguments<C, R>, Vec<Result<T, E>>, E>;

struct Waiting<R, T, E> {
    request: R,
    since: Instant,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<R, T, E> Batches<R, T, E>
where
    R: Send + Sync + 'static,
    T: Send + 'static,
    E: From<StoreError> + Clone + Send + Sync + 'static,
{
    /// Starts to take requests, on the runtime of the caller. `context` is asked before each
    /// transaction for what its requests share.
    pub fn start<C, F>(
        store: Arc<Store>,
        name: &'static str,
        limits: Limits,
        context: F,
        work: BatchWork<C, R, T, E>,
    ) -> Self
    where
        C: Send + Sync + 'static,
        F: Fn() -> Result<Arc<C>, E> + Send + Sync + 'static,
    {
        let (queue, waiting) = mpsc::channel(limits.waiting.max(1));
        let waiting = Arc::new(tokio::sync::Mutex::new(waiting));
        let lane = Arc::new(Lane {
            store,
            name,
            context,
            work,
        });
        for _ in 0..limits.at_once.max(1) {
            let (lane, waiting) = (Arc::clone(&lane), Arc::clone(&waiting));
            tokio::spawn(async move {
                loop {
                    let mut taken = Vec::new();
                    let together = limits.together.max(1);
                    let count = waiting.lock().await.recv_many(&mut taken, together).await;
                    if count == 0 {
                        return;
                    }
                    lane.carry_out(taken).await;
                }
            });
        }
        Self { queue }
    }

    /// Carries out a request, with those that wait at the same time.
    ///
    /// # Errors
    /// Those of the work; [`StoreError`] of the transaction; [`StoreError::Busy`] if its turn did not
    /// come within some seconds.
    pub async fn run(&self, request: R) -> Result<T, E> {
        let gone = || E::from(StoreError::Unreachable("the batches have ended".to_owned()));
        let (answer, answered) = oneshot::channel();
        let since = Instant::now();
        let waiting = Waiting {
            request,
            since,
            answer,
        };
        let queued = self.queue.send_timeout(waiting, PATIENCE).await;
        queued.map_err(|refused| match refused {
            SendTimeoutError::Timeout(_) => busy().into(),
            SendTimeoutError::Closed(_) => gone(),
        })?;
        answered.await.map_err(|_| gone())?
    }
}

/// Carries out what was taken together.
struct Lane<C, F, R, T, E> {
    store: Arc<Store>,
    name: &'static str,
    context: F,
    work: BatchWork<C, R, T, E>,
}

impl<C, F, R, T, E> Lane<C, F, R, T, E>
where
    C: Send + Sync + 'static,
    F: Fn() -> Result<Arc<C>, E> + Send + Sync + 'static,
    R: Send + Sync + 'static,
    T: Send + 'static,
    E: From<StoreError> + Clone + Send + Sync + 'static,
{
    async fn carry_out(&self, mut taken: Vec<Waiting<R, T, E>>) {
        // A caller that has left is not carried out.
        taken.retain(|waiting| !waiting.answer.is_closed());
        // One that waited for so long is refused, so that the queue grows no older than its callers are
        // patient.
        let late = taken.extract_if(.., |waiting| waiting.since.elapsed() > PATIENCE);
        let late = late.map(|waiting| waiting.answer).collect();
        answer_all(late, &E::from(busy()));
        if taken.is_empty() {
            return;
        }
        let (requests, answers): (Vec<R>, Vec<_>) = taken
            .into_iter()
            .map(|waiting| (waiting.request, waiting.answer))
            .unzip();
        let requests = Arc::new(requests);
        match self.attempt(Arc::clone(&requests)).await {
            Ok(outcomes) => answer(answers, outcomes),
            Err(Failure::OfWork(error)) if answers.len() == 1 => answer(answers, vec![Err(error)]),
            Err(Failure::OfWork(error)) => match Arc::try_unwrap(requests) {
                Ok(requests) => self.one_by_one(requests, answers).await,
                // Not run by itself: the transaction still holds the requests.
                Err(_) => answer_all(answers, &error),
            },
            // The database will not do one of them either; and a commit that nobody answered may
            // have taken place, so only the callers may ask again.
            Err(Failure::OfDatabase(error)) => answer_all(answers, &error.into()),
        }
    }

    async fn one_by_one(&self, requests: Vec<R>, answers: Vec<oneshot::Sender<Result<T, E>>>) {
        let mut waiting = requests.into_iter().zip(answers);
        while let Some((request, one)) = waiting.next() {
            match self.attempt(Arc::new(vec![request])).await {
                Ok(outcomes) => answer(vec![one], outcomes),
                Err(Failure::OfWork(error)) => answer(vec![one], vec![Err(error)]),
                Err(Failure::OfDatabase(error)) => {
                    let others = waiting.by_ref().map(|(_, answer)| answer);
                    answer_all(std::iter::once(one).chain(others).collect(), &error.into());
                }
            }
        }
    }

    async fn attempt(&self, requests: Arc<Vec<R>>) -> Result<Vec<Result<T, E>>, Failure<E>> {
        let context = (self.context)().map_err(Failure::OfWork)?;
        let arguments = (self.work, (context, requests));
        self.store
            .transaction(self.name, arguments, |tx, (work, arguments)| {
                Box::pin(async { work(tx, arguments).await.map_err(Failure::OfWork) })
            })
            .await
    }
}

/// Why a transaction did not take place.
enum Failure<E> {
    /// Because of what it was given.
    OfWork(E),
    /// Whatever it had been given.
    OfDatabase(StoreError),
}

impl<E: From<StoreError>> From<StoreError> for Failure<E> {
    fn from(error: StoreError) -> Self {
        if error.is_temporary() || error == StoreError::DiskFull {
            Self::OfDatabase(error)
        } else {
            Self::OfWork(error.into())
        }
    }
}

fn busy() -> StoreError {
    StoreError::Busy("too many requests wait for their turn".to_owned())
}

fn answer_all<T, E: Clone>(answers: Vec<oneshot::Sender<Result<T, E>>>, error: &E) {
    for answer in answers {
        // A caller that has gone away needs no answer.
        drop(answer.send(Err(error.clone())));
    }
}

fn answer<T, E: From<StoreError>>(
    answers: Vec<oneshot::Sender<Result<T, E>>>,
    outcomes: Vec<Result<T, E>>,
) {
    let mut outcomes = outcomes.into_iter();
    for answer in answers {
        let outcome = outcomes.next().unwrap_or_else(|| {
            let why = "a batch answered fewer requests than it was given".to_owned();
            Err(StoreError::Database(why).into())
        });
        // A caller that has gone away needs no answer.
        drop(answer.send(outcome));
    }
}
