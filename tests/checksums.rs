//! Digests and checksums against `tests/vectors/checksums`.

use sealift::digest::crc64nvme::{Crc64Nvme, combine};
use sealift::digest::{sha256, sha256_hex};
use sealift::s3::checksum;
use serde::Deserialize;

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
    crc64nvme: String,
}

#[derive(Deserialize)]
struct Whole {
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
        let crc = crc64nvme(&message);
        assert_eq!(format!("{crc:016x}"), vector.crc64nvme_hex, "{}", vector.name);
        assert_eq!(checksum::crc64nvme_to_base64(crc), vector.crc64nvme, "{}", vector.name);
        assert_eq!(checksum::crc64nvme_from_base64(&vector.crc64nvme), Some(crc), "{}", vector.name);
    }
}

#[test]
fn of_parts_and_of_what_they_make() {
    let file: File<Multipart> =
        serde_json::from_str(include_str!("vectors/checksums/multipart.json")).expect("vectors");
    assert_eq!(file.vectors.len(), 8);
    for vector in file.vectors {
        let (mut whole, mut digests) = (0, Vec::new());
        for part in &vector.parts {
            let bytes = pattern(part.len, part.a, part.b);
            let crc = crc64nvme(&bytes);
            assert_eq!(checksum::crc64nvme_to_base64(crc), part.crc64nvme);
            whole = combine(whole, crc, part.len as u64);
            digests.push(sha256(&bytes));
        }
        assert_eq!(checksum::crc64nvme_to_base64(whole), vector.full_object.crc64nvme);
        assert_eq!(checksum::composite_sha256(&digests), vector.composite.sha256);
    }
}

fn crc64nvme(message: &[u8]) -> u64 {
    let mut crc = Crc64Nvme::new();
    crc.update(message);
    crc.finish()
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
