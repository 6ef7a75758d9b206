//! What the user can ask for, at every moment.

use super::bench::{Bench, answer, ok, plain, refusal, sha256, stored};
use sealift::upload::{Action, Config, DeleteKey, Event, Notice, State};
use sealift::{Error, ErrorKind};

#[test]
fn pause_cancels_and_starts_nothing_and_resume_begins_afresh() {
    let mut it = Bench::new(plain());
    let (id, attempt) = it.until_sent(50_000_000);
    it.progress(attempt, 20_000_000);
    assert_eq!(it.loaded(id), 20_000_000);
    assert!(it.command(|uploader, now| uploader.pause(id, now)));
    assert_eq!(it.next(), Action::Cancel { attempt });
    assert_eq!((it.state(id), it.loaded(id)), (State::Paused, 0), "what was sent of it is thrown away");
    it.progress(attempt, 30_000_000);
    it.event(Event::NetworkError { attempt });
    it.respond(attempt, ok());
    assert_eq!((it.state(id), it.loaded(id)), (State::Paused, 0));
    it.assert_idle();
    assert!(!it.command(|uploader, now| uploader.pause(id, now)), "it is");
    assert!(it.command(|uploader, now| uploader.resume(id, now)));
    it.sign_all();
    let (attempt, request) = it.sent();
    assert_eq!((attempt.number(), request.url.as_str()), (2, "https://s3/2"));
    it.complete(id, attempt, "key 1");
}

#[test]
fn pause_at_every_step() {
    let mut it = Bench::new(Config::default());
    let id = it.add(5);
    let Action::Hash { hash, .. } = it.next() else { panic!("it is read") };
    assert!(it.command(|uploader, now| uploader.pause(id, now)));
    assert_eq!(it.next(), Action::CancelHash { hash });
    it.event(Event::Hashed { hash, digest: sha256([9; 32]) });
    assert!(it.command(|uploader, now| uploader.resume(id, now)));
    it.event(Event::Hashed { hash, digest: sha256([9; 32]) });
    assert_eq!(it.state(id), State::Hashing, "that answer belongs to the reading before");
    let Action::Hash { hash, .. } = it.next() else { panic!("it is read again") };
    it.event(Event::Hashed { hash, digest: sha256([1; 32]) });
    let Action::CreateGrants { call, files } = it.next() else { panic!("granted") };
    assert_eq!(files[0].digest.sha256, Some([1; 32]));
    assert!(it.command(|uploader, now| uploader.pause(id, now)));
    let grant = it.grant();
    it.event(Event::Granted { call, items: vec![Ok(grant)] });
    it.assert_idle();
    assert!(it.command(|uploader, now| uploader.resume(id, now)));
    it.grant_all();
    let (attempt, _) = it.sent();
    it.respond(attempt, ok());
    let (call, _) = it.finish_call();
    assert!(it.command(|uploader, now| uploader.pause(id, now)));
    it.finish(call, Ok(stored("key 2", 5)));
    assert_eq!((it.state(id), it.loaded(id)), (State::Paused, 5));
    it.assert_idle();
    assert!(it.command(|uploader, now| uploader.resume(id, now)));
    let (call, etag) = it.finish_call();
    assert!(etag.is_some(), "S3's answer is not forgotten");
    it.finish(call, Ok(stored("key 2", 5)));
    assert_eq!(it.state(id), State::Done);
}

#[test]
fn abort_before_anything_was_sent_asks_nobody() {
    let mut it = Bench::new(plain());
    let id = it.add(5);
    let Action::CreateGrants { call, .. } = it.next() else { panic!("granted") };
    assert!(it.command(|uploader, now| uploader.abort(id, now)));
    assert_eq!(it.state(id), State::Aborted);
    let grant = it.grant();
    it.event(Event::Granted { call, items: vec![Ok(grant)] });
    assert_eq!(it.state(id), State::Aborted);
    it.assert_idle();
    assert!(!it.command(|uploader, now| uploader.abort(id, now)
        || uploader.retry(id, now)
        || uploader.resume(id, now)));
}

