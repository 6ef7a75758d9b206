//! Multipart uploads: what is planned, signed and said of them.

use sealift::digest::sha256;
use sealift::endpoint::protocol::{
    AnsweredIntent, CompleteIntent, Intent, ListIntent, PartIntegrity, PartIntent, Plan, SignedRequest,
    Transport, UploadedPart,
};
use sealift::endpoint::{Context, Integrity, Rules, SigningEndpoint};
use sealift::s3::checksum::composite_sha256;

use crate::support::*;

const ALL: [PartIntegrity; 4] =
    [PartIntegrity::Sha256, PartIntegrity::Crc64Nvme, PartIntegrity::Both, PartIntegrity::None];

fn optional() -> SigningEndpoint {
    endpoint(Rules { integrity: Integrity::Optional, ..rules() })
}

fn with(sha256: bool, crc64nvme: bool) -> (Option<String>, Option<String>) {
    (sha256.then(|| SHA256_OF_ABC.to_owned()), crc64nvme.then(|| CRC64NVME_OF_ABC.to_owned()))
}

/// The digests that a part has under an integrity.
fn digests(integrity: PartIntegrity) -> (Option<String>, Option<String>) {
    match integrity {
        PartIntegrity::Sha256 => with(true, false),
        PartIntegrity::Crc64Nvme => with(false, true),
        PartIntegrity::Both => with(true, true),
        PartIntegrity::None | PartIntegrity::Chunks => with(false, false),
        PartIntegrity::ChunksCrc64Nvme => with(false, true),
    }
}

fn part(number: u32, integrity: PartIntegrity) -> Intent {
    let (sha256, crc64nvme) = digests(integrity);
    Intent::Part(PartIntent { number, sha256, crc64nvme, chunk_hashes: None })
}

fn complete(parts: usize, integrity: PartIntegrity) -> Intent {
    let (sha256, crc64nvme) = digests(integrity);
    let part = UploadedPart { etag: "\"etag&<>\"".to_owned(), sha256, crc64nvme: crc64nvme.clone() };
    Intent::Complete(CompleteIntent { parts: vec![part; parts], crc64nvme })
}

fn one(endpoint: &SigningEndpoint, token: &str, intent: Intent) -> SignedRequest {
    sign_upload(endpoint, token, &[intent]).unwrap().remove(0)
}

#[test]
fn the_plan_follows_from_the_size_and_the_rules() {
    let largest = Rules { max_size: 10_000 * 5 * GIB, ..rules() };
    for (size, part_size, parts) in [
        (1, 5 * MIB, 1),
        (64 * MIB, 8 * MIB, 8),
        (GIB, 16 * MIB, 64),
        (GIB + 1, 16 * MIB, 65),
        (10_000 * 5 * GIB, 5 * GIB, 10_000),
    ] {
        let endpoint = endpoint(largest.clone());
        let granted = create(&endpoint, "anna", in_parts(size, PartIntegrity::Sha256)).unwrap();
        assert_eq!(granted.grant.plan, Plan::Multipart { part_size, parts }, "{size}");
        assert_eq!(granted.grant.size, size);
    }
    let endpoint = endpoint(Rules { part_size: 100 * MIB, ..largest });
    let granted = create(&endpoint, "anna", in_parts(10 * GIB, PartIntegrity::Sha256)).unwrap();
    assert_eq!(granted.grant.plan, Plan::Multipart { part_size: 100 * MIB, parts: 103 });
}

