//! How many bytes a chunk has.

use crate::error::{Error, ErrorKind, Result};

const KIB: u32 = 1024;

/// Bytes of every chunk but the last, which may have fewer: 8 KiB, S3's own
/// least, to 16 MiB, the most that MinIO takes.
///
/// ```
/// use sealift::sigv4::chunked::ChunkSize;
/// assert_eq!(ChunkSize::default().bytes(), 896 * 1024);
/// assert!(ChunkSize::new(8191).is_err());
/// # Ok::<(), sealift::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChunkSize(u32);

impl ChunkSize {
    /// 8 KiB.
    pub const MIN: Self = Self(8 * KIB);
    /// 16 MiB.
    pub const MAX: Self = Self(16 * KIB * KIB);
    /// 896 KiB: each slice of a file in a body costs the browser something, so chunks
    /// should be large; but `crypto.subtle` copies what it hashes, from about 960 KiB on to
    /// memory that is mapped anew each time, and is then half as fast.
    pub const DEFAULT: Self = Self(896 * KIB);

    /// A size in bytes.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSize`] outside of 8 KiB to 16 MiB.
    pub fn new(bytes: u64) -> Result<Self> {
        match u32::try_from(bytes) {
            Ok(bytes) if (Self::MIN.0..=Self::MAX.0).contains(&bytes) => Ok(Self(bytes)),
            _ => Err(Error::new(
                ErrorKind::InvalidSize,
                "a chunk has 8 KiB to 16 MiB (8192 to 16777216 bytes)",
            )),
        }
    }

    /// The bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0 as u64
    }
}

impl Default for ChunkSize {
    fn default() -> Self {
        Self::DEFAULT
    }
}
