//! GetBucketLifecycleConfiguration and PutBucketLifecycleConfiguration
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html>),
//! as far as multipart uploads that nobody completes go.

use crate::error::{Error, ErrorKind, Result};
use crate::s3::content_md5::content_md5;
use crate::s3::xml::{Element, push_escaped};
use crate::s3::{Bucket, Endpoint, Response};
use crate::sigv4::{PayloadHash, Request};

const ROOT: &str = "LifecycleConfiguration";

/// The lifecycle rules of a bucket. Those that this crate does not understand
/// are kept word by word when one is added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BucketLifecycle {
    rules: Vec<LifecycleRule>,
    /// What stands between the tags of the document.
    inner: String,
}

/// What is read of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LifecycleRule {
    /// A name, at most 255 characters.
    pub id: Option<String>,
    /// Whether it is in force.
    pub enabled: bool,
    /// Keys begin with this; empty for all.
    pub prefix: String,
    /// Whether it is for some objects of the prefix only (by tag or size).
    pub filtered: bool,
    /// After how many days uploads that were not completed are aborted.
    pub abort_after_days: Option<u32>,
}

impl BucketLifecycle {
    /// Asks for the rules.
    ///
    /// # Errors
    /// As [`Endpoint::bucket_request`].
    pub fn get(endpoint: &Endpoint, bucket: &Bucket) -> Result<Request> {
        Ok(endpoint.bucket_request("GET", bucket)?.query("lifecycle", "").payload(PayloadHash::Empty))
    }

