//! From a body to its bytes, as strictly as the format can be read.

use crate::digest::sha256;
use crate::error::{Error, ErrorKind, Result};
use crate::sigv4::chunked::chain::ChunkChain;
use crate::sigv4::chunked::encoder::check_chain;
use crate::sigv4::chunked::format::ChunkFormat;
use crate::sigv4::chunked::head::{MAX_LINE, parse_head, parse_trailer_signature};
use crate::sigv4::chunked::plan::MAX_DECODED_LENGTH;
use crate::sigv4::chunked::size::ChunkSize;
use crate::sigv4::chunked::trailer::Trailer;
use crate::sigv4::key::Signature;

/// Reads a body as it comes, in any pieces, and verifies it.
///
/// Nothing of a signed chunk comes out before its signature was found good, so
/// a chunk (16 MiB at most) is kept until then. What is not exactly what
/// [`ChunkEncoder`](super::ChunkEncoder) writes for some chunk size is refused,
/// and after an error nothing is taken any more. Errors carry S3's codes.
///
/// The checksum of a trailer is compared by whoever computes it:
/// [`Trailer::is_of`]. Without signatures it alone says that the bytes are the
/// sender's.
#[derive(Debug)]
pub struct ChunkDecoder {
    format: ChunkFormat,
    chain: Option<ChunkChain>,
    state: State,
    /// Bytes of the line that is being read, or of the chunk whose signature is
    /// not verified yet.
    held: Vec<u8>,
    /// Bytes that did not come out or into `held` yet, of all that are announced.
    left: u64,
    trailer: Option<Trailer>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// In the line before a chunk.
    Head,
    /// In a chunk: bytes of it that are still to come.
    Bytes {
        left: u64,
        signature: Option<Signature>,
    },
    /// Behind a chunk, in its CRLF.
    AfterBytes,
    /// Behind the last chunk, in the trailer.
    Trailer,
    TrailerSignature,
    /// In the empty line at the end.
    LastLine,
    Done,
    Failed,
}

impl ChunkDecoder {
    /// For a body of this format and so many bytes
    /// (`x-amz-decoded-content-length`), signed in the chain of its request.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] for a signed format without a chain, or a
    /// chain without one; [`ErrorKind::InvalidSize`] above
    /// [`MAX_DECODED_LENGTH`].
    pub fn new(format: ChunkFormat, decoded_length: u64, chain: Option<ChunkChain>) -> Result<Self> {
        check_chain(format.is_signed(), chain.as_ref())?;
        if decoded_length > MAX_DECODED_LENGTH {
            return Err(Error::new(ErrorKind::InvalidSize, "one request carries at most 5 GiB")
                .with_code("EntityTooLarge"));
        }
        Ok(Self { format, chain, state: State::Head, held: Vec::new(), left: decoded_length, trailer: None })
    }

