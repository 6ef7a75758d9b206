//! What a request promises about its body, and the check that it was kept:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hyper::{HeaderMap, StatusCode};
use s3s::{S3Error, S3Result, TrailingHeaders, s3_error};

use crate::checksum::Algorithm;
use crate::errors::custom;
use crate::store::Ingested;

/// Length, MD5 and checksum of a body as its headers give them.
#[derive(Debug)]
pub(crate) struct Promise {
    length: Option<u64>,
    md5: Option<[u8; 16]>,
    checksum: Option<PromisedChecksum>,
}

#[derive(Debug)]
struct PromisedChecksum {
    algorithm: Algorithm,
    /// `None`: it comes in the trailer.
    value: Option<String>,
}

impl Promise {
    /// # Errors
    /// `InvalidDigest` and `InvalidRequest` for values that cannot be, for more
    /// than one checksum, for a trailer that is no checksum.
    pub(crate) fn parse(
        headers: &HeaderMap,
        content_length: Option<i64>,
        content_md5: Option<&str>,
        mut sent: Vec<(Algorithm, String)>,
    ) -> S3Result<Self> {
        let md5 = content_md5.map(parse_md5).transpose()?;
        let trailer = headers.get("x-amz-trailer").map(parse_trailer).transpose()?;
        let checksum = match (sent.pop(), trailer) {
            (None, None) => {
                if headers.contains_key("x-amz-sdk-checksum-algorithm") {
                    return Err(s3_error!(
                        InvalidRequest,
                        "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or \
                         x-amz-trailer headers were found."
                    ));
                }
                None
            }
            (Some((algorithm, value)), None) if sent.is_empty() => {
                if algorithm.decode(&value).is_none() {
                    return Err(s3_error!(
                        InvalidRequest,
                        "Value for {} header is invalid.",
                        algorithm.header()
                    ));
                }
                Some(PromisedChecksum { algorithm, value: Some(value) })
            }
            (None, Some(algorithm)) => Some(PromisedChecksum { algorithm, value: None }),
            _ => {
                return Err(s3_error!(
                    InvalidRequest,
                    "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
                ));
            }
        };
        let length = content_length.and_then(|length| u64::try_from(length).ok());
        Ok(Self { length, md5, checksum })
    }

    /// The algorithm that the body names, if it names one.
    pub(crate) fn algorithm(&self) -> Option<Algorithm> {
        self.checksum.as_ref().map(|checksum| checksum.algorithm)
    }

    /// Whether the body kept it.
    pub(crate) fn verify(&self, body: &Ingested, trailers: Option<&TrailingHeaders>) -> S3Result<()> {
        if self.length.is_some_and(|length| length != body.size) {
            return Err(s3_error!(
                IncompleteBody,
                "You did not provide the number of bytes specified by the Content-Length HTTP header"
            ));
        }
        if self.md5.is_some_and(|md5| md5 != body.md5) {
            return Err(s3_error!(
                BadDigest,
                "The Content-MD5 you specified did not match what we received."
            ));
        }
        let Some(promised) = &self.checksum else { return Ok(()) };
        let value = match &promised.value {
            Some(value) => value.clone(),
            None => trailer_value(promised.algorithm, trailers).ok_or_else(malformed_trailer)?,
        };
        if promised.algorithm != body.checksum.algorithm || value != body.checksum.value {
            return Err(s3_error!(
                BadDigest,
                "The {} you specified did not match the calculated checksum.",
                promised.algorithm.name()
            ));
        }
        Ok(())
    }
}

fn parse_md5(value: &str) -> S3Result<[u8; 16]> {
    let digest = BASE64.decode(value).ok().and_then(|d| <[u8; 16]>::try_from(d).ok());
    digest.ok_or_else(|| s3_error!(InvalidDigest, "The Content-MD5 you specified was invalid."))
}

fn parse_trailer(value: &hyper::header::HeaderValue) -> S3Result<Algorithm> {
    let name = value.to_str().unwrap_or_default().trim().to_ascii_lowercase();
    Algorithm::ALL.into_iter().find(|algorithm| algorithm.header() == name).ok_or_else(|| {
        s3_error!(InvalidRequest, "The value specified in the x-amz-trailer header is not supported")
    })
}

fn trailer_value(algorithm: Algorithm, trailers: Option<&TrailingHeaders>) -> Option<String> {
    trailers?.read(|headers| Some(headers.get(algorithm.header())?.to_str().ok()?.to_owned()))?
}

fn malformed_trailer() -> S3Error {
    custom(
        "MalformedTrailerError",
        StatusCode::BAD_REQUEST,
        "The request contained trailing data that was not well-formed or did not conform to our published \
         schema.",
    )
}
