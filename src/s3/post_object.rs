//! PostObject, the browser's form
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html>).

use crate::error::{Error, ErrorKind, Result};
use crate::s3::{Bucket, ContentType, ETag, ObjectKey, ObjectOptions, Response, checksum, metadata, xml};
use crate::sigv4::PostPolicy;
use crate::time::Timestamp;

/// Stores an object by a POST form. Every field is bound to its exact value by
/// the policy, the length of the file to a range.
#[derive(Clone, Copy, Debug)]
pub struct PostObject<'a> {
    /// The bucket.
    pub bucket: &'a Bucket,
    /// The key. S3 would replace `${filename}` in it, so that is refused.
    pub key: &'a ObjectKey,
    /// Least and greatest length of the file in bytes.
    pub content_length: (u64, u64),
    /// The type to store: the field's, never the file's own.
    pub content_type: &'a ContentType,
    /// The whole `Content-Disposition` header to store.
    pub content_disposition: &'a str,
    /// User metadata: names without their prefix, values as text.
    pub metadata: &'a [(String, String)],
    /// What else is stored with the object.
    pub options: Option<&'a ObjectOptions>,
    /// SHA-256 of the file: S3 refuses any other bytes. Of two checksums only
    /// the CRC can be bound.
    pub sha256: Option<[u8; 32]>,
    /// CRC64NVME of the file: S3 refuses any other bytes.
    pub crc64nvme: Option<u64>,
    /// What S3 is to answer.
    pub success: PostSuccess<'a>,
    /// When the policy ends.
    pub expiration: Timestamp,
}

/// What S3 answers to a form that it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostSuccess<'a> {
    /// 201 and a `<PostResponse>` document.
    Created,
    /// 303 to this URL, with `bucket`, `key` and `etag` in its query.
    Redirect(&'a str),
}

impl PostObject<'_> {
    /// The policy; [`sign_post_policy`](crate::sigv4::sign_post_policy) makes
    /// the fields of it, in the order in which they are to be sent, the file last.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidKey`] or [`ErrorKind::InvalidHeader`] for
    /// `${filename}` in the key or another field, as [`metadata::headers`], and
    /// [`ErrorKind::InvalidPolicy`] as [`PostPolicy`] or when the fields pass
    /// 20 KB.
    pub fn policy(&self) -> Result<PostPolicy> {
        let (minimum, maximum) = self.content_length;
        let mut policy = PostPolicy::new(self.expiration).eq("bucket", self.bucket.as_str())?;
        for (name, value) in &self.fields()? {
            policy = policy.eq(name, value)?;
        }
        policy.content_length_range(minimum, maximum)
    }

    /// Reads the answer to a form with [`PostSuccess::Created`]; a browser
    /// follows the other by itself.
    ///
    /// # Errors
    /// [`ErrorKind::S3`] when S3 refused, [`ErrorKind::InvalidResponse`] when
    /// neither the document nor a header tells the ETag.
    pub fn parse(response: &Response) -> Result<PostObjectOutput> {
        let response = response.success()?;
        let document = std::str::from_utf8(&response.body).ok().and_then(|body| xml::parse(body).ok());
        let document = document.filter(|root| root.name() == "PostResponse");
        let text = |name| document.as_ref().and_then(|root| root.child_text(name));
        let etag = text("ETag").or_else(|| response.header("etag")).ok_or_else(|| {
            Error::new(ErrorKind::InvalidResponse, "S3's answer to the form has no ETag")
                .with_status(response.status)
        })?;
        Ok(PostObjectOutput {
            etag: ETag::parse(etag)?,
            key: text("Key").map(str::to_owned),
            version_id: response.header("x-amz-version-id").map(str::to_owned),
        })
    }

    fn fields(&self) -> Result<Vec<(String, String)>> {
        let mut fields = vec![
            ("key".to_owned(), self.key.as_str().to_owned()),
            ("content-type".to_owned(), self.content_type.as_str().to_owned()),
            ("content-disposition".to_owned(), self.content_disposition.to_owned()),
        ];
        fields.push(match self.success {
            PostSuccess::Created => ("success_action_status".to_owned(), "201".to_owned()),
            PostSuccess::Redirect(url) => ("success_action_redirect".to_owned(), url.to_owned()),
        });
        if let Some((name, value)) = checksum::header(self.sha256, self.crc64nvme) {
            fields.push((name.to_owned(), value));
        }
        fields.extend(metadata::headers(self.metadata)?);
        if let Some(options) = self.options {
            fields.extend(options.fields()?);
        }
        if self.key.as_str().contains(FILENAME_VARIABLE) {
            return Err(Error::new(ErrorKind::InvalidKey, "S3 would replace ${filename} in the key"));
        }
        if fields.iter().any(|(_, value)| value.contains(FILENAME_VARIABLE)) {
            return Err(Error::new(ErrorKind::InvalidHeader, "S3 would replace ${filename} in a form field"));
        }
        if fields.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > MAX_FIELDS {
            return Err(Error::new(ErrorKind::InvalidPolicy, "the form's fields pass what S3 takes (20 KB)"));
        }
        Ok(fields)
    }
}

/// S3 takes 20 KB of form fields. The policy is among them and says each of
/// these again, in base64; so it does with the signer's own, of which a session
/// token alone may have 1.5 KB.
const MAX_FIELDS: usize = 6_000;

