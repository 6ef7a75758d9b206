//! Keys, scopes, clocks, links; and explanations where little is known.

use std::io::Write;

use sealift::Timestamp;
use sealift::s3::explain_signature_mismatch;
use sealift::sigv4::explain::{Cause, SentRequest};
use sealift::sigv4::{PayloadHash, SigningOptions, presign};

use super::support::{
    KEY, SECRET, Server, Signed, TOKEN, Wire, assert_discreet, check_on_the_way, credentials, now, s3, sign,
    sign_with, target,
};

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
