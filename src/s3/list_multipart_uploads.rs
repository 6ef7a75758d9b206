//! ListMultipartUploads
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html>).

use crate::error::{Error, ErrorKind, Result};
use crate::s3::xml::Element;
use crate::s3::{Bucket, Endpoint, Response};
use crate::sigv4::{PayloadHash, Request};
use crate::time::Timestamp;

/// Asks which uploads in parts are under way, one page (S3's have 1,000) at a time.
#[derive(Clone, Copy, Debug)]
pub struct ListMultipartUploads<'a> {
    /// The bucket.
    pub bucket: &'a Bucket,
    /// Only of keys that begin with this.
    pub prefix: Option<&'a str>,
    /// Only behind this place.
    pub after: Option<&'a UploadMarker>,
    /// Most uploads of a page, 1 to 1,000.
    pub max_uploads: Option<u16>,
}

/// A place in the list of uploads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadMarker {
    /// A key.
    pub key: String,
    /// An upload of that key; without it, behind all of them.
    pub upload_id: Option<String>,
}

impl<'a> ListMultipartUploads<'a> {
    /// The first page of all.
    #[must_use]
    pub const fn new(bucket: &'a Bucket) -> Self {
        Self { bucket, prefix: None, after: None, max_uploads: None }
    }

    /// The request, to be signed in its headers.
    ///
    /// # Errors
    /// As [`Endpoint::bucket_request`].
    pub fn request(&self, endpoint: &Endpoint) -> Result<Request> {
        let mut request =
            endpoint.bucket_request("GET", self.bucket)?.query("uploads", "").payload(PayloadHash::Empty);
        if let Some(prefix) = self.prefix {
            request = request.query("prefix", prefix);
        }
        if let Some(marker) = self.after {
            request = request.query("key-marker", &marker.key);
            if let Some(id) = &marker.upload_id {
                request = request.query("upload-id-marker", id);
            }
        }
        if let Some(most) = self.max_uploads {
            request = request.query("max-uploads", &most.to_string());
        }
        Ok(request)
    }

    /// Reads the answer.
    ///
    /// # Errors
    /// [`ErrorKind::S3`] when S3 refused, [`ErrorKind::InvalidResponse`] for
    /// uploads without key or id, or more to come after none.
    pub fn parse(response: &Response) -> Result<ListMultipartUploadsOutput> {
        let document = response.success()?.document("ListMultipartUploadsResult")?;
        let invalid = || Error::new(ErrorKind::InvalidResponse, "S3's list of uploads cannot be read");
        let uploads: Vec<_> =
            document.children("Upload").map(listed_upload).collect::<Option<_>>().ok_or_else(invalid)?;
        if document.child_text("IsTruncated").is_none_or(|text| text.trim() != "true") {
            return Ok(ListMultipartUploadsOutput { uploads, next: None });
        }
        let text = |name| document.child_text(name).filter(|text| !text.is_empty()).map(str::to_owned);
        let next = match text("NextKeyMarker") {
            Some(key) => UploadMarker { key, upload_id: text("NextUploadIdMarker") },
            None => {
                let last = uploads.last().ok_or_else(invalid)?;
                UploadMarker { key: last.key.clone(), upload_id: Some(last.upload_id.clone()) }
            }
        };
        Ok(ListMultipartUploadsOutput { uploads, next: Some(next) })
    }
}

/// One page of uploads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListMultipartUploadsOutput {
    /// The uploads, by key, those of a key by when they began.
    pub uploads: Vec<ListedUpload>,
    /// What the next page is [`after`](ListMultipartUploads::after), if there is one.
    pub next: Option<UploadMarker>,
}

/// An upload that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedUpload {
    /// The key.
    pub key: String,
    /// What S3 called the upload.
    pub upload_id: String,
    /// When it began, where that can be read.
    pub initiated: Option<Timestamp>,
}

fn listed_upload(upload: &Element) -> Option<ListedUpload> {
    let text = |name| upload.child_text(name).filter(|text| !text.is_empty());
    Some(ListedUpload {
        key: text("Key")?.to_owned(),
        upload_id: text("UploadId")?.trim().to_owned(),
        initiated: text("Initiated").and_then(|text| Timestamp::parse(text.trim()).ok()),
    })
}
