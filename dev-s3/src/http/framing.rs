//! The framing of `aws-chunked` bodies, checked beside s3s, which takes a body
//! whose last, empty chunk is missing and chunks of any size:
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>

use std::fmt;

/// Chunks but the last have at least this many bytes.
const MIN_CHUNK: u64 = 8192;

/// Follows a body's chunks by their sizes alone.
#[derive(Debug)]
pub(crate) struct Framing {
    state: State,
    /// Size of the chunk before, when it was too small to stand before another.
    small: bool,
}

#[derive(Debug)]
enum State {
    /// In the line `size[;chunk-signature=…]\r\n`: the size so far, and whether
    /// its digits are over.
    Header { size: u64, digits_over: bool },
    /// In a chunk's data and the CRLF after it: bytes left.
    Data { left: u64 },
    /// Behind the empty chunk's header: trailers, if any.
    Last,
}

/// What is wrong with a body's chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FramingError {
    ChunkTooSmall,
    LastChunkMissing,
}

impl fmt::Display for FramingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ChunkTooSmall => "a chunk before the last has less than 8192 bytes",
            Self::LastChunkMissing => "the body ends without its last, empty chunk",
        })
    }
}

impl std::error::Error for FramingError {}

impl Framing {
    pub(crate) fn new() -> Self {
        Self { state: HEADER, small: false }
    }

    pub(crate) fn update(&mut self, mut bytes: &[u8]) -> Result<(), FramingError> {
        while let Some((&byte, rest)) = bytes.split_first() {
            match &mut self.state {
                State::Header { size, digits_over } => {
                    bytes = rest;
                    match (byte, char::from(byte).to_digit(16)) {
                        (b'\n', _) => {
                            let size = *size;
                            self.state = self.begin(size)?;
                        }
                        (_, Some(digit)) if !*digits_over => {
                            *size = size.saturating_mul(16).saturating_add(digit.into());
                        }
                        _ => *digits_over = true,
                    }
                }
                State::Data { left } => {
                    let skipped = usize::try_from(*left).map_or(bytes.len(), |left| left.min(bytes.len()));
                    bytes = bytes.get(skipped..).unwrap_or_default();
                    *left -= skipped as u64;
                    if *left == 0 {
                        self.state = HEADER;
                    }
                }
                State::Last => break,
            }
        }
        Ok(())
    }

    pub(crate) fn finish(&self) -> Result<(), FramingError> {
        match self.state {
            State::Last => Ok(()),
            _ => Err(FramingError::LastChunkMissing),
        }
    }

    fn begin(&mut self, size: u64) -> Result<State, FramingError> {
        if size == 0 {
            return Ok(State::Last);
        }
        if std::mem::replace(&mut self.small, size < MIN_CHUNK) {
            return Err(FramingError::ChunkTooSmall);
        }
        Ok(State::Data { left: size.saturating_add(2) })
    }
}

const HEADER: State = State::Header { size: 0, digits_over: false };

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &[u8]) -> Result<(), FramingError> {
        // However the bytes are cut, the answer is the same.
        let mut outcomes = Vec::new();
        for size in [1, 2, 7, 4096, usize::MAX] {
            let mut framing = Framing::new();
            let run = |framing: &mut Framing| {
                body.chunks(size.min(body.len().max(1))).try_for_each(|c| framing.update(c))?;
                framing.finish()
            };
            outcomes.push(run(&mut framing));
        }
        assert!(outcomes.windows(2).all(|w| w[0] == w[1]), "{outcomes:?}");
        outcomes[0]
    }

    fn chunk(size: usize, extension: &str) -> Vec<u8> {
        let mut chunk = format!("{size:x}{extension}\r\n").into_bytes();
        chunk.extend(vec![b'\n'; size]);
        chunk.extend(b"\r\n");
        chunk
    }

    #[test]
    fn bodies_end_with_an_empty_chunk() {
        let signed = ";chunk-signature=0f";
        let whole =
            [chunk(8192, signed), chunk(1, signed), b"0;chunk-signature=ab\r\n\r\n".to_vec()].concat();
        assert_eq!(check(&whole), Ok(()));
        assert_eq!(check(b"0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"), Ok(()));
        assert_eq!(check(&chunk(10, "")), Err(FramingError::LastChunkMissing));
        assert_eq!(check(b""), Err(FramingError::LastChunkMissing));
    }

    #[test]
    fn only_the_last_chunk_may_be_small() {
        let body = [chunk(8191, ""), chunk(1, ""), b"0\r\n\r\n".to_vec()].concat();
        assert_eq!(check(&body), Err(FramingError::ChunkTooSmall));
    }
}
