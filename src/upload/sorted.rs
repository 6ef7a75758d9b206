//! Sorted collections on one run of memory. The engine's keys mostly arrive
//! in ascending order and leave in it, and the code of a `BTreeMap` for each
//! kind of key would weigh more in the wasm module than the rest of the queue.

use std::collections::VecDeque;
use std::ops::RangeFrom;

/// A map in the order of its keys; quick at both ends, linear in the middle
/// (where entries are small).
#[derive(Clone, Debug)]
pub(super) struct SortedMap<K, V>(VecDeque<(K, V)>);

impl<K: Ord + Copy, V> SortedMap<K, V> {
    pub(super) const fn new() -> Self {
        Self(VecDeque::new())
    }

    fn place(&self, key: K) -> Result<usize, usize> {
        self.0.binary_search_by(|(have, _)| have.cmp(&key))
    }

    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(key) {
            Ok(place) => {
                let (_, slot) = self.0.get_mut(place)?;
                Some(std::mem::replace(slot, value))
            }
            Err(place) => {
                self.0.insert(place, (key, value));
                None
            }
        }
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        Some(self.0.remove(self.place(*key).ok()?)?.1)
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        Some(&self.0.get(self.place(*key).ok()?)?.1)
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let place = self.place(*key).ok()?;
        Some(&mut self.0.get_mut(place)?.1)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|(key, _)| key)
    }

    #[cfg(test)]
    fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }
}

/// A set in order.
#[derive(Clone, Debug)]
pub(super) struct SortedSet<K>(SortedMap<K, ()>);

impl<K: Ord + Copy> SortedSet<K> {
    pub(super) const fn new() -> Self {
        Self(SortedMap::new())
    }

    pub(super) fn insert(&mut self, key: K) {
        self.0.insert(key, ());
    }

    pub(super) fn remove(&mut self, key: &K) {
        self.0.remove(key);
    }

    pub(super) fn pop_first(&mut self) -> Option<K> {
        Some(self.0.0.pop_front()?.0)
    }

    /// Those from `range.start` on.
    pub(super) fn range(&self, range: RangeFrom<K>) -> impl Iterator<Item = &K> {
        let first = self.0.place(range.start).unwrap_or_else(|place| place);
        self.0.0.range(first..).map(|(key, ())| key)
    }

    /// Everything, which is no longer in the set then.
    pub(super) fn take(&mut self) -> impl Iterator<Item = K> + use<K> {
        std::mem::take(&mut self.0.0).into_iter().map(|(key, ())| key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    proptest! {
        #[test]
        fn a_map_is_what_a_tree_is(steps in prop::collection::vec((0_u8..3, 0_u32..20, any::<u8>()), 0..200)) {
            let (mut map, mut tree) = (SortedMap::new(), BTreeMap::new());
            for (step, key, value) in steps {
                match step {
                    0 => prop_assert_eq!(map.insert(key, value), tree.insert(key, value)),
                    1 => prop_assert_eq!(map.remove(&key), tree.remove(&key)),
                    _ => prop_assert_eq!(map.get_mut(&key).copied(), tree.get_mut(&key).copied()),
                }
                prop_assert_eq!(map.get(&key), tree.get(&key));
                prop_assert!(map.keys().eq(tree.keys()) && map.values().eq(tree.values()));
            }
        }

        #[test]
        fn a_set_is_what_a_tree_is(steps in prop::collection::vec((0_u8..3, 0_u32..20), 0..200), from in 0_u32..20) {
            let (mut set, mut tree) = (SortedSet::new(), BTreeSet::new());
            for (step, key) in steps {
                match step {
                    0 => { set.insert(key); tree.insert(key); }
                    1 => { set.remove(&key); tree.remove(&key); }
                    _ => prop_assert_eq!(set.pop_first(), tree.pop_first()),
                }
                prop_assert!(set.range(from..).eq(tree.range(from..)));
            }
            prop_assert!(set.take().eq(tree));
            prop_assert_eq!(set.pop_first(), None);
        }
    }
}
