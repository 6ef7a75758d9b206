//! `aws-chunked`: bodies whose every chunk carries a signature.
//!
//! The signature of the request, the *seed*, says nothing of the bytes; the
//! first chunk is signed over the seed and its SHA-256, each next one over the
//! signature before, and an empty chunk ends the body: no chunk can be changed,
//! left out or moved. With a trailer, a checksum of the whole comes behind the
//! last chunk, signed too, or alone with nothing else signed.
//!
//! - [`ChunkFormat`], [`TrailerChecksum`]: which of the three formats.
//! - [`ChunkPlan`], of a [`ChunkSize`]: what goes into the request before a byte is read, the
//!   length of the body included.
//! - [`ChunkChain`]: the signatures, from the SHA-256s of the chunks alone.
//! - [`ChunkEncoder`]: the body, from bytes in any pieces.
//! - [`ChunkDecoder`]: the bytes, from a body in any pieces, if it is sound.
//!
//! ```
//! use sealift::Timestamp;
//! use sealift::sigv4::chunked::{ChunkEncoder, ChunkFormat, ChunkPlan, ChunkSize};
//! use sealift::sigv4::{Credentials, Origin, Request, Signer, SigningOptions};
//!
//! let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None)?;
//! let (signer, options) = (Signer::new(&credentials), SigningOptions::s3("us-east-1", Timestamp::parse("20130524T000000Z")?)?);
//!
//! let plan = ChunkPlan::new(ChunkFormat::Signed, ChunkSize::DEFAULT, 11)?;
//! let request = Request::new("PUT", &Origin::parse("https://bucket.s3.amazonaws.com")?, "/hello.txt")?;
//! let signed = signer.sign_headers(&plan.prepare(request)?, &options)?;
//!
//! let chain = signer.chunk_chain(&options, signed.signature);
//! let mut encoder = ChunkEncoder::new(plan, Some(chain))?;
//! let mut body = Vec::new();
//! encoder.update(b"hello ", &mut body)?;
//! encoder.update(b"world", &mut body)?;
//! encoder.finish(None, &mut body)?;
//! assert_eq!(body.len() as u64, plan.encoded_length());
//! # Ok::<(), sealift::Error>(())
//! ```
//!
//! The rules are those of AWS's pages *Signature calculations for the Authorization header: transferring
//! payload in multiple chunks* (<https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>)
//! and *Signature calculations for trailing headers*
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>).

mod chain;
mod decoder;
mod encoder;
mod format;
mod head;
mod plan;
mod size;
mod trailer;

pub use chain::ChunkChain;
pub use decoder::ChunkDecoder;
pub use encoder::ChunkEncoder;
pub use format::ChunkFormat;
pub use head::chunk_head;
pub use plan::{ChunkPlan, MAX_DECODED_LENGTH};
pub use size::ChunkSize;
pub use trailer::{Trailer, TrailerChecksum};