#[test]
fn a_grant_comes_with_the_request_that_begins_it() {
    for (integrity, algorithm) in [
        (PartIntegrity::Sha256, Some(("SHA256", "COMPOSITE"))),
        (PartIntegrity::Crc64Nvme, Some(("CRC64NVME", "FULL_OBJECT"))),
        (PartIntegrity::Both, Some(("CRC64NVME", "FULL_OBJECT"))),
        (PartIntegrity::None, None),
    ] {
        let endpoint = optional();
        let mut file = in_parts(GIB, integrity);
        file.metadata.insert("ticket".to_owned(), "42".to_owned());
        let granted = create(&endpoint, "anna", file).unwrap();
        let [request] = &granted.requests[..] else { panic!("one request begins an upload") };
        assert_eq!((request.method.as_str(), &request.intent), ("POST", &AnsweredIntent::Create));
        assert!(request.url.ends_with("/film.mp4?uploads="), "{}", request.url);
        assert_eq!(header(request, "x-amz-checksum-algorithm"), algorithm.map(|(name, _)| name));
        assert_eq!(header(request, "x-amz-checksum-type"), algorithm.map(|(_, kind)| kind));
        for (name, value) in
            [("content-type", "image/png"), ("x-amz-meta-ticket", "42"), ("x-amz-content-sha256", EMPTY)]
        {
            assert_eq!(header(request, name), Some(value), "{name}");
            assert!(signed_headers(request).contains(&name.to_owned()), "{name} is not signed");
        }
        assert!(header(request, "content-disposition").unwrap().contains("film.mp4"));
        let again = sign(&endpoint, "anna", &granted.grant.token, &[Intent::Create]).unwrap();
        assert_eq!(again.requests, granted.requests);
    }
}

/// SHA-256 of nothing.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

#[test]
fn a_part_is_bound_in_number_length_and_digest() {
    for integrity in ALL {
        let endpoint = optional();
        let token = create(&endpoint, "anna", in_parts(GIB + 7, integrity)).unwrap().grant.token;
        let requests = sign_upload(&endpoint, &token, &[part(64, integrity), part(65, integrity)]).unwrap();
        for (request, (number, length)) in requests.iter().zip([(64, 16 * MIB), (65, 7)]) {
            let (sha256, crc64nvme) = digests(integrity);
            assert_eq!(
                request.intent,
                AnsweredIntent::Part { number, sha256: sha256.clone(), crc64nvme: crc64nvme.clone() }
            );
            assert_eq!(request.method, "PUT");
            assert!(
                request.url.ends_with(&format!("/film.mp4?partNumber={number}&uploadId=the-upload")),
                "{}",
                request.url
            );
            assert_eq!(signature_for_length(request, length), signature(request));
            for wrong in [length - 1, length + 1, 0, GIB] {
                assert_ne!(signature_for_length(request, wrong), signature(request), "{wrong}");
            }
            let payload = sha256.as_deref().unwrap_or("UNSIGNED-PAYLOAD");
            assert_eq!(header(request, "x-amz-content-sha256"), Some(payload));
            // S3 takes one checksum.
            let kept = sha256.filter(|_| crc64nvme.is_none());
            assert_eq!(header(request, "x-amz-checksum-sha256").is_some(), kept.is_some());
            assert_eq!(header(request, "x-amz-checksum-crc64nvme"), crc64nvme.as_deref());
            let signed = signed_headers(request);
            for (name, _) in &request.headers {
                assert!(name == "authorization" || signed.contains(name), "{name} is not signed");
            }
        }
    }
}

