//! What S3's error document says of a signature.

use crate::s3::xml::{self, Element};
use crate::sigv4::Credentials;
use crate::sigv4::explain::{self, Explanation, RefusedSignature, SentRequest};

/// Explains the body of an answer: see [`sigv4::explain`](crate::sigv4::explain).
///
/// ```
/// use sealift::s3::explain_signature_mismatch;
/// use sealift::sigv4::explain::{Cause, SentRequest};
///
/// let body = "<Error><Code>RequestTimeTooSkewed</Code><RequestTime>20261123T090000Z</RequestTime>\
///             <ServerTime>2026-11-23T12:00:00Z</ServerTime></Error>";
/// let explanation = explain_signature_mismatch(body, &SentRequest::default(), None);
/// assert_eq!(explanation.cause, Cause::Clock);
/// assert!(explanation.summary.contains("3 hours behind"));
/// ```
#[must_use]
pub fn explain_signature_mismatch(
    body: &str,
    sent: &SentRequest,
    credentials: Option<&Credentials>,
) -> Explanation {
    match parse(body) {
        Some(answer) => explain::explain(&answer, sent, credentials),
        None => explain::explain_no_document(body),
    }
}

/// Reads an `<Error>` document; `None` if it is none with a code.
#[must_use]
pub fn parse(body: &str) -> Option<RefusedSignature> {
    let root = xml::parse(body).ok()?;
    if root.name() != "Error" {
        return None;
    }
    let text = |name| root.child_text(name).filter(|text| !text.trim().is_empty()).map(str::to_owned);
    let word = |name| text(name).map(|text: String| text.trim().to_owned());
    Some(RefusedSignature {
        code: word("Code")?,
        message: word("Message").unwrap_or_default(),
        access_key_id: word("AWSAccessKeyId"),
        signature: word("SignatureProvided"),
        string_to_sign: exact(&root, "StringToSign"),
        canonical_request: exact(&root, "CanonicalRequest"),
        region: word("Region"),
        resource: word("Resource"),
        request_time: word("RequestTime"),
        server_time: word("ServerTime"),
        expires: word("Expires"),
        headers_not_signed: word("HeadersNotSigned"),
    })
}

/// A text of which every byte counts. S3 also answers its bytes in hexadecimal,
/// which no tool between can have changed.
fn exact(root: &Element, name: &str) -> Option<String> {
    let bytes = root.child_text(&format!("{name}Bytes")).and_then(|spaced| {
        let digits: String = spaced.split_whitespace().collect();
        String::from_utf8(hex::decode(digits).ok()?).ok().filter(|text| !text.is_empty())
    });
    bytes.or_else(|| root.child_text(name).filter(|text| !text.trim().is_empty()).map(str::to_owned))
}
