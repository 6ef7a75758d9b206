//! Multipart uploads: what is not granted, and not signed under a grant. Every
//! test here would fail if the request were signed.

use sealift::endpoint::protocol::{
    self, CompleteIntent, Intent, ListIntent, NewFile, PartIntegrity, PartIntent, SignRequests, Transport,
    UploadedPart,
};
use sealift::endpoint::{Context, Integrity, Reason, Rules, SigningEndpoint};

use crate::support::*;

fn part(number: u32) -> Intent {
    Intent::Part(PartIntent {
        number,
        sha256: Some(SHA256_OF_ABC.to_owned()),
        crc64nvme: None,
        chunk_hashes: None,
    })
}

fn uploaded() -> UploadedPart {
    UploadedPart { etag: "abc".to_owned(), sha256: Some(SHA256_OF_ABC.to_owned()), crc64nvme: None }
}

fn complete(parts: Vec<UploadedPart>) -> Intent {
    Intent::Complete(CompleteIntent { parts, crc64nvme: None })
}

fn granted(endpoint: &SigningEndpoint, size: u64, integrity: PartIntegrity) -> String {
    create(endpoint, "anna", in_parts(size, integrity)).unwrap().grant.token
}

fn refused_intent(endpoint: &SigningEndpoint, token: &str, intent: Intent) -> (String, u16) {
    let error = sign_upload(endpoint, token, &[intent]).expect_err("was signed");
    (error.code, error.status)
}