#[test]
fn the_endpoint_writes_the_list_of_parts_and_signs_its_hash() {
    for integrity in ALL {
        let endpoint = optional();
        let token = create(&endpoint, "anna", in_parts(40 * MIB, integrity)).unwrap().grant.token;
        let request = one(&endpoint, &token, complete(8, integrity));
        let body = request.body.clone().unwrap();
        assert_eq!(
            header(&request, "x-amz-content-sha256"),
            Some(hex::encode(sha256(body.as_bytes())).as_str())
        );
        assert_eq!((request.method.as_str(), header(&request, "if-none-match")), ("POST", Some("*")));
        assert_eq!(header(&request, "x-amz-mp-object-size"), Some((40 * MIB).to_string().as_str()));
        assert!(request.url.ends_with("/film.mp4?uploadId=the-upload"), "{}", request.url);
        assert!(body.contains("<ETag>\"etag&amp;&lt;&gt;\"</ETag><PartNumber>8</PartNumber>"), "{body}");
        assert!(!body.contains("<PartNumber>9<"));
        let (has_sha256, has_crc64nvme) =
            (body.contains("ChecksumSHA256"), body.contains("ChecksumCRC64NVME"));
        assert_eq!(has_sha256, integrity == PartIntegrity::Sha256);
        assert_eq!(has_crc64nvme, matches!(integrity, PartIntegrity::Crc64Nvme | PartIntegrity::Both));
        assert_eq!(header(&request, "x-amz-checksum-crc64nvme").is_some(), has_crc64nvme);
        let composite = has_sha256.then(|| composite_sha256(&[sha256(b"abc"); 8]));
        assert_eq!(request.intent, AnsweredIntent::Complete { sha256: composite });
        let signed = signed_headers(&request);
        for name in ["if-none-match", "x-amz-mp-object-size", "x-amz-content-sha256"] {
            assert!(signed.contains(&name.to_owned()), "{name} is not signed");
        }
    }
    let unconditional = endpoint(Rules { conditional_writes: false, ..rules() });
    let token = create(&unconditional, "anna", in_parts(MIB, PartIntegrity::Sha256)).unwrap().grant.token;
    let request = one(&unconditional, &token, complete(1, PartIntegrity::Sha256));
    assert_eq!(header(&request, "if-none-match"), None);
}

#[test]
fn of_two_digests_s3_keeps_one_and_the_list_needs_no_more() {
    let endpoint = endpoint(rules());
    let token = create(&endpoint, "anna", in_parts(MIB, PartIntegrity::Both)).unwrap().grant.token;
    let with_both = one(&endpoint, &token, complete(1, PartIntegrity::Both));
    let with_crc = one(&endpoint, &token, complete(1, PartIntegrity::Crc64Nvme));
    assert_eq!(with_both, with_crc);
}

#[test]
fn parts_are_listed_by_the_thousand() {
    let endpoint = endpoint(rules());
    let token = create(&endpoint, "anna", in_parts(GIB, PartIntegrity::Sha256)).unwrap().grant.token;
    for (after, query) in [
        (0, "uploadId=the-upload&max-parts=1000"),
        (9, "uploadId=the-upload&max-parts=1000&part-number-marker=9"),
    ] {
        let request = one(&endpoint, &token, Intent::List(ListIntent { after }));
        assert_eq!((request.method.as_str(), &request.intent), ("GET", &AnsweredIntent::List { after }));
        let mut have: Vec<_> = request.url.split_once('?').unwrap().1.split('&').collect();
        let mut want: Vec<_> = query.split('&').collect();
        have.sort_unstable();
        want.sort_unstable();
        assert_eq!(have, want);
    }
}

#[test]
fn a_renewed_upload_keeps_its_plan_when_the_rules_change() {
    let token = create(&endpoint(rules()), "anna", in_parts(GIB, PartIntegrity::Sha256)).unwrap().grant.token;
    let today = endpoint(Rules { part_size: 64 * MIB, ..rules() });
    let late = now().plus_seconds(4_000);
    let expired = sign_at(&today, late, "anna", &token, &[Intent::Create]).unwrap_err();
    assert_eq!(expired.code, "grant_expired");
    let intents = [Intent::Renew, Intent::List(ListIntent { after: 0 }), part(64, PartIntegrity::Sha256)];
    let signed = sign_request(&today, late, "anna", (&token, Some("the-upload")), &intents).unwrap();
    assert_eq!(signed.requests.len(), 2);
    let renewed = signed.grant.unwrap();
    assert_eq!(renewed.plan, Plan::Multipart { part_size: 16 * MIB, parts: 64 });
    assert_eq!(renewed.expires, "2026-01-01T14:06:40Z");
}

