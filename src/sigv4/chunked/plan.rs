//! What is known of a body before a byte of it is read.

use crate::error::{Error, ErrorKind, Result};
use crate::sigv4::chunked::format::ChunkFormat;
use crate::sigv4::chunked::head::{CRLF, head_length, trailer_signature_length};
use crate::sigv4::chunked::size::ChunkSize;
use crate::sigv4::chunked::trailer::TrailerChecksum;
use crate::sigv4::request::Request;

/// Most bytes that one request carries, before they are cut into chunks: 5 GiB.
pub const MAX_DECODED_LENGTH: u64 = 5 * 1024 * 1024 * 1024;

/// How many bytes go in chunks of what size and format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChunkPlan {
    format: ChunkFormat,
    chunk_size: ChunkSize,
    decoded_length: u64,
}

impl ChunkPlan {
    /// For that many bytes.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSize`] above [`MAX_DECODED_LENGTH`].
    pub fn new(format: ChunkFormat, chunk_size: ChunkSize, decoded_length: u64) -> Result<Self> {
        if decoded_length > MAX_DECODED_LENGTH {
            return Err(Error::new(ErrorKind::InvalidSize, "one request carries at most 5 GiB"));
        }
        Ok(Self { format, chunk_size, decoded_length })
    }

    /// The format.
    #[must_use]
    pub const fn format(&self) -> ChunkFormat {
        self.format
    }

    /// Bytes of every chunk but the last one that has any.
    #[must_use]
    pub const fn chunk_size(&self) -> ChunkSize {
        self.chunk_size
    }

    /// Bytes that are to arrive, which `x-amz-decoded-content-length` says.
    #[must_use]
    pub const fn decoded_length(&self) -> u64 {
        self.decoded_length
    }

    /// How many chunks have bytes; the empty one at the end is not counted.
    #[must_use]
    pub const fn chunks(&self) -> u64 {
        self.decoded_length.div_ceil(self.chunk_size.bytes())
    }

    /// Bytes of the body, which `content-length` says.
    #[must_use]
    pub const fn encoded_length(&self) -> u64 {
        let (size, signed) = (self.chunk_size.bytes(), self.format.is_signed());
        let (whole, rest) = (self.decoded_length / size, self.decoded_length % size);
        let mut length = whole * chunk_length(size, signed) + head_length(0, signed) + CRLF.len() as u64;
        if rest > 0 {
            length += chunk_length(rest, signed);
        }
        if let Some(trailer) = self.format.trailer() {
            length += (trailer.line_length() + CRLF.len()) as u64;
            if signed {
                length += trailer_signature_length();
            }
        }
        length
    }

    /// A request with the headers of such a body, `content-length` and the
    /// payload hash among them, in the place of any that it had. Another
    /// `content-encoding` stays, behind `aws-chunked`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] for a request with a checksum in its
    /// headers, if one is to come in the trailer: S3 takes no two.
    pub fn prepare(&self, mut request: Request) -> Result<Request> {
        let is_checksum = |name: &str| TrailerChecksum::of_header(name).is_some();
        if self.format.trailer().is_some() && request.headers().iter().any(|(name, _)| is_checksum(name)) {
            return Err(Error::new(
                ErrorKind::InvalidOption,
                "a checksum stands in the headers or in the trailer, not in both",
            ));
        }
        let others = request.take_header("content-encoding");
        let others = others.iter().flat_map(|value| value.split(',')).map(str::trim);
        let others =
            others.filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("aws-chunked"));
        let codings: Vec<&str> = std::iter::once("aws-chunked").chain(others).collect();
        for name in
            ["content-length", "x-amz-content-sha256", "x-amz-decoded-content-length", "x-amz-trailer"]
        {
            request.take_header(name);
        }
        request.add_header("content-encoding", &codings.join(","))?;
        request.add_header("content-length", &self.encoded_length().to_string())?;
        request.add_header("x-amz-decoded-content-length", &self.decoded_length.to_string())?;
        if let Some(trailer) = self.format.trailer() {
            request.add_header("x-amz-trailer", trailer.header())?;
        }
        Ok(request.payload(self.format.payload_hash()))
    }
}

/// Bytes of a chunk with its line and its end.
const fn chunk_length(bytes: u64, signed: bool) -> u64 {
    head_length(bytes, signed) + bytes + CRLF.len() as u64
}
