//! The line before a chunk's bytes: `size;chunk-signature=…`, the size in
//! hexadecimal. Read as strictly as it is written, in lower case and without
//! zeros before it.

use crate::sigv4::chunked::size::ChunkSize;
use crate::sigv4::key::Signature;

pub(super) const CRLF: &[u8] = b"\r\n";
/// What stands before a signature in the line of a chunk, and of the trailer.
const SIGNATURE: &str = ";chunk-signature=";
const TRAILER_SIGNATURE: &str = "x-amz-trailer-signature:";
const SIGNATURE_DIGITS: usize = 64;

/// Longest line that is written: a trailer's SHA-256 or its signature.
pub(super) const MAX_LINE: usize = TRAILER_SIGNATURE.len() + SIGNATURE_DIGITS + CRLF.len();

/// The line before the bytes of a chunk, CRLF included; of no bytes, it is the
/// last one's. Another CRLF follows the bytes of every chunk that has any.
#[must_use]
pub fn chunk_head(length: u64, signature: Option<&Signature>) -> String {
    match signature {
        Some(signature) => format!("{length:x}{SIGNATURE}{signature}\r\n"),
        None => format!("{length:x}\r\n"),
    }
}

/// Bytes of that line.
pub(super) const fn head_length(length: u64, signed: bool) -> u64 {
    let digits = match length.checked_ilog2() {
        Some(bits) => bits / 4 + 1,
        None => 1,
    };
    digits as u64 + if signed { (SIGNATURE.len() + SIGNATURE_DIGITS) as u64 } else { 0 } + CRLF.len() as u64
}

/// The signature's line behind a trailer, CRLF included.
pub(super) fn trailer_signature_line(signature: &Signature) -> String {
    format!("{TRAILER_SIGNATURE}{signature}\r\n")
}

pub(super) const fn trailer_signature_length() -> u64 {
    (TRAILER_SIGNATURE.len() + SIGNATURE_DIGITS + CRLF.len()) as u64
}

/// What the line before a chunk says.
pub(super) struct Head {
    pub length: u64,
    pub signature: Option<Signature>,
}

/// Reads a line without its CRLF; `None` for what no chunk begins with.
pub(super) fn parse_head(line: &[u8], signed: bool) -> Option<Head> {
    let line = std::str::from_utf8(line).ok()?;
    let (digits, signature) = if signed {
        let (digits, signature) = line.split_once(SIGNATURE)?;
        (digits, Some(Signature::parse(signature).ok()?))
    } else {
        (line, None)
    };
    let length = u64::from_str_radix(digits, 16).ok()?;
    // Whatever else stands for the same number is not what was written.
    (format!("{length:x}") == digits && length <= ChunkSize::MAX.bytes())
        .then_some(Head { length, signature })
}

/// Reads the signature's line behind a trailer, without its CRLF.
pub(super) fn parse_trailer_signature(line: &[u8]) -> Option<Signature> {
    Signature::parse(std::str::from_utf8(line).ok()?.strip_prefix(TRAILER_SIGNATURE)?).ok()
}
