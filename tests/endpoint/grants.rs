//! What a grant comes with: requests that S3 takes for this object alone.

use sealift::endpoint::protocol::{AnsweredIntent, Intent, Plan, Transport};
use sealift::endpoint::{Integrity, Rules, SigningEndpoint};
use sealift::s3::metadata::decode_value;
use sealift::s3::{AddressingStyle, Endpoint};

use crate::support::*;

#[test]
fn a_put_is_signed_with_everything_that_matters() {
    let endpoint = endpoint(rules());
    let mut file = file("Ürlaub 1.png");
    file.metadata.insert("ticket".to_owned(), "42".to_owned());
    file.metadata.insert("author".to_owned(), "Jürgen".to_owned());
    let upload = create(&endpoint, "anna", file).unwrap();
    let request = &upload.requests[0];
    assert_eq!(upload.grant.plan, Plan::Put);
    assert_eq!(upload.grant.expires, "2026-01-01T13:00:00Z");
    assert_eq!(request.method, "PUT");
    assert_eq!(request.expires, "2026-01-01T12:15:00Z");
    assert_eq!(
        request.intent,
        AnsweredIntent::Put { sha256: Some(SHA256_OF_ABC.to_owned()), crc64nvme: None }
    );
    let key = &upload.grant.key;
    let uuid = key.strip_prefix("uploads/anna/").unwrap().strip_suffix("/Ürlaub 1.png").unwrap();
    assert_eq!(uuid.len(), 36);
    assert_eq!(
        request.url,
        format!("https://s3.example.com/attachments/uploads/anna/{uuid}/%C3%9Crlaub%201.png")
    );
    for (name, value) in [
        ("x-amz-content-sha256", SHA256_OF_ABC),
        ("x-amz-checksum-sha256", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
        ("content-type", "image/png"),
        ("content-disposition", "inline; filename=\"_rlaub 1.png\"; filename*=UTF-8''%C3%9Crlaub%201.png"),
        ("if-none-match", "*"),
        ("x-amz-date", NOW),
        ("x-amz-meta-ticket", "42"),
    ] {
        assert_eq!(header(request, name), Some(value), "{name}");
    }
    assert_eq!(decode_value(header(request, "x-amz-meta-author").unwrap()), "Jürgen");
    let signed = signed_headers(request);
    for name in [
        "host",
        "content-length",
        "content-type",
        "if-none-match",
        "x-amz-content-sha256",
        "x-amz-checksum-sha256",
        "x-amz-meta-author",
        "content-disposition",
    ] {
        assert!(signed.contains(&name.to_owned()), "{name} is not signed");
    }
    // The browser sets these two itself.
    assert!(header(request, "host").is_none() && header(request, "content-length").is_none());
}

#[test]
fn a_form_binds_every_field_to_one_value() {
    let endpoint = endpoint(rules());
    let mut file = file("a.png");
    file.transport = Some(Transport::Post);
    file.metadata.insert("ticket".to_owned(), "42".to_owned());
    let upload = create(&endpoint, "anna", file).unwrap();
    let request = &upload.requests[0];
    assert_eq!((upload.grant.plan, request.method.as_str()), (Plan::Post, "POST"));
    assert_eq!(request.url, "https://s3.example.com/attachments");
    assert!(request.headers.is_empty());
    let policy = policy(&request.fields);
    assert_eq!(policy["expiration"], "2026-01-01T12:15:00Z");
    assert_eq!(request.expires, "2026-01-01T12:15:00Z");
    let conditions = policy["conditions"].as_array().unwrap();
    assert!(conditions.contains(&serde_json::json!(["content-length-range", 3, 3])));
    assert!(conditions.contains(&serde_json::json!({"bucket": "attachments"})));
    for (name, value) in &request.fields {
        if name != "policy" && name != "x-amz-signature" {
            assert!(conditions.contains(&serde_json::json!({name: value})), "{name} is not bound");
        }
    }
    assert!(conditions.iter().all(|condition| condition.get(0) != Some(&"starts-with".into())));
    for (name, value) in [
        ("key", upload.grant.key.as_str()),
        ("content-type", "image/png"),
        ("success_action_status", "201"),
        ("x-amz-checksum-sha256", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
        ("x-amz-meta-ticket", "42"),
    ] {
        assert_eq!(field(&request.fields, name), Some(value), "{name}");
    }
}

#[test]
fn a_fresh_signature_for_every_attempt_and_never_another_object() {
    let endpoint = endpoint(rules());
    let upload = create(&endpoint, "anna", file("a.png")).unwrap();
    let later = now().plus_seconds(60);
    let again = sign_at(&endpoint, later, "anna", &upload.grant.token, &[Intent::Put]).unwrap();
    assert_eq!(again.requests[0].url, upload.requests[0].url);
    assert_eq!(header(&again.requests[0], "x-amz-date"), Some("20260101T120100Z"));
    assert_ne!(header(&again.requests[0], "authorization"), header(&upload.requests[0], "authorization"));
    assert_eq!(again.grant, None);
}

#[test]
fn no_signature_outlives_its_grant() {
    let endpoint = endpoint(Rules { grant_lifetime: 60, ..rules() });
    let upload = create(&endpoint, "anna", file("a.png")).unwrap();
    assert_eq!(upload.requests[0].expires, upload.grant.expires);
    // S3 counts 15 minutes from the date: it is dated back.
    assert_eq!(header(&upload.requests[0], "x-amz-date"), Some("20260101T114600Z"));
    let mut post = file("b.png");
    post.transport = Some(Transport::Post);
    let upload = create(&endpoint, "anna", post).unwrap();
    assert_eq!(upload.requests[0].expires, upload.grant.expires);
    assert_eq!(policy(&upload.requests[0].fields)["expiration"], upload.grant.expires.as_str());
}

#[test]
fn a_renewed_grant_is_for_the_same_object_and_ends_with_its_age() {
    let endpoint = endpoint(Rules { grant_lifetime: 3_600, grant_max_age: 5_400, ..rules() });
    let upload = create(&endpoint, "anna", file("a.png")).unwrap();
    let later = now().plus_seconds(4_000);
    let expired = sign_at(&endpoint, later, "anna", &upload.grant.token, &[Intent::Put]).unwrap_err();
    assert_eq!((expired.code.as_str(), expired.status), ("grant_expired", 410));
    let renewed =
        sign_at(&endpoint, later, "anna", &upload.grant.token, &[Intent::Renew, Intent::Put]).unwrap();
    let grant = renewed.grant.unwrap();
    assert_eq!((&grant.key, grant.size), (&upload.grant.key, 3));
    assert_eq!(grant.expires, "2026-01-01T13:30:00Z", "not past the greatest age");
    assert_eq!(renewed.requests.len(), 1);
    assert!(sign_at(&endpoint, later, "anna", &grant.token, &[Intent::Put]).is_ok());
    let too_old = sign_at(&endpoint, now().plus_seconds(5_400), "anna", &grant.token, &[Intent::Renew]);
    assert_eq!(too_old.unwrap_err().code, "grant_expired");
}

#[test]
fn a_rule_that_was_tightened_since_stops_a_renewal() {
    let old = endpoint(rules());
    let upload = create(&old, "anna", file("a.png")).unwrap();
    for tight in [Rules { max_size: 2, ..rules() }, Rules { types: vec!["text/plain".to_owned()], ..rules() }]
    {
        assert!(sign(&endpoint(tight), "anna", &upload.grant.token, &[Intent::Renew]).is_err());
    }
}

#[test]
fn integrity_and_forms_closed_since_stop_a_renewal() {
    let lax = endpoint(Rules { integrity: Integrity::Optional, ..rules() });
    let mut bare = file("a.png");
    bare.sha256 = None;
    let bare = create(&lax, "anna", bare).unwrap().grant.token;
    let mut post = file("a.png");
    post.transport = Some(Transport::Post);
    let post = create(&lax, "anna", post).unwrap().grant.token;
    assert!(sign(&lax, "anna", &bare, &[Intent::Renew]).is_ok());
    assert!(sign(&lax, "anna", &post, &[Intent::Renew]).is_ok());

    let strict = endpoint(Rules { max_post_size: 2, ..rules() });
    let code = |token: &str| sign(&strict, "anna", token, &[Intent::Renew]).expect_err("renewed").code;
    assert_eq!(code(&bare), "integrity_required");
    assert_eq!(code(&post), "transport_refused");
}

#[test]
fn integrity_can_be_optional() {
    let endpoint = endpoint(Rules { integrity: sealift::endpoint::Integrity::Optional, ..rules() });
    let mut file = file("a.png");
    file.sha256 = None;
    let upload = create(&endpoint, "anna", file).unwrap();
    let request = &upload.requests[0];
    assert_eq!(header(request, "x-amz-content-sha256"), Some("UNSIGNED-PAYLOAD"));
    assert_eq!(header(request, "x-amz-checksum-sha256"), None);
    assert!(signed_headers(request).contains(&"content-length".to_owned()));
    assert_eq!(request.intent, AnsweredIntent::Put { sha256: None, crc64nvme: None });
}

#[test]
fn what_runs_scripts_is_stored_to_be_saved() {
    let endpoint = endpoint(rules());
    for content_type in ["text/html", "image/svg+xml", "application/xml", "text/javascript", ""] {
        let mut page = file("a.html");
        page.content_type = content_type.to_owned();
        let upload = create(&endpoint, "anna", page).unwrap();
        let disposition = header(&upload.requests[0], "content-disposition").unwrap();
        assert!(disposition.starts_with("attachment;"), "{content_type}: {disposition}");
    }
}

#[test]
fn names_are_cleaned_in_the_key_and_kept_in_the_disposition() {
    let endpoint = endpoint(rules());
    let upload = create(&endpoint, "anna", file("../a+b c/ü'%\u{202e}.png")).unwrap();
    assert!(upload.grant.key.ends_with("/_a+b c_ü'%_.png"), "{}", upload.grant.key);
    let disposition = header(&upload.requests[0], "content-disposition").unwrap();
    assert!(
        disposition.ends_with("filename*=UTF-8''..%2Fa+b%20c%2F%C3%BC%27%25%E2%80%AE.png"),
        "{disposition}"
    );
}

#[test]
fn a_list_is_granted_and_refused_item_by_item() {
    let endpoint = endpoint(Rules { max_size: 10, types: vec!["image/*".to_owned()], ..rules() });
    let (mut big, mut text) = (file("big.png"), file("a.txt"));
    big.size = 11;
    text.content_type = "text/plain".to_owned();
    let answer = create_many(&endpoint, "anna", vec![file("a.png"), big, file("b.png"), text]);
    let codes: Vec<_> = answer.uploads.into_iter().map(|o| o.into_result().map_err(|e| e.code)).collect();
    let keys: Vec<_> =
        codes.iter().map(|r| r.as_ref().map(|u| u.grant.key.clone()).map_err(String::as_str)).collect();
    assert!(keys[0].is_ok() && keys[2].is_ok() && keys[0] != keys[2]);
    assert_eq!((&keys[1], &keys[3]), (&Err("size_refused"), &Err("type_refused")));
}

#[test]
fn browsers_get_their_own_address_of_s3() {
    let mut config = config(rules());
    config.s3 =
        Endpoint::parse("https://s3.eu-west-1.amazonaws.com", AddressingStyle::VirtualHosted).unwrap();
    let endpoint = SigningEndpoint::new(config).unwrap();
    let upload = create(&endpoint, "anna", file("a.png")).unwrap();
    assert!(
        upload.requests[0].url.starts_with("https://attachments.s3.eu-west-1.amazonaws.com/uploads/anna/")
    );
    let mut post = file("a.png");
    post.transport = Some(Transport::Post);
    assert_eq!(
        create(&endpoint, "anna", post).unwrap().requests[0].url,
        "https://attachments.s3.eu-west-1.amazonaws.com/"
    );
    assert_eq!(
        endpoint.bucket_origin().unwrap().to_string(),
        "https://attachments.s3.eu-west-1.amazonaws.com"
    );
}

#[test]
fn temporary_credentials_bring_their_token() {
    let mut config = config(rules());
    config.credentials =
        sealift::sigv4::Credentials::new("ASIA", "secret", Some("session/token==".to_owned())).unwrap();
    let endpoint = SigningEndpoint::new(config).unwrap();
    let upload = create(&endpoint, "anna", file("a.png")).unwrap();
    assert_eq!(header(&upload.requests[0], "x-amz-security-token"), Some("session/token=="));
    let mut post = file("a.png");
    post.transport = Some(Transport::Post);
    let upload = create(&endpoint, "anna", post).unwrap();
    assert_eq!(field(&upload.requests[0].fields, "x-amz-security-token"), Some("session/token=="));
}

#[test]
fn conditional_writes_can_be_left_out() {
    let endpoint = endpoint(Rules { conditional_writes: false, ..rules() });
    let upload = create(&endpoint, "anna", file("a.png")).unwrap();
    assert_eq!(header(&upload.requests[0], "if-none-match"), None);
}
