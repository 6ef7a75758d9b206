//! Finish, receipts and delete.

use sealift::endpoint::protocol::{
    DeleteItem, FinishItem, FinishedUpload, PartIntegrity, Transport, VerifyReceipts,
};
use sealift::endpoint::{Context, FinishCheck, Integrity, Reason, ReceiptVerifier, Rules, SigningEndpoint};
use sealift::s3::{ETag, HeadObjectOutput, ListedUpload};

use crate::support::*;

fn begin<'a>(endpoint: &'a SigningEndpoint, item: &FinishItem) -> FinishCheck<'a> {
    let anna = user("anna");
    endpoint.begin_finish(&Context { now: now(), user: &anna }, item).unwrap()
}

fn token(endpoint: &SigningEndpoint, transport: Transport) -> String {
    let mut file = file("Ürlaub.png");
    file.transport = Some(transport);
    file.metadata.insert("ticket".to_owned(), "42".to_owned());
    create(endpoint, "anna", file).unwrap().grant.token
}

#[test]
fn an_object_that_arrived_as_granted_gets_its_receipt() {
    let endpoint = endpoint(rules());
    let token = token(&endpoint, Transport::Put);
    let item = FinishItem { token, etag: Some("\"900150983cd24fb0d6963f7d28e17f72\"".to_owned()) };
    let check = begin(&endpoint, &item);
    assert_eq!(check.head().bucket.as_str(), "attachments");
    let key = check.key().as_str().to_owned();
    let head = HeadObjectOutput { version_id: Some("v1".to_owned()), ..stored() };
    let finished = check.conclude(now().plus_seconds(5), Some(&head)).unwrap();
    assert_eq!(
        (finished.key.as_str(), finished.size, finished.content_type.as_str()),
        (key.as_str(), 3, "image/png")
    );
    assert_eq!(
        (finished.etag.as_str(), finished.version_id.as_deref()),
        ("900150983cd24fb0d6963f7d28e17f72", Some("v1"))
    );
    assert_eq!(finished.sha256.as_deref(), Some(SHA256_OF_ABC));
    assert!(finished.url.starts_with("https://s3.example.com/attachments/uploads/anna/"));
    assert!(finished.url.contains("versionId=v1") && finished.url.contains("X-Amz-Expires=900"));
    assert_eq!(finished.url_expires, "2026-01-01T12:15:05Z");

    let receipt = endpoint.verify_receipt(now().plus_seconds(6), &finished.receipt).unwrap();
    assert_eq!((receipt.user.as_str(), receipt.key.as_str()), ("anna", key.as_str()));
    assert_eq!((receipt.name.as_str(), receipt.metadata["ticket"].as_str()), ("Ürlaub.png", "42"));
    assert_eq!(receipt.finished, "2026-01-01T12:00:05Z");
    assert_eq!(receipt.version_id.as_deref(), Some("v1"));
}

#[test]
fn what_has_not_arrived_may_be_asked_for_again() {
    let endpoint = endpoint(rules());
    let check = begin(&endpoint, &finish_item(&token(&endpoint, Transport::Put)));
    let refused = check.conclude(now(), None).unwrap_err();
    assert_eq!((refused.reason(), refused.status(), refused.retryable()), (Reason::NotUploaded, 404, true));
}

#[test]
fn what_is_not_what_was_granted_gets_no_receipt() {
    let endpoint = endpoint(rules());
    let token = token(&endpoint, Transport::Put);
    let differs = |head: HeadObjectOutput| {
        let item =
            FinishItem { token: token.clone(), etag: Some("900150983cd24fb0d6963f7d28e17f72".to_owned()) };
        begin(&endpoint, &item).conclude(now(), Some(&head)).expect_err("got a receipt").reason()
    };
    for head in [
        HeadObjectOutput { size: 4, ..stored() },
        HeadObjectOutput { size: 0, ..stored() },
        HeadObjectOutput { sha256: Some([0; 32]), ..stored() },
        HeadObjectOutput { content_type: Some("text/html".to_owned()), ..stored() },
        HeadObjectOutput { content_type: None, ..stored() },
        HeadObjectOutput { etag: ETag::parse("another").unwrap(), ..stored() },
        HeadObjectOutput { content_encoding: Some("gzip".to_owned()), ..stored() },
    ] {
        assert_eq!(differs(head.clone()), Reason::ObjectDiffers, "{head:?}");
    }
    let anna = user("anna");
    let item = FinishItem { token, etag: Some("a b".to_owned()) };
    let refused = endpoint.begin_finish(&Context { now: now(), user: &anna }, &item).unwrap_err();
    assert_eq!(refused.reason(), Reason::MalformedRequest);
}