    /// Reads the answer; a bucket without rules (404
    /// `NoSuchLifecycleConfiguration`) has none.
    ///
    /// # Errors
    /// [`ErrorKind::S3`] when S3 refused, [`ErrorKind::InvalidResponse`] for
    /// another document.
    pub fn parse(response: &Response) -> Result<Self> {
        match response.success() {
            Err(error) if error.code() == "NoSuchLifecycleConfiguration" => return Ok(Self::default()),
            answer => answer?,
        };
        let document = response.document(ROOT)?;
        let text = std::str::from_utf8(&response.body).unwrap_or_default();
        Ok(Self { rules: document.children("Rule").map(rule).collect(), inner: inner(text)?.to_owned() })
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &[LifecycleRule] {
        &self.rules
    }

    /// Whether uploads below a prefix that nobody completes are aborted.
    #[must_use]
    pub fn aborts_uploads_below(&self, prefix: &str) -> bool {
        self.rules.iter().any(|rule| {
            rule.enabled
                && !rule.filtered
                && rule.abort_after_days.is_some()
                && prefix.starts_with(&rule.prefix)
        })
    }

    /// With one more rule, in the place of any of the same id, beside all others.
    #[must_use]
    pub fn with_abort_rule(mut self, id: &str, prefix: &str, days: u32) -> Self {
        let mut text = "<Rule><ID>".to_owned();
        push_escaped(&mut text, id);
        text.push_str("</ID><Filter><Prefix>");
        push_escaped(&mut text, prefix);
        text.push_str(
            "</Prefix></Filter><Status>Enabled</Status><AbortIncompleteMultipartUpload><DaysAfterInitiation>",
        );
        text.push_str(&days.to_string());
        text.push_str("</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>");
        self.inner = without_rule(&self.inner, id) + &text;
        self.rules.retain(|rule| rule.id.as_deref() != Some(id));
        self.rules.push(LifecycleRule {
            id: Some(id.to_owned()),
            enabled: true,
            prefix: prefix.to_owned(),
            filtered: false,
            abort_after_days: Some(days),
        });
        self
    }

    /// Replaces the rules: the request, to be signed in its headers, and the body
    /// to send with it, whose MD5 is among the headers: S3 insists on one.
    ///
    /// # Errors
    /// As [`Endpoint::bucket_request`].
    pub fn put(&self, endpoint: &Endpoint, bucket: &Bucket) -> Result<(Request, String)> {
        let body = self.document();
        let request = endpoint
            .bucket_request("PUT", bucket)?
            .query("lifecycle", "")
            .payload(PayloadHash::of(body.as_bytes()))
            .header("content-md5", &content_md5(&body))?
            .header("content-type", "application/xml")?;
        Ok((request, body))
    }

    /// The document that [`put`](Self::put) sends.
    #[must_use]
    pub fn document(&self) -> String {
        let Self { inner, .. } = self;
        format!("<{ROOT} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{inner}</{ROOT}>")
    }
}

/// What stands between the tags of a document that was parsed before.
fn inner(document: &str) -> Result<&str> {
    let invalid = || Error::new(ErrorKind::InvalidResponse, "S3's lifecycle rules cannot be read");
    let start = document.find(&format!("<{ROOT}")).ok_or_else(invalid)?;
    let (_, rest) = document.split_at_checked(start).ok_or_else(invalid)?;
    let (tag, rest) = rest.split_once('>').ok_or_else(invalid)?;
    if tag.ends_with('/') {
        return Ok("");
    }
    rest.rsplit_once(&format!("</{ROOT}")).map(|(inner, _)| inner).ok_or_else(invalid)
}

/// Rules are not nested, so they are cut at their tags.
fn without_rule(inner: &str, id: &str) -> String {
    let mut escaped = "<ID>".to_owned();
    push_escaped(&mut escaped, id);
    escaped.push_str("</ID>");
    inner.split_inclusive("</Rule>").filter(|rule| !rule.contains(&escaped)).collect()
}

fn rule(element: &Element) -> LifecycleRule {
    let text = |name| element.child_text(name).map(str::trim);
    let filter = element.children("Filter").next();
    let both = filter.and_then(|filter| filter.children("And").next());
    let prefix =
        [Some(element), filter, both].into_iter().flatten().find_map(|element| element.child_text("Prefix"));
    let narrow = |element: &Element| {
        ["Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan"]
            .iter()
            .any(|name| element.child_text(name).is_some())
    };
    LifecycleRule {
        id: text("ID").map(str::to_owned),
        enabled: text("Status") == Some("Enabled"),
        prefix: prefix.unwrap_or_default().to_owned(),
        filtered: [filter, both].into_iter().flatten().any(narrow),
        abort_after_days: element
            .children("AbortIncompleteMultipartUpload")
            .next()
            .and_then(|abort| abort.child_text("DaysAfterInitiation"))
            .and_then(|days| days.trim().parse().ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Response {
        Response { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    const OTHERS: &str = "<Rule><ID>logs &amp; more</ID><Filter><And><Prefix>logs/</Prefix><Tag><Key>a</Key><Value>b</Value></Tag>\
        </And></Filter><Status>Enabled</Status><Transition><Days>30</Days><StorageClass>GLACIER</StorageClass></Transition>\
        <AbortIncompleteMultipartUpload><DaysAfterInitiation>2</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>";

    fn others() -> BucketLifecycle {
        let body = format!(
            "<?xml version=\"1.0\"?>\n<LifecycleConfiguration xmlns=\"x\">{OTHERS}</LifecycleConfiguration>"
        );
        BucketLifecycle::parse(&answer(200, &body)).unwrap()
    }

    #[test]
    fn rules_of_others_are_kept_word_by_word() {
        assert!(others().rules()[0].filtered);
        assert!(!others().aborts_uploads_below("logs/x"));
        let twice = others().with_abort_rule("sealift", "uploads/", 7).with_abort_rule("sealift", "up/", 3);
        assert!(twice.document().contains(OTHERS));
        let read = BucketLifecycle::parse(&answer(200, &twice.document())).unwrap();
        assert_eq!(read.rules().len(), 2);
        assert_eq!(read, twice);
        assert!(read.aborts_uploads_below("up/1") && !read.aborts_uploads_below("uploads/1"));
    }

    #[test]
    fn a_bucket_without_rules_has_none() {
        let none = answer(404, "<Error><Code>NoSuchLifecycleConfiguration</Code></Error>");
        let lifecycle = BucketLifecycle::parse(&none).unwrap();
        assert!(!lifecycle.aborts_uploads_below(""));
        assert!(lifecycle.with_abort_rule("a", "", 1).aborts_uploads_below("anything"));
        let empty = BucketLifecycle::parse(&answer(200, "<LifecycleConfiguration/>")).unwrap();
        assert_eq!(empty.rules(), []);
        let denied = answer(403, "<Error><Code>AccessDenied</Code></Error>");
        assert_eq!(BucketLifecycle::parse(&denied).unwrap_err().code(), "AccessDenied");
    }
}
