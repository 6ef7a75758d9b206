//! Policies of Fine Uploader, untouched and tampered with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealift::endpoint::compat::FineVersion::{self, V2, V4};
use sealift::endpoint::{Context, Reason, Rules, StoreRules};
use sealift::sigv4::{CredentialScope, SigningKey};
use serde_json::{Value, json};

use super::{KEY, KEY_OF_BOB, SECRET, reason, skews};
use crate::support::{endpoint, now, rules, user};

/// As the client writes it (version 5.16.2), dated now.
fn policy(version: FineVersion) -> Value {
    let mut conditions = vec![
        json!({ "acl": "private" }),
        json!({ "bucket": "attachments" }),
        json!({ "Content-Type": "text/plain" }),
        json!({ "success_action_status": "200" }),
    ];
    if version == V4 {
        conditions.extend([
            json!({ "x-amz-algorithm": "AWS4-HMAC-SHA256" }),
            json!({ "key": KEY }),
            json!({ "x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20260101/eu-west-1/s3/aws4_request" }),
            json!({ "x-amz-date": "20260101T120000Z" }),
        ]);
    } else {
        conditions.push(json!({ "key": KEY }));
    }
    conditions.push(json!({ "x-amz-meta-qqfilename": "report.txt" }));
    json!({ "expiration": "2026-01-01T12:05:00.123Z", "conditions": conditions })
}

/// With a condition in the place of the one of the same field, or one more.
fn with(mut policy: Value, condition: Value) -> Value {
    let list = policy["conditions"].as_array_mut().unwrap();
    let field = condition.as_object().and_then(|members| members.keys().next().cloned());
    match list.iter_mut().find(|other| field.as_ref().is_some_and(|field| other.get(field).is_some())) {
        Some(other) => *other = condition,
        None => list.push(condition),
    }
    policy
}

fn sign(
    rules: Rules,
    version: FineVersion,
    body: &str,
) -> Result<sealift::endpoint::compat::CompatSignature, sealift::endpoint::Refusal> {
    let (endpoint, anna) = (endpoint(rules), user("anna"));
    endpoint.fine_signature(&Context { now: now(), user: &anna }, version, body.as_bytes())
}

fn refused(version: FineVersion, policy: &Value) -> Reason {
    reason(sign(rules(), version, &policy.to_string()), &policy.to_string())
}

#[test]
fn what_is_signed_is_the_servers_own_policy() {
    for version in [V2, V4] {
        let signed = sign(rules(), version, &policy(version).to_string()).unwrap();
        let base64 = signed.policy.unwrap();
        let own: Value = serde_json::from_slice(&STANDARD.decode(&base64).unwrap()).unwrap();
        assert_eq!(own["expiration"], "2026-01-01T12:05:00Z");
        let conditions = own["conditions"].as_array().unwrap();
        assert!(conditions.contains(&json!(["content-length-range", 0, 5_368_709_120_u64])));
        // Every field of the client is there, and no other.
        let theirs = policy(version);
        let theirs = theirs["conditions"].as_array().unwrap();
        assert_eq!(conditions.len(), theirs.len() + 1);
        assert!(theirs.iter().all(|condition| conditions.contains(condition)), "{own}");
        if version == V4 {
            let scope = CredentialScope::new(now(), "eu-west-1", "s3").unwrap();
            let expected = SigningKey::derive_from_secret(SECRET, &scope).sign(&base64).to_string();
            assert_eq!(signed.signature, expected);
        }
    }
}

#[test]
fn tampered_policies() {
    for version in [V2, V4] {
        let with = |condition| with(policy(version), condition);
        for (tampered, expected) in [
            (with(json!({ "bucket": "others" })), Reason::KeyRefused),
            (with(json!({ "key": KEY_OF_BOB })), Reason::KeyRefused),
            (with(json!({ "key": "uploads/anna/report.txt" })), Reason::KeyRefused),
            (with(json!({ "key": format!("{KEY}${{filename}}") })), Reason::KeyRefused),
            (with(json!(["content-length-range", "0", "5368709121"])), Reason::SizeRefused),
            (with(json!(["content-length-range", 10, 5])), Reason::SizeRefused),
            (with(json!(["content-length-range", -1, 5])), Reason::MalformedRequest),
            (with(json!(["starts-with", "$key", "uploads/"])), Reason::MalformedRequest),
            (with(json!(["eq", "$key", KEY])), Reason::MalformedRequest),
            (with(json!({ "KEY": KEY })), Reason::MalformedRequest),
            (with(json!({ "acl": "public-read" })), Reason::MetadataRefused),
            (with(json!({ "acl": "private", "bucket": "attachments" })), Reason::MalformedRequest),
            (with(json!({ "x-amz-storage-class": "REDUCED_REDUNDANCY" })), Reason::MetadataRefused),
            (
                with(json!({ "x-amz-website-redirect-location": "https://evil.example" })),
                Reason::MetadataRefused,
            ),
            (with(json!({ "tagging": "<Tagging/>" })), Reason::MetadataRefused),
            (with(json!({ "Cache-Control": "max-age=1" })), Reason::MetadataRefused),
            (with(json!({ "Content-Encoding": "gzip" })), Reason::MetadataRefused),
            (with(json!({ "success_action_redirect": "https://evil.example" })), Reason::MetadataRefused),
            (with(json!({ "success_action_status": "302" })), Reason::MetadataRefused),
            (with(json!({ "Content-Type": "text/html" })), Reason::TypeRefused),
            (with(json!({ "Content-Type": "${filename}" })), Reason::TypeRefused),
            (with(json!({ "x-amz-meta-a": "x".repeat(3_000) })), Reason::MetadataRefused),
            (with(json!({ "x-amz-meta-A B": "x" })), Reason::MetadataRefused),
            (with(json!({ "x-amz-meta-a": "${filename}" })), Reason::MetadataRefused),
            (with(json!({ "x-amz-meta-a": 1 })), Reason::MalformedRequest),
        ] {
            assert_eq!(refused(version, &tampered), expected, "{tampered}");
        }
        for text in [
            "",
            "[]",
            "{}",
            "null",
            r#"{"expiration":"2026-01-01T12:05:00Z"}"#,
            r#"{"expiration":"2026-01-01T12:05:00Z","conditions":[]}"#,
            r#"{"expiration":"2026-01-01T12:05:00Z","conditions":[],"extra":1}"#,
        ] {
            assert_eq!(reason(sign(rules(), version, text), text), Reason::MalformedRequest, "{text}");
        }
    }
}

