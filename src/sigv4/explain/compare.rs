//! Two canonical requests, part by part; what makes others differ comes first.

use super::canonical::Canonical;
use super::verdict::{Cause, Difference};
use super::{header, path, query};

pub(super) fn compare(ours: &Canonical, theirs: &Canonical, found: &mut Vec<Difference>) {
    header::compare_host(ours, theirs, found);
    compare_method(ours, theirs, found);
    path::compare(&ours.path, &theirs.path, found);
    query::compare(&ours.query, &theirs.query, found);
    let before = found.len();
    header::compare(ours, theirs, found);
    // Headers that differ explain their list, and the hash's own header its line.
    if found.len() == before {
        compare_signed_headers(ours, theirs, found);
    }
    if !found.iter().any(|difference| difference.cause == Cause::PayloadHash) {
        compare_payload(&ours.payload, &theirs.payload, found);
    }
}

fn compare_method(ours: &Canonical, theirs: &Canonical, found: &mut Vec<Difference>) {
    if ours.method == theirs.method {
        return;
    }
    let hint = format!(
        "The method differs: {} was signed, but S3 saw {}. A presigned URL works for the one method that it was \
         signed for, and a proxy must not rewrite it.",
        ours.method, theirs.method,
    );
    found.push(Difference::new(Cause::Method, "method", hint).with(Some(&ours.method), Some(&theirs.method)));
}

fn compare_signed_headers(ours: &Canonical, theirs: &Canonical, found: &mut Vec<Difference>) {
    if ours.signed_headers == theirs.signed_headers {
        return;
    }
    let hint = "The list of signed headers differs, in its order or its names: it is sorted, in lower case, joined by \
                semicolons, and the same in the canonical request and in what is sent.";
    found.push(
        Difference::new(Cause::SignedHeaders, "signedHeaders", hint)
            .with(Some(&ours.signed_headers), Some(&theirs.signed_headers)),
    );
}

pub(super) fn compare_payload(ours: &str, theirs: &str, found: &mut Vec<Difference>) {
    if ours == theirs {
        return;
    }
    found.push(
        Difference::new(Cause::PayloadHash, "payloadHash", payload_hint(ours, theirs))
            .with(Some(ours), Some(theirs)),
    );
}

/// Of the SHA-256 of nothing.
pub(super) const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn payload_hint(ours: &str, theirs: &str) -> String {
    let end = match (ours, theirs) {
        (EMPTY, _) => "the hash of an empty body was signed, but there is a body: give the signer its hash.",
        ("UNSIGNED-PAYLOAD", _) => "UNSIGNED-PAYLOAD was signed, but x-amz-content-sha256 said a hash.",
        (_, "UNSIGNED-PAYLOAD") => {
            "S3 took the body for unsigned: x-amz-content-sha256 did not arrive as it was signed."
        }
        _ => "another hash was signed than the one that x-amz-content-sha256 says.",
    };
    format!("The hash of the body differs: {end}")
}
