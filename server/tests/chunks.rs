//! Signed chunks, from a page's hashes to the bytes in the bucket, and bodies
//! that are changed on their way.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::client::Reply;
use common::multipart::{Upload, chunk_hashes, crc64nvme, in_chunks};
use common::{Options, Running, start, start_with};
use sealift::Timestamp;
use sealift::digest::sha256;
use sealift::sigv4::chunked::{ChunkEncoder, ChunkFormat, ChunkPlan, ChunkSize, Trailer, TrailerChecksum};
use sealift::sigv4::{Credentials, Request, Signer, SigningOptions};
use serde_json::{Value, json};

const CHUNK: usize = 1 << 20;
const PART: usize = 5 << 20;

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index * 31 % 251) as u8 ^ (index >> 20) as u8).collect()
}

/// Token and signed PUT of a file in chunks.
async fn signed_put(server: &Running, bytes: &[u8]) -> (String, Value) {
    let file = json!({ "name": "a.txt", "size": bytes.len(), "type": "text/plain", "integrity": "chunks" });
    let created = server.create(file, &[]).await;
    assert_eq!(created.request, Value::Null, "there is nothing to sign yet");
    let size = created.grant["chunkSize"].as_u64().unwrap();
    let intent = json!({ "op": "put", "chunkHashes": chunk_hashes(bytes, size) });
    let call = json!({ "requests": [{ "token": created.token, "intents": [intent] }] });
    let result = server.call("/sign", call).await.json()["results"][0].clone();
    assert_eq!(result["error"], Value::Null, "{result}");
    (created.token, result["requests"][0].clone())
}

#[tokio::test]
async fn a_file_in_chunks_arrives_by_one_put() {
    let server = start().await;
    for length in [0, 1, CHUNK, CHUNK + 1, 3 * CHUNK - 1] {
        let bytes = bytes(length);
        let (token, request) = signed_put(&server, &bytes).await;
        let body = in_chunks(&request, &bytes);
        assert_eq!(request["chunks"]["length"], body.len());
        let stored = server.send(&request, &body).await;
        assert_eq!(stored.status, 200, "{length}: {}", stored.text());
        let finished = server.finish(&token, &[]).await;
        assert_eq!((&finished["error"], &finished["size"]), (&Value::Null, &json!(length)), "{finished}");
        let back = server.client.get(finished["url"].as_str().unwrap()).await;
        assert!(back.body == bytes, "{length}");
        assert_eq!(back.header("content-encoding"), None);
        // The same request again overwrites nothing.
        assert_eq!(server.send(&request, &body).await.status, 412);
    }
}

#[tokio::test]
async fn parts_in_chunks_arrive_as_one_object() {
    let server = start().await;
    let body = bytes(PART + 1234);
    for integrity in ["chunks", "chunks-crc64nvme"] {
        let upload = Upload::begin(&server, "film.mp4", &body, integrity).await;
        let etags = upload.send_parts().await;
        assert_eq!(upload.complete(&etags).await.status, 200);
        let finished = server.finish(&upload.created.token, &[]).await;
        assert_eq!(finished["error"], Value::Null, "{integrity}: {finished}");
        assert_eq!(finished["crc64nvme"], crc64nvme(&body), "{integrity}");
        let back = server.client.get(finished["url"].as_str().unwrap()).await;
        assert!(back.body == body, "{integrity}");
    }
}

/// What somebody on the way may do to a body of three chunks.
fn changes(body: &[u8], head: usize) -> Vec<(&'static str, Vec<u8>)> {
    let chunk = head + CHUNK + 2;
    let changed = |place: usize| {
        let mut changed = body.to_vec();
        changed[place] ^= 1;
        changed
    };
    let swapped = [&body[chunk..2 * chunk], &body[..chunk], &body[2 * chunk..]].concat();
    // Of the length that was signed, but one chunk comes twice and another not at all.
    let doubled = [&body[..chunk], &body[..chunk], &body[2 * chunk..]].concat();
    vec![
        ("a byte of the first chunk", changed(head + 77)),
        ("a byte of the last chunk", changed(2 * chunk + head + 77)),
        ("a signature", changed(20)),
        ("the last signature", changed(body.len() - 10)),
        ("two chunks in each other's place", swapped),
        ("a chunk in the place of another", doubled),
        ("the end cut off", body[..2 * chunk].to_vec()),
        ("the last chunk cut off", body[..body.len() - 86].to_vec()),
        ("a byte behind the end", [body, b"x"].concat()),
    ]
}

