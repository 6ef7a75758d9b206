//! The hash module as JavaScript calls it, in Chromium.

#![cfg(all(target_arch = "wasm32", feature = "hash"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use js_sys::Uint8Array;
use sealift::bindings::hash::Sha256;
use sealift::digest::{sha256, sha256_hex};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Bytes that do not repeat within a block.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

#[wasm_bindgen_test]
fn lengths_around_the_staging_buffer() {
    for length in [0, 1, 63, 64, 65, 65_535, 65_536, 65_537, 131_072, 200_001] {
        let message = bytes(length);
        let mut hash = Sha256::new();
        hash.update(&Uint8Array::from(message.as_slice()));
        assert_eq!(hash.digest(), sha256(&message), "{length}");
        assert_eq!(hash.digest_hex(), sha256_hex(&message), "{length}");
    }
}

#[wasm_bindgen_test]
fn a_digest_does_not_end_the_hash() {
    let mut hash = Sha256::new();
    hash.update(&Uint8Array::from(b"ab".as_slice()));
    assert_eq!(hash.digest_hex(), sha256_hex(b"ab"));
    hash.update(&Uint8Array::from(b"c".as_slice()));
    assert_eq!(hash.digest_hex(), sha256_hex(b"abc"));
}

#[wasm_bindgen_test]
fn a_clone_goes_its_own_way_and_reset_forgets() {
    let mut hash = Sha256::new();
    hash.update(&Uint8Array::from(b"ab".as_slice()));
    let mut copy = hash.duplicate();
    copy.update(&Uint8Array::from(b"c".as_slice()));
    assert_eq!(hash.digest_hex(), sha256_hex(b"ab"));
    assert_eq!(copy.digest_hex(), sha256_hex(b"abc"));
    copy.reset();
    assert_eq!(copy.digest_hex(), sha256_hex(b""));
}

#[wasm_bindgen_test]
fn a_view_into_a_larger_buffer_is_hashed_alone() {
    let mut hash = Sha256::new();
    hash.update(&Uint8Array::from(b"xxabcxx".as_slice()).subarray(2, 5));
    assert_eq!(hash.digest_hex(), sha256_hex(b"abc"));
}
