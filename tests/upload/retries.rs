//! What is tried again, when, and how often.

use super::bench::{Bench, HOUR, answer, ok, plain, refusal, stored};
use sealift::upload::{Action, Config, Event, Notice, Plan, Response, Signed, State};
use sealift::{Error, ErrorKind};

#[test]
fn a_fresh_signature_for_every_attempt_and_no_more_than_the_tries() {
    let mut it = Bench::new(Config { tries: 3, ..plain() });
    let id = it.add(5);
    it.grant_all();
    let mut urls = Vec::new();
    for number in 1..=4 {
        let (attempt, request) = it.sent();
        assert_eq!(attempt.number(), number);
        assert!(!urls.contains(&request.url));
        urls.push(request.url);
        it.respond(attempt, answer(500, "InternalError"));
        if number < 4 {
            assert_eq!((it.state(id), it.error(id).code()), (State::Retrying, "InternalError"));
            let before = it.now;
            it.sign_all();
            assert!((500..=20_010).contains(&(it.now - before)), "waited {}", it.now - before);
        }
    }
    assert_eq!(it.state(id), State::Failed);
    assert!(it.error(id).retryable());
    it.assert_idle();
    assert!(it.command(|uploader, now| uploader.retry(id, now)), "the user may");
    it.sign_all();
    let (attempt, _) = it.sent();
    it.complete(id, attempt, "key 1");
    assert_eq!(it.uploader.upload(id).map(|upload| upload.attempts()), Some(5));
}

#[test]
fn retry_after_is_honoured() {
    let mut it = Bench::new(plain());
    let (_, attempt) = it.until_sent(5);
    it.respond(attempt, Response { retry_after_ms: Some(90_000), ..answer(503, "SlowDown") });
    let before = it.now;
    it.sign_all();
    assert!((90_000..90_010).contains(&(it.now - before)));

    let mut it = Bench::new(plain());
    it.add(5);
    let Action::CreateGrants { call, .. } = it.next() else { panic!("granted") };
    let error = refusal("rate_limited", 429, true);
    it.event(Event::CallFailed { call, error, retry_after_ms: Some(90_000) });
    let before = it.now;
    it.grant_all();
    assert!((90_000..90_010).contains(&(it.now - before)));
}

#[test]
fn the_user_need_not_wait_for_the_next_try() {
    let mut it = Bench::new(plain());
    let (id, attempt) = it.until_sent(5);
    it.respond(attempt, Response { retry_after_ms: Some(90_000), ..answer(503, "SlowDown") });
    assert!(it.command(|uploader, now| uploader.retry(id, now)));
    let before = it.now;
    it.sign_all();
    assert!(it.now - before < 10);
}

#[test]
fn a_403_gets_one_fresh_signature_at_once() {
    for code in ["AccessDenied", "RequestTimeTooSkewed", "SignatureDoesNotMatch"] {
        let mut it = Bench::new(Config { tries: 0, ..plain() });
        let (id, attempt) = it.until_sent(5);
        it.respond(attempt, answer(403, code));
        it.sign_all();
        assert!(it.now < 100);
        let (attempt, _) = it.sent();
        it.respond(attempt, answer(403, code));
        assert_eq!((it.state(id), it.error(id).code()), (State::Failed, code));
        it.assert_idle();
        // S3 said that it kept nothing.
        assert!(it.command(|uploader, now| uploader.abort(id, now)));
        assert_eq!(it.state(id), State::Aborted);
        it.assert_idle();
    }
}

#[test]
fn a_grant_that_is_about_to_end_is_renewed() {
    // A signature never outlives its grant: one by the last seconds of this would be too old on arrival.
    let mut it = Bench::new(plain());
    let (id, attempt) = it.until_sent(5);
    assert!(it.command(|uploader, now| uploader.pause(id, now)));
    assert!(it.actions.iter().any(|it| matches!(it, Action::Cancel { attempt: it } if *it == attempt)));
    it.actions.clear();
    it.pass(HOUR - 5_000);
    assert!(it.command(|uploader, now| uploader.resume(id, now)));
    it.renew("token 1", "renewed");
    it.sent();
}

