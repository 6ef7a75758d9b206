//! Chunked bodies, against the vectors and the examples of S3's documentation.

use sealift::digest::{Crc64Nvme, Sha256, sha256, sha256_hex};
use sealift::sigv4::chunked::{
    ChunkChain, ChunkDecoder, ChunkEncoder, ChunkFormat, ChunkPlan, ChunkSize, Trailer, TrailerChecksum,
};
use sealift::sigv4::{Origin, PayloadHash, Request, Signature, Signer};
use serde::Deserialize;

use crate::data::{Identity, Pairs, json, json_lines, vectors};

#[derive(Deserialize)]
struct Case {
    id: String,
    mode: String,
    #[serde(flatten)]
    identity: Identity,
    method: String,
    host: String,
    path: String,
    headers: Pairs,
    payload: Pattern,
    chunk_size: u64,
    trailer_algorithm: Option<String>,
    canonical_request: String,
    seed_signature: String,
    chunk_lengths: Option<Vec<u64>>,
    chunk_count: u64,
    chunk_signatures: Option<Vec<String>>,
    last_chunk_signature: Option<String>,
    trailer: Option<CaseTrailer>,
    encoded_length: u64,
    encoded_body_sha256: String,
    encoded_body_base64: Option<String>,
}

#[derive(Deserialize)]
struct Pattern {
    len: u64,
    a: u64,
    b: u64,
}

#[derive(Deserialize)]
struct CaseTrailer {
    headers: Pairs,
    canonical_trailers: String,
    signature: Option<String>,
}

impl Case {
    fn format(&self) -> ChunkFormat {
        let checksum = self.trailer_algorithm.as_ref().map(|name| {
            TrailerChecksum::of_header(&format!("x-amz-checksum-{name}")).expect("a checksum of S3")
        });
        match (self.mode.as_str(), checksum) {
            ("signed", None) => ChunkFormat::Signed,
            ("signed-trailer", Some(checksum)) => ChunkFormat::SignedTrailer(checksum),
            ("unsigned-trailer", Some(checksum)) => ChunkFormat::UnsignedTrailer(checksum),
            other => panic!("{}: {other:?}", self.id),
        }
    }

    /// Its request, with none of the headers that follow from the plan.
    fn request(&self) -> Request {
        let origin = Origin::parse(&format!("https://{}", self.host)).unwrap();
        let request = Request::from_url(&self.method, &format!("{origin}{}", self.path)).unwrap();
        self.headers.iter().fold(request, |request, (name, value)| match name.as_str() {
            "host" if *value == request.host() => request,
            "x-amz-decoded-content-length" | "x-amz-trailer" | "content-length" => request,
            "content-encoding" if value == "aws-chunked" => request,
            "content-encoding" => request.header(name, value.trim_start_matches("aws-chunked,")).unwrap(),
            _ => request.header(name, value).unwrap(),
        })
    }

    fn trailer(&self) -> Option<Trailer> {
        let ((name, value), checksum) =
            self.trailer.as_ref().map(|trailer| &trailer.headers[0]).zip(self.format().trailer())?;
        assert_eq!(name, checksum.header(), "{}", self.id);
        Some(Trailer::parse(checksum, value).unwrap())
    }
}

fn bytes_of(pattern: &Pattern) -> Vec<u8> {
    (0..pattern.len).map(|i| (i * pattern.a + pattern.b) as u8).collect()
}

fn encode(plan: ChunkPlan, chain: Option<ChunkChain>, trailer: Option<&Trailer>, bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ChunkEncoder::new(plan, chain).unwrap();
    let mut body = Vec::new();
    encoder.update(bytes, &mut body).unwrap();
    encoder.finish(trailer, &mut body).unwrap();
    body
}

