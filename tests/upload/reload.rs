//! Uploads that go on after their page was loaded again.

use super::bench::{answer, refusal};
use super::parts::{MODES, of, sent_parts};
use super::server::{MIB, Server};
use sealift::upload::{Config, Digest, Integrity, SavedPart, SavedUpload, State};
use sealift::{Error, ErrorKind};

/// An upload under way, as its page left it after so many parts.
fn left_after(parts: usize, integrity: Integrity) -> (Server, SavedUpload, Vec<SavedPart>) {
    let mut it = Server::new(Config { snapshots: true, ..of(integrity) });
    let id = it.add(20 * 16 * MIB);
    it.run_until(|server| server.kept.get(&id).is_some_and(|(_, kept)| kept.len() >= parts));
    let (saved, kept) = it.kept[&id].clone();
    let mut next = Server::new(Config { snapshots: true, ..of(integrity) });
    next.parts = it.parts.into_iter().filter(|(number, _)| kept.contains_key(number)).collect();
    (next, saved, kept.into_values().collect())
}

#[test]
fn a_reload_sends_nothing_again_that_s3_has() {
    for integrity in MODES {
        let (mut it, saved, parts) = left_after(7, integrity);
        let id = it.add_saved(20 * 16 * MIB, saved, parts);
        it.run();
        assert_eq!(it.it.state(id), State::Done, "{integrity:?}");
        assert_eq!(sent_parts(&it), 13, "{integrity:?}");
        assert!(it.kept.is_empty() && it.forgotten == 1);
    }
}

#[test]
fn a_reload_compares_what_was_stored_with_the_file() {
    let (mut it, saved, parts) = left_after(7, Integrity::Sha256);
    it.version = 1;
    let id = it.add_saved(20 * 16 * MIB, saved, parts);
    it.run();
    assert_eq!((it.it.state(id), it.it.error(id).kind()), (State::Failed, ErrorKind::FileChanged));
    assert!(it.objects.is_empty(), "nothing mixed is put together");
    assert!(it.it.command(|uploader, now| uploader.retry(id, now)));
    it.run();
    assert_eq!((it.it.state(id), it.parts.len()), (State::Done, 20));
}

#[test]
fn a_reload_sends_what_s3_has_not_or_not_so() {
    let (mut it, saved, parts) = left_after(8, Integrity::Sha256);
    let numbers: Vec<u16> = it.parts.keys().copied().collect();
    it.parts.remove(&numbers[0]);
    it.parts.get_mut(&numbers[1]).unwrap().1 -= 1;
    it.parts.get_mut(&numbers[2]).unwrap().0 = "\"other\"".into();
    // And one that nobody recorded.
    it.parts.insert(20, ("\"unknown\"".into(), 16 * MIB, Digest::default()));
    let id = it.add_saved(20 * 16 * MIB, saved, parts);
    it.run();
    assert_eq!((it.it.state(id), sent_parts(&it)), (State::Done, 20 - 5));
}

#[test]
fn a_reload_of_what_is_gone_at_s3() {
    for done in [true, false] {
        let (mut it, saved, parts) = left_after(8, Integrity::Sha256);
        it.instead = vec![("list", answer(404, "NoSuchUpload"))];
        let id = it.add_saved(20 * 16 * MIB, saved, parts);
        if done {
            it.objects.insert(id);
        } else {
            it.parts.clear();
        }
        it.run();
        assert_eq!(it.it.state(id), State::Done);
        assert_eq!(sent_parts(&it), if done { 0 } else { 20 });
    }
}

#[test]
fn a_reload_goes_on_aborting() {
    let (mut it, saved, parts) = left_after(8, Integrity::Sha256);
    let id = it.add_saved(20 * 16 * MIB, SavedUpload { aborting: true, ..saved }, parts);
    it.run();
    assert_eq!((it.it.state(id), it.sent.len(), it.deleted.len()), (State::Aborted, 0, 1));
    assert_eq!(it.forgotten, 1);
}

/// An abort that came to nothing, and what was saved of it.
fn aborted_in_vain(error: Error) -> (Server, Option<SavedUpload>) {
    let mut it = Server::new(Config { snapshots: true, ..of(Integrity::Sha256) });
    let id = it.add(20 * 16 * MIB);
    it.run_until(|server| server.parts.len() >= 7);
    it.undeletable = Some(error);
    assert!(it.it.command(|uploader, now| uploader.abort(id, now)));
    it.run();
    assert_eq!((it.it.state(id), it.parts.is_empty()), (State::Aborted, false));
    let saved = it.kept.get(&id).map(|(saved, _)| saved.clone());
    (it, saved)
}

#[test]
fn an_abort_that_reached_nobody_is_done_after_a_reload() {
    for error in [
        refusal("s3_unavailable", 502, true),
        refusal("unauthenticated", 401, false),
        refusal("grant_of_another_user", 403, false),
        Error::new(ErrorKind::InvalidResponse, "what a captive portal says").with_status(200),
    ] {
        let (before, saved) = aborted_in_vain(error);
        let saved = saved.expect("it is still known");
        assert!(saved.aborting && saved.upload_id.is_some());
        let mut it = Server::new(Config { snapshots: true, ..of(Integrity::Sha256) });
        it.parts = before.parts;
        let id = it.add_saved(0, saved, Vec::new());
        it.run();
        assert_eq!((it.it.state(id), it.deleted.len(), it.forgotten), (State::Aborted, 1, 1));
        assert!(it.parts.is_empty());
    }
}

#[test]
fn an_abort_that_is_refused_for_good_is_forgotten() {
    for error in [refusal("grant_expired", 410, false), refusal("grant_invalid", 403, false)] {
        let (_, saved) = aborted_in_vain(error);
        assert!(saved.is_none());
    }
}
