//! Servers that lack forms, or keep nothing to check them by.

use super::bench::answer;
use super::parts::{lost, of};
use super::server::{MIB, Server};
use sealift::ErrorKind;
use sealift::upload::{Config, DeleteKey, Feature, Integrity, Intent, State};

#[test]
fn forms_that_a_server_lacks_are_noticed_once() {
    for refusal in [answer(405, "MethodNotAllowed"), answer(501, "NotImplemented")] {
        let mut it = Server::new(of(Integrity::Sha256));
        it.instead = vec![("whole", refusal)];
        let first = it.add(1_000);
        it.run();
        let second = it.add(1_000);
        it.run();
        assert_eq!((it.it.state(first), it.it.state(second)), (State::Done, State::Done));
        assert_eq!(it.lacks, [Feature::PostForms]);
        let forms = it.intents.iter().filter(|intent| **intent == Intent::Post).count();
        assert_eq!((forms, it.sent.len()), (1, 3));
    }
}

#[test]
fn forms_that_come_to_nothing_are_taken_for_lacking() {
    for (refusal, deleted) in [
        (lost(), 1),
        (answer(412, "PreconditionFailed"), 1),
        (answer(403, "AccessDenied"), 0),
        (answer(403, ""), 0),
    ] {
        let mut it = Server::new(of(Integrity::Sha256));
        it.instead = vec![("whole", refusal.clone()), ("whole", refusal.clone())];
        let first = it.add(1_000);
        it.run();
        assert_eq!((it.it.state(first), it.sent.len()), (State::Done, 3), "{refusal:?}");
        assert_eq!((&it.lacks[..], it.deleted.len()), (&[Feature::PostForms][..], deleted), "{refusal:?}");
        let second = it.add(1_000);
        it.run();
        assert_eq!((it.it.state(second), it.sent.len()), (State::Done, 4));
    }
    // Where one was stored, a broken connection says nothing of forms.
    let mut it = Server::new(of(Integrity::Sha256));
    it.add(1_000);
    it.run();
    it.instead = vec![("whole", lost()), ("whole", lost())];
    let second = it.add(1_000);
    it.run();
    assert_eq!((it.it.state(second), it.lacks.len()), (State::Done, 0));
    assert_eq!(it.intents.last(), Some(&Intent::Post));
}

#[test]
fn forms_whose_bytes_cannot_be_checked_go_by_put() {
    let mut it = Server::new(of(Integrity::Sha256));
    it.unverified = 1;
    let first = it.add(1_000);
    it.run();
    assert_eq!((it.it.state(first), it.deleted.len()), (State::Done, 1));
    assert_eq!(it.lacks, [Feature::PostForms]);
    let second = it.add(1_000);
    it.run();
    assert_eq!((it.it.state(second), it.sent.len()), (State::Done, 3));
    let forms = it.intents.iter().filter(|intent| **intent == Intent::Post).count();
    assert_eq!(forms, 1);
}

#[test]
fn a_server_without_checksums_is_told_of_once() {
    let mut it = Server::new(of(Integrity::Sha256));
    it.no_checksums = true;
    let id = it.add(4 * 16 * MIB);
    it.run_to(id, State::Done);
    assert_eq!(it.lacks, [Feature::PartChecksums]);
}

/// A CRC that nobody keeps shows nothing.
#[test]
fn parts_whose_bytes_cannot_be_checked_end_at_the_first_one() {
    let mut it = Server::new(Config { snapshots: true, concurrency: 2, ..of(Integrity::Crc64Nvme) });
    it.no_checksums = true;
    let id = it.add(40 * 16 * MIB);
    it.run();
    assert_eq!((it.it.state(id), it.it.error(id).kind()), (State::Failed, ErrorKind::IntegrityMismatch));
    let parts = it.sent.iter().filter(|(_, body)| !body.is_empty()).count();
    assert!(parts <= 2, "{parts} parts were sent");
    let upload_id = Some("id1".to_owned());
    assert!(
        matches!(&it.deleted[..], [one] if one.key == DeleteKey::Token { token: "token 1".into(), upload_id })
    );
    assert!(it.kept.is_empty() && it.lacks == [Feature::PartChecksums]);
    // Whatever comes next is not even begun.
    let sent = it.sent.len();
    let others = [it.add(40 * 16 * MIB), it.add(3 * MIB), it.add(1_000)];
    it.run();
    for id in others {
        assert_eq!((it.it.state(id), it.it.error(id).kind()), (State::Failed, ErrorKind::IntegrityMismatch));
    }
    assert_eq!(it.sent.len(), sent);
    // Unless it is asked for: the server may be another one by now.
    it.no_checksums = false;
    assert!(it.it.command(|uploader, now| uploader.retry(id, now)));
    it.run();
    assert_eq!(it.it.state(id), State::Done);
}

#[test]
fn checksums_that_cors_hides_are_found_in_the_list_once() {
    let mut it = Server::new(of(Integrity::Crc64Nvme));
    it.hides_checksums = true;
    for _ in 0..2 {
        let id = it.add(20 * 16 * MIB);
        it.run_until(|it| matches!(it.intents.last(), Some(Intent::Complete { .. })));
        if let Some(Intent::Complete { crc64nvme, .. }) = it.intents.last() {
            it.crc64nvme = *crc64nvme;
        }
        it.run();
        assert_eq!(it.it.state(id), State::Done);
        it.parts.clear();
    }
    let lists = it.intents.iter().filter(|intent| matches!(intent, Intent::List { after: 0 })).count();
    assert_eq!((lists, it.lacks.len()), (1, 0));
}

#[test]
fn one_request_gets_the_same_verdict_as_parts() {
    for (size, requests) in [(3 * MIB, 1), (1_000, 2)] {
        let mut it = Server::new(of(Integrity::Crc64Nvme));
        it.no_checksums = true;
        let id = it.add(size);
        it.run();
        assert_eq!((it.it.state(id), it.it.error(id).kind()), (State::Failed, ErrorKind::IntegrityMismatch));
        assert_eq!((it.sent.len(), it.deleted.len()), (requests, requests), "a form is tried by PUT");
        let second = it.add(size);
        it.run();
        assert_eq!((it.it.state(second), it.sent.len()), (State::Failed, requests));
    }
    let mut it = Server::new(of(Integrity::Crc64Nvme));
    it.unverified = 1;
    let id = it.add(3 * MIB);
    it.run();
    assert_eq!((it.it.state(id), it.deleted.len()), (State::Failed, 1), "the endpoint's rules say the same");
}
