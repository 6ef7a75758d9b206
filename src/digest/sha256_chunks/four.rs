//! Four messages of one length, hashed side by side.

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(crate) use apart::Four;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(crate) use together::Four;

/// Where nothing is gained by it: one after the other.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod apart {
    use crate::digest::Sha256;

    #[derive(Clone, Debug, Default)]
    pub(crate) struct Four([Sha256; 4]);

    impl Four {
        /// Adds the next bytes of each message: of each the same number.
        pub(crate) fn update(&mut self, pieces: [&[u8]; 4]) {
            for (hash, piece) in self.0.iter_mut().zip(pieces) {
                hash.update(piece);
            }
        }

        pub(crate) fn finalize(self) -> [[u8; 32]; 4] {
            self.0.map(Sha256::finalize)
        }
    }
}

#[cfg(any(test, all(target_arch = "wasm32", target_feature = "simd128")))]
pub(super) mod together {
    use crate::digest::sha256_chunks::lanes::{INITIAL, Lanes, Word, compress};

    const BLOCK: usize = 64;

    #[derive(Clone, Debug)]
    pub(crate) struct Four {
        state: [Word; 8],
        length: u64,
        /// What begins a block of each message, up to `length` modulo a block.
        begun: [[u8; BLOCK]; 4],
    }

    impl Default for Four {
        fn default() -> Self {
            Self { state: INITIAL.map(Word::splat), length: 0, begun: [[0; BLOCK]; 4] }
        }
    }

    impl Four {
        /// Adds the next bytes of each message: of each the same number.
        pub(crate) fn update(&mut self, mut pieces: [&[u8]; 4]) {
            let size = pieces.iter().map(|piece| piece.len()).min().unwrap_or_default();
            let place = (self.length % BLOCK as u64) as usize;
            self.length += size as u64;
            if place > 0 {
                let missing = (BLOCK - place).min(size);
                for (begun, piece) in self.begun.iter_mut().zip(&mut pieces) {
                    let (now, rest) = piece.split_at(missing);
                    copy(begun, place, now);
                    *piece = rest;
                }
                if place + missing < BLOCK {
                    return;
                }
                compress(&mut self.state, self.begun.each_ref().map(std::slice::from_ref));
            }
            let split = pieces.map(|piece| piece.as_chunks::<BLOCK>());
            compress(&mut self.state, split.map(|(blocks, _)| blocks));
            for (begun, (_, rest)) in self.begun.iter_mut().zip(split) {
                copy(begun, 0, rest);
            }
        }

        pub(crate) fn finalize(mut self) -> [[u8; 32]; 4] {
            let bits = self.length.wrapping_mul(8).to_be_bytes();
            let zeros = [0; BLOCK];
            // One bit, and nothing up to where the length stands.
            let room = (BLOCK * 2 - 1 - bits.len() - (self.length % BLOCK as u64) as usize) % BLOCK;
            self.update([&[0x80]; 4]);
            self.update([zeros.get(..room).unwrap_or_default(); 4]);
            self.update([&bits; 4]);
            let mut digests = [[0; 32]; 4];
            for (index, word) in self.state.into_iter().enumerate() {
                for (digest, value) in digests.iter_mut().zip(word.values()) {
                    copy(digest, index * 4, &value.to_be_bytes());
                }
            }
            digests
        }
    }

    fn copy(to: &mut [u8], place: usize, bytes: &[u8]) {
        if let Some(to) = to.get_mut(place..place + bytes.len()) {
            to.copy_from_slice(bytes);
        }
    }
}

/// The kernel in numbers of four lanes that every machine has, beside the crate.
#[cfg(test)]
mod tests {
    use super::together;
    use crate::digest::sha256;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn four_messages_are_hashed_as_each_alone(
            seed in any::<[u8; 4]>(), cuts in proptest::collection::vec(0..200_usize, 0..6),
        ) {
            let mut four = together::Four::default();
            let mut messages = seed.map(|_| Vec::new());
            for cut in cuts {
                let at = |index: usize, seed: u8| (index * 7) as u8 ^ seed;
                let pieces = seed.map(|seed| (0..cut).map(|index| at(index, seed)).collect::<Vec<_>>());
                four.update(pieces.each_ref().map(Vec::as_slice));
                for (message, piece) in messages.iter_mut().zip(&pieces) {
                    message.extend(piece);
                }
            }
            prop_assert_eq!(four.finalize(), messages.map(|message| sha256(&message)));
        }
    }
}