/// S3 puts the file's name in its place, in every field of a form.
pub(crate) const FILENAME_VARIABLE: &str = "${filename}";

/// What S3 answers to a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostObjectOutput {
    /// The ETag of what was stored.
    pub etag: ETag,
    /// The key, where the answer says it.
    pub key: Option<String>,
    /// The version, in a versioned bucket.
    pub version_id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha256;

    fn policy(key: &str, metadata: &[(String, String)]) -> Result<String> {
        let content_type = ContentType::parse("image/jpeg").expect("valid");
        let post = PostObject {
            bucket: &Bucket::parse("sigv4examplebucket").expect("valid"),
            key: &ObjectKey::parse(key)?,
            content_length: (3, 3),
            content_type: &content_type,
            content_disposition: "inline",
            metadata,
            options: None,
            sha256: Some(sha256(b"abc")),
            crc64nvme: None,
            success: PostSuccess::Created,
            expiration: Timestamp::parse("20151230T120000Z").expect("valid"),
        };
        post.policy().map(|policy| policy.to_json())
    }

    /// Fields and conditions of
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html>,
    /// each bound to one value.
    #[test]
    fn every_field_is_bound_to_its_value() {
        let metadata = [("uuid".to_owned(), "14365123651274".to_owned())];
        assert_eq!(
            policy("user/user1/photo.jpg", &metadata).as_deref(),
            Ok(concat!(
                r#"{"expiration":"2015-12-30T12:00:00Z","conditions":[{"bucket":"sigv4examplebucket"},"#,
                r#"{"key":"user/user1/photo.jpg"},{"content-type":"image/jpeg"},{"content-disposition":"inline"},"#,
                r#"{"success_action_status":"201"},"#,
                r#"{"x-amz-checksum-sha256":"ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="},"#,
                r#"{"x-amz-meta-uuid":"14365123651274"},["content-length-range",3,3]]}"#
            ))
        );
    }

    #[test]
    fn one_checksum_and_the_options_are_fields_too() {
        let content_type = ContentType::parse("image/jpeg").expect("valid");
        let options = ObjectOptions {
            acl: Some("private".to_owned()),
            tags: vec![("a".to_owned(), "1".to_owned())],
            ..Default::default()
        };
        let post = PostObject {
            bucket: &Bucket::parse("bucket").expect("valid"),
            key: &ObjectKey::parse("k").expect("valid"),
            content_length: (9, 9),
            content_type: &content_type,
            content_disposition: "inline",
            metadata: &[],
            options: Some(&options),
            sha256: Some(sha256(b"123456789")),
            crc64nvme: Some(0xae8b_1486_0a79_9888),
            success: PostSuccess::Created,
            expiration: Timestamp::from_unix_seconds(0),
        };
        let json = post.policy().expect("valid").to_json();
        assert!(json.ends_with(concat!(
            r#"{"x-amz-checksum-crc64nvme":"rosUhgp5mIg="},{"acl":"private"},"#,
            r#"{"tagging":"<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>"},"#,
            r#"["content-length-range",9,9]]}"#
        )));
        assert!(!json.contains("sha256"));
    }

    #[test]
    fn what_s3_would_replace_or_not_take_is_refused() {
        let kind = |result: Result<String>| result.map_err(|error| error.kind());
        assert_eq!(kind(policy("user/${filename}", &[])), Err(ErrorKind::InvalidKey));
        let meta = |value: String| vec![("a".to_owned(), value)];
        assert_eq!(kind(policy("k", &meta("x${filename}".to_owned()))), Err(ErrorKind::InvalidHeader));
        let long: Vec<_> = (0..4).map(|n| (format!("m{n}"), "x".repeat(500))).collect();
        assert!(policy("k", &long).is_ok());
        let content_type = ContentType::parse("image/jpeg").expect("valid");
        let too_long = PostObject {
            bucket: &Bucket::parse("bucket").expect("valid"),
            key: &ObjectKey::parse("k").expect("valid"),
            content_length: (0, 1),
            content_type: &content_type,
            content_disposition: &"x".repeat(MAX_FIELDS),
            metadata: &[],
            options: None,
            sha256: None,
            crc64nvme: None,
            success: PostSuccess::Created,
            expiration: Timestamp::from_unix_seconds(0),
        };
        assert_eq!(too_long.policy().map_err(|error| error.kind()), Err(ErrorKind::InvalidPolicy));
    }

    #[test]
    fn a_created_answer() {
        let body = include_bytes!("../../tests/vectors/s3-xml/post-201.xml").to_vec();
        let output =
            PostObject::parse(&Response { status: 201, headers: Vec::new(), body }).expect("a success");
        assert_eq!(output.etag.as_str(), "14dd4667441ada2b3914e5c1b72573b3");
        assert_eq!(output.key.as_deref(), Some("président.jpg"));
        let headers = vec![("etag".to_owned(), "\"a\"".to_owned())];
        let bare =
            PostObject::parse(&Response { status: 204, headers, body: Vec::new() }).expect("a success");
        assert_eq!((bare.etag.as_str(), bare.key), ("a", None));
        let nothing = Response { status: 200, ..Response::default() };
        assert_eq!(PostObject::parse(&nothing).map_err(|e| e.kind()), Err(ErrorKind::InvalidResponse));
    }
}
