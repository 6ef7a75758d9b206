//! Safety rules 3 to 7 (`docs/protocol.md`, "What makes it safe"), shown by
//! what is refused. Every test here would fail if the request were signed.

use sealift::endpoint::protocol::{self, Intent, SignRequests, Transport};
use sealift::endpoint::{Context, Reason, Rules};

use crate::support::*;

// Rule 3: keys.

#[test]
fn user_names_with_slashes_dots_and_unicode_stay_in_their_own_segment() {
    let endpoint = endpoint(rules());
    for who in [
        "a/b",
        "../bob",
        "..",
        ".",
        "bob/",
        "bob/../anna",
        "bob\\anna",
        "bob%2Fanna",
        "büb",
        "bob~2Fanna",
        "Bob",
        "bo b",
    ] {
        let key = create(&endpoint, who, file("x.png")).unwrap().grant.key;
        let segments: Vec<_> = key.split('/').collect();
        assert_eq!(segments.len(), 4, "{who}: {key}");
        assert_eq!((segments[0], segments[3]), ("uploads", "x.png"), "{who}: {key}");
        assert!(!key.starts_with("uploads/bob/") && !key.starts_with("uploads/anna/"), "{who}: {key}");
        assert!(
            segments.iter().all(|segment| !segment.is_empty() && *segment != "." && *segment != ".."),
            "{key}"
        );
    }
    assert!(create(&endpoint, "bob", file("x.png")).unwrap().grant.key.starts_with("uploads/bob/"));
    let segment = |who: &str| {
        create(&endpoint, who, file("x.png")).unwrap().grant.key.split('/').nth(1).unwrap().to_owned()
    };
    for (one, other) in [("a/b", "a~2Fb"), ("a.b", "a~2Eb"), ("Anna", "anna"), ("ü", "u\u{308}"), ("a", "a ")]
    {
        assert_ne!(segment(one), segment(other), "{one} {other}");
    }
}

#[test]
fn a_path_with_dot_segments_or_backslashes_is_never_signed() {
    let endpoint = endpoint(Rules { key: "{user}/{uuid}/{filename}".to_owned(), ..rules() });
    for name in [
        "..",
        ".",
        "../../bob/x.png",
        "a/../../x",
        "..\\..\\x",
        "%2e%2e/x",
        "....//x",
        "./.",
        " .. ",
        "\u{2024}./x",
    ] {
        let upload = create(&endpoint, "anna", file(name)).unwrap();
        let key = upload.grant.key;
        assert_eq!(key.split('/').count(), 3, "{name}: {key}");
        assert!(key.starts_with("anna/"), "{name}: {key}");
        assert!(!key.contains('\\') && !key.split('/').any(|s| s == "." || s == ".."), "{name}: {key}");
        let url = &upload.requests[0].url;
        assert!(
            !url.contains("/../") && !url.contains("/./") && !url.ends_with("/..") && !url.contains("%2e"),
            "{url}"
        );
    }
}

#[test]
fn a_literal_filename_variable_is_refused() {
    let endpoint = endpoint(rules());
    for name in ["${filename}", "a-${filename}.png"] {
        for transport in [Transport::Put, Transport::Post] {
            let mut file = file(name);
            file.transport = Some(transport);
            assert_eq!(refused(&endpoint, file).code, "key_refused", "{name}");
        }
    }
    // The name travels in a field of its own too, whatever the key is made of.
    let nameless = crate::support::endpoint(Rules { key: "{user}/{uuid}".to_owned(), ..rules() });
    assert_eq!(refused(&nameless, file("${filename}")).code, "key_refused");
    let mut file = file("a.png");
    file.metadata.insert("title".to_owned(), "${filename}".to_owned());
    assert_eq!(refused(&endpoint, file).code, "metadata_refused");
    let mut file = crate::support::file("a.png");
    file.content_type = "image/png; name=${filename}".to_owned();
    assert_eq!(refused(&endpoint, file).code, "type_refused");
}

#[test]
fn names_that_make_no_key_are_refused() {
    let endpoint = endpoint(rules());
    for name in [String::new(), "a".repeat(1025)] {
        let error = refused(&endpoint, file(&name));
        assert_eq!((error.code, error.status), code(Reason::KeyRefused), "{} bytes", name.len());
    }
    let longest = create(&endpoint, &"/".repeat(256), file(&"ü".repeat(512))).unwrap();
    assert!(longest.grant.key.len() <= 1024);
}

