//! The stock of signatures for parts.

use super::bench::answer;
use super::parts::{MODES, of};
use super::server::{MIB, Server};
use sealift::upload::{Config, Integrity, Intent, State};

#[test]
fn signatures_that_grow_old_are_not_asked_for() {
    let mut it = Server::new(of(Integrity::None));
    (it.it.lifetime_ms, it.send_ms) = (60_000, 300);
    let id = it.add(300 * 16 * MIB);
    it.run();
    assert_eq!(it.it.state(id), State::Done);
    let signed = it.intents.iter().filter(|intent| matches!(intent, Intent::Part { .. })).count();
    assert!(signed <= 320, "{signed} signatures for 300 parts");
}

#[test]
fn signatures_in_stock_that_s3_refuses_are_all_replaced() {
    for (integrity, concurrency) in MODES.into_iter().flat_map(|mode| [(mode, 1), (mode, 6)]) {
        let mut it = Server::new(Config { concurrency, ..of(integrity) });
        let id = it.add(60 * 16 * MIB);
        it.run_until(|it| it.sent.len() > 8);
        assert!(it.revoke() > 2, "{integrity:?}: there is a stock");
        it.run();
        assert_eq!(it.it.state(id), State::Done, "{integrity:?}, {concurrency} at once");
        assert!(it.sent.len() < 62 + 2 * concurrency, "{integrity:?}: {} sent", it.sent.len());
    }
}

#[test]
fn a_grant_that_expired_while_the_machine_slept_is_renewed() {
    for tries in [0, 8] {
        let mut it = Server::new(Config { tries, concurrency: 1, ..of(Integrity::None) });
        let id = it.add(60 * 16 * MIB);
        it.run_until(|it| it.sent.len() > 8);
        it.expired = true;
        it.run();
        if tries == 0 {
            assert!(it.it.command(|uploader, now| uploader.retry(id, now)), "it failed at once");
            it.run();
        }
        assert_eq!(it.it.state(id), State::Done, "{tries} tries");
    }
}

#[test]
fn two_refusals_with_a_success_between_them_end_nothing() {
    let mut it = Server::new(of(Integrity::None));
    let denied = || answer(403, "AccessDenied");
    it.instead = vec![("create", denied()), ("part", denied()), ("complete", denied())];
    let id = it.add(20 * 16 * MIB);
    it.run();
    assert_eq!(it.it.state(id), State::Done);
}