#[test]
fn where_s3_keeps_no_checksum_a_put_is_certain_and_a_form_is_not() {
    let bare = HeadObjectOutput { sha256: None, ..stored() };
    let strict = endpoint(rules());
    let finished =
        begin(&strict, &finish_item(&token(&strict, Transport::Put))).conclude(now(), Some(&bare)).unwrap();
    assert_eq!(finished.sha256.as_deref(), Some(SHA256_OF_ABC), "its payload hash was signed");
    let refused = begin(&strict, &finish_item(&token(&strict, Transport::Post)))
        .conclude(now(), Some(&bare))
        .unwrap_err();
    assert_eq!(refused.reason(), Reason::IntegrityUnverified);
    let lax = endpoint(Rules { integrity: Integrity::Optional, ..rules() });
    let finished =
        begin(&lax, &finish_item(&token(&lax, Transport::Post))).conclude(now(), Some(&bare)).unwrap();
    assert_eq!(finished.sha256, None, "nothing is claimed that is not known");
}

#[test]
fn under_a_guessable_key_another_grants_bytes_are_not_taken_for_this_ones() {
    // Two grants for one name have one key; what lies there may be the other one's.
    let guessable = Rules { key: "{user}/{filename}".to_owned(), allow_guessable_keys: true, ..rules() };
    let bare = HeadObjectOutput { sha256: None, ..stored() };
    let strict = endpoint(guessable.clone());
    let refused = begin(&strict, &finish_item(&token(&strict, Transport::Put)))
        .conclude(now(), Some(&bare))
        .unwrap_err();
    assert_eq!(refused.reason(), Reason::IntegrityUnverified);
    let lax = endpoint(Rules { integrity: Integrity::Optional, ..guessable });
    // Rules that ask for no integrity take no strangers for it: a page that S3 answered 412 has no ETag.
    let item = FinishItem { etag: None, ..finish_item(&token(&lax, Transport::Put)) };
    let refused = begin(&lax, &item).conclude(now(), Some(&bare)).unwrap_err();
    assert_eq!(refused.reason(), Reason::IntegrityUnverified);
    let item = FinishItem { etag: Some(bare.etag.quoted()), ..item };
    let finished = begin(&lax, &item).conclude(now(), Some(&bare)).unwrap();
    assert_eq!(finished.sha256, None);
}

const COMPOSITE: &str = "+z8aio+vltqPoDCq0GCrwhCbggfP2zWGzyMnJNoRFf8=-1";

/// An object of parts, without any checksum.
fn of_parts() -> HeadObjectOutput {
    HeadObjectOutput { size: MIB, sha256: None, ..stored() }
}

fn finish_parts(
    endpoint: &SigningEndpoint,
    integrity: PartIntegrity,
    head: &HeadObjectOutput,
) -> Result<FinishedUpload, Reason> {
    let token = create(endpoint, "anna", in_parts(MIB, integrity)).unwrap().grant.token;
    begin(endpoint, &finish_item(&token)).conclude(now(), Some(head)).map_err(|refusal| refusal.reason())
}

#[test]
fn what_s3_knows_of_an_object_of_parts_is_said_and_stands_in_the_receipt() {
    let endpoint = endpoint(rules());
    let head = HeadObjectOutput {
        composite_sha256: Some(COMPOSITE.to_owned()),
        crc64nvme: Some(0x0102_0304_0506_0708),
        // Some servers call the composite that of the object; it is not.
        sha256: Some([7; 32]),
        ..of_parts()
    };
    let finished = finish_parts(&endpoint, PartIntegrity::Sha256, &head).unwrap();
    assert_eq!(finished.sha256, None);
    assert_eq!(finished.composite_sha256.as_deref(), Some(COMPOSITE));
    assert_eq!(finished.crc64nvme.as_deref(), Some("AQIDBAUGBwg="));
    let receipt = endpoint.verify_receipt(now(), &finished.receipt).unwrap();
    assert_eq!((receipt.sha256, receipt.composite_sha256), (None, finished.composite_sha256));
    assert_eq!(receipt.crc64nvme, finished.crc64nvme);
}

