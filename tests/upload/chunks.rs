//! Files in signed chunks: granted, read, signed and sent; and what becomes of them where S3
//! or the endpoint knows no such thing.

use super::bench::{Bench, answer, refusal, stored};
use super::parts::{of, sent_parts};
use super::server::{MIB, Server};
use sealift::upload::{
    Action, Config, Digest, Event, Feature, Grant, Integrity, Intent, Plan, Priority, SavedUpload, Signed,
    State, Transport,
};
use sealift::{Error, ErrorKind};

fn chunks() -> Config {
    of(Integrity::Chunks)
}

#[test]
fn a_put_is_granted_then_read_then_signed() {
    let mut it = Bench::new(chunks());
    let id = it.add(9 * MIB);
    let Action::CreateGrants { call, files } = it.next() else { panic!("granted first") };
    assert_eq!((files[0].integrity, files[0].digest), (Integrity::Chunks, Digest::default()));
    assert_eq!(files[0].transport, Transport::Put);
    let grant = Grant { chunk_size: Some(MIB), requests: Vec::new(), ..it.grant() };
    it.event(Event::Granted { call, items: vec![Ok(grant)] });
    let Action::Hash { hash, range, chunk_size, algorithms, .. } = it.next() else { panic!("then read") };
    assert_eq!((range, chunk_size, algorithms.sha256), (0..9 * MIB, Some(MIB), true));
    it.event(Event::Hashed { hash, digest: Digest { sha256: Some([7; 32]), crc64nvme: None } });
    let Action::Sign { call, items } = it.next() else { panic!("then signed") };
    assert_eq!(items[0].intents, [Intent::Put { chunks: Some(0) }]);
    let signed = Signed { requests: vec![it.signed()], grant: None };
    it.event(Event::Signed { call, items: vec![Ok(signed)] });
    let attempt = it.sent().0;
    it.respond(attempt, super::bench::ok());
    let (call, _) = it.finish_call();
    // What S3 keeps of all bytes is none of what the page computed.
    let object = sealift::upload::StoredObject { sha256: Some("ab".repeat(32)), ..stored("key 1", 9 * MIB) };
    it.finish(call, Ok(object));
    assert_eq!(it.state(id), State::Done);
    assert_eq!(it.next(), Action::DropChunks { upload: id, start: 0 });
    it.assert_idle();
}

#[test]
fn small_files_go_as_forms_with_a_sha256() {
    let mut it = Server::new(chunks());
    let id = it.add(MIB);
    it.run();
    assert_eq!((it.it.state(id), &it.intents[..]), (State::Done, &[Intent::Post][..]));
    assert!(it.lacks.is_empty());
}

#[test]
fn where_there_are_no_forms_small_files_go_in_chunks_too() {
    let mut it = Server::new(chunks());
    it.instead = vec![("whole", answer(405, "MethodNotAllowed"))];
    let ids = [it.add(1_000), it.add(0)];
    it.run();
    assert!(ids.iter().all(|id| it.it.state(*id) == State::Done));
    assert_eq!(it.lacks, [Feature::PostForms]);
    assert_eq!(it.intents.last(), Some(&Intent::Put { chunks: Some(0) }));
    assert!(it.hashed.is_empty(), "what is stored is dropped");
}

#[test]
fn an_endpoint_without_chunks_is_sent_a_sha256() {
    for size in [9 * MIB, 40 * MIB] {
        let mut it = Server::new(chunks());
        it.chunk_size = None;
        let ids = [it.add(size), it.add(size)];
        it.run();
        assert!(ids.iter().all(|id| it.it.state(*id) == State::Done), "{size}");
        assert_eq!(it.lacks, [Feature::ChunkSignatures]);
        let calls = it.calls;
        it.add(size);
        it.run();
        assert_eq!(it.lacks.len(), 1, "told once");
        assert!(it.calls - calls <= 4, "and not asked for again");
    }
}

#[test]
fn an_s3_without_chunks_is_sent_a_sha256() {
    for (kind, size) in [("whole", 9 * MIB), ("part", 40 * MIB)] {
        for refused in
            [answer(501, "NotImplemented"), answer(501, ""), answer(400, "XAmzContentSHA256Mismatch")]
        {
            let mut it = Server::new(chunks());
            it.instead = vec![(kind, refused)];
            let id = it.add(size);
            it.run();
            assert_eq!((it.it.state(id), &it.lacks[..]), (State::Done, &[Feature::ChunkSignatures][..]));
            assert_eq!(it.deleted.len(), usize::from(kind == "part"), "nothing is left of the first");
            let with = |intent: &Intent| match intent {
                Intent::Put { chunks } => Some(chunks.is_some()),
                Intent::Part { chunks, digest, .. } => {
                    assert_eq!(chunks.is_some(), digest.sha256.is_none());
                    Some(chunks.is_some())
                }
                _ => None,
            };
            assert_eq!(it.intents.iter().rev().find_map(with), Some(false));
        }
    }
}

