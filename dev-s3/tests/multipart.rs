//! Multipart uploads: parts, their checks, pages, and what Complete refuses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use s3s::crypto::{Checksum as _, Crc64Nvme, Md5, Sha256};
use support::signing::{Signer, crc32, encode, sha256};
use support::{Answer, Folder, Request, Server};

const PART: usize = 5 << 20;

fn call(server: &Server, request: Request) -> Answer {
    server.send(Signer::new().sign(server, request))
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn create(server: &Server, key: &str, headers: &[(&str, &str)]) -> String {
    let request = Request::new("POST", format!("/photos/{key}?uploads="));
    let request = headers.iter().fold(request, |r, (n, v)| r.header(n, *v));
    call(server, request).expect(200).element("UploadId").unwrap()
}

fn part_request(key: &str, id: &str, number: u32, body: &[u8]) -> Request {
    Request::new("PUT", format!("/photos/{key}?partNumber={number}&uploadId={id}")).body(body)
}

/// Uploads a part and answers its ETag.
fn part(server: &Server, key: &str, id: &str, number: u32, body: &[u8]) -> String {
    call(server, part_request(key, id, number, body)).expect(200).header("etag").unwrap().to_owned()
}

fn complete_request(key: &str, id: &str, parts: &[(u32, &str, &str)]) -> Request {
    let list: String = parts
        .iter()
        .map(|(n, etag, more)| format!("<Part><PartNumber>{n}</PartNumber><ETag>{etag}</ETag>{more}</Part>"))
        .collect();
    Request::new("POST", format!("/photos/{key}?uploadId={id}"))
        .body(format!("<CompleteMultipartUpload>{list}</CompleteMultipartUpload>"))
}

fn complete(server: &Server, key: &str, id: &str, parts: &[(u32, &str, &str)]) -> Answer {
    call(server, complete_request(key, id, parts))
}

fn parts() -> [Vec<u8>; 2] {
    [(0..PART as u32).map(|i| (i % 251) as u8).collect(), b"the end".to_vec()]
}

#[test]
fn parts_become_an_object_that_outlives_the_server() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let [a, b] = parts();
    let id = create(&server, "k", &[("content-type", "image/png"), ("x-amz-meta-a", "1")]);
    part(&server, "k", &id, 2, b"replaced");
    let etag_b = part(&server, "k", &id, 2, &b);
    drop(server);
    let server = Server::start(&folder);
    let etag_a = part(&server, "k", &id, 1, &a);
    part(&server, "k", &id, 9, b"not used");
    call(&server, Request::new("GET", "/photos/k")).refused(404, "NoSuchKey");
    let answer = complete(&server, "k", &id, &[(1, &etag_a, ""), (2, &etag_b, "")]).expect(200);
    let etag =
        format!("\"{}-2\"", hex::encode(Md5::checksum(&[Md5::checksum(&a), Md5::checksum(&b)].concat())));
    assert_eq!(answer.element("ETag"), Some(etag.clone()));
    let whole = [a, b].concat();
    let crc = base64(&Crc64Nvme::checksum(&whole));
    assert_eq!(answer.element("ChecksumCRC64NVME"), Some(crc.clone()));
    drop(server);
    let server = Server::start(&folder);
    let get = || Request::new("GET", "/photos/k").header("x-amz-checksum-mode", "ENABLED");
    let object = call(&server, get()).expect(200);
    assert!(object.body == whole);
    assert_eq!(object.header("etag"), Some(&*etag));
    assert_eq!(object.header("content-type"), Some("image/png"));
    assert_eq!(object.header("x-amz-checksum-crc64nvme"), Some(&*crc));
    assert_eq!(object.header("x-amz-checksum-type"), Some("FULL_OBJECT"));
    let over_the_seam =
        call(&server, get().header("range", format!("bytes={}-{}", PART - 2, PART + 2))).expect(206);
    assert_eq!(over_the_seam.body, &whole[PART - 2..PART + 3]);
    let second = call(&server, Request::new("GET", "/photos/k?partNumber=2")).expect(206);
    assert_eq!((second.text().as_str(), second.header("x-amz-mp-parts-count")), ("the end", Some("2")));
    assert!(folder.bytes() < whole.len() as u64 + 5000, "parts that were not used stay behind");
    complete(&server, "k", &id, &[(1, &etag_a, "")]).refused(404, "NoSuchUpload");
}