fn is_refused(reply: &Reply, what: &str) {
    assert!(matches!(reply.status, 400 | 403), "{what}: {} {}", reply.status, reply.text());
    let code = reply.text();
    let known = [
        "SignatureDoesNotMatch",
        "IncompleteBody",
        "InvalidRequest",
        "InvalidChunkSizeError",
        "EntityTooLarge",
    ];
    assert!(known.iter().any(|known| code.contains(&format!("<Code>{known}</Code>"))), "{what}: {code}");
}

#[tokio::test]
async fn a_put_that_is_changed_on_its_way_is_refused() {
    let server = start().await;
    let bytes = bytes(2 * CHUNK + 100_000);
    let (token, request) = signed_put(&server, &bytes).await;
    let body = in_chunks(&request, &bytes);
    let head = body.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for (what, changed) in changes(&body, head) {
        is_refused(&server.send(&request, &changed).await, what);
        assert_eq!(server.finish(&token, &[]).await["error"]["code"], "not_uploaded", "{what}");
    }
    // It was not the request that was wrong.
    assert_eq!(server.send(&request, &body).await.status, 200);
}

#[tokio::test]
async fn a_part_that_is_changed_on_its_way_is_refused() {
    let server = start().await;
    let bytes = bytes(2 * CHUNK + 100_000);
    let upload = Upload::begin(&server, "film.mp4", &bytes, "chunks").await;
    let request = upload.signed(upload.part_intent(1)).await;
    let body = in_chunks(&request, &bytes);
    let head = body.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for (what, changed) in changes(&body, head) {
        is_refused(&server.send(&request, &changed).await, what);
    }
    assert_eq!(server.send(&request, &body).await.status, 200);
}

#[tokio::test]
async fn a_server_whose_s3_has_no_chunks_says_so() {
    let toml = "[rules]\nchunk_signatures = false".to_owned();
    let server = start_with(Options { toml, ..Options::default() }).await;
    let file = json!({ "name": "a.txt", "size": 1, "type": "text/plain", "integrity": "chunks" });
    let reply = server.call("/uploads", json!({ "files": [file] })).await.json();
    assert_eq!(reply["uploads"][0]["error"]["code"], "integrity_refused");
}

#[tokio::test]
async fn a_call_full_of_hashes_fits_into_a_body() {
    let server = start().await;
    let file = json!({ "name": "a.txt", "size": 1, "type": "text/plain", "integrity": "chunks" });
    let token = server.create(file, &[]).await.token;
    let sign = |hashes: usize| {
        let chunk_hashes = STANDARD.encode(vec![7; 32 * hashes]);
        let intents = json!([{ "op": "put", "chunkHashes": chunk_hashes }]);
        server.call("/sign", json!({ "requests": [{ "token": token, "intents": intents }] }))
    };
    // Read and judged: there is one chunk, not fifty thousand.
    let full = sign(50_000).await;
    assert_eq!(
        (full.status, full.json()["results"][0]["error"]["code"].clone()),
        (200, json!("part_refused"))
    );
    let more = sign(50_001).await;
    assert_eq!((more.status, more.code()), (413, "too_many_files".to_owned()));
}

