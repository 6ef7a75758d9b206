//! What is tried again, when, and how often.

use super::config::Config;
use super::digest::Digest;
use super::error::{self, GRANT_EXPIRED};
use super::event::Response;
use super::time::Instant;
use crate::error::{Error, ErrorKind};
use crate::s3::checksum;

/// The longest `Retry-After` that is followed to the letter: ten minutes.
const MAX_RETRY_AFTER_MS: u64 = 600_000;

/// What an answer of S3 means for the upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// 2xx: S3 has it.
    Stored,
    /// 412 of a conditional write: it is there already, maybe from an attempt
    /// whose answer was lost. Look before anything starts again.
    MayBeStored,
    /// May work in a while: 408, 429, 5xx, and S3's codes that say so.
    Retry,
    /// The signature may have expired or been made by a skewed clock: a fresh
    /// one now, once.
    Resign,
    /// The credentials behind the grant expired: a new grant.
    Renew,
    /// Will never work.
    Refuse,
}

impl Verdict {
    /// Whether S3 said for certain that it did not store what was sent. (After
    /// a 5xx or a 408 it may have: the answer is often that of a proxy.)
    pub(super) const fn means_not_stored(self) -> bool {
        matches!(self, Self::Resign | Self::Renew | Self::Refuse)
    }
}

/// Judges S3's answer (Amazon S3 API reference, "Error responses"; the codes
/// that AWS's SDKs retry).
pub(super) fn judge_response(response: &Response) -> Verdict {
    judge(response.status, response.error.as_ref().map_or("", Error::code))
}

fn judge(status: u16, code: &str) -> Verdict {
    match status {
        200..=299 => return Verdict::Stored,
        412 => return Verdict::MayBeStored,
        // Not implemented, and not that version of HTTP: never will be.
        501 | 505 => return Verdict::Refuse,
        408 | 429 | 500..=599 => return Verdict::Retry,
        _ => {}
    }
    match code {
        "SlowDown"
        | "InternalError"
        | "RequestTimeout"
        | "ServiceUnavailable"
        | "IncompleteBody"
        | "OperationAborted"
        | "ConditionalRequestConflict" => Verdict::Retry,
        "ExpiredToken" => Verdict::Renew,
        "RequestTimeTooSkewed" => Verdict::Resign,
        "PreconditionFailed" => Verdict::MayBeStored,
        _ if status == 403 => Verdict::Resign,
        _ => Verdict::Refuse,
    }
}

/// Judges an error that came after S3 had answered 200, as completions may.
pub(super) fn judge_late_error(status: u16, error: &Error) -> Verdict {
    // Where S3's own code says nothing, nobody knows what became of it.
    let status = if error.kind() == ErrorKind::S3 { status.max(400) } else { 500 };
    judge(status, error.code())
}

/// The error in S3's answer.
pub(super) fn s3_error(response: Response) -> Error {
    let error = response.error.unwrap_or_else(|| error::bare_status(response.status));
    match response.request_id {
        Some(id) if error.request_id().is_none() => error.with_request_id(id),
        _ => error,
    }
}

/// Whether what arrived did not have the digest that was signed for it.
pub(super) fn is_wrong_content(error: &Error) -> bool {
    matches!(error.code(), "BadDigest" | "XAmzContentSHA256Mismatch" | "XAmzContentChecksumMismatch")
}

/// Whether S3 asks to be asked less: it did nothing.
pub(super) fn is_throttling(error: &Error) -> bool {
    error.status() == Some(429) || matches!(error.code(), "SlowDown" | "TooManyRequests")
}

/// Whether S3 knows no POST forms: it is the method that it refuses, or the
/// form itself.
pub(super) fn is_no_form(error: &Error) -> bool {
    matches!(error.status(), Some(405 | 411 | 415 | 501))
        || matches!(error.code(), "NotImplemented" | "MethodNotAllowed" | "MalformedPOSTRequest")
}

/// Whether S3 tells another checksum than the bytes' own.
pub(super) fn checksum_differs(response: &Response, ours: &Digest) -> bool {
    let sha256 = ours.sha256.as_ref().map(checksum::to_base64);
    let crc64nvme = ours.crc64nvme.map(checksum::crc64nvme_to_base64);
    let differ =
        |ours: Option<String>, theirs: &Option<String>| ours.is_some() && theirs.is_some() && ours != *theirs;
    differ(sha256, &response.checksum_sha256) || differ(crc64nvme, &response.checksum_crc64nvme)
}

