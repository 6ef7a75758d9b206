use proptest::prelude::*;

use super::stream::ROOM;
use crate::digest::{Crc32, Crc32c, Crc64Nvme, crc32, crc32c, crc64nvme};

/// A CRC by the definition, and what of it the kernel has edges at.
struct Case {
    one: u64,
    polynomial: u64,
    lags: [usize; 2],
    /// The checksum of pieces one after the other, finished after each.
    streamed: fn(&[&[u8]]) -> Vec<u64>,
    combine: fn(u64, u64, u64) -> u64,
}

const CASES: [Case; 3] = [
    Case {
        one: 1 << 31,
        polynomial: 0xEDB8_8320,
        lags: [1927, 4018],
        streamed: |pieces| {
            let mut crc = Crc32::new();
            let next = |piece: &&[u8]| {
                crc.update(piece);
                crc.finish().into()
            };
            pieces.iter().map(next).collect()
        },
        combine: |first, second, length| crc32::combine(first as u32, second as u32, length).into(),
    },
    Case {
        one: 1 << 31,
        polynomial: 0x82F6_3B78,
        lags: [1747, 5321],
        streamed: |pieces| {
            let mut crc = Crc32c::new();
            let next = |piece: &&[u8]| {
                crc.update(piece);
                crc.finish().into()
            };
            pieces.iter().map(next).collect()
        },
        combine: |first, second, length| crc32c::combine(first as u32, second as u32, length).into(),
    },
    Case {
        one: 1 << 63,
        polynomial: 0x9A6C_9329_AC4B_C9B5,
        lags: [3720, 9122],
        streamed: |pieces| {
            let mut crc = Crc64Nvme::new();
            let next = |piece: &&[u8]| {
                crc.update(piece);
                crc.finish()
            };
            pieces.iter().map(next).collect()
        },
        combine: crc64nvme::combine,
    },
];

impl Case {
    fn plain(&self, message: &[u8]) -> u64 {
        let all = self.one | (self.one - 1);
        let step = |value: u64| (value >> 1) ^ if value & 1 == 1 { self.polynomial } else { 0 };
        message.iter().fold(all, |value, byte| (0..8).fold(value ^ u64::from(*byte), |value, _| step(value)))
            ^ all
    }

    fn whole(&self, message: &[u8]) -> u64 {
        (self.streamed)(&[message])[0]
    }
}

fn message(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// Around the lags and the end of the window.
fn lengths() -> impl Strategy<Value = usize> {
    prop_oneof![
        0..20_usize,
        1745..1750_usize,
        1925..1930_usize,
        3718..3723_usize,
        4016..4021_usize,
        5319..5324_usize,
        9120..9125_usize,
        ROOM - 2..ROOM + 3,
        0..200_000_usize,
    ]
}

#[test]
fn every_length_up_to_the_shortest_lag_and_around_each_edge() {
    for case in CASES {
        let [shortest, longest] = case.lags;
        let message = message(ROOM + longest + 20, 7);
        let edges = [shortest, longest, ROOM, ROOM + longest];
        for length in (0..40).chain(edges.into_iter().flat_map(|edge| edge - 18..edge + 19)) {
            let message = &message[..length];
            assert_eq!(case.whole(message), case.plain(message), "{length}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn it_is_the_plain_division(length in lengths(), seed: u64) {
        let message = message(length, seed);
        for case in CASES {
            prop_assert_eq!(case.whole(&message), case.plain(&message));
        }
    }

    #[test]
    fn how_a_message_is_cut_does_not_matter(lengths in proptest::collection::vec(lengths(), 0..5), seed: u64) {
        let pieces: Vec<_> = lengths.iter().map(|length| message(*length, seed ^ *length as u64)).collect();
        let slices: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        for case in CASES {
            let mut combined = 0;
            for (piece, streamed) in pieces.iter().zip((case.streamed)(&slices)) {
                combined = (case.combine)(combined, case.whole(piece), piece.len() as u64);
                prop_assert_eq!(streamed, combined);
            }
            prop_assert_eq!(combined, case.plain(&pieces.concat()));
        }
    }

    #[test]
    fn combining_is_associative_at_any_length(crcs: [u64; 3], second in 0..1_u64 << 62, third in 0..1_u64 << 62) {
        for case in CASES {
            let [a, b, c] = crcs.map(|crc| crc & (case.one | (case.one - 1)));
            let left = (case.combine)((case.combine)(a, b, second), c, third);
            let right = (case.combine)(a, (case.combine)(b, c, third), second + third);
            prop_assert_eq!(left, right);
            prop_assert_eq!((case.combine)(a, 0, 0), a);
        }
    }
}