/// Of two members of one name S3 might take the other one.
#[test]
fn duplicate_keys() {
    for version in [V2, V4] {
        let text = policy(version).to_string();
        let twice = text.replacen("\"conditions\"", "\"conditions\":[],\"conditions\"", 1);
        let inside = text.replacen(
            "\"bucket\":\"attachments\"",
            "\"bucket\":\"others\",\"bucket\":\"attachments\"",
            1,
        );
        for tampered in [twice, inside] {
            assert_ne!(tampered, text);
            assert_eq!(reason(sign(rules(), version, &tampered), &tampered), Reason::MalformedRequest);
        }
        let mut twice = policy(version);
        twice["conditions"].as_array_mut().unwrap().push(json!({ "bucket": "attachments" }));
        assert_eq!(refused(version, &twice), Reason::MalformedRequest);
    }
}

#[test]
fn a_policy_is_dated_within_five_minutes_of_now() {
    for (seconds, taken) in skews() {
        let moment = super::shifted(seconds);
        let expiration = super::shifted(seconds + 300).iso8601();
        let mut policy_v2 = policy(V2);
        policy_v2["expiration"] = json!(expiration);
        assert_eq!(sign(rules(), V2, &policy_v2.to_string()).is_ok(), taken, "{seconds}");
        let day = &moment.amz_date()[..8];
        let mut policy_v4 = with(policy(V4), json!({ "x-amz-date": moment.amz_date() }));
        policy_v4 = with(
            policy_v4,
            json!({ "x-amz-credential": format!("AKIAIOSFODNN7EXAMPLE/{day}/eu-west-1/s3/aws4_request") }),
        );
        assert_eq!(sign(rules(), V4, &policy_v4.to_string()).is_ok(), taken, "{seconds}");
    }
}

#[test]
fn other_credentials_than_the_servers() {
    for credential in [
        "AKIDOTHER/20260101/eu-west-1/s3/aws4_request",
        "AKIAIOSFODNN7EXAMPLE/20260102/eu-west-1/s3/aws4_request",
        "AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/s3/aws4_request",
        "AKIAIOSFODNN7EXAMPLE/20260101/eu-west-1/sts/aws4_request",
    ] {
        let tampered = with(policy(V4), json!({ "x-amz-credential": credential }));
        assert_eq!(refused(V4, &tampered), Reason::MalformedRequest, "{credential}");
    }
    assert_eq!(refused(V2, &policy(V4)), Reason::MalformedRequest);
    assert_eq!(refused(V4, &policy(V2)), Reason::MalformedRequest);
    let none = with(policy(V4), json!({ "x-amz-algorithm": "AWS4-HMAC-SHA1" }));
    assert_eq!(refused(V4, &none), Reason::MalformedRequest);
}

#[test]
fn a_narrower_length_range_stays_as_narrow() {
    for (asked, written) in [
        (json!(["content-length-range", "5", "1000"]), json!(["content-length-range", 5, 1000])),
        // What the client writes without a greatest size.
        (
            json!(["content-length-range", "5", "9007199254740992"]),
            json!(["content-length-range", 5, 5_368_709_120_u64]),
        ),
    ] {
        let signed = sign(rules(), V4, &with(policy(V4), asked).to_string()).unwrap();
        let own: Value = serde_json::from_slice(&STANDARD.decode(signed.policy.unwrap()).unwrap()).unwrap();
        assert!(own["conditions"].as_array().unwrap().contains(&written), "{own}");
    }
}

#[test]
fn what_the_rules_store_must_be_there() {
    let rules = || Rules {
        store: StoreRules {
            storage_class: Some("REDUCED_REDUNDANCY".to_owned()),
            cache_control: Some("private".to_owned()),
            ..StoreRules::default()
        },
        ..rules()
    };
    let text = policy(V4).to_string();
    assert_eq!(reason(sign(rules(), V4, &text), &text), Reason::TransportRefused);
    let whole = with(policy(V4), json!({ "x-amz-storage-class": "REDUCED_REDUNDANCY" }));
    let whole = with(whole, json!({ "Cache-Control": "private" }));
    assert!(sign(rules(), V4, &whole.to_string()).is_ok());
}

#[test]
fn scripts_only_as_downloads() {
    let html = with(policy(V4), json!({ "Content-Type": "text/html" }));
    assert_eq!(refused(V4, &html), Reason::TypeRefused);
    let inline = with(html.clone(), json!({ "Content-Disposition": "inline; filename=attachment" }));
    assert_eq!(refused(V4, &inline), Reason::TypeRefused);
    let saved = with(html, json!({ "Content-Disposition": "attachment" }));
    assert!(sign(rules(), V4, &saved.to_string()).is_ok());
}
