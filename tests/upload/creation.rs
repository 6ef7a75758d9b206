//! What goes on while S3 is asked to begin a multipart upload.

use super::bench::{Bench, answer, sha256};
use super::server::MIB;
use sealift::upload::{
    Action, AttemptId, Config, Event, FileDescription, Grant, HashId, Integrity, Plan, RequestContent,
    Response, SignedRequest, State, UploadId,
};
use sealift::{Error, ErrorKind};

const PART: u64 = 16 * MIB;

/// Granted, and the creation on its way.
fn creating(config: Config) -> (Bench, UploadId, AttemptId) {
    let mut it = Bench::new(config);
    let file = FileDescription { name: "file".into(), size: 64 * PART, ..FileDescription::default() };
    let id = it.uploader.add(file);
    assert!(it.command(|uploader, now| uploader.start(id, now)));
    let Action::CreateGrants { call, .. } = it.next() else { panic!("no grant asked for") };
    let create = SignedRequest {
        content: RequestContent::Control { method: "POST", headers: Vec::new(), body: String::new() },
        ..it.signed()
    };
    let grant = it.grant();
    let plan = Plan::Multipart { part_size: PART, parts: 64 };
    let items = vec![Ok(Grant { plan, requests: vec![create], ..grant })];
    it.event(Event::Granted { call, items });
    let (attempt, _) = it.sent();
    (it, id, attempt)
}

fn created() -> Response {
    let body = "<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>key 1</Key><UploadId>u</UploadId></InitiateMultipartUploadResult>";
    Response { status: 200, body: body.into(), ..Response::default() }
}

fn reading(it: &mut Bench) -> Option<HashId> {
    match it.actions.pop_front() {
        Some(Action::Hash { hash, .. }) => Some(hash),
        None => None,
        other => panic!("{other:?}"),
    }
}

/// The readings that are asked for, each done before the next.
fn read_on(it: &mut Bench, most: usize) -> usize {
    let mut read = 0;
    while read < most
        && let Some(hash) = reading(it)
    {
        read += 1;
        it.event(Event::Hashed { hash, digest: sha256([read as u8; 32]) });
    }
    read
}

#[test]
fn parts_are_read_meanwhile_and_signed_as_soon_as_it_is_there() {
    let (mut it, _, attempt) = creating(Config { hashes: 1, ..Config::default() });
    let read = read_on(&mut it, 100);
    assert!((2..=24).contains(&read), "ahead, but not far: {read}");
    it.respond(attempt, created());
    let Action::Sign { items, .. } = it.next() else { panic!("not signed") };
    assert_eq!((items[0].intents.len(), items[0].upload_id.as_deref()), (read, Some("u")));
}

#[test]
fn nothing_is_read_that_need_not_be() {
    let (it, ..) = creating(Config { integrity: Integrity::None, ..Config::default() });
    assert!(it.actions.is_empty(), "{:?}", it.actions);
}

#[test]
fn whatever_ends_it_ends_the_reading_too() {
    type End = fn(&mut Bench, UploadId, AttemptId);
    let ends: [End; 5] = [
        |it, id, _| assert!(it.command(|uploader, now| uploader.pause(id, now))),
        |it, id, _| assert!(it.command(|uploader, now| uploader.abort(id, now))),
        |it, _, attempt| it.event(Event::NetworkError { attempt }),
        |it, _, attempt| it.respond(attempt, answer(403, "AccessDenied")),
        |it, _, attempt| it.respond(attempt, answer(400, "BadDigest")),
    ];
    for (number, end) in ends.into_iter().enumerate() {
        let (mut it, id, attempt) = creating(Config { hashes: 2, ..Config::default() });
        let begun: Vec<HashId> = std::iter::from_fn(|| reading(&mut it)).collect();
        assert_eq!(begun.len(), 2);
        end(&mut it, id, attempt);
        let mut ended: Vec<HashId> = it
            .actions
            .iter()
            .filter_map(|action| match action {
                Action::CancelHash { hash } => Some(*hash),
                _ => None,
            })
            .collect();
        ended.sort_by_key(|hash| begun.iter().position(|it| it == hash));
        assert_eq!(ended, begun, "end {number}");
        assert!(!it.actions.iter().any(|action| matches!(action, Action::Hash { .. })), "end {number}");
    }
}

#[test]
fn a_file_that_cannot_be_read_fails_at_once_and_is_not_read_again() {
    let (mut it, id, attempt) = creating(Config { hashes: 1, ..Config::default() });
    let hash = reading(&mut it).expect("a reading");
    let error = Error::new(ErrorKind::UnreadableFile, "gone");
    it.event(Event::HashFailed { hash, error });
    assert_eq!((it.state(id), it.error(id).kind()), (State::Failed, ErrorKind::UnreadableFile));
    let [Action::Cancel { attempt: cancelled }] = it.actions.make_contiguous() else {
        panic!("{:?}", it.actions)
    };
    assert_eq!(*cancelled, attempt);
    it.actions.clear();
    assert!(it.command(|uploader, now| uploader.retry(id, now)));
    let Action::Delete { items, .. } = it.next() else { panic!("something may have been begun at S3") };
    assert_eq!(items.len(), 1);
}
