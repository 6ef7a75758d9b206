//! The straight way, and what can be wrong with the answers on it.

use super::bench::{Bench, answer, ok, plain, refusal, sha256, stored};
use sealift::ErrorKind;
use sealift::upload::{Action, Config, Event, Notice, Plan, Response, State};

#[test]
fn a_file_goes_from_queued_to_done() {
    let mut it = Bench::new(Config::default());
    let id = it.add(100);
    let Action::Hash { hash, upload, range, .. } = it.next() else { panic!("it is read first") };
    assert_eq!((upload, range), (id, 0..100));
    it.event(Event::Hashed { hash, digest: sha256([1; 32]) });
    let Action::CreateGrants { call, files } = it.next() else { panic!("then granted") };
    assert_eq!(files[0].digest.sha256, Some([1; 32]));
    let grant = it.grant();
    it.event(Event::Granted { call, items: vec![Ok(grant)] });
    let (attempt, request) = it.sent();
    assert_eq!((request.method(), attempt.number()), ("PUT", 1));
    it.progress(attempt, 100);
    let progress = it.uploader.progress(id, it.at()).expect("known");
    assert_eq!((progress.confirmed, progress.in_flight), (0, 100));
    assert!(progress.fraction() < 1.0, "sent is not stored");
    it.respond(attempt, ok());
    let progress = it.uploader.progress(id, it.at()).expect("known");
    assert_eq!((progress.confirmed, progress.in_flight), (100, 0));
    assert!(progress.fraction() < 1.0, "stored is not checked");
    let (call, etag) = it.finish_call();
    assert_eq!(etag.as_deref(), Some("\"e\""));
    it.finish(call, Ok(stored("key 1", 100)));
    assert_eq!(it.uploader.progress(id, it.at()).expect("known").fraction(), 1.0);
    assert_eq!(it.uploader.upload(id).and_then(|upload| upload.object()), Some(&stored("key 1", 100)));
    let states: Vec<State> = it
        .notices
        .iter()
        .map(|notice| match notice {
            Notice::State { state, .. } => *state,
            other => panic!("{other:?}"),
        })
        .collect();
    let way = [State::Hashing, State::Signing, State::Uploading, State::Finishing, State::Done];
    assert_eq!(states, way);
    it.assert_idle();
}

#[test]
fn a_form_has_no_progress_and_no_need_of_any() {
    let mut it = Bench::new(plain());
    it.plan = Plan::Post;
    let id = it.add(1 << 20);
    it.grant_all();
    let (attempt, request) = it.sent();
    assert_eq!(request.method(), "POST");
    it.pass(60_000);
    assert_eq!(it.state(id), State::Uploading, "1 MiB may take a minute on a slow link");
    it.respond(attempt, Response { status: 204, ..ok() });
    let (call, _) = it.finish_call();
    it.finish(call, Ok(stored("key 1", 1 << 20)));
    assert_eq!(it.state(id), State::Done);
}

#[test]
fn what_the_rules_refuse_is_not_tried_again() {
    let mut it = Bench::new(plain());
    let id = it.add(5);
    let Action::CreateGrants { call, .. } = it.next() else { panic!("granted") };
    it.event(Event::Granted { call, items: vec![Err(refusal("type_refused", 415, false))] });
    assert_eq!(it.state(id), State::Failed);
    let error = it.error(id);
    assert_eq!((error.kind(), error.code(), error.status()), (ErrorKind::Refused, "type_refused", Some(415)));
    it.assert_idle();
}

#[test]
fn an_app_that_is_not_logged_in() {
    let mut it = Bench::new(plain());
    let id = it.add(5);
    let Action::CreateGrants { call, .. } = it.next() else { panic!("granted") };
    let error = refusal("unauthenticated", 401, false);
    it.event(Event::CallFailed { call, error, retry_after_ms: None });
    assert_eq!((it.state(id), it.error(id).kind()), (State::Failed, ErrorKind::Unauthenticated));
    it.assert_idle();
    assert!(it.command(|uploader, now| uploader.retry(id, now)), "after logging in");
    it.grant_all();
}

#[test]
fn an_etag_that_cors_hides() {
    let mut it = Bench::new(plain());
    let (id, attempt) = it.until_sent(5);
    it.respond(attempt, Response { status: 200, ..Response::default() });
    assert_eq!((it.state(id), it.error(id).kind()), (State::Failed, ErrorKind::MissingCorsHeader));
    assert!(it.error(id).message().contains("ExposeHeaders"), "says what to do");
    it.assert_idle();
    assert!(it.command(|uploader, now| uploader.retry(id, now)));
    let (call, etag) = it.finish_call();
    assert_eq!(etag, None, "it is there: nothing is sent again");
    it.finish(call, Ok(stored("key 1", 5)));
    assert_eq!(it.state(id), State::Done);
}

