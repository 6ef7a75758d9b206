//! What else can be said of an object when it is stored.

use crate::error::{Error, ErrorKind, Result};
use crate::s3::xml;
use crate::sigv4::{Request, encode_component};
use crate::time::Timestamp;

/// Headers and form fields of an object beside its type, name and metadata.
/// The default says nothing, so that the bucket's own settings hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectOptions {
    /// `Cache-Control` of the stored object.
    pub cache_control: Option<String>,
    /// Storage class, e.g. `STANDARD_IA`.
    pub storage_class: Option<String>,
    /// Canned ACL, e.g. `bucket-owner-full-control`
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl>).
    /// Buckets whose objects have no ACLs refuse any other.
    pub acl: Option<String>,
    /// Tags, at most ten: keys of 1 to 128 characters, none twice, and values
    /// of at most 256.
    pub tags: Vec<(String, String)>,
    /// How S3 encrypts the object.
    pub encryption: Encryption,
    /// Until when nobody can delete or overwrite this version, and who may lift that.
    pub retention: Option<Retention>,
    /// Whether nobody can delete or overwrite this version until the hold is lifted.
    pub legal_hold: bool,
}

/// Encryption by S3 with keys that it, or AWS KMS, holds
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// As the bucket has it.
    #[default]
    BucketDefault,
    /// With keys of S3 (SSE-S3).
    S3,
    /// With a key of KMS (SSE-KMS).
    Kms {
        /// Id or ARN of the key; without it, the account's key for S3.
        key_id: Option<String>,
        /// Whether S3 derives a key for the bucket, and asks KMS less often.
        bucket_key: bool,
    },
}

/// A retention period of Object Lock
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Who may end it early.
    pub mode: RetentionMode,
    /// When it ends.
    pub until: Timestamp,
}

/// Who may end a retention period early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetentionMode {
    /// Those with a special permission.
    Governance,
    /// Nobody.
    Compliance,
}

/// Most tags of an object, most characters of a tag's key and of its value
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html>).
const MAX_TAGS: usize = 10;
const MAX_TAG_KEY: usize = 128;
const MAX_TAG_VALUE: usize = 256;

impl ObjectOptions {
    /// With these headers.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidHeader`] for tags that S3 would refuse, or what HTTP
    /// cannot carry.
    pub(super) fn add_to(&self, mut request: Request) -> Result<Request> {
        for (name, value) in self.common()? {
            request.add_header(name, &value)?;
        }
        if let Some(acl) = &self.acl {
            request.add_header("x-amz-acl", acl)?;
        }
        if !self.tags.is_empty() {
            request.add_header("x-amz-tagging", &self.tags_as_query())?;
        }
        Ok(request)
    }

    /// As fields of a form.
    ///
    /// # Errors
    /// As [`add_to`](Self::add_to).
    pub(super) fn fields(&self) -> Result<Vec<(String, String)>> {
        let mut fields: Vec<(String, String)> =
            self.common()?.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        if let Some(acl) = &self.acl {
            fields.push(("acl".to_owned(), acl.clone()));
        }
        if !self.tags.is_empty() {
            fields.push(("tagging".to_owned(), self.tags_as_xml()));
        }
        Ok(fields)
    }

    /// What is called the same in headers and in forms.
    fn common(&self) -> Result<Vec<(&'static str, String)>> {
        self.check_tags()?;
        let mut headers = Vec::new();
        if let Some(value) = &self.cache_control {
            headers.push(("cache-control", value.clone()));
        }
        if let Some(value) = &self.storage_class {
            headers.push(("x-amz-storage-class", value.clone()));
        }
        match &self.encryption {
            Encryption::BucketDefault => {}
            Encryption::S3 => headers.push(("x-amz-server-side-encryption", "AES256".to_owned())),
            Encryption::Kms { key_id, bucket_key } => {
                headers.push(("x-amz-server-side-encryption", "aws:kms".to_owned()));
                if let Some(id) = key_id {
                    headers.push(("x-amz-server-side-encryption-aws-kms-key-id", id.clone()));
                }
                if *bucket_key {
                    headers.push(("x-amz-server-side-encryption-bucket-key-enabled", "true".to_owned()));
                }
            }
        }
        if let Some(Retention { mode, until }) = self.retention {
            let mode = match mode {
                RetentionMode::Governance => "GOVERNANCE",
                RetentionMode::Compliance => "COMPLIANCE",
            };
            headers.push(("x-amz-object-lock-mode", mode.to_owned()));
            headers.push(("x-amz-object-lock-retain-until-date", until.iso8601()));
        }
        if self.legal_hold {
            headers.push(("x-amz-object-lock-legal-hold", "ON".to_owned()));
        }
        Ok(headers)
    }

    fn check_tags(&self) -> Result<()> {
        let invalid = |rule| Err(Error::new(ErrorKind::InvalidHeader, rule));
        if self.tags.len() > MAX_TAGS {
            return invalid("an object has at most 10 tags");
        }
        for (index, (key, value)) in self.tags.iter().enumerate() {
            if !(1..=MAX_TAG_KEY).contains(&key.chars().count()) || value.chars().count() > MAX_TAG_VALUE {
                return invalid("a tag's key has 1 to 128 characters, its value at most 256");
            }
            // What XML cannot say is no part of any tag.
            if key.chars().chain(value.chars()).any(char::is_control) {
                return invalid("a tag has no control characters");
            }
            if self.tags.iter().take(index).any(|(other, _)| other == key) {
                return invalid("a tag's key stands twice");
            }
        }
        Ok(())
    }

