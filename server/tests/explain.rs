//! Every cause of a refused signature, provoked against a server that verifies
//! (dev-s3, over a socket), and explained from its answer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{SystemTime, UNIX_EPOCH};

use sealift::Timestamp;
use sealift::s3::explain_signature_mismatch;
use sealift::sigv4::explain::{Cause, Explanation, SentRequest};
use sealift::sigv4::{
    CredentialScope, Credentials, Origin, PathEncoding, PayloadHash, Request, SigningKey, SigningOptions,
    presign, sign_headers,
};
use sealift_dev_s3::{DevS3, DevS3Config};

const KEY: &str = "AKIDEXPLAIN";
const SECRET: &str = "the+secret/of=these-tests";
const TOKEN: &str = "a-session-token-that-nobody-may-see";

/// A dev-s3 on a socket of its own.
struct Server {
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = DevS3Config::new(folder.path(), KEY, SECRET);
        config.buckets.push("photos".to_owned());
        let s3 = DevS3::new(config).unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                s3.serve(listener, std::future::pending()).await;
            });
        });
        Self { address: told.recv().unwrap(), _folder: folder }
    }

    fn request(&self, method: &str, path: &str) -> Request {
        Request::new(method, &Origin::parse(&format!("http://{}", self.address)).unwrap(), path).unwrap()
    }

    /// Sends it just as it stands, and answers status and body.
    fn send(&self, wire: &Wire) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let mut head = format!("{} {} HTTP/1.1\r\n", wire.method, wire.target);
        for (name, value) in &wire.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !wire.headers.iter().any(|(name, _)| name == "content-length") {
            head.push_str(&format!("content-length: {}\r\n", wire.body.len()));
        }
        head.push_str("connection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let _ = stream.write_all(&wire.body);
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer[9..12].parse().unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1.to_owned();
        (status, body)
    }
}

fn now() -> Timestamp {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    Timestamp::from_unix_seconds(i64::try_from(unix).unwrap())
}

fn credentials(key: &str, secret: &str, token: Option<&str>) -> Credentials {
    Credentials::new(key, secret, token.map(str::to_owned)).unwrap()
}

fn s3(date: Timestamp) -> SigningOptions {
    SigningOptions::s3("us-east-1", date).unwrap()
}

/// What goes over the wire.
#[derive(Clone)]
struct Wire {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Wire {
    fn header(&mut self, name: &str) -> &mut String {
        &mut self.headers.iter_mut().find(|(other, _)| other == name).unwrap().1
    }

