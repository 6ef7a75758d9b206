//! Files that travel in parts.

use super::bench::{answer, digest, plain};
use super::server::{MIB, Server};
use sealift::ErrorKind;
use sealift::upload::{
    Config, DeleteKey, Digest, Event, Integrity, Intent, Priority, Response, State, UploadId,
};

pub const MODES: [Integrity; 5] =
    [Integrity::Sha256, Integrity::Crc64Nvme, Integrity::Both, Integrity::Chunks, Integrity::None];

pub fn of(integrity: Integrity) -> Config {
    Config { integrity, ..Config::default() }
}

pub fn lost() -> Response {
    Response::default()
}

pub fn sent_parts(server: &Server) -> usize {
    server.sent.iter().filter(|(_, body)| body.end > 0).count()
}

#[test]
fn every_part_once_and_then_all_together() {
    for integrity in MODES {
        let mut it = Server::new(of(integrity));
        let size = 64 * 16 * MIB - 5;
        let id = it.add(size);
        it.run();
        assert_eq!(it.it.state(id), State::Done, "{integrity:?}");
        assert_eq!((sent_parts(&it), it.sent.len()), (64, 66), "{integrity:?}");
        assert_eq!(it.parts[&64].1, 16 * MIB - 5, "the last is what is left");
        let Some(Intent::Complete { parts, crc64nvme }) = it.intents.last() else { panic!("completed") };
        let kept = parts[3].digest;
        let expected = digest(&(48 * MIB..64 * MIB), integrity.algorithms(), 0);
        match integrity {
            Integrity::Chunks => assert_eq!(kept, Digest::default()),
            Integrity::Both => assert_eq!(kept, Digest { sha256: None, ..expected }),
            _ => assert_eq!(kept, expected),
        }
        assert_eq!(crc64nvme.is_some(), integrity.algorithms().crc64nvme);
        assert_eq!(it.it.uploader.progress(id, it.it.at()).unwrap().fraction(), 1.0);
    }
}

#[test]
fn few_calls_for_many_signatures() {
    for integrity in MODES {
        for (parts, most) in [(1, 1), (8, 2), (64, 4), (1_000, 18), (10_000, 120)] {
            // As fast as a disk and a network of the same machine, and over a slow link.
            for (read_ms, send_ms) in [(1, 1), (2, 100), (10, 1)] {
                let mut it = Server::new(of(integrity));
                (it.read_ms, it.send_ms, it.part_size) = (read_ms, send_ms, 5 * MIB);
                it.it.lifetime_ms = 900_000;
                let id = it.add(parts * 5 * MIB);
                if parts == 1 {
                    assert!(it.part_calls == 0);
                }
                it.run();
                assert_eq!(it.it.state(id), State::Done);
                assert!(it.part_calls <= most, "{integrity:?}, {parts} parts: {} calls", it.part_calls);
            }
        }
    }
}

#[test]
fn connections_do_not_stand_idle_while_parts_are_left() {
    // A link of 100 MB/s over six connections, a reader of 500 MB/s, 50 ms to the endpoint.
    for integrity in MODES {
        let mut it = Server::new(Config { concurrency: 4, ..of(integrity) });
        (it.call_ms, it.read_ms, it.send_ms) = (50, 4, 60);
        it.add(256 * 16 * MIB);
        it.run();
        let busy = 256 * 60 * 16;
        assert!(it.idle_ms < busy / 20, "{integrity:?}: {} ms idle of {busy}", it.idle_ms);
    }
}

#[test]
fn a_part_that_fails_goes_again_alone() {
    for trouble in
        [lost(), answer(503, "SlowDown"), answer(500, "InternalError"), answer(403, "AccessDenied")]
    {
        let mut it = Server::new(of(Integrity::Sha256));
        it.instead = vec![("part", trouble.clone())];
        let id = it.add(20 * 16 * MIB);
        it.run();
        assert_eq!((it.it.state(id), sent_parts(&it)), (State::Done, 21), "{trouble:?}");
        assert!(it.it.now < 20_000, "{}", it.it.now);
    }
}

#[test]
fn parts_that_fail_together_cost_one_try() {
    let mut it = Server::new(Config { tries: 3, ..of(Integrity::None) });
    it.instead = (0..8).map(|_| ("part", lost())).collect();
    let id = it.add(20 * 16 * MIB);
    it.run();
    assert_eq!(it.it.state(id), State::Done, "four connections broke twice");

    let mut it = Server::new(Config { tries: 2, outage_ms: 0, ..of(Integrity::None) });
    it.instead = (0..100).map(|_| ("part", lost())).collect();
    let id = it.add(20 * 16 * MIB);
    it.run();
    assert_eq!((it.it.state(id), it.it.error(id).kind()), (State::Failed, ErrorKind::Network));
    assert!(it.sent.len() < 20, "{}", it.sent.len());
    it.instead.clear();
    assert!(it.it.command(|uploader, now| uploader.retry(id, now)));
    it.run();
    assert_eq!(it.it.state(id), State::Done);
}

