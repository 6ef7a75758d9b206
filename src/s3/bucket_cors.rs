//! GetBucketCors and PutBucketCors
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html>).

use crate::error::Result;
use crate::s3::content_md5::content_md5;
use crate::s3::xml::{Element, push_escaped};
use crate::s3::{Bucket, Endpoint, Response};
use crate::sigv4::{PayloadHash, Request};

/// The CORS rules of a bucket; the first that fits a request decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BucketCors {
    /// At most 100.
    pub rules: Vec<CorsRule>,
}

/// A rule: who may ask what, and what pages may read of the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorsRule {
    /// A name, for people.
    pub id: Option<String>,
    /// Origins, each with one `*` at most.
    pub allowed_origins: Vec<String>,
    /// `GET`, `PUT`, `POST`, `DELETE`, `HEAD`.
    pub allowed_methods: Vec<String>,
    /// Names of headers, each with one `*` at most.
    pub allowed_headers: Vec<String>,
    /// Names of headers; AWS takes no `*` here.
    pub expose_headers: Vec<String>,
    /// How long browsers keep the answer to a preflight.
    pub max_age_seconds: Option<u32>,
}

impl BucketCors {
    /// Asks for the rules.
    ///
    /// # Errors
    /// As [`Endpoint::bucket_request`].
    pub fn get(endpoint: &Endpoint, bucket: &Bucket) -> Result<Request> {
        Ok(endpoint.bucket_request("GET", bucket)?.query("cors", "").payload(PayloadHash::Empty))
    }

    /// Reads the answer; a bucket without rules (404
    /// `NoSuchCORSConfiguration`) has none.
    ///
    /// # Errors
    /// [`ErrorKind::S3`](crate::ErrorKind::S3) when S3 refused,
    /// [`ErrorKind::InvalidResponse`](crate::ErrorKind::InvalidResponse) for
    /// another document.
    pub fn parse(response: &Response) -> Result<Self> {
        match response.success() {
            Err(error) if error.code() == "NoSuchCORSConfiguration" => return Ok(Self::default()),
            answer => answer?,
        };
        let document = response.document("CORSConfiguration")?;
        Ok(Self { rules: document.children("CORSRule").map(rule).collect() })
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
            .query("cors", "")
            .payload(PayloadHash::of(body.as_bytes()))
            .header("content-md5", &content_md5(&body))?
            .header("content-type", "application/xml")?;
        Ok((request, body))
    }

    /// The document that [`put`](Self::put) sends.
    #[must_use]
    pub fn document(&self) -> String {
        let mut body = "<CORSConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">".to_owned();
        for rule in &self.rules {
            body.push_str("<CORSRule>");
            if let Some(id) = &rule.id {
                push(&mut body, "ID", id);
            }
            for (name, values) in [
                ("AllowedOrigin", &rule.allowed_origins),
                ("AllowedMethod", &rule.allowed_methods),
                ("AllowedHeader", &rule.allowed_headers),
                ("ExposeHeader", &rule.expose_headers),
            ] {
                values.iter().for_each(|value| push(&mut body, name, value));
            }
            if let Some(seconds) = rule.max_age_seconds {
                push(&mut body, "MaxAgeSeconds", &seconds.to_string());
            }
            body.push_str("</CORSRule>");
        }
        body.push_str("</CORSConfiguration>");
        body
    }
}

fn rule(element: &Element) -> CorsRule {
    let list = |name: &'static str| {
        element
            .children(name)
            .map(|child| child.text().trim().to_owned())
            .filter(|text| !text.is_empty())
            .collect()
    };
    CorsRule {
        id: element.child_text("ID").map(str::to_owned).filter(|id| !id.is_empty()),
        allowed_origins: list("AllowedOrigin"),
        allowed_methods: list("AllowedMethod"),
        allowed_headers: list("AllowedHeader"),
        expose_headers: list("ExposeHeader"),
        max_age_seconds: element.child_text("MaxAgeSeconds").and_then(|text| text.trim().parse().ok()),
    }
}

fn push(body: &mut String, name: &str, text: &str) {
    body.push_str(&["<", name, ">"].concat());
    push_escaped(body, text);
    body.push_str(&["</", name, ">"].concat());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Response {
        Response { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn what_is_written_is_read() {
        let rule = CorsRule {
            id: Some("a & b".into()),
            allowed_origins: vec!["https://app.example".into(), "http://*.test".into()],
            allowed_methods: vec!["PUT".into(), "GET".into()],
            allowed_headers: vec!["*".into()],
            expose_headers: vec!["ETag".into()],
            max_age_seconds: Some(3000),
        };
        let cors = BucketCors { rules: vec![rule, CorsRule::default()] };
        assert_eq!(BucketCors::parse(&answer(200, &cors.document())).unwrap(), cors);
    }

    #[test]
    fn a_bucket_without_rules_has_none_and_other_refusals_are_errors() {
        let none = "<Error><Code>NoSuchCORSConfiguration</Code></Error>";
        assert_eq!(BucketCors::parse(&answer(404, none)).unwrap(), BucketCors::default());
        let denied = answer(403, "<Error><Code>AccessDenied</Code></Error>");
        assert_eq!(BucketCors::parse(&denied).unwrap_err().code(), "AccessDenied");
        assert!(BucketCors::parse(&answer(200, "<Other/>")).is_err());
    }
}