    fn without(&mut self, name: &str) {
        self.headers.retain(|(other, _)| other != name);
    }
}

/// What was signed, and the request that carries it.
struct Signed {
    known: SentRequest,
    wire: Wire,
}

fn target(url: &str) -> String {
    let (_, rest) = url.split_once("://").unwrap();
    rest[rest.find('/').unwrap()..].to_owned()
}

fn sign_with(request: &Request, credentials: &Credentials, options: &SigningOptions, body: &[u8]) -> Signed {
    let signed = sign_headers(request, credentials, options).unwrap();
    let wire = Wire {
        method: signed.method.clone(),
        target: target(&signed.url),
        headers: signed.implied_headers.iter().chain(&signed.headers).cloned().collect(),
        body: body.to_vec(),
    };
    let known = SentRequest {
        method: Some(signed.method),
        url: Some(signed.url),
        headers: signed.headers,
        authorization: None,
        canonical_request: Some(signed.canonical_request),
        string_to_sign: Some(signed.string_to_sign),
    };
    Signed { known, wire }
}

fn sign(request: &Request) -> Signed {
    let request = request.clone().payload(PayloadHash::of(b"hello"));
    sign_with(&request, &credentials(KEY, SECRET, None), &s3(now()), b"hello")
}

/// Signed by a signer that writes the canonical request in its own way.
fn sign_as(request: &Request, change: impl Fn(&str) -> String) -> Signed {
    let date = now();
    let request = request.clone().payload(PayloadHash::of(b"hello"));
    let mut signed = sign_with(&request, &credentials(KEY, SECRET, None), &s3(date), b"hello");
    let canonical = change(signed.known.canonical_request.as_ref().unwrap());
    assert_ne!(&canonical, signed.known.canonical_request.as_ref().unwrap(), "nothing was changed");
    let scope = CredentialScope::new(date, "us-east-1", "s3").unwrap();
    let hash = hex::encode(sealift::digest::sha256(canonical.as_bytes()));
    let text = sealift::sigv4::string_to_sign(date, &scope, &hash);
    let signature = SigningKey::derive_from_secret(SECRET, &scope).sign(&text).to_string();
    for headers in [&mut signed.wire.headers, &mut signed.known.headers] {
        let (_, authorization) = headers.iter_mut().find(|(name, _)| name == "authorization").unwrap();
        let at = authorization.find("Signature=").unwrap() + 10;
        authorization.replace_range(at.., &signature);
    }
    signed.known.canonical_request = Some(canonical);
    signed.known.string_to_sign = Some(text);
    signed
}

/// What must never stand in a text for people.
#[track_caller]
fn assert_discreet(explanation: &Explanation) {
    let hints: Vec<_> = explanation.differences.iter().map(|difference| difference.hint.as_str()).collect();
    let text = format!("{} {}", explanation.summary, hints.join(" "));
    let everything = format!("{explanation:?}");
    for secret in [SECRET, TOKEN] {
        assert!(!everything.contains(secret), "{everything}");
    }
    for sign in ["Signature=", "X-Amz-Signature", "http://", "https://"] {
        assert!(!text.contains(sign), "{text}");
    }
    assert!(
        explanation.summary.len() > 40 && explanation.summary.ends_with(['.', ')']),
        "{}",
        explanation.summary
    );
}

/// Sends it, and explains the refusal by what was signed.
#[track_caller]
fn refused(server: &Server, signed: &Signed) -> (String, Explanation) {
    let (status, body) = server.send(&signed.wire);
    assert!((400..500).contains(&status), "{status} {body}");
    let explanation = explain_signature_mismatch(&body, &signed.known, None);
    assert_discreet(&explanation);
    (body, explanation)
}

#[track_caller]
fn check(server: &Server, signed: &Signed, cause: Cause, part: &str, word: &str) -> String {
    let (body, explanation) = refused(server, signed);
    let first = explanation.differences.first().map_or("", |difference| difference.part.as_str());
    assert_eq!((explanation.cause, first), (cause, part), "{explanation:#?}\n{body}");
    assert!(explanation.summary.contains(word), "{}", explanation.summary);
    body
}

/// As [`check`], and explained the same way by one who knows only what was
/// handed out to be sent: what a page knows.
#[track_caller]
fn check_on_the_way(server: &Server, signed: &Signed, cause: Cause, part: &str, word: &str) {
    let body = check(server, signed, cause, part, word);
    let known = SentRequest { canonical_request: None, string_to_sign: None, ..signed.known.clone() };
    let explanation = explain_signature_mismatch(&body, &known, None);
    assert_discreet(&explanation);
    assert_eq!(explanation.cause, cause, "{explanation:#?}");
}

#[test]
fn what_is_signed_right_is_taken() {
    let server = Server::start();
    let signed = sign(
        &server
            .request("PUT", "/photos/a b+c/ü.txt")
            .query("x-note", "a/b c")
            .header("x-amz-meta-a", "1  2")
            .unwrap(),
    );
    let (status, body) = server.send(&signed.wire);
    assert_eq!(status, 200, "{body}");
}

#[test]
fn keys_and_tokens() {
    let server = Server::start();
    let request = server.request("PUT", "/photos/x").payload(PayloadHash::of(b"hello"));
    let by = |key, secret, token| sign_with(&request, &credentials(key, secret, token), &s3(now()), b"hello");

    check_on_the_way(&server, &by(KEY, "another secret", None), Cause::WrongSecret, "", "secret");
    check_on_the_way(
        &server,
        &by("AKIDNOBODY", SECRET, None),
        Cause::UnknownAccessKey,
        "accessKey",
        "does not know",
    );
    check_on_the_way(
        &server,
        &by("ASIANOBODY", SECRET, None),
        Cause::SessionTokenMissing,
        "",
        "session token",
    );

    let mut dropped = by(KEY, SECRET, Some(TOKEN));
    dropped.wire.without("x-amz-security-token");
    check_on_the_way(
        &server,
        &dropped,
        Cause::SessionTokenMissing,
        "header:x-amz-security-token",
        "session token",
    );
    let mut changed = by(KEY, SECRET, Some(TOKEN));
    changed.wire.header("x-amz-security-token").push('x');
    check_on_the_way(
        &server,
        &changed,
        Cause::SessionTokenChanged,
        "header:x-amz-security-token",
        "session token",
    );
}

#[test]
fn a_secret_at_hand_tells_whose_fault_it_is() {
    let server = Server::start();
    let request = server.request("PUT", "/photos/x").header("x-amz-meta-a", "1").unwrap();
    let ours = credentials(KEY, "another secret", None);
    let wrong = sign_with(&request.clone().payload(PayloadHash::of(b"hello")), &ours, &s3(now()), b"hello");
    let (_, body) = server.send(&wrong.wire);
    let nothing = SentRequest::default();
    let explanation = explain_signature_mismatch(&body, &nothing, Some(&ours));
    assert_eq!(explanation.cause, Cause::WrongSecret);
    assert!(explanation.summary.contains("S3 knows another secret"), "{}", explanation.summary);
    assert!(!format!("{explanation:?}").contains("another secret for this test"));
}

#[test]
fn headers() {
    let server = Server::start();
    let request = || {
        let request = server.request("PUT", "/photos/x").header("x-amz-meta-a", "one two").unwrap();
        request.header("content-type", "text/plain").unwrap()
    };
    let changed = |name: &str, value: &str| {
        let mut signed = sign(&request());
        *signed.wire.header(name) = value.to_owned();
        signed
    };
    let way =
        |signed: &Signed, cause, part: &str, word: &str| check_on_the_way(&server, signed, cause, part, word);
    way(&changed("x-amz-meta-a", "three"), Cause::HeaderChanged, "header:x-amz-meta-a", "x-amz-meta-a");
    way(
        &changed("content-type", "text/plain;charset=UTF-8"),
        Cause::HeaderChanged,
        "header:content-type",
        "charset",
    );
    let elsewhen = now().plus_seconds(-60).amz_date();
    way(&changed("x-amz-date", &elsewhen), Cause::Date, "header:x-amz-date", "x-amz-date");
    let port = server.address.port();
    way(&changed("host", "s3.internal"), Cause::Host, "host", "s3.internal");
    way(&changed("host", "127.0.0.1"), Cause::Port, "host", &port.to_string());

    let mut dropped = sign(&request());
    dropped.wire.without("x-amz-meta-a");
    way(&dropped, Cause::HeaderDropped, "header:x-amz-meta-a", "did not arrive");
    let mut added = sign(&request());
    added.wire.headers.push(("x-amz-meta-b".into(), "2".into()));
    way(&added, Cause::UnsignedHeader, "signedHeaders", "signed");
}

#[test]
fn signers_that_write_headers_otherwise() {
    let server = Server::start();
    let request = server.request("PUT", "/photos/x").header("x-amz-meta-a", "one two").unwrap();
    let mut spaces = sign_as(&request, |text| text.replace("one two", "one   two"));
    *spaces.wire.header("x-amz-meta-a") = "one   two".into();
    check(&server, &spaces, Cause::WhiteSpace, "header:x-amz-meta-a", "white space");
    let names = "host;x-amz-content-sha256;x-amz-date;x-amz-meta-a";
    let order =
        sign_as(&request, |text| text.replace(names, "x-amz-meta-a;host;x-amz-content-sha256;x-amz-date"));
    check(&server, &order, Cause::SignedHeaders, "signedHeaders", "signed headers");
    let forgotten = sign_as(&request, |text| text.replace("x-amz-meta-a:one two\n", ""));
    check(&server, &forgotten, Cause::HeaderAdded, "header:x-amz-meta-a", "x-amz-meta-a");
}

#[test]
fn paths() {
    let server = Server::start();
    let request = server.request("PUT", "/photos/a b/c+d.txt");
    let sent_to = |path: &str| {
        let mut signed = sign(&request);
        signed.wire.target = path.to_owned();
        signed
    };
    let way = |path: &str, cause, word: &str| check_on_the_way(&server, &sent_to(path), cause, "path", word);
    way("/photos/other", Cause::Path, "another object");
    way("/photos/a%2520b/c%252Bd.txt", Cause::DoubleEncoding, "once more");
    way("/photos/a%20b//c%2Bd.txt", Cause::Path, "normalised");
    way("/photos/a%20b/c%20d.txt", Cause::PathEncoding, "+ in the path");
    way("/photos/a%20b/c%2Bd.txt/", Cause::Path, "slash at its end");
    way("/photos/photos/a%20b/c%2Bd.txt", Cause::Path, "in front");

    let twice = s3(now()).with_path_encoding(PathEncoding::Twice);
    let request = request.payload(PayloadHash::of(b"hello"));
    let twice = sign_with(&request, &credentials(KEY, SECRET, None), &twice, b"hello");
    check(&server, &twice, Cause::DoubleEncoding, "path", "encoded twice");
    let slash = sign_as(&request, |text| text.replace("b/c", "b%2Fc"));
    check(&server, &slash, Cause::PathEncoding, "path", "%2F");
    let plus = sign_as(&request, |text| text.replace("%2B", "+"));
    check(&server, &plus, Cause::PathEncoding, "path", "%2B");
    let lower = sign_as(&server.request("PUT", "/photos/ü"), |text| text.replace("%C3%BC", "%c3%bc"));
    check(&server, &lower, Cause::PathEncoding, "path", "upper-case");
}

#[test]
fn queries() {
    let server = Server::start();
    let request = server.request("PUT", "/photos/x").query("x-a", "1/2 3").query("x-b", "4");
    let sent_with = |change: &dyn Fn(&str) -> String| {
        let mut signed = sign(&request);
        signed.wire.target = change(&signed.wire.target);
        signed
    };
    let way = |change: &dyn Fn(&str) -> String, cause, part: &str, word: &str| {
        check_on_the_way(&server, &sent_with(change), cause, part, word);
    };
    way(&|url| format!("{url}&fbclid=xyz"), Cause::Query, "query:fbclid", "added after");
    way(&|url| url.replace("&x-b=4", ""), Cause::Query, "query:x-b", "did not arrive");
    way(&|url| url.replace("x-b=4", "x-b=5"), Cause::Query, "query:x-b", "changed");
    way(&|url| url.replace("%2F", "%252F"), Cause::QueryEncoding, "query:x-a", "once more");

    let order = sign_as(&request, |text| text.replace("x-a=1%2F2%203&x-b=4", "x-b=4&x-a=1%2F2%203"));
    check(&server, &order, Cause::QueryOrder, "query", "order");
    let encoding = sign_as(&request, |text| text.replace("%2F", "/"));
    check(&server, &encoding, Cause::QueryEncoding, "query:x-a", "differently");
    let plus = sign_as(&request, |text| text.replace("%203", "+3"));
    check(&server, &plus, Cause::QueryEncoding, "query:x-a", "differently");
}

#[test]
fn bodies() {
    let server = Server::start();
    let request = server.request("PUT", "/photos/x");
    let mut changed = sign(&request);
    changed.wire.body = b"HELLO".to_vec();
    check_on_the_way(&server, &changed, Cause::BodyChanged, "body", "another SHA-256");
    let hash = hex::encode(sealift::digest::sha256(b"hello"));
    let empty = PayloadHash::Empty.as_str().into_owned();
    let as_empty = sign_as(&request, |text| {
        let at = text.rfind(&hash).unwrap();
        format!("{}{empty}", &text[..at])
    });
    check(&server, &as_empty, Cause::PayloadHash, "payloadHash", "empty body");
    let mut told = sign(&request);
    *told.wire.header("x-amz-content-sha256") = "UNSIGNED-PAYLOAD".into();
    check_on_the_way(
        &server,
        &told,
        Cause::PayloadHash,
        "header:x-amz-content-sha256",
        "x-amz-content-sha256",
    );
}

#[test]
fn scopes_and_clocks() {
    let server = Server::start();
    let request = server.request("PUT", "/photos/x").payload(PayloadHash::of(b"hello"));
    let keys = credentials(KEY, SECRET, None);
    let by = |options: &SigningOptions| sign_with(&request, &keys, options, b"hello");

    let region = by(&SigningOptions::s3("eu-west-1", now()).unwrap());
    check_on_the_way(&server, &region, Cause::ScopeRegion, "scope.region", "the bucket's is us-east-1");
    let service = by(&SigningOptions::new("us-east-1", "s3-outposts", now()).unwrap());
    check_on_the_way(&server, &service, Cause::ScopeService, "scope.service", "service");
    let mut day = by(&s3(now()));
    let (today, other) = (now().date_stamp(), now().plus_seconds(-86_400).date_stamp());
    let changed = day.wire.header("authorization").replace(&today, &other);
    *day.wire.header("authorization") = changed;
    check_on_the_way(&server, &day, Cause::ScopeDate, "scope.date", "day");

    check_on_the_way(&server, &by(&s3(now().plus_seconds(-3600))), Cause::Clock, "date", "behind S3's clock");
    check_on_the_way(
        &server,
        &by(&s3(now().plus_seconds(3600))),
        Cause::Clock,
        "date",
        "ahead of S3's clock",
    );
}

fn presigned(server: &Server, date: Timestamp) -> Signed {
    let request = server.request("PUT", "/photos/x");
    let signed = presign(&request, &credentials(KEY, SECRET, Some(TOKEN)), &s3(date), 60).unwrap();
    let headers = signed.implied_headers.iter().chain(&signed.headers).cloned().collect();
    Signed {
        wire: Wire { method: "PUT".into(), target: target(&signed.url), headers, body: b"hello".to_vec() },
        known: SentRequest {
            method: Some("PUT".into()),
            url: Some(signed.url),
            headers: signed.headers,
            authorization: None,
            canonical_request: Some(signed.canonical_request),
            string_to_sign: Some(signed.string_to_sign),
        },
    }
}

#[test]
fn presigned_urls() {
    let server = Server::start();
    check_on_the_way(
        &server,
        &presigned(&server, now().plus_seconds(-120)),
        Cause::Expired,
        "date",
        "past its life",
    );
    let mut method = presigned(&server, now());
    method.wire.method = "DELETE".into();
    check_on_the_way(&server, &method, Cause::Method, "method", "PUT was signed");
    let mut token = presigned(&server, now());
    token.wire.target = token.wire.target.replace(TOKEN, "another-token");
    check_on_the_way(
        &server,
        &token,
        Cause::SessionTokenChanged,
        "query:X-Amz-Security-Token",
        "session token",
    );
    let (status, body) = server.send(&presigned(&server, now()).wire);
    assert_eq!(status, 200, "{body}");
}

#[test]
fn without_ours_what_looks_odd_is_named() {
    let server = Server::start();
    let causes = [
        (sign(&server.request("PUT", "/photos/a b")), "/photos/a%2520b", Cause::DoubleEncoding),
        (sign(&server.request("PUT", "/photos/x")), "/photos/x?utm_source=mail", Cause::Query),
    ];
    for (mut signed, target, cause) in causes {
        signed.wire.target = target.to_owned();
        let (_, body) = server.send(&signed.wire);
        let explanation = explain_signature_mismatch(&body, &SentRequest::default(), None);
        assert_discreet(&explanation);
        assert_eq!(explanation.cause, cause, "{explanation:#?}");
    }
}

#[test]
fn the_command_explains_what_it_reads() {
    let server = Server::start();
    let mut signed = sign(&server.request("PUT", "/photos/x").header("x-amz-meta-a", "1").unwrap());
    *signed.wire.header("x-amz-meta-a") = "2".to_owned();
    let (_, body) = server.send(&signed.wire);
    let folder = tempfile::tempdir().unwrap();
    let known = folder.path().join("signed.json");
    let headers: std::collections::BTreeMap<_, _> = signed.known.headers.iter().cloned().collect();
    let json = serde_json::json!({ "method": "PUT", "url": signed.known.url, "headers": headers });
    std::fs::write(&known, json.to_string()).unwrap();

    let run = |arguments: &[&str]| {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_sealift-server"))
            .arg("explain")
            .args(arguments)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(body.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let known = known.to_str().unwrap();
    let text = run(&["--signed", known]);
    assert!(text.starts_with("The header x-amz-meta-a was changed") && text.contains("theirs: 2"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&run(&["--signed", known, "--json"])).unwrap();
    assert_eq!(json["cause"], "header_changed");
    assert_eq!(json["differences"][0]["part"], "header:x-amz-meta-a");
    assert!(run(&[]).contains("secret"), "without ours");
}