#[test]
fn what_cannot_change_is_not_tried_again() {
    for (status, code) in
        [(400, "InvalidArgument"), (404, "NoSuchBucket"), (405, "MethodNotAllowed"), (501, "NotImplemented")]
    {
        let mut it = Bench::new(plain());
        let (id, attempt) = it.until_sent(5);
        it.respond(attempt, answer(status, code));
        assert_eq!((it.state(id), it.error(id).code()), (State::Failed, code));
        it.assert_idle();
    }
}

#[test]
fn an_expired_grant_is_renewed_for_the_same_object() {
    // S3 says that the credentials behind it expired, …
    let mut it = Bench::new(plain());
    let (id, attempt) = it.until_sent(5);
    it.respond(attempt, answer(400, "ExpiredToken"));
    it.renew("token 1", "renewed 1");
    let (attempt, _) = it.sent();
    // … the endpoint says that the grant did, …
    it.respond(attempt, answer(400, "RequestTimeout"));
    let Action::Sign { call, items } = it.next() else { panic!("signed again") };
    assert_eq!((items[0].token.as_str(), items[0].intents.len()), ("renewed 1", 1));
    it.event(Event::Signed { call, items: vec![Err(refusal("grant_expired", 410, false))] });
    it.renew("renewed 1", "renewed 2");
    let (attempt, _) = it.sent();
    // … or the engine knows it by itself.
    assert!(it.command(|uploader, now| uploader.pause(id, now)));
    it.actions.clear();
    it.pass(HOUR);
    assert!(it.command(|uploader, now| uploader.resume(id, now)));
    it.renew("renewed 2", "renewed 3");
    it.respond(attempt, ok()); // Long cancelled.
    let (attempt, _) = it.sent();
    it.complete(id, attempt, "key 1");
}

#[test]
fn a_grant_that_cannot_be_renewed_is_replaced() {
    for (code, status) in [("grant_expired", 410), ("type_refused", 415), ("unknown_operation", 400)] {
        let mut it = Bench::new(plain());
        let (id, attempt) = it.until_sent(5);
        it.respond(attempt, answer(400, "RequestTimeout"));
        for code in ["grant_expired", code] {
            let Action::Sign { call, .. } = it.next() else { panic!("signed again") };
            it.event(Event::Signed { call, items: vec![Err(refusal(code, status, false))] });
        }
        // RequestTimeout may have come too late: the object is looked for first.
        let (call, _) = it.finish_call();
        it.finish(call, Err(refusal("not_uploaded", 404, true)));
        it.grant_all();
        let (attempt, _) = it.sent();
        it.complete(id, attempt, "key 2");
    }
}

#[test]
fn what_a_replaced_grant_may_have_left_is_deleted() {
    let mut it = Bench::new(plain());
    let (id, attempt) = it.until_sent(5);
    it.respond(attempt, answer(500, "InternalError"));
    for _ in 0..2 {
        let Action::Sign { call, .. } = it.next() else { panic!("signed again") };
        it.event(Event::Signed { call, items: vec![Err(refusal("grant_expired", 410, false))] });
    }
    let (call, _) = it.finish_call();
    it.finish(call, Err(refusal("grant_expired", 410, false)));
    let Action::Delete { call, .. } = it.next() else { panic!("it is not to stay") };
    it.event(Event::Deleted { call, items: vec![Err(refusal("grant_expired", 410, false))] });
    let left = Notice::LeftBehind { upload: id, bucket: "b".into(), key: "key 1".into() };
    assert!(it.notices.contains(&left));
    it.grant_all();
    let (attempt, _) = it.sent();
    it.complete(id, attempt, "key 2");
}

