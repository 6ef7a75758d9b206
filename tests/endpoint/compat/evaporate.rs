//! What EvaporateJS asks for, untouched and tampered with.

use sealift::digest::sha256_hex;
use sealift::endpoint::compat::{CompatSignature, EvaporateCall};
use sealift::endpoint::{Context, EndpointConfig, Reason, Refusal, SigningEndpoint};
use sealift::s3::{AddressingStyle, Endpoint};

use super::{EMPTY, KEY, KEY_OF_BOB, SCOPE, reason, signature_of, skews};
use crate::support::{config, endpoint, now, rules, user};

const PART: &str = "partNumber=1&uploadId=the-upload";
const DATE: &str = "20260101T120000Z";

/// A canonical request as the client writes it.
fn canonical(method: &str, path: &str, query: &str, headers: &[(&str, &str)], payload: &str) -> String {
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
    format!("{method}\n{path}\n{query}\n{lines}\n{}\n{payload}", names.join(";"))
}

fn path() -> String {
    format!("/attachments/{KEY}")
}

const HEADERS: [(&str, &str); 2] = [("host", "s3.example.com"), ("x-amz-date", DATE)];

fn part() -> String {
    canonical("PUT", &path(), PART, &HEADERS, "UNSIGNED-PAYLOAD")
}

fn sign_by(endpoint: &SigningEndpoint, text: &str, date: &str) -> Result<CompatSignature, Refusal> {
    let anna = user("anna");
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{date}\n{}\n{}",
        SCOPE.replacen("20260101", &date[..8], 1),
        sha256_hex(text.as_bytes())
    );
    let call = EvaporateCall { to_sign: &to_sign, datetime: date, canonical_request: text };
    endpoint.evaporate_signature(&Context { now: now(), user: &anna }, call)
}

fn sign(text: &str) -> Result<CompatSignature, Refusal> {
    sign_by(&endpoint(rules()), text, DATE)
}

#[test]
fn every_step_of_an_upload() {
    for text in [
        canonical("POST", &path(), "uploads=", &HEADERS, EMPTY),
        part(),
        canonical(
            "PUT",
            &path(),
            PART,
            &[("content-md5", "rL0Y20zC+Fzt72VPzMSk2A=="), HEADERS[0], HEADERS[1]],
            "UNSIGNED-PAYLOAD",
        ),
        canonical(
            "POST",
            &path(),
            "uploadId=the-upload",
            &[("content-type", "application/xml; charset=UTF-8"), HEADERS[0], HEADERS[1]],
            &sha256_hex(b"<CompleteMultipartUpload/>"),
        ),
        canonical("DELETE", &path(), "uploadId=the-upload", &HEADERS, EMPTY),
        canonical("GET", &path(), "part-number-marker=0&uploadId=the-upload", &HEADERS, EMPTY),
    ] {
        let signed = sign(&text).unwrap_or_else(|refusal| panic!("{refusal}: {text}"));
        assert_eq!(signed.signature, signature_of(&text), "{text}");
        assert_eq!(signed.counted().is_some(), text.starts_with("POST") && text.contains("uploadId"));
    }
}

/// The client drops the port from the host; what S3 gets has it.
#[test]
fn the_port_is_signed_where_there_is_one() {
    let s3 = Endpoint::parse("http://s3.example.com:9000", AddressingStyle::Path).unwrap();
    let endpoint = SigningEndpoint::new(EndpointConfig { s3, ..config(rules()) }).unwrap();
    let real = part().replace("s3.example.com", "s3.example.com:9000");
    assert_eq!(sign_by(&endpoint, &part(), DATE).unwrap().signature, signature_of(&real));
}

#[test]
fn with_the_buckets_own_host_the_path_is_the_key() {
    let s3 = Endpoint::parse("https://s3.example.com", AddressingStyle::VirtualHosted).unwrap();
    let endpoint = SigningEndpoint::new(EndpointConfig { s3, ..config(rules()) }).unwrap();
    let text = part().replace("/attachments/", "/").replace("s3.example.com", "attachments.s3.example.com");
    assert_eq!(sign_by(&endpoint, &text, DATE).unwrap().signature, signature_of(&text));
    assert!(sign_by(&endpoint, &part(), DATE).is_err());
}

