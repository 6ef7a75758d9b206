//! What S3 refuses is refused, with S3's codes, and nothing of it is stored.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use s3s::crypto::{Checksum as _, Md5};
use support::signing::{Signer, crc32, sha256};
use support::{Answer, BUCKET, Folder, Request, SECRET_KEY, Server};

const X: &str = "/photos/x";

fn call(server: &Server, request: Request) -> Answer {
    server.send(Signer::new().sign(server, request))
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// After refusals: no object, and no bytes left on disk.
#[track_caller]
fn assert_nothing_stored(server: &Server, folder: &Folder) {
    call(server, Request::new("GET", X)).refused(404, "NoSuchKey");
    let data = folder.path().join(BUCKET).join("data");
    assert_eq!(std::fs::read_dir(data).unwrap().count(), 0);
}

#[test]
fn signatures_by_header_are_verified() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let put = || Request::new("PUT", X).body("hello");
    let refused =
        |signer: Signer, status, code: &str| server.send(signer.sign(&server, put())).refused(status, code);

    server.send(put()).refused(403, "AccessDenied");
    refused(Signer { access_key: "AKIDOTHER".into(), ..Signer::new() }, 403, "InvalidAccessKeyId");
    let region =
        refused(Signer { region: "eu-west-1".into(), ..Signer::new() }, 400, "AuthorizationHeaderMalformed");
    assert_eq!(region.element("Region").as_deref(), Some("us-east-1"));
    refused(Signer { service: "ec2".into(), ..Signer::new() }, 400, "AuthorizationHeaderMalformed");

    let wrong = Signer { secret_key: "other".into(), ..Signer::new() }.sign(&server, put());
    let explained = server.send(wrong).refused(403, "SignatureDoesNotMatch");
    let canonical = explained.element("CanonicalRequest").unwrap();
    assert!(canonical.starts_with("PUT\n/photos/x\n\nhost:127.0.0.1:"), "{canonical}");
    assert!(explained.element("StringToSign").unwrap().starts_with("AWS4-HMAC-SHA256\n2"));
    assert!(!explained.text().contains(SECRET_KEY));

    // One thing changed after signing: path, query, header, method.
    let signed = || Signer::new().sign(&server, put().header("x-amz-meta-a", "1"));
    let mut changed = [signed(), signed(), signed(), signed()];
    changed[0].target = "/photos/y".into();
    changed[1].target = format!("{X}?tagging=");
    changed[2].headers.iter_mut().find(|(n, _)| n == "x-amz-meta-a").unwrap().1 = "2".into();
    changed[3].method = "DELETE".into();
    for request in changed {
        server.send(request).refused(403, "SignatureDoesNotMatch");
    }
    let unsigned_header = signed().header("x-amz-meta-b", "2");
    server.send(unsigned_header).refused(403, "AccessDenied");
    assert_nothing_stored(&server, &folder);
    server.send(signed()).expect(200);
}

#[test]
fn requests_of_another_time_are_refused() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let signed = |offset| Signer::new().at(offset).sign(&server, Request::new("PUT", X).body("hello"));
    for offset in [-16 * 60, 16 * 60] {
        let answer = server.send(signed(offset)).refused(403, "RequestTimeTooSkewed");
        let server_time = answer.element("ServerTime").unwrap();
        assert!(server_time.len() == 20 && server_time.ends_with('Z'), "{server_time}");
        assert_eq!(answer.element("MaxAllowedSkewMilliseconds").as_deref(), Some("900000"));
    }
    assert_nothing_stored(&server, &folder);
    server.send(signed(-14 * 60)).expect(200);
    server.send(signed(14 * 60)).expect(200);
}

#[test]
fn presigned_urls_are_bound_to_their_time_and_request() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let url = |offset, expires| {
        Signer::new().at(offset).presign(&server, Request::new("PUT", X).body("hello"), expires)
    };
    let expired = server.send(url(-100, 60)).refused(403, "AccessDenied");
    assert_eq!(expired.element("Message").as_deref(), Some("Request has expired"));
    server.send(url(16 * 60, 60)).refused(403, "AccessDenied");
    server.send(url(0, 604_801)).refused(400, "AuthorizationQueryParametersError");
    server.send(url(0, 60).header("x-amz-acl", "public-read")).refused(403, "AccessDenied");
    let mut other_key = url(0, 60);
    other_key.target = other_key.target.replace("/x?", "/y?");
    let explained = server.send(other_key).refused(403, "SignatureDoesNotMatch");
    assert!(explained.element("CanonicalRequest").unwrap().starts_with("PUT\n/photos/y\nX-Amz-Algorithm="));
    assert_nothing_stored(&server, &folder);
    server.send(url(-50, 60)).expect(200);
    let get =
        Signer::new().presign(&server, Request::new("GET", format!("{X}?response-content-type=a%2Fb")), 60);
    let answer = server.send(get).expect(200);
    assert_eq!((answer.text().as_str(), answer.header("content-type")), ("hello", Some("a/b")));
}