#[test]
fn a_part_that_the_plan_does_not_have_is_refused() {
    let endpoint = endpoint(rules());
    let token = granted(&endpoint, GIB, PartIntegrity::Sha256);
    assert!(sign_upload(&endpoint, &token, &[part(1), part(64)]).is_ok());
    for number in [0, 65, 10_000, 10_001, 65_536 + 1, u32::MAX] {
        assert_eq!(refused_intent(&endpoint, &token, part(number)), code(Reason::PartRefused), "{number}");
    }
    for number in ["-1", "1.5", "\"1\"", "null", "4294967296"] {
        let call =
            format!(r#"{{"requests":[{{"token":"t","intents":[{{"op":"part","number":{number}}}]}}]}}"#);
        assert!(protocol::parse::<SignRequests>(call.as_bytes()).is_err(), "{number}");
    }
    let other = forged(&token, |claims| claims["p"]["parts"] = 65.into());
    assert_eq!(refused_intent(&endpoint, &other, part(65)), code(Reason::GrantInvalid));
    let larger = forged(&token, |claims| claims["p"]["partSize"] = GIB.into());
    assert_eq!(refused_intent(&endpoint, &larger, part(1)), code(Reason::GrantInvalid));
}

#[test]
fn a_list_that_is_not_all_parts_is_not_completed() {
    let endpoint = endpoint(rules());
    let token = granted(&endpoint, 40 * MIB, PartIntegrity::Sha256);
    assert!(sign_upload(&endpoint, &token, &[complete(vec![uploaded(); 8])]).is_ok());
    for count in [0, 1, 7, 9, 10_001] {
        let refused = refused_intent(&endpoint, &token, complete(vec![uploaded(); count]));
        assert_eq!(refused, code(Reason::PartRefused), "{count}");
    }
    for etag in ["", "\"\"", "a b", "W/\"a\"", "a\nb", "</ETag>\u{0}"] {
        let mut parts = vec![uploaded(); 8];
        parts[3].etag = etag.to_owned();
        assert_eq!(
            refused_intent(&endpoint, &token, complete(parts)),
            code(Reason::MalformedRequest),
            "{etag:?}"
        );
    }
}

#[test]
fn a_part_without_the_digests_of_its_grant_is_refused() {
    let endpoint = endpoint(Rules { integrity: Integrity::Optional, ..rules() });
    let digest = |has: bool, text: &str| has.then(|| text.to_owned());
    for (integrity, wants) in [
        (PartIntegrity::Sha256, (true, false)),
        (PartIntegrity::Crc64Nvme, (false, true)),
        (PartIntegrity::Both, (true, true)),
        (PartIntegrity::None, (false, false)),
    ] {
        let token = granted(&endpoint, MIB, integrity);
        for given in [(false, false), (true, false), (false, true), (true, true)] {
            let sha256 = digest(given.0, SHA256_OF_ABC);
            let crc64nvme = digest(given.1, CRC64NVME_OF_ABC);
            let part = Intent::Part(PartIntent {
                number: 1,
                sha256: sha256.clone(),
                crc64nvme: crc64nvme.clone(),
                chunk_hashes: None,
            });
            let list = vec![UploadedPart { sha256, crc64nvme: crc64nvme.clone(), ..uploaded() }];
            let complete = Intent::Complete(CompleteIntent { parts: list, crc64nvme });
            let result =
                |intent| sign_upload(&endpoint, &token, &[intent]).map(drop).map_err(|e| (e.code, e.status));
            let unexpected = (given.0 && !wants.0) || (given.1 && !wants.1);
            let expected = if given == wants {
                Ok(())
            } else if unexpected && !(wants.0 && !given.0) {
                Err(code(Reason::PartRefused))
            } else {
                Err(code(Reason::IntegrityRequired))
            };
            assert_eq!(result(part), expected, "{integrity:?} {given:?}");
            if wants != (true, true) {
                assert_eq!(result(complete).is_ok(), given == wants, "{integrity:?} {given:?}");
            }
        }
    }
    let token = granted(&endpoint, MIB, PartIntegrity::Crc64Nvme);
    let list =
        vec![UploadedPart { sha256: None, crc64nvme: Some(CRC64NVME_OF_ABC.to_owned()), ..uploaded() }];
    assert_eq!(
        refused_intent(&endpoint, &token, complete(list)),
        code(Reason::IntegrityRequired),
        "of the whole"
    );
    for wrong in ["", "AAAA", "AAAAAAAAAAAA", "not base64"] {
        let part =
            PartIntent { number: 1, sha256: None, crc64nvme: Some(wrong.to_owned()), chunk_hashes: None };
        assert_eq!(
            refused_intent(&endpoint, &token, Intent::Part(part)),
            code(Reason::MalformedRequest),
            "{wrong}"
        );
    }
}

#[test]
fn a_multipart_upload_without_integrity_is_refused_where_the_rules_want_it() {
    let strict = endpoint(rules());
    let error = refused(&strict, in_parts(GIB, PartIntegrity::None));
    assert_eq!((error.code, error.status), code(Reason::IntegrityRequired));
    let lax = endpoint(Rules { integrity: Integrity::Optional, ..rules() });
    let token = granted(&lax, GIB, PartIntegrity::None);
    let refused = sign(&strict, "anna", &token, &[Intent::Renew]).expect_err("renewed");
    assert_eq!(refused.code, "integrity_required", "nor renewed under the rules of today");
    // Where S3 keeps no checksums a CRC binds nothing.
    let bare = endpoint(Rules { checksums: false, ..rules() });
    let mut put = file("a.png");
    (put.sha256, put.crc64nvme) = (None, Some(CRC64NVME_OF_ABC.to_owned()));
    for file in [in_parts(GIB, PartIntegrity::Crc64Nvme), put] {
        assert_eq!(crate::support::refused(&bare, file).code, "integrity_required");
    }
    let mut form = file("a.png");
    form.transport = Some(Transport::Post);
    assert_eq!(crate::support::refused(&bare, form).code, "transport_refused");
}

#[test]
fn digests_of_the_whole_and_integrity_of_the_parts_do_not_mix() {
    let endpoint = endpoint(rules());
    let whole = file("a.png");
    let parts = in_parts(GIB, PartIntegrity::Sha256);
    let crc = || Some(CRC64NVME_OF_ABC.to_owned());
    for file in [
        NewFile { integrity: None, ..parts.clone() },
        NewFile { sha256: Some(SHA256_OF_ABC.to_owned()), ..parts.clone() },
        NewFile { crc64nvme: crc(), ..parts },
        NewFile { integrity: Some(PartIntegrity::Sha256), ..whole.clone() },
        NewFile { integrity: Some(PartIntegrity::None), transport: Some(Transport::Post), ..whole.clone() },
        NewFile { crc64nvme: Some("jC+E".to_owned()), ..whole },
    ] {
        let error = refused(&endpoint, file.clone());
        assert_eq!((error.code, error.status), code(Reason::MalformedRequest), "{file:?}");
    }
}

#[test]
fn a_file_too_large_for_its_way_is_refused() {
    let endpoint = endpoint(Rules { max_size: 10_000 * 5 * GIB, ..rules() });
    for transport in [None, Some(Transport::Put), Some(Transport::Post)] {
        let error = refused(&endpoint, NewFile { size: 5 * GIB + 1, transport, ..file("a.png") });
        assert_eq!((error.code, error.status), code(Reason::TransportRefused), "{transport:?}");
    }
    let error = refused(&endpoint, in_parts(0, PartIntegrity::Sha256));
    assert_eq!((error.code, error.status), code(Reason::TransportRefused), "nothing has no parts");
    let error = refused(&endpoint, in_parts(10_000 * 5 * GIB + 1, PartIntegrity::Sha256));
    assert_eq!((error.code, error.status), code(Reason::SizeRefused));
    let token = granted(&endpoint, 6 * GIB, PartIntegrity::Sha256);
    let smaller = crate::support::endpoint(rules());
    assert_eq!(sign(&smaller, "anna", &token, &[Intent::Renew]).unwrap_err().code, "size_refused");
}

#[test]
fn without_forms_there_are_none() {
    let endpoint = endpoint(Rules { max_post_size: 0, ..rules() });
    for size in [0, 3] {
        let form = NewFile { size, transport: Some(Transport::Post), ..file("a.png") };
        assert_eq!(refused(&endpoint, form).code, "transport_refused");
    }
    assert_eq!(endpoint.capabilities().unwrap().max_post_size, 0);
}

#[test]
fn a_multipart_grant_signs_nothing_else_and_no_other_grant_signs_parts() {
    let endpoint = endpoint(rules());
    let parts = granted(&endpoint, GIB, PartIntegrity::Sha256);
    for intent in [Intent::Put, Intent::Post] {
        assert_eq!(refused_intent(&endpoint, &parts, intent), code(Reason::TransportRefused));
    }
    let mut form = file("a.png");
    form.transport = Some(Transport::Post);
    for file in [file("a.png"), form] {
        let token = create(&endpoint, "anna", file).unwrap().grant.token;
        for intent in
            [Intent::Create, part(1), complete(vec![uploaded()]), Intent::List(ListIntent { after: 0 })]
        {
            assert_eq!(refused_intent(&endpoint, &token, intent), code(Reason::TransportRefused));
        }
    }
}

#[test]
fn parts_of_an_upload_without_a_name_are_refused() {
    let endpoint = endpoint(rules());
    let token = granted(&endpoint, MIB, PartIntegrity::Sha256);
    let long = "x".repeat(1025);
    let odd = ["", "a\nb", "ü", "a b", "..", "../../../bob/x", "a/./b", "a\\..\\b", long.as_str()];
    for upload_id in odd.map(Some).into_iter().chain([None]) {
        for intent in [part(1), complete(vec![uploaded()]), Intent::List(ListIntent { after: 0 })] {
            let refused = sign_request(&endpoint, now(), "anna", (&token, upload_id), &[intent]);
            let error = refused.expect_err("was signed");
            assert_eq!((error.code, error.status), code(Reason::MalformedRequest), "{upload_id:?}");
        }
    }
    let cunning = "x&partNumber=2/bob/a?uploads#%2e..+=";
    let signed = sign_request(&endpoint, now(), "anna", (&token, Some(cunning)), &[part(1)]).unwrap();
    let url = &signed.requests[0].url;
    assert!(
        url.ends_with("?partNumber=1&uploadId=x%26partNumber%3D2%2Fbob%2Fa%3Fuploads%23%252e..%2B%3D"),
        "{url}"
    );
}

#[test]
fn another_user_and_a_later_day_sign_no_part() {
    let endpoint = endpoint(rules());
    let token = granted(&endpoint, MIB, PartIntegrity::Sha256);
    let at = |moment, who| {
        let refused = sign_request(&endpoint, moment, who, (&token, Some("x")), &[part(1)]);
        refused.map(drop).map_err(|error| (error.code, error.status))
    };
    assert_eq!(at(now(), "bob"), Err(code(Reason::GrantOfAnotherUser)));
    assert_eq!(at(now().plus_seconds(3_599), "anna"), Ok(()));
    assert_eq!(at(now().plus_seconds(3_600), "anna"), Err(code(Reason::GrantExpired)));
    let bob = user("bob");
    let item = protocol::DeleteItem::Token { token, upload_id: Some("x".to_owned()) };
    let refused = endpoint.begin_delete(&Context { now: now(), user: &bob }, &item).expect_err("was begun");
    assert_eq!(refused.reason(), Reason::GrantOfAnotherUser);
}

#[test]
fn members_that_an_intent_does_not_have_are_refused() {
    for intent in [
        r#"{"op":"create","size":1}"#,
        r#"{"op":"part","number":1,"length":5}"#,
        r#"{"op":"part"}"#,
        r#"{"op":"complete"}"#,
        r#"{"op":"complete","parts":[{"etag":"a","number":2}]}"#,
        r#"{"op":"complete","parts":[{}]}"#,
        r#"{"op":"list"}"#,
        r#"{"op":"list","after":0,"max":5}"#,
        r#"{"op":"renew","grant":1}"#,
    ] {
        let call = format!(r#"{{"requests":[{{"token":"t","uploadId":"u","intents":[{intent}]}}]}}"#);
        assert!(protocol::parse::<SignRequests>(call.as_bytes()).is_err(), "{intent}");
    }
    for item in
        [r#"{"token":"t","receipt":"r"}"#, r#"{"receipt":"r","uploadId":"u"}"#, r#"{"uploadId":"u"}"#, "{}"]
    {
        let call = format!(r#"{{"uploads":[{item}]}}"#);
        assert!(protocol::parse::<protocol::DeleteUploads>(call.as_bytes()).is_err(), "{item}");
    }
}