#[test]
fn an_s3_that_stores_the_wrapping_is_found_out() {
    for size in [9 * MIB, 40 * MIB] {
        let mut it = Server::new(chunks());
        it.differs = 1;
        let id = it.add(size);
        it.run();
        assert_eq!((it.it.state(id), &it.lacks[..]), (State::Done, &[Feature::ChunkSignatures][..]));
        assert_eq!(it.deleted.len(), 1);
        // Where chunks were good before, it is something else.
        let mut it = Server::new(chunks());
        it.add(size);
        it.run();
        it.differs = 1;
        let id = it.add(size);
        it.run();
        assert_eq!((it.it.state(id), it.it.error(id).kind()), (State::Failed, ErrorKind::IntegrityMismatch));
        assert!(it.lacks.is_empty());
    }
}

#[test]
fn a_bucket_that_lets_no_chunks_through_is_sent_a_sha256() {
    for size in [9 * MIB, 40 * MIB] {
        let mut it = Server::new(chunks());
        it.keeps_chunks_out = true;
        let ids = [it.add(size), it.add(size)];
        it.run();
        assert!(ids.iter().all(|id| it.it.state(*id) == State::Done), "{size}");
        assert_eq!(it.lacks, [Feature::ChunkSignatures]);
        let sent = it.sent.len();
        let id = it.add(size);
        it.run();
        assert_eq!((it.it.state(id), it.lacks.len()), (State::Done, 1), "told once");
        assert!(it.sent.len() - sent <= 5, "and not tried again");
    }
}

#[test]
fn a_network_that_is_away_says_nothing_of_chunks() {
    for size in [9 * MIB, 40 * MIB] {
        // The other way gets no answer either.
        let mut it = Server::new(chunks());
        it.instead =
            (0..4).map(|_| (if size < 10 * MIB { "whole" } else { "part" }, answer(0, ""))).collect();
        let id = it.add(size);
        it.run();
        assert_eq!((it.it.state(id), &it.lacks[..]), (State::Done, &[][..]), "{size}");
        // Where chunks were good before, they stay.
        let mut it = Server::new(chunks());
        it.add(size);
        it.run();
        it.instead = ["whole", "whole", "whole", "part", "part"].map(|kind| (kind, answer(0, ""))).into();
        it.intents.clear();
        let id = it.add(size);
        it.run();
        assert_eq!((it.it.state(id), &it.lacks[..]), (State::Done, &[][..]), "{size}");
        let digests = |intent: &Intent| {
            matches!(intent, Intent::Put { chunks: None } | Intent::Part { chunks: None, .. })
        };
        assert!(!it.intents.iter().any(digests), "{size}");
    }
}

#[test]
fn a_part_whose_chunks_are_refused_is_read_again() {
    let mut it = Server::new(chunks());
    let refused = || ("part", answer(403, "SignatureDoesNotMatch"));
    it.instead = vec![refused(), refused(), refused()];
    let id = it.add(40 * MIB);
    it.run();
    assert_eq!((it.it.state(id), it.parts.len()), (State::Done, 3));
    assert!(it.lacks.is_empty());
}

#[test]
fn bytes_that_never_are_what_was_read_end_it() {
    for (kind, size) in [("whole", 9 * MIB), ("part", 40 * MIB)] {
        let mut it = Server::new(Config { tries: 2, ..chunks() });
        it.add(size);
        it.run();
        it.instead = (0..20).map(|_| (kind, answer(403, "SignatureDoesNotMatch"))).collect();
        let id = it.add(size);
        it.run();
        assert_eq!(it.it.state(id), State::Failed);
        let error = it.it.error(id);
        assert_eq!(
            (error.kind(), error.status(), error.request_id()),
            (ErrorKind::IntegrityMismatch, Some(403), Some("R1"))
        );
        it.instead.clear();
        assert!(it.it.command(|uploader, now| uploader.retry(id, now)));
        it.run();
        assert_eq!(it.it.state(id), State::Done, "{kind}");
    }
}

#[test]
fn a_signature_that_is_refused_at_first_is_not_blamed_on_the_bytes() {
    let mut it = Server::new(chunks());
    it.instead = vec![
        ("whole", answer(403, "SignatureDoesNotMatch")),
        ("whole", answer(403, "SignatureDoesNotMatch")),
    ];
    let id = it.add(9 * MIB);
    it.run();
    assert_eq!((it.it.state(id), it.it.error(id).code()), (State::Failed, "SignatureDoesNotMatch"));
}

#[test]
fn what_is_gone_at_s3_is_read_again_before_it_is_signed() {
    let mut it = Server::new(Config { concurrency: 1, ..chunks() });
    let id = it.add(20 * 16 * MIB);
    it.run_until(|server| server.parts.len() == 7);
    it.instead = vec![("part", answer(404, "NoSuchUpload"))];
    it.parts.clear();
    it.run();
    assert_eq!((it.it.state(id), sent_parts(&it)), (State::Done, 28));
}

