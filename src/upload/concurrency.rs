//! How many requests to S3 are under way at once: found out, within what the
//! browser gives.

use super::time::Instant;

/// Begins with [`FIRST`] connections and takes one more while that makes the
/// whole faster; halves them when S3 asks to slow down, and takes one less when
/// a connection breaks.
pub(super) struct Concurrency {
    limit: usize,
    most: usize,
    epoch: Epoch,
    /// Bytes a second of the last epoch with fewer connections.
    before: f64,
    /// Epochs to wait before one more is tried again.
    hold: u32,
    cut_at: Option<Instant>,
}

/// What was sent since the last decision.
struct Epoch {
    since: Instant,
    bytes: u64,
    requests: usize,
    /// Whether all connections were in use at its end.
    full: bool,
}

const FIRST: usize = 4;
/// With no more than this left to send, a request waits for its answer rather
/// than for the link: the next may begin beside it.
pub(super) const LITTLE: u64 = 1 << 20;
/// An epoch is long enough to tell speeds apart.
const EPOCH_MS: u64 = 200;
/// One more connection is worth it if it brings this much.
const GAIN: f64 = 1.04;
/// After one that was not, so many epochs pass before the next is tried.
const HOLD: u32 = 8;
/// Connections that break together count once.
const TOGETHER_MS: u64 = 1_000;

impl Concurrency {
    pub(super) fn new(most: usize) -> Self {
        let limit = FIRST.min(most);
        Self { limit, most, epoch: Epoch::new(Instant::default()), before: 0.0, hold: 0, cut_at: None }
    }

    /// Requests that may be under way with much left to send.
    #[cfg(test)]
    const fn limit(&self) -> usize {
        self.limit
    }

    /// Whether one more may begin beside those under way, of which so many have
    /// more than [`LITTLE`] left to send. The others take a connection, no more:
    /// but where S3 asked for less, every request counts.
    pub(super) const fn has_room(&self, under_way: usize, busy: usize) -> bool {
        let asked_for_less = self.limit < FIRST && self.limit < self.most;
        let connections = if asked_for_less { self.limit } else { self.most };
        busy < self.limit && under_way < connections
    }

    /// A request was begun; so many are under way now.
    pub(super) const fn began(&mut self, under_way: usize) {
        self.epoch.full |= under_way >= self.limit;
    }

    /// Nothing was under way before: the time before does not count.
    pub(super) const fn woke(&mut self, now: Instant) {
        self.epoch = Epoch::new(now);
    }

    /// Bytes left the page.
    pub(super) const fn moved(&mut self, bytes: u64) {
        self.epoch.bytes = self.epoch.bytes.saturating_add(bytes);
    }

    /// A request came to a good end.
    pub(super) fn succeeded(&mut self, now: Instant) {
        self.epoch.requests += 1;
        let elapsed = now.since(self.epoch.since);
        if elapsed < EPOCH_MS || self.epoch.requests < self.limit {
            return;
        }
        let rate = self.epoch.bytes as f64 * 1000.0 / elapsed as f64;
        let full = self.epoch.full;
        self.epoch = Epoch::new(now);
        if !full || self.limit == self.most {
            return;
        }
        if self.hold > 0 {
            self.hold -= 1;
        } else if rate > self.before * GAIN {
            self.before = rate;
            self.limit += 1;
        } else {
            self.before = rate;
            self.hold = HOLD;
        }
    }

    /// S3 asked to slow down.
    pub(super) fn throttled(&mut self, now: Instant) {
        self.cut(now, self.limit / 2);
    }

    /// A connection broke, or stood still.
    pub(super) fn lost(&mut self, now: Instant) {
        self.cut(now, self.limit - 1);
    }

    fn cut(&mut self, now: Instant, limit: usize) {
        if self.cut_at.is_some_and(|at| now < at.after(TOGETHER_MS)) {
            return;
        }
        self.cut_at = Some(now);
        self.limit = limit.max(1);
        self.before = 0.0;
        self.hold = 1;
        self.epoch = Epoch::new(now);
    }
}

impl Epoch {
    const fn new(since: Instant) -> Self {
        Self { since, bytes: 0, requests: 0, full: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends for `ms`, a request of `bytes` ended by each connection every `each` ms.
    fn send(it: &mut Concurrency, now: &mut u64, ms: u64, rate: impl Fn(usize) -> u64) {
        let end = *now + ms;
        while *now < end {
            *now += 100;
            let limit = it.limit();
            it.began(limit);
            it.moved(rate(limit) / 10);
            for _ in 0..limit {
                it.succeeded(Instant::from_millis(*now));
            }
        }
    }

    #[test]
    fn more_while_that_is_faster() {
        let (mut it, mut now) = (Concurrency::new(6), 0);
        assert_eq!(it.limit(), 4);
        send(&mut it, &mut now, 10_000, |limit| limit as u64 * 1_000_000);
        assert_eq!(it.limit(), 6, "and never more than there are");
        assert_eq!(Concurrency::new(2).limit(), 2);
    }

    #[test]
    fn no_more_where_the_link_is_full() {
        let (mut it, mut now) = (Concurrency::new(32), 0);
        send(&mut it, &mut now, 10_000, |_| 5_000_000);
        assert!(it.limit() <= 8, "{}", it.limit());
    }

    #[test]
    fn half_when_asked_to_slow_down_and_one_less_for_a_broken_connection() {
        let (mut it, mut now) = (Concurrency::new(16), 0);
        send(&mut it, &mut now, 20_000, |limit| limit as u64 * 1_000_000);
        assert_eq!(it.limit(), 16);
        let at = Instant::from_millis;
        it.throttled(at(now));
        it.throttled(at(now + 10));
        it.lost(at(now + 20));
        assert_eq!(it.limit(), 8, "those that came together count once");
        it.lost(at(now + 2_000));
        assert_eq!(it.limit(), 7);
        now += 2_000;
        send(&mut it, &mut now, 20_000, |limit| limit as u64 * 1_000_000);
        assert_eq!(it.limit(), 16, "it comes back");
        for _ in 0..40 {
            now += 5_000;
            it.throttled(at(now));
        }
        assert_eq!(it.limit(), 1, "but never to nothing");
    }

    #[test]
    fn what_only_waits_for_an_answer_takes_a_connection_and_no_more() {
        let (mut it, mut now) = (Concurrency::new(6), 0);
        assert!(it.has_room(3, 3) && !it.has_room(4, 4), "it begins with four");
        assert!(it.has_room(5, 3) && !it.has_room(6, 3) && !it.has_room(6, 0));
        send(&mut it, &mut now, 10_000, |limit| limit as u64 * 1_000_000);
        it.throttled(Instant::from_millis(now));
        assert!(it.has_room(2, 0) && !it.has_room(3, 0), "all count once S3 asked for less");
        assert!(Concurrency::new(1).has_room(0, 0) && !Concurrency::new(1).has_room(1, 0));
    }

    #[test]
    fn what_is_not_used_is_not_widened() {
        let (mut it, mut now) = (Concurrency::new(6), 0);
        for _ in 0..100 {
            now += 500;
            it.began(1);
            it.moved(now * 1_000);
            for _ in 0..4 {
                it.succeeded(Instant::from_millis(now));
            }
        }
        assert_eq!(it.limit(), 4);
    }
}
