//! CRC64NVME of bytes as they come.
//!
//! The remainder stays the same when the message is changed
//! by multiples of P: with a multiple of few terms, whole bytes apart, the
//! message is folded over itself by loads and XORs alone, and only what is left
//! at the end, shorter than the multiple, is divided.

use super::{BYTE, ONE, POLYNOMIAL, multiply, power, times_x};

/// x to the power of -8.
const BYTE_BACK: u64 = {
    let (mut value, mut times) = (ONE, 0);
    while times < 8 {
        value = if value & ONE == 0 { value << 1 } else { ((value ^ POLYNOMIAL) << 1) | 1 };
        times += 1;
    }
    value
};

/// The multiple of P: its terms lie these numbers of bytes behind the first.
const LAGS: [usize; 6] = [3720, 4345, 5274, 7743, 8328, LONGEST_LAG];
const LONGEST_LAG: usize = 9122;
/// Bytes folded at a time: no byte of them depends on another of them.
const BLOCK: usize = 3712;
/// Bytes folded before what the next ones need is moved to the front.
const WINDOW: usize = LONGEST_LAG + 16 * BLOCK;

/// What brings the remainder, which lies behind the message, back to its end.
const BACK: u64 = power(BYTE_BACK, LONGEST_LAG as u64);

/// A streaming CRC64NVME. It keeps 68 KB.
///
/// ```
/// use sealift::digest::crc64nvme::{Crc64Nvme, combine};
///
/// let mut crc = Crc64Nvme::new();
/// crc.update(b"1234");
/// let first = crc.finish();
/// crc.update(b"56789");
/// assert_eq!(crc.finish(), 0xae8b_1486_0a79_9888);
///
/// let mut rest = Crc64Nvme::new();
/// rest.update(b"56789");
/// assert_eq!(combine(first, rest.finish(), 5), crc.finish());
/// ```
#[derive(Clone, Debug)]
pub struct Crc64Nvme {
    /// Bytes in all.
    length: u64,
    /// The message after folding, up to `end`: at first, nothing stands before it.
    window: Vec<u8>,
    end: usize,
}

impl Default for Crc64Nvme {
    fn default() -> Self {
        Self::new()
    }
}

impl Crc64Nvme {
    /// The checksum of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { length: 0, window: vec![0; WINDOW], end: LONGEST_LAG }
    }

    /// Adds the next bytes of the message.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.end == WINDOW {
                self.window.copy_within(WINDOW - LONGEST_LAG.., 0);
                self.end = LONGEST_LAG;
            }
            let size = bytes.len().min(BLOCK).min(WINDOW - self.end);
            let Some((block, rest)) = bytes.split_at_checked(size) else { return };
            self.fold(block);
            bytes = rest;
        }
    }

    /// The checksum of everything added; more may be added afterwards.
    #[must_use]
    pub fn finish(&self) -> u64 {
        let mut remainder = [0; LONGEST_LAG];
        for lag in LAGS {
            let folded = self.window.get(self.end - lag..self.end).unwrap_or_default();
            for (byte, folded) in remainder.iter_mut().zip(folded) {
                *byte ^= folded;
            }
        }
        let message = multiply(divide(&remainder), BACK);
        !(message ^ multiply(u64::MAX, power(BYTE, self.length)))
    }

    /// Adds at most a block, for which the window has room.
    #[cfg_attr(target_arch = "wasm32", target_feature(enable = "simd128"))]
    fn fold(&mut self, block: &[u8]) {
        let Some((before, after)) = self.window.split_at_mut_checked(self.end) else { return };
        let Some(out) = after.get_mut(..block.len()) else { return };
        let [a, b, c, d, e, f] = LAGS.map(|lag| before.get(before.len() - lag..).unwrap_or_default().iter());
        for (((((((out, byte), a), b), c), d), e), f) in
            out.iter_mut().zip(block).zip(a).zip(b).zip(c).zip(d).zip(e).zip(f)
        {
            *out = byte ^ a ^ b ^ c ^ d ^ e ^ f;
        }
        self.end += block.len();
        self.length += block.len() as u64;
    }
}

/// The remainder of a message and eight bytes of nothing behind it.
fn divide(message: &[u8]) -> u64 {
    let table: [u64; 256] = std::array::from_fn(|byte| (0..8).fold(byte as u64, |value, _| times_x(value)));
    message.iter().fold(0, |value, byte| {
        let low = usize::from(value as u8 ^ byte);
        (value >> 8) ^ table.get(low).copied().unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::crc64nvme::combine;
    use proptest::prelude::*;

    /// The definition, bit by bit.
    fn plain(message: &[u8]) -> u64 {
        !message
            .iter()
            .fold(u64::MAX, |value, byte| (0..8).fold(value ^ u64::from(*byte), |value, _| times_x(value)))
    }

    fn crc(message: &[u8]) -> u64 {
        let mut crc = Crc64Nvme::new();
        crc.update(message);
        crc.finish()
    }

    /// Around the block, the longest lag and the window.
    fn lengths() -> impl Strategy<Value = usize> {
        prop_oneof![
            0..20_usize,
            BLOCK - 2..BLOCK + 3,
            LONGEST_LAG - 2..LONGEST_LAG + 3,
            WINDOW - LONGEST_LAG - 2..WINDOW - LONGEST_LAG + 3,
            0..200_000_usize,
        ]
    }

    fn message(length: usize, seed: u64) -> Vec<u8> {
        let mut state = seed | 1;
        let next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        std::iter::repeat_with(next).take(length).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn it_is_the_plain_division(length in lengths(), seed: u64) {
            let message = message(length, seed);
            prop_assert_eq!(crc(&message), plain(&message));
        }

        #[test]
        fn how_a_message_is_cut_does_not_matter(
            lengths in proptest::collection::vec(lengths(), 0..5), seed: u64,
        ) {
            let mut streamed = Crc64Nvme::new();
            let (mut combined, mut whole) = (0, Vec::new());
            for length in lengths {
                let piece = message(length, seed ^ length as u64);
                streamed.update(&piece);
                combined = combine(combined, crc(&piece), length as u64);
                whole.extend(piece);
                prop_assert_eq!(streamed.finish(), combined);
            }
            prop_assert_eq!(combined, plain(&whole));
        }

        #[test]
        fn combining_is_associative_at_any_length(
            crcs: [u64; 3], second in 0..1_u64 << 62, third in 0..1_u64 << 62,
        ) {
            let [a, b, c] = crcs;
            let left = combine(combine(a, b, second), c, third);
            let right = combine(a, combine(b, c, third), second + third);
            prop_assert_eq!(left, right);
            prop_assert_eq!(combine(a, 0, 0), a);
        }
    }
}
