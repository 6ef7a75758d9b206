//! s3s's refusals in S3's words: codes, messages and the elements beside them.

use hyper::StatusCode;
use hyper::http::request::Parts;

use super::target::Target;

/// An error document in the making.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) status: StatusCode,
    pub(crate) details: Vec<(&'static str, String)>,
}

pub(crate) fn refine(mut refusal: Refusal, parts: &Parts, target: &Target, region: &str) -> Refusal {
    let _ = (parts, region);
    refusal.details.push(("Resource", format!("/{}/{}", target.bucket, target.key)));
    refusal
}
