//! A dev-s3 on a socket, requests that are signed rightly and wrongly, and what is expected of an explanation.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{SystemTime, UNIX_EPOCH};

use sealift::Timestamp;
use sealift::s3::explain_signature_mismatch;
use sealift::sigv4::explain::{Cause, Explanation, SentRequest};
use sealift::sigv4::{
    CredentialScope, Credentials, Origin, PayloadHash, Request, SigningKey, SigningOptions, sign_headers,
};
use sealift_dev_s3::{DevS3, DevS3Config};

pub const KEY: &str = "AKIDEXPLAIN";
pub const SECRET: &str = "the+secret/of=these-tests";
pub const TOKEN: &str = "a-session-token-that-nobody-may-see";

/// A dev-s3 on a socket of its own.
pub struct Server {
    pub address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Server {
    pub fn start() -> Self {
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

    pub fn request(&self, method: &str, path: &str) -> Request {
        Request::new(method, &Origin::parse(&format!("http://{}", self.address)).unwrap(), path).unwrap()
    }

    /// Sends it just as it stands, and answers status and body.
    pub fn send(&self, wire: &Wire) -> (u16, String) {
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

pub fn now() -> Timestamp {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    Timestamp::from_unix_seconds(i64::try_from(unix).unwrap())
}

pub fn credentials(key: &str, secret: &str, token: Option<&str>) -> Credentials {
    Credentials::new(key, secret, token.map(str::to_owned)).unwrap()
}

pub fn s3(date: Timestamp) -> SigningOptions {
    SigningOptions::s3("us-east-1", date).unwrap()
}

/// What goes over the wire.
#[derive(Clone)]
pub struct Wire {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Wire {
    pub fn header(&mut self, name: &str) -> &mut String {
        &mut self.headers.iter_mut().find(|(other, _)| other == name).unwrap().1
    }

    pub fn without(&mut self, name: &str) {
        self.headers.retain(|(other, _)| other != name);
    }
}

/// What was signed, and the request that carries it.
pub struct Signed {
    pub known: SentRequest,
    pub wire: Wire,
}

pub fn target(url: &str) -> String {
    let (_, rest) = url.split_once("://").unwrap();
    rest[rest.find('/').unwrap()..].to_owned()
}

pub fn sign_with(
    request: &Request,
    credentials: &Credentials,
    options: &SigningOptions,
    body: &[u8],
) -> Signed {
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

pub fn sign(request: &Request) -> Signed {
    let request = request.clone().payload(PayloadHash::of(b"hello"));
    sign_with(&request, &credentials(KEY, SECRET, None), &s3(now()), b"hello")
}

/// Signed by a signer that writes the canonical request in its own way.
pub fn sign_as(request: &Request, change: impl Fn(&str) -> String) -> Signed {
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
pub fn assert_discreet(explanation: &Explanation) {
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
pub fn refused(server: &Server, signed: &Signed) -> (String, Explanation) {
    let (status, body) = server.send(&signed.wire);
    assert!((400..500).contains(&status), "{status} {body}");
    let explanation = explain_signature_mismatch(&body, &signed.known, None);
    assert_discreet(&explanation);
    (body, explanation)
}

#[track_caller]
pub fn check(server: &Server, signed: &Signed, cause: Cause, part: &str, word: &str) -> String {
    let (body, explanation) = refused(server, signed);
    let first = explanation.differences.first().map_or("", |difference| difference.part.as_str());
    assert_eq!((explanation.cause, first), (cause, part), "{explanation:#?}\n{body}");
    assert!(explanation.summary.contains(word), "{}", explanation.summary);
    body
}

/// As [`check`], and explained the same way by one who knows only what was
/// handed out to be sent: what a page knows.
#[track_caller]
pub fn check_on_the_way(server: &Server, signed: &Signed, cause: Cause, part: &str, word: &str) {
    let body = check(server, signed, cause, part, word);
    let known = SentRequest { canonical_request: None, string_to_sign: None, ..signed.known.clone() };
    let explanation = explain_signature_mismatch(&body, &known, None);
    assert_discreet(&explanation);
    assert_eq!(explanation.cause, cause, "{explanation:#?}");
}