#[test]
fn an_object_of_other_parts_gets_no_receipt() {
    let endpoint = endpoint(rules());
    let composite = COMPOSITE.replace("-1", "-2");
    for head in [
        HeadObjectOutput { composite_sha256: Some(composite), ..of_parts() },
        HeadObjectOutput { size: MIB + 1, ..of_parts() },
    ] {
        let refused = finish_parts(&endpoint, PartIntegrity::Sha256, &head);
        assert_eq!(refused.unwrap_err(), Reason::ObjectDiffers, "{head:?}");
    }
}

#[test]
fn where_s3_keeps_no_checksum_parts_with_a_sha256_are_certain_and_those_with_a_crc_are_not() {
    let strict = endpoint(rules());
    for integrity in [PartIntegrity::Sha256, PartIntegrity::Both] {
        let finished = finish_parts(&strict, integrity, &of_parts()).unwrap();
        assert_eq!((finished.sha256, finished.composite_sha256, finished.crc64nvme), (None, None, None));
    }
    let unknown = finish_parts(&strict, PartIntegrity::Crc64Nvme, &of_parts());
    assert_eq!(unknown.unwrap_err(), Reason::IntegrityUnverified);
    let kept = HeadObjectOutput { crc64nvme: Some(1), ..of_parts() };
    assert!(finish_parts(&strict, PartIntegrity::Crc64Nvme, &kept).is_ok());
    let lax = endpoint(Rules { integrity: Integrity::Optional, ..rules() });
    for integrity in [PartIntegrity::Crc64Nvme, PartIntegrity::None] {
        let finished = finish_parts(&lax, integrity, &of_parts()).unwrap();
        assert_eq!(finished.crc64nvme, None, "nothing is claimed that is not known");
    }
}

#[test]
fn under_a_guessable_key_the_page_must_be_able_to_tell_whose_parts_they_are() {
    let guessable = Rules { key: "{user}/{filename}".to_owned(), allow_guessable_keys: true, ..rules() };
    let endpoint = endpoint(guessable);
    let unknown = finish_parts(&endpoint, PartIntegrity::Sha256, &of_parts());
    assert_eq!(unknown.unwrap_err(), Reason::IntegrityUnverified);
    let told = HeadObjectOutput { composite_sha256: Some(COMPOSITE.to_owned()), ..of_parts() };
    assert!(finish_parts(&endpoint, PartIntegrity::Sha256, &told).is_ok());
    let token = create(&endpoint, "anna", in_parts(MIB, PartIntegrity::Sha256)).unwrap().grant.token;
    let item = FinishItem { token, etag: Some(of_parts().etag.to_string()) };
    assert!(begin(&endpoint, &item).conclude(now(), Some(&of_parts())).is_ok());
}

#[test]
fn a_crc_of_the_whole_is_compared_and_must_be_kept() {
    let strict = endpoint(rules());
    let finish = |endpoint: &SigningEndpoint, sha256: bool, transport, head: &HeadObjectOutput| {
        let mut file = file("a.png");
        file.sha256 = file.sha256.filter(|_| sha256);
        file.crc64nvme = Some(CRC64NVME_OF_ABC.to_owned());
        file.transport = Some(transport);
        let token = create(endpoint, "anna", file).unwrap().grant.token;
        let finished = begin(endpoint, &finish_item(&token)).conclude(now(), Some(head));
        finished.map(|finished| (finished.sha256.is_some(), finished.crc64nvme)).map_err(|r| r.reason())
    };
    let crc = sealift::s3::checksum::crc64nvme_from_base64(CRC64NVME_OF_ABC);
    let bare = HeadObjectOutput { sha256: None, ..stored() };
    let kept = HeadObjectOutput { crc64nvme: crc, ..bare.clone() };
    let other = HeadObjectOutput { crc64nvme: Some(1), ..bare.clone() };
    let said = Some(CRC64NVME_OF_ABC.to_owned());
    for transport in [Transport::Put, Transport::Post] {
        assert_eq!(finish(&strict, false, transport, &kept), Ok((false, said.clone())));
        assert_eq!(finish(&strict, false, transport, &other), Err(Reason::ObjectDiffers));
        assert_eq!(finish(&strict, false, transport, &bare), Err(Reason::IntegrityUnverified));
        assert_eq!(finish(&strict, true, transport, &other), Err(Reason::ObjectDiffers));
    }
    // Of a PUT with both the SHA-256 was its payload hash, of a form neither is known.
    assert_eq!(finish(&strict, true, Transport::Put, &bare), Ok((true, None)));
    assert_eq!(finish(&strict, true, Transport::Put, &kept), Ok((true, said.clone())));
    assert_eq!(finish(&strict, true, Transport::Post, &bare), Err(Reason::IntegrityUnverified));
    assert_eq!(finish(&strict, true, Transport::Post, &kept), Ok((false, said.clone())));
    // Under a guessable key the CRC is certain, whose SHA-256 it was is not.
    let guessable = Rules { key: "{user}/{filename}".to_owned(), allow_guessable_keys: true, ..rules() };
    assert_eq!(finish(&endpoint(guessable), true, Transport::Put, &kept), Ok((false, said)));
    let lax = endpoint(Rules { integrity: Integrity::Optional, ..rules() });
    assert_eq!(finish(&lax, false, Transport::Post, &bare), Ok((false, None)));
}

