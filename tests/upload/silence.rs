//! What no answer means, before and after the first one of its origin.

use super::bench::{Bench, answer, plain};
use sealift::upload::{Action, AttemptId, Event, State, UploadId};
use sealift::{Error, ErrorKind};

/// Every request to S3 is lost, until the upload fails. How many there were, and how long that took.
fn until_given_up(it: &mut Bench, id: UploadId, mut attempt: AttemptId) -> (u32, u64) {
    let (before, mut sent) = (it.now, 1);
    loop {
        it.event(Event::NetworkError { attempt });
        if it.state(id) == State::Failed {
            assert_eq!(it.error(id).kind(), ErrorKind::Network);
            return (sent, it.now - before);
        }
        it.sign_all();
        attempt = it.sent().0;
        sent += 1;
    }
}

/// As [`until_given_up`], of calls of the endpoint.
fn until_calls_are_given_up(it: &mut Bench, id: UploadId) -> (u32, u64) {
    let (before, mut calls) = (it.now, 0);
    while it.state(id) != State::Failed {
        let (Action::CreateGrants { call, .. } | Action::Sign { call, .. }) = it.next() else {
            panic!("a call")
        };
        calls += 1;
        let error = Error::new(ErrorKind::Network, "nothing").with_retryable(true);
        it.event(Event::CallFailed { call, error, retry_after_ms: None });
    }
    (calls, it.now - before)
}

#[test]
fn a_bucket_that_never_answered_is_given_up_soon() {
    let mut it = Bench::new(plain());
    let (id, attempt) = it.until_sent(50_000_000);
    let (sent, took) = until_given_up(&mut it, id, attempt);
    assert_eq!(sent, 9, "the endpoint's answers say nothing of the bucket's");
    assert!((15_000..60_000).contains(&took), "{took}");
    assert!(it.command(|uploader, now| uploader.retry(id, now)));
    it.sign_all();
    let (attempt, _) = it.sent();
    assert_eq!(until_given_up(&mut it, id, attempt).0, 9, "nor does another try");
}

#[test]
fn a_bucket_that_answered_once_is_waited_for() {
    let mut it = Bench::new(plain());
    let (first, attempt) = it.until_sent(5);
    it.complete(first, attempt, "key 1");
    let (id, attempt) = it.until_sent(50_000_000);
    let (sent, took) = until_given_up(&mut it, id, attempt);
    assert!(sent > 9 && took >= 120_000, "{sent} in {took}");

    let mut it = Bench::new(plain());
    let (id, attempt) = it.until_sent(50_000_000);
    it.respond(attempt, answer(503, "SlowDown"));
    it.sign_all();
    let (attempt, _) = it.sent();
    let (_, took) = until_given_up(&mut it, id, attempt);
    assert!(took >= 120_000, "a refusal is an answer: {took}");
}

#[test]
fn bytes_that_leave_show_that_the_bucket_lets_the_page_in() {
    let mut it = Bench::new(plain());
    let (id, attempt) = it.until_sent(50_000_000);
    it.progress(attempt, 1_000_000);
    let (_, took) = until_given_up(&mut it, id, attempt);
    assert!(took >= 120_000, "{took}");
}

#[test]
fn an_endpoint_that_never_answered_is_given_up_soon_and_one_that_did_is_waited_for() {
    let mut it = Bench::new(plain());
    let id = it.add(5);
    let (calls, took) = until_calls_are_given_up(&mut it, id);
    assert!(calls == 9 && (15_000..60_000).contains(&took), "{calls} in {took}");
    assert!(it.command(|uploader, now| uploader.retry(id, now)));
    it.grant_all();
    let (attempt, _) = it.sent();
    it.complete(id, attempt, "key 1");
    let id = it.add(5);
    let (calls, took) = until_calls_are_given_up(&mut it, id);
    assert!(calls > 9 && took >= 120_000, "{calls} in {took}");
}
