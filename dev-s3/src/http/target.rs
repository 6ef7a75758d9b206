//! What a request is about: bucket, key and operation.

use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Uri};
use s3s::S3Result;
use s3s::host::{S3Host, VirtualHost};

/// Bucket, key and operation as the request line and headers give them; s3s
/// decides for itself, this serves CORS, faults, the log and error documents.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) operation: &'static str,
}

impl Target {
    pub(crate) fn of(parts: &Parts) -> Self {
        let path = decode(parts.uri.path());
        let path = path.strip_prefix('/').unwrap_or(&path);
        let (bucket, key) = match virtual_bucket(host(&parts.uri, &parts.headers)) {
            Some(bucket) => (bucket.to_owned(), path.to_owned()),
            None => {
                let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
                (bucket.to_owned(), key.to_owned())
            }
        };
        let operation = operation(parts, !bucket.is_empty(), !key.is_empty());
        Self { bucket, key, operation }
    }
}

/// Virtual-hosted addressing: `BUCKET.localhost` and `BUCKET.s3.localhost`, on
/// any port. Every other host is path-style.
#[derive(Debug)]
pub(crate) struct LocalHosts;

impl S3Host for LocalHosts {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let parsed = VirtualHost::new(host);
        Ok(match virtual_bucket(host) {
            Some(bucket) => parsed.with_bucket(bucket),
            None => parsed,
        })
    }
}

fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> &'a str {
    let header = headers.get(hyper::header::HOST).and_then(|h| h.to_str().ok());
    header.or_else(|| uri.authority().map(|a| a.as_str())).unwrap_or_default()
}

fn virtual_bucket(host: &str) -> Option<&str> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let bucket = name.strip_suffix(".localhost").filter(|bucket| *bucket != "s3")?;
    Some(bucket.strip_suffix(".s3").unwrap_or(bucket))
}

pub(crate) fn query_pairs(uri: &Uri) -> Vec<(String, String)> {
    let pairs = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")))
        })
        .collect()
}

/// Percent-decoding that never fails: what cannot be decoded stays.
pub(crate) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(&byte) = bytes.get(index) {
        let escape = bytes.get(index + 1..index + 3).and_then(|pair| hex::decode(pair).ok());
        match (byte, escape.as_deref()) {
            (b'%', Some([value])) => {
                decoded.push(*value);
                index += 3;
            }
            _ => {
                decoded.push(byte);
                index += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn operation(parts: &Parts, bucket: bool, key: bool) -> &'static str {
    let query = query_pairs(&parts.uri);
    let has = |name: &str| query.iter().any(|(n, _)| n == name);
    let copies = parts.headers.contains_key("x-amz-copy-source");
    let method = &parts.method;
    if method == Method::OPTIONS {
        return "Preflight";
    }
    match (method.as_str(), bucket, key) {
        ("GET", false, _) => "ListBuckets",
        ("GET", true, true) if has("uploadId") => "ListParts",
        ("GET", true, true) if has("tagging") => "GetObjectTagging",
        ("GET", true, true) => "GetObject",
        ("GET", true, false) if has("uploads") => "ListMultipartUploads",
        ("GET", true, false) if has("cors") => "GetBucketCors",
        ("GET", true, false) if has("lifecycle") => "GetBucketLifecycleConfiguration",
        ("GET", true, false) if has("tagging") => "GetBucketTagging",
        ("GET", true, false) if has("location") => "GetBucketLocation",
        ("GET", true, false) if has("versioning") => "GetBucketVersioning",
        ("GET", true, false) if has("list-type") => "ListObjectsV2",
        ("GET", true, false) => "ListObjects",
        ("HEAD", true, true) => "HeadObject",
        ("HEAD", true, false) => "HeadBucket",
        ("PUT", true, true) if has("partNumber") && copies => "UploadPartCopy",
        ("PUT", true, true) if has("partNumber") => "UploadPart",
        ("PUT", true, true) if has("tagging") => "PutObjectTagging",
        ("PUT", true, true) if copies => "CopyObject",
        ("PUT", true, true) => "PutObject",
        ("PUT", true, false) if has("cors") => "PutBucketCors",
        ("PUT", true, false) if has("lifecycle") => "PutBucketLifecycleConfiguration",
        ("PUT", true, false) if has("tagging") => "PutBucketTagging",
        ("PUT", true, false) => "CreateBucket",
        ("POST", true, true) if has("uploads") => "CreateMultipartUpload",
        ("POST", true, true) if has("uploadId") => "CompleteMultipartUpload",
        ("POST", true, false) if has("delete") => "DeleteObjects",
        ("POST", true, false) => "PostObject",
        ("DELETE", true, true) if has("uploadId") => "AbortMultipartUpload",
        ("DELETE", true, true) if has("tagging") => "DeleteObjectTagging",
        ("DELETE", true, true) => "DeleteObject",
        ("DELETE", true, false) if has("cors") => "DeleteBucketCors",
        ("DELETE", true, false) if has("lifecycle") => "DeleteBucketLifecycle",
        ("DELETE", true, false) if has("tagging") => "DeleteBucketTagging",
        ("DELETE", true, false) => "DeleteBucket",
        _ => "Unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(method: &str, uri: &str, host: &str) -> (String, String, &'static str) {
        let request =
            hyper::Request::builder().method(method).uri(uri).header("host", host).body(()).unwrap();
        let Target { bucket, key, operation } = Target::of(&request.into_parts().0);
        (bucket, key, operation)
    }

    #[test]
    fn both_addressing_styles_name_the_same_object() {
        let expected = ("photos".to_owned(), "a/ü//..".to_owned(), "GetObject");
        assert_eq!(target("GET", "/photos/a/%C3%BC//..", "127.0.0.1:9000"), expected);
        assert_eq!(target("GET", "/a/%c3%bc//..", "photos.localhost:9000"), expected);
        assert_eq!(target("GET", "/a/%c3%bc//..", "photos.s3.localhost"), expected);
        assert_eq!(target("GET", "/photos?uploads", "s3.localhost:1").2, "ListMultipartUploads");
        assert_eq!(target("PUT", "/", "my.photos.localhost:1").0, "my.photos");
    }
}