#[test]
fn a_put_goes_on_after_a_reload_wherever_it_was() {
    let size = 9 * MIB;
    for (sent, objects) in [(0, false), (1, false), (1, true)] {
        let config = Config { snapshots: true, ..chunks() };
        let mut it = Server::new(config.clone());
        let id = it.add(size);
        it.run_until(|server| server.sent.len() == sent && server.kept.contains_key(&id));
        let saved: SavedUpload = it.kept[&id].0.clone();
        assert_eq!((saved.integrity, saved.chunk_size), (Integrity::Chunks, Some(MIB)));
        assert_eq!(saved.digest.sha256.is_some(), sent == 1);
        let mut next = Server::new(config);
        let id = next.add_saved(size, saved, Vec::new());
        if objects {
            next.objects.insert(id);
        }
        next.run();
        assert_eq!((next.it.state(id), next.sent.len()), (State::Done, usize::from(!objects)));
        assert!(next.hashed.is_empty() && next.kept.is_empty());
    }
}

#[test]
fn a_file_that_changed_while_its_page_was_gone_is_not_mixed() {
    let config = Config { snapshots: true, ..chunks() };
    let mut it = Server::new(config.clone());
    let id = it.add(9 * MIB);
    it.run_until(|server| server.sent.len() == 1);
    let saved = it.kept[&id].0.clone();
    let mut next = Server::new(config);
    next.version = 1;
    let id = next.add_saved(9 * MIB, saved, Vec::new());
    next.run();
    assert_eq!((next.it.state(id), next.it.error(id).kind()), (State::Failed, ErrorKind::FileChanged));
    assert!(next.it.command(|uploader, now| uploader.retry(id, now)));
    next.run();
    assert_eq!(next.it.state(id), State::Done);
}

#[test]
fn no_call_holds_more_chunks_than_an_endpoint_takes() {
    for (part_size, parts) in [(5 * MIB, 400), (700 * MIB, 300), (5_000 * MIB, 40)] {
        let mut it = Server::new(chunks());
        it.part_size = part_size;
        it.chunk_size = Some(MIB / 2);
        (it.send_ms, it.it.lifetime_ms) = (0, 900_000_000);
        let id = it.add(part_size * parts);
        it.run();
        assert_eq!(it.it.state(id), State::Done);
        let most = it.most_in_call as u64 * part_size.div_ceil(MIB / 2);
        assert!(most <= 50_000, "{most} chunks of parts of {part_size}");
    }
}

#[test]
fn files_are_not_granted_long_before_they_are_read() {
    let mut it = Bench::new(chunks());
    let ids: Vec<_> = (0..1_000).map(|_| it.add(9 * MIB)).collect();
    let mut granted = 0;
    it.pass(1_000);
    while let Some(action) = it.actions.pop_front() {
        if let Action::CreateGrants { call, files } = action {
            granted += files.len();
            let grant = |it: &mut Bench| Grant {
                plan: Plan::Put,
                chunk_size: Some(MIB),
                requests: Vec::new(),
                ..it.grant()
            };
            let items = files.iter().map(|_| Ok(grant(&mut it))).collect();
            it.event(Event::Granted { call, items });
            it.pass(1_000);
        }
    }
    assert!((6..=100).contains(&granted), "{granted} of {}", ids.len());
}

#[test]
fn all_of_many_files_arrive() {
    for config in
        [chunks(), Config { ahead_bytes: 1, hashes: 1, concurrency: 1, files_per_call: 1, ..chunks() }]
    {
        let mut it = Server::new(config);
        let ids: Vec<_> = (0..60).map(|number| it.add_by(number * MIB / 4, Transport::Put)).collect();
        it.run();
        assert!(ids.iter().all(|id| it.it.state(*id) == State::Done));
        assert!(it.hashed.is_empty());
    }
}

#[test]
fn a_refusal_of_chunks_for_ever_ends() {
    let mut it = Bench::new(Config { tries: 3, ..chunks() });
    let id = it.add(9 * MIB);
    let refuse = || -> Error { refusal("integrity_refused", 422, false) };
    for _ in 0..20 {
        match it.next_or_idle() {
            Some(Action::CreateGrants { call, .. }) => {
                it.event(Event::Granted { call, items: vec![Err(refuse())] })
            }
            Some(Action::Hash { hash, .. }) => {
                it.event(Event::Hashed { hash, digest: Digest { sha256: Some([7; 32]), crc64nvme: None } });
            }
            Some(other) => panic!("{other:?}"),
            None => break,
        }
    }
    assert_eq!((it.state(id), it.error(id).code()), (State::Failed, "integrity_refused"));
}

#[test]
fn what_is_granted_is_read_before_what_waits_for_it() {
    let config = Config { concurrency: 1, hashes: 1, ahead_bytes: 1, ..chunks() };
    let mut it = Server::new(config);
    let mut ids = vec![it.add_by(9 * MIB, Transport::Put)];
    it.it.uploader.set_priority(ids[0], Priority::Low, it.it.at());
    it.run_until(|server| server.calls == 1);
    ids.extend((0..6).map(|_| it.add_by(1_000, Transport::Post)));
    it.run();
    assert!(ids.iter().all(|id| it.it.state(*id) == State::Done));
}
