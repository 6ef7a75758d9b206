//! The hash module: digests for pages, workers and Node.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use crate::digest;

/// How much of the caller's bytes is in wasm memory at a time. A `&[u8]`
/// argument would copy all of them and grow the memory for good.
const STAGING: u32 = 64 * 1024;

/// Streaming SHA-256.
#[wasm_bindgen]
#[derive(Clone, Default)]
pub struct Sha256 {
    state: digest::Sha256,
    staging: Vec<u8>,
}

#[wasm_bindgen]
impl Sha256 {
    /// An empty hash.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes to what is hashed.
    pub fn update(&mut self, bytes: &Uint8Array) {
        in_pieces(bytes, &mut self.staging, |piece| self.state.update(piece));
    }

    /// The digest of everything so far: 32 bytes. More may be added afterwards.
    #[must_use]
    pub fn digest(&self) -> Vec<u8> {
        self.state.clone().finalize().to_vec()
    }

    /// Forgets everything that was added.
    pub fn reset(&mut self) {
        self.state = digest::Sha256::new();
    }

    /// A second hash that starts where this one is.
    #[wasm_bindgen(js_name = clone)]
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self { state: self.state.clone(), staging: Vec::new() }
    }
}

/// Streaming CRC64NVME.
#[wasm_bindgen]
#[derive(Clone, Default)]
pub struct Crc64Nvme {
    state: digest::Crc64Nvme,
    staging: Vec<u8>,
}

#[wasm_bindgen]
impl Crc64Nvme {
    /// An empty checksum.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes to what is summed.
    pub fn update(&mut self, bytes: &Uint8Array) {
        in_pieces(bytes, &mut self.staging, |piece| self.state.update(piece));
    }

    /// The checksum of everything so far: 8 bytes, the highest first. More may
    /// be added afterwards.
    #[must_use]
    pub fn digest(&self) -> Vec<u8> {
        self.state.finish().to_be_bytes().to_vec()
    }

    /// Forgets everything that was added.
    pub fn reset(&mut self) {
        self.state = digest::Crc64Nvme::new();
    }

    /// A second checksum that starts where this one is.
    #[wasm_bindgen(js_name = clone)]
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self { state: self.state.clone(), staging: Vec::new() }
    }
}

/// Hands the caller's bytes over, as many at a time as are staged.
fn in_pieces(bytes: &Uint8Array, staging: &mut Vec<u8>, mut update: impl FnMut(&[u8])) {
    let length = bytes.length();
    let mut start = 0;
    while start < length {
        let end = length.min(start.saturating_add(STAGING));
        let size = (end - start) as usize;
        if staging.len() < size {
            staging.resize(size, 0);
        }
        if let Some(staged) = staging.get_mut(..size) {
            bytes.subarray(start, end).copy_to(staged);
            update(staged);
        }
        start = end;
    }
}
