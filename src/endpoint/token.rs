//! Tokens: a JSON payload and its MAC, `base64url(payload).base64url(mac)`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::endpoint::secrets::{Purpose, TokenSecrets};

/// Longest token that is looked at, in bytes.
const MAX_BYTES: usize = 16 * 1024;

/// Signs a payload; `None` only if it cannot be written as JSON.
pub(crate) fn seal<T: Serialize>(secrets: &TokenSecrets, purpose: Purpose, payload: &T) -> Option<String> {
    let mut token = URL_SAFE_NO_PAD.encode(serde_json::to_vec(payload).ok()?);
    let mac = secrets.sign(purpose, token.as_bytes())?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(mac, &mut token);
    Some(token)
}

/// The payload of an authentic token; `None` for any other text. Nothing of
/// the payload is read before its MAC was found good.
pub(crate) fn open<T: DeserializeOwned>(secrets: &TokenSecrets, purpose: Purpose, token: &str) -> Option<T> {
    if token.len() > MAX_BYTES {
        return None;
    }
    let (payload, mac) = token.split_once('.')?;
    let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
    if !secrets.verify(purpose, payload.as_bytes(), &mac) {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn secrets(fill: u8) -> TokenSecrets {
        TokenSecrets::new([[fill; 32]]).expect("long enough")
    }

    #[test]
    fn only_its_own_purpose_and_secret_open_a_token() {
        let token = seal(&secrets(1), Purpose::Grant, &"hello").expect("JSON");
        assert_eq!(open::<String>(&secrets(1), Purpose::Grant, &token).as_deref(), Some("hello"));
        assert_eq!(open::<String>(&secrets(1), Purpose::Form, &token), None);
        assert_eq!(open::<String>(&secrets(1), Purpose::Receipt, &token), None);
        assert_eq!(open::<String>(&secrets(2), Purpose::Grant, &token), None);
    }

    #[test]
    fn secrets_rotate() {
        let old = seal(&secrets(1), Purpose::Grant, &1).expect("JSON");
        let both = TokenSecrets::new([[2; 32], [1; 32]]).expect("long enough");
        assert_eq!(open(&both, Purpose::Grant, &old), Some(1));
        let new = seal(&both, Purpose::Grant, &2).expect("JSON");
        assert_eq!(open(&secrets(2), Purpose::Grant, &new), Some(2));
        assert_eq!(open::<i32>(&secrets(1), Purpose::Grant, &new), None);
    }

    #[test]
    fn short_secrets_are_refused_and_none_is_printed() {
        assert!(TokenSecrets::new([[7; 31]]).is_err());
        assert!(TokenSecrets::new::<&[u8]>([]).is_err());
        assert_eq!(format!("{:?}", secrets(7)), "TokenSecrets(1, redacted)");
    }

    proptest! {
        #[test]
        fn any_change_of_a_token_is_refused(place in any::<prop::sample::Index>(), byte in 0x20_u8..0x7F) {
            let token = seal(&secrets(1), Purpose::Grant, &["some", "payload"]).expect("JSON");
            let mut changed = token.clone().into_bytes();
            let place = place.index(changed.len());
            prop_assume!(changed[place] != byte);
            changed[place] = byte;
            let changed = String::from_utf8(changed).expect("ASCII");
            prop_assert_eq!(open::<Vec<String>>(&secrets(1), Purpose::Grant, &changed), None);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[A-Za-z0-9_.=-]{0,80}|\\PC{0,40}") {
            prop_assert_eq!(open::<serde_json::Value>(&secrets(1), Purpose::Grant, &text), None);
        }
    }
}
