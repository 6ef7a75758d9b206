//! Objects written, read, listed, copied, tagged and deleted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use support::signing::{Signer, encode, encode_key, sha256};
use support::{Answer, BUCKET, Folder, Request, Server};

fn call(server: &Server, request: Request) -> Answer {
    server.send(Signer::new().sign(server, request))
}

fn put(server: &Server, key: &str, body: &[u8]) -> Answer {
    call(server, Request::new("PUT", format!("/{BUCKET}/{}", encode_key(key))).body(body)).expect(200)
}

fn get(server: &Server, key: &str) -> Answer {
    call(server, Request::new("GET", format!("/{BUCKET}/{}", encode_key(key))))
}

#[test]
fn awkward_keys_live_side_by_side_and_survive_a_restart() {
    let folder = Folder::new();
    let long = "ü".repeat(512);
    let keys = [
        "a",
        "a/b",
        "a/",
        "//",
        "a//b",
        "../x",
        "./x",
        "a/../b",
        "x y+z%25ü'\"<&>",
        "\u{1f600}",
        "bucket.json",
        &long,
    ];
    let server = Server::start(&folder);
    for key in keys {
        put(&server, key, key.as_bytes());
    }
    drop(server);
    let server = Server::start(&folder);
    for key in keys {
        let answer = get(&server, key).expect(200);
        assert_eq!(answer.body, key.as_bytes());
        assert_eq!(answer.header("etag"), put(&server, key, key.as_bytes()).header("etag"));
    }
    let listed =
        call(&server, Request::new("GET", format!("/{BUCKET}?list-type=2&encoding-type=url"))).expect(200);
    let mut expected: Vec<_> = keys.iter().map(|key| encode_key(key)).collect();
    let mut listed = listed.elements("Key");
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected);
    let too_long = format!("/{BUCKET}/{}", "k".repeat(1025));
    call(&server, Request::new("PUT", too_long)).refused(400, "KeyTooLongError");
}

#[test]
fn both_addressing_styles_reach_the_same_object() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let host = format!("{BUCKET}.localhost:{}", server.address.port());
    let request = Request::new("PUT", "/a%20b").header("host", host).body("virtual");
    call(&server, request).expect(200);
    assert_eq!(get(&server, "a b").expect(200).text(), "virtual");
    let host = format!("{BUCKET}.s3.localhost:{}", server.address.port());
    let request = Request::new("PUT", "//a//../b").header("host", host).body("slashes");
    call(&server, request).expect(200);
    assert_eq!(get(&server, "/a//../b").expect(200).text(), "slashes");
}

#[test]
fn what_was_sent_with_an_object_comes_back_with_it() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let sent = [
        ("content-type", "image/png"),
        ("content-disposition", "attachment; filename=\"x.png\""),
        ("cache-control", "max-age=60"),
        ("content-language", "de"),
        ("content-encoding", "gzip"),
        ("x-amz-meta-ticket", "42"),
        // S3 decodes RFC 2047 and encodes it again, as base64.
        ("x-amz-meta-name", "=?UTF-8?B?w7w=?="),
    ];
    let request = sent.iter().fold(Request::new("PUT", format!("/{BUCKET}/x")), |r, (n, v)| r.header(n, *v));
    let put =
        call(&server, request.body("hello").header("x-amz-checksum-sha256", sha256(b"hello"))).expect(200);
    assert_eq!(put.header("x-amz-checksum-sha256"), Some(&*sha256(b"hello")));
    for method in ["GET", "HEAD"] {
        let request = Request::new(method, format!("/{BUCKET}/x")).header("x-amz-checksum-mode", "ENABLED");
        let answer = call(&server, request).expect(200);
        for (name, value) in sent {
            assert_eq!(answer.header(name), Some(value), "{method} {name}");
        }
        assert_eq!(answer.header("content-length"), Some("5"));
        assert_eq!(answer.header("etag"), Some("\"5d41402abc4b2a76b9719d911017c592\""));
        assert_eq!(answer.header("x-amz-checksum-sha256"), Some(&*sha256(b"hello")));
        assert_eq!(answer.header("x-amz-checksum-type"), Some("FULL_OBJECT"));
        assert!(answer.header("date").is_some() && answer.header("x-amz-request-id").is_some());
    }
    let plain = call(&server, Request::new("HEAD", format!("/{BUCKET}/x"))).expect(200);
    assert_eq!(plain.header("x-amz-checksum-sha256"), None);
}

#[test]
fn metadata_may_come_in_as_many_headers_as_two_kilobytes_hold() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let names: Vec<String> = (0..400).map(|number| format!("x-amz-meta-{number}")).collect();
    let request =
        names.iter().fold(Request::new("PUT", format!("/{BUCKET}/x")), |r, name| r.header(name, "v"));
    call(&server, request.body("hello")).expect(200);
    let answer = call(&server, Request::new("HEAD", format!("/{BUCKET}/x"))).expect(200);
    for name in &names {
        assert_eq!(answer.header(name), Some("v"), "{name}");
    }
}