#[test]
fn bodies_that_break_a_promise_are_never_seen() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let put = |name: &str, value: &str| Request::new("PUT", X).header(name, value).body("hello");
    let md5 = |data: &[u8]| base64(&Md5::checksum(data));

    call(&server, put("content-md5", &md5(b"other"))).refused(400, "BadDigest");
    call(&server, put("content-md5", "abc")).refused(400, "InvalidDigest");
    call(&server, put("x-amz-checksum-sha256", &sha256(b"other"))).refused(400, "BadDigest");
    call(&server, put("x-amz-checksum-crc32", &crc32(b"other"))).refused(400, "BadDigest");
    call(&server, put("x-amz-checksum-crc32c", "AAAAAA==")).refused(400, "BadDigest");
    call(&server, put("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=")).refused(400, "BadDigest");
    call(&server, put("x-amz-checksum-sha1", &base64(&[0; 20]))).refused(400, "BadDigest");
    call(&server, put("x-amz-checksum-sha256", "AAAA")).refused(400, "InvalidRequest");
    let two = put("x-amz-checksum-sha256", &sha256(b"hello")).header("x-amz-checksum-crc32", crc32(b"hello"));
    call(&server, two).refused(400, "InvalidRequest");
    let other_hash = put("x-amz-content-sha256", &"0".repeat(64));
    call(&server, other_hash).refused(400, "XAmzContentSHA256Mismatch");
    let mut cut = Signer::new()
        .sign(&server, put("x-amz-content-sha256", "UNSIGNED-PAYLOAD").header("content-length", "9"));
    cut.cut_short = true;
    let _ = server.try_send(cut).map(|answer| assert_eq!(answer.status, 400));
    assert_nothing_stored(&server, &folder);

    let good = put("content-md5", &md5(b"hello")).header("x-amz-checksum-sha256", sha256(b"hello"));
    call(&server, good).expect(200);
    // A body that fails does not touch the object that is there.
    call(&server, put("content-md5", &md5(b"other"))).refused(400, "BadDigest");
    assert_eq!(call(&server, Request::new("GET", X)).expect(200).text(), "hello");
}

