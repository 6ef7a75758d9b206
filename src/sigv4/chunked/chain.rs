//! The signatures of chunks, each over the one before.

use std::fmt;

use crate::digest::{sha256_hex, to_hex};
use crate::sigv4::ALGORITHM;
use crate::sigv4::chunked::trailer::Trailer;
use crate::sigv4::key::{Signature, SigningKey};
use crate::sigv4::options::SigningOptions;
use crate::sigv4::payload::PayloadHash;

/// Signs chunk after chunk, from their SHA-256s alone: whoever has the key need
/// not have the bytes.
#[derive(Clone)]
pub struct ChunkChain {
    key: SigningKey,
    /// Date and scope, which every string to sign has.
    moment: String,
    previous: Signature,
}

impl ChunkChain {
    /// The chain of a request, from its own signature. Key, date and scope are
    /// those of the request.
    #[must_use]
    pub fn new(key: SigningKey, options: &SigningOptions, seed: Signature) -> Self {
        let moment = format!("{}\n{}", options.date().amz_date(), options.scope());
        Self { key, moment, previous: seed }
    }

    /// The signature of the next chunk, given the SHA-256 of its bytes.
    pub fn sign(&mut self, sha256: &[u8; 32]) -> Signature {
        self.sign_hash(&to_hex(sha256))
    }

    /// The signature of the empty chunk that ends the body.
    pub fn sign_last(&mut self) -> Signature {
        self.sign_hash(&PayloadHash::Empty.as_str())
    }

    /// The signature of the trailer, behind the last chunk.
    #[must_use]
    pub fn sign_trailer(&self, trailer: &Trailer) -> Signature {
        let canonical = [&trailer.line(), "\n"].concat();
        self.key.sign(&format!(
            "{ALGORITHM}-TRAILER\n{}\n{}\n{}",
            self.moment,
            self.previous,
            sha256_hex(canonical.as_bytes()),
        ))
    }

    fn sign_hash(&mut self, sha256: &str) -> Signature {
        self.previous = self.key.sign(&format!(
            "{ALGORITHM}-PAYLOAD\n{}\n{}\n{}\n{sha256}",
            self.moment,
            self.previous,
            PayloadHash::Empty.as_str(),
        ));
        self.previous
    }
}

impl fmt::Debug for ChunkChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkChain").field("previous", &self.previous).finish_non_exhaustive()
    }
}