#[test]
fn abort_deletes_what_may_have_arrived_once_it_cannot_arrive_any_more() {
    let mut it = Bench::new(plain());
    let (id, attempt) = it.until_sent(5);
    assert!(it.command(|uploader, now| uploader.abort(id, now)));
    assert_eq!(it.next(), Action::Cancel { attempt });
    assert_eq!(it.state(id), State::Deleting);
    let before = it.now;
    let Action::Delete { call, items } = it.next() else { panic!("deleted") };
    assert!(it.now - before >= 2_000);
    assert!(items[0].key == DeleteKey::Token { token: "token 1".into(), upload_id: None }, "by its grant");
    let error = Error::new(ErrorKind::Network, "away").with_retryable(true);
    it.event(Event::CallFailed { call, error, retry_after_ms: None });
    let Action::Delete { call, .. } = it.next() else { panic!("until it is known") };
    it.event(Event::Deleted { call, items: vec![Ok(())] });
    assert_eq!(it.state(id), State::Aborted);
    it.assert_idle();
    assert!(it.notices.iter().all(|notice| matches!(notice, Notice::State { .. })));
}

#[test]
fn an_abort_that_cannot_delete_says_what_is_left() {
    let mut it = Bench::new(Config { tries: 2, ..plain() });
    let (id, attempt) = it.until_sent(5);
    it.respond(attempt, answer(502, "BadGateway"));
    assert!(it.command(|uploader, now| uploader.abort(id, now)));
    for _ in 0..3 {
        let Action::Delete { call, .. } = it.next() else { panic!("deleted") };
        let error = refusal("s3_unavailable", 503, true);
        it.event(Event::Deleted { call, items: vec![Err(error)] });
    }
    assert_eq!(it.state(id), State::Aborted);
    let left = Notice::LeftBehind { upload: id, bucket: "b".into(), key: "key 1".into() };
    assert!(it.notices.contains(&left));
    it.assert_idle();
}

#[test]
fn abort_while_what_was_wrong_is_deleted_to_start_over() {
    let mut it = Bench::new(plain());
    let (id, attempt) = it.until_sent(5);
    it.respond(attempt, ok());
    let (call, _) = it.finish_call();
    it.finish(call, Err(refusal("object_differs", 409, false)));
    assert_eq!((it.state(id), it.error(id).kind()), (State::Failed, ErrorKind::IntegrityMismatch));
    assert!(it.command(|uploader, now| uploader.retry(id, now)));
    let Action::Delete { call, .. } = it.next() else { panic!("deleted") };
    assert!(it.command(|uploader, now| uploader.abort(id, now)));
    it.event(Event::Deleted { call, items: vec![Ok(())] });
    assert_eq!(it.state(id), State::Aborted);
    it.assert_idle();
}

#[test]
fn delete_after_done() {
    let mut it = Bench::new(plain());
    let (id, attempt) = it.until_sent(5);
    assert!(!it.command(|uploader, now| uploader.delete(id, now)), "not before");
    it.complete(id, attempt, "key 1");
    assert!(!it.command(|uploader, now| uploader.abort(id, now)), "what is done is deleted, not aborted");
    assert!(it.command(|uploader, now| uploader.delete(id, now)));
    let Action::Delete { call, items } = it.next() else { panic!("deleted") };
    assert!(items[0].key == DeleteKey::Receipt("receipt".into()));
    it.event(Event::Deleted { call, items: vec![Err(refusal("grant_of_another_user", 403, false))] });
    assert_eq!((it.state(id), it.error(id).code()), (State::Failed, "grant_of_another_user"));
    assert!(it.command(|uploader, now| uploader.retry(id, now)));
    let Action::Delete { call, .. } = it.next() else { panic!("deleted") };
    it.event(Event::Deleted { call, items: vec![Ok(())] });
    assert_eq!(it.state(id), State::Deleted);
    it.assert_idle();
}

#[test]
fn only_what_is_settled_can_be_forgotten() {
    let mut it = Bench::new(plain());
    let (id, attempt) = it.until_sent(5);
    assert!(!it.uploader.remove(id));
    it.complete(id, attempt, "key 1");
    assert!(it.uploader.remove(id));
    assert!(it.uploader.upload(id).is_none() && !it.uploader.remove(id));
    assert_ne!(it.add(5), id, "ids are not used twice");
}
