//! Work on the store: one thread, a bounded queue in front of it, and a deadline that is checked before work begins.
//!
//! The thread is apart from the pool that answers questions, so that a store that another process holds delays no evaluation.

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

/// How much longer than its deadline work that has begun is waited for: the store itself gives up at the deadline, and
/// says for sure what became of the command.
const SETTLING: Duration = Duration::from_secs(1);

/// Why work has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueueError {
    /// It did not begin, and never will.
    NotBegun,
    /// It began, and it is not known how it ends.
    Unsettled,
}

/// Whether work waits, has begun, or was given up: exactly one of the two sides moves it on.
#[derive(Debug)]
struct Ticket(AtomicU8);

impl Ticket {
    fn go(&self, to: u8) -> bool {
        self.0.compare_exchange(WAITING, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// Gives work up that has not begun when nobody waits for it any more.
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

/// Takes work for the store.
pub(crate) struct StoreQueue {
    jobs: SyncSender<Job>,
    metrics: Arc<Metrics>,
}

impl StoreQueue {
    /// Starts the thread that does the work.
    pub(crate) fn start(most: usize, metrics: &Arc<Metrics>) -> Result<Self, String> {
        let (jobs, waiting) = sync_channel(most);
        let counted = Arc::clone(metrics);
        let thread = std::thread::Builder::new().name("rolecall-store".into());
        thread.spawn(move || work_off(&waiting, &counted)).map_err(|error| error.to_string())?;
        Ok(Self { jobs, metrics: Arc::clone(metrics) })
    }

    /// Does work before a deadline, or says that it was not done and never will be, or that it is not known.
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

    /// Work that is gone without a result was too late for the thread, or failed in the middle.
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

fn work_off(waiting: &Receiver<Job>, metrics: &Metrics) {
    while let Ok(Job { ticket, deadline, work }) = waiting.recv() {
        metrics.commands_waiting.dec();
        if Instant::now() >= deadline {
            ticket.go(GIVEN_UP);
        } else if ticket.go(BEGUN) && catch_unwind(AssertUnwindSafe(work)).is_err() {
            tracing::error!("work on the store panicked");
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

    /// Whatever was answered as not begun is never done, also where both sides decide at the same instant.
    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_given_up_is_never_done() {
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
    async fn a_full_queue_and_a_failure_are_told_apart() {
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
        assert_eq!(run(5_000, 0).await.unwrap(), Err(QueueError::NotBegun), "there is no room");
        assert_eq!(second.await.unwrap(), Err(QueueError::NotBegun), "its time was over before it began");
        assert_eq!(first.await.unwrap(), Err(QueueError::Unsettled), "it began, and goes on");
        sleep(Duration::from_millis(1_500));
        assert_eq!(run(5_000, 0).await.unwrap(), Ok(()), "the thread goes on");
        let failed = queue.run(in_millis(1_000), || panic!("a defect")).await;
        assert_eq!(failed, Err(QueueError::Unsettled));
        assert_eq!(queue.run(in_millis(1_000), || 7).await, Ok(7), "the thread goes on");
        // Nobody waits any more.
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