#[test]
fn an_s3_that_takes_no_checksums_is_sent_none() {
    let endpoint = endpoint(Rules { checksums: false, ..rules() });
    for integrity in [PartIntegrity::Sha256, PartIntegrity::Both] {
        let granted = create(&endpoint, "anna", in_parts(MIB, integrity)).unwrap();
        let part = one(&endpoint, &granted.grant.token, part(1, integrity));
        let complete = one(&endpoint, &granted.grant.token, complete(1, integrity));
        assert_eq!(header(&part, "x-amz-content-sha256"), Some(SHA256_OF_ABC), "the payload hash binds");
        assert_eq!(
            part.intent,
            AnsweredIntent::Part { number: 1, sha256: Some(SHA256_OF_ABC.to_owned()), crc64nvme: None }
        );
        assert_eq!(complete.intent, AnsweredIntent::Complete { sha256: None });
        assert!(!complete.body.clone().unwrap().contains("Checksum"));
        for request in [&granted.requests[0], &part, &complete] {
            assert!(
                request.headers.iter().all(|(name, _)| !name.starts_with("x-amz-checksum")),
                "{request:?}"
            );
        }
    }
    let token = create(&endpoint, "anna", file("a.png")).unwrap().grant.token;
    let anna = user("anna");
    let check = endpoint.begin_finish(&Context { now: now(), user: &anna }, &finish_item(&token)).unwrap();
    assert!(!check.head().checksums);
    let mut put = file("a.png");
    put.crc64nvme = Some(CRC64NVME_OF_ABC.to_owned());
    let request = create(&endpoint, "anna", put).unwrap().requests.remove(0);
    assert_eq!(header(&request, "x-amz-content-sha256"), Some(SHA256_OF_ABC));
    assert!(request.headers.iter().all(|(name, _)| !name.starts_with("x-amz-checksum")));
    let bound = AnsweredIntent::Put { sha256: Some(SHA256_OF_ABC.to_owned()), crc64nvme: None };
    assert_eq!(request.intent, bound);
}

#[test]
fn a_file_that_goes_whole_is_bound_by_the_digests_it_has() {
    let endpoint = optional();
    let (sha256, crc64nvme) = ("x-amz-checksum-sha256", "x-amz-checksum-crc64nvme");
    for (digests, payload, put, post) in [
        (with(true, false), SHA256_OF_ABC, Some(sha256), Some(sha256)),
        (with(false, true), "UNSIGNED-PAYLOAD", Some(crc64nvme), Some(crc64nvme)),
        // S3 takes one checksum, and a form has no payload hash.
        (with(true, true), SHA256_OF_ABC, Some(crc64nvme), Some(sha256)),
        (with(false, false), "UNSIGNED-PAYLOAD", None, None),
    ] {
        let mut file = file("a.png");
        (file.sha256, file.crc64nvme) = digests.clone();
        let request = create(&endpoint, "anna", file.clone()).unwrap().requests.remove(0);
        assert_eq!(header(&request, "x-amz-content-sha256"), Some(payload));
        for name in [sha256, crc64nvme] {
            assert_eq!(header(&request, name).is_some(), put == Some(name), "{digests:?}");
        }
        let (sha256_hex, crc) = digests.clone();
        assert_eq!(request.intent, AnsweredIntent::Put { sha256: sha256_hex, crc64nvme: crc });

        file.transport = Some(Transport::Post);
        let form = create(&endpoint, "anna", file).unwrap().requests.remove(0);
        for name in [sha256, crc64nvme] {
            assert_eq!(field(&form.fields, name).is_some(), post == Some(name), "{digests:?}");
        }
        let bound = AnsweredIntent::Post {
            sha256: digests.0.filter(|_| post == Some(sha256)),
            crc64nvme: digests.1.filter(|_| post == Some(crc64nvme)),
        };
        assert_eq!(form.intent, bound, "what is not bound is not said to be");
    }
}
