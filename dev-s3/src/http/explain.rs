//! What the server signed when a signature did not match: S3 answers its own
//! string to sign and canonical request, so that a client can line them up:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html>

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use hyper::http::request::Parts;
use s3s_sigv4::{AmzContentSha256, AmzDate, AuthorizationV4, CredentialV4, Payload};

use super::target::{decode, query_pairs};

/// The elements of the error document.
pub(crate) fn explain(parts: &Parts) -> Option<Vec<(&'static str, String)>> {
    let signed = header_signed(parts).or_else(|| presigned(parts))?;
    let string_to_sign = s3s_sigv4::create_string_to_sign(
        &signed.canonical_request,
        &signed.date,
        &signed.region,
        &signed.service,
    );
    Some(vec![
        ("AWSAccessKeyId", signed.access_key_id),
        ("SignatureProvided", signed.signature),
        ("StringToSignBytes", spaced_hex(&string_to_sign)),
        ("StringToSign", string_to_sign),
        ("CanonicalRequestBytes", spaced_hex(&signed.canonical_request)),
        ("CanonicalRequest", signed.canonical_request),
    ])
}

struct Signed {
    access_key_id: String,
    signature: String,
    date: AmzDate,
    region: String,
    service: String,
    canonical_request: String,
}

fn header_signed(parts: &Parts) -> Option<Signed> {
    let authorization = AuthorizationV4::parse(text(&parts.headers, AUTHORIZATION.as_str())?).ok()?;
    let content_sha256 = text(&parts.headers, "x-amz-content-sha256")?;
    let payload = match AmzContentSha256::parse(content_sha256).ok()? {
        AmzContentSha256::UnsignedPayload => Payload::Unsigned,
        AmzContentSha256::SingleChunk(_) => Payload::SingleChunk(content_sha256),
        AmzContentSha256::StreamingAws4HmacSha256Payload => Payload::MultipleChunks,
        AmzContentSha256::StreamingAws4HmacSha256PayloadTrailer => Payload::MultipleChunksWithTrailer,
        AmzContentSha256::StreamingUnsignedPayloadTrailer => Payload::UnsignedMultipleChunksWithTrailer,
        _ => return None,
    };
    let canonical_request = s3s_sigv4::create_canonical_request(
        parts.method.as_str(),
        &decode(parts.uri.path()),
        &query_pairs(&parts.uri),
        signed_headers(&parts.headers, &authorization.signed_headers),
        payload,
    );
    Some(Signed {
        access_key_id: authorization.credential.access_key_id.to_owned(),
        signature: authorization.signature.to_owned(),
        date: AmzDate::parse(text(&parts.headers, "x-amz-date")?).ok()?,
        region: authorization.credential.aws_region.to_owned(),
        service: authorization.credential.aws_service.to_owned(),
        canonical_request,
    })
}

fn presigned(parts: &Parts) -> Option<Signed> {
    let query = query_pairs(&parts.uri);
    let parameter = |name: &str| query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    let credential = CredentialV4::parse(parameter("X-Amz-Credential")?).ok()?;
    let names: Vec<_> = parameter("X-Amz-SignedHeaders")?.split(';').collect();
    let canonical_request = s3s_sigv4::create_presigned_canonical_request(
        parts.method.as_str(),
        &decode(parts.uri.path()),
        &query,
        signed_headers(&parts.headers, &names),
    );
    Some(Signed {
        access_key_id: credential.access_key_id.to_owned(),
        signature: parameter("X-Amz-Signature")?.to_owned(),
        date: AmzDate::parse(parameter("X-Amz-Date")?).ok()?,
        region: credential.aws_region.to_owned(),
        service: credential.aws_service.to_owned(),
        canonical_request,
    })
}

fn signed_headers<'a>(headers: &'a HeaderMap, names: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    let values = |name: &'a str| {
        let values = headers.get_all(name).iter().filter_map(|v| std::str::from_utf8(v.as_bytes()).ok());
        values.map(move |value| (name, value))
    };
    names.iter().flat_map(|name| values(name)).collect()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn spaced_hex(text: &str) -> String {
    let bytes: Vec<_> = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}
