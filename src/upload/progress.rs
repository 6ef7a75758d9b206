//! How far an upload is, how fast it goes, and how long it may still take.

use super::time::Instant;

/// How far an upload (or all of them) is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Bytes in all.
    pub total: u64,
    /// Bytes that S3 has confirmed.
    pub confirmed: u64,
    /// Bytes that left the page and are not confirmed; `confirmed + in_flight`
    /// is never more than `total`, and falls only when an attempt is thrown away.
    pub in_flight: u64,
    /// Whether everything is finished; only then is [`fraction`](Self::fraction) 1.
    pub finished: bool,
    /// Bytes a second, smoothed over a few seconds; 0 when nothing moves.
    pub speed: f64,
}

impl Progress {
    /// Bytes confirmed and in flight.
    #[must_use]
    pub const fn loaded(&self) -> u64 {
        self.confirmed.saturating_add(self.in_flight)
    }

    /// From 0 to 1, and 1 only when finished: bytes that have left the page are
    /// not in the bucket yet, so an unfinished upload shows at most 0.999.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        if self.finished {
            return 1.0;
        }
        if self.total == 0 {
            return 0.0;
        }
        (self.loaded() as f64 / self.total as f64).min(0.999)
    }

    /// Milliseconds still to go at this speed; `None` while it is not known.
    #[must_use]
    pub fn remaining_ms(&self) -> Option<u64> {
        if self.finished {
            return Some(0);
        }
        let left = self.total.saturating_sub(self.loaded()) as f64;
        (self.speed >= 1.0).then(|| (left / self.speed * 1000.0) as u64)
    }
}

/// Measures bytes a second as an exponential moving average over time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Speedometer {
    last: Instant,
    /// When something moved last.
    moved: Instant,
    pending: u64,
    rate: f64,
    /// How much time `rate` was measured over, up to [`MEMORY_MS`].
    measured_ms: u64,
}

/// A sample weighs by its duration against this, or against the time measured
/// so far while that is shorter (a plain average, then): after three seconds of
/// a new speed, half of what is shown is the new one.
const MEMORY_MS: u64 = 3_000;
/// Shorter samples are gathered: progress events come in bursts.
const SAMPLE_MS: u64 = 250;

impl Speedometer {
    pub(super) const fn new() -> Self {
        Self {
            last: Instant::from_millis(0),
            moved: Instant::from_millis(0),
            pending: 0,
            rate: 0.0,
            measured_ms: 0,
        }
    }

    /// Something begins to move after standing still: the time since it moved
    /// last does not count.
    pub(super) const fn start(&mut self, now: Instant) {
        let counted = self.moved.since(self.last);
        self.last = Instant::from_millis(now.millis().saturating_sub(counted));
        self.moved = now;
    }

    /// Bytes that moved since the last call.
    pub(super) fn add(&mut self, bytes: u64, now: Instant) {
        self.pending = self.pending.saturating_add(bytes);
        self.moved = now;
        let elapsed = now.since(self.last);
        if elapsed < SAMPLE_MS {
            return;
        }
        self.rate = self.blended(elapsed);
        self.measured_ms = self.measured_ms.saturating_add(elapsed).min(MEMORY_MS);
        self.last = now;
        self.pending = 0;
    }

    /// Bytes a second; it fades while nothing moves.
    pub(super) fn rate(&self, now: Instant) -> f64 {
        let elapsed = now.since(self.last);
        if elapsed < SAMPLE_MS { self.rate } else { self.blended(elapsed) }
    }

    /// The average with the sample that ends after `elapsed`.
    fn blended(&self, elapsed: u64) -> f64 {
        let sample = self.pending as f64 * 1000.0 / elapsed as f64;
        let weight = elapsed as f64 / (self.measured_ms + elapsed) as f64;
        self.rate + (sample - self.rate) * weight
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_steady_stream_shows_its_speed() {
        let mut speed = Speedometer::new();
        speed.start(Instant::from_millis(1_000_000));
        for step in 1..=100 {
            speed.add(5_000, Instant::from_millis(1_000_000 + step * 50));
        }
        let rate = speed.rate(Instant::from_millis(1_005_000));
        assert!((rate - 100_000.0).abs() < 1.0, "{rate}");
    }

    #[test]
    fn short_bursts_count_as_one() {
        let mut speed = Speedometer::new();
        for burst in 1..=40 {
            speed.start(Instant::from_millis(burst * 10_000));
            speed.add(50_000, Instant::from_millis(burst * 10_000 + 50));
        }
        let rate = speed.rate(Instant::from_millis(400_050));
        assert!((rate - 1_000_000.0).abs() < 100_000.0, "{rate}");
    }

    #[test]
    fn it_fades_when_nothing_moves() {
        let mut speed = Speedometer::new();
        speed.add(1_000_000, Instant::from_millis(1_000));
        let moving = speed.rate(Instant::from_millis(1_000));
        let still = speed.rate(Instant::from_millis(31_000));
        assert!(still < moving / 10.0, "{still} of {moving}");
    }

    #[test]
    fn whole_only_when_finished() {
        let sent = Progress { total: 10, in_flight: 10, ..Progress::default() };
        assert!(sent.fraction() < 1.0);
        assert_eq!(Progress { finished: true, ..sent }.fraction(), 1.0);
        assert_eq!(Progress::default().fraction(), 0.0, "an empty file is not there before it is");
    }

    proptest! {
        #[test]
        fn rates_are_finite_and_not_negative(samples in prop::collection::vec((0_u64..1 << 50, 0_u64..100_000), 0..50)) {
            let mut speed = Speedometer::new();
            let mut now = Instant::default();
            for (bytes, wait) in samples {
                now = now.after(wait);
                speed.add(bytes, now);
                let rate = speed.rate(now.after(wait));
                prop_assert!(rate.is_finite() && rate >= 0.0);
            }
        }
    }
}
