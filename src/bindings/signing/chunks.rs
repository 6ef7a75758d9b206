//! Signatures of chunks. What stands between the chunks is written in
//! JavaScript, so that no byte of a file crosses but to be hashed.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use super::fields::{Arguments, Value};
use super::{KEYS, input};
use crate::digest::Sha256;
use crate::error::{Error, ErrorKind, Result};
use crate::sigv4::chunked::{ChunkChain, Trailer, TrailerChecksum};
use crate::sigv4::{Signature, Signer};

/// How much of the caller's bytes is in wasm memory at a time.
const STAGING: u32 = 64 * 1024;

/// The chain of a request's chunks, in their order.
#[wasm_bindgen(skip_typescript)]
#[derive(Debug)]
pub struct ChunkSignatures {
    chain: ChunkChain,
    sha256: Sha256,
    staging: Vec<u8>,
}

#[wasm_bindgen]
impl ChunkSignatures {
    /// From the signature of the request: `{ region, service?, date }` are its
    /// own.
    ///
    /// # Errors
    /// What of the arguments is none.
    #[wasm_bindgen(constructor)]
    pub fn new(seed: &str, credentials: &JsValue, options: &JsValue) -> Result<Self> {
        let arguments = Arguments::cross(&JsValue::UNDEFINED, credentials, options)?;
        let credentials = input::credentials(&arguments.credentials())?;
        let fields = arguments.options();
        // Now is another moment than that of the request.
        if matches!(fields.get("date"), Value::Nothing) {
            return Err(Error::new(ErrorKind::InvalidDate, "the date of the request is missing"));
        }
        let options = input::signing_options(&fields)?;
        let signer = Signer::with_cache(&credentials, &KEYS);
        let chain = signer.chunk_chain(&options, Signature::parse(seed)?);
        Ok(Self { chain, sha256: Sha256::new(), staging: Vec::new() })
    }

    /// Adds bytes to the chunk that is signed next.
    pub fn update(&mut self, bytes: &Uint8Array) {
        let length = bytes.length();
        let mut start = 0;
        while start < length {
            let end = length.min(start.saturating_add(STAGING));
            self.staging.resize((end - start) as usize, 0);
            bytes.subarray(start, end).copy_to(&mut self.staging);
            self.sha256.update(&self.staging);
            start = end;
        }
    }

    /// The signature of the chunk of all bytes since the last: of none, that of
    /// the end.
    pub fn sign(&mut self) -> String {
        let sha256 = std::mem::take(&mut self.sha256).finalize();
        self.chain.sign(&sha256).to_string()
    }

    /// The signatures of chunks, 32 bytes each, from their SHA-256s, 32 bytes
    /// each.
    #[wasm_bindgen(js_name = signHashes)]
    pub fn sign_hashes(&mut self, hashes: &[u8]) -> Vec<u8> {
        let (hashes, _) = hashes.as_chunks::<32>();
        hashes.iter().flat_map(|hash| *self.chain.sign(hash).as_bytes()).collect()
    }

    /// The signature of the trailer behind the end: `crc32c` and its base64.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDigest`] for no such checksum, or none of its
    /// length.
    #[wasm_bindgen(js_name = signTrailer)]
    pub fn sign_trailer(&self, checksum: &str, value: &str) -> Result<String> {
        let checksum = TrailerChecksum::of_header(&["x-amz-checksum-", checksum].concat())
            .ok_or_else(|| Error::new(ErrorKind::InvalidDigest, "no such checksum"))?;
        Ok(self.chain.sign_trailer(&Trailer::parse(checksum, value)?).to_string())
    }
}
