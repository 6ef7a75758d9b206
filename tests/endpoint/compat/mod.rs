//! Clients of other protocols: what is signed for them, and what is not.

mod companion;
mod evaporate;
mod fine_policy;
mod fine_requests;

use sealift::Timestamp;
use sealift::digest::sha256_hex;
use sealift::endpoint::compat::CompatSignature;
use sealift::endpoint::{Context, Reason, Refusal};
use sealift::sigv4::{CredentialScope, SigningKey};

use super::support::{endpoint, now, rules, user};

const KEY: &str = "uploads/anna/0b6f2f6e-6f5d-4b1c-9a7e-1f2e3d4c5b6a/report.txt";
const KEY_OF_BOB: &str = "uploads/bob/0b6f2f6e-6f5d-4b1c-9a7e-1f2e3d4c5b6a/report.txt";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const SCOPE: &str = "20260101/eu-west-1/s3/aws4_request";
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The signature of a canonical request, dated now, as S3 would compute it.
fn signature_of(canonical: &str) -> String {
    let scope = CredentialScope::new(now(), "eu-west-1", "s3").unwrap();
    let text = format!("AWS4-HMAC-SHA256\n20260101T120000Z\n{SCOPE}\n{}", sha256_hex(canonical.as_bytes()));
    SigningKey::derive_from_secret(SECRET, &scope).sign(&text).to_string()
}

fn reason(result: Result<CompatSignature, Refusal>, what: &str) -> Reason {
    match result {
        Err(refusal) => refusal.reason(),
        Ok(signed) => panic!("{what} was signed: {signed:?}"),
    }
}

#[test]
fn keys_that_anybody_could_guess_or_share_serve_no_such_client() {
    for key in ["uploads/{uuid}/{filename}", "uploads/{user}/{filename}"] {
        let rules = sealift::endpoint::Rules { key: key.to_owned(), allow_guessable_keys: true, ..rules() };
        assert!(endpoint(rules).check_compat().is_err(), "{key}");
    }
    assert!(endpoint(rules()).check_compat().is_ok());
}

#[test]
fn only_ones_own_keys_are_looked_at_or_deleted() {
    let (endpoint, anna) = (endpoint(rules()), user("anna"));
    let context = Context { now: now(), user: &anna };
    assert!(endpoint.compat_delete(&context, Some("attachments"), KEY).is_ok());
    for (bucket, key) in [
        (None, KEY_OF_BOB),
        (Some("others"), KEY),
        (None, "uploads/anna/report.txt"),
        (None, "uploads/anna/0b6f2f6e-6f5d-4b1c-9a7e-1f2e3d4c5b6a/../x"),
        (None, "uploads/anna/0b6f2f6e-6f5d-4b1c-9a7e-1f2e3d4c5b6a/a/b"),
        (None, "uploads/anna/not-a-uuid-not-a-uuid-not-a-uuid-not/x"),
        (None, "uploads/anna/0b6f2f6e-6f5d-4b1c-9a7e-1f2e3d4c5b6a/"),
        (None, "uploads/anna/0b6f2f6e-6f5d-4b1c-9a7e-1f2e3d4c5b6a/${filename}"),
        (None, "uploads/anna"),
        (None, ""),
    ] {
        let refused = endpoint.compat_delete(&context, bucket, key).unwrap_err();
        assert_eq!(refused.reason(), Reason::KeyRefused, "{key}");
        assert!(endpoint.begin_arrival(&context, bucket, key, None, None).is_err(), "{key}");
    }
}

#[test]
fn keys_made_here_are_ones_own() {
    let (endpoint, anna) = (endpoint(rules()), user("../anna@example.com"));
    let context = Context { now: now(), user: &anna };
    for name in ["report.txt", "ünder ${x} ~%.tar.gz", "..", "a/b\\c", "日本語.txt"] {
        let mut random = super::support::random();
        let key = endpoint.compat_key(&context, name, &mut random).unwrap();
        assert!(endpoint.compat_delete(&context, None, &key).is_ok(), "{key}");
        let bob = user("bob");
        assert!(endpoint.compat_delete(&Context { now: now(), user: &bob }, None, &key).is_err(), "{key}");
    }
}

/// Five minutes either way.
fn skews() -> [(i64, bool); 6] {
    [(-3600, false), (-301, false), (-300, true), (300, true), (301, false), (86_400, false)]
}

fn shifted(seconds: i64) -> Timestamp {
    now().plus_seconds(seconds)
}
