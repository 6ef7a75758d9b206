//! The signatures of JSON Web Tokens by ring: it is linked for TLS already,
//! where the crate's own choices would bring a second cryptography library.

use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use signature::Verifier;

/// Makes ring the process's provider; later calls change nothing.
pub fn install() {
    // An error only says that there is one already, which is this one.
    let _ = PROVIDER.install_default();
}

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(Error::from(ErrorKind::UnsupportedAlgorithm)),
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    let family = match algorithm {
        Algorithm::HS256 => AlgorithmFamily::Hmac,
        Algorithm::RS256 => AlgorithmFamily::Rsa,
        Algorithm::ES256 => AlgorithmFamily::Ec,
        _ => return Err(ErrorKind::UnsupportedAlgorithm.into()),
    };
    if key.family() != family {
        return Err(ErrorKind::InvalidKeyFormat.into());
    }
    Ok(Box::new(RingVerifier { algorithm: *algorithm, key: key.clone() }))
}

struct RingVerifier {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        if let (Algorithm::RS256, DecodingKeyKind::RsaModulusExponent { n, e }) =
            (self.algorithm, self.key.kind())
        {
            // As sets of keys have them.
            return RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .map_err(|_| signature::Error::new());
        }
        let key = self.key.try_get_as_bytes().map_err(|_| signature::Error::new())?;
        let verified = match self.algorithm {
            Algorithm::HS256 => {
                ring::hmac::verify(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key), message, signature)
            }
            Algorithm::RS256 => {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key).verify(message, signature)
            }
            Algorithm::ES256 => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key).verify(message, signature)
            }
            _ => return Err(signature::Error::new()),
        };
        verified.map_err(|_| signature::Error::new())
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use jsonwebtoken::Validation;
    use serde_json::Value;

    use super::*;

    /// A set of keys has an RSA key as modulus and exponent, a PEM as one text.
    #[test]
    fn an_rsa_key_in_two_parts_is_that_of_its_pem() {
        install();
        let pem = include_str!("../../tests/data/rs256-public.pem");
        let token = include_str!("../../tests/data/rs256-token.txt").trim();
        let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let der = STANDARD.decode(base64).unwrap();
        // SubjectPublicKeyInfo of 2048 bits: the modulus, then 02 03 and the exponent.
        assert_eq!(der.len(), 294);
        let (modulus, exponent) = (&der[33..289], &der[291..]);
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        let verified = |modulus: &[u8]| {
            let key = DecodingKey::from_rsa_raw_components(modulus, exponent);
            jsonwebtoken::decode::<Value>(token, &key, &validation).is_ok()
        };
        assert!(verified(modulus));
        let mut other = modulus.to_vec();
        other[100] ^= 1;
        assert!(!verified(&other));
    }
}
