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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::AddressingStyle;
    use crate::s3::test_support::{answer, aws, headers, names};

    /// The sample of <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html>.
    #[test]
    fn the_example_of_the_api_page() {
        let (bucket, _) = names("example-bucket", "key");
        let list = ListMultipartUploads { max_uploads: Some(3), ..ListMultipartUploads::new(&bucket) };
        let request = list.request(&aws()).expect("valid");
        assert_eq!(request.method(), "GET");
        assert_eq!(request.url(), "https://example-bucket.s3.amazonaws.com/?uploads=&max-uploads=3");
        assert_eq!((headers(&request), request.payload_hash()), (Vec::new(), Some(PayloadHash::Empty)));
        let body = r#"<?xml version="1.0" encoding="UTF-8"?>
            <ListMultipartUploadsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
              <Bucket>bucket</Bucket>
              <KeyMarker></KeyMarker>
              <UploadIdMarker></UploadIdMarker>
              <NextKeyMarker>my-movie.m2ts</NextKeyMarker>
              <NextUploadIdMarker>YW55IGlkZWEgd2h5IGVsdmluZydzIHVwbG9hZCBmYWlsZWQ</NextUploadIdMarker>
              <MaxUploads>3</MaxUploads>
              <IsTruncated>true</IsTruncated>
              <Upload>
                <Key>my-divisor</Key>
                <UploadId>XMgbGlrZSBlbHZpbmcncyBub3QgaGF2aW5nIG11Y2ggbHVjaw</UploadId>
                <StorageClass>STANDARD</StorageClass>
                <Initiated>2010-11-10T20:48:33.000Z</Initiated>
              </Upload>
              <Upload>
                <Key>my-movie.m2ts</Key>
                <UploadId>VXBsb2FkIElEIGZvciBlbHZpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA</UploadId>
                <StorageClass>STANDARD</StorageClass>
                <Initiated>2010-11-10T20:48:33.000Z</Initiated>
              </Upload>
              <Upload>
                <Key>my-movie.m2ts</Key>
                <UploadId>YW55IGlkZWEgd2h5IGVsdmluZydzIHVwbG9hZCBmYWlsZWQ</UploadId>
                <StorageClass>STANDARD</StorageClass>
                <Initiated>2010-11-10T20:49:33.000Z</Initiated>
              </Upload>
            </ListMultipartUploadsResult>"#;
        let output = ListMultipartUploads::parse(&answer(200, &[], body)).expect("a success");
        let listed: Vec<_> = output
            .uploads
            .iter()
            .map(|upload| (upload.key.as_str(), upload.upload_id.as_str(), upload.initiated))
            .collect();
        let at = |text| Some(Timestamp::parse(text).expect("valid"));
        assert_eq!(
            listed,
            [
                ("my-divisor", "XMgbGlrZSBlbHZpbmcncyBub3QgaGF2aW5nIG11Y2ggbHVjaw", at("20101110T204833Z")),
                (
                    "my-movie.m2ts",
                    "VXBsb2FkIElEIGZvciBlbHZpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA",
                    at("20101110T204833Z")
                ),
                ("my-movie.m2ts", "YW55IGlkZWEgd2h5IGVsdmluZydzIHVwbG9hZCBmYWlsZWQ", at("20101110T204933Z")),
            ]
        );
        let next = output.next.expect("more to come");
        assert_eq!(next.key, "my-movie.m2ts");
        assert_eq!(next.upload_id.as_deref(), Some("YW55IGlkZWEgd2h5IGVsdmluZydzIHVwbG9hZCBmYWlsZWQ"));
        let minio = Endpoint::parse("http://127.0.0.1:9000", AddressingStyle::Path).expect("valid");
        let next_page = ListMultipartUploads {
            prefix: Some("my-movie.m2ts"),
            after: Some(&next),
            ..ListMultipartUploads::new(&bucket)
        };
        assert_eq!(
            next_page.request(&minio).expect("valid").url(),
            "http://127.0.0.1:9000/example-bucket?uploads=&prefix=my-movie.m2ts&key-marker=my-movie.m2ts\
             &upload-id-marker=YW55IGlkZWEgd2h5IGVsdmluZydzIHVwbG9hZCBmYWlsZWQ"
        );
    }

    #[test]
    fn pages_of_servers_that_leave_markers_out_or_lists_that_cannot_be_right() {
        let page = |inner: &str| {
            let body = format!("<ListMultipartUploadsResult>{inner}</ListMultipartUploadsResult>");
            ListMultipartUploads::parse(&answer(200, &[], &body))
        };
        let one = "<Upload><Key> a&#10;b</Key><UploadId>1</UploadId></Upload>";
        let truncated = "<IsTruncated>true</IsTruncated>";
        let output = page(one).expect("a success");
        assert_eq!(output.uploads.first().map(|upload| upload.key.as_str()), Some(" a\nb"));
        assert_eq!(output.next, None);
        let marker = page(&[one, truncated].concat()).expect("a success").next.expect("more to come");
        assert_eq!((marker.key.as_str(), marker.upload_id.as_deref()), (" a\nb", Some("1")));
        for inner in [truncated, "<Upload><Key>a</Key></Upload>", "<Upload><UploadId>a</UploadId></Upload>"] {
            assert_eq!(page(inner).map_err(|error| error.kind()), Err(ErrorKind::InvalidResponse), "{inner}");
        }
    }
}
