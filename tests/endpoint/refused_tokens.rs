//! Safety rules 1 and 2 (`docs/protocol.md`, "What makes it safe"), shown by
//! what is refused: tokens are authentic, lengths are bound. Every test here
//! would fail if the request were signed.

use sealift::Timestamp;
use sealift::endpoint::protocol::{self, DeleteItem, Intent, SignRequests, Transport};
use sealift::endpoint::{Context, Reason, Rules, SigningEndpoint, TokenSecrets};

use crate::support::*;

// Rule 1: the token is authentic, of this user, environment and bucket, and in time.

#[test]
fn a_forged_grant_is_refused() {
    let endpoint = endpoint(rules());
    let token = create(&endpoint, "anna", file("a.png")).unwrap().grant.token;
    for forgery in [
        String::new(),
        ".".to_owned(),
        "a.b".to_owned(),
        token.replace('.', ""),
        format!("{token}A"),
        format!("{token}="),
        format!(" {token}"),
        token.split('.').next().unwrap().to_owned() + ".",
        sealed_by_somebody_else(&token),
    ] {
        assert_eq!(refused_sign(&endpoint, "anna", &forgery), code(Reason::GrantInvalid), "{forgery}");
    }
}

#[test]
fn another_key_is_refused() {
    let endpoint = endpoint(rules());
    let token = create(&endpoint, "anna", file("a.png")).unwrap().grant.token;
    let other = forged(&token, |claims| claims["k"] = "uploads/bob/secret.png".into());
    assert_eq!(refused_sign(&endpoint, "anna", &other), code(Reason::GrantInvalid));
    // Nor can an intent name a key: there is no such member.
    let call =
        format!(r#"{{"requests":[{{"token":"{token}","intents":[{{"op":"put","key":"uploads/bob/a"}}]}}]}}"#);
    let refused = protocol::parse::<SignRequests>(call.as_bytes()).expect_err("was taken");
    assert_eq!(refused.reason(), Reason::MalformedRequest);
    assert!(!refused.message().contains(&token), "no token in a message");
}

#[test]
fn another_bucket_is_refused() {
    let one = endpoint(rules());
    let token = create(&one, "anna", file("a.png")).unwrap().grant.token;
    let other = forged(&token, |claims| claims["b"] = "payroll".into());
    assert_eq!(refused_sign(&one, "anna", &other), code(Reason::GrantInvalid));
    // An authentic grant of the bucket that was configured before.
    let moved = endpoint(Rules { bucket: "payroll".to_owned(), ..rules() });
    assert_eq!(refused_sign(&moved, "anna", &token), code(Reason::GrantInvalid));
}

#[test]
fn another_environment_is_refused() {
    let production = endpoint(rules());
    let mut config = config(rules());
    config.environment = "staging".to_owned();
    let staging = SigningEndpoint::new(config).unwrap();
    let upload = create(&staging, "anna", file("a.png")).unwrap();
    assert_eq!(refused_sign(&production, "anna", &upload.grant.token), code(Reason::GrantInvalid));
    let receipt = receipt(&staging, "anna", &upload.grant.token);
    let refused = production.verify_receipt(now(), &receipt).expect_err("was believed");
    assert_eq!(refused.reason(), Reason::ReceiptInvalid);
}

#[test]
fn another_users_grant_is_refused() {
    let endpoint = endpoint(rules());
    let token = create(&endpoint, "anna", file("a.png")).unwrap().grant.token;
    for other in ["bob", "Anna", "anna ", "anna/", "ann"] {
        assert_eq!(refused_sign(&endpoint, other, &token), code(Reason::GrantOfAnotherUser), "{other}");
        let bob = user(other);
        let context = Context { now: now(), user: &bob };
        let finish = endpoint.begin_finish(&context, &finish_item(&token)).expect_err("was begun");
        assert_eq!(finish.reason(), Reason::GrantOfAnotherUser);
        let delete = endpoint.begin_delete(&context, &by_token(&token)).expect_err("was begun");
        assert_eq!(delete.reason(), Reason::GrantOfAnotherUser);
    }
    let renamed = forged(&token, |claims| claims["u"] = "bob".into());
    assert_eq!(refused_sign(&endpoint, "bob", &renamed), code(Reason::GrantInvalid));
}

#[test]
fn another_users_receipt_is_refused() {
    let endpoint = endpoint(rules());
    let token = create(&endpoint, "anna", file("a.png")).unwrap().grant.token;
    let receipt = receipt(&endpoint, "anna", &token);
    let bob = user("bob");
    let context = Context { now: now(), user: &bob };
    let delete = endpoint
        .begin_delete(&context, &DeleteItem::Receipt { receipt: receipt.clone() })
        .expect_err("was begun");
    assert_eq!(delete.reason(), Reason::ReceiptOfAnotherUser);
    let verified = endpoint.verify_receipt_of_user(&context, &receipt).expect_err("was believed");
    assert_eq!(verified.reason(), Reason::ReceiptOfAnotherUser);
}

#[test]
fn a_token_of_one_kind_is_none_of_another() {
    let endpoint = endpoint(rules());
    let token = create(&endpoint, "anna", file("a.png")).unwrap().grant.token;
    let receipt = receipt(&endpoint, "anna", &token);
    assert_eq!(refused_sign(&endpoint, "anna", &receipt), code(Reason::GrantInvalid));
    assert_eq!(endpoint.verify_receipt(now(), &token).unwrap_err().reason(), Reason::ReceiptInvalid);
    assert_eq!(endpoint.begin_form_finish(now(), &token).unwrap_err().reason(), Reason::GrantInvalid);
}

#[test]
fn an_expired_grant_is_refused_and_one_too_old_even_to_finish() {
    let endpoint = endpoint(rules());
    let token = create(&endpoint, "anna", file("a.png")).unwrap().grant.token;
    let at = |moment: Timestamp| {
        sign_at(&endpoint, moment, "anna", &token, &[Intent::Put]).map_err(|e| (e.code, e.status))
    };
    assert!(at(now().plus_seconds(3_599)).is_ok());
    assert_eq!(at(now().plus_seconds(3_600)), Err(code(Reason::GrantExpired)));
    let prolonged = forged(&token, |claims| claims["x"] = i64::MAX.into());
    assert_eq!(refused_sign(&endpoint, "anna", &prolonged), code(Reason::GrantInvalid));
    let anna = user("anna");
    let begin = |moment| {
        endpoint.begin_finish(&Context { now: moment, user: &anna }, &finish_item(&token)).map(|_| ())
    };
    assert_eq!(begin(now().plus_seconds(604_799)), Ok(()), "finishing writes nothing");
    assert_eq!(begin(now().plus_seconds(604_800)).unwrap_err().reason(), Reason::GrantExpired);
}

#[test]
fn a_secret_taken_away_takes_its_tokens_along() {
    let with = |secrets: &[[u8; 32]]| {
        let mut config = config(rules());
        config.secrets = TokenSecrets::new(secrets).unwrap();
        SigningEndpoint::new(config).unwrap()
    };
    let token = create(&with(&[[1; 32]]), "anna", file("a.png")).unwrap().grant.token;
    assert!(sign(&with(&[[2; 32], [1; 32]]), "anna", &token, &[Intent::Put]).is_ok());
    assert_eq!(refused_sign(&with(&[[2; 32]]), "anna", &token), code(Reason::GrantInvalid));
}

// Rule 2: the length is bound.

#[test]
fn an_oversized_file_is_refused_when_declared() {
    let endpoint = endpoint(Rules { min_size: 2, max_size: 10, ..rules() });
    for size in [0, 1, 11, u64::MAX] {
        let mut file = file("a.png");
        file.size = size;
        let error = refused(&endpoint, file);
        assert_eq!((error.code, error.status), code(Reason::SizeRefused), "{size}");
    }
    for size in ["-1", "3.5", "1e30", "\"3\"", "null"] {
        let call = format!(r#"{{"files":[{{"name":"a","size":{size}}}]}}"#);
        assert!(protocol::parse::<protocol::CreateUploads>(call.as_bytes()).is_err(), "{size}");
    }
}

#[test]
fn a_file_longer_than_declared_has_no_valid_signature() {
    let endpoint = endpoint(rules());
    let upload = create(&endpoint, "anna", file("a.png")).unwrap();
    let request = &upload.requests[0];
    assert!(signed_headers(request).contains(&"content-length".to_owned()));
    // What S3 computes for the length that really came, as it checks the signature.
    assert_eq!(signature_for_length(request, 3), signature(request));
    assert_ne!(signature_for_length(request, 4), signature(request));
    let mut post = file("a.png");
    post.transport = Some(Transport::Post);
    let upload = create(&endpoint, "anna", post).unwrap();
    let policy = policy(&upload.requests[0].fields);
    let range =
        policy["conditions"].as_array().unwrap().iter().find(|c| c[0] == "content-length-range").unwrap();
    assert_eq!((&range[1], &range[2]), (&3.into(), &3.into()));
}

#[test]
fn a_size_changed_in_the_token_is_refused() {
    let endpoint = endpoint(rules());
    let token = create(&endpoint, "anna", file("a.png")).unwrap().grant.token;
    let bigger = forged(&token, |claims| claims["s"] = 1_000_000.into());
    assert_eq!(refused_sign(&endpoint, "anna", &bigger), code(Reason::GrantInvalid));
}

#[test]
fn a_form_larger_than_forms_may_be_is_refused() {
    let endpoint = endpoint(Rules { max_post_size: 2, ..rules() });
    let mut post = file("a.png");
    post.transport = Some(Transport::Post);
    assert_eq!(refused(&endpoint, post).code, "transport_refused");
}