/// What a failed call of the endpoint, or a failed item of one, means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallVerdict {
    Retry,
    /// The grant is past its lifetime.
    GrantExpired,
    Refuse,
}

pub(super) fn judge_call(error: &Error) -> CallVerdict {
    let transient = matches!(error.status(), Some(408 | 429 | 500 | 502 | 503 | 504));
    if error.code() == GRANT_EXPIRED {
        CallVerdict::GrantExpired
    } else if error.retryable() || error.kind() == ErrorKind::Network || transient {
        CallVerdict::Retry
    } else {
        CallVerdict::Refuse
    }
}

/// Whether the endpoint will say the same whenever it is asked. (Another user's
/// grant it takes again when that user is back.)
pub(super) fn is_final(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Refused | ErrorKind::Expired)
        && judge_call(error) != CallVerdict::Retry
        && error.code() != error::FOREIGN_GRANT
}

/// Waits between tries: exponential, with decorrelated jitter (Marc Brooker,
/// "Exponential Backoff And Jitter", AWS Architecture Blog): each wait is drawn
/// between the shortest and three times the one before.
///
/// Every wait is within `backoff_min_ms..=backoff_max_ms`, unless a
/// `Retry-After` asks for more, which is followed up to ten minutes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    previous_ms: u64,
}

impl Backoff {
    pub(super) const fn new() -> Self {
        Self { previous_ms: 0 }
    }

    pub(super) fn next(&mut self, retry_after_ms: Option<u64>, config: &Config, random: &mut Random) -> u64 {
        let high = self.previous_ms.max(config.backoff_min_ms).saturating_mul(3);
        let drawn = random.between(config.backoff_min_ms, high).min(config.backoff_max_ms);
        self.previous_ms = drawn;
        drawn.max(retry_after_ms.unwrap_or(0).min(MAX_RETRY_AFTER_MS))
    }
}

/// How many more failures an upload survives. It is refilled when the upload
/// gets farther than it ever was, so that a bad hour does not end a good
/// upload, while failing at the same place again and again does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    left: u32,
    reached: u64,
    /// Since when nothing has come through.
    silent_since: Option<Instant>,
}

impl Budget {
    pub(super) const fn new(tries: u32) -> Self {
        Self { left: tries, reached: 0, silent_since: None }
    }

    /// Takes one try; false if there is none left.
    #[must_use]
    pub(super) const fn spend(&mut self) -> bool {
        let some = self.left > 0;
        self.left = self.left.saturating_sub(1);
        some
    }

    /// As [`spend`](Self::spend), for a try that got no answer at all: those
    /// are over sooner or later, so they end an upload only after `outage_ms`.
    #[must_use]
    pub(super) fn spend_in_silence(&mut self, now: Instant, outage_ms: u64) -> bool {
        let since = *self.silent_since.get_or_insert(now);
        self.spend() || now < since.after(outage_ms)
    }

    /// The upload got as far as `milestone`; whether it never was so far before.
    pub(super) const fn reach(&mut self, milestone: u64, tries: u32) -> bool {
        let farther = milestone > self.reached;
        if farther {
            *self = Self { left: tries, reached: milestone, silent_since: None };
        }
        farther
    }