#[test]
fn an_overwrite_after_finish_is_refused_by_what_is_signed() {
    let one = endpoint(rules());
    let upload = create(&one, "anna", file("a.png")).unwrap();
    let request = &upload.requests[0];
    // By S3, because every PUT is signed to store only where nothing is.
    assert_eq!(header(request, "if-none-match"), Some("*"));
    assert!(signed_headers(request).contains(&"if-none-match".to_owned()));
    // By finish and by the app, because the receipt names the very object.
    let receipt = receipt(&one, "anna", &upload.grant.token);
    let verified = one.verify_receipt(now(), &receipt).unwrap();
    assert_eq!(verified.etag, "900150983cd24fb0d6963f7d28e17f72");
    // By forms only with the same bytes: the checksum is bound.
    let mut post = file("a.png");
    post.transport = Some(Transport::Post);
    let upload = create(&one, "anna", post.clone()).unwrap();
    let bound = serde_json::json!({"x-amz-checksum-sha256": "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="});
    assert!(policy(&upload.requests[0].fields)["conditions"].as_array().unwrap().contains(&bound));
    // And not at all where another user's key could be guessed.
    let guessable = Rules { key: "{user}/{filename}".to_owned(), allow_guessable_keys: true, ..rules() };
    let error = refused(&endpoint(guessable), post);
    assert_eq!((error.code, error.status), code(Reason::TransportRefused));
}

// Rule 4: time is the server's.

#[test]
fn nothing_that_a_page_sends_sets_a_date() {
    let endpoint = endpoint(rules());
    let token = create(&endpoint, "anna", file("a.png")).unwrap().grant.token;
    for call in [
        format!(
            r#"{{"requests":[{{"token":"{token}","intents":[{{"op":"put","date":"20991231T000000Z"}}]}}]}}"#
        ),
        format!(
            r#"{{"now":"2099-12-31T00:00:00Z","requests":[{{"token":"{token}","intents":[{{"op":"put"}}]}}]}}"#
        ),
    ] {
        assert!(protocol::parse::<SignRequests>(call.as_bytes()).is_err(), "{call}");
    }
    let signed = sign(&endpoint, "anna", &token, &[Intent::Put]).unwrap();
    assert_eq!(header(&signed.requests[0], "x-amz-date"), Some(NOW));
}

// Rule 6: lists are bounded.

#[test]
fn more_items_than_a_call_may_have_are_refused_as_a_whole() {
    let endpoint = endpoint(Rules { files_per_call: 2, intents_per_call: 3, ..rules() });
    let anna = user("anna");
    let context = Context { now: now(), user: &anna };
    let files = |count| protocol::CreateUploads { files: vec![file("a.png"); count] };
    assert_eq!(endpoint.create_uploads(&context, files(2), &mut random()).unwrap().uploads.len(), 2);
    let refused = endpoint.create_uploads(&context, files(3), &mut random()).expect_err("was signed");
    assert_eq!((refused.reason(), refused.status()), (Reason::TooManyFiles, 413));
    let token = create(&endpoint, "anna", file("a.png")).unwrap().grant.token;
    let call = |requests: usize, intents: usize| {
        let request = protocol::SignRequest {
            token: token.clone(),
            upload_id: None,
            intents: vec![Intent::Put; intents],
        };
        endpoint
            .sign(&context, SignRequests { requests: vec![request; requests] })
            .map_err(|refusal| refusal.reason())
    };
    assert!(call(1, 3).is_ok());
    assert_eq!(call(3, 1), Err(Reason::TooManyFiles));
    assert_eq!(call(2, 2), Err(Reason::TooManyFiles));
    assert_eq!(endpoint.check_count(3).unwrap_err().reason(), Reason::TooManyFiles);
    let receipts = protocol::VerifyReceipts { receipts: vec![String::new(); 3], user: None };
    assert_eq!(endpoint.verify_receipts(now(), &receipts).unwrap_err().reason(), Reason::TooManyFiles);
}

// Rule 7: the endpoint signs what it wrote itself.

