//! What all CRCs have in common: remainders modulo a polynomial P, of 32 or of
//! 64 bits, held with their lowest power in the highest bit.

// Apart, for the page that only combines checksums: its module has no use for
// the kernel.
#[cfg(any(not(target_arch = "wasm32"), feature = "hash", feature = "sums"))]
mod fold;
#[cfg(any(not(target_arch = "wasm32"), feature = "hash", feature = "sums"))]
mod stream;

#[cfg(any(not(target_arch = "wasm32"), feature = "hash", feature = "sums"))]
pub(super) use {fold::fold, stream::Kind, stream::Stream};

/// Arithmetic modulo P.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    /// P without its highest power.
    polynomial: u64,
    /// The remainder 1: the highest of the bits in use.
    one: u64,
}

impl Field {
    pub(super) const fn of_32_bits(polynomial: u32) -> Self {
        Self { polynomial: polynomial as u64, one: 1 << 31 }
    }

    pub(super) const fn of_64_bits(polynomial: u64) -> Self {
        Self { polynomial, one: 1 << 63 }
    }

    /// All bits in use.
    pub(super) const fn all(self) -> u64 {
        self.one | (self.one - 1)
    }

    /// The checksum of two messages one behind the other, from the checksums of
    /// each and the length of the second in bytes.
    pub(super) const fn combine(self, first: u64, second: u64, second_length: u64) -> u64 {
        self.shift(first, second_length) ^ second
    }

    /// The remainder of what lies this many bytes further ahead.
    #[inline(never)]
    pub(super) const fn shift(self, value: u64, bytes: u64) -> u64 {
        self.multiply(value, self.power(self.one >> 8, bytes))
    }

    /// The checksum of a message by the definition, bit by bit.
    pub(super) fn plain(self, message: &[u8]) -> u64 {
        let value = message.iter().fold(self.all(), |value, byte| {
            (0..8).fold(value ^ u64::from(*byte), |value, _| self.times_x(value))
        });
        value ^ self.all()
    }

    const fn times_x(self, value: u64) -> u64 {
        // A mask in place of a branch, which would be guessed wrong half the time.
        (value >> 1) ^ (self.polynomial & (value & 1).wrapping_neg())
    }

    const fn multiply(self, a: u64, mut b: u64) -> u64 {
        let mut product = 0;
        let mut term = self.one;
        while term != 0 {
            if a & term != 0 {
                product ^= b;
            }
            b = self.times_x(b);
            term >>= 1;
        }
        product
    }

    const fn power(self, mut base: u64, mut exponent: u64) -> u64 {
        let mut value = self.one;
        while exponent != 0 {
            if exponent & 1 == 1 {
                value = self.multiply(value, base);
            }
            base = self.multiply(base, base);
            exponent >>= 1;
        }
        value
    }

    /// x to the power of -8 for every byte.
    #[cfg(any(not(target_arch = "wasm32"), feature = "hash", feature = "sums"))]
    const fn back(self, bytes: u64) -> u64 {
        let (mut byte, mut times) = (self.one, 0);
        while times < 8 {
            byte = if byte & self.one == 0 { byte << 1 } else { ((byte ^ self.polynomial) << 1) | 1 };
            times += 1;
        }
        self.power(byte, bytes)
    }
}

/// The streaming type of one CRC, in a module that has its `FIELD`.
#[cfg(any(not(target_arch = "wasm32"), feature = "hash", feature = "sums"))]
macro_rules! streaming {
    ($(#[$doc:meta])* $Name:ident: $Value:ident, saved as $algorithm:path, lags $lags:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Name(crate::digest::crc::Stream);

        static KIND: crate::digest::crc::Kind = crate::digest::crc::Kind::new(FIELD, &$lags, |window, end, block| {
            crate::digest::crc::fold($lags, window, end, block)
        });

        impl Default for $Name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl $Name {
            /// The checksum of nothing yet.
            #[must_use]
            pub fn new() -> Self {
                Self::after(0)
            }

            /// The checksum of what is added from now on, behind a message that
            /// has this checksum.
            #[must_use]
            pub fn after(checksum: $Value) -> Self {
                Self(crate::digest::crc::Stream::after(&KIND, checksum.into()))
            }

            /// Adds the next bytes of the message.
            pub fn update(&mut self, bytes: &[u8]) {
                self.0.update(bytes);
            }

            /// The checksum of everything added; more may be added afterwards.
            #[must_use]
            pub fn finish(&self) -> $Value {
                self.0.finish() as $Value
            }

            /// What [`load`](Self::load) goes on from.
            #[must_use]
            pub fn save(&self) -> Vec<u8> {
                crate::digest::saved::seal($algorithm, &self.finish().to_be_bytes())
            }

            /// Goes on where [`save`](Self::save) was called.
            ///
            /// # Errors
            /// [`ErrorKind::InvalidState`](crate::ErrorKind::InvalidState) for
            /// what is no state of this checksum, or is damaged.
            pub fn load(saved: &[u8]) -> crate::Result<Self> {
                crate::digest::saved::open($algorithm, saved).map(|bytes| Self::after($Value::from_be_bytes(bytes)))
            }
        }
    };
}

#[cfg(any(not(target_arch = "wasm32"), feature = "hash", feature = "sums"))]
pub(super) use streaming;

#[cfg(test)]
mod tests;
