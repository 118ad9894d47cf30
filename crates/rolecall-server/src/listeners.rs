//! The open streams of clients, and how a change wakes those that it may concern.

use crate::revision::lock;
use rolecall_admin::Concerned;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// Counts the changes that may concern a listener.
type Changes = watch::Sender<u64>;

fn wake(changes: &Changes) {
    changes.send_modify(|count| *count += 1);
}

/// Which changes wake a listener.
#[derive(Clone, Copy)]
pub(crate) enum Wakes {
    /// Those that concern the subject who listens.
    Own,
    /// Every change.
    All,
}

/// The streams of one client.
struct Own {
    open: usize,
    changes: Changes,
}

#[derive(Default)]
pub(crate) struct Listeners {
    clients: Mutex<Clients>,
    all: Changes,
}

/// The clients that have open streams.
#[derive(Default)]
struct Clients {
    /// The number of all streams.
    open: usize,
    /// By the subject of the client. A token without a subject has the empty name.
    of: HashMap<String, Own>,
}

/// An open stream. It counts against the limits until it is dropped.
pub(crate) struct Listening {
    listeners: Arc<Listeners>,
    whose: String,
    pub(crate) changes: watch::Receiver<u64>,
}

impl Listeners {
    /// Opens a stream. Returns `None` if all clients have `most` streams, or this one has `each`.
    pub(crate) fn open(
        self: &Arc<Self>,
        whose: String,
        wakes: Wakes,
        (most, each): (usize, usize),
    ) -> Option<Listening> {
        let mut clients = lock(&self.clients);
        if clients.open >= most || clients.of.get(&whose).is_some_and(|own| own.open >= each) {
            return None;
        }
        clients.open += 1;
        let own = clients.of.entry(whose.clone()).or_insert_with(|| Own { open: 0, changes: Changes::default() });
        own.open += 1;
        let changes = match wakes {
            Wakes::Own => own.changes.subscribe(),
            Wakes::All => self.all.subscribe(),
        };
        Some(Listening { listeners: Arc::clone(self), whose, changes })
    }

    /// Wakes the listeners whom a change may concern.
    pub(crate) fn wake(&self, concerned: &Concerned) {
        wake(&self.all);
        let clients = &lock(&self.clients).of;
        match concerned {
            Concerned::Only(ids) if ids.len() < clients.len() => {
                ids.iter().filter_map(|id| clients.get(id)).for_each(|own| wake(&own.changes));
            }
            Concerned::Only(ids) => {
                clients.iter().filter(|(id, _)| ids.contains(*id)).for_each(|(_, own)| wake(&own.changes));
            }
            _ => clients.values().for_each(|own| wake(&own.changes)),
        }
    }

    /// Wakes the listeners of a subject.
    pub(crate) fn wake_subject(&self, subject: &str) {
        if let Some(own) = lock(&self.clients).of.get(subject) {
            wake(&own.changes);
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut clients = lock(&self.listeners.clients);
        clients.open -= 1;
        if let Some(own) = clients.of.get_mut(&self.whose) {
            own.open -= 1;
            if own.open == 0 {
                clients.of.remove(&self.whose);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const MOST: (usize, usize) = (4, 2);

    #[test]
    fn a_change_wakes_those_whom_it_concerns() {
        let listeners = Arc::new(Listeners::default());
        let open = |whose: &str, wakes| listeners.open(whose.to_string(), wakes, MOST).unwrap();
        let (mut eva, mut bo, mut server) =
            (open("user:eva", Wakes::Own), open("user:bo", Wakes::Own), open("", Wakes::All));
        let mut woken = |concerned: Option<Concerned>| {
            match concerned {
                Some(concerned) => listeners.wake(&concerned),
                None => listeners.wake_subject("user:bo"),
            }
            [&mut eva, &mut bo, &mut server].map(|one| {
                let woken = one.changes.has_changed().unwrap();
                one.changes.mark_unchanged();
                woken
            })
        };
        let only = |ids: &[&str]| Some(Concerned::Only(ids.iter().map(|id| (*id).to_string()).collect()));
        assert_eq!(woken(only(&["user:eva"])), [true, false, true]);
        assert_eq!(woken(only(&["user:1", "user:2", "user:3", "user:bo"])), [false, true, true]);
        assert_eq!(woken(only(&[])), [false, false, true]);
        assert_eq!(woken(Some(Concerned::Everyone)), [true, true, true]);
        assert_eq!(woken(None), [false, true, false]);
    }

    #[test]
    fn streams_are_limited_together_and_for_each_client() {
        let listeners = Arc::new(Listeners::default());
        let open = |whose: &str| listeners.open(whose.to_string(), Wakes::Own, MOST);
        let eva = [open("user:eva"), open("user:eva")];
        assert!(eva.iter().all(Option::is_some) && open("user:eva").is_none());
        let others = [open("user:bo"), open("user:cy")];
        assert!(others.iter().all(Option::is_some) && open("user:di").is_none());
        drop(eva);
        assert!(open("user:di").is_some() && open("user:eva").is_some());
        drop(others);
        let clients = lock(&listeners.clients);
        assert_eq!((clients.open, clients.of.len()), (0, 0));
    }
}
