//! Why S3 refused a signature.
//!
//! S3 answers `SignatureDoesNotMatch` with the canonical request and the string
//! to sign that it derived itself
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html>).
//! [`explain`] lines them up with what was signed, or with what was sent, and
//! names the first thing that differs in plain words. Servers that answer no
//! more than a code (MinIO, R2, Garage) are reasoned about from what there is.
//!
//! Nothing here repeats a session token, a customer's key or a signed URL.

mod alone;
mod answer;
mod canonical;
mod code;
mod compare;
mod header;
mod mask;
mod ours;
mod path;
mod query;
mod scope;
mod verdict;

pub use answer::RefusedSignature;
pub use ours::SentRequest;
pub use verdict::{Cause, Difference, Explanation};

use crate::sigv4::credentials::Credentials;
use canonical::Canonical;
use ours::Ours;

/// Explains an answer of S3.
///
/// `sent` is what was signed and sent, as far as it is known; `credentials` are
/// those that should have signed, if they are at hand: with them a wrong secret
/// is told from a changed request even where nothing else is known.
///
/// ```
/// use sealift::sigv4::explain::{Cause, RefusedSignature, SentRequest, explain};
///
/// let answer = RefusedSignature {
///     code: "InvalidAccessKeyId".into(),
///     access_key_id: Some("AKIAIOSFODNN7EXAMPLE".into()),
///     ..RefusedSignature::default()
/// };
/// assert_eq!(explain(&answer, &SentRequest::default(), None).cause, Cause::UnknownAccessKey);
/// ```
#[must_use]
pub fn explain(
    answer: &RefusedSignature,
    sent: &SentRequest,
    credentials: Option<&Credentials>,
) -> Explanation {
    let ours = Ours::read(sent);
    if let Some(explanation) = code::explain(answer, &ours) {
        return explanation;
    }
    if let Some(explanation) = scope::of_policy_or_chunk(answer, &ours, credentials) {
        return explanation;
    }
    let theirs = answer.canonical_request.as_deref().and_then(Canonical::parse);
    let mut differences = Vec::new();
    match (ours.best(), &theirs) {
        (Some(ours), Some(theirs)) => compare::compare(ours, theirs, &mut differences),
        (Some(signed), None) => {
            if let Some(sent) = &ours.sent {
                compare::compare(signed, sent, &mut differences);
            }
            path::compare_resource(signed, answer.resource.as_deref(), &mut differences);
        }
        (None, _) => {}
    }
    scope::compare(answer, &ours, &mut differences);
    if !differences.is_empty() {
        return Explanation::of_differences(differences, theirs.is_some());
    }
    if let Some(explanation) = ours.lacks_session_token(answer) {
        return explanation;
    }
    alone::explain(answer, &ours, theirs.as_ref(), credentials)
}

/// What to say of an answer that is no `<Error>` document of S3's: a HEAD has
/// none, and a proxy sends its own.
#[must_use]
pub fn explain_no_document(body: &str) -> Explanation {
    let summary = if body.trim().is_empty() {
        "The answer has no text, so it does not say why: answers to HEAD never do. Send the same request as a GET, \
         signed as a GET, to see S3's reason."
    } else {
        "The answer is no error document of S3: something before S3 (a proxy, a firewall, a login page) answered \
         in its place, or the text is not complete."
    };
    Explanation::of_cause(Cause::NoDocument, summary.to_owned())
}
