//! The loop in which the bytes of a message are folded: loads and XORs, as many
//! bytes at a time as the machine has registers for.

/// What is XORed at a time.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod word {
    use std::arch::wasm32::{u64x2_splat, v128, v128_load, v128_store, v128_xor};

    pub(super) const SIZE: usize = 16;
    pub(super) type Word = v128;

    pub(super) fn zero() -> Word {
        u64x2_splat(0)
    }

    pub(super) fn xor(word: Word, bytes: &[u8; SIZE]) -> Word {
        // SAFETY: sixteen bytes can be read there; they need not be aligned.
        v128_xor(word, unsafe { v128_load(bytes.as_ptr().cast()) })
    }

    pub(super) fn store(word: Word, bytes: &mut [u8; SIZE]) {
        // SAFETY: sixteen bytes can be written there; they need not be aligned.
        unsafe { v128_store(bytes.as_mut_ptr().cast(), word) }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod word {
    pub(super) const SIZE: usize = 8;
    pub(super) type Word = u64;

    pub(super) fn zero() -> Word {
        0
    }

    pub(super) fn xor(word: Word, bytes: &[u8; SIZE]) -> Word {
        word ^ u64::from_ne_bytes(*bytes)
    }

    pub(super) fn store(word: Word, bytes: &mut [u8; SIZE]) {
        *bytes = word.to_ne_bytes();
    }
}

/// Writes `block` to `out`, XORed with what lies each of these numbers of bytes
/// before it. `before` ends where `out` begins; `out` is as long as `block`,
/// which is no longer than the shortest lag, and `before` as the longest.
#[inline(always)]
pub(crate) fn fold<const N: usize>(lags: [usize; N], before: &[u8], block: &[u8], out: &mut [u8]) {
    let sources = lags.map(|lag| {
        let start = before.len().saturating_sub(lag);
        before.get(start..start + block.len()).unwrap_or_default()
    });
    let (block_words, block_rest) = block.as_chunks::<{ word::SIZE }>();
    let (out_words, out_rest) = out.as_chunks_mut::<{ word::SIZE }>();
    let words = sources.map(|source| {
        let (words, _) = source.as_chunks::<{ word::SIZE }>();
        words.get(..block_words.len()).unwrap_or_default()
    });
    for (index, (out, bytes)) in out_words.iter_mut().zip(block_words).enumerate() {
        let mut folded = word::xor(word::zero(), bytes);
        for words in words {
            folded = words.get(index).map_or(folded, |bytes| word::xor(folded, bytes));
        }
        word::store(folded, out);
    }
    let folded = block.len() - block_rest.len();
    for (index, (out, byte)) in out_rest.iter_mut().zip(block_rest).enumerate() {
        *out = sources
            .iter()
            .filter_map(|source| source.get(folded + index))
            .fold(*byte, |byte, folded| byte ^ folded);
    }
}
