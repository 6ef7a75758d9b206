//! CRC64NVME, S3's checksum of whole objects
//! (<https://nvmexpress.org/wp-content/uploads/NVM-Express-NVM-Command-Set-Specification-1.0d-2023.12.28-Ratified.pdf>, 5.2.1.3.4).
//!
//! A CRC is a remainder modulo a polynomial P, held with its lowest power in
//! the highest bit.

// Apart, for the page that only combines checksums: its module must not ask
// for a browser with SIMD.
#[cfg(any(not(target_arch = "wasm32"), feature = "hash"))]
mod stream;

#[cfg(any(not(target_arch = "wasm32"), feature = "hash"))]
pub use stream::Crc64Nvme;

/// P without its highest power.
const POLYNOMIAL: u64 = 0x9A6C_9329_AC4B_C9B5;

/// 1, and x to the power of 8.
const ONE: u64 = 1 << 63;
const BYTE: u64 = 1 << 55;

/// The checksum of two messages one behind the other, from the checksums of
/// each and the length of the second in bytes.
#[must_use]
pub const fn combine(first: u64, second: u64, second_length: u64) -> u64 {
    multiply(first, power(BYTE, second_length)) ^ second
}

const fn times_x(value: u64) -> u64 {
    // A mask in place of a branch, which would be guessed wrong half the time.
    (value >> 1) ^ (POLYNOMIAL & (value & 1).wrapping_neg())
}

/// The product modulo P.
const fn multiply(a: u64, mut b: u64) -> u64 {
    let mut product = 0;
    let mut term = ONE;
    while term != 0 {
        if a & term != 0 {
            product ^= b;
        }
        b = times_x(b);
        term >>= 1;
    }
    product
}

/// The power modulo P.
const fn power(mut base: u64, mut exponent: u64) -> u64 {
    let mut value = ONE;
    while exponent != 0 {
        if exponent & 1 == 1 {
            value = multiply(value, base);
        }
        base = multiply(base, base);
        exponent >>= 1;
    }
    value
}