#[test]
fn every_public_vector() {
    let cases: Vec<Case> = json_lines(&vectors().join("chunked-public.jsonl"));
    let mut counts = [0; 3];
    for case in &cases {
        let (id, format) = (case.id.as_str(), case.format());
        let bytes = bytes_of(&case.payload);
        let plan =
            ChunkPlan::new(format, ChunkSize::new(case.chunk_size).unwrap(), case.payload.len).unwrap();
        counts[format.is_signed() as usize + format.trailer().is_none() as usize] += 1;

        // Both lengths, before a byte is read.
        assert_eq!(plan.encoded_length(), case.encoded_length, "{id}");
        assert_eq!(plan.chunks() + 1, case.chunk_count, "{id}");

        // The seed; a vector may leave `content-length` unsigned, which the plan never does.
        let (credentials, options) = (case.identity.credentials(), case.identity.options());
        let signer = Signer::new(&credentials);
        let prepared = plan.prepare(case.request()).unwrap();
        let mut expected: Vec<_> = case.headers.iter().filter(|(name, _)| name != "host").collect();
        let length = ("content-length".to_owned(), case.encoded_length.to_string());
        if !expected.contains(&&length) {
            expected.push(&length);
        }
        let mut headers: Vec<_> = signer.sign_headers(&prepared, &options).unwrap().headers;
        headers.retain(|(name, _)| name != "authorization");
        headers.push(length.clone());
        headers.sort();
        expected.sort();
        assert_eq!(headers.iter().collect::<Vec<_>>(), expected, "{id}");
        assert_eq!(prepared.payload_hash(), Some(format.payload_hash()), "{id}");
        let as_given = case.headers.iter().fold(
            Request::from_url(&case.method, &format!("https://{}{}", case.host, case.path)).unwrap(),
            |request, (name, value)| request.header(name, value).unwrap(),
        );
        let seed = signer.sign_headers(&as_given, &options).unwrap();
        assert_eq!(seed.canonical_request, case.canonical_request, "{id}");
        assert_eq!(seed.signature.to_string(), case.seed_signature, "{id}");

        // The chain, from the hashes alone.
        let chain = || format.is_signed().then(|| signer.chunk_chain(&options, seed.signature));
        let chunks: Vec<_> = bytes.chunks(case.chunk_size as usize).collect();
        if let Some(lengths) = &case.chunk_lengths {
            assert!(
                chunks.iter().map(|chunk| chunk.len() as u64).chain([0]).eq(lengths.iter().copied()),
                "{id}"
            );
        }
        if let Some(mut chain) = chain() {
            let mut signatures: Vec<_> = chunks.iter().map(|chunk| chain.sign(&sha256(chunk))).collect();
            signatures.push(chain.sign_last());
            let signatures: Vec<_> = signatures.iter().map(Signature::to_string).collect();
            if let Some(expected) = &case.chunk_signatures {
                assert_eq!(&signatures, expected, "{id}");
            }
            assert_eq!(signatures.last(), case.last_chunk_signature.as_ref(), "{id}");
            if let Some(trailer) = case.trailer() {
                let signature = chain.sign_trailer(&trailer).to_string();
                assert_eq!(Some(signature), case.trailer.as_ref().unwrap().signature, "{id}");
            }
        }

        // The trailer's line, and its digest where the crate computes one.
        if let (Some(trailer), Some(expected)) = (case.trailer(), &case.trailer) {
            assert_eq!(format!("{}\n", trailer.line()), expected.canonical_trailers, "{id}");
            match trailer.checksum() {
                TrailerChecksum::Sha256 => assert!(trailer.is_of(&sha256(&bytes)), "{id}"),
                TrailerChecksum::Crc64Nvme => {
                    let mut crc = Crc64Nvme::new();
                    crc.update(&bytes);
                    assert!(trailer.is_of(&crc.finish().to_be_bytes()), "{id}");
                }
                _ => {}
            }
        }

        // The body, and back.
        let body = encode(plan, chain(), case.trailer().as_ref(), &bytes);
        assert_eq!(body.len() as u64, case.encoded_length, "{id}");
        assert_eq!(sha256_hex(&body), case.encoded_body_sha256, "{id}");
        if let Some(expected) = &case.encoded_body_base64 {
            use base64::Engine as _;
            assert_eq!(&base64::engine::general_purpose::STANDARD.encode(&body), expected, "{id}");
        }
        let mut decoder = ChunkDecoder::new(format, case.payload.len, chain()).unwrap();
        let mut decoded = Vec::new();
        decoder.update(&body, &mut decoded).unwrap();
        assert_eq!(decoder.finish().unwrap(), case.trailer(), "{id}");
        assert!(decoded == bytes, "{id}");
    }
    assert_eq!(counts, [8, 8, 8]);
}

#[derive(Deserialize)]
struct DocsCase {
    #[serde(flatten)]
    identity: Identity,
    payload_len: u64,
    chunk_size: u64,
    seed_signature: String,
    chunks: Vec<DocsChunk>,
    trailer: Option<DocsTrailer>,
    encoded_length: u64,
    encoded_body_sha256: String,
}

#[derive(Deserialize)]
struct DocsChunk {
    length: usize,
    signature: String,
    chunk_header: String,
}

