//! Requests whose bodies go in signed chunks: the page hashes the chunks, the
//! endpoint walks their chain, and the key stays where it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::endpoint::claims::{GrantClaims, moment};
use crate::endpoint::protocol::{AnsweredIntent, SignRequests, SignedChunks, SignedRequest};
use crate::endpoint::sign::{answer, signature_date};
use crate::endpoint::{Reason, Refusal, SigningEndpoint, misconfigured};
use crate::sigv4::Request;
use crate::sigv4::chunked::{ChunkFormat, ChunkPlan, ChunkSize};
use crate::time::Timestamp;

/// Most chunks of one request: 8.5 GiB of the usual 896 KiB, so that chunks are
/// larger only where the rules want small ones for large requests.
const MAX_CHUNKS_PER_REQUEST: u64 = 10_000;
/// Most chunks of one call. Their hashes have 2.2 MB then, which a body of 4 MiB
/// holds with all else; signing them takes a fraction of a second.
pub(super) const MAX_CHUNKS_PER_CALL: usize = 50_000;
/// Bytes of a SHA-256.
const HASH: usize = 32;

/// The SHA-256s of a request's chunks, in order.
#[derive(Debug)]
pub(super) struct ChunkHashes(Vec<[u8; HASH]>);

impl ChunkHashes {
    /// As a page packs them: base64 of all of them, one behind the other.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let refuse = || Refusal::new(Reason::MalformedRequest, "chunk hashes are base64 of 32 bytes each");
        let packed = BASE64.decode(text).map_err(|_| refuse())?;
        match packed.as_chunks::<HASH>() {
            (hashes, []) => Ok(Self(hashes.to_vec())),
            _ => Err(refuse()),
        }
    }
}

/// How many hashes a packed list holds, before it is read.
fn hashes_in(text: &str) -> usize {
    text.len() / 4 * 3 / HASH
}

impl SigningEndpoint {
    /// The chunk size of a new grant whose requests carry up to that many bytes.
    pub(super) fn chunk_size_for(&self, longest_request: u64) -> Result<ChunkSize, Refusal> {
        let least = longest_request.div_ceil(MAX_CHUNKS_PER_REQUEST).next_power_of_two();
        ChunkSize::new(self.rules.rules.chunk_size.max(least)).map_err(misconfigured)
    }

    /// Refuses a call with more chunks than one may have.
    pub(super) fn check_chunks(call: &SignRequests) -> Result<(), Refusal> {
        let intents = call.requests.iter().flat_map(|request| &request.intents);
        let chunks: usize = intents.filter_map(|intent| intent.chunk_hashes()).map(hashes_in).sum();
        if chunks > MAX_CHUNKS_PER_CALL {
            return Err(Refusal::new(
                Reason::TooManyFiles,
                format!("one call takes at most {MAX_CHUNKS_PER_CALL} chunks"),
            ));
        }
        Ok(())
    }

    /// Signs a request of `length` bytes and every chunk of it.
    pub(super) fn sign_chunked(
        &self,
        now: Timestamp,
        claims: &GrantClaims,
        intent: AnsweredIntent,
        (request, length): (Request, u64),
        hashes: &ChunkHashes,
    ) -> Result<SignedRequest, Refusal> {
        let size = claims.chunk_size.ok_or_else(|| unexpected("hashes of chunks"))?;
        let plan = ChunkSize::new(size).and_then(|size| ChunkPlan::new(ChunkFormat::Signed, size, length));
        let plan = plan.map_err(misconfigured)?;
        let given = hashes.0.len();
        if plan.chunks() != given as u64 {
            let chunks = plan.chunks();
            return Err(Refusal::new(
                Reason::PartRefused,
                format!("{length} bytes go in {chunks} chunks of {size}; there are {given} hashes"),
            ));
        }
        let date = signature_date(now, moment(claims.expires));
        let credentials = self.credentials.current();
        let (signer, options) = (self.signer(&credentials), self.options(date).map_err(misconfigured)?);
        let signed = plan.prepare(request).and_then(|request| signer.sign_headers(&request, &options));
        let signed = signed.map_err(misconfigured)?;
        let mut chain = signer.chunk_chain(&options, signed.signature);
        let mut signatures = Vec::with_capacity((given + 1) * HASH);
        for hash in &hashes.0 {
            signatures.extend_from_slice(chain.sign(hash).as_bytes());
        }
        signatures.extend_from_slice(chain.sign_last().as_bytes());
        let chunks = SignedChunks {
            size,
            length: plan.encoded_length(),
            seed: signed.signature.to_string(),
            signatures: BASE64.encode(&signatures),
        };
        Ok(SignedRequest { chunks: Some(chunks), ..answer(intent, signed, date) })
    }
}

pub(super) fn unexpected(what: &str) -> Refusal {
    Refusal::new(Reason::PartRefused, format!("the grant's integrity has no {what}"))
}

pub(super) fn missing(what: &str) -> Refusal {
    Refusal::new(Reason::IntegrityRequired, format!("the grant's integrity wants {what} here"))
}
