//! How long an attempt may stand still.

use super::config::Config;
use super::plan::Plan;
use super::time::Instant;

/// The slowest link that is waited for where the browser does not say how far
/// it is: 16 KiB/s. A faster limit is set by what was measured (a sixteenth of
/// the speed of all uploads together), but never one above 1 MiB/s.
const SLOWEST: u64 = 16 << 10;
const FASTEST: u64 = 1 << 20;
/// What a browser and its operating system may hold back while they report a
/// byte as sent.
const BUFFERED: u64 = 4 << 20;
/// What S3 itself needs before it answers: it works through at least 20 MB/s.
const STORED_PER_MS: u64 = 20_000;
/// To put parts together, it may need so long at least, and at most.
const COMPLETION_MS: u64 = 90_000;
const LONGEST_COMPLETION_MS: u64 = 600_000;

/// The moment after which an attempt is given up, unless it moves before:
///
/// - while bytes of a PUT are leaving, `stall_ms` after the last that did;
/// - when all have left, `stall_ms`, and the time for 4 MiB in buffers on the
///   slowest link, and for S3 to work through the file at 20 MB/s;
/// - of a POST form, which shows nothing until the answer, the same with the
///   whole file on the slowest link.
pub(super) fn deadline(
    plan: Plan,
    sent: u64,
    size: u64,
    measured: f64,
    config: &Config,
    now: Instant,
) -> Instant {
    let unseen = if plan.reports_progress() {
        if sent < size {
            return now.after(config.stall_ms);
        }
        size.min(BUFFERED)
    } else {
        size
    };
    let floor = ((measured / 16.0) as u64).clamp(SLOWEST, FASTEST);
    let travel = unseen.saturating_mul(1000) / floor;
    now.after(config.stall_ms.saturating_add(travel).saturating_add(size / STORED_PER_MS))
}

/// The moment after which a completion is given up: to put the parts of
/// `size` bytes together, S3 may take minutes.
pub(super) fn completed_by(size: u64, config: &Config, now: Instant) -> Instant {
    let needs = (size / STORED_PER_MS).clamp(COMPLETION_MS, LONGEST_COMPLETION_MS);
    now.after(config.stall_ms.saturating_add(needs))
}

/// Until when a signature can be used that was asked for at `asked`.
pub(super) fn usable_until(lifetime_ms: u64, asked: Instant, config: &Config) -> Instant {
    let margin = config.signature_margin_ms.min(lifetime_ms / 2);
    asked.after(lifetime_ms - margin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_by_what_can_be_seen() {
        let config = Config { stall_ms: 30_000, ..Config::default() };
        let wait = |plan, sent, size, measured| {
            deadline(plan, sent, size, measured, &config, Instant::default()).millis()
        };
        assert_eq!(wait(Plan::Put, 0, 5 << 30, 0.0), 30_000, "bytes are leaving: one silence");
        assert_eq!(wait(Plan::Put, 0, 0, 0.0), 30_000);
        assert_eq!(wait(Plan::Put, 1 << 20, 1 << 20, 0.0), 30_000 + 64_000 + 52, "buffers at 16 KiB/s");
        assert_eq!(wait(Plan::Put, 5 << 30, 5 << 30, 1e9), 30_000 + 4_000 + 268_435, "5 GiB are stored");
        assert_eq!(wait(Plan::Post, 0, 10 << 20, 0.0), 30_000 + 640_000 + 524, "whole or nothing");
        assert_eq!(wait(Plan::Post, 0, 10 << 20, 1_638_400.0), 30_000 + 102_400 + 524, "by measured speed");
    }
}
