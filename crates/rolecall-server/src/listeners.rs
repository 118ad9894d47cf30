//! The open streams of clients, and how a change wakes those that it can concern.

use crate::revision::lock;
use rolecall_admin::Concerned;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// Counts the changes that can concern a listener.
type Changes = watch::Sender<u64>;

fn wake(changes: &Changes) {
    changes.send_modify(|count| *count += 1);
}

/// The changes that wake a listener.
pub(crate) enum Wakes {
    /// Those that can concern the subject or the groups that its pass states.
    Own { groups: Vec<String> },
    /// Every change.
    All,
}

/// The open streams, by their numbers.
type Streams = HashMap<u64, Arc<Changes>>;

#[derive(Default)]
pub(crate) struct Listeners(Mutex<OpenStreams>);

#[derive(Default)]
struct OpenStreams {
    /// The number of the next stream.
    next: u64,
    /// The number of all streams.
    open: usize,
    /// By the subject of the client, and by each group that its pass states. A token without a subject has the empty
    /// name.
    of: HashMap<String, Streams>,
    /// Those that every change wakes.
    all: Streams,
}

/// An open stream. It counts against the limits until it is dropped.
pub(crate) struct Listening {
    listeners: Arc<Listeners>,
    number: u64,
    names: Vec<String>,
    pub(crate) changes: watch::Receiver<u64>,
}

impl Listeners {
    /// Opens a stream of a subject, which may state groups. Returns `None` if all clients have `most` streams, or this one
    /// has `each`.
    pub(crate) fn open(
        self: &Arc<Self>,
        whose: String,
        wakes: Wakes,
        (most, each): (usize, usize),
    ) -> Option<Listening> {
        let mut streams = lock(&self.0);
        if streams.open >= most || streams.of.get(&whose).is_some_and(|own| own.len() >= each) {
            return None;
        }
        let number = streams.next;
        (streams.next, streams.open) = (number + 1, streams.open + 1);
        let (sender, changes) = watch::channel(0);
        let sender = Arc::new(sender);
        let mut names = vec![whose];
        match wakes {
            Wakes::Own { groups } => names.extend(groups),
            Wakes::All => _ = streams.all.insert(number, Arc::clone(&sender)),
        }
        for name in &names {
            streams.of.entry(name.clone()).or_default().insert(number, Arc::clone(&sender));
        }
        Some(Listening { listeners: Arc::clone(self), number, names, changes })
    }

    /// Wakes the listeners that a change can concern.
    pub(crate) fn wake(&self, concerned: &Concerned) {
        let streams = lock(&self.0);
        streams.all.values().for_each(|stream| wake(stream));
        let wake_all = |own: &Streams| own.values().for_each(|stream| wake(stream));
        match concerned {
            Concerned::Only(ids) if ids.len() < streams.of.len() => {
                ids.iter().filter_map(|id| streams.of.get(id)).for_each(wake_all);
            }
            Concerned::Only(ids) => {
                streams.of.iter().filter(|(id, _)| ids.contains(*id)).for_each(|(_, own)| wake_all(own));
            }
            _ => streams.of.values().for_each(wake_all),
        }
    }

    /// Wakes the listeners of a subject.
    pub(crate) fn wake_subject(&self, subject: &str) {
        lock(&self.0).of.get(subject).into_iter().flat_map(HashMap::values).for_each(|stream| wake(stream));
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut streams = lock(&self.listeners.0);
        streams.open -= 1;
        streams.all.remove(&self.number);
        for name in &self.names {
            if let Some(own) = streams.of.get_mut(name) {
                own.remove(&self.number);
                if own.is_empty() {
                    streams.of.remove(name);
                }
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
        let own = |groups: &[&str]| Wakes::Own { groups: groups.iter().map(ToString::to_string).collect() };
        let (mut eva, mut bo, mut server) =
            (open("user:eva", own(&["group:staff"])), open("user:bo", own(&[])), open("", Wakes::All));
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
        assert_eq!(woken(only(&["group:staff"])), [true, false, true]);
        assert_eq!(woken(only(&["user:1", "user:2", "user:3", "user:4", "user:bo"])), [false, true, true]);
        assert_eq!(woken(only(&[])), [false, false, true]);
        assert_eq!(woken(Some(Concerned::Everyone)), [true, true, true]);
        assert_eq!(woken(None), [false, true, false]);
    }

    #[test]
    fn streams_are_limited_together_and_for_each_client() {
        let listeners = Arc::new(Listeners::default());
        let open = |whose: &str| listeners.open(whose.to_string(), Wakes::Own { groups: Vec::new() }, MOST);
        let eva = [open("user:eva"), open("user:eva")];
        assert!(eva.iter().all(Option::is_some) && open("user:eva").is_none());
        let others = [open("user:bo"), open("user:cy")];
        assert!(others.iter().all(Option::is_some) && open("user:di").is_none());
        drop(eva);
        assert!(open("user:di").is_some() && open("user:eva").is_some());
        drop(others);
        let streams = lock(&listeners.0);
        assert_eq!((streams.open, streams.of.len(), streams.all.len()), (0, 0, 0));
    }
}
