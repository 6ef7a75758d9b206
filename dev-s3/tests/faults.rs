//! Faults strike the requests they name, the way they say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use sealift_dev_s3::{Fault, FaultKind};
use support::signing::Signer;
use support::{Answer, Folder, Request, Server};

fn try_put(server: &Server, body: &[u8]) -> std::io::Result<Answer> {
    let request = Request::new("PUT", "/photos/x").header("origin", "https://app.example").body(body);
    server.try_send(Signer::new().sign(server, request))
}

fn get(server: &Server) -> std::io::Result<Answer> {
    server.try_send(Signer::new().sign(server, Request::new("GET", "/photos/x")))
}

fn status(code: &str) -> FaultKind {
    FaultKind::Status { status: 503, code: code.to_owned(), retry_after: Some(7) }
}

#[test]
fn a_status_is_answered_as_often_as_asked_and_nothing_happens() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    server.faults.inject(Fault::new("PutObject", 2, status("SlowDown")));
    for _ in 0..2 {
        let answer = try_put(&server, b"hello").unwrap().refused(503, "SlowDown");
        assert_eq!(answer.header("retry-after"), Some("7"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        get(&server).unwrap().refused(404, "NoSuchKey");
    }
    try_put(&server, b"hello").unwrap().expect(200);
    assert_eq!(server.requests.count("PutObject"), 3);
    let statuses: Vec<_> = server.requests.all().into_iter().map(|r| r.status).collect();
    assert_eq!(statuses, [503, 404, 503, 404, 200]);
    server.faults.inject(Fault::new("*", 1, status("")));
    let bare = get(&server).unwrap().expect(503);
    assert_eq!(bare.element("Code"), None);
}

#[test]
fn a_reset_breaks_the_connection_before_or_after_acting() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    server.faults.inject(Fault::new("PutObject", 1, FaultKind::Reset));
    assert_eq!(try_put(&server, b"hello").unwrap_err().kind(), ErrorKind::ConnectionReset);
    get(&server).unwrap().refused(404, "NoSuchKey");

    server.faults.inject(Fault::new("PutObject", 1, FaultKind::SwallowAnswer));
    assert_eq!(try_put(&server, b"hello").unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(get(&server).unwrap().expect(200).text(), "hello");
    assert_eq!(server.requests.all()[0].status, 0);
}

#[test]
fn faults_can_strike_in_mid_body() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let body = vec![1; 4 << 20];
    for kind in [FaultKind::Reset, status("InternalError")] {
        let mut fault = Fault::new("PutObject", 1, kind.clone());
        fault.after_bytes = Some(1 << 20);
        server.faults.inject(fault);
        match (kind, try_put(&server, &body)) {
            (FaultKind::Reset, answer) => assert!(answer.is_err()),
            (_, answer) => drop(answer.unwrap().refused(503, "InternalError")),
        }
        let received = server.requests.all().last().unwrap().received;
        assert!(((1 << 20)..(3 << 20)).contains(&received), "{received}");
    }
    get(&server).unwrap().refused(404, "NoSuchKey");
    let data = folder.path().join("photos").join("data");
    assert_eq!(std::fs::read_dir(data).unwrap().count(), 0);
}

#[test]
fn answers_can_be_cut_late_and_slow() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    try_put(&server, &[7; 100_000]).unwrap().expect(200);
    server.faults.inject(Fault::new("GetObject", 1, FaultKind::TruncateAnswer { body_bytes: 1000 }));
    assert_eq!(get(&server).unwrap_err().kind(), ErrorKind::UnexpectedEof);
    assert_eq!(get(&server).unwrap().expect(200).body.len(), 100_000);

    server.faults.inject(Fault::new("GetObject", 1, FaultKind::Delay { ms: 300 }));
    let start = Instant::now();
    get(&server).unwrap().expect(200);
    assert!(start.elapsed() >= Duration::from_millis(300));

    server.faults.inject(Fault::new("PutObject", 1, FaultKind::Throttle { bytes_per_second: 1 << 20 }));
    let start = Instant::now();
    try_put(&server, &[7; 512 * 1024]).unwrap().expect(200);
    assert!(start.elapsed() >= Duration::from_millis(400));
}

#[test]
fn faults_and_the_log_are_reached_over_http_only_when_asked_for() {
    let folder = Folder::new();
    let closed = Server::start(&folder);
    assert_ne!(closed.send(Request::new("GET", "/_dev/faults")).status, 200);
    drop(closed);

    let server = Server::start_with(&folder, |config| config.fault_injection = true);
    let list = r#"[{"operation":"PutObject","times":1,"kind":"status","status":500,"code":"InternalError"},
                   {"operation":"GetObject","key_contains":"x","kind":"delay","ms":1}]"#;
    let answer = server.send(Request::new("POST", "/_dev/faults").body(list)).expect(200);
    let faults: Vec<Fault> = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(faults, server.faults.pending());
    assert_eq!(faults.len(), 2);
    try_put(&server, b"hello").unwrap().refused(500, "InternalError");
    server.send(Request::new("DELETE", "/_dev/faults")).expect(200);
    assert_eq!(server.faults.pending(), vec![]);
    server.send(Request::new("POST", "/_dev/faults").body(r#"{"kind":"nonsense"}"#)).expect(400);

    let log = server.send(Request::new("GET", "/_dev/requests")).expect(200);
    let log: Vec<sealift_dev_s3::RequestRecord> = serde_json::from_slice(&log.body).unwrap();
    assert_eq!((log.len(), log[0].operation.as_str(), log[0].key.as_str()), (1, "PutObject", "x"));
    server.send(Request::new("DELETE", "/_dev/requests")).expect(200);
    assert_eq!(server.requests.all(), vec![]);
}
