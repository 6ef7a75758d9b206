//! Bodies in signed chunks: what is signed decodes, and nothing else is signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sealift::digest::sha256;
use sealift::endpoint::protocol::{
    ChunksIntent, Intent, NewFile, PartIntegrity, PartIntent, SignRequest, SignRequests, SignedRequest,
    Transport,
};
use sealift::endpoint::{Context, Reason, Rules, SigningEndpoint};
use sealift::sigv4::chunked::{ChunkChain, ChunkDecoder, ChunkFormat, chunk_head};
use sealift::sigv4::{Signature, SigningKey, SigningOptions};

use crate::support::*;

const CHUNK: usize = 1024 * 1024;

fn in_chunks() -> Rules {
    Rules { chunk_size: CHUNK as u64, ..rules() }
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index * 31 % 251) as u8).collect()
}

fn hashes(bytes: &[u8], size: usize) -> String {
    BASE64.encode(bytes.chunks(size).flat_map(sha256).collect::<Vec<_>>())
}

/// A file that goes by one PUT, in chunks.
fn whole(size: u64) -> NewFile {
    NewFile { size, sha256: None, integrity: Some(PartIntegrity::Chunks), ..file("film.mp4") }
}

fn put(hashes: &str) -> Intent {
    Intent::PutChunks(ChunksIntent { chunk_hashes: hashes.to_owned() })
}

fn part(number: u32, hashes: &str) -> Intent {
    let chunk_hashes = Some(hashes.to_owned());
    Intent::Part(PartIntent { number, sha256: None, crc64nvme: None, chunk_hashes })
}

/// The body that a page makes of the answer.
fn body_of(request: &SignedRequest, bytes: &[u8]) -> Vec<u8> {
    let chunks = request.chunks.as_ref().unwrap();
    let signatures = BASE64.decode(&chunks.signatures).unwrap();
    let mut signatures = signatures.chunks(32).map(|one| Signature::parse(&hex::encode(one)).unwrap());
    let mut body = Vec::new();
    for chunk in bytes.chunks(chunks.size as usize) {
        body.extend(chunk_head(chunk.len() as u64, signatures.next().as_ref()).into_bytes());
        body.extend(chunk);
        body.extend(b"\r\n");
    }
    body.extend(chunk_head(0, Some(&signatures.next().expect("the last"))).into_bytes());
    body.extend(b"\r\n");
    assert_eq!(signatures.next(), None);
    body
}

/// What S3 makes of a body, with the length that the request announces.
fn received(request: &SignedRequest, body: &[u8]) -> Result<Vec<u8>, sealift::Error> {
    let options = SigningOptions::s3("eu-west-1", now()).unwrap();
    let key = SigningKey::derive(&config(rules()).credentials, options.scope());
    let seed = Signature::parse(&signature(request)).unwrap();
    let length = header(request, "x-amz-decoded-content-length").unwrap().parse().unwrap();
    let chain = ChunkChain::new(key, &options, seed);
    let mut decoder = ChunkDecoder::new(ChunkFormat::Signed, length, Some(chain))?;
    let mut bytes = Vec::new();
    decoder.update(body, &mut bytes)?;
    decoder.finish()?;
    Ok(bytes)
}

fn check(request: &SignedRequest, bytes: &[u8]) {
    let body = body_of(request, bytes);
    let chunks = request.chunks.as_ref().unwrap();
    assert_eq!(chunks.length, body.len() as u64);
    assert_eq!(chunks.seed, signature(request));
    for (name, value) in [
        ("content-encoding", "aws-chunked"),
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
        ("x-amz-decoded-content-length", bytes.len().to_string().as_str()),
    ] {
        assert_eq!(header(request, name), Some(value));
        assert!(signed_headers(request).contains(&name.to_owned()), "{name} is not signed");
    }
    assert_eq!(signature_for_length(request, chunks.length), chunks.seed);
    assert_ne!(signature_for_length(request, chunks.length + 1), chunks.seed);
    assert!(received(request, &body).unwrap() == bytes);
}

fn granted(endpoint: &SigningEndpoint, file: NewFile) -> String {
    create(endpoint, "anna", file).unwrap().grant.token
}