#[test]
fn an_upload_that_is_given_up_is_looked_for_at_its_key_alone() {
    let endpoint = endpoint(rules());
    let anna = user("anna");
    let context = Context { now: now(), user: &anna };
    let token = create(&endpoint, "anna", in_parts(MIB, PartIntegrity::Sha256)).unwrap().grant.token;
    let named = DeleteItem::Token { token: token.clone(), upload_id: Some("abc".to_owned()) };
    let target = endpoint.begin_delete(&context, &named).unwrap();
    assert_eq!(target.named(), Some("abc"));
    assert_eq!(target.abort("abc").key, target.key());
    let list = target.list(None).unwrap();
    assert_eq!((list.prefix, list.bucket.as_str()), (Some(target.key().as_str()), "attachments"));
    let listed = |key: String| ListedUpload { key, upload_id: "x".to_owned(), initiated: None };
    assert!(target.owns(&listed(target.key().as_str().to_owned())));
    assert!(!target.owns(&listed(format!("{}2", target.key()))), "S3 lists all that begin with it");
    for odd in ["", "../../bob/x"] {
        let item = DeleteItem::Token { token: token.clone(), upload_id: Some(odd.to_owned()) };
        assert_eq!(endpoint.begin_delete(&context, &item).unwrap_err().reason(), Reason::MalformedRequest);
    }
    let put = create(&endpoint, "anna", file("a.png")).unwrap().grant.token;
    assert!(endpoint.begin_delete(&context, &by_token(&put)).unwrap().list(None).is_none());
}

#[test]
fn at_a_guessable_key_a_grant_ends_its_own_upload_and_only_a_receipt_deletes() {
    let guessable = Rules { key: "{user}/{filename}".to_owned(), allow_guessable_keys: true, ..rules() };
    let endpoint = endpoint(guessable);
    let anna = user("anna");
    let context = Context { now: now(), user: &anna };
    let token = create(&endpoint, "anna", in_parts(MIB, PartIntegrity::Sha256)).unwrap().grant.token;
    let named = DeleteItem::Token { token, upload_id: Some("abc".to_owned()) };
    let target = endpoint.begin_delete(&context, &named).unwrap();
    assert_eq!(target.named(), Some("abc"));
    assert!(target.list(None).is_none() && target.request().is_none());

    let put = create(&endpoint, "anna", file("a.png")).unwrap().grant.token;
    assert!(endpoint.begin_delete(&context, &by_token(&put)).unwrap().request().is_none());
    let receipt = begin(&endpoint, &finish_item(&put)).conclude(now(), Some(&stored())).unwrap().receipt;
    assert!(endpoint.begin_delete(&context, &DeleteItem::Receipt { receipt }).unwrap().request().is_some());
}

