//! The stock of signatures for parts.

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
