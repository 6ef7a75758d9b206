//! Base64 (RFC 4648, section 4) of a few bytes. By hand: a library's tables and
//! choices would be 2 KB of the uploader's wasm.

pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte)) << (24 - 8 * group.len());
        for place in 0..4 {
            text.push(if place > group.len() { '=' } else { digit((bits >> (18 - 6 * place)) as u8 & 63) });
        }
    }
    text
}

/// Whether the text is the base64 of as many bytes as there is room for, which
/// it fills. Only the one right way to write them is taken.
pub(super) fn decode(text: &str, bytes: &mut [u8]) -> bool {
    let mut room = bytes.iter_mut();
    let (mut bits, mut count) = (0_u32, 0);
    for digit in text.bytes() {
        bits = bits << 6 | u32::from(value(digit));
        count += 6;
        if count >= 8 {
            count -= 8;
            if let Some(byte) = room.next() {
                *byte = (bits >> count) as u8;
            }
        }
    }
    encode(bytes) == text
}

const fn digit(value: u8) -> char {
    (match value {
        0..26 => value + b'A',
        26..52 => value - 26 + b'a',
        52..62 => value - 52 + b'0',
        62 => b'+',
        _ => b'/',
    }) as char
}

/// Of what is no digit, 0: it does not come out again.
const fn value(digit: u8) -> u8 {
    match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::base64::Engine as _;
    use ::base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_what_the_library_says(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let text = encode(&bytes);
            prop_assert_eq!(&text, &STANDARD.encode(&bytes));
            let mut read = vec![0; bytes.len()];
            prop_assert!(decode(&text, &mut read));
            prop_assert_eq!(read, bytes);
        }

        #[test]
        fn what_the_library_refuses_is_refused(text in "[A-Za-z0-9+/=!é -]{0,24}", length in 0..16_usize) {
            let mut read = vec![0; length];
            let right = STANDARD.decode(&text).is_ok_and(|bytes| bytes.len() == length);
            prop_assert_eq!(decode(&text, &mut read), right);
        }
    }
}