#[test]
fn receipts_are_verified_offline_and_by_a_call() {
    let endpoint = endpoint(rules());
    let finished = begin(&endpoint, &finish_item(&token(&endpoint, Transport::Put)))
        .conclude(now(), Some(&stored()))
        .unwrap();
    let verifier = ReceiptVerifier::new(config(rules()).secrets, "production");
    let end = now().plus_seconds(604_800);
    assert_eq!(verifier.verify(now(), "anna", &finished.receipt).unwrap().key, finished.key);
    let reason = |result: Result<_, sealift::endpoint::Refusal>| {
        result.map(|_: sealift::endpoint::protocol::VerifiedReceipt| ()).unwrap_err().reason()
    };
    assert_eq!(reason(verifier.verify(now(), "bob", &finished.receipt)), Reason::ReceiptOfAnotherUser);
    assert_eq!(reason(verifier.verify(end, "anna", &finished.receipt)), Reason::ReceiptExpired);
    let staging = ReceiptVerifier::new(config(rules()).secrets, "staging");
    assert_eq!(reason(staging.verify(now(), "anna", &finished.receipt)), Reason::ReceiptInvalid);
    let forgery = forged(&finished.receipt, |claims| claims["k"] = "uploads/bob/x".into());
    assert_eq!(reason(verifier.verify(now(), "anna", &forgery)), Reason::ReceiptInvalid);

    let call = |user: Option<&str>| VerifyReceipts {
        receipts: vec![finished.receipt.clone(), forgery.clone()],
        user: user.map(str::to_owned),
    };
    let codes = |user| -> Vec<_> {
        let answer = endpoint.verify_receipts(now(), &call(user)).unwrap();
        answer.results.into_iter().map(|o| o.into_result().map(|r| r.user).map_err(|e| e.code)).collect()
    };
    let (anna, invalid) = (Ok("anna".to_owned()), Err("receipt_invalid".to_owned()));
    assert_eq!(codes(None), [anna.clone(), invalid.clone()]);
    assert_eq!(codes(Some("anna")), [anna, invalid.clone()]);
    assert_eq!(codes(Some("bob")), [Err("receipt_of_another_user".to_owned()), invalid]);
}

#[test]
fn the_owner_deletes_by_grant_or_receipt() {
    let endpoint = endpoint(rules());
    let token = token(&endpoint, Transport::Put);
    let finished = begin(&endpoint, &finish_item(&token)).conclude(now(), Some(&stored())).unwrap();
    let anna = user("anna");
    let late = Context { now: now().plus_seconds(7_200), user: &anna };
    for item in [by_token(&token), DeleteItem::Receipt { receipt: finished.receipt.clone() }] {
        let target = endpoint.begin_delete(&late, &item).unwrap();
        assert_eq!((target.bucket().as_str(), target.key().as_str()), ("attachments", finished.key.as_str()));
        assert_eq!(target.request().unwrap().version_id, None);
    }
    let far = Context { now: now().plus_seconds(604_800), user: &anna };
    let refused =
        endpoint.begin_delete(&far, &DeleteItem::Receipt { receipt: finished.receipt }).unwrap_err();
    assert_eq!(refused.reason(), Reason::ReceiptExpired);
}

#[test]
fn a_receipt_shows_its_object_again() {
    let endpoint = endpoint(rules());
    let finished = begin(&endpoint, &finish_item(&token(&endpoint, Transport::Put)))
        .conclude(now(), Some(&stored()))
        .unwrap();
    let anna = user("anna");
    let context = Context { now: now(), user: &anna };
    let receipt = endpoint.verify_receipt_of_user(&context, &finished.receipt).unwrap();
    assert_eq!(endpoint.view_url(now(), &receipt).unwrap(), finished.url);
}

/// What `docs/protocol.md` says of the form of receipts, done by hand: an app
/// in any language can verify them.
#[test]
fn a_receipt_is_what_the_specification_says() {
    use base64::Engine as _;
    use hmac::{Hmac, KeyInit, Mac};
    let mac = |key: &[u8], text: &[u8]| {
        let mac = <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(key).unwrap();
        mac.chain_update(text).finalize().into_bytes()
    };
    let endpoint = endpoint(rules());
    let finished = begin(&endpoint, &finish_item(&token(&endpoint, Transport::Put)))
        .conclude(now(), Some(&stored()))
        .unwrap();
    let (text, given) = finished.receipt.split_once('.').unwrap();
    let key = mac(&[7; 32], b"sealift token v1 receipt");
    let expected = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(mac(&key, text.as_bytes()));
    assert_eq!(given, expected);
    let claims = payload(&finished.receipt);
    let expected = serde_json::json!({
        "u": "anna", "e": "production", "b": "attachments", "k": finished.key, "n": "Ürlaub.png", "s": 3,
        "t": "image/png", "g": "900150983cd24fb0d6963f7d28e17f72",
        "h": "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", "m": {"ticket": "42"},
        "i": 1_767_268_800, "x": 1_767_873_600,
    });
    assert_eq!(claims, expected);
}
