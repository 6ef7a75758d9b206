//! POST forms and their policies.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use support::signing::{Signer, form_request, sha256};
use support::{Answer, Folder, Request, Server};

fn stored(server: &Server, key: &str) -> Answer {
    server.send(Signer::new().sign(server, Request::new("GET", format!("/photos/{key}"))))
}

#[test]
fn a_form_stores_its_file_with_the_fields_of_its_policy() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let fields = [
        ("key", "up/../a.txt"),
        ("content-type", "text/plain"),
        ("x-amz-meta-ticket", "42"),
        ("x-amz-checksum-sha256", &sha256(b"hello")),
    ];
    let form = Signer::new().form(&fields, &[r#"["content-length-range", 5, 5]"#], 60);
    let answer = server.send(form_request(&form, "a.txt", b"hello")).expect(204);
    assert_eq!(answer.header("etag"), Some("\"5d41402abc4b2a76b9719d911017c592\""));
    let object = stored(&server, "up/../a.txt").expect(200);
    assert_eq!((object.text().as_str(), object.header("content-type")), ("hello", Some("text/plain")));
    assert_eq!(object.header("x-amz-meta-ticket"), Some("42"));
    for size in [0, 1, 8192] {
        let file = vec![b'\r'; size];
        let form = Signer::new().form(&[("key", "sized")], &[], 60);
        server.send(form_request(&form, "f", &file)).expect(204);
        assert_eq!(stored(&server, "sized").expect(200).body, file);
    }
}

#[test]
fn success_is_told_the_way_the_form_asks() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let send = |name: &str, value: &str| {
        let form = Signer::new().form(&[("key", "a b"), (name, value)], &[], 60);
        server.send(form_request(&form, "f", b"hello"))
    };
    let created = send("success_action_status", "201").expect(201);
    assert_eq!(
        (created.element("Bucket"), created.element("Key")),
        (Some("photos".into()), Some("a b".into()))
    );
    send("success_action_status", "200").expect(200);
    let redirected = send("success_action_redirect", "https://app.example/done?x=1").expect(303);
    assert_eq!(
        redirected.header("location"),
        Some(
            "https://app.example/done?x=1&bucket=photos&key=a%20b&etag=%225d41402abc4b2a76b9719d911017c592%22"
        )
    );
}

#[test]
fn the_policy_binds_every_field_and_the_length() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let signer = Signer::new();
    let exact = r#"["content-length-range", 5, 5]"#;
    let form = || signer.form(&[("key", "k"), ("content-type", "text/plain")], &[exact], 60);
    let change = |name: &str, value: &str| {
        let mut form = form();
        form.iter_mut().find(|(n, _)| n == name).unwrap().1 = value.to_owned();
        server.send(form_request(&form, "f", b"hello"))
    };
    server.send(form_request(&form(), "f", b"hello!")).refused(400, "EntityTooLarge");
    server.send(form_request(&form(), "f", b"hell")).refused(400, "EntityTooSmall");
    let refused = change("key", "other").refused(403, "AccessDenied");
    assert_eq!(
        refused.element("Message").as_deref(),
        Some("Invalid according to Policy: Policy Condition failed: [\"eq\", \"$key\", \"k\"]")
    );
    change("content-type", "text/html").refused(403, "AccessDenied");
    change("x-amz-signature", &"0".repeat(64)).refused(403, "SignatureDoesNotMatch");
    change("x-amz-credential", &format!("AKIDOTHER/{}", signer.scope())).refused(403, "AccessDenied");
    for (name, value) in
        [("x-amz-meta-a", "1"), ("acl", "public-read"), ("x-amz-server-side-encryption", "AES256")]
    {
        let mut form = form();
        form.push((name.to_owned(), value.to_owned()));
        let refused = server.send(form_request(&form, "f", b"hello")).refused(403, "AccessDenied");
        let message = refused.element("Message").unwrap();
        assert_eq!(message, format!("Invalid according to Policy: Extra input fields: {name}"));
    }
    let mut ignored = form();
    ignored.push(("x-ignore-me".to_owned(), "1".to_owned()));
    let other_bucket = signer.form(&[("key", "k")], &[r#"{"bucket":"other"}"#], 60);
    server.send(form_request(&other_bucket, "f", b"hello")).refused(403, "AccessDenied");
    let expired = signer.form(&[("key", "k")], &[], -1);
    let expired = server.send(form_request(&expired, "f", b"hello")).refused(403, "AccessDenied");
    assert_eq!(expired.element("Message").as_deref(), Some("Invalid according to Policy: Policy expired."));
    let wrong_sum = signer.form(&[("key", "k"), ("x-amz-checksum-sha256", &sha256(b"other"))], &[], 60);
    server.send(form_request(&wrong_sum, "f", b"hello")).refused(400, "BadDigest");
    let unsigned = [("key".to_owned(), "k".to_owned())];
    server.send(form_request(&unsigned, "f", b"hello")).refused(403, "AccessDenied");
    let no_key = signer.form(&[("key", "")], &[], 60);
    server.send(form_request(&no_key, "f", b"hello")).refused(400, "InvalidArgument");
    stored(&server, "k").refused(404, "NoSuchKey");
    server.send(form_request(&ignored, "f", b"hello")).expect(204);
}

#[test]
fn a_form_is_good_until_its_policy_expires() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let form = |signed: i64| Signer::new().at(signed).form(&[("key", "k")], &[], 60);
    server.send(form_request(&form(-8 * 24 * 3600), "f", b"hello")).refused(403, "RequestTimeTooSkewed");
    stored(&server, "k").refused(404, "NoSuchKey");
    server.send(form_request(&form(-3600), "f", b"hello")).expect(204);
}

#[test]
fn keys_take_the_file_name_when_they_ask_for_it() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let mut form = Signer::new().form(&[], &[r#"["starts-with", "$key", "user/"]"#], 60);
    form.push(("key".to_owned(), "user/${filename}".to_owned()));
    server.send(form_request(&form, "ü.txt", b"hello")).expect(204);
    stored(&server, "user/%C3%BC.txt").expect(200);
    form.last_mut().unwrap().1 = "other/${filename}".to_owned();
    server.send(form_request(&form, "f", b"hello")).refused(403, "AccessDenied");
}

#[test]
fn forms_have_a_limit_and_a_length() {
    let folder = Folder::new();
    let server = Server::start_with(&folder, |config| config.max_post_form_bytes = 1000);
    let form = Signer::new().form(&[("key", "k")], &[], 60);
    // The policy sets no limit, the configuration does. The client sends all of
    // a large file before it reads the answer, and still gets it.
    server.send(form_request(&form, "f", &vec![7; 8 << 20])).refused(400, "EntityTooLarge");
    server.send(form_request(&form, "f", &[7; 1001])).refused(400, "EntityTooLarge");
    let streamed = form_request(&form, "f", b"x");
    let body =
        [format!("{:x}\r\n", streamed.body.len()).as_bytes(), &streamed.body, b"\r\n0\r\n\r\n"].concat();
    server
        .send(streamed.header("transfer-encoding", "chunked").body(body))
        .refused(411, "MissingContentLength");
    stored(&server, "k").refused(404, "NoSuchKey");
    server.send(form_request(&form, "f", &[7; 1000])).expect(204);
}
