//! What is signed and sent for an Uppy.

use std::collections::BTreeMap;

use sealift::endpoint::compat::{CompanionPart, CompanionUpload};
use sealift::endpoint::{Context, Reason, Rules};
use sealift::s3::{AddressingStyle, ETag, Endpoint, ListedPart};

use super::{KEY, KEY_OF_BOB};
use crate::support::{endpoint, now, random, rules, user};

fn upload(content_type: &str) -> CompanionUpload {
    CompanionUpload {
        filename: "report.txt".to_owned(),
        content_type: Some(content_type.to_owned()),
        metadata: BTreeMap::from([("name".to_owned(), "report.txt".to_owned())]),
    }
}

fn s3() -> Endpoint {
    Endpoint::parse("http://minio:9000", AddressingStyle::Path).unwrap()
}

#[test]
fn a_form_has_a_key_of_the_user_and_the_sizes_of_the_rules() {
    let (endpoint, anna) = (endpoint(rules()), user("anna"));
    let context = Context { now: now(), user: &anna };
    let form = endpoint.companion_form(&context, &upload("text/plain"), &mut random()).unwrap();
    let key = form.fields.iter().find(|(name, _)| name == "key").map(|(_, key)| key.clone()).unwrap();
    assert!(key.starts_with("uploads/anna/"), "{key}");
    assert!(endpoint.compat_delete(&context, None, &key).is_ok());
    let images = Rules { types: vec!["image/*".to_owned()], ..rules() };
    let refused =
        crate::support::endpoint(images).companion_form(&context, &upload("text/plain"), &mut random());
    assert_eq!(refused.unwrap_err().reason(), Reason::TypeRefused);
}

#[test]
fn another_users_upload_is_not_listed_signed_completed_or_given_up() {
    let (endpoint, anna) = (endpoint(rules()), user("anna"));
    let context = Context { now: now(), user: &anna };
    let own = endpoint.companion_upload(&context, KEY, "the-upload").unwrap();
    let (url, _) = endpoint.companion_part(now(), &own, 7).unwrap();
    assert!(
        url.starts_with(&format!(
            "https://s3.example.com/attachments/{KEY}?partNumber=7&uploadId=the-upload&"
        )),
        "{url}"
    );
    assert!(endpoint.companion_part(now(), &own, 0).is_err());
    assert!(endpoint.companion_part(now(), &own, 10_001).is_err());
    for (key, id, expected) in [
        (KEY_OF_BOB, "the-upload", Reason::KeyRefused),
        ("uploads/anna/x", "the-upload", Reason::KeyRefused),
        (KEY, "", Reason::MalformedRequest),
        (KEY, "../x", Reason::MalformedRequest),
    ] {
        assert_eq!(
            endpoint.companion_upload(&context, key, id).unwrap_err().reason(),
            expected,
            "{key} {id}"
        );
    }
}

fn listed(number: u16, size: u64) -> ListedPart {
    let etag = ETag::parse(&format!("etag-{number}")).unwrap();
    ListedPart { number, size, etag, sha256: None, crc64nvme: None }
}

fn named(number: u16) -> CompanionPart {
    CompanionPart { number, etag: format!("\"etag-{number}\"") }
}

#[test]
fn parts_are_counted_before_they_are_joined() {
    let rules = Rules { max_size: 20, min_size: 2, ..rules() };
    let (endpoint, anna) = (endpoint(rules), user("anna"));
    let upload = endpoint.companion_upload(&Context { now: now(), user: &anna }, KEY, "the-upload").unwrap();
    let complete = |parts: &[CompanionPart], listed: &[ListedPart]| {
        endpoint.companion_complete(&upload, parts, listed, &s3()).map(|(_, body)| body)
    };
    let whole = complete(&[named(2), named(1)], &[listed(1, 10), listed(2, 10)]).unwrap();
    assert!(whole.find("etag-1") < whole.find("etag-2"), "{whole}");
    let other = CompanionPart { etag: "\"other\"".to_owned(), ..named(2) };
    for (parts, there, expected) in [
        (vec![named(1), named(2)], vec![listed(1, 10), listed(2, 11)], Reason::SizeRefused),
        (vec![named(1)], vec![listed(1, 1)], Reason::SizeRefused),
        (vec![named(1), named(2)], vec![listed(1, 10)], Reason::PartRefused),
        (vec![named(1), other], vec![listed(1, 10), listed(2, 10)], Reason::PartRefused),
        (vec![named(1), named(1)], vec![listed(1, 10)], Reason::PartRefused),
        (vec![named(2)], vec![listed(2, 10)], Reason::PartRefused),
        (vec![], vec![listed(1, 10)], Reason::PartRefused),
    ] {
        assert_eq!(complete(&parts, &there).unwrap_err().reason(), expected, "{parts:?} {there:?}");
    }
}

/// The one statement of a session policy: it allows an upload's steps, and names one prefix.
fn resource(policy: &str) -> String {
    let policy: serde_json::Value = serde_json::from_str(policy).unwrap();
    assert_eq!(policy["Version"], "2012-10-17");
    let statements = policy["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 1);
    assert_eq!(statements[0]["Effect"], "Allow");
    let actions = &statements[0]["Action"];
    for action in actions.as_array().unwrap() {
        let allowed = ["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"];
        assert!(allowed.contains(&action.as_str().unwrap()), "{action}");
    }
    statements[0]["Resource"].as_str().unwrap().to_owned()
}

#[test]
fn a_session_is_narrowed_down_to_the_users_prefix() {
    let endpoint = endpoint(rules());
    let mut names = Vec::new();
    for (name, expected) in
        [("anna", "anna"), ("*", "~2A"), ("${aws:x}?", "~24~7Baws~3Ax~7D~3F"), ("a/../b", "a~2F~2E~2E~2Fb")]
    {
        let user = user(name);
        let session = endpoint.companion_session(&Context { now: now(), user: &user }).unwrap();
        assert_eq!(resource(&session.policy), format!("arn:aws:s3:::attachments/uploads/{expected}/*"));
        assert!(
            session.name.len() <= 64 && session.name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        );
        names.push(session.name);
    }
    names.dedup();
    assert_eq!(names.len(), 4, "users have sessions of their own names");
    let long = user(&"ü".repeat(128));
    let session = endpoint.companion_session(&Context { now: now(), user: &long }).unwrap();
    assert!(session.policy.len() <= 2048, "AWS takes no longer one");
}

#[test]
fn rules_under_which_a_prefix_is_not_one_users_have_no_sessions() {
    for (key, fine) in [
        ("uploads/{user}/{uuid}/{filename}", true),
        ("{user}/{date}/{uuid}/{filename}", true),
        ("uploads/{date}/{user}/{uuid}/{filename}", false),
        ("{uuid}/{user}/{filename}", false),
        ("up*/{user}/{uuid}/{filename}", false),
        ("a?/{user}/{uuid}/{filename}", false),
        ("a$b/{user}/{uuid}/{filename}", false),
    ] {
        let endpoint = endpoint(Rules { key: key.to_owned(), ..rules() });
        assert_eq!(endpoint.check_companion_session().is_ok(), fine, "{key}");
        let anna = user("anna");
        let context = Context { now: now(), user: &anna };
        assert_eq!(endpoint.companion_session(&context).is_ok(), fine, "{key}");
    }
}