#[test]
fn a_link_that_is_cut_is_waited_for_longer_than_there_are_tries() {
    let mut it = Server::new(Config { tries: 2, ..of(Integrity::None) });
    it.instead = (0..24).map(|_| ("part", lost())).collect();
    let id = it.add(20 * 16 * MIB);
    it.run();
    assert_eq!(it.it.state(id), State::Done);
}

#[test]
fn what_s3_stored_differently_is_read_and_sent_again() {
    let other = Some(sealift::s3::checksum::to_base64(&[9; 32]));
    let wrong = Response { status: 200, etag: Some("\"x\"".into()), checksum_sha256: other, ..lost() };
    for trouble in [wrong, answer(400, "XAmzContentSHA256Mismatch")] {
        let mut it = Server::new(of(Integrity::Sha256));
        it.instead = vec![("part", trouble)];
        let id = it.add(4 * 16 * MIB);
        it.run();
        assert_eq!((it.it.state(id), sent_parts(&it)), (State::Done, 5));
    }
}

#[test]
fn a_completion_whose_answer_says_otherwise() {
    let late = |code| Response {
        status: 200,
        body: format!("\n  <Error><Code>{code}</Code><Message>no</Message></Error>"),
        ..lost()
    };
    for (trouble, parts) in [
        (lost(), 4),
        (late("InternalError"), 4),
        (Response { status: 200, body: "  ".into(), ..lost() }, 4),
        (answer(503, "SlowDown"), 4),
        (answer(403, "RequestTimeTooSkewed"), 4),
        (answer(412, "PreconditionFailed"), 4),
        (answer(400, "InvalidPart"), 4),
        (answer(404, "NoSuchUpload"), 8),
        (answer(409, "ConditionalRequestConflict"), 8),
    ] {
        let mut it = Server::new(of(Integrity::Crc64Nvme));
        it.instead = vec![("complete", trouble.clone())];
        let id = it.add(4 * 16 * MIB);
        it.run();
        assert_eq!((it.it.state(id), sent_parts(&it)), (State::Done, parts), "{trouble:?}");
    }
    let mut it = Server::new(of(Integrity::Crc64Nvme));
    it.instead = vec![("complete", answer(400, "EntityTooSmall"))];
    let id = it.add(4 * 16 * MIB);
    it.run();
    assert_eq!((it.it.state(id), it.it.error(id).code()), (State::Failed, "EntityTooSmall"));
}

#[test]
fn a_completion_that_came_through_although_its_answer_was_lost() {
    for trouble in [lost(), answer(404, "NoSuchUpload"), answer(412, "PreconditionFailed")] {
        let mut it = Server::new(of(Integrity::Sha256));
        let id = it.add(4 * 16 * MIB);
        it.objects.insert(id);
        it.instead = vec![("complete", trouble)];
        it.run();
        assert_eq!((it.it.state(id), it.sent.len()), (State::Done, 6), "nothing is sent again");
    }
}

#[test]
fn another_object_than_the_parts_make_is_not_done() {
    for (composite, crc64nvme, integrity) in
        [(Some("other-4".to_owned()), None, Integrity::Sha256), (None, Some(1), Integrity::Crc64Nvme)]
    {
        let mut it = Server::new(of(integrity));
        (it.composite, it.crc64nvme) = (composite, crc64nvme);
        let id = it.add(4 * 16 * MIB);
        it.run();
        assert_eq!((it.it.state(id), it.it.error(id).kind()), (State::Failed, ErrorKind::IntegrityMismatch));
    }
    let mut it = Server::new(of(Integrity::Sha256));
    it.composite = Some("sum-4".into());
    let id = it.add(4 * 16 * MIB);
    it.run();
    assert_eq!(it.it.state(id), State::Done);
}

#[test]
fn pause_keeps_what_s3_has() {
    let mut it = Server::new(of(Integrity::Sha256));
    let id = it.add(20 * 16 * MIB);
    it.run_until(|server| server.parts.len() >= 8);
    let at = it.it.at();
    it.it.command(|uploader, now| uploader.pause(id, now));
    let progress = it.it.uploader.progress(id, at).unwrap();
    assert_eq!(progress.in_flight, 0);
    let confirmed = progress.confirmed;
    assert!(confirmed >= 3 * 16 * MIB, "{confirmed}");
    it.run();
    assert_eq!(it.it.state(id), State::Paused);
    let before = sent_parts(&it);
    assert!(it.it.command(|uploader, now| uploader.resume(id, now)));
    it.run();
    assert_eq!(it.it.state(id), State::Done);
    let again = sent_parts(&it) - before;
    assert_eq!(again as u64, 20 - confirmed / (16 * MIB), "what was stored is not sent again");
}

