//! The string to sign: algorithm, date, day, region and service.

use super::answer::RefusedSignature;
use super::ours::Ours;
use super::verdict::{Cause, Difference, Explanation};
use crate::sigv4::ALGORITHM;
use crate::sigv4::credentials::Credentials;

/// Date and scope of a request's string to sign.
pub(super) fn date_and_scope(text: &str) -> Option<(&str, &str)> {
    let mut lines = text.lines();
    let (_algorithm, date, scope) = (lines.next()?, lines.next()?, lines.next()?);
    Some((date, scope))
}

/// Day, region and service.
pub(super) fn parts(scope: &str) -> Option<(String, String, String)> {
    let mut parts = scope.split('/');
    Some((parts.next()?.to_owned(), parts.next()?.to_owned(), parts.next()?.to_owned()))
}

/// What S3 signed may be no request: the policy of a form, or a chunk of a body.
pub(super) fn of_policy_or_chunk(
    answer: &RefusedSignature,
    ours: &Ours,
    credentials: Option<&Credentials>,
) -> Option<Explanation> {
    let text = answer.string_to_sign.as_deref();
    if text.is_some_and(|text| text.starts_with("AWS4-HMAC-SHA256-")) {
        return Some(Explanation::of_cause(Cause::Chunk, CHUNK));
    }
    let is_policy =
        text.is_some_and(|text| !text.starts_with("AWS4-") && !text.contains('\n') && !text.is_empty());
    if !is_policy && !(ours.is_form && text.is_none()) {
        return None;
    }
    let signed_it = super::alone::is_signed_by(answer, credentials);
    let summary = match signed_it {
        Some(true) => super::alone::OTHER_SECRET_AT_S3,
        Some(false) => {
            "The form's signature was not made with the secret at hand, or not of the policy that was sent: the policy \
             must be posted byte for byte as it was signed."
        }
        None => {
            "S3 signed the form's policy and came to another signature: the secret that signed it is not the one that \
             belongs to this access key, or the policy field was changed after it was signed."
        }
    };
    Some(Explanation::of_cause(Cause::Policy, summary))
}

pub(super) const CHUNK: &str = "S3 accepted the request's own signature, but not that of a chunk of its body: the bytes were \
     changed after they were hashed (the file was, or something on the way did it), or the chunks were cut or signed in \
     another way than they were sent.";

pub(super) fn compare(answer: &RefusedSignature, ours: &Ours, found: &mut Vec<Difference>) {
    let Some(text) = answer.string_to_sign.as_deref() else { return };
    let Some((date, scope)) = date_and_scope(text) else { return };
    if let Some(algorithm) = text.lines().next().filter(|line| *line != ALGORITHM) {
        let hint = "Another algorithm arrived than AWS4-HMAC-SHA256.";
        found.push(
            Difference::new(Cause::Algorithm, "algorithm", hint).with(Some(ALGORITHM), Some(algorithm)),
        );
    }
    let has_date = found
        .iter()
        .any(|difference| difference.cause == Cause::Date || difference.part == "query:X-Amz-Date");
    if let Some(our) = ours.date.as_deref().filter(|our| *our != date && !has_date) {
        let hint = "The date in the string to sign differs: S3 takes it from x-amz-date, so that must say the moment \
                    that was signed.";
        found.push(Difference::new(Cause::Date, "date", hint).with(Some(our), Some(date)));
    }
    if let (Some(our), Some(their)) = (ours.scope.as_ref(), parts(scope)) {
        compare_part("scope.date", Cause::ScopeDate, &our.0, &their.0, found);
        compare_part("scope.region", Cause::ScopeRegion, &our.1, &their.1, found);
        compare_part("scope.service", Cause::ScopeService, &our.2, &their.2, found);
    }
    if let Some(our) = &ours.access_key_id
        && let Some(their) = answer.access_key_id.as_ref().filter(|their| *their != our)
    {
        let hint = "Another access key arrived than the one that signed, so S3 took another secret.";
        found.push(Difference::new(Cause::WrongAccessKey, "accessKey", hint).with(Some(our), Some(their)));
    }
}

fn compare_part(part: &str, cause: Cause, ours: &str, theirs: &str, found: &mut Vec<Difference>) {
    if ours == theirs {
        return;
    }
    let hint = match cause {
        Cause::ScopeDate => {
            "The day of the credential scope differs from the one that was signed.".to_owned()
        }
        Cause::ScopeRegion => format!(
            "The region of the credential scope differs: the signature was made for {ours}, but the request says \
             {theirs}. Both must be the bucket's region."
        ),
        _ => format!(
            "The service of the credential scope differs: the signature was made for {ours}, but the request says \
             {theirs}. For S3 it is s3."
        ),
    };
    found.push(Difference::new(cause, part, hint).with(Some(ours), Some(theirs)));
}