fn code_of(endpoint: &SigningEndpoint, token: &str, intent: Intent) -> (String, u16) {
    let error = sign_upload(endpoint, token, &[intent]).expect_err("was signed");
    (error.code, error.status)
}

#[test]
fn a_put_in_chunks_is_bound_in_length_and_every_byte() {
    let endpoint = endpoint(in_chunks());
    for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7] {
        let created = create(&endpoint, "anna", whole(length as u64)).unwrap();
        assert_eq!(created.grant.chunk_size, Some(CHUNK as u64));
        assert!(created.requests.is_empty(), "nothing is signed before the hashes are there");
        let bytes = bytes(length);
        let intent = put(&hashes(&bytes, CHUNK));
        let signed = sign(&endpoint, "anna", &created.grant.token, &[intent]).unwrap().requests.remove(0);
        assert_eq!(signed.method, "PUT");
        assert_eq!(header(&signed, "if-none-match"), Some("*"));
        check(&signed, &bytes);
    }
}

#[test]
fn a_part_in_chunks_is_bound_in_number_length_and_every_byte() {
    let endpoint = endpoint(Rules { chunk_size: 65_536, ..rules() });
    let size = 5 * MIB + 100_000;
    let file = in_parts(size, PartIntegrity::Chunks);
    let created = create(&endpoint, "anna", file).unwrap();
    assert_eq!(created.grant.chunk_size, Some(65_536));
    assert_eq!(header(&created.requests[0], "x-amz-checksum-algorithm"), None, "S3 keeps nothing of them");
    for (number, length) in [(1, 5 * MIB as usize), (2, 100_000)] {
        let bytes = bytes(length);
        let signed = sign_upload(&endpoint, &created.grant.token, &[part(number, &hashes(&bytes, 65_536))]);
        let signed = signed.unwrap().remove(0);
        assert!(signed.url.contains(&format!("?partNumber={number}&uploadId=the-upload")), "{}", signed.url);
        check(&signed, &bytes);
    }
}

#[test]
fn a_part_in_chunks_may_have_a_crc64nvme_that_s3_keeps() {
    let endpoint = endpoint(in_chunks());
    let created = create(&endpoint, "anna", in_parts(3, PartIntegrity::ChunksCrc64Nvme)).unwrap();
    assert_eq!(header(&created.requests[0], "x-amz-checksum-algorithm"), Some("CRC64NVME"));
    let hashes = hashes(b"abc", CHUNK);
    let with = |crc: Option<&str>| {
        let (crc64nvme, chunk_hashes) = (crc.map(str::to_owned), Some(hashes.clone()));
        Intent::Part(PartIntent { number: 1, sha256: None, crc64nvme, chunk_hashes })
    };
    let token = created.grant.token;
    let signed = sign_upload(&endpoint, &token, &[with(Some(CRC64NVME_OF_ABC))]).unwrap().remove(0);
    assert_eq!(header(&signed, "x-amz-checksum-crc64nvme"), Some(CRC64NVME_OF_ABC));
    check(&signed, b"abc");
    assert_eq!(code_of(&endpoint, &token, with(None)), code(Reason::IntegrityRequired));
    let plain = granted(&endpoint, in_parts(3, PartIntegrity::Chunks));
    assert_eq!(code_of(&endpoint, &plain, with(Some(CRC64NVME_OF_ABC))), code(Reason::PartRefused));
}

#[test]
fn what_is_changed_after_signing_is_refused() {
    let endpoint = endpoint(Rules { chunk_size: 8192, ..rules() });
    let bytes = bytes(3 * 8192);
    let token = granted(&endpoint, whole(bytes.len() as u64));
    let signed = sign(&endpoint, "anna", &token, &[put(&hashes(&bytes, 8192))]).unwrap().requests.remove(0);
    let body = body_of(&signed, &bytes);
    assert!(received(&signed, &body).is_ok());
    let mut swapped = bytes.clone();
    swapped.rotate_left(8192);
    assert!(received(&signed, &body_of(&signed, &swapped)).is_err());
    assert!(received(&signed, &body[..body.len() / 2]).is_err());
    for place in (0..bytes.len()).step_by(1001) {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        assert!(received(&signed, &body_of(&signed, &changed)).is_err(), "{place}");
    }
}

