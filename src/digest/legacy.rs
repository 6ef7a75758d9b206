//! SHA-1 (FIPS 180-4) and MD5 (RFC 1321): no longer safe against those who make
//! two messages of one digest, but what S3's older checksums and ETags are.

use super::saved::Algorithm;

super::hasher! {
    /// A streaming SHA-1. Saved: 105 bytes.
    ///
    /// ```
    /// use sealift::digest::Sha1;
    ///
    /// let mut hasher = Sha1::new();
    /// hasher.update(b"a");
    /// hasher.update(b"bc");
    /// assert_eq!(hasher.finalize()[..4], [0xa9, 0x99, 0x3e, 0x36]);
    /// ```
    Sha1: sha1::Sha1, 20 bytes, saved as Algorithm::Sha1
}

super::hasher! {
    /// A streaming MD5. Saved: 101 bytes.
    ///
    /// ```
    /// use sealift::digest::Md5;
    ///
    /// let mut hasher = Md5::new();
    /// hasher.update(b"a");
    /// hasher.update(b"bc");
    /// assert_eq!(hasher.finalize()[..4], [0x90, 0x01, 0x50, 0x98]);
    /// ```
    Md5: md5::Md5, 16 bytes, saved as Algorithm::Md5
}
