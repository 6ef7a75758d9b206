//! CRC32C, Castagnoli's: that of iSCSI (RFC 3720, appendix B.4).

use super::crc::Field;

const FIELD: Field = Field::of_32_bits(0x82F6_3B78);

/// The checksum of two messages one behind the other, from the checksums of
/// each and the length of the second in bytes.
#[must_use]
pub const fn combine(first: u32, second: u32, second_length: u64) -> u32 {
    FIELD.combine(first as u64, second as u64, second_length) as u32
}

#[cfg(any(not(target_arch = "wasm32"), feature = "hash", feature = "sums"))]
super::crc::streaming! {
    /// A streaming CRC32C. It keeps 65 KB. Saved: 17 bytes.
    ///
    /// ```
    /// use sealift::digest::{Crc32c, crc32c};
    ///
    /// let (mut crc, mut rest) = (Crc32c::new(), Crc32c::new());
    /// crc.update(b"1234");
    /// rest.update(b"56789");
    /// assert_eq!(crc32c::combine(crc.finish(), rest.finish(), 5), 0xe306_9283);
    /// ```
    Crc32c: u32, saved as super::saved::Algorithm::Crc32c, lags [1747, 2830, 5321]
}