#[test]
fn abort_removes_the_upload_at_s3() {
    let mut it = Server::new(Config { snapshots: true, ..of(Integrity::Sha256) });
    let id = it.add(20 * 16 * MIB);
    it.run_until(|server| server.parts.len() >= 4);
    assert!(it.it.command(|uploader, now| uploader.abort(id, now)));
    assert_eq!(it.it.state(id), State::Deleting);
    it.run_until(|server| server.it.actions.is_empty());
    assert!(it.kept[&id].0.aborting, "a page that crashes now goes on deleting");
    it.run();
    assert_eq!(it.it.state(id), State::Aborted);
    let upload_id = Some("id1".to_owned());
    assert!(it.deleted[0].key == DeleteKey::Token { token: "token 1".into(), upload_id });
    assert!(it.kept.is_empty());

    // Nobody knows whether there is one.
    let mut it = Server::new(of(Integrity::Sha256));
    let id = it.add(20 * 16 * MIB);
    it.run_until(|server| server.sent.len() == 1);
    assert!(it.it.command(|uploader, now| uploader.abort(id, now)));
    it.run();
    assert_eq!(it.it.state(id), State::Aborted);
    assert!(it.deleted[0].key == DeleteKey::Token { token: "token 1".into(), upload_id: None });
}

#[test]
fn a_lost_creation_leaves_nothing() {
    let mut it = Server::new(of(Integrity::None));
    it.instead = vec![("create", lost())];
    let id = it.add(20 * 16 * MIB);
    it.run();
    assert_eq!((it.it.state(id), it.deleted.len()), (State::Done, 1));
}

#[test]
fn transports_by_size() {
    let put = Intent::Put { chunks: None };
    for (size, intent) in [(0, Intent::Post), (MIB, Intent::Post), (MIB + 1, put.clone()), (16 * MIB, put)] {
        let mut it = Server::new(plain());
        it.add(size);
        it.run();
        assert_eq!(it.intents, [intent], "{size}");
    }
    let mut it = Server::new(plain());
    it.add(16 * MIB + 1);
    it.run();
    assert_eq!(it.intents[0], Intent::Create);
}

#[test]
fn small_files_are_not_kept_waiting_by_huge_ones() {
    let mut it = Server::new(plain());
    (it.send_ms, it.it.lifetime_ms) = (200, 900_000);
    let huge: Vec<_> = (0..8).map(|_| it.add(100 * 16 * MIB)).collect();
    it.run_until(|server| server.sent.len() > 20);
    let began = it.it.now;
    let small: Vec<_> = (0..30).map(|_| it.add(1_000)).collect();
    it.run_to(small[29], State::Done);
    assert!(it.it.now - began < 30_000, "{} ms", it.it.now - began);
    assert_ne!(it.it.state(huge[0]), State::Done);
    it.run();
    assert!(huge.iter().all(|id| it.it.state(*id) == State::Done), "nor the huge ones by them");
}

#[test]
fn what_is_urgent_goes_first() {
    let mut it = Server::new(plain());
    (it.send_ms, it.it.lifetime_ms) = (200, 900_000);
    let first = it.add(100 * 16 * MIB);
    it.run_until(|server| server.sent.len() > 10);
    let second = it.add(40 * 16 * MIB);
    assert!(it.it.command(|uploader, now| uploader.set_priority(second, Priority::High, now)));
    it.run_to(second, State::Done);
    let sent: Vec<UploadId> = it.sent.iter().map(|(attempt, _)| attempt.upload()).collect();
    let of_second: Vec<usize> = (0..sent.len()).filter(|at| sent[*at] == second).collect();
    assert_eq!(of_second.len(), 42);
    assert_eq!(of_second[40] - of_second[1], 39, "all connections are its own while it has parts to send");
    // While under way.
    let third = it.add(100 * 16 * MIB);
    it.run_until(|server| server.it.uploader.upload(third).unwrap().attempts() > 10);
    assert!(it.it.command(|uploader, now| uploader.set_priority(first, Priority::Low, now)));
    let before = it.it.uploader.upload(first).unwrap().attempts();
    it.run_to(third, State::Done);
    // But for its end: its last parts, their completion, the finish.
    assert!(it.it.uploader.upload(first).unwrap().attempts() - before <= 18);
}

#[test]
fn offline_costs_no_tries_and_nothing_that_s3_has() {
    let mut it = Server::new(Config { tries: 0, ..of(Integrity::Sha256) });
    let id = it.add(40 * 16 * MIB);
    it.run_until(|server| server.parts.len() >= 12);
    it.it.event(Event::Offline);
    it.cut();
    let stored = it.parts.len();
    let end = it.it.now + 600_000;
    it.run_until(|server| server.it.now > end && server.it.state(id) == State::Waiting);
    it.cut = false;
    it.it.event(Event::Online);
    it.run();
    assert_eq!(it.it.state(id), State::Done);
    assert!(stored >= 12 && sent_parts(&it) < 40 + 6 + 60, "{}", sent_parts(&it));
}
