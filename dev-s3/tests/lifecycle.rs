//! Crashes, shutdowns and objects that change under a reader.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use sealift_dev_s3::{Fault, FaultKind};
use support::signing::Signer;
use support::{Answer, Folder, Program, Request, Server};

fn call(server: &Server, request: Request) -> Answer {
    server.send(Signer::new().sign(server, request))
}

fn create_upload(server: &Server) -> String {
    call(server, Request::new("POST", "/photos/k?uploads=")).expect(200).element("UploadId").unwrap()
}

fn upload_part(server: &Server, id: &str, number: u32, body: Vec<u8>) -> String {
    let target = format!("/photos/k?partNumber={number}&uploadId={id}");
    call(server, Request::new("PUT", target).body(body)).expect(200).header("etag").unwrap().to_owned()
}

fn complete(server: &Server, id: &str, etags: &[String]) -> Answer {
    let parts = etags
        .iter()
        .zip(1..)
        .map(|(etag, number)| format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"));
    let list = format!("<CompleteMultipartUpload>{}</CompleteMultipartUpload>", parts.collect::<String>());
    call(server, Request::new("POST", format!("/photos/k?uploadId={id}")).body(list))
}

/// A signed request on a connection of its own, its head written.
fn open(server: &Server, request: Request) -> TcpStream {
    let request = Signer::new().sign(server, request);
    let mut stream = TcpStream::connect(server.address).unwrap();
    let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.target);
    for (name, value) in &request.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}connection: close\r\n\r\n").as_bytes()).unwrap();
    stream
}

#[test]
fn a_crash_keeps_what_was_acknowledged_and_nothing_else() {
    let folder = Folder::new();
    let program = Program::start(&folder, &[]);
    call(&program.server, Request::new("PUT", "/photos/whole").body("hello")).expect(200);
    let id = create_upload(&program.server);
    let etag = upload_part(&program.server, &id, 1, b"part".to_vec());
    let half = Request::new("PUT", "/photos/half")
        .header("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
        .header("content-length", "2000000");
    let mut stream = open(&program.server, half);
    stream.write_all(&[7; 1_000_000]).unwrap();
    let data = folder.path().join("photos/data");
    let files = || std::fs::read_dir(&data).unwrap().count();
    while files() < 3 {
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(program); // killed

    let program = Program::start(&folder, &[]);
    assert_eq!(files(), 2, "the half object is swept");
    assert_eq!(call(&program.server, Request::new("GET", "/photos/whole")).expect(200).text(), "hello");
    call(&program.server, Request::new("GET", "/photos/half")).refused(404, "NoSuchKey");
    complete(&program.server, &id, &[etag]).expect(200);
    assert_eq!(call(&program.server, Request::new("GET", "/photos/k")).expect(200).text(), "part");
}

#[test]
fn a_shutdown_lets_requests_under_way_end() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    call(&server, Request::new("PUT", "/photos/x").body("hello")).expect(200);
    server.faults.inject(Fault::new("GetObject", 1, FaultKind::Delay { ms: 500 }));
    let mut stream = open(&server, Request::new("GET", "/photos/x"));
    while !server.faults.pending().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(server);
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("hello"), "{answer}");
}

#[test]
fn a_reader_gets_the_object_it_began_with() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let id = create_upload(&server);
    let parts = [vec![1; 12 << 20], vec![2; 12 << 20]];
    let etags: Vec<_> =
        parts.iter().zip(1..).map(|(part, n)| upload_part(&server, &id, n, part.clone())).collect();
    complete(&server, &id, &etags).expect(200);

    // Sockets hold less than the first part, so the second is not open yet.
    let mut stream = open(&server, Request::new("GET", "/photos/k"));
    let mut first = [0; 1000];
    stream.read_exact(&mut first).unwrap();
    call(&server, Request::new("PUT", "/photos/k").body("new")).expect(200);
    assert_eq!(call(&server, Request::new("GET", "/photos/k")).expect(200).text(), "new");
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    let whole = [&first[..], &rest].concat();
    let body = whole.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
    assert!(whole[body..] == parts.concat());
    // The old parts go once they were read; the last block was sent before that.
    while folder.bytes() > 1000 {
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn who_waits_for_leave_to_send_gets_it_or_the_refusal() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let put =
        || Request::new("PUT", "/photos/x").header("expect", "100-continue").header("content-length", "5");
    let hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"; // of "hello"
    let mut stream = open(&server, put().header("x-amz-content-sha256", hash));
    let mut answer = [0; 25];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"hello").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");

    let mut stream = open(&server, put().header("x-amz-content-sha256", hash).header("if-none-match", "*"));
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 412 Precondition Failed"), "{answer}");
}
