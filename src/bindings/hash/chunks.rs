//! SHA-256 of every chunk of a stream.

use std::num::NonZeroUsize;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use super::staging;
use crate::digest::{self, Four};

/// What is staged of each of four chunks at a time.
const QUARTER: u32 = (staging::SIZE / 4) as u32;

/// SHA-256 of every chunk of a stream; the fastest where `update` is given four
/// chunks or more at a time.
#[wasm_bindgen]
#[derive(Clone, Debug)]
pub struct Sha256Chunks {
    size: u32,
    state: digest::Sha256Chunks,
}

#[wasm_bindgen]
impl Sha256Chunks {
    /// Chunks of `size` bytes, one at least, of a stream of nothing yet.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(size: u32) -> Self {
        let size = size.max(1);
        Self { size, state: digest::Sha256Chunks::new(NonZeroUsize::MIN.saturating_add(size as usize - 1)) }
    }

    /// Adds bytes to the stream.
    pub fn update(&mut self, bytes: &Uint8Array) {
        let length = bytes.length();
        let mut start = 0;
        while start < length {
            let group = self.size.saturating_mul(4);
            let (end, staged_together) = if self.state.wants_group() && length - start >= group {
                (start + group, true)
            } else {
                (length.min(start.saturating_add(self.state.missing() as u32)), false)
            };
            let bytes = bytes.subarray(start, end);
            if staged_together {
                self.state.push(four(&bytes, self.size));
            } else {
                staging::in_pieces(&bytes, |piece| self.state.update(piece));
            }
            start = end;
        }
    }

    /// The digests, 32 bytes each, one behind the other. Nothing stays behind.
    #[must_use]
    pub fn finish(&mut self) -> Vec<u8> {
        let Self { state, .. } = std::mem::replace(self, Self::new(self.size));
        state.finalize().into_flattened()
    }
}

/// Digests of four chunks, of which a piece each is staged at a time.
fn four(bytes: &Uint8Array, size: u32) -> [[u8; 32]; 4] {
    let mut four = Four::default();
    staging::with(staging::SIZE, |staging| {
        let mut start = 0;
        while start < size {
            let end = size.min(start.saturating_add(QUARTER));
            let mut pieces = staging.as_chunks_mut::<{ QUARTER as usize }>().0.iter_mut();
            let pieces = [0, 1, 2, 3].map(|chunk| {
                let staged = pieces.next().and_then(|piece| piece.get_mut(..(end - start) as usize));
                let staged = staged.unwrap_or_default();
                bytes.subarray(chunk * size + start, chunk * size + end).copy_to(staged);
                &*staged
            });
            four.update(pieces);
            start = end;
        }
    });
    four.finalize()
}
