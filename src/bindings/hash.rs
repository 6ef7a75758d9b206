//! The hash module: digests for pages, workers and Node.
//!
//! One class for all algorithms, since what a class weighs is its methods and
//! their glue; the facade (`js/digests.js`) has a class for each.

mod any;
mod chunks;
mod staging;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use crate::error::Error;

pub use chunks::Sha256Chunks;

use any::Any;

/// Bytes of one message that several algorithms get in turn: they stay in the
/// processor's nearest cache meanwhile.
const SLICE: usize = 8 * 1024;

/// Streaming digests of one message, by one or more algorithms.
///
/// Algorithms are numbers: 1 SHA-256, 2 SHA-1, 3 MD5, 4 CRC32, 5 CRC32C,
/// 6 CRC64NVME. Digests are 32, 20, 16, 4, 4 and 8 bytes, the highest first.
#[wasm_bindgen]
#[derive(Clone, Debug)]
pub struct Digests(Vec<Any>);

#[wasm_bindgen]
impl Digests {
    /// Digests of nothing yet, by these algorithms.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(algorithms: &[u8]) -> Self {
        Self(algorithms.iter().filter_map(|algorithm| Any::new(*algorithm)).collect())
    }

    /// Adds bytes to what is digested.
    pub fn update(&mut self, bytes: &Uint8Array) {
        staging::in_pieces(bytes, |piece| match self.0.as_mut_slice() {
            [one] => one.update(piece),
            all => {
                for slice in piece.chunks(SLICE) {
                    all.iter_mut().for_each(|any| any.update(slice));
                }
            }
        });
    }

    /// The digest of everything so far, by the algorithm of this place in the
    /// list. More may be added afterwards.
    #[must_use]
    pub fn digest(&self, place: usize) -> Vec<u8> {
        self.0.get(place).map(Any::digest).unwrap_or_default()
    }

    /// Forgets everything that was added.
    pub fn reset(&mut self) {
        self.0.iter_mut().for_each(Any::reset);
    }

    /// A second one that starts where this one is.
    #[wasm_bindgen(js_name = clone)]
    #[must_use]
    pub fn duplicate(&self) -> Self {
        self.clone()
    }

    /// What `load` goes on from, of the first algorithm: 117 bytes of SHA-256,
    /// 105 of SHA-1, 101 of MD5, 17 of CRC32 and CRC32C, 21 of CRC64NVME.
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        self.0.first().map(Any::save).unwrap_or_default()
    }

    /// Goes on where `save` was called, with this algorithm.
    ///
    /// # Errors
    /// `invalid_state` for what is no state of this digest, or is damaged.
    pub fn load(algorithm: u8, saved: &Uint8Array) -> Result<Self, Error> {
        Any::load(algorithm, &staging::copied(saved)).map(|any| Self(vec![any]))
    }

    /// The digest of two messages one behind the other, from the digests of each
    /// by this CRC and the length of the second in bytes, a whole number.
    ///
    /// # Errors
    /// `invalid_digest` for digests of another length, or of no CRC.
    pub fn combine(
        algorithm: u8,
        first: &Uint8Array,
        second: &Uint8Array,
        second_length: f64,
    ) -> Result<Vec<u8>, Error> {
        any::combine(algorithm, &staging::copied(first), &staging::copied(second), second_length as u64)
    }
}
