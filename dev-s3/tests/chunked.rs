//! The three `aws-chunked` modes, and every way to get them wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use support::signing::{Signer, crc32};
use support::{Folder, Request, Server};

const SIGNED: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const SIGNED_TRAILER: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
const UNSIGNED_TRAILER: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

fn data() -> Vec<u8> {
    (0..150_000u32).map(|i| (i % 251) as u8).collect()
}

fn request(server: &Server, mode: &str, chunks: &[&[u8]], trailer: Option<&str>) -> Request {
    Signer::new().chunked(server, Request::new("PUT", "/photos/x"), mode, chunks, trailer)
}

fn stored(server: &Server) -> support::Answer {
    server.send(Signer::new().sign(server, Request::new("GET", "/photos/x")))
}

#[test]
fn all_three_modes_store_the_bytes_and_not_the_framing() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let data = data();
    let chunks: Vec<_> = data.chunks(65_536).collect();
    let sum = crc32(&data);
    for (mode, trailer) in [(SIGNED, None), (SIGNED_TRAILER, Some(&*sum)), (UNSIGNED_TRAILER, Some(&*sum))] {
        let answer = server.send(request(&server, mode, &chunks, trailer)).expect(200);
        if trailer.is_some() {
            assert_eq!(answer.header("x-amz-checksum-crc32"), Some(&*sum), "{mode}");
        }
        let stored = stored(&server).expect(200);
        assert!(stored.body == data, "{mode}");
        assert_eq!(stored.header("content-encoding"), None);
    }
    // Nothing at all is a body too: the empty chunk alone.
    server.send(request(&server, SIGNED, &[], None)).expect(200);
    assert_eq!(stored(&server).expect(200).body, b"");
}

#[test]
fn what_is_wrong_with_chunks_is_refused() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let data = data();
    let chunks: Vec<_> = data.chunks(65_536).collect();
    let sum = crc32(&data);
    let wrong_sum = crc32(b"other");

    let flipped = |mode: &str, trailer: Option<&str>| {
        let mut request = request(&server, mode, &chunks, trailer);
        let middle = request.body.len() / 2;
        request.body[middle] ^= 1;
        request
    };
    server.send(flipped(SIGNED, None)).refused(403, "SignatureDoesNotMatch");
    server.send(flipped(SIGNED_TRAILER, Some(&sum))).refused(403, "SignatureDoesNotMatch");
    server.send(flipped(UNSIGNED_TRAILER, Some(&sum))).refused(400, "BadDigest");

    for mode in [SIGNED_TRAILER, UNSIGNED_TRAILER] {
        server.send(request(&server, mode, &chunks, Some(&wrong_sum))).refused(400, "BadDigest");
    }
    let mut forged_trailer = request(&server, SIGNED_TRAILER, &chunks, Some(&wrong_sum));
    let text = forged_trailer.body.split_off(forged_trailer.body.len() - 200);
    forged_trailer.body.extend(String::from_utf8_lossy(&text).replace(&wrong_sum, &sum).into_bytes());
    server.send(forged_trailer).refused(403, "SignatureDoesNotMatch");

    let mut without_last = request(&server, SIGNED, &chunks, None);
    let last = b"0;chunk-signature=".len() + 64 + 4;
    without_last.body.truncate(without_last.body.len() - last);
    server.send(without_last).refused(400, "IncompleteBody");

    let mut without_trailer = request(&server, SIGNED_TRAILER, &chunks, Some(&sum));
    let at = without_trailer.body.windows(6).rposition(|w| w == b"x-amz-").unwrap();
    let at = without_trailer.body[..at].windows(6).rposition(|w| w == b"x-amz-").unwrap_or(at);
    without_trailer.body.truncate(at);
    without_trailer.body.extend(b"\r\n");
    server.send(without_trailer).refused(400, "MalformedTrailerError");

    let small: Vec<_> = data.chunks(8191).collect();
    server.send(request(&server, SIGNED, &small, None)).refused(403, "InvalidChunkSizeError");

    let signer = Signer::new();
    for (decoded, status) in [(data.len() + 1, 400), (data.len() - 1, 400)] {
        // Signed as it is, but not what the chunks add up to.
        let base = Request::new("PUT", "/photos/x")
            .header("x-amz-content-sha256", UNSIGNED_TRAILER)
            .header("x-amz-decoded-content-length", decoded.to_string())
            .header("x-amz-trailer", "x-amz-checksum-crc32");
        let body = request(&server, UNSIGNED_TRAILER, &chunks, Some(&sum)).body;
        let answer = server.send(signer.seed(&server, base).0.body(body));
        assert_eq!((answer.status, answer.element("Code").as_deref()), (status, Some("IncompleteBody")));
    }
    stored(&server).refused(404, "NoSuchKey");
}