/// The crate's own bodies, with dev-s3's own keys.
async fn send_body(server: &Running, format: ChunkFormat, change: impl Fn(&mut Vec<u8>)) -> Reply {
    let bytes = bytes(100_000);
    let key = |name: &str| std::fs::read_to_string(server.data_dir.join(name)).unwrap().trim().to_owned();
    let (id, secret) = (key("dev-s3-access-key-id"), key("dev-s3-secret-access-key"));
    let credentials = Credentials::new(id, secret, None).unwrap();
    let now = Timestamp::from_unix_seconds(common::jwt::unix_now() as i64);
    let (signer, options) = (Signer::new(&credentials), SigningOptions::s3("us-east-1", now).unwrap());

    let plan = ChunkPlan::new(format, ChunkSize::new(65_536).unwrap(), bytes.len() as u64).unwrap();
    let url = format!("{}/sealift-dev/chunked.bin", server.s3_url);
    let request = plan.prepare(Request::from_url("PUT", &url).unwrap()).unwrap();
    let signed = signer.sign_headers(&request, &options).unwrap();
    let chain = format.is_signed().then(|| signer.chunk_chain(&options, signed.signature));
    let trailer = format.trailer().map(|checksum| match checksum {
        TrailerChecksum::Sha256 => Trailer::new(checksum, &sha256(&bytes)).unwrap(),
        _ => Trailer::parse(TrailerChecksum::Crc64Nvme, &crc64nvme(&bytes)).unwrap(),
    });
    let mut encoder = ChunkEncoder::new(plan, chain).unwrap();
    let mut body = Vec::new();
    encoder.update(&bytes, &mut body).unwrap();
    encoder.finish(trailer.as_ref(), &mut body).unwrap();
    assert_eq!(body.len() as u64, plan.encoded_length());
    change(&mut body);
    let headers: Vec<_> = signed.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    server.client.send("PUT", &signed.url, &headers, body).await
}

#[tokio::test]
async fn trailers_are_verified() {
    let server = start().await;
    for checksum in [TrailerChecksum::Crc64Nvme, TrailerChecksum::Sha256] {
        for format in [ChunkFormat::SignedTrailer(checksum), ChunkFormat::UnsignedTrailer(checksum)] {
            let stored = send_body(&server, format, |_| ()).await;
            assert_eq!(stored.status, 200, "{format:?}: {}", stored.text());
            assert!(stored.header(checksum.header()).is_some(), "{format:?}");
            let find = |body: &[u8], text: &str| body.windows(text.len()).position(|w| w == text.as_bytes());
            // Another letter in the checksum, which stays base64.
            let other_value = send_body(&server, format, |body| {
                let place = find(body, checksum.header()).unwrap() + checksum.header().len() + 2;
                body[place] = if body[place] == b'A' { b'B' } else { b'A' };
            });
            let other_value = other_value.await;
            let code = if format.is_signed() { "SignatureDoesNotMatch" } else { "BadDigest" };
            assert!(other_value.text().contains(&format!("<Code>{code}</Code>")), "{}", other_value.text());
            let other_byte = send_body(&server, format, |body| body[1000] ^= 1).await;
            assert!(other_byte.text().contains(&format!("<Code>{code}</Code>")), "{}", other_byte.text());
        }
    }
    let stored = send_body(&server, ChunkFormat::Signed, |_| ()).await;
    assert_eq!(stored.status, 200, "{}", stored.text());
}

/// Whatever stands between the chunks, dev-s3 takes nothing but what was written.
#[tokio::test]
async fn every_byte_between_the_chunks_counts() {
    let server =
        start_with(Options { toml: "[rules]\nchunk_size = 8192".to_owned(), ..Options::default() }).await;
    let bytes = bytes(2 * 8192 + 100);
    let (token, request) = signed_put(&server, &bytes).await;
    let body = in_chunks(&request, &bytes);
    let head = body.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let is_data = |place: usize| {
        let in_chunk = place % (head + 8192 + 2);
        (head + 1..head + 8191).contains(&in_chunk) && place < body.len() - 100
    };
    for place in (0..body.len()).filter(|place| !is_data(*place)) {
        for bit in [0, 5] {
            let mut changed = body.clone();
            changed[place] ^= 1 << bit;
            is_refused(&server.send(&request, &changed).await, &format!("byte {place}, bit {bit}"));
        }
    }
    assert_eq!(server.finish(&token, &[]).await["error"]["code"], "not_uploaded");
}
