//! Between what s3s passes and what the store keeps.

use std::collections::BTreeMap;

use s3s::dto::{ChecksumAlgorithm, ETag, Tag};
use s3s::{S3Result, s3_error};

use crate::checksum::Checksum;
use crate::store::record::ObjectHeaders;

/// Sets the checksum field of the algorithm in any output or part that has one
/// for each.
macro_rules! set_checksum {
    ($target:expr, $checksum:expr) => {{
        let checksum: &$crate::checksum::Checksum = $checksum;
        let value = Some(checksum.value.clone());
        match checksum.algorithm {
            $crate::checksum::Algorithm::Crc32 => $target.checksum_crc32 = value,
            $crate::checksum::Algorithm::Crc32c => $target.checksum_crc32c = value,
            $crate::checksum::Algorithm::Crc64Nvme => $target.checksum_crc64nvme = value,
            $crate::checksum::Algorithm::Sha1 => $target.checksum_sha1 = value,
            $crate::checksum::Algorithm::Sha256 => $target.checksum_sha256 = value,
        }
    }};
}

/// The headers of any input that starts an object.
macro_rules! object_headers {
    ($input:expr) => {
        $crate::ops::convert::checked_headers($crate::store::record::ObjectHeaders {
            content_type: $input.content_type.clone(),
            content_disposition: $input.content_disposition.clone(),
            content_encoding: $crate::ops::convert::without_aws_chunked($input.content_encoding.as_deref()),
            content_language: $input.content_language.clone(),
            cache_control: $input.cache_control.clone(),
            expires: $input.expires.clone(),
            website_redirect_location: $input.website_redirect_location.clone(),
            storage_class: $input.storage_class.as_ref().map(|class| class.as_str().to_owned()),
            metadata: $input.metadata.iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect(),
            tags: $crate::ops::convert::parse_tags($input.tagging.as_deref().unwrap_or_default())?,
        })
    };
}

/// Collects the checksums that an input carries, in the order of the
/// algorithms.
macro_rules! sent_checksums {
    ($input:expr) => {{
        use $crate::checksum::Algorithm;
        [
            (Algorithm::Crc32, $input.checksum_crc32.clone()),
            (Algorithm::Crc32c, $input.checksum_crc32c.clone()),
            (Algorithm::Crc64Nvme, $input.checksum_crc64nvme.clone()),
            (Algorithm::Sha1, $input.checksum_sha1.clone()),
            (Algorithm::Sha256, $input.checksum_sha256.clone()),
        ]
        .into_iter()
        .filter_map(|(algorithm, value)| Some((algorithm, value?)))
        .collect::<Vec<_>>()
    }};
}

pub(crate) use {object_headers, sent_checksums, set_checksum};

/// S3's limit for user-defined metadata, in bytes of names and values.
const MAX_METADATA: usize = 2048;

pub(crate) fn checked_headers(headers: ObjectHeaders) -> S3Result<ObjectHeaders> {
    let size: usize = headers.metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > MAX_METADATA {
        return Err(s3_error!(
            MetadataTooLarge,
            "Your metadata headers exceed the maximum allowed metadata size"
        ));
    }
    Ok(headers)
}

/// `aws-chunked` is of the transfer, not of the object.
pub(crate) fn without_aws_chunked(encoding: Option<&str>) -> Option<String> {
    let kept: Vec<_> = encoding?
        .split(',')
        .map(str::trim)
        .filter(|e| !e.eq_ignore_ascii_case("aws-chunked") && !e.is_empty())
        .collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

/// The tags of an `x-amz-tagging` header: `a=b&c=d`, form-encoded.
pub(crate) fn parse_tags(query: &str) -> S3Result<BTreeMap<String, String>> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        Ok(Tag { key: Some(form_decode(key)?), value: Some(form_decode(value)?) })
    });
    tag_map(pairs.collect::<S3Result<Vec<_>>>()?)
}

/// Checked as S3 does: at most ten, keys to 128 characters, values to 256.
pub(crate) fn tag_map(tags: Vec<Tag>) -> S3Result<BTreeMap<String, String>> {
    let mut map = BTreeMap::new();
    for tag in tags {
        let (key, value) = (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
        if key.is_empty() || key.chars().count() > 128 {
            return Err(s3_error!(InvalidTag, "The TagKey you have provided is invalid"));
        }
        if value.chars().count() > 256 {
            return Err(s3_error!(InvalidTag, "The TagValue you have provided is invalid"));
        }
        if map.insert(key, value).is_some() {
            return Err(s3_error!(InvalidTag, "Cannot provide multiple Tags with the same key"));
        }
    }
    if map.len() > 10 {
        return Err(s3_error!(InvalidTag, "Object tags cannot be greater than 10"));
    }
    Ok(map)
}

pub(crate) fn tag_set(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(k, v)| Tag { key: Some(k.clone()), value: Some(v.clone()) }).collect()
}

pub(crate) fn etag(value: &str) -> ETag {
    ETag::Strong(value.to_owned())
}

pub(crate) fn algorithm_of(checksum: &Checksum) -> ChecksumAlgorithm {
    ChecksumAlgorithm::from_static(checksum.algorithm.name())
}

/// A size as the output types want it.
pub(crate) fn signed(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// Names in listings with `encoding-type=url`.
pub(crate) fn url_encode(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            encoded.push(byte.into());
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn form_decode(text: &str) -> S3Result<String> {
    let invalid = || s3_error!(InvalidArgument, "The header 'x-amz-tagging' shall be encoded as UTF-8");
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || bytes.next().and_then(|b| char::from(b).to_digit(16));
                let value = digit().zip(digit()).map(|(high, low)| high * 16 + low);
                value.and_then(|v| u8::try_from(v).ok()).ok_or_else(invalid)?
            }
            byte => byte,
        });
    }
    String::from_utf8(decoded).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_form_encoded_and_limited() {
        let tags = parse_tags("a=b+c&%C3%BC=%2B&empty").unwrap();
        let expected = [("a", "b c"), ("ü", "+"), ("empty", "")];
        assert_eq!(tags, expected.into_iter().map(|(k, v)| (k.into(), v.into())).collect());
        assert!(parse_tags("a=1&a=2").is_err());
        assert!(parse_tags("a=%zz").is_err());
        assert!(parse_tags(&format!("{}=1", "k".repeat(129))).is_err());
        assert!(parse_tags(&(0..11).map(|i| format!("k{i}=v&")).collect::<String>()).is_err());
    }

    #[test]
    fn the_transfer_encoding_is_not_stored() {
        assert_eq!(without_aws_chunked(Some("aws-chunked")), None);
        assert_eq!(without_aws_chunked(Some("aws-chunked, gzip")), Some("gzip".into()));
        assert_eq!(without_aws_chunked(Some("gzip,br")), Some("gzip,br".into()));
    }
}