#[test]
fn the_length_of_a_put_is_bound_by_its_signature() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let request = Request::new("PUT", X)
        .header("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
        .header("content-length", "5")
        .body("hello");
    let mut longer = Signer::new().sign(&server, request.clone());
    longer.headers.iter_mut().find(|(n, _)| n == "content-length").unwrap().1 = "11".into();
    longer.body = b"hello world".to_vec();
    server.send(longer).refused(403, "SignatureDoesNotMatch");
    assert_nothing_stored(&server, &folder);
    server.send(Signer::new().sign(&server, request)).expect(200);
    let chunked = Request::new("PUT", X)
        .header("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
        .header("transfer-encoding", "chunked")
        .body("5\r\nhello\r\n0\r\n\r\n");
    call(&server, chunked).refused(411, "MissingContentLength");
}

#[test]
fn conditional_writes_have_one_winner() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let put = |body: String| Request::new("PUT", X).header("if-none-match", "*").body(body);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|i| {
                scope.spawn({
                    let s = &server;
                    move || call(s, put(format!("{i}"))).status
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|s| **s == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|s| [200, 412].contains(s)));
    let etag = call(&server, Request::new("HEAD", X)).header("etag").unwrap().to_owned();
    let update = |etag: &str| call(&server, Request::new("PUT", X).header("if-match", etag).body("new"));
    update("\"00000000000000000000000000000000\"").refused(412, "PreconditionFailed");
    update(&etag).expect(200);
    update(&etag).refused(412, "PreconditionFailed");
    let absent = Request::new("PUT", "/photos/none").header("if-match", etag).body("new");
    call(&server, absent).refused(404, "NoSuchKey");
    let named = Request::new("PUT", X).header("if-none-match", "\"abc\"").body("new");
    call(&server, named).refused(501, "NotImplemented");
}

#[test]
fn paths_are_signed_encoded_however_they_are_sent() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let reserved = "/photos/it's (1)!*+=@:$&,;";
    let encoded = "/photos/it%27s%20%281%29%21%2A%2B%3D%40%3A%24%26%2C%3B";
    let mut request = Signer::new().sign(&server, Request::new("PUT", encoded).body("hello"));
    // Browsers leave these as they are; the signature is over the encoded form.
    request.target = reserved.replace(' ', "%20");
    server.send(request.clone()).expect(200);
    assert_eq!(call(&server, Request::new("GET", encoded)).expect(200).text(), "hello");

    // A signature over the raw form is refused, as S3 does.
    let raw = "PUT\n/photos/it's\n\nhost:h\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:D\n\n\
               host;x-amz-content-sha256;x-amz-date\nUNSIGNED-PAYLOAD";
    let signer = Signer::new();
    let canonical =
        raw.replace(":h\n", &format!(":{}\n", server.host())).replace(":D\n", &format!(":{}\n", signer.date));
    let date = s3s_sigv4::AmzDate::parse(&signer.date).unwrap();
    let to_sign = s3s_sigv4::create_string_to_sign(&canonical, &date, "us-east-1", "s3");
    let signature = s3s_sigv4::calculate_signature(&to_sign, SECRET_KEY, &date, "us-east-1", "s3");
    let mut request = signer.sign(
        &server,
        Request::new("PUT", "/photos/it%27s")
            .header("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
            .body("hello"),
    );
    request.target = "/photos/it's".into();
    server.send(request.clone()).expect(200);
    let authorization = &mut request.headers.iter_mut().find(|(n, _)| n == "authorization").unwrap().1;
    let at = authorization.find("Signature=").unwrap() + 10;
    authorization.replace_range(at.., &signature);
    server.send(request).refused(403, "SignatureDoesNotMatch");
}

#[test]
fn one_signature_that_covers_the_host_is_wanted() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let signer = Signer::new();
    let put = || Request::new("PUT", X).body("hello");
    let mut both = signer.presign(&server, put(), 60);
    both.headers.push(("authorization".into(), "AWS4-HMAC-SHA256 x".into()));
    server.send(both).refused(400, "InvalidArgument");
    let mut without_host = signer.sign(&server, put());
    for (name, value) in &mut without_host.headers {
        if name == "authorization" {
            *value = value.replace("SignedHeaders=host;", "SignedHeaders=");
        }
    }
    server.send(without_host).refused(403, "AccessDenied");
    let old = put()
        .header("authorization", "AWS AKIDTEST:c2lnbmF0dXJl")
        .header("date", "Mon, 23 Nov 2026 13:00:00 GMT");
    server.send(old).refused(400, "InvalidRequest");
    assert_nothing_stored(&server, &folder);
}

#[test]
fn documents_are_held_to_their_digests() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    call(&server, Request::new("PUT", X).body("hello")).expect(200);
    let delete =
        || Request::new("POST", "/photos?delete=").body("<Delete><Object><Key>x</Key></Object></Delete>");
    call(&server, delete()).refused(400, "InvalidRequest");
    let md5 = base64(&Md5::checksum(b"other"));
    call(&server, delete().header("content-md5", md5)).refused(400, "BadDigest");
    call(&server, delete().header("x-amz-checksum-sha256", sha256(b"other"))).refused(400, "BadDigest");
    let md5 = base64(&Md5::checksum(&delete().body));
    let mut changed =
        Signer::new().sign(&server, delete().header("x-amz-checksum-crc32", crc32(&delete().body)));
    changed.body = b"<Delete><Object><Key>y</Key></Object></Delete>".to_vec();
    server.send(changed).refused(400, "XAmzContentSHA256Mismatch");
    call(&server, Request::new("GET", X)).expect(200);
    call(&server, delete().header("content-md5", md5)).expect(200);
    call(&server, Request::new("GET", X)).refused(404, "NoSuchKey");
}

#[test]
fn a_connection_outlives_a_refusal_of_a_body_still_on_its_way() {
    use std::io::{Read, Write};
    let folder = Folder::new();
    let server = Server::start(&folder);
    let size = 32 << 20;
    let mut stream = std::net::TcpStream::connect(server.address).unwrap();
    let head = format!("PUT {X} HTTP/1.1\r\nhost: {}\r\ncontent-length: {size}\r\n\r\n", server.host());
    let get = format!("GET {X} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", server.host());
    stream.write_all(head.as_bytes()).unwrap();
    std::io::copy(&mut std::io::repeat(7).take(size), &mut stream).unwrap();
    stream.write_all(get.as_bytes()).unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 403 Forbidden").count(), 2, "{answers}");
}