#[test]
fn hashes_that_do_not_follow_from_the_plan_are_refused() {
    let endpoint = endpoint(in_chunks());
    let hash = |count: usize| BASE64.encode(vec![7; 32 * count]);
    let whole = granted(&endpoint, whole(2 * MIB + 1));
    let parts = granted(&endpoint, in_parts(6 * MIB, PartIntegrity::Chunks));
    for count in [0, 1, 2, 4, 100] {
        assert_eq!(code_of(&endpoint, &whole, put(&hash(count))), code(Reason::PartRefused), "{count}");
    }
    for (number, count) in [(1, 0), (1, 4), (1, 6), (2, 0), (2, 2), (2, 5), (0, 5), (3, 1)] {
        let intent = part(number, &hash(count));
        assert_eq!(code_of(&endpoint, &parts, intent), code(Reason::PartRefused), "{number}: {count}");
    }
    for text in ["A", "AAAA", "not base64", &hash(3)[1..], &format!("{}=", hash(3)), &BASE64.encode([7; 95])]
    {
        assert_eq!(code_of(&endpoint, &whole, put(text)), code(Reason::MalformedRequest), "{text}");
        assert_eq!(code_of(&endpoint, &parts, part(1, text)), code(Reason::MalformedRequest), "{text}");
    }
    assert_eq!(code_of(&endpoint, &whole, Intent::Put), code(Reason::IntegrityRequired));
    assert_eq!(code_of(&endpoint, &whole, Intent::Create), code(Reason::TransportRefused));
    assert_eq!(code_of(&endpoint, &parts, put(&hash(6))), code(Reason::TransportRefused));
    let bare = Intent::Part(PartIntent { number: 1, sha256: None, crc64nvme: None, chunk_hashes: None });
    assert_eq!(code_of(&endpoint, &parts, bare), code(Reason::IntegrityRequired));
    for member in ["length", "size", "chunkSize", "decodedLength"] {
        let intent = serde_json::json!({ "op": "put", "chunkHashes": hash(3), member: 1 });
        assert!(serde_json::from_value::<Intent>(intent).is_err(), "{member}");
    }
}

#[test]
fn grants_without_chunks_sign_none() {
    let endpoint = endpoint(in_chunks());
    let hashes = hashes(b"abc", CHUNK);
    let token = granted(&endpoint, file("a.png"));
    assert_eq!(code_of(&endpoint, &token, put(&hashes)), code(Reason::PartRefused));
    let token = granted(&endpoint, in_parts(3, PartIntegrity::Sha256));
    let sha256 = Some(SHA256_OF_ABC.to_owned());
    let both = PartIntent { number: 1, sha256, crc64nvme: None, chunk_hashes: Some(hashes.clone()) };
    assert_eq!(code_of(&endpoint, &token, Intent::Part(both.clone())), code(Reason::PartRefused));
    let token = granted(&endpoint, in_parts(3, PartIntegrity::Chunks));
    assert_eq!(code_of(&endpoint, &token, Intent::Part(both)), code(Reason::PartRefused));
}

#[test]
fn files_that_are_not_granted_in_chunks() {
    let endpoint_with = |rules: Rules| endpoint(rules);
    let strict = endpoint_with(rules());
    let post = NewFile { transport: Some(Transport::Post), ..whole(3) };
    let known = NewFile { sha256: Some(SHA256_OF_ABC.to_owned()), ..whole(3) };
    let crc = NewFile { integrity: Some(PartIntegrity::ChunksCrc64Nvme), ..whole(3) };
    for file in [post, known, crc] {
        let error = refused(&strict, file);
        assert_eq!((error.code, error.status), code(Reason::MalformedRequest));
    }
    let without = endpoint_with(Rules { chunk_signatures: false, ..rules() });
    for file in [whole(3), in_parts(3, PartIntegrity::Chunks), in_parts(3, PartIntegrity::ChunksCrc64Nvme)] {
        let error = refused(&without, file.clone());
        assert_eq!((error.code, error.status), code(Reason::IntegrityRefused));
        // Granted before the rules changed: good for its lifetime, not renewed.
        let token = granted(&strict, file);
        let error = sign(&without, "anna", &token, &[Intent::Renew]).expect_err("was renewed");
        assert_eq!((error.code, error.status), code(Reason::IntegrityRefused));
    }
    // A CRC64NVME of the whole is bound beside the chunks.
    let crc = NewFile { crc64nvme: Some(CRC64NVME_OF_ABC.to_owned()), ..whole(3) };
    let token = granted(&strict, crc);
    let signed = sign(&strict, "anna", &token, &[put(&hashes(b"abc", CHUNK))]).unwrap().requests.remove(0);
    assert_eq!(header(&signed, "x-amz-checksum-crc64nvme"), Some(CRC64NVME_OF_ABC));
}