#[derive(Deserialize)]
struct DocsTrailer {
    canonical_trailers: String,
    signature: String,
}

#[test]
fn the_two_examples_of_the_s3_documentation() {
    for (name, format) in [
        ("chunked-put", ChunkFormat::Signed),
        ("chunked-put-trailer", ChunkFormat::SignedTrailer(TrailerChecksum::Crc32c)),
    ] {
        let case: DocsCase = json(&vectors().join(format!("aws-s3-docs/{name}.json")));
        let (credentials, options) = (case.identity.credentials(), case.identity.options());
        let seed = Signature::parse(&case.seed_signature).unwrap();
        let chain = || Signer::new(&credentials).chunk_chain(&options, seed);
        let plan =
            ChunkPlan::new(format, ChunkSize::new(case.chunk_size).unwrap(), case.payload_len).unwrap();
        assert_eq!(plan.encoded_length(), case.encoded_length, "{name}");

        let bytes = vec![b'a'; case.payload_len as usize];
        let trailer = case.trailer.as_ref().map(|trailer| {
            let value = trailer.canonical_trailers.trim_end().split_once(':').unwrap().1;
            Trailer::parse(TrailerChecksum::Crc32c, value).unwrap()
        });
        let body = encode(plan, Some(chain()), trailer.as_ref(), &bytes);
        assert_eq!(sha256_hex(&body), case.encoded_body_sha256, "{name}");

        let mut signing = chain();
        let mut at = 0;
        for chunk in &case.chunks {
            let signature = signing.sign(&sha256(&bytes[at..at + chunk.length]));
            at += chunk.length;
            assert_eq!(signature.to_string(), chunk.signature, "{name}");
            let head = sealift::sigv4::chunked::chunk_head(chunk.length as u64, Some(&signature));
            assert_eq!(head, chunk.chunk_header, "{name}");
        }
        if let (Some(trailer), Some(expected)) = (&trailer, &case.trailer) {
            assert_eq!(signing.sign_trailer(trailer).to_string(), expected.signature, "{name}");
        }
    }
}

#[test]
fn a_checksum_stands_in_one_place() {
    let request = || {
        let origin = Origin::parse("https://bucket.s3.amazonaws.com").unwrap();
        Request::new("PUT", &origin, "/key")
            .unwrap()
            .header("x-amz-checksum-crc64nvme", "rosUhgp5mIg=")
            .unwrap()
    };
    let plan = |format| ChunkPlan::new(format, ChunkSize::DEFAULT, 9).unwrap();
    for checksum in TrailerChecksum::ALL {
        assert!(plan(ChunkFormat::SignedTrailer(checksum)).prepare(request()).is_err());
        assert!(plan(ChunkFormat::UnsignedTrailer(checksum)).prepare(request()).is_err());
    }
    let prepared = plan(ChunkFormat::Signed).prepare(request()).unwrap();
    assert_eq!(prepared.payload_hash(), Some(PayloadHash::StreamingSigned));
}

#[test]
fn sizes_out_of_range() {
    for bytes in [0, 1, 8191, 16 * 1024 * 1024 + 1, u64::MAX] {
        assert!(ChunkSize::new(bytes).is_err(), "{bytes}");
    }
    for size in [ChunkSize::MIN, ChunkSize::DEFAULT, ChunkSize::MAX] {
        assert_eq!(ChunkSize::new(size.bytes()), Ok(size));
        let most = 5 * 1024 * 1024 * 1024;
        assert!(ChunkPlan::new(ChunkFormat::Signed, size, most).is_ok());
        assert!(ChunkPlan::new(ChunkFormat::Signed, size, most + 1).is_err());
        assert!(ChunkPlan::new(ChunkFormat::Signed, size, u64::MAX).is_err());
    }
}

#[test]
fn digests_of_another_length_make_no_trailer() {
    let mut hasher = Sha256::new();
    hasher.update(b"abc");
    let digest = hasher.finalize();
    for checksum in TrailerChecksum::ALL {
        let length = checksum.digest_length();
        let trailer = Trailer::new(checksum, &digest[..length]).unwrap();
        assert_eq!(Trailer::parse(checksum, trailer.value()), Ok(trailer.clone()));
        assert!(Trailer::new(checksum, &digest[..length - 1]).is_err());
        assert!(trailer.is_of(&digest[..length]) && !trailer.is_of(&digest[..length - 1]));
        for text in ["", "AAAA", "not base64"] {
            assert!(Trailer::parse(checksum, text).is_err(), "{text}");
        }
    }
}