    /// The caller asks to go on: all tries again.
    pub(super) const fn refill(&mut self, tries: u32) {
        self.left = tries;
        self.silent_since = None;
    }
}

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
/// generators", 2014): spreads waits. No secret hangs on it.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included; `low` if the range is empty.
    fn between(&mut self, low: u64, high: u64) -> u64 {
        let span = high.saturating_sub(low).saturating_add(1);
        low + ((u128::from(self.next()) * u128::from(span)) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answer(status: u16, code: &str) -> Response {
        let error = Error::new(ErrorKind::S3, "").with_status(status);
        let error = if code.is_empty() { error } else { error.with_code(code) };
        Response { status, error: Some(error), ..Response::default() }
    }

    #[test]
    fn every_class_of_answer() {
        for (status, code, verdict) in [
            (200, "", Verdict::Stored),
            (204, "", Verdict::Stored),
            (301, "PermanentRedirect", Verdict::Refuse),
            (400, "", Verdict::Refuse),
            (400, "BadDigest", Verdict::Refuse),
            (400, "EntityTooLarge", Verdict::Refuse),
            (400, "ExpiredToken", Verdict::Renew),
            (400, "IncompleteBody", Verdict::Retry),
            (400, "RequestTimeout", Verdict::Retry),
            (403, "", Verdict::Resign),
            (403, "AccessDenied", Verdict::Resign),
            (403, "RequestTimeTooSkewed", Verdict::Resign),
            (403, "SignatureDoesNotMatch", Verdict::Resign),
            (404, "NoSuchBucket", Verdict::Refuse),
            (408, "", Verdict::Retry),
            (409, "ConditionalRequestConflict", Verdict::Retry),
            (409, "OperationAborted", Verdict::Retry),
            (409, "BucketNotEmpty", Verdict::Refuse),
            (412, "PreconditionFailed", Verdict::MayBeStored),
            (429, "", Verdict::Retry),
            (500, "InternalError", Verdict::Retry),
            (501, "NotImplemented", Verdict::Refuse),
            (502, "", Verdict::Retry),
            (503, "SlowDown", Verdict::Retry),
            (504, "", Verdict::Retry),
        ] {
            assert_eq!(judge_response(&answer(status, code)), verdict, "{status} {code}");
        }
    }

    #[test]
    fn every_class_of_refusal() {
        let refused = Error::new(ErrorKind::Refused, "");
        for (error, verdict) in [
            (refused.clone(), CallVerdict::Refuse),
            (refused.clone().with_code("size_refused").with_status(413), CallVerdict::Refuse),
            (refused.clone().with_code("grant_expired").with_status(410), CallVerdict::GrantExpired),
            (refused.clone().with_code("grant_invalid").with_status(403), CallVerdict::Refuse),
            (refused.clone().with_code("s3_unavailable").with_status(502), CallVerdict::Retry),
            (refused.clone().with_code("rate_limited").with_status(429), CallVerdict::Retry),
            (refused.with_code("not_uploaded").with_status(404).with_retryable(true), CallVerdict::Retry),
            (Error::new(ErrorKind::Network, ""), CallVerdict::Retry),
            (Error::new(ErrorKind::Unauthenticated, "").with_status(401), CallVerdict::Refuse),
            (Error::new(ErrorKind::InvalidResponse, "").with_status(200), CallVerdict::Refuse),
        ] {
            assert_eq!(judge_call(&error), verdict, "{error:?}");
        }
    }

    #[test]
    fn a_budget_ends_and_is_refilled_only_by_getting_farther() {
        let mut budget = Budget::new(2);
        assert!(budget.reach(1, 2));
        assert!(budget.spend() && budget.spend() && !budget.spend());
        assert!(!budget.reach(1, 2), "the same place again");
        assert!(!budget.spend());
        assert!(budget.reach(2, 2));
        assert!(budget.spend());
    }

    #[test]
    fn silence_is_waited_out_by_time() {
        let at = Instant::from_millis;
        let mut budget = Budget::new(1);
        for ms in [1_000, 2_000, 60_999] {
            assert!(budget.spend_in_silence(at(ms), 60_000), "{ms}");
        }
        assert!(!budget.spend_in_silence(at(61_000), 60_000));
        assert!(budget.reach(1, 1) && budget.spend() && budget.spend_in_silence(at(61_000), 60_000));
        assert!(!budget.spend(), "an answer takes a try all the same");
    }

    proptest! {
        #[test]
        fn waits_keep_their_bounds(
            seed: u64, min in 1_u64..5_000, span in 0_u64..100_000, after in prop::option::of(0_u64..2_000_000),
        ) {
            let config = Config { backoff_min_ms: min, backoff_max_ms: min + span, ..Config::default() };
            let (mut backoff, mut random) = (Backoff::new(), Random::new(seed));
            let mut previous = min;
            for _ in 0..20 {
                let wait = backoff.next(None, &config, &mut random);
                prop_assert!((min..=min + span).contains(&wait));
                prop_assert!(wait <= previous * 3);
                previous = wait;
            }
            let asked = after.unwrap_or(0).min(600_000);
            let wait = backoff.next(after, &config, &mut random);
            prop_assert!(wait >= asked && wait <= asked.max(min + span));
        }

        #[test]
        fn waits_differ_between_seeds(seed in 0_u64..1 << 60) {
            let config = Config { backoff_max_ms: 3_600_000, ..Config::default() };
            let draw = |seed| {
                let (mut backoff, mut random) = (Backoff::new(), Random::new(seed));
                [(); 6].map(|()| backoff.next(None, &config, &mut random))
            };
            prop_assert_eq!(draw(seed), draw(seed));
            prop_assert_ne!(draw(seed), draw(seed + 1));
        }
    }
}
