//! What was started and has not ended.

use web_sys::AbortController;

/// The few things of one kind that are under way, by their ids.
pub struct UnderWay<K, V>(Vec<(K, V)>);

impl<K, V> Default for UnderWay<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Copy + PartialEq, V> UnderWay<K, V> {
    /// Something was started.
    pub fn insert(&mut self, id: K, thing: V) {
        self.0.push((id, thing));
    }

    /// It ended, or is taken back.
    pub fn remove(&mut self, id: K) -> Option<V> {
        let place = self.0.iter().position(|(have, _)| *have == id)?;
        Some(self.0.swap_remove(place).1)
    }
}

impl<K: Copy + PartialEq> UnderWay<K, AbortController> {
    /// Stops it, if it has not ended.
    pub fn cancel(&mut self, id: K) {
        if let Some(controller) = self.remove(id) {
            controller.abort();
        }
    }
}