#[test]
fn complete_refuses_what_does_not_fit() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let [a, b] = parts();
    let id = create(&server, "k", &[]);
    let (one, two) = (part(&server, "k", &id, 1, &a), part(&server, "k", &id, 2, &b));
    let three = part(&server, "k", &id, 3, b"more");
    let try_parts = |parts: &[(u32, &str, &str)]| complete(&server, "k", &id, parts);
    try_parts(&[(1, &two, ""), (2, &two, "")]).refused(400, "InvalidPart");
    try_parts(&[(1, &one, ""), (4, &two, "")]).refused(400, "InvalidPart");
    try_parts(&[(2, &two, ""), (1, &one, "")]).refused(400, "InvalidPartOrder");
    try_parts(&[(1, &one, ""), (1, &one, "")]).refused(400, "InvalidPartOrder");
    try_parts(&[(1, &one, ""), (2, &two, ""), (3, &three, "")]).refused(400, "EntityTooSmall");
    try_parts(&[]).refused(400, "MalformedXML");
    complete(&server, "other", &id, &[(1, &one, "")]).refused(404, "NoSuchUpload");
    let sized = complete_request("k", &id, &[(1, &one, "")]).header("x-amz-mp-object-size", "7");
    call(&server, sized).refused(400, "InvalidRequest");
    call(&server, part_request("k", &id, 0, b"")).refused(400, "InvalidArgument");
    call(&server, part_request("k", &id, 10_001, b"")).refused(400, "InvalidArgument");
    call(&server, part_request("k", "none", 1, b"")).refused(404, "NoSuchUpload");
    let bad = part_request("k", &id, 1, b"x").header("content-md5", base64(&Md5::checksum(b"y")));
    call(&server, bad).refused(400, "BadDigest");

    // A conditional Complete: the key is taken in the meantime.
    call(&server, Request::new("PUT", "/photos/k").body("taken")).expect(200);
    let conditional =
        complete_request("k", &id, &[(1, &one, ""), (2, &two, "")]).header("if-none-match", "*");
    call(&server, conditional).refused(412, "PreconditionFailed");
    assert_eq!(call(&server, Request::new("GET", "/photos/k")).expect(200).text(), "taken");
    // The upload is still there, and completes over it when not forbidden to.
    try_parts(&[(1, &one, ""), (2, &two, "")]).expect(200);
}

#[test]
fn composite_checksums_are_checked_part_by_part() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let [a, b] = parts();
    let id = create(&server, "k", &[("x-amz-checksum-algorithm", "SHA256")]);
    let send = |n, body: &[u8]| {
        let request = part_request("k", &id, n, body).header("x-amz-checksum-sha256", sha256(body));
        call(&server, request).expect(200).header("etag").unwrap().to_owned()
    };
    let (one, two) = (send(1, &a), send(2, &b));
    let foreign = part_request("k", &id, 2, &b).header("x-amz-checksum-crc32", crc32(&b));
    call(&server, foreign).refused(400, "InvalidRequest");
    let wrong = part_request("k", &id, 2, &b).header("x-amz-checksum-sha256", sha256(&a));
    call(&server, wrong).refused(400, "BadDigest");
    let sum = |body: &[u8]| format!("<ChecksumSHA256>{}</ChecksumSHA256>", sha256(body));
    let (sum_a, sum_b) = (sum(&a), sum(&b));
    complete(&server, "k", &id, &[(1, &one, ""), (2, &two, "")]).refused(400, "InvalidRequest");
    complete(&server, "k", &id, &[(1, &one, &sum_b), (2, &two, &sum_b)]).refused(400, "InvalidPart");
    let whole = base64(&Sha256::checksum(&[Sha256::checksum(&a), Sha256::checksum(&b)].concat()));
    let request = |sum: &str| {
        complete_request("k", &id, &[(1, &one, &sum_a), (2, &two, &sum_b)])
            .header("x-amz-checksum-sha256", sum)
    };
    call(&server, request(&format!("{}-2", sha256(b"other")))).refused(400, "BadDigest");
    let answer = call(&server, request(&format!("{whole}-2"))).expect(200);
    assert_eq!(answer.element("ChecksumSHA256"), Some(format!("{whole}-2")));
    assert_eq!(answer.element("ChecksumType").as_deref(), Some("COMPOSITE"));

    let full = [("x-amz-checksum-algorithm", "SHA256"), ("x-amz-checksum-type", "FULL_OBJECT")];
    let request = full.iter().fold(Request::new("POST", "/photos/k?uploads="), |r, (n, v)| r.header(n, *v));
    call(&server, request).refused(400, "InvalidRequest");
    let id = create(&server, "gap", &[("x-amz-checksum-algorithm", "SHA256")]);
    let request = part_request("gap", &id, 2, b"x").header("x-amz-checksum-sha256", sha256(b"x"));
    let two = call(&server, request).expect(200).header("etag").unwrap().to_owned();
    complete(&server, "gap", &id, &[(2, &two, &sum(b"x"))]).refused(400, "InvalidPart");
}

