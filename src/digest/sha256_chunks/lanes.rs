//! The rounds of SHA-256 on four messages at once: every number has four lanes,
//! one of each message.

/// FIPS 180-4, 5.3.3.
pub(super) const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// FIPS 180-4, 4.2.2.
#[rustfmt::skip]
#[allow(clippy::unreadable_literal)]
static ROUND_CONSTANTS: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

/// Numbers of 32 bits, four side by side.
pub(super) trait Lanes: Copy {
    fn splat(value: u32) -> Self;
    fn values(self) -> [u32; 4];
    /// The first word of each, the second, …, the fourth; the highest byte first.
    fn transposed(bytes: [&[u8; 16]; 4]) -> [Self; 4];
    fn plus(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
    fn right<const BITS: u32>(self) -> Self;
    fn rotated<const BITS: u32>(self) -> Self;
    /// Bits of `one` where there are bits in `self`, of `other` where there are none.
    fn choose(self, one: Self, other: Self) -> Self;
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(super) type Word = std::arch::wasm32::v128;
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(super) type Word = [u32; 4];

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
impl Lanes for Word {
    #[inline(always)]
    fn splat(value: u32) -> Self {
        std::arch::wasm32::u32x4_splat(value)
    }

    fn values(self) -> [u32; 4] {
        use std::arch::wasm32::u32x4_extract_lane as lane;
        [lane::<0>(self), lane::<1>(self), lane::<2>(self), lane::<3>(self)]
    }

    #[inline(always)]
    fn transposed(bytes: [&[u8; 16]; 4]) -> [Self; 4] {
        use std::arch::wasm32::{i8x16_shuffle, i32x4_shuffle, i64x2_shuffle, v128_load};
        let [a, b, c, d] = bytes.map(|bytes| {
            // SAFETY: sixteen bytes can be read there; they need not be aligned.
            let words = unsafe { v128_load(bytes.as_ptr().cast()) };
            i8x16_shuffle::<3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12>(words, words)
        });
        let (ab_low, ab_high) = (i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<2, 6, 3, 7>(a, b));
        let (cd_low, cd_high) = (i32x4_shuffle::<0, 4, 1, 5>(c, d), i32x4_shuffle::<2, 6, 3, 7>(c, d));
        [
            i64x2_shuffle::<0, 2>(ab_low, cd_low),
            i64x2_shuffle::<1, 3>(ab_low, cd_low),
            i64x2_shuffle::<0, 2>(ab_high, cd_high),
            i64x2_shuffle::<1, 3>(ab_high, cd_high),
        ]
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        std::arch::wasm32::u32x4_add(self, other)
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        std::arch::wasm32::v128_xor(self, other)
    }

    #[inline(always)]
    fn right<const BITS: u32>(self) -> Self {
        std::arch::wasm32::u32x4_shr(self, BITS)
    }

    #[inline(always)]
    fn rotated<const BITS: u32>(self) -> Self {
        use std::arch::wasm32::{u32x4_shl, v128_or};
        v128_or(self.right::<BITS>(), u32x4_shl(self, 32 - BITS))
    }

    #[inline(always)]
    fn choose(self, one: Self, other: Self) -> Self {
        std::arch::wasm32::v128_bitselect(one, other, self)
    }
}

/// The same for tests on any machine.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
impl Lanes for Word {
    fn splat(value: u32) -> Self {
        [value; 4]
    }

    fn values(self) -> [u32; 4] {
        self
    }

    fn transposed(bytes: [&[u8; 16]; 4]) -> [Self; 4] {
        let word = |index: usize, bytes: &[u8; 16]| {
            bytes.as_chunks::<4>().0.get(index).map_or(0, |word| u32::from_be_bytes(*word))
        };
        [0, 1, 2, 3].map(|index| bytes.map(|bytes| word(index, bytes)))
    }

    fn plus(self, other: Self) -> Self {
        pairwise(self, other, u32::wrapping_add)
    }

    fn xor(self, other: Self) -> Self {
        pairwise(self, other, |a, b| a ^ b)
    }

    fn right<const BITS: u32>(self) -> Self {
        self.map(|value| value >> BITS)
    }

    fn rotated<const BITS: u32>(self) -> Self {
        self.map(|value| value.rotate_right(BITS))
    }

    fn choose(self, one: Self, other: Self) -> Self {
        pairwise(pairwise(self, one, |a, b| a & b), pairwise(self, other, |a, b| !a & b), |a, b| a | b)
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
fn pairwise([a, b, c, d]: Word, [e, f, g, h]: Word, of: impl Fn(u32, u32) -> u32) -> Word {
    [of(a, e), of(b, f), of(c, g), of(d, h)]
}

/// FIPS 180-4, 6.2.2, of as many blocks as the shortest message has.
///
/// Eight rounds stand in a row, and these are repeated: all 64 in a row are
/// slower than no lanes at all in Firefox, whose compiler gives up on them, and
/// 16 are hardly faster.
pub(super) fn compress(state: &mut [Word; 8], [a, b, c, d]: [&[[u8; 64]]; 4]) {
    let mut words = [Word::splat(0); 64];
    for (((a, b), c), d) in a.iter().zip(b).zip(c).zip(d) {
        start_schedule(&mut words, [a, b, c, d]);
        let mut now = *state;
        for first in (0..48).step_by(8) {
            eight_rounds::<true>(&mut now, &mut words, first);
        }
        for first in [48, 56] {
            eight_rounds::<false>(&mut now, &mut words, first);
        }
        for (sum, value) in state.iter_mut().zip(now) {
            *sum = sum.plus(value);
        }
    }
}

#[inline(always)]
fn start_schedule(words: &mut [Word; 64], blocks: [&[u8; 64]; 4]) {
    for (index, words) in words.as_chunks_mut::<4>().0.iter_mut().take(4).enumerate() {
        *words =
            Word::transposed(blocks.map(|block| block.as_chunks::<16>().0.get(index).unwrap_or(&[0; 16])));
    }
}

/// Eight rounds; where there are `MORE` than sixteen to come, the words of those
/// sixteen later are made.
#[inline(always)]
#[allow(clippy::indexing_slicing, clippy::many_single_char_names, reason = "places below 64, of 64 words")]
fn eight_rounds<const MORE: bool>(state: &mut [Word; 8], words: &mut [Word; 64], first: usize) {
    for round in first..first + 8 {
        let [a, b, c, d, e, f, g, h] = *state;
        let word = words[round];
        if MORE {
            let (near, far) = (words[round + 1], words[round + 14]);
            let s0 = near.rotated::<7>().xor(near.rotated::<18>()).xor(near.right::<3>());
            let s1 = far.rotated::<17>().xor(far.rotated::<19>()).xor(far.right::<10>());
            words[round + 16] = word.plus(s0).plus(words[round + 9]).plus(s1);
        }
        let s1 = e.rotated::<6>().xor(e.rotated::<11>()).xor(e.rotated::<25>());
        let t1 = h.plus(s1).plus(e.choose(f, g)).plus(word.plus(Word::splat(ROUND_CONSTANTS[round])));
        let s0 = a.rotated::<2>().xor(a.rotated::<13>()).xor(a.rotated::<22>());
        let t2 = s0.plus(a.xor(b).choose(c, b));
        *state = [t1.plus(t2), a, b, c, d.plus(t1), e, f, g];
    }
}
