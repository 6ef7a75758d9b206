//! ListObjectsV2 (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>).

use crate::error::{Error, ErrorKind, Result};
use crate::s3::xml::Element;
use crate::s3::{Bucket, ETag, Endpoint, Response};
use crate::sigv4::{PayloadHash, Request};
use crate::time::Timestamp;

/// Asks which objects there are, one page (S3's have 1,000) at a time.
#[derive(Clone, Copy, Debug)]
pub struct ListObjectsV2<'a> {
    /// The bucket.
    pub bucket: &'a Bucket,
    /// Only of keys that begin with this.
    pub prefix: Option<&'a str>,
    /// What the page before this one answered as [`next`](ListObjectsV2Output::next).
    pub continuation_token: Option<&'a str>,
    /// Most objects of a page, 1 to 1,000.
    pub max_keys: Option<u16>,
}

impl<'a> ListObjectsV2<'a> {
    /// The first page of all.
    #[must_use]
    pub const fn new(bucket: &'a Bucket) -> Self {
        Self { bucket, prefix: None, continuation_token: None, max_keys: None }
    }

    /// The request, to be signed in its headers. Keys are asked for
    /// percent-encoded: some hold characters that XML cannot.
    ///
    /// # Errors
    /// As [`Endpoint::bucket_request`].
    pub fn request(&self, endpoint: &Endpoint) -> Result<Request> {
        let mut request = endpoint
            .bucket_request("GET", self.bucket)?
            .query("list-type", "2")
            .query("encoding-type", "url")
            .payload(PayloadHash::Empty);
        if let Some(prefix) = self.prefix {
            request = request.query("prefix", prefix);
        }
        if let Some(token) = self.continuation_token {
            request = request.query("continuation-token", token);
        }
        if let Some(most) = self.max_keys {
            request = request.query("max-keys", &most.to_string());
        }
        Ok(request)
    }

    /// Reads the answer.
    ///
    /// # Errors
    /// [`ErrorKind::S3`] when S3 refused, [`ErrorKind::InvalidResponse`] for
    /// objects whose key, size or ETag cannot be read, or more to come without
    /// a way to ask for it.
    pub fn parse(response: &Response) -> Result<ListObjectsV2Output> {
        let document = response.success()?.document("ListBucketResult")?;
        let invalid = || Error::new(ErrorKind::InvalidResponse, "S3's list of objects cannot be read");
        // Servers that do not know the encoding answer without naming it.
        let encoded = document.child_text("EncodingType").is_some_and(|kind| kind.trim() == "url");
        let objects = document.children("Contents").map(|object| listed_object(object, encoded));
        let objects = objects.collect::<Option<Vec<_>>>().ok_or_else(invalid)?;
        let truncated = document.child_text("IsTruncated").is_some_and(|text| text.trim() == "true");
        let token = document.child_text("NextContinuationToken").filter(|token| !token.is_empty());
        match (truncated, token) {
            (false, _) => Ok(ListObjectsV2Output { objects, next: None }),
            (true, Some(token)) => Ok(ListObjectsV2Output { objects, next: Some(token.to_owned()) }),
            (true, None) => Err(invalid()),
        }
    }
}

/// One page of objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListObjectsV2Output {
    /// The objects, by key.
    pub objects: Vec<ListedObject>,
    /// What the next page is asked for with, if there is one.
    pub next: Option<String>,
}

/// An object of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedObject {
    /// The key, decoded.
    pub key: String,
    /// Length in bytes.
    pub size: u64,
    /// Entity tag.
    pub etag: ETag,
    /// When it was stored, where that can be read.
    pub last_modified: Option<Timestamp>,
}

fn listed_object(object: &Element, encoded: bool) -> Option<ListedObject> {
    let key = object.child_text("Key").filter(|key| !key.is_empty())?;
    Some(ListedObject {
        key: if encoded { decode(key)? } else { key.to_owned() },
        size: object.child_text("Size")?.trim().parse().ok()?,
        etag: ETag::parse(object.child_text("ETag")?).ok()?,
        last_modified: object.child_text("LastModified").and_then(|text| Timestamp::parse(text.trim()).ok()),
    })
}

