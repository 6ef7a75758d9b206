//! CRC32, that of zip, PNG and Ethernet
//! (<https://reveng.sourceforge.io/crc-catalogue/17plus.htm#crc.cat.crc-32-iso-hdlc>).

use super::crc::Field;

const FIELD: Field = Field::of_32_bits(0xEDB8_8320);

/// The checksum of two messages one behind the other, from the checksums of
/// each and the length of the second in bytes.
#[must_use]
pub const fn combine(first: u32, second: u32, second_length: u64) -> u32 {
    FIELD.combine(first as u64, second as u64, second_length) as u32
}

#[cfg(any(not(target_arch = "wasm32"), feature = "hash", feature = "sums"))]
super::crc::streaming! {
    /// A streaming CRC32. It keeps 64 KB. Saved: 17 bytes.
    ///
    /// ```
    /// use sealift::digest::{Crc32, crc32};
    ///
    /// let (mut crc, mut rest) = (Crc32::new(), Crc32::new());
    /// crc.update(b"1234");
    /// rest.update(b"56789");
    /// assert_eq!(crc32::combine(crc.finish(), rest.finish(), 5), 0xcbf4_3926);
    /// ```
    Crc32: u32, saved as super::saved::Algorithm::Crc32, lags [1927, 2181, 4018]
}