#[test]
fn an_unknown_operation_is_refused() {
    let endpoint = endpoint(rules());
    let token = create(&endpoint, "anna", file("a.png")).unwrap().grant.token;
    for operation in ["get", "delete", "PUT", "", "abort", "listParts", "sign-string", "put "] {
        let call = format!(
            r#"{{"requests":[{{"token":"{token}","intents":[{{"op":"put"}},{{"op":{operation:?},"stringToSign":"x"}}]}}]}}"#
        );
        let call = protocol::parse::<SignRequests>(call.as_bytes()).unwrap();
        let anna = user("anna");
        let mut answer = endpoint.sign(&Context { now: now(), user: &anna }, call).unwrap();
        let error = answer.results.remove(0).into_result().expect_err("was signed");
        assert_eq!((error.code, error.status), code(Reason::UnknownOperation), "{operation}");
    }
    for intents in [r#"[{}]"#, r#"[{"op":7}]"#, r#"["put"]"#, r#"[null]"#, r#"{"op":"put"}"#] {
        let call = format!(r#"{{"requests":[{{"token":"t","intents":{intents}}}]}}"#);
        assert!(protocol::parse::<SignRequests>(call.as_bytes()).is_err(), "{intents}");
    }
}

#[test]
fn a_grant_of_one_way_of_sending_signs_no_other() {
    let endpoint = endpoint(rules());
    let put = create(&endpoint, "anna", file("a.png")).unwrap().grant.token;
    let mut post = file("a.png");
    post.transport = Some(Transport::Post);
    let post = create(&endpoint, "anna", post).unwrap().grant.token;
    for (token, intent) in [(put, Intent::Post), (post, Intent::Put)] {
        assert_eq!(sign(&endpoint, "anna", &token, &[intent]).unwrap_err().code, "transport_refused");
    }
}

#[test]
fn the_url_and_headers_are_the_endpoints_own() {
    let endpoint = endpoint(rules());
    for member in [
        r#""url":"https://evil.example""#,
        r#""headers":[["x-amz-acl","public-read"]]"#,
        r#""key":"a""#,
        r#""bucket":"b""#,
    ] {
        let call = format!(r#"{{"files":[{{"name":"a","size":3,{member}}}]}}"#);
        assert!(protocol::parse::<protocol::CreateUploads>(call.as_bytes()).is_err(), "{member}");
    }
    let mut file = file("a.png");
    file.metadata.insert("x\r\nx-amz-acl".to_owned(), "public-read".to_owned());
    assert_eq!(refused(&endpoint, file).code, "metadata_refused");
}

// The rest of the rules.

#[test]
fn types_outside_of_the_rules_are_refused() {
    let endpoint =
        endpoint(Rules { types: vec!["image/*".to_owned(), "application/pdf".to_owned()], ..rules() });
    for content_type in [
        "text/html",
        "",
        "image",
        "image/*",
        "imagex/png",
        "text/html, image/png",
        "text/html;image/png",
        "image/png\r\nx: y",
        "application/pdfx",
    ] {
        let mut file = file("a.png");
        file.content_type = content_type.to_owned();
        let error = refused(&endpoint, file);
        assert_eq!((error.code, error.status), code(Reason::TypeRefused), "{content_type}");
    }
}

#[test]
fn a_file_without_its_checksum_is_refused() {
    let endpoint = endpoint(rules());
    let mut bare = file("a.png");
    bare.sha256 = None;
    let error = refused(&endpoint, bare);
    assert_eq!((error.code, error.status), code(Reason::IntegrityRequired));
    for digest in ["", "abc", &"g".repeat(64), &SHA256_OF_ABC[1..]] {
        let mut wrong = file("a.png");
        wrong.sha256 = Some(digest.to_owned());
        assert_eq!(refused(&endpoint, wrong).code, "malformed_request", "{digest}");
    }
}

#[test]
fn metadata_outside_of_s3s_limits_is_refused() {
    let endpoint = endpoint(rules());
    for (name, value) in [
        ("Ticket", "42"),
        ("a b", "x"),
        ("", "x"),
        ("a", "line\nbreak"),
        ("a", &"x".repeat(2048) as &str),
        ("ü", "x"),
    ] {
        let mut file = file("a.png");
        file.metadata.insert(name.to_owned(), value.to_owned());
        let error = refused(&endpoint, file);
        assert_eq!((error.code, error.status), code(Reason::MetadataRefused), "{name:?}");
    }
}

#[test]
fn a_form_whose_fields_s3_would_not_take_is_refused() {
    let endpoint = endpoint(rules());
    let with_metadata = |bytes: usize| {
        let mut file = file(&"ü".repeat(512));
        file.transport = Some(Transport::Post);
        file.metadata.insert("a".to_owned(), "x".repeat(bytes));
        file
    };
    let granted = create(&endpoint, "anna", with_metadata(1_000)).unwrap();
    let size: usize = granted.requests[0].fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    assert!((10_000..=20 * 1024).contains(&size), "{size}");
    let error = refused(&endpoint, with_metadata(2_000));
    assert_eq!((error.code, error.status), code(Reason::TransportRefused));
}
