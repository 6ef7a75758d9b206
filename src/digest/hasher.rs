//! What the hashes of the RustCrypto crates have in common.

/// A streaming hash.
macro_rules! hasher {
    ($(#[$doc:meta])* $Name:ident: $Inner:ty, $size:literal bytes, saved as $algorithm:path) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        pub struct $Name($Inner);

        impl $Name {
            /// The digest of nothing yet.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }

            /// Adds the next bytes of the message.
            pub fn update(&mut self, bytes: &[u8]) {
                sha2::Digest::update(&mut self.0, bytes);
            }

            /// The digest of everything added.
            #[must_use]
            pub fn finalize(self) -> [u8; $size] {
                sha2::Digest::finalize(self.0).into()
            }

            /// What [`load`](Self::load) goes on from. The last bytes of the
            /// message, up to 63, stand in it as they are.
            #[must_use]
            pub fn save(&self) -> Vec<u8> {
                let state = sha2::digest::common::hazmat::SerializableState::serialize(&self.0);
                crate::digest::saved::seal($algorithm, &state)
            }

            /// Goes on where [`save`](Self::save) was called.
            ///
            /// # Errors
            /// [`ErrorKind::InvalidState`](crate::ErrorKind::InvalidState) for
            /// what is no state of this hash, or is damaged.
            pub fn load(saved: &[u8]) -> crate::Result<Self> {
                use sha2::digest::common::hazmat::{SerializableState, SerializedState};

                const SIZE: usize = size_of::<SerializedState<$Inner>>();
                let state: [u8; SIZE] = crate::digest::saved::open($algorithm, saved)?;
                match <$Inner>::deserialize(&state.into()) {
                    Ok(inner) => Ok(Self(inner)),
                    Err(_) => Err(crate::digest::saved::damaged()),
                }
            }
        }
    };
}

pub(super) use hasher;
