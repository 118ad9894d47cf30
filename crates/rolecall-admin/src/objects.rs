//! The objects of a state. Clones share them, so a clone takes as long for many objects as for few.

use crate::object::{ObjectKey, ObjectKind};
use crate::private::each_seal;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The maximum number of changes that a clone carries before it copies all objects.
const CHANGES: usize = 4096;

/// Objects by key: those that clones share, and the changes since.
#[derive(Clone, Debug, Default)]
pub(crate) struct Objects {
    shared: Arc<Shared>,
    /// `None` for an object that was removed.
    changed: BTreeMap<ObjectKey, Option<Value>>,
}

#[derive(Clone, Debug, Default)]
struct Shared {
    objects: BTreeMap<ObjectKey, Value>,
    /// How often these objects contain each seal.
    seals: HashMap<String, usize>,
}

impl Shared {
    fn put(&mut self, key: ObjectKey, value: Option<Value>) {
        value
            .iter()
            .for_each(|value| each_seal(value, &mut |seal| *self.seals.entry(seal.to_string()).or_default() += 1));
        let before = match value {
            Some(value) => self.objects.insert(key, value),
            None => self.objects.remove(&key),
        };
        before.iter().for_each(|value| each_seal(value, &mut |seal| self.release(seal)));
    }

    fn release(&mut self, seal: &str) {
        if let Some(count) = self.seals.get_mut(seal) {
            *count -= 1;
            if *count == 0 {
                self.seals.remove(seal);
            }
        }
    }
}

impl Objects {
    pub(crate) fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    pub(crate) fn get(&self, key: &ObjectKey) -> Option<&Value> {
        match self.changed.get(key) {
            Some(changed) => changed.as_ref(),
            None => self.shared.objects.get(key),
        }
    }

    /// Adds or replaces an object, or removes it.
    pub(crate) fn put(&mut self, key: ObjectKey, value: Option<Value>) {
        if self.changed.len() >= CHANGES {
            Arc::make_mut(&mut self.shared);
        }
        match Arc::get_mut(&mut self.shared) {
            Some(shared) => {
                for (key, value) in std::mem::take(&mut self.changed) {
                    shared.put(key, value);
                }
                shared.put(key, value);
            }
            None => _ = self.changed.insert(key, value),
        }
    }

    /// Returns all objects, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&ObjectKey, &Value)> {
        self.from(&ObjectKey::new(ObjectKind::ALL[0], ""))
    }

    /// Returns the objects from a key on, in order.
    pub(crate) fn from(&self, first: &ObjectKey) -> impl Iterator<Item = (&ObjectKey, &Value)> + use<'_> {
        let mut shared = self.shared.objects.range(first..).peekable();
        let mut changed = self.changed.range(first..).peekable();
        std::iter::from_fn(move || {
            loop {
                let order = match (shared.peek(), changed.peek()) {
                    (Some((one, _)), Some((other, _))) => one.cmp(other),
                    (_, None) => Ordering::Less,
                    (None, _) => Ordering::Greater,
                };
                if order == Ordering::Less {
                    return shared.next();
                }
                if order == Ordering::Equal {
                    shared.next();
                }
                if let (key, Some(value)) = changed.next()? {
                    return Some((key, value));
                }
            }
        })
    }

    /// Returns whether an object contains a seal.
    pub(crate) fn contain_seal(&self, seal: &str) -> bool {
        let count = |value: &Value| {
            let mut count = 0;
            each_seal(value, &mut |one| count += usize::from(one == seal));
            count
        };
        let gone = self.changed.keys().filter_map(|key| self.shared.objects.get(key)).map(count).sum::<usize>();
        let new = self.changed.values().flatten().map(count).sum::<usize>();
        self.shared.seals.get(seal).copied().unwrap_or_default() + new > gone
    }
}

impl FromIterator<(ObjectKey, Value)> for Objects {
    fn from_iter<T: IntoIterator<Item = (ObjectKey, Value)>>(all: T) -> Self {
        let mut shared = Shared::default();
        all.into_iter().for_each(|(key, value)| shared.put(key, Some(value)));
        Self { shared: Arc::new(shared), changed: BTreeMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Returns a value that contains some seals.
    fn value(numbers: &[usize]) -> Value {
        let seals = numbers.iter().map(|number| json!({ "sealed": seal(*number) }));
        json!({ "all": seals.collect::<Vec<_>>() })
    }

    fn seal(number: usize) -> String {
        format!("{number:064x}")
    }

    #[test]
    fn clones_share_objects_and_differ_like_maps() {
        let mut random = 7_usize;
        let mut below = |bound: usize| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % bound
        };
        let mut all = vec![(Objects::default(), BTreeMap::<ObjectKey, Value>::new())];
        for _ in 0..4000 {
            let place = below(all.len());
            let Some((objects, map)) = all.get_mut(place) else { continue };
            let kind = if below(2) == 0 { ObjectKind::Person } else { ObjectKind::Subject };
            let key = ObjectKey::new(kind, below(12).to_string());
            match below(3) {
                0 => {
                    objects.put(key.clone(), None);
                    map.remove(&key);
                }
                _ => {
                    let value = value(&[below(6), below(6)]);
                    objects.put(key.clone(), Some(value.clone()));
                    map.insert(key.clone(), value);
                }
            }
            assert!(objects.iter().eq(map.iter()));
            assert!(objects.from(&key).eq(map.range(&key..)));
            assert_eq!((objects.get(&key), objects.is_empty()), (map.get(&key), map.is_empty()));
            let text = json!(map.values().collect::<Vec<_>>()).to_string();
            (0..6).for_each(|number| assert_eq!(objects.contain_seal(&seal(number)), text.contains(&seal(number))));
            // A clone is kept, or dropped so that its original is no longer shared.
            match below(4) {
                0 if all.len() < 4 => all.extend(all.get(place).cloned()),
                1 if all.len() > 1 => _ = all.remove(place),
                _ => {}
            }
        }
    }
}
