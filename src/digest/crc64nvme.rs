//! CRC64NVME, S3's checksum of whole objects
//! (<https://nvmexpress.org/wp-content/uploads/NVM-Express-NVM-Command-Set-Specification-1.0d-2023.12.28-Ratified.pdf>, 5.2.1.3.4).

use super::crc::Field;

pub(super) const FIELD: Field = Field::of_64_bits(0x9A6C_9329_AC4B_C9B5);

/// The checksum of two messages one behind the other, from the checksums of
/// each and the length of the second in bytes.
#[must_use]
pub const fn combine(first: u64, second: u64, second_length: u64) -> u64 {
    FIELD.combine(first, second, second_length)
}

#[cfg(any(not(target_arch = "wasm32"), feature = "hash", feature = "sums"))]
super::crc::streaming! {
    /// A streaming CRC64NVME. It keeps 69 KB. Saved: 21 bytes.
    ///
    /// ```
    /// use sealift::digest::crc64nvme::{Crc64Nvme, combine};
    ///
    /// let mut crc = Crc64Nvme::new();
    /// crc.update(b"1234");
    /// let first = crc.finish();
    /// crc.update(b"56789");
    /// assert_eq!(crc.finish(), 0xae8b_1486_0a79_9888);
    ///
    /// let mut rest = Crc64Nvme::new();
    /// rest.update(b"56789");
    /// assert_eq!(combine(first, rest.finish(), 5), crc.finish());
    /// ```
    Crc64Nvme: u64, saved as super::saved::Algorithm::Crc64Nvme, lags [3720, 4345, 5274, 7743, 8328, 9122]
}