#[test]
fn answers_that_do_not_fit() {
    let mut it = Bench::new(plain());
    let id = it.add(5);
    let Action::CreateGrants { call, .. } = it.next() else { panic!("granted") };
    it.event(Event::Granted { call, items: Vec::new() });
    assert_eq!((it.state(id), it.error(id).kind()), (State::Failed, ErrorKind::InvalidResponse), "too few");

    let id = it.add(5);
    let Action::CreateGrants { call, .. } = it.next() else { panic!("granted") };
    let grant = sealift::upload::Grant { plan: Plan::Post, ..it.grant() };
    it.event(Event::Granted { call, items: vec![Ok(grant)] });
    assert_eq!(
        (it.state(id), it.error(id).kind()),
        (State::Failed, ErrorKind::InvalidResponse),
        "a PUT for a form"
    );
    it.assert_idle();
}

#[test]
fn more_than_one_request_can_carry() {
    let mut it = Bench::new(plain());
    let id = it.add((5 << 30) + 1);
    it.grant_all();
    assert_eq!((it.state(id), it.error(id).kind()), (State::Failed, ErrorKind::InvalidSize));
    it.assert_idle();
    let (id, _) = it.until_sent(5 << 30);
    assert_eq!(it.state(id), State::Uploading);
}

#[test]
fn another_object_than_was_sent_is_not_done() {
    for wrong in [stored("key 1", 6), stored("key 2", 5)] {
        let mut it = Bench::new(plain());
        let (id, attempt) = it.until_sent(5);
        it.respond(attempt, ok());
        let (call, _) = it.finish_call();
        it.finish(call, Ok(wrong));
        assert_eq!((it.state(id), it.error(id).kind()), (State::Failed, ErrorKind::IntegrityMismatch));
        it.assert_idle();
        // Trying again leaves nothing wrong behind, and starts from the beginning.
        assert!(it.command(|uploader, now| uploader.retry(id, now)));
        let Action::Delete { call, .. } = it.next() else { panic!("the wrong object goes first") };
        it.event(Event::Deleted { call, items: vec![Ok(())] });
        it.grant_all();
        let (attempt, _) = it.sent();
        it.complete(id, attempt, "key 2");
    }
}

#[test]
fn digests_are_compared_with_what_s3_and_the_endpoint_say() {
    for (from_s3, from_endpoint, done) in [
        (None, None, true),
        (Some("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="), Some("01".repeat(32)), true),
        (Some("AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="), None, false),
        (None, Some("02".repeat(32)), false),
    ] {
        let mut it = Bench::new(Config::default());
        let id = it.add(5);
        let Action::Hash { hash, .. } = it.next() else { panic!("it is read") };
        it.event(Event::Hashed { hash, digest: sha256([1; 32]) });
        it.grant_all();
        let (attempt, _) = it.sent();
        it.respond(attempt, Response { checksum_sha256: from_s3.map(Into::into), ..ok() });
        if it.state(id) == State::Finishing {
            let (call, _) = it.finish_call();
            let object = stored("key 1", 5);
            it.finish(call, Ok(sealift::upload::StoredObject { sha256: from_endpoint, ..object }));
        }
        if done {
            assert_eq!(it.state(id), State::Done);
        } else {
            assert_eq!((it.state(id), it.error(id).kind()), (State::Failed, ErrorKind::IntegrityMismatch));
        }
    }
}

#[test]
fn a_file_that_cannot_be_read() {
    let mut it = Bench::new(Config::default());
    let id = it.add(5);
    let Action::Hash { hash, .. } = it.next() else { panic!("it is read") };
    let error = sealift::Error::new(ErrorKind::UnreadableFile, "it is gone");
    it.event(Event::HashFailed { hash, error });
    assert_eq!((it.state(id), it.error(id).kind()), (State::Failed, ErrorKind::UnreadableFile));
    it.assert_idle();
}

#[test]
fn a_file_that_changed_is_read_again() {
    let mut it = Bench::new(Config::default());
    let id = it.add(5);
    let Action::Hash { hash, .. } = it.next() else { panic!("it is read") };
    it.event(Event::Hashed { hash, digest: sha256([1; 32]) });
    it.grant_all();
    let (attempt, _) = it.sent();
    it.respond(attempt, answer(400, "XAmzContentSHA256Mismatch"));
    assert_eq!(it.state(id), State::Failed);
    assert_eq!((it.error(id).code(), it.error(id).request_id()), ("XAmzContentSHA256Mismatch", Some("R1")));
    assert!(it.command(|uploader, now| uploader.retry(id, now)));
    assert!(matches!(it.next(), Action::Hash { .. }));
}
