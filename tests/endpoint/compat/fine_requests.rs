//! What Fine Uploader asks for an upload in parts, untouched and tampered with.

use sealift::digest::sha256_hex;
use sealift::endpoint::compat::CompatSignature;
use sealift::endpoint::compat::FineVersion::{V2, V4};
use sealift::endpoint::{Context, EndpointConfig, Reason, Refusal, SigningEndpoint};
use sealift::s3::{AddressingStyle, Endpoint};
use serde_json::json;

use super::{EMPTY, KEY, KEY_OF_BOB, SCOPE, reason, signature_of, skews};
use crate::support::{config, endpoint, now, rules, user};

/// A canonical request of signature version 4 as the client writes it.
struct V4Text {
    method: &'static str,
    path: String,
    query: &'static str,
    host: String,
    headers: Vec<(&'static str, String)>,
    date: String,
    payload: String,
    scope: String,
}

fn create() -> V4Text {
    V4Text {
        headers: vec![
            ("x-amz-acl", "private".to_owned()),
            ("x-amz-meta-qqfilename", "report.txt".to_owned()),
        ],
        query: "uploads=",
        method: "POST",
        payload: EMPTY.to_owned(),
        ..part()
    }
}

fn part() -> V4Text {
    V4Text {
        method: "PUT",
        path: format!("/{KEY}"),
        query: "partNumber=2&uploadId=the-upload",
        // Where nobody says `objectProperties.host`, the client writes the bucket's path with it.
        host: "s3.example.com/attachments".to_owned(),
        headers: Vec::new(),
        date: "20260101T120000Z".to_owned(),
        payload: sha256_hex(b"the part"),
        scope: SCOPE.to_owned(),
    }
}

impl V4Text {
    fn canonical(&self, path: &str, host: &str) -> String {
        let mut headers = self.headers.clone();
        headers.extend([
            ("host", host.to_owned()),
            ("x-amz-content-sha256", self.payload.clone()),
            ("x-amz-date", self.date.clone()),
        ]);
        headers.sort();
        let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
        format!("{}\n{path}\n{}\n{lines}\n{}\n{}", self.method, self.query, names.join(";"), self.payload)
    }

    fn text(&self) -> String {
        format!("AWS4-HMAC-SHA256\n{}\n{}\n{}", self.date, self.scope, self.canonical(&self.path, &self.host))
    }

