//! Digests and checksums against `tests/vectors/checksums`.

use base64::Engine as _;
use sealift::digest::{Crc32, Crc32c, Crc64Nvme, Md5, Sha1, crc32, crc32c, crc64nvme, sha256, sha256_hex};
use sealift::s3::checksum;
use serde::Deserialize;

/// A digest of one message.
macro_rules! of {
    ($Digest:ident, $message:expr) => {{
        let mut digest = $Digest::new();
        digest.update($message);
        digest
    }};
}

#[derive(Deserialize)]
struct File<T> {
    vectors: Vec<T>,
}

#[derive(Deserialize)]
struct Single {
    name: String,
    input: Input,
    len: usize,
    sha256_hex: String,
    sha1: String,
    md5: String,
    crc32_hex: String,
    crc32c_hex: String,
    crc64nvme: String,
    crc64nvme_hex: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
enum Input {
    Utf8 { data: String },
    Hex { data: String },
    Repeat { byte: u8, len: usize },
    Pattern { len: usize, a: usize, b: usize },
}

#[derive(Deserialize)]
struct Multipart {
    parts: Vec<Part>,
    full_object: Whole,
    composite: Composite,
}

#[derive(Deserialize)]
struct Part {
    len: usize,
    a: usize,
    b: usize,
    crc32: String,
    crc32c: String,
    crc64nvme: String,
    etag: String,
}

#[derive(Deserialize)]
struct Whole {
    crc32: String,
    crc32c: String,
    crc64nvme: String,
}

#[derive(Deserialize)]
struct Composite {
    sha256: String,
}

#[test]
fn of_single_messages() {
    let file: File<Single> =
        serde_json::from_str(include_str!("vectors/checksums/checksums.json")).expect("vectors");
    assert_eq!(file.vectors.len(), 42);
    for vector in file.vectors {
        let message = vector.input.bytes();
        assert_eq!(message.len(), vector.len, "{}", vector.name);
        assert_eq!(sha256_hex(&message), vector.sha256_hex, "{}", vector.name);
        let crc = of!(Crc64Nvme, &message).finish();
        assert_eq!(format!("{crc:016x}"), vector.crc64nvme_hex, "{}", vector.name);
        assert_eq!(checksum::crc64nvme_to_base64(crc), vector.crc64nvme, "{}", vector.name);
        assert_eq!(checksum::crc64nvme_from_base64(&vector.crc64nvme), Some(crc), "{}", vector.name);
        assert_eq!(format!("{:08x}", of!(Crc32, &message).finish()), vector.crc32_hex, "{}", vector.name);
        assert_eq!(format!("{:08x}", of!(Crc32c, &message).finish()), vector.crc32c_hex, "{}", vector.name);
        assert_eq!(base64(&of!(Sha1, &message).finalize()), vector.sha1, "{}", vector.name);
        assert_eq!(base64(&of!(Md5, &message).finalize()), vector.md5, "{}", vector.name);
    }
}

#[test]
fn of_parts_and_of_what_they_make() {
    let file: File<Multipart> =
        serde_json::from_str(include_str!("vectors/checksums/multipart.json")).expect("vectors");
    assert_eq!(file.vectors.len(), 8);
    for vector in file.vectors {
        let (mut whole, mut whole32, mut whole32c, mut digests) = (0, 0, 0, Vec::new());
        for part in &vector.parts {
            let bytes = pattern(part.len, part.a, part.b);
            let (crc32, crc32c) = (of!(Crc32, &bytes).finish(), of!(Crc32c, &bytes).finish());
            let crc64nvme = of!(Crc64Nvme, &bytes).finish();
            assert_eq!(base64(&crc32.to_be_bytes()), part.crc32);
            assert_eq!(base64(&crc32c.to_be_bytes()), part.crc32c);
            assert_eq!(base64(&crc64nvme.to_be_bytes()), part.crc64nvme);
            assert_eq!(hex::encode(of!(Md5, &bytes).finalize()), part.etag);
            whole32 = crc32::combine(whole32, crc32, part.len as u64);
            whole32c = crc32c::combine(whole32c, crc32c, part.len as u64);
            whole = crc64nvme::combine(whole, crc64nvme, part.len as u64);
            digests.push(sha256(&bytes));
        }
        assert_eq!(base64(&whole32.to_be_bytes()), vector.full_object.crc32);
        assert_eq!(base64(&whole32c.to_be_bytes()), vector.full_object.crc32c);
        assert_eq!(base64(&whole.to_be_bytes()), vector.full_object.crc64nvme);
        assert_eq!(checksum::composite_sha256(&digests), vector.composite.sha256);
    }
}

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

impl Input {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Utf8 { data } => data.as_bytes().to_vec(),
            Self::Hex { data } => hex::decode(data).unwrap_or_default(),
            Self::Repeat { byte, len } => vec![*byte; *len],
            Self::Pattern { len, a, b } => pattern(*len, *a, *b),
        }
    }
}

fn pattern(len: usize, a: usize, b: usize) -> Vec<u8> {
    (0..len).map(|i| (i * a + b) as u8).collect()
}
