//! What a client may ask of S3 beside forms: an upload in parts, and nothing else.

use crate::endpoint::compat::malformed;
use crate::endpoint::sign_multipart::check_upload_id;
use crate::endpoint::{Reason, Refusal};
use crate::s3::ObjectKey;
use crate::s3::limits::MAX_PARTS;
use crate::sigv4::Request;

/// A step of an upload in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Create,
    Part { number: u16, upload_id: String },
    Complete { upload_id: String },
    Abort { upload_id: String },
    List { upload_id: String, after: u16 },
}

/// A request to S3, as it was read from a client's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) operation: Operation,
    pub(super) key: ObjectKey,
    /// Names in lower case, in the order of the text.
    pub(super) headers: Vec<(String, String)>,
}

impl Operation {
    /// From a method and a query, its names and values decoded.
    pub(super) fn parse(method: &str, query: &[(String, String)]) -> Result<Self, Refusal> {
        let pairs: Vec<(&str, &str)> =
            query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let id = |id: &str| check_upload_id(Some(id)).map(str::to_owned);
        Ok(match (method, pairs.as_slice()) {
            ("POST", [("uploads", "")]) => Self::Create,
            ("PUT", [("partNumber", number), ("uploadId", upload)]) => {
                Self::Part { number: number_of(number, 1)?, upload_id: id(upload)? }
            }
            ("POST", [("uploadId", upload)]) => Self::Complete { upload_id: id(upload)? },
            ("DELETE", [("uploadId", upload)]) => Self::Abort { upload_id: id(upload)? },
            ("GET", [("part-number-marker", after), ("uploadId", upload)]) => {
                Self::List { upload_id: id(upload)?, after: number_of(after, 0)? }
            }
            _ => {
                return Err(Refusal::new(
                    Reason::UnknownOperation,
                    "this server signs only what an upload in parts needs",
                ));
            }
        })
    }

    pub(super) const fn method(&self) -> &'static str {
        match self {
            Self::Create | Self::Complete { .. } => "POST",
            Self::Part { .. } => "PUT",
            Self::Abort { .. } => "DELETE",
            Self::List { .. } => "GET",
        }
    }

    /// The query, sorted by name.
    pub(super) fn query(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Create => vec![("uploads", String::new())],
            Self::Part { number, upload_id } => {
                vec![("partNumber", number.to_string()), ("uploadId", upload_id.clone())]
            }
            Self::Complete { upload_id } | Self::Abort { upload_id } => vec![("uploadId", upload_id.clone())],
            Self::List { upload_id, after } => {
                vec![("part-number-marker", after.to_string()), ("uploadId", upload_id.clone())]
            }
        }
    }

    pub(super) fn add_query(&self, request: Request) -> Request {
        self.query().into_iter().fold(request, |request, (name, value)| request.query(name, &value))
    }
}

fn number_of(text: &str, least: u16) -> Result<u16, Refusal> {
    let number = text.parse::<u16>().ok().filter(|number| (least..=MAX_PARTS).contains(number));
    // Written in one way only, as it will be written anew.
    number.filter(|number| number.to_string() == text).ok_or_else(|| {
        Refusal::new(Reason::PartRefused, "the parts of an upload have the numbers 1 to 10,000")
    })
}

/// The pairs of a query as it stands in a URL, sorted by name.
pub(super) fn read_query(query: &str) -> Result<Vec<(String, String)>, Refusal> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((decode(name)?, decode(value)?))
    });
    let mut pairs: Vec<_> =
        pairs.collect::<Option<_>>().ok_or_else(|| malformed("an address to sign has a broken escape"))?;
    pairs.sort();
    Ok(pairs)
}

/// Percent-escapes undone, strictly; `None` where they are none, or not UTF-8.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                let mut decoded = [0];
                hex::decode_to_slice(digits, &mut decoded).ok()?;
                let [decoded] = decoded;
                decoded
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}