#[test]
fn new_grants_are_no_progress() {
    let mut it = Bench::new(Config { tries: 5, ..plain() });
    let (id, mut attempt) = it.until_sent(5);
    let mut sends = 1;
    loop {
        it.respond(attempt, answer(400, "ExpiredToken"));
        let Some(Action::Sign { call, .. }) = it.next_or_idle() else { break };
        it.event(Event::Signed { call, items: vec![Err(refusal("grant_expired", 410, false))] });
        if it.state(id) == State::Failed {
            break;
        }
        it.grant_all();
        attempt = it.sent().0;
        sends += 1;
        assert!(sends < 50, "for ever");
    }
    assert_eq!((it.state(id), sends), (State::Failed, 3), "a try for each renewal and each new grant");
    it.assert_idle();
}

#[test]
fn a_lost_answer_is_asked_after_before_anything_is_sent_again() {
    for plan in [Plan::Put, Plan::Post] {
        let mut it = Bench::new(plain());
        it.plan = plan;
        let (id, attempt) = it.until_sent(5);
        if plan == Plan::Put {
            it.progress(attempt, 5);
        }
        it.event(Event::NetworkError { attempt });
        assert_eq!((it.state(id), it.error(id).kind()), (State::Retrying, ErrorKind::Network));
        let (call, etag) = it.finish_call();
        assert_eq!(etag, None);
        it.finish(call, Ok(stored("key 1", 5)));
        assert_eq!(it.state(id), State::Done);
        assert_eq!(it.uploader.upload(id).map(|upload| upload.attempts()), Some(1));
    }
}

#[test]
fn a_lost_answer_of_what_did_not_arrive() {
    let mut it = Bench::new(Config { tries: 1, ..plain() });
    let (id, attempt) = it.until_sent(5);
    it.progress(attempt, 5);
    it.event(Event::NetworkError { attempt });
    let (call, _) = it.finish_call();
    it.finish(call, Err(refusal("not_uploaded", 404, true)));
    it.sign_all();
    let (attempt, _) = it.sent();
    it.complete(id, attempt, "key 1");
}

#[test]
fn a_412_may_mean_that_it_is_there() {
    let mut it = Bench::new(Config { tries: 0, ..plain() });
    let (id, attempt) = it.until_sent(5);
    it.respond(attempt, answer(412, "PreconditionFailed"));
    let (call, etag) = it.finish_call();
    assert_eq!(etag, None);
    it.finish(call, Ok(stored("key 1", 5)));
    assert_eq!(it.state(id), State::Done);
}

#[test]
fn offline_costs_no_tries() {
    let mut it = Bench::new(Config { tries: 0, ..plain() });
    let (id, attempt) = it.until_sent(50_000_000);
    it.event(Event::Offline);
    it.event(Event::NetworkError { attempt });
    assert_eq!(it.state(id), State::Waiting);
    // A probe now and then, each of them lost too.
    let mut probes = 0;
    while it.now < HOUR / 2 {
        match it.next() {
            Action::Sign { call, .. } => {
                probes += 1;
                let error = Error::new(ErrorKind::Network, "away").with_retryable(true);
                it.event(Event::CallFailed { call, error, retry_after_ms: None });
                assert_eq!(it.state(id), State::Waiting);
            }
            other => panic!("{other:?}"),
        }
    }
    assert!((20..30).contains(&probes), "{probes} in half an hour");
    it.event(Event::Online);
    it.sign_all();
    let (attempt, _) = it.sent();
    it.complete(id, attempt, "key 1");
}

#[test]
fn a_browser_that_is_wrong_about_being_offline() {
    let mut it = Bench::new(plain());
    it.event(Event::Offline);
    let first = it.add(5);
    let second = it.add(5);
    assert_eq!(it.state(first), State::Waiting);
    it.actions.clear();
    it.grant_all();
    assert!(it.now < 10, "one request finds out at once");
    assert_eq!(
        (it.state(first), it.state(second)),
        (State::Uploading, State::Uploading),
        "an answer proves it"
    );
}

#[test]
fn what_failed_for_want_of_a_network_goes_on_when_it_is_back() {
    let mut it = Bench::new(Config { backoff_min_ms: 60_000, backoff_max_ms: 60_000, ..plain() });
    let (id, attempt) = it.until_sent(50_000_000);
    it.event(Event::NetworkError { attempt });
    it.event(Event::Offline);
    assert_eq!(it.state(id), State::Waiting);
    it.event(Event::Online);
    let before = it.now;
    it.sign_all();
    assert!(it.now - before < 10);
}

