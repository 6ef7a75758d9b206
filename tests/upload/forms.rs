//! Servers that lack forms, or keep nothing to check them by.

use super::bench::answer;
use super::parts::{lost, of};
use super::server::Server;
use sealift::upload::{Feature, Integrity, Intent, State};

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