    /// Takes the next bytes of the body, and adds to `bytes` what came out.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidChunks`] for what is not such a body, or longer;
    /// [`ErrorKind::IntegrityMismatch`] for a signature that is not its chunk's
    /// or its trailer's.
    pub fn update(&mut self, mut body: &[u8], bytes: &mut Vec<u8>) -> Result<()> {
        while !body.is_empty() {
            match self.step(body, bytes) {
                Ok(rest) => body = rest,
                Err(error) => {
                    self.state = State::Failed;
                    self.held = Vec::new();
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// The end of the body, and its trailer if the format has one.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidChunks`] for a body that was cut.
    pub fn finish(self) -> Result<Option<Trailer>> {
        match self.state {
            State::Done => Ok(self.trailer),
            _ => Err(incomplete("the body ends before its last chunk or trailer does")),
        }
    }

    /// Takes what the state can take, and answers the rest.
    fn step<'a>(&mut self, body: &'a [u8], bytes: &mut Vec<u8>) -> Result<&'a [u8]> {
        match self.state {
            State::Bytes { left, signature } => self.take_bytes(left, signature, body, bytes),
            State::Done => Err(malformed("there are bytes behind the end of the body")),
            State::Failed => Err(malformed("the body was refused already")),
            _ => {
                let (line, rest) = self.take_line(body)?;
                if line {
                    let held = std::mem::take(&mut self.held);
                    // Without the CRLF that ended it.
                    self.read_line(held.get(..held.len() - 2).unwrap_or_default())?;
                }
                Ok(rest)
            }
        }
    }

    /// Holds bytes up to the end of a line; whether it was reached.
    fn take_line<'a>(&mut self, body: &'a [u8]) -> Result<(bool, &'a [u8])> {
        let end = body.iter().position(|byte| *byte == b'\n');
        let (taken, rest) = body.split_at(end.map_or(body.len(), |end| end + 1));
        if self.held.len() + taken.len() > MAX_LINE {
            return Err(malformed("a line between the chunks is too long"));
        }
        self.held.extend_from_slice(taken);
        if end.is_some() && !self.held.ends_with(b"\r\n") {
            return Err(malformed("a line between the chunks does not end with CRLF"));
        }
        Ok((end.is_some(), rest))
    }

    fn read_line(&mut self, line: &[u8]) -> Result<()> {
        self.state = match self.state {
            State::AfterBytes if line.is_empty() => State::Head,
            State::AfterBytes => return Err(malformed("a chunk is longer than its size")),
            State::Trailer => self.read_trailer(line)?,
            State::TrailerSignature => self.read_trailer_signature(line)?,
            State::LastLine if line.is_empty() => State::Done,
            State::LastLine => return Err(malformed("there are bytes behind the end of the body")),
            _ => self.begin_chunk(line)?,
        };
        Ok(())
    }

    fn begin_chunk(&mut self, line: &[u8]) -> Result<State> {
        let head = parse_head(line, self.format.is_signed());
        let head = head.ok_or_else(|| malformed("a chunk does not begin with its size and signature"))?;
        if head.length == 0 && self.left > 0 {
            return Err(incomplete("the last chunk comes before all bytes came"));
        }
        self.left = self
            .left
            .checked_sub(head.length)
            .ok_or_else(|| incomplete("the chunks have more bytes than were announced"))?;
        if head.length > 0 && head.length < ChunkSize::MIN.bytes() && self.left > 0 {
            return Err(
                malformed("only the last chunk may have less than 8 KiB").with_code("InvalidChunkSizeError")
            );
        }
        if head.length > 0 {
            return Ok(State::Bytes { left: head.length, signature: head.signature });
        }
        if let (Some(chain), Some(signature)) = (&mut self.chain, head.signature) {
            verify(chain.sign_last().matches(&signature))?;
        }
        Ok(if self.format.trailer().is_some() { State::Trailer } else { State::LastLine })
    }

    fn take_bytes<'a>(
        &mut self,
        left: u64,
        signature: Option<Signature>,
        body: &'a [u8],
        bytes: &mut Vec<u8>,
    ) -> Result<&'a [u8]> {
        let here = usize::try_from(left).map_or(body.len(), |left| left.min(body.len()));
        let (taken, rest) = body.split_at(here);
        let left = left - taken.len() as u64;
        self.state = if left == 0 { State::AfterBytes } else { State::Bytes { left, signature } };
        match (&mut self.chain, signature) {
            (Some(chain), Some(signature)) => {
                self.held.extend_from_slice(taken);
                if left == 0 {
                    verify(chain.sign(&sha256(&self.held)).matches(&signature))?;
                    bytes.append(&mut self.held);
                }
            }
            _ => bytes.extend_from_slice(taken),
        }
        Ok(rest)
    }

    fn read_trailer(&mut self, line: &[u8]) -> Result<State> {
        let announced = self.format.trailer();
        let trailer = announced.and_then(|checksum| Trailer::of_line(checksum, line));
        self.trailer = Some(trailer.ok_or_else(|| {
            malformed("the trailer is not the checksum that was announced").with_code("MalformedTrailerError")
        })?);
        Ok(if self.chain.is_some() { State::TrailerSignature } else { State::LastLine })
    }

    fn read_trailer_signature(&mut self, line: &[u8]) -> Result<State> {
        let signature = parse_trailer_signature(line).ok_or_else(|| {
            malformed("the trailer is not followed by its signature").with_code("MalformedTrailerError")
        })?;
        if let (Some(chain), Some(trailer)) = (&self.chain, &self.trailer) {
            verify(chain.sign_trailer(trailer).matches(&signature))?;
        }
        Ok(State::LastLine)
    }
}

fn verify(matches: bool) -> Result<()> {
    if matches {
        return Ok(());
    }
    Err(Error::new(ErrorKind::IntegrityMismatch, "a chunk or the trailer is not what was signed")
        .with_code("SignatureDoesNotMatch"))
}

fn malformed(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidChunks, message).with_code("InvalidRequest")
}

fn incomplete(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidChunks, message).with_code("IncompleteBody")
}