#[test]
fn other_requests_are_not_signed() {
    let unsigned = "UNSIGNED-PAYLOAD";
    let with = |header: (&'static str, &'static str)| {
        let mut headers = vec![header, HEADERS[0], HEADERS[1]];
        headers.sort_unstable();
        headers
    };
    for (text, expected) in [
        (
            canonical("PUT", &format!("/attachments/{KEY_OF_BOB}"), PART, &HEADERS, unsigned),
            Reason::KeyRefused,
        ),
        (canonical("PUT", "/attachments/other.txt", PART, &HEADERS, unsigned), Reason::KeyRefused),
        (canonical("PUT", &format!("/others/{KEY}"), PART, &HEADERS, unsigned), Reason::MalformedRequest),
        (canonical("PUT", &format!("/{KEY}"), PART, &HEADERS, unsigned), Reason::MalformedRequest),
        (canonical("DELETE", &path(), "", &HEADERS, EMPTY), Reason::UnknownOperation),
        (canonical("GET", &path(), "", &HEADERS, EMPTY), Reason::UnknownOperation),
        (canonical("HEAD", &path(), "", &HEADERS, EMPTY), Reason::UnknownOperation),
        (canonical("PUT", &path(), "", &HEADERS, unsigned), Reason::UnknownOperation),
        (canonical("GET", "/attachments/", "list-type=2", &HEADERS, EMPTY), Reason::UnknownOperation),
        (canonical("PUT", &path(), "acl=", &HEADERS, unsigned), Reason::UnknownOperation),
        (
            canonical("GET", &path(), "part-number-marker=0&uploadId=a&versionId=b", &HEADERS, EMPTY),
            Reason::UnknownOperation,
        ),
        (canonical("PUT", &path(), PART, &HEADERS, EMPTY), Reason::MalformedRequest),
        (canonical("POST", &path(), "uploads=", &HEADERS, unsigned), Reason::MalformedRequest),
        (canonical("POST", &path(), "uploadId=the-upload", &HEADERS, unsigned), Reason::MalformedRequest),
        (
            canonical("PUT", &path(), PART, &with(("x-amz-copy-source", "/others/secret")), unsigned),
            Reason::MalformedRequest,
        ),
        (
            canonical("POST", &path(), "uploads=", &with(("x-amz-acl", "public-read")), EMPTY),
            Reason::MetadataRefused,
        ),
        (canonical("POST", &path(), "uploads=", &with(("content-md5", "x")), EMPTY), Reason::MetadataRefused),
        (
            canonical("PUT", &path(), PART, &[("host", "evil.example"), HEADERS[1]], unsigned),
            Reason::MalformedRequest,
        ),
        (canonical("PUT", &path(), PART, &HEADERS[..1], unsigned), Reason::MalformedRequest),
        (part().replace("host;x-amz-date", "host"), Reason::MalformedRequest),
        (part().replace("host:s3", "host: s3"), Reason::MalformedRequest),
        (format!("{}\nx", part()), Reason::MalformedRequest),
    ] {
        assert_eq!(reason(sign(&text), &text), expected, "{text}");
    }
}

/// The two texts and the date must be of one request.
#[test]
fn a_string_to_sign_of_another_request() {
    let (endpoint, anna) = (endpoint(rules()), user("anna"));
    let context = Context { now: now(), user: &anna };
    let own = part();
    let good = format!("AWS4-HMAC-SHA256\n{DATE}\n{SCOPE}\n{}", sha256_hex(own.as_bytes()));
    let sign = |to_sign: &str, datetime: &str| {
        endpoint.evaporate_signature(&context, EvaporateCall { to_sign, datetime, canonical_request: &own })
    };
    assert!(sign(&good, DATE).is_ok());
    let other = canonical("DELETE", "/attachments/other.txt", "", &HEADERS, EMPTY);
    for (to_sign, datetime) in [
        (format!("AWS4-HMAC-SHA256\n{DATE}\n{SCOPE}\n{}", sha256_hex(other.as_bytes())), DATE),
        (good.clone(), "20260101T120001Z"),
        (good.replacen("eu-west-1", "us-east-1", 1), DATE),
        (good.replacen("/s3/", "/sts/", 1), DATE),
        (format!("{good}\n"), DATE),
        ("GET\n\n\n1893456000\n/attachments/other.txt".to_owned(), DATE),
        (String::new(), DATE),
    ] {
        assert_eq!(reason(sign(&to_sign, datetime), &to_sign), Reason::MalformedRequest, "{to_sign}");
    }
}

#[test]
fn requests_are_dated_within_five_minutes_of_now() {
    for (seconds, taken) in skews() {
        let date = super::shifted(seconds).amz_date();
        let text = part().replace(DATE, &date);
        assert_eq!(sign_by(&endpoint(rules()), &text, &date).is_ok(), taken, "{seconds}");
    }
}
