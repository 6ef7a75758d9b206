//! The caller's bytes, in wasm memory a piece at a time: a `&[u8]` argument
//! would copy all of them and grow the memory for good.

use std::cell::RefCell;

use js_sys::Uint8Array;

/// Bytes that are in wasm memory at a time. Every piece but the last has as many,
/// or a quarter of it where four are staged.
pub(super) const SIZE: usize = 64 * 1024;

/// Longer than any digest or saved state.
const LONG: u32 = 256;

thread_local! {
    /// One for all: nobody needs it longer than a call.
    static STAGING: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The staging, of at least `size` bytes.
pub(super) fn with(size: usize, work: impl FnOnce(&mut [u8])) {
    STAGING.with_borrow_mut(|staging| {
        if staging.len() < size {
            staging.resize(size, 0);
        }
        work(staging);
    });
}

/// Hands the caller's bytes over, as many at a time as are staged.
pub(super) fn in_pieces(bytes: &Uint8Array, mut update: impl FnMut(&[u8])) {
    let length = bytes.length();
    with(SIZE.min(length as usize), |staging| {
        let mut start = 0;
        while start < length {
            let end = length.min(start.saturating_add(SIZE as u32));
            let Some(staged) = staging.get_mut(..(end - start) as usize) else { return };
            bytes.subarray(start, end).copy_to(staged);
            update(staged);
            start = end;
        }
    });
}

/// A digest or a saved state; nothing where it is too long for either.
pub(super) fn copied(bytes: &Uint8Array) -> Vec<u8> {
    if bytes.length() > LONG { Vec::new() } else { bytes.to_vec() }
}