    fn tags_as_query(&self) -> String {
        let pair = |(key, value): &(String, String)| {
            [&encode_component(key), "=", &encode_component(value)].concat()
        };
        self.tags.iter().map(pair).collect::<Vec<_>>().join("&")
    }

    fn tags_as_xml(&self) -> String {
        let mut document = "<Tagging><TagSet>".to_owned();
        for (key, value) in &self.tags {
            document.push_str("<Tag><Key>");
            xml::push_escaped(&mut document, key);
            document.push_str("</Key><Value>");
            xml::push_escaped(&mut document, value);
            document.push_str("</Value></Tag>");
        }
        document.push_str("</TagSet></Tagging>");
        document
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::test_support::{aws, headers, names};
    use crate::sigv4::Request;
    use proptest::prelude::*;

    fn request(options: &ObjectOptions) -> Result<Request> {
        let (bucket, key) = names("bucket", "key");
        options.add_to(aws().object_request("PUT", &bucket, &key)?)
    }

    fn tags(tags: &[(&str, &str)]) -> ObjectOptions {
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        ObjectOptions { tags, ..Default::default() }
    }

    /// Headers of <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>,
    /// fields of <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html>.
    #[test]
    fn headers_and_fields() {
        let options = ObjectOptions {
            cache_control: Some("max-age=60, private".to_owned()),
            storage_class: Some("STANDARD_IA".to_owned()),
            acl: Some("bucket-owner-full-control".to_owned()),
            encryption: Encryption::Kms {
                key_id: Some("arn:aws:kms:a:1:key/b".to_owned()),
                bucket_key: true,
            },
            retention: Some(Retention {
                mode: RetentionMode::Compliance,
                until: Timestamp::parse("20300102T030405Z").expect("valid"),
            }),
            legal_hold: true,
            ..tags(&[("Tag1", "Value 1"), ("a&b", "<ü=+>")])
        };
        let common = [
            ("cache-control", "max-age=60, private"),
            ("x-amz-storage-class", "STANDARD_IA"),
            ("x-amz-server-side-encryption", "aws:kms"),
            ("x-amz-server-side-encryption-aws-kms-key-id", "arn:aws:kms:a:1:key/b"),
            ("x-amz-server-side-encryption-bucket-key-enabled", "true"),
            ("x-amz-object-lock-mode", "COMPLIANCE"),
            ("x-amz-object-lock-retain-until-date", "2030-01-02T03:04:05Z"),
            ("x-amz-object-lock-legal-hold", "ON"),
        ];
        let in_headers = [
            ("x-amz-acl", "bucket-owner-full-control"),
            ("x-amz-tagging", "Tag1=Value%201&a%26b=%3C%C3%BC%3D%2B%3E"),
        ];
        assert_eq!(headers(&request(&options).expect("valid")), [&common[..], &in_headers].concat());
        let in_fields = [
            ("acl", "bucket-owner-full-control"),
            (
                "tagging",
                "<Tagging><TagSet><Tag><Key>Tag1</Key><Value>Value 1</Value></Tag>\
                 <Tag><Key>a&amp;b</Key><Value>&lt;ü=+&gt;</Value></Tag></TagSet></Tagging>",
            ),
        ];
        let fields = options.fields().expect("valid");
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(fields, [&common[..], &in_fields].concat());
    }

    #[test]
    fn the_default_says_nothing() {
        assert_eq!(headers(&request(&ObjectOptions::default()).expect("valid")), []);
        assert_eq!(ObjectOptions::default().fields(), Ok(Vec::new()));
        let s3 = ObjectOptions { encryption: Encryption::S3, ..Default::default() };
        assert_eq!(headers(&request(&s3).expect("valid")), [("x-amz-server-side-encryption", "AES256")]);
    }

    #[test]
    fn tags_that_s3_refuses() {
        let eleven: Vec<_> = (0..11).map(|n| (n.to_string(), String::new())).collect();
        let ten = ObjectOptions { tags: eleven.iter().take(10).cloned().collect(), ..Default::default() };
        assert!(request(&ten).is_ok());
        let (longest_key, longest_value) = ("ü".repeat(128), "ü".repeat(256));
        assert!(request(&tags(&[(&longest_key, &longest_value)])).is_ok());
        let refused = [
            ObjectOptions { tags: eleven, ..Default::default() },
            tags(&[("a", "1"), ("b", "2"), ("a", "3")]),
            tags(&[("", "x")]),
            tags(&[(&"a".repeat(129), "x")]),
            tags(&[("a", &"x".repeat(257))]),
            tags(&[("a", "b\0")]),
            ObjectOptions { cache_control: Some("a\r\nx-evil: 1".to_owned()), ..Default::default() },
        ];
        for options in refused {
            assert_eq!(request(&options).map_err(|error| error.kind()), Err(ErrorKind::InvalidHeader));
        }
    }

    proptest! {
        #[test]
        fn tags_of_a_form_come_back(pairs in proptest::collection::btree_map("\\PC{1,20}", "\\PC{0,20}", 0..10)) {
            let options = ObjectOptions { tags: pairs.into_iter().collect(), ..Default::default() };
            let document = xml::parse(&options.tags_as_xml()).expect("well formed");
            let read: Vec<_> = document
                .children("TagSet")
                .flat_map(|set| set.children("Tag"))
                .map(|tag| ["Key", "Value"].map(|name| tag.child_text(name).unwrap_or_default().to_owned()))
                .map(|[key, value]| (key, value))
                .collect();
            prop_assert_eq!(read, options.tags);
        }
    }
}
