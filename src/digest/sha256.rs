//! SHA-256 (FIPS 180-4), one stream at a time.

use sha2::Digest as _;

super::hasher! {
    /// A streaming SHA-256. Saved: 117 bytes.
    ///
    /// ```
    /// use sealift::digest::{Sha256, sha256};
    ///
    /// let mut hasher = Sha256::new();
    /// hasher.update(b"Welcome to ");
    /// hasher.update(b"Amazon S3.");
    /// assert_eq!(hasher.finalize(), sha256(b"Welcome to Amazon S3."));
    /// ```
    Sha256: sha2::Sha256, 32 bytes, saved as super::saved::Algorithm::Sha256
}

/// The SHA-256 of a message at hand.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(bytes).into()
}

/// The SHA-256 of a message at hand, as 64 lower-case hexadecimal digits.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    to_hex(&sha256(bytes))
}

/// 64 lower-case hexadecimal digits. Written at once, which `hex::encode`,
/// digit by digit, is not: it shows when thousands of requests are signed.
#[must_use]
pub fn to_hex(digest: &[u8; 32]) -> String {
    let mut text = vec![0; 64];
    match hex::encode_to_slice(digest, &mut text) {
        Ok(()) => String::from_utf8(text).unwrap_or_default(),
        // 64 bytes hold 64 digits.
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_examples_of_fips_180() {
        for (message, digest) in [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ] {
            assert_eq!(sha256_hex(message.as_bytes()), digest);
        }
    }

    proptest! {
        #[test]
        fn how_a_message_is_cut_does_not_matter(
            pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 0..8),
        ) {
            let mut hasher = Sha256::new();
            for piece in &pieces {
                hasher.update(piece);
            }
            prop_assert_eq!(hasher.finalize(), sha256(&pieces.concat()));
        }
    }
}