#[test]
fn parts_and_uploads_are_listed_in_order_and_in_pages() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let id = create(&server, "k", &[("x-amz-checksum-algorithm", "CRC32")]);
    for number in [3, 10, 1, 10_000, 2] {
        let body = format!("part {number}");
        part(&server, "k", &id, number, body.as_bytes());
    }
    let mut listed = Vec::new();
    let mut marker = "0".to_owned();
    loop {
        let target = format!("/photos/k?uploadId={id}&max-parts=2&part-number-marker={marker}");
        let page = call(&server, Request::new("GET", target)).expect(200);
        assert!(page.elements("PartNumber").len() <= 2);
        assert_eq!(page.elements("ChecksumCRC32").len(), page.elements("PartNumber").len());
        listed.extend(page.elements("PartNumber").into_iter().zip(page.elements("Size")));
        match page.element("NextPartNumberMarker") {
            Some(next) if page.element("IsTruncated").as_deref() == Some("true") => marker = next,
            _ => break,
        }
    }
    let expected = [("1", "6"), ("2", "6"), ("3", "6"), ("10", "7"), ("10000", "10")];
    assert_eq!(listed, expected.map(|(n, s)| (n.to_owned(), s.to_owned())));

    let mut ids = vec![("k".to_owned(), id)];
    for key in ["a", "k", "z/1", "z/2"] {
        ids.push((key.to_owned(), create(&server, key, &[])));
    }
    ids.sort_by(|a, b| a.0.cmp(&b.0));
    for size in 1..=5 {
        let mut listed = Vec::new();
        let mut markers = String::new();
        loop {
            let target = format!("/photos?uploads=&max-uploads={size}{markers}");
            let page = call(&server, Request::new("GET", target)).expect(200);
            listed.extend(page.elements("Key").into_iter().zip(page.elements("UploadId")));
            let Some(key) = page.element("NextKeyMarker").filter(|k| !k.is_empty()) else { break };
            let id = page.element("NextUploadIdMarker").unwrap();
            markers = format!("&key-marker={}&upload-id-marker={id}", encode(&key));
        }
        assert_eq!(listed, ids, "pages of {size}");
    }
    let folded = call(&server, Request::new("GET", "/photos?uploads=&delimiter=%2F")).expect(200);
    assert_eq!(folded.elements("Key"), ["a", "k", "k"]);
    assert!(folded.text().contains("<CommonPrefixes><Prefix>z/</Prefix></CommonPrefixes>"));
}

#[test]
fn the_length_of_a_part_is_bound_by_its_signature() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let id = create(&server, "k", &[]);
    let request = part_request("k", &id, 1, b"hello")
        .header("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
        .header("content-length", "5");
    let signed = Signer::new().sign(&server, request);
    for wrong in ["hello world", "hell"] {
        let mut other = signed.clone();
        other.headers.iter_mut().find(|(n, _)| n == "content-length").unwrap().1 = wrong.len().to_string();
        other.body = wrong.into();
        server.send(other).refused(403, "SignatureDoesNotMatch");
    }
    let listed = call(&server, Request::new("GET", format!("/photos/k?uploadId={id}"))).expect(200);
    assert_eq!(listed.element("ETag"), None, "no part was stored");
    server.send(signed).expect(200);
}

#[test]
fn an_aborted_upload_is_gone_with_its_bytes() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let id = create(&server, "k", &[]);
    part(&server, "k", &id, 1, &[1; 100_000]);
    let abort = || Request::new("DELETE", format!("/photos/k?uploadId={id}"));
    call(&server, abort()).expect(204);
    call(&server, abort()).refused(404, "NoSuchUpload");
    call(&server, part_request("k", &id, 1, b"x")).refused(404, "NoSuchUpload");
    call(&server, Request::new("GET", format!("/photos/k?uploadId={id}"))).refused(404, "NoSuchUpload");
    assert!(folder.bytes() < 1000);
}

#[test]
fn parts_can_be_copied_from_an_object() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let [a, _] = parts();
    call(&server, Request::new("PUT", "/photos/source").body(a.clone())).expect(200);
    let id = create(&server, "k", &[]);
    let copy = |n: u32, range: &str| {
        let target = format!("/photos/k?partNumber={n}&uploadId={id}");
        let request = Request::new("PUT", target).header("x-amz-copy-source", "/photos/source");
        call(&server, request.header("x-amz-copy-source-range", range))
    };
    let one = copy(1, &format!("bytes=0-{}", PART - 1)).expect(200).element("ETag").unwrap();
    let two = copy(2, "bytes=10-19").expect(200).element("ETag").unwrap();
    copy(3, &format!("bytes={PART}-")).refused(416, "InvalidRange");
    complete(&server, "k", &id, &[(1, &one, ""), (2, &two, "")]).expect(200);
    let object = call(&server, Request::new("GET", "/photos/k")).expect(200);
    assert!(object.body == [&a[..], &a[10..20]].concat());
}