#[test]
fn more_chunks_than_a_call_may_have_are_refused_as_a_whole() {
    let endpoint = endpoint(in_chunks());
    let anna = user("anna");
    let token = granted(&endpoint, in_parts(6 * MIB, PartIntegrity::Chunks));
    let call = |intents: Vec<Intent>| {
        let request = SignRequest { token: token.clone(), upload_id: Some("id".to_owned()), intents };
        endpoint.sign(&Context { now: now(), user: &anna }, SignRequests { requests: vec![request] })
    };
    let five = || part(1, &BASE64.encode([7; 5 * 32]));
    let many = part(1, &BASE64.encode(vec![7; 49_995 * 32]));
    // Refused by itself, since its part has no such chunks.
    assert!(call(vec![many.clone(), five()]).is_ok());
    let refusal = call(vec![many, five(), five()]).expect_err("too many");
    assert_eq!(refusal.reason(), Reason::TooManyFiles);
}

#[test]
fn chunks_grow_where_there_would_be_too_many() {
    for (chunk_size, part_size, size, expected) in [
        (1024 * 1024, 16 * MIB, 5 * GIB, 1024 * 1024),
        (8192, 5 * MIB, 5 * GIB, 8192),
        (8192, 5 * GIB, 50 * GIB, 1024 * 1024),
        (16 * 1024 * 1024, 5 * GIB, 50 * GIB, 16 * 1024 * 1024),
    ] {
        let endpoint = endpoint(Rules { chunk_size, part_size, max_size: 50 * GIB, ..rules() });
        let created = create(&endpoint, "anna", in_parts(size, PartIntegrity::Chunks)).unwrap();
        assert_eq!(created.grant.chunk_size, Some(expected));
    }
    for chunk_size in [0, 8191, 16 * MIB + 1] {
        assert!(SigningEndpoint::new(config(Rules { chunk_size, ..rules() })).is_err(), "{chunk_size}");
    }
}

/// S3 took nothing but the signed bytes, so they need no checksum to be known.
#[test]
fn a_put_in_chunks_is_finished_without_a_checksum() {
    let anna = user("anna");
    let context = Context { now: now(), user: &anna };
    let finish = |endpoint: &SigningEndpoint, crc64nvme: Option<u64>, granted_crc: bool| {
        let crc = granted_crc.then(|| CRC64NVME_OF_ABC.to_owned());
        let token = granted(endpoint, NewFile { crc64nvme: crc, ..whole(3) });
        let head = sealift::s3::HeadObjectOutput { sha256: None, crc64nvme, ..stored() };
        endpoint.begin_finish(&context, &finish_item(&token)).unwrap().conclude(now(), Some(&head))
    };
    let strict = endpoint(in_chunks());
    let finished = finish(&strict, None, false).unwrap();
    assert_eq!((finished.sha256, finished.crc64nvme), (None, None));
    assert!(finish(&strict, None, true).is_ok());
    assert_eq!(finish(&strict, Some(7), true).unwrap_err().reason(), Reason::ObjectDiffers);
    let guessable = Rules { key: "{user}/{filename}".to_owned(), allow_guessable_keys: true, ..rules() };
    let shared = endpoint(guessable);
    assert_eq!(finish(&shared, None, false).unwrap_err().reason(), Reason::IntegrityUnverified);
}
