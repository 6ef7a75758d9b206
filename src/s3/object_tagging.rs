//! GetObjectTagging and PutObjectTagging
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html>).

use crate::error::{Error, ErrorKind, Result};
use crate::s3::content_md5::content_md5;
use crate::s3::xml::push_escaped;
use crate::s3::{Bucket, Endpoint, ObjectKey, Response};
use crate::sigv4::{PayloadHash, Request};

/// Asks for the tags of an object.
#[derive(Clone, Copy, Debug)]
pub struct GetObjectTagging<'a> {
    /// The bucket.
    pub bucket: &'a Bucket,
    /// The key.
    pub key: &'a ObjectKey,
    /// A version other than the newest.
    pub version_id: Option<&'a str>,
}

impl GetObjectTagging<'_> {
    /// The request, to be signed in its headers.
    ///
    /// # Errors
    /// As [`Endpoint::object_request`].
    pub fn request(&self, endpoint: &Endpoint) -> Result<Request> {
        let request = endpoint.object_request("GET", self.bucket, self.key)?.payload(PayloadHash::Empty);
        Ok(tagging(request, self.version_id))
    }

    /// Reads the answer: keys and values, in the order of the answer.
    ///
    /// # Errors
    /// [`ErrorKind::S3`] when S3 refused, [`ErrorKind::InvalidResponse`] for a
    /// tag without key or value.
    pub fn parse(response: &Response) -> Result<Vec<(String, String)>> {
        let document = response.success()?.document("Tagging")?;
        let mut tags = Vec::new();
        for tag in document.children("TagSet").flat_map(|set| set.children("Tag")) {
            let (Some(key), Some(value)) = (tag.child_text("Key"), tag.child_text("Value")) else {
                return Err(Error::new(ErrorKind::InvalidResponse, "S3's list of tags cannot be read"));
            };
            tags.push((key.to_owned(), value.to_owned()));
        }
        Ok(tags)
    }
}

/// Puts these tags in the place of all that an object has.
#[derive(Clone, Copy, Debug)]
pub struct PutObjectTagging<'a> {
    /// The bucket.
    pub bucket: &'a Bucket,
    /// The key.
    pub key: &'a ObjectKey,
    /// A version other than the newest.
    pub version_id: Option<&'a str>,
    /// Keys and values, at most ten; none takes all away.
    pub tags: &'a [(String, String)],
}

impl PutObjectTagging<'_> {
    /// The request, to be signed in its headers, and the body to send with it,
    /// whose hash is in the request.
    ///
    /// # Errors
    /// As [`Endpoint::object_request`].
    pub fn request(&self, endpoint: &Endpoint) -> Result<(Request, String)> {
        let mut body = "<Tagging xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><TagSet>".to_owned();
        for (key, value) in self.tags {
            body.push_str("<Tag><Key>");
            push_escaped(&mut body, key);
            body.push_str("</Key><Value>");
            push_escaped(&mut body, value);
            body.push_str("</Value></Tag>");
        }
        body.push_str("</TagSet></Tagging>");
        let request = endpoint
            .object_request("PUT", self.bucket, self.key)?
            .payload(PayloadHash::of(body.as_bytes()))
            .header("content-type", "application/xml")?
            // S3 takes no tags without a digest of the document.
            .header("content-md5", &content_md5(&body))?;
        Ok((tagging(request, self.version_id), body))
    }

    /// Reads the answer.
    ///
    /// # Errors
    /// [`ErrorKind::S3`] when S3 refused.
    pub fn parse(response: &Response) -> Result<()> {
        response.success().map(drop)
    }
}

fn tagging(request: Request, version_id: Option<&str>) -> Request {
    let request = request.query("tagging", "");
    match version_id {
        Some(version) => request.query("versionId", version),
        None => request,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::test_support::{answer, aws, header, names, refusal};

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    /// The samples of both API pages.
    #[test]
    fn the_examples_of_the_api_pages() {
        let (bucket, key) = names("bucket", "object-key");
        let get = GetObjectTagging { bucket: &bucket, key: &key, version_id: None };
        let request = get.request(&aws()).expect("valid");
        assert_eq!(
            (request.method(), request.url().as_str()),
            ("GET", "https://bucket.s3.amazonaws.com/object-key?tagging=")
        );
        let body = r#"<?xml version="1.0" encoding="UTF-8"?>
            <Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
              <TagSet>
                <Tag> <Key>tag1</Key> <Value>val1</Value> </Tag>
                <Tag> <Key>tag2</Key> <Value>val2</Value> </Tag>
              </TagSet>
            </Tagging>"#;
        let tags = GetObjectTagging::parse(&answer(200, &[], body)).expect("a success");
        assert_eq!(tags, [pair("tag1", "val1"), pair("tag2", "val2")]);

        let put = PutObjectTagging { bucket: &bucket, key: &key, version_id: Some("v1"), tags: &tags };
        let (request, document) = put.request(&aws()).expect("valid");
        assert_eq!(request.method(), "PUT");
        assert_eq!(request.url(), "https://bucket.s3.amazonaws.com/object-key?tagging=&versionId=v1");
        assert_eq!(request.payload_hash(), Some(PayloadHash::of(document.as_bytes())));
        assert_eq!(header(&request, "content-md5").map(str::len), Some(24));
        assert_eq!(GetObjectTagging::parse(&answer(200, &[], &document)).expect("what was written"), tags);
        assert!(PutObjectTagging::parse(&answer(200, &[("x-amz-version-id", "v1")], "")).is_ok());
    }

    #[test]
    fn what_is_written_is_escaped_and_none_is_none() {
        let (bucket, key) = names("bucket", "key");
        let tags = [pair("a<&>", "\"b\"\r")];
        let put = PutObjectTagging { bucket: &bucket, key: &key, version_id: None, tags: &tags };
        let (_, document) = put.request(&aws()).expect("valid");
        assert_eq!(GetObjectTagging::parse(&answer(200, &[], &document)).expect("tags"), tags);
        let none = PutObjectTagging { tags: &[], ..put }.request(&aws()).expect("valid").1;
        assert_eq!(GetObjectTagging::parse(&answer(200, &[], &none)).expect("no tags"), []);
        assert_eq!(
            GetObjectTagging::parse(&refusal(404, "NoSuchKey")).map_err(|e| e.kind()),
            Err(ErrorKind::S3)
        );
    }
}
