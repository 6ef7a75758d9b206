//! Whether there is a network.

use super::time::Instant;

/// What the browser says of the network, taken with care: some call a machine
/// offline that reaches its servers well. So while it is said to be offline,
/// one request is let through at once and then one now and then; any answer
/// means online.
pub(super) struct Network {
    probe_ms: u64,
    offline: Option<Offline>,
    /// When there was a network again.
    back: Option<Instant>,
}

struct Offline {
    wait_ms: u64,
    probe_at: Instant,
    probe_allowed: bool,
}

/// Waits between probes grow up to so many times the first.
const LONGEST: u64 = 8;

impl Network {
    pub(super) const fn new(probe_ms: u64) -> Self {
        Self { probe_ms, offline: None, back: None }
    }

    pub(super) const fn is_online(&self) -> bool {
        self.offline.is_none()
    }

    /// Whether a request may be begun.
    pub(super) const fn may_begin(&self) -> bool {
        match &self.offline {
            None => true,
            Some(offline) => offline.probe_allowed,
        }
    }

    /// A request was begun.
    pub(super) const fn began(&mut self) {
        if let Some(offline) = &mut self.offline {
            offline.probe_allowed = false;
        }
    }

    /// Whether that is news.
    pub(super) const fn went_offline(&mut self, now: Instant) -> bool {
        if self.offline.is_some() {
            return false;
        }
        let wait_ms = self.probe_ms;
        self.offline = Some(Offline { wait_ms, probe_at: now.after(wait_ms), probe_allowed: true });
        true
    }

    /// Whether that is news.
    pub(super) const fn went_online(&mut self, now: Instant) -> bool {
        let news = self.offline.take().is_some();
        if news {
            self.back = Some(now);
        }
        news
    }

    /// Whether what was asked then, and got no answer, was asked without a network.
    pub(super) fn was_away(&self, asked: Instant) -> bool {
        self.back.is_some_and(|back| asked <= back)
    }

    /// Lets a probe through when it is time and there is something to try with.
    pub(super) fn tick(&mut self, now: Instant, wanted: bool) {
        let longest = self.probe_ms.saturating_mul(LONGEST);
        if let Some(offline) = &mut self.offline
            && wanted
            && now >= offline.probe_at
        {
            offline.probe_allowed = true;
            offline.wait_ms = offline.wait_ms.saturating_mul(2).min(longest);
            offline.probe_at = now.after(offline.wait_ms);
        }
    }

    pub(super) fn next_timeout(&self, wanted: bool) -> Option<Instant> {
        self.offline.as_ref().filter(|_| wanted).map(|offline| offline.probe_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_grow_rarer_and_an_answer_ends_them() {
        let at = Instant::from_millis;
        let mut network = Network::new(10);
        assert!(network.may_begin() && network.next_timeout(true).is_none());
        assert!(network.went_offline(at(0)));
        assert!(!network.went_offline(at(5)), "no news");
        assert!(network.may_begin(), "is it true?");
        network.began();
        assert!(!network.may_begin());
        let mut now = at(0);
        let mut waits = Vec::new();
        for _ in 0..6 {
            let probe = network.next_timeout(true).expect("a probe");
            waits.push(probe.since(now));
            now = probe;
            network.tick(now, true);
            assert!(network.may_begin());
            network.began();
            assert!(!network.may_begin(), "one at a time");
        }
        assert_eq!(waits, [10, 20, 40, 80, 80, 80]);
        assert_eq!(network.next_timeout(false), None, "nothing to try with");
        assert!(!network.was_away(at(1)));
        assert!(network.went_online(now) && network.may_begin() && !network.went_online(now));
        assert!(network.was_away(at(1)) && network.was_away(now) && !network.was_away(now.after(1)));
    }
}
