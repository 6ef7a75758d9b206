//! SHA-256 of every chunk of a stream, four chunks at a time where the machine
//! has registers for it.

mod four;
#[cfg(any(test, all(target_arch = "wasm32", target_feature = "simd128")))]
mod lanes;

use std::num::NonZeroUsize;

pub(crate) use four::Four;

use super::sha256::{Sha256, sha256};

/// Chunks of at most so many bytes are kept until there are four.
const KEPT: usize = 64 * 1024;

/// SHA-256 of every chunk of a message; the last chunk may be shorter.
///
/// Two and a half times as fast in wasm as one chunk after the other, where there
/// is SIMD and `update` is given four chunks or more at a time (or chunks are of
/// at most 64 KiB, of which four are kept: 256 KiB at most).
///
/// ```
/// use sealift::digest::{Sha256Chunks, sha256};
///
/// let mut chunks = Sha256Chunks::new(4.try_into()?);
/// chunks.update(b"Welcome ");
/// chunks.update(b"to S3");
/// let expected = [b"Welc".as_slice(), b"ome ", b"to S", b"3"].map(sha256);
/// assert_eq!(chunks.finalize(), expected);
/// # Ok::<(), std::num::TryFromIntError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sha256Chunks {
    size: usize,
    digests: Vec<[u8; 32]>,
    /// Chunks that wait for their fellows, where they are small.
    kept: Vec<u8>,
    /// The chunk that has begun, where they are large, and how much there is of it.
    begun: Sha256,
    length: usize,
}

impl Sha256Chunks {
    /// Chunks of this many bytes, of a message of nothing yet.
    #[must_use]
    pub fn new(size: NonZeroUsize) -> Self {
        Self { size: size.get(), digests: Vec::new(), kept: Vec::new(), begun: Sha256::new(), length: 0 }
    }

    /// Adds the next bytes of the message.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = match bytes.split_at_checked(self.size.saturating_mul(4)) {
                Some((group, rest)) if self.wants_group() => {
                    self.four(group);
                    rest
                }
                _ if self.size <= KEPT => self.keep(bytes),
                _ => self.stream(bytes),
            };
        }
    }

    /// The digests, in order; none for a message of nothing.
    #[must_use]
    pub fn finalize(mut self) -> Vec<[u8; 32]> {
        if self.length > 0 {
            self.digests.push(std::mem::take(&mut self.begun).finalize());
        }
        let kept = std::mem::take(&mut self.kept);
        match kept.split_at_checked(self.size.saturating_mul(3)) {
            // Three take as long as four.
            Some((three, rest)) => {
                let mut four = three.to_vec();
                four.extend(three.get(..self.size).unwrap_or_default());
                self.four(&four);
                self.digests.pop();
                self.digests.extend((!rest.is_empty()).then(|| sha256(rest)));
            }
            None => self.digests.extend(kept.chunks(self.size).map(sha256)),
        }
        self.digests
    }

    /// Whether no chunk has begun, so that four at once would be welcome.
    pub(crate) fn wants_group(&self) -> bool {
        self.length == 0 && self.kept.is_empty()
    }

    /// Bytes up to where there might be no chunk begun.
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn missing(&self) -> usize {
        if self.size <= KEPT { self.size * 4 - self.kept.len() } else { self.size - self.length }
    }

    /// The digests of the next four chunks, which were computed elsewhere.
    pub(crate) fn push(&mut self, four: [[u8; 32]; 4]) {
        self.digests.extend(four);
    }

    fn four(&mut self, group: &[u8]) {
        let mut chunks = group.chunks_exact(self.size);
        let mut four = Four::default();
        four.update([(); 4].map(|()| chunks.next().unwrap_or_default()));
        self.push(four.finalize());
    }

    /// Keeps what makes four chunks; returns the rest.
    fn keep<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let missing = self.size * 4 - self.kept.len();
        let (now, rest) = bytes.split_at(missing.min(bytes.len()));
        self.kept.extend_from_slice(now);
        if now.len() == missing {
            let mut kept = std::mem::take(&mut self.kept);
            self.four(&kept);
            kept.clear();
            self.kept = kept;
        }
        rest
    }

    /// Adds what belongs to the chunk that has begun; returns the rest.
    fn stream<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let missing = self.size - self.length;
        let (now, rest) = bytes.split_at(missing.min(bytes.len()));
        self.begun.update(now);
        self.length += now.len();
        if self.length == self.size {
            self.digests.push(std::mem::take(&mut self.begun).finalize());
            self.length = 0;
        }
        rest
    }
}

/// SHA-256 of every chunk of a message at hand; the last chunk may be shorter.
#[must_use]
pub fn sha256_chunks(bytes: &[u8], size: NonZeroUsize) -> Vec<[u8; 32]> {
    let mut chunks = Sha256Chunks::new(size);
    chunks.update(bytes);
    chunks.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(length: usize) -> Vec<u8> {
        (0..length).map(|index| (index * 31 + (index >> 8)) as u8).collect()
    }

    fn one_by_one(message: &[u8], size: usize) -> Vec<[u8; 32]> {
        message.chunks(size).map(sha256).collect()
    }

    #[test]
    fn every_number_of_chunks_and_a_shorter_last() {
        for size in [1_usize, 55, 56, 63, 64, 65, 1000] {
            for length in (0..=9 * size).step_by(size.div_ceil(3)) {
                let message = message(length);
                let digests = sha256_chunks(&message, size.try_into().unwrap());
                assert_eq!(digests, one_by_one(&message, size), "{length} in chunks of {size}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn how_a_message_is_cut_does_not_matter(
            size in prop_oneof![1..300_usize, 8192..8194_usize, KEPT - 1..KEPT + 2, KEPT..3 * KEPT],
            lengths in proptest::collection::vec(prop_oneof![0..300_usize, 0..6 * KEPT], 0..5),
        ) {
            let mut chunks = Sha256Chunks::new(size.try_into().unwrap());
            let message = message(lengths.iter().sum());
            let mut rest = message.as_slice();
            for length in lengths {
                let (now, later) = rest.split_at(length);
                chunks.update(now);
                rest = later;
            }
            prop_assert_eq!(chunks.finalize(), one_by_one(&message, size));
        }
    }
}
