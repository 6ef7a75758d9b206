//! The loop in which the bytes of a message are folded: loads and XORs, as many
//! bytes at a time as the machine has registers for.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use std::arch::wasm32::{v128 as Word, v128_load, v128_store, v128_xor};

/// What is XORed at a time. Neither is aligned.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
type Word = u64;

const SIZE: usize = size_of::<Word>();

/// Writes `block` to the window's bytes from `end` on, XORed with what lies each
/// of these numbers of bytes before it; answers how many bytes it wrote. They
/// ascend, and `end` is as large as the last one at least.
#[inline(always)]
pub(crate) fn fold<const N: usize>(lags: [usize; N], window: &mut [u8], end: usize, block: &[u8]) -> usize {
    let (Some(&shortest), Some(&longest)) = (lags.first(), lags.last()) else { return 0 };
    let length = block.len().min(window.len().saturating_sub(end));
    if end < longest || shortest < SIZE || !lags.is_sorted() {
        return 0;
    }
    // SAFETY: `end - longest` is not negative. Of the block `length` bytes are
    // read; the window has `end + length` bytes, of which those from
    // `end - longest` on are read, all of them before `end + length`, and those
    // from `end` on written. A word is read at least `SIZE` bytes before where it
    // is written, so it has been written itself. (Checked indices, seven for
    // every sixteen bytes, cost two thirds of the speed.)
    unsafe {
        let (from, to) = (block.as_ptr(), window.as_mut_ptr().add(end - longest));
        let mut place = 0;
        while place + SIZE <= length {
            let mut word = load(from.add(place));
            for lag in lags {
                word = xor(word, load(to.add(place).add(longest - lag)));
            }
            store(to.add(place).add(longest), word);
            place += SIZE;
        }
        while place < length {
            let mut byte = *from.add(place);
            for lag in lags {
                byte ^= *to.add(place).add(longest - lag);
            }
            *to.add(place).add(longest) = byte;
            place += 1;
        }
    }
    length
}

/// # Safety
/// `SIZE` bytes can be read there.
#[inline(always)]
unsafe fn load(from: *const u8) -> Word {
    // SAFETY: the caller's.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    return unsafe { v128_load(from.cast()) };
    // SAFETY: the caller's.
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    return unsafe { from.cast::<Word>().read_unaligned() };
}

/// # Safety
/// `SIZE` bytes can be written there.
#[inline(always)]
unsafe fn store(to: *mut u8, word: Word) {
    // SAFETY: the caller's.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    unsafe {
        v128_store(to.cast(), word);
    }
    // SAFETY: the caller's.
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    unsafe {
        to.cast::<Word>().write_unaligned(word);
    }
}

#[inline(always)]
fn xor(one: Word, other: Word) -> Word {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    return v128_xor(one, other);
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    return one ^ other;
}