#[test]
fn ranges_and_conditions_are_answered_as_http_says() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let etag = put(&server, "x", b"0123456789").header("etag").unwrap().to_owned();
    let ask = |name: &str, value: &str| {
        call(&server, Request::new("GET", format!("/{BUCKET}/x")).header(name, value))
    };
    for (range, body, content_range) in [
        ("bytes=0-0", "0", "bytes 0-0/10"),
        ("bytes=3-", "3456789", "bytes 3-9/10"),
        ("bytes=-4", "6789", "bytes 6-9/10"),
        ("bytes=8-100", "89", "bytes 8-9/10"),
    ] {
        let answer = ask("range", range).expect(206);
        assert_eq!((answer.text().as_str(), answer.header("content-range")), (body, Some(content_range)));
    }
    ask("range", "bytes=10-").refused(416, "InvalidRange");
    ask("if-match", &etag).expect(200);
    ask("if-match", "\"other\"").refused(412, "PreconditionFailed");
    let unchanged = ask("if-none-match", &etag).expect(304);
    assert_eq!((unchanged.header("etag"), unchanged.body.len()), (Some(&*etag), 0));
    ask("if-none-match", "\"other\"").expect(200);
    ask("if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT").expect(304);
    ask("if-unmodified-since", "Sat, 01 Jan 2000 00:00:00 GMT").refused(412, "PreconditionFailed");
}

#[test]
fn listings_page_through_both_versions_alike() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let keys = ["a", "b/1", "b/2", "c/1", "d"];
    for key in keys {
        put(&server, key, b"");
    }
    let mut v2 = Vec::new();
    let mut token = String::new();
    loop {
        let target = format!("/{BUCKET}?list-type=2&max-keys=2{token}");
        let page = call(&server, Request::new("GET", target)).expect(200);
        v2.extend(page.elements("Key"));
        let Some(next) = page.element("NextContinuationToken") else { break };
        assert_eq!(page.element("IsTruncated").as_deref(), Some("true"));
        token = format!("&continuation-token={}", encode(&next));
    }
    assert_eq!(v2, keys);
    let mut v1 = Vec::new();
    let mut marker = String::new();
    loop {
        let target = format!("/{BUCKET}?delimiter=%2F&max-keys=1&marker={}", encode(&marker));
        let page = call(&server, Request::new("GET", target)).expect(200);
        v1.extend(page.elements("Key"));
        v1.extend(
            page.elements("CommonPrefixes")
                .iter()
                .map(|p| p.replace("<Prefix>", "").replace("</Prefix>", "")),
        );
        let Some(next) = page.element("NextMarker") else { break };
        marker = next;
    }
    assert_eq!(v1, ["a", "b/", "c/", "d"]);
    let bad = format!("/{BUCKET}?list-type=2&continuation-token=%21");
    call(&server, Request::new("GET", bad)).refused(400, "InvalidArgument");
}

#[test]
fn copies_tags_and_deletes_do_what_they_say() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let tagged = Request::new("PUT", format!("/{BUCKET}/x")).header("x-amz-tagging", "k=v").body("hello");
    call(&server, tagged.header("content-type", "text/x")).expect(200);
    let copy =
        Request::new("PUT", format!("/{BUCKET}/y")).header("x-amz-copy-source", format!("/{BUCKET}/x"));
    let copied = call(&server, copy).expect(200);
    assert_eq!(copied.element("ETag").as_deref(), Some("\"5d41402abc4b2a76b9719d911017c592\""));
    let y = get(&server, "y").expect(200);
    assert_eq!((y.text().as_str(), y.header("content-type")), ("hello", Some("text/x")));
    assert_eq!(y.header("x-amz-tagging-count"), Some("1"));
    let tags = call(&server, Request::new("GET", format!("/{BUCKET}/y?tagging"))).expect(200);
    assert_eq!((tags.element("Key"), tags.element("Value")), (Some("k".into()), Some("v".into())));

    call(&server, Request::new("DELETE", format!("/{BUCKET}/x"))).expect(204);
    call(&server, Request::new("DELETE", format!("/{BUCKET}/x"))).expect(204);
    let gone = get(&server, "x").refused(404, "NoSuchKey");
    assert_eq!(gone.element("Key").as_deref(), Some("x"));
    call(&server, Request::new("DELETE", format!("/{BUCKET}"))).refused(409, "BucketNotEmpty");
    call(&server, Request::new("DELETE", format!("/{BUCKET}/y"))).expect(204);
    assert!(folder.bytes() < 200, "content files stay behind");
    call(&server, Request::new("DELETE", format!("/{BUCKET}"))).expect(204);
    get(&server, "y").refused(404, "NoSuchBucket");
}

#[test]
fn buckets_are_made_listed_and_named_by_the_rules() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    call(&server, Request::new("PUT", "/second-bucket")).expect(200);
    call(&server, Request::new("PUT", "/second-bucket")).refused(409, "BucketAlreadyOwnedByYou");
    call(&server, Request::new("PUT", "/Not_A_Bucket")).refused(400, "InvalidBucketName");
    let listed = call(&server, Request::new("GET", "/")).expect(200);
    assert_eq!(listed.elements("Name"), [BUCKET, "second-bucket"]);
    call(&server, Request::new("HEAD", "/second-bucket")).expect(200);
    assert!(call(&server, Request::new("HEAD", "/third-bucket")).expect(404).body.is_empty());
}
