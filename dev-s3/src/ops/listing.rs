//! ListObjects, both versions.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as TOKEN;
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::convert::{algorithm_of, etag, signed, url_encode};
use super::{OWNER, Operations};
use crate::store;
use crate::store::list::Listing;

/// Most names on a page.
pub(super) const MAX_PAGE: i32 = 1000;

impl Operations {
    pub(super) async fn list_objects(
        &self,
        req: S3Request<ListObjectsInput>,
    ) -> S3Result<S3Response<ListObjectsOutput>> {
        let input = req.input;
        let bucket = self.store.bucket(&input.bucket)?;
        let encode = Encoding::parse(input.encoding_type.as_ref())?;
        let (prefix, delimiter) = (input.prefix.unwrap_or_default(), input.delimiter.unwrap_or_default());
        let max_keys = page_size(input.max_keys, "max-keys")?;
        let page = bucket.list(&Listing {
            prefix: &prefix,
            delimiter: &delimiter,
            after: input.marker.as_deref().filter(|marker| !marker.is_empty()),
            max: usize::try_from(max_keys).unwrap_or(0),
        });
        Ok(S3Response::new(ListObjectsOutput {
            name: Some(input.bucket),
            is_truncated: Some(page.next.is_some()),
            // S3 sends it with a delimiter only; without, the last key serves.
            next_marker: page.next.filter(|_| !delimiter.is_empty()).map(|m| encode.apply(&m)),
            marker: Some(input.marker.map(|m| encode.apply(&m)).unwrap_or_default()),
            prefix: Some(encode.apply(&prefix)),
            delimiter: some_nonempty(delimiter).map(|d| encode.apply(&d)),
            max_keys: Some(max_keys),
            contents: Some(page.items.iter().map(|o| object(o, encode, true)).collect()),
            common_prefixes: Some(common_prefixes(page.prefixes, encode)),
            encoding_type: input.encoding_type,
            ..ListObjectsOutput::default()
        }))
    }

    pub(super) async fn list_objects_v2(
        &self,
        req: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = req.input;
        let bucket = self.store.bucket(&input.bucket)?;
        let encode = Encoding::parse(input.encoding_type.as_ref())?;
        let (prefix, delimiter) = (input.prefix.unwrap_or_default(), input.delimiter.unwrap_or_default());
        let max_keys = page_size(input.max_keys, "max-keys")?;
        let token = input.continuation_token.as_deref().map(parse_token).transpose()?;
        let start = input.start_after.as_deref().filter(|start| !start.is_empty());
        let page = bucket.list(&Listing {
            prefix: &prefix,
            delimiter: &delimiter,
            after: token.as_deref().or(start),
            max: usize::try_from(max_keys).unwrap_or(0),
        });
        let count = page.items.len() + page.prefixes.len();
        let owner = input.fetch_owner.unwrap_or(false);
        Ok(S3Response::new(ListObjectsV2Output {
            name: Some(input.bucket),
            is_truncated: Some(page.next.is_some()),
            next_continuation_token: page.next.map(|last| TOKEN.encode(last)),
            continuation_token: input.continuation_token,
            start_after: input.start_after.map(|start| encode.apply(&start)),
            prefix: Some(encode.apply(&prefix)),
            delimiter: some_nonempty(delimiter).map(|d| encode.apply(&d)),
            max_keys: Some(max_keys),
            key_count: Some(i32::try_from(count).unwrap_or(i32::MAX)),
            contents: Some(page.items.iter().map(|o| object(o, encode, owner)).collect()),
            common_prefixes: Some(common_prefixes(page.prefixes, encode)),
            encoding_type: input.encoding_type,
            ..ListObjectsV2Output::default()
        }))
    }
}

/// Whether names are percent-encoded, which they must be when they hold
/// characters that XML cannot.
#[derive(Clone, Copy)]
pub(super) enum Encoding {
    Plain,
    Url,
}

impl Encoding {
    pub(super) fn parse(asked: Option<&EncodingType>) -> S3Result<Self> {
        match asked.map(EncodingType::as_str) {
            None => Ok(Self::Plain),
            Some("url") => Ok(Self::Url),
            Some(_) => Err(s3_error!(InvalidArgument, "Invalid Encoding Method specified in Request")),
        }
    }

    pub(super) fn apply(self, name: &str) -> String {
        match self {
            Self::Plain => name.to_owned(),
            Self::Url => url_encode(name),
        }
    }
}

pub(super) fn common_prefixes(prefixes: Vec<String>, encode: Encoding) -> Vec<CommonPrefix> {
    prefixes.into_iter().map(|p| CommonPrefix { prefix: Some(encode.apply(&p)) }).collect()
}

pub(super) fn page_size(asked: Option<i32>, name: &str) -> S3Result<i32> {
    match asked {
        Some(asked) if asked < 0 => {
            Err(s3_error!(InvalidArgument, "Argument {name} must be an integer between 0 and 2147483647"))
        }
        asked => Ok(asked.unwrap_or(MAX_PAGE).min(MAX_PAGE)),
    }
}

pub(super) fn some_nonempty(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

fn parse_token(token: &str) -> S3Result<String> {
    let name = TOKEN.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    name.ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect"))
}

fn object(object: &Arc<store::Object>, encode: Encoding, owner: bool) -> Object {
    let record = &object.record;
    let owner = owner.then(|| Owner { id: Some(OWNER.to_owned()), display_name: Some(OWNER.to_owned()) });
    let class = record.headers.storage_class.clone().unwrap_or_else(|| "STANDARD".to_owned());
    Object {
        key: Some(encode.apply(&record.key)),
        size: Some(signed(record.size)),
        e_tag: Some(etag(&record.etag)),
        last_modified: Some(record.last_modified.timestamp()),
        checksum_algorithm: Some(vec![algorithm_of(&record.checksum)]),
        checksum_type: Some(ChecksumType::from_static(record.checksum.kind.name())),
        storage_class: Some(ObjectStorageClass::from(class)),
        owner,
        ..Object::default()
    }
}