/// A key as `encoding-type=url` writes it: by the rules of forms, so a `+` is a space.
fn decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || bytes.next().and_then(|byte| char::from(byte).to_digit(16));
                u8::try_from(digit()? << 4 | digit()?).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::test_support::{answer, aws, headers, names, refusal};

    /// The samples of
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>.
    #[test]
    fn the_example_of_the_api_page() {
        let (bucket, _) = names("bucket", "key");
        let list = ListObjectsV2 {
            continuation_token: Some("1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM="),
            max_keys: Some(3),
            prefix: Some("E"),
            ..ListObjectsV2::new(&bucket)
        };
        let request = list.request(&aws()).expect("valid");
        assert_eq!(request.method(), "GET");
        assert_eq!(
            request.url(),
            "https://bucket.s3.amazonaws.com/?list-type=2&encoding-type=url&prefix=E\
             &continuation-token=1ueGcxLPRx1Tr%2FXYExHnhbYLgveDs2J%2Fwm36Hy4vbOwM%3D&max-keys=3"
        );
        assert!(headers(&request).is_empty());
        let body = r#"<?xml version="1.0" encoding="UTF-8"?>
            <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
              <Name>bucket</Name>
              <Prefix/>
              <KeyCount>205</KeyCount>
              <MaxKeys>1000</MaxKeys>
              <IsTruncated>false</IsTruncated>
              <Contents>
                <Key>my-image.jpg</Key>
                <LastModified>2009-10-12T17:50:30.000Z</LastModified>
                <ETag>"fba9dede5f27731c9771645a39863328"</ETag>
                <Size>434234</Size>
                <StorageClass>STANDARD</StorageClass>
              </Contents>
            </ListBucketResult>"#;
        let output = ListObjectsV2::parse(&answer(200, &[], body)).expect("a success");
        let listed = ListedObject {
            key: "my-image.jpg".to_owned(),
            size: 434_234,
            etag: ETag::parse("fba9dede5f27731c9771645a39863328").expect("valid"),
            last_modified: Some(Timestamp::parse("20091012T175030Z").expect("valid")),
        };
        assert_eq!(output, ListObjectsV2Output { objects: vec![listed], next: None });
    }

    #[test]
    fn keys_are_decoded_where_they_are_encoded() {
        let keys = |encoding: &str, key: &str| {
            let body = format!(
                "<ListBucketResult>{encoding}<Contents><Key>{key}</Key><Size>1</Size><ETag>\"a\"</ETag>\
                 </Contents></ListBucketResult>"
            );
            let page = ListObjectsV2::parse(&answer(200, &[], &body));
            page.map(|page| page.objects.into_iter().map(|object| object.key).collect::<Vec<_>>())
        };
        let url = "<EncodingType>url</EncodingType>";
        assert_eq!(keys(url, "a+b%2Bc%01%C3%BC/d").expect("keys"), ["a b+c\u{1}ü/d"]);
        assert_eq!(keys("", "a+b%2B").expect("keys"), ["a+b%2B"]);
        for odd in ["%", "%4", "%zz", "%FF", ""] {
            assert_eq!(keys(url, odd).map_err(|e| e.kind()), Err(ErrorKind::InvalidResponse), "{odd}");
        }
    }

    #[test]
    fn more_to_come_says_how_to_ask_for_it() {
        let page = |inner: &str| {
            let body = format!("<ListBucketResult>{inner}</ListBucketResult>");
            ListObjectsV2::parse(&answer(200, &[], &body))
        };
        let truncated = "<IsTruncated>true</IsTruncated>";
        assert_eq!(page(truncated).map_err(|error| error.kind()), Err(ErrorKind::InvalidResponse));
        let next = page(&[truncated, "<NextContinuationToken>t=</NextContinuationToken>"].concat());
        assert_eq!(next.expect("a page").next.as_deref(), Some("t="));
        assert_eq!(
            ListObjectsV2::parse(&refusal(403, "AccessDenied")).map_err(|e| e.kind()),
            Err(ErrorKind::S3)
        );
    }
}
