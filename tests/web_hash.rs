//! The hash module as JavaScript calls it, in Chromium.

#![cfg(all(target_arch = "wasm32", feature = "hash"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use js_sys::Uint8Array;
use sealift::bindings::hash::{Digests, Sha256Chunks};
use sealift::digest::{self, sha256};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// The numbers of algorithms.
const SHA256: u8 = 1;
const CRC64NVME: u8 = 6;

/// Bytes that do not repeat within a block.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

#[wasm_bindgen_test]
fn lengths_around_the_staging_buffer() {
    for length in [0, 1, 63, 64, 65, 65_535, 65_536, 65_537, 131_072, 200_001] {
        let message = bytes(length);
        let mut hash = Digests::new(&[SHA256]);
        hash.update(&Uint8Array::from(message.as_slice()));
        assert_eq!(hash.digest(0), sha256(&message), "{length}");
    }
}

#[wasm_bindgen_test]
fn a_digest_does_not_end_the_hash() {
    let mut hash = Digests::new(&[SHA256]);
    hash.update(&Uint8Array::from(b"ab".as_slice()));
    assert_eq!(hash.digest(0), sha256(b"ab"));
    hash.update(&Uint8Array::from(b"c".as_slice()));
    assert_eq!(hash.digest(0), sha256(b"abc"));
}

#[wasm_bindgen_test]
fn a_clone_goes_its_own_way_and_reset_forgets() {
    let mut hash = Digests::new(&[SHA256]);
    hash.update(&Uint8Array::from(b"ab".as_slice()));
    let mut copy = hash.duplicate();
    copy.update(&Uint8Array::from(b"c".as_slice()));
    assert_eq!(hash.digest(0), sha256(b"ab"));
    assert_eq!(copy.digest(0), sha256(b"abc"));
    copy.reset();
    assert_eq!(copy.digest(0), sha256(b""));
}

#[wasm_bindgen_test]
fn a_view_into_a_larger_buffer_is_hashed_alone() {
    let mut hash = Digests::new(&[SHA256]);
    hash.update(&Uint8Array::from(b"xxabcxx".as_slice()).subarray(2, 5));
    assert_eq!(hash.digest(0), sha256(b"abc"));
}

/// The kernel is compiled for SIMD here, so it is compared with the definition.
#[wasm_bindgen_test]
fn crc64nvme_at_every_edge_of_its_window() {
    let plain = |message: &[u8]| {
        !message.iter().fold(u64::MAX, |crc, byte| {
            (0..8).fold(crc ^ u64::from(*byte), |crc, _| {
                (crc >> 1) ^ (0x9A6C_9329_AC4B_C9B5 & (crc & 1).wrapping_neg())
            })
        })
    };
    for length in [0, 1, 8, 15, 17, 3_711, 3_713, 9_121, 9_123, 59_393, 65_537, 68_513, 200_001] {
        let message = bytes(length);
        let mut hash = Digests::new(&[CRC64NVME]);
        hash.update(&Uint8Array::from(message.as_slice()));
        assert_eq!(hash.digest(0), plain(&message).to_be_bytes(), "{length}");
        let mut copy = hash.duplicate();
        copy.update(&Uint8Array::from(b"x".as_slice()));
        let joined = digest::crc64nvme::combine(plain(&message), plain(b"x"), 1);
        assert_eq!(copy.digest(0), joined.to_be_bytes(), "{length} and one");
        hash.reset();
        assert_eq!(hash.digest(0), [0; 8]);
    }
}

#[wasm_bindgen_test]
fn several_algorithms_in_one_pass_are_each_alone() {
    let message = Uint8Array::from(bytes(150_000).as_slice());
    let all = [1, 2, 3, 4, 5, 6];
    let mut together = Digests::new(&all);
    together.update(&message);
    for (place, algorithm) in all.into_iter().enumerate() {
        let mut alone = Digests::new(&[algorithm]);
        alone.update(&message);
        assert_eq!(together.digest(place), alone.digest(0), "{algorithm}");
        let loaded = Digests::load(algorithm, &Uint8Array::from(alone.save().as_slice())).unwrap();
        assert_eq!(loaded.digest(0), alone.digest(0), "{algorithm} loaded");
    }
}

#[wasm_bindgen_test]
fn chunks_are_hashed_as_each_alone_wherever_the_stream_is_cut() {
    for size in [1, 55, 1000, 16_384, 16_385, 65_536, 65_537] {
        let message = bytes(size * 9 + size / 2);
        let expected: Vec<u8> = message.chunks(size).flat_map(sha256).collect();
        for cut in [0, 1, size * 4 + 1, message.len()] {
            let mut chunks = Sha256Chunks::new(size as u32);
            for piece in [&message[..cut], &message[cut..]] {
                chunks.update(&Uint8Array::from(piece));
            }
            assert_eq!(chunks.finish(), expected, "{size}, cut at {cut}");
        }
    }
}