#[test]
fn a_transfer_that_stands_still_is_cancelled_and_one_that_moves_is_not() {
    let mut it = Bench::new(plain());
    let (id, attempt) = it.until_sent(50_000_000);
    for step in 1..=20 {
        it.pass(25_000);
        it.progress(attempt, step * 1_000);
    }
    assert!(it.actions.is_empty());
    let before = it.now;
    it.pass(20_000);
    it.progress(attempt, 20_000); // Says nothing new.
    assert_eq!(it.next(), Action::Cancel { attempt });
    assert_eq!(it.now - before, 30_000);
    assert_eq!((it.state(id), it.error(id).kind()), (State::Retrying, ErrorKind::Timeout));
    it.respond(attempt, ok()); // Too late: it is another attempt's turn.
    assert_eq!(it.state(id), State::Retrying);
    it.sign_all();
    let (second, _) = it.sent();
    assert_eq!(second.number(), 2);
    it.progress(attempt, 30_000);
    it.respond(attempt, ok());
    it.event(Event::NetworkError { attempt });
    assert_eq!((it.state(id), it.loaded(id)), (State::Uploading, 0), "that was the first one's");
}

#[test]
fn a_call_without_an_answer_is_cancelled_and_made_again() {
    let mut it = Bench::new(plain());
    let id = it.add(5);
    let Action::CreateGrants { call, .. } = it.next() else { panic!("granted") };
    assert_eq!(it.next(), Action::CancelCall { call });
    assert_eq!((it.state(id), it.error(id).kind()), (State::Retrying, ErrorKind::Timeout));
    let grant = it.grant();
    it.event(Event::Granted { call, items: vec![Ok(grant)] });
    assert_eq!(it.state(id), State::Retrying, "too late");
    let Action::CreateGrants { call: second, .. } = it.next() else { panic!("granted") };
    assert_ne!(call, second);
    let (old, new) = (it.grant(), it.grant());
    it.event(Event::Granted { call, items: vec![Ok(old)] });
    assert_eq!(it.state(id), State::Signing, "still too late");
    it.event(Event::Granted { call: second, items: vec![Ok(new)] });
    assert_eq!(it.sent().1.url, "https://s3/3");
}

#[test]
fn a_signature_too_old_is_replaced_and_costs_no_try() {
    let mut it = Bench::new(Config { tries: 0, concurrency: 1, ..plain() });
    it.lifetime_ms = 60_000;
    let first = it.add(5);
    let second = it.add(5);
    assert_eq!(it.grant_all(), 2);
    let (attempt, _) = it.sent();
    for _ in 0..3 {
        it.pass(20_000);
        it.progress(attempt, (it.now / 20_000).min(4));
    }
    it.respond(attempt, ok());
    assert_eq!(it.state(first), State::Finishing);
    let mut signed = false;
    loop {
        match it.next() {
            Action::Finish { .. } => {}
            Action::Sign { call, items } => {
                assert_eq!(items[0].upload, second);
                let request = it.signed();
                let answer = Signed { requests: vec![request], grant: None };
                it.event(Event::Signed { call, items: vec![Ok(answer)] });
                signed = true;
            }
            Action::Send { attempt, .. } => {
                assert_eq!((attempt.upload(), attempt.number()), (second, 1));
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(signed, "not with the signature of a minute ago");
}

#[test]
fn an_answer_that_travelled_longer_than_its_signature_lives() {
    let mut it = Bench::new(Config { tries: 1, ..plain() });
    it.lifetime_ms = 4_000;
    let id = it.add(5);
    let Action::CreateGrants { call, .. } = it.next() else { panic!("granted") };
    let grant = it.grant();
    it.pass(5_000);
    it.event(Event::Granted { call, items: vec![Ok(grant)] });
    assert_eq!((it.state(id), it.error(id).kind()), (State::Retrying, ErrorKind::Expired));
    it.sign_all();
    assert_eq!(it.sent().0.number(), 1);
}
