//! Runs work on the store: one thread, a bounded queue, and a deadline that is checked before work begins.
//!
//! The thread is separate from the pool that evaluates requests. A store that another process holds therefore delays no
//! evaluation.

use crate::metrics::Metrics;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

const WAITING: u8 = 0;
const BEGUN: u8 = 1;
const GIVEN_UP: u8 = 2;

/// How long past its deadline started work is awaited. The store itself stops at the deadline, and then reports the
/// outcome of the command.
const SETTLING: Duration = Duration::from_secs(1);

/// Why work has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueueError {
    /// The work did not start and never will.
    NotBegun,
    /// The work started; its outcome is unknown.
    Unsettled,
}

/// The state of work: waiting, started or cancelled. Exactly one side moves it out of waiting.
#[derive(Debug)]
struct Ticket(AtomicU8);

impl Ticket {
    fn go(&self, to: u8) -> bool {
        self.0.compare_exchange(WAITING, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// Cancels work that has not started when its caller drops the future.
struct Claim(Arc<Ticket>);

impl Drop for Claim {
    fn drop(&mut self) {
        self.0.go(GIVEN_UP);
    }
}

struct Job {
    ticket: Arc<Ticket>,
    deadline: Instant,
    work: Box<dyn FnOnce() + Send>,
}

/// Accepts work for the store.
pub(crate) struct StoreQueue {
    jobs: SyncSender<Job>,
    metrics: Arc<Metrics>,
}

impl StoreQueue {
    /// Starts the thread that runs the work.
    pub(crate) fn start(most: usize, metrics: &Arc<Metrics>) -> Result<Self, String> {
        let (jobs, waiting) = sync_channel(most);
        let counted = Arc::clone(metrics);
        let thread = std::thread::Builder::new().name("rolecall-store".into());
        thread.spawn(move || run_jobs(&waiting, &counted)).map_err(|error| error.to_string())?;
        Ok(Self { jobs, metrics: Arc::clone(metrics) })
    }

    /// Runs work before a deadline.
    ///
    /// # Errors
    ///
    /// [`QueueError`]: the work never started, or its outcome is unknown.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        deadline: Instant,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, QueueError> {
        let (done, result) = oneshot::channel();
        let ticket = Arc::new(Ticket(AtomicU8::new(WAITING)));
        let _claim = Claim(Arc::clone(&ticket));
        let work = Box::new(move || drop(done.send(work())));
        self.metrics.commands_waiting.inc();
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) =
            self.jobs.try_send(Job { ticket: Arc::clone(&ticket), deadline, work })
        {
            self.metrics.commands_waiting.dec();
            return self.unmet(QueueError::NotBegun);
        }
        let mut result = std::pin::pin!(result);
        if let Ok(result) = tokio::time::timeout_at(deadline.into(), &mut result).await {
            return result.or_else(|_| self.ended(&ticket));
        }
        if ticket.go(GIVEN_UP) {
            return self.unmet(QueueError::NotBegun);
        }
        match tokio::time::timeout_at((deadline + SETTLING).into(), &mut result).await {
            Ok(result) => result.or_else(|_| self.ended(&ticket)),
            Err(_) => self.unmet(QueueError::Unsettled),
        }
    }

    /// Work that disappeared without a result was too late for the thread, or panicked.
    fn ended<T>(&self, ticket: &Ticket) -> Result<T, QueueError> {
        let has_begun = ticket.0.load(Ordering::Acquire) == BEGUN;
        self.unmet(if has_begun { QueueError::Unsettled } else { QueueError::NotBegun })
    }

    fn unmet<T>(&self, unmet: QueueError) -> Result<T, QueueError> {
        self.metrics.unmet(match unmet {
            QueueError::NotBegun => "not_begun",
            QueueError::Unsettled => "unsettled",
        });
        Err(unmet)
    }
}

fn run_jobs(waiting: &Receiver<Job>, metrics: &Metrics) {
    while let Ok(Job { ticket, deadline, work }) = waiting.recv() {
        metrics.commands_waiting.dec();
        if Instant::now() >= deadline {
            ticket.go(GIVEN_UP);
        } else if ticket.go(BEGUN) && catch_unwind(AssertUnwindSafe(work)).is_err() {
            tracing::error!("work on the store panicked; its caller gets an error");
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;
    use std::thread::sleep;

    fn in_millis(millis: u64) -> Instant {
        Instant::now() + Duration::from_millis(millis)
    }

    /// Work reported as not started never runs, even if both sides decide at the same time.
    #[tokio::test(flavor = "multi_thread")]
    async fn cancelled_work_never_runs() {
        let queue = Arc::new(StoreQueue::start(1_000, &Arc::new(Metrics::new())).unwrap());
        let done = Arc::new(AtomicUsize::new(0));
        let mut all = Vec::new();
        for number in 0..200 {
            let (queue, done) = (Arc::clone(&queue), Arc::clone(&done));
            all.push(tokio::spawn(async move {
                let work = move || {
                    sleep(Duration::from_millis(2));
                    done.fetch_add(1, Ordering::SeqCst);
                };
                queue.run(in_millis(number), work).await
            }));
        }
        let mut met = 0;
        for one in all {
            met += usize::from(one.await.unwrap().is_ok());
        }
        sleep(Duration::from_millis(100));
        assert_eq!(done.load(Ordering::SeqCst), met);
        assert!(met > 0 && met < 200, "{met}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_full_queue_and_a_panic_have_different_errors() {
        let queue = Arc::new(StoreQueue::start(1, &Arc::new(Metrics::new())).unwrap());
        let run = |millis: u64, takes: u64| {
            let queue = Arc::clone(&queue);
            let work = move || sleep(Duration::from_millis(takes));
            tokio::spawn(async move { queue.run(in_millis(millis), work).await })
        };
        let first = run(50, 2_000);
        sleep(Duration::from_millis(20));
        let second = run(200, 0);
        sleep(Duration::from_millis(20));
        assert_eq!(run(5_000, 0).await.unwrap(), Err(QueueError::NotBegun), "the queue is full");
        assert_eq!(second.await.unwrap(), Err(QueueError::NotBegun), "its deadline passed before it started");
        assert_eq!(first.await.unwrap(), Err(QueueError::Unsettled), "it started, and continues");
        sleep(Duration::from_millis(1_500));
        assert_eq!(run(5_000, 0).await.unwrap(), Ok(()), "the thread continues");
        let failed = queue.run(in_millis(1_000), || panic!("a defect")).await;
        assert_eq!(failed, Err(QueueError::Unsettled));
        assert_eq!(queue.run(in_millis(1_000), || 7).await, Ok(7), "the thread continues");
        // The caller no longer waits.
        let blocker = run(2_000, 300);
        sleep(Duration::from_millis(20));
        let done = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&done);
        let left = tokio::spawn({
            let queue = Arc::clone(&queue);
            async move { queue.run(in_millis(2_000), move || counted.fetch_add(1, Ordering::SeqCst)).await }
        });
        sleep(Duration::from_millis(20));
        left.abort();
        assert_eq!(blocker.await.unwrap(), Ok(()));
        sleep(Duration::from_millis(50));
        assert_eq!(done.load(Ordering::SeqCst), 0);
    }
}