    fn sign(&self) -> Result<CompatSignature, Refusal> {
        sign_v4(&self.text())
    }
}

fn sign_v4(text: &str) -> Result<CompatSignature, Refusal> {
    let (endpoint, anna) = (endpoint(rules()), user("anna"));
    let body = json!({ "headers": text }).to_string();
    endpoint.fine_signature(&Context { now: now(), user: &anna }, V4, body.as_bytes())
}

fn sign_v2(text: &str) -> Result<CompatSignature, Refusal> {
    let (endpoint, anna) = (endpoint(rules()), user("anna"));
    let body = json!({ "headers": text }).to_string();
    endpoint.fine_signature(&Context { now: now(), user: &anna }, V2, body.as_bytes())
}

/// The client leaves the bucket out of the path and puts it behind the host;
/// what S3 gets is the other way round, and that is signed.
#[test]
fn what_is_signed_is_the_request_that_s3_gets() {
    for asked in [
        create(),
        part(),
        V4Text { method: "POST", query: "uploadId=the-upload", ..part() },
        V4Text { method: "DELETE", query: "uploadId=the-upload", payload: EMPTY.to_owned(), ..part() },
    ] {
        let real = asked.canonical(&format!("/attachments/{KEY}"), "s3.example.com");
        assert_eq!(asked.sign().unwrap().signature, signature_of(&real), "{real}");
        let told = V4Text { host: "s3.example.com".to_owned(), ..asked };
        assert_eq!(told.sign().unwrap().signature, signature_of(&real));
    }
}

#[test]
fn the_buckets_own_host() {
    let s3 = Endpoint::parse("https://s3.example.com", AddressingStyle::VirtualHosted).unwrap();
    let endpoint = SigningEndpoint::new(EndpointConfig { s3, ..config(rules()) }).unwrap();
    let anna = user("anna");
    let context = Context { now: now(), user: &anna };
    let sign = |host: &str| {
        let text = V4Text { host: host.to_owned(), ..part() }.text();
        endpoint.fine_signature(&context, V4, json!({ "headers": text }).to_string().as_bytes())
    };
    let real = part().canonical(&format!("/{KEY}"), "attachments.s3.example.com");
    assert_eq!(sign("attachments.s3.example.com").unwrap().signature, signature_of(&real));
    assert!(sign("s3.example.com").is_err());
    assert!(sign("attachments.s3.example.com/attachments").is_err());
}

/// Only a Complete makes an object, and its parts are counted before.
#[test]
fn a_complete_is_handed_out_when_its_parts_are_counted() {
    let complete = V4Text { method: "POST", query: "uploadId=the-upload", ..part() };
    assert!(complete.sign().unwrap().counted().is_some());
    assert!(part().sign().unwrap().counted().is_none());
    let v2 = format!(
        "POST\n\napplication/xml; charset=UTF-8\n\nx-amz-date:Thu, 01 Jan 2026 12:00:00 GMT\n/attachments/{KEY}?uploadId=the-upload"
    );
    assert!(sign_v2(&v2).unwrap().counted().is_some());
    assert_eq!(endpoint(rules()).check_total(5_368_709_121).unwrap_err().reason(), Reason::SizeRefused);
}

#[test]
fn other_requests_are_not_signed() {
    let with = |change: fn(&mut V4Text)| {
        let mut text = part();
        change(&mut text);
        text
    };
    for (asked, expected) in [
        (with(|t| t.path = format!("/{KEY_OF_BOB}")), Reason::KeyRefused),
        (with(|t| t.path = "/".to_owned()), Reason::KeyRefused),
        (with(|t| t.path = format!("/attachments/{KEY}")), Reason::KeyRefused),
        (with(|t| t.path = format!("/others/{KEY}")), Reason::KeyRefused),
        (with(|t| t.path = format!("/{}", KEY.replace("anna", "%61nna"))), Reason::MalformedRequest),
        (with(|t| t.method = "GET"), Reason::UnknownOperation),
        (with(|t| (t.method, t.query) = ("GET", "")), Reason::UnknownOperation),
        (with(|t| (t.method, t.query) = ("DELETE", "")), Reason::UnknownOperation),
        (with(|t| (t.method, t.query) = ("PUT", "")), Reason::UnknownOperation),
        (with(|t| (t.method, t.query) = ("PUT", "acl=")), Reason::UnknownOperation),
        (with(|t| (t.method, t.query) = ("POST", "delete=")), Reason::UnknownOperation),
        (with(|t| t.query = "partNumber=2&uploadId=a&versionId=b"), Reason::UnknownOperation),
        (with(|t| t.query = "partNumber=0&uploadId=a"), Reason::PartRefused),
        (with(|t| t.query = "partNumber=10001&uploadId=a"), Reason::PartRefused),
        (with(|t| t.query = "partNumber=02&uploadId=a"), Reason::PartRefused),
        (with(|t| t.query = "uploadId=a&partNumber=2"), Reason::MalformedRequest),
        (with(|t| t.query = "partNumber=2&uploadId=..%2F..%2Fx"), Reason::MalformedRequest),
        (with(|t| t.host = "evil.example".to_owned()), Reason::MalformedRequest),
        (with(|t| t.host = "s3.example.com/others".to_owned()), Reason::MalformedRequest),
        (with(|t| t.payload = "UNSIGNED-PAYLOAD".to_owned()), Reason::MalformedRequest),
        (with(|t| t.payload = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD".to_owned()), Reason::MalformedRequest),
        (with(|t| t.scope = "20260101/us-east-1/s3/aws4_request".to_owned()), Reason::MalformedRequest),
        (with(|t| t.scope = "20260102/eu-west-1/s3/aws4_request".to_owned()), Reason::MalformedRequest),
        (with(|t| t.scope = "20260101/eu-west-1/iam/aws4_request".to_owned()), Reason::MalformedRequest),
        (
            with(|t| t.headers.push(("x-amz-copy-source", "/others/secret".to_owned()))),
            Reason::MalformedRequest,
        ),
        (with(|t| t.headers.push(("x-amz-acl", "public-read".to_owned()))), Reason::MalformedRequest),
        (
            V4Text { headers: vec![("x-amz-acl", "public-read".to_owned())], ..create() },
            Reason::MetadataRefused,
        ),
        (V4Text { headers: vec![("x-amz-tagging", "a=b".to_owned())], ..create() }, Reason::MetadataRefused),
        (V4Text { payload: sha256_hex(b"x"), ..create() }, Reason::MalformedRequest),
    ] {
        assert_eq!(reason(asked.sign(), &asked.text()), expected, "{}", asked.text());
    }
}

/// Whatever is changed of a text, it is not the server's own any more.
#[test]
fn a_text_that_is_read_but_not_written_so_is_not_signed() {
    let text = part().text();
    for changed in [
        text.replacen("host:", "Host:", 1),
        text.replacen("x-amz-date:", "x-amz-date: ", 1),
        text.replacen("host;", "", 1),
        text.replacen("\n\n", "\n", 1),
        format!("{text}\n"),
        format!("{text}\nGET\n/"),
        text.replacen('\n', "\r\n", 1),
        text.replacen("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512", 1),
        text.replacen("the-upload", "the%2Dupload", 1),
    ] {
        assert_ne!(changed, text);
        let found = reason(sign_v4(&changed), &changed);
        assert_eq!(found, Reason::MalformedRequest, "{changed}");
    }
}

#[test]
fn requests_are_dated_within_five_minutes_of_now() {
    for (seconds, taken) in skews() {
        let date = super::shifted(seconds).amz_date();
        let scope = format!("{}/eu-west-1/s3/aws4_request", &date[..8]);
        assert_eq!(V4Text { date, scope, ..part() }.sign().is_ok(), taken, "{seconds}");
    }
    // The header must say the same: S3 goes by it.
    let text = part().text().replacen("x-amz-date:20260101T120000Z", "x-amz-date:20260101T130000Z", 1);
    assert_eq!(reason(sign_v4(&text), &text), Reason::MalformedRequest);
}

fn v2_part() -> String {
    format!(
        "PUT\n\n\n\nx-amz-date:Thu, 01 Jan 2026 12:00:00 GMT\n/attachments/{KEY}?partNumber=1&uploadId=the-upload"
    )
}

#[test]
fn version_2_signs_the_same_requests() {
    assert!(sign_v2(&v2_part()).is_ok());
    let create = format!(
        "POST\n\ntext/plain\n\nx-amz-acl:private\nx-amz-date:Thu, 01 Jan 2026 12:00:00 GMT\n\
         x-amz-meta-qqfilename:report.txt\n/attachments/{KEY}?uploads"
    );
    assert!(sign_v2(&create).is_ok());
}

#[test]
fn version_2_and_what_it_would_give_away() {
    let text = v2_part();
    let epoch = text.replacen("PUT\n\n\n\n", "PUT\n\n\n1893456000\n", 1);
    for (changed, expected) in [
        // A number in the place of the date is the end of a presigned URL.
        (epoch, Reason::MalformedRequest),
        (
            text.replacen("PUT\n\n\n\n", "PUT\n\n\nThu, 01 Jan 2026 12:00:00 GMT\n", 1),
            Reason::MalformedRequest,
        ),
        (text.replacen("PUT\n\n", "PUT\nrL0Y20zC+Fzt72VPzMSk2A==\n", 1), Reason::MalformedRequest),
        (text.replacen("x-amz-date:Thu, 01 Jan 2026 12:00:00 GMT\n", "", 1), Reason::MalformedRequest),
        (text.replacen("12:00:00", "11:00:00", 1), Reason::MalformedRequest),
        (text.replacen("PUT", "GET", 1), Reason::UnknownOperation),
        (text.replacen("?partNumber=1&uploadId=the-upload", "", 1), Reason::UnknownOperation),
        (text.replacen("?partNumber=1&uploadId=the-upload", "?acl", 1), Reason::UnknownOperation),
        (text.replacen("/attachments/", "/others/", 1), Reason::KeyRefused),
        (text.replacen("anna", "bob", 1), Reason::KeyRefused),
        (
            text.replacen("\n/attachments", "\nx-amz-copy-source:/a/b\n/attachments", 1),
            Reason::MalformedRequest,
        ),
        (format!("{text}\n/attachments/x"), Reason::MalformedRequest),
        (text.replacen("uploadId=the-upload", "uploadId=the%2Dupload", 1), Reason::MalformedRequest),
    ] {
        assert_ne!(changed, text);
        assert_eq!(reason(sign_v2(&changed), &changed), expected, "{changed}");
    }
}

/// A body cannot be both.
#[test]
fn a_text_beside_something_else() {
    let (endpoint, anna) = (endpoint(rules()), user("anna"));
    let context = Context { now: now(), user: &anna };
    for body in [
        json!({ "headers": part().text(), "expiration": "2026-01-01T12:05:00Z" }).to_string(),
        format!("{{\"headers\":\"x\",\"headers\":{}}}", json!(part().text())),
        json!({ "headers": [part().text()] }).to_string(),
    ] {
        let refused = endpoint.fine_signature(&context, V4, body.as_bytes()).unwrap_err();
        assert_eq!(refused.reason(), Reason::MalformedRequest, "{body}");
    }
}
