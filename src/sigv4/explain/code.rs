//! Answers whose code alone says what is wrong.

use super::answer::RefusedSignature;
use super::ours::Ours;
use super::scope;
use super::verdict::{Cause, Difference, Explanation};
use crate::time::Timestamp;

/// `None` for `SignatureDoesNotMatch` and its like, where the texts must be compared.
pub(super) fn explain(answer: &RefusedSignature, ours: &Ours) -> Option<Explanation> {
    match answer.code.as_str() {
        "SignatureDoesNotMatch" => None,
        // The second is VersityGW's.
        "InvalidAccessKeyId" | "XAdminUserNotFound" => Some(unknown_key(answer, ours)),
        "RequestTimeTooSkewed" => Some(clock(answer, ours)),
        "AuthorizationHeaderMalformed" | "AuthorizationQueryParametersError" | "CredMalformed" => {
            malformed(answer, ours)
        }
        "ExpiredToken" | "ExpiredTokenException" | "InvalidToken" | "TokenRefreshRequired" => {
            Some(Explanation::of(Difference::new(
                Cause::SessionTokenInvalid,
                "sessionToken",
                "The session token is past its life, or belongs to other credentials: fetch temporary credentials anew, \
                 all three parts of them together.",
            )))
        }
        "XAmzContentSHA256Mismatch" | "XAmzContentChecksumMismatch" => {
            Some(Explanation::of(Difference::new(
                Cause::BodyChanged,
                "body",
                "The signature is right, but the body that arrived has another SHA-256 than x-amz-content-sha256 says: it \
             was changed after it was hashed, by the client or by a proxy.",
            )))
        }
        "ExpiredPresignRequest" | "ExpiredPresignedRequest" => Some(expired(answer)),
        "UnsignedHeaders" => Some(unsigned(answer)),
        "PermanentRedirect" | "TemporaryRedirect" | "IllegalLocationConstraintException" => {
            Some(region(answer, ours))
        }
        _ => by_message(answer, ours),
    }
}

/// Codes that mean many things, `AccessDenied` above all.
fn by_message(answer: &RefusedSignature, ours: &Ours) -> Option<Explanation> {
    let message = answer.message.to_ascii_lowercase();
    let says = |text: &str| message.contains(text);
    if says("expired") || answer.expires.is_some() {
        return Some(expired(answer));
    }
    if answer.headers_not_signed.is_some() || says("were not signed") || says("not signed") {
        return Some(unsigned(answer));
    }
    if says("not yet valid") || says("too far in the") || says("date is too old") {
        return Some(clock(answer, ours));
    }
    if says("scope") || says("incorrect region") || (says("region") && says("wrong")) {
        return malformed(answer, ours);
    }
    if says("no such key") || says("access key") && (says("not exist") || says("invalid")) {
        return Some(unknown_key(answer, ours));
    }
    // Some answer a wrong signature with another code than S3.
    if says("signature") && (says("match") || says("invalid")) || answer.canonical_request.is_some() {
        return None;
    }
    let code = if is_word(&answer.code) { answer.code.as_str() } else { "another code" };
    Some(Explanation::of_cause(
        Cause::NotTheSignature,
        format!(
            "S3 answered {code}, which says nothing against the signature: look at the permissions of the access key, \
             the bucket and the key."
        ),
    ))
}

fn unknown_key(answer: &RefusedSignature, ours: &Ours) -> Explanation {
    if let Some(explanation) = ours.lacks_session_token(answer) {
        return explanation;
    }
    let hint = "S3 does not know the access key: it is mistyped, deleted, or of another account, environment or server.";
    let ours_key = ours.access_key_id.as_deref().or(answer.access_key_id.as_deref());
    Explanation::of(Difference::new(Cause::UnknownAccessKey, "accessKey", hint).with(ours_key, None))
}

fn clock(answer: &RefusedSignature, ours: &Ours) -> Explanation {
    let request = answer.request_time.as_deref().or(ours.date.as_deref());
    let parse = |text: Option<&str>| text.and_then(|text| Timestamp::parse(text).ok());
    let by = match (parse(request), parse(answer.server_time.as_deref())) {
        (Some(ours), Some(theirs)) => {
            let seconds = ours.seconds_since(theirs);
            let side = if seconds < 0 { "behind" } else { "ahead of" };
            format!(" (the signature's date is {} {side} S3's clock)", span(seconds.unsigned_abs()))
        }
        _ => String::new(),
    };
    let hint = format!(
        "The clock of whoever signed is wrong{by}: S3 takes no more than 15 minutes. Set that clock, or correct it by \
         what S3 answers."
    );
    Explanation::of(Difference::new(Cause::Clock, "date", hint).with(request, answer.server_time.as_deref()))
}

fn span(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} seconds"),
        120..=7199 => format!("{} minutes", seconds / 60),
        7200..=172_799 => format!("{} hours", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

fn expired(answer: &RefusedSignature) -> Explanation {
    let hint = "The signature is past its life: a presigned URL or a form was used after it had expired. Ask for a \
                fresh one, or give it a longer life (a URL has at most seven days).";
    Explanation::of(
        Difference::new(Cause::Expired, "date", hint)
            .with(answer.expires.as_deref(), answer.server_time.as_deref()),
    )
}

fn unsigned(answer: &RefusedSignature) -> Explanation {
    let names = answer
        .headers_not_signed
        .as_deref()
        .filter(|names| names.split([',', ' ', ';']).all(|name| name.is_empty() || is_word(name)));
    let which =
        names.map_or_else(|| "at least one that was not".to_owned(), |names| format!("not signed: {names}"));
    let hint = format!(
        "S3 wants host and every x-amz-… header signed, and there is {which}. Something added it after signing, or the \
         signer left it out."
    );
    Explanation::of(Difference::new(Cause::UnsignedHeader, "signedHeaders", hint).with(None, names))
}

/// `None` if it does not say of what.
fn malformed(answer: &RefusedSignature, ours: &Ours) -> Option<Explanation> {
    let message = answer.message.to_ascii_lowercase();
    if message.contains("region") || answer.region.is_some() && !message.contains("service") {
        return Some(region(answer, ours));
    }
    if message.contains("service") {
        let hint = "The service of the credential scope is wrong: for S3 it is s3.";
        let ours = ours.scope.as_ref().map(|(_, _, service)| service.as_str());
        return Some(Explanation::of(
            Difference::new(Cause::ScopeService, "scope.service", hint).with(ours, Some("s3")),
        ));
    }
    if message.contains("date") {
        let hint = "The day of the credential scope is not the day of x-amz-date: both come from one moment, in UTC.";
        let day = ours.scope.as_ref().map(|(day, _, _)| day.as_str());
        return Some(Explanation::of(
            Difference::new(Cause::ScopeDate, "scope.date", hint).with(day, ours.date.as_deref()),
        ));
    }
    if message.contains("scope")
        && let Some(expected) = expecting(&answer.message).filter(|text| text.contains('/'))
    {
        return Some(whole_scope(&expected, ours));
    }
    let hint = "The credential scope is malformed: it is KEY/YYYYMMDD/region/s3/aws4_request.";
    Some(Explanation::of(Difference::new(Cause::ScopeMalformed, "scope", hint)))
}

/// Some servers say the scope that they expect, all of it.
fn whole_scope(expected: &str, ours: &Ours) -> Explanation {
    let (ours, theirs) = (ours.scope.as_ref(), scope::parts(expected));
    if let (Some(ours), Some(theirs)) = (ours, &theirs) {
        let cause = if ours.1 != theirs.1 {
            Some((Cause::ScopeRegion, "scope.region", &ours.1, &theirs.1))
        } else if ours.2 != theirs.2 {
            Some((Cause::ScopeService, "scope.service", &ours.2, &theirs.2))
        } else if ours.0 != theirs.0 {
            Some((Cause::ScopeDate, "scope.date", &ours.0, &theirs.0))
        } else {
            None
        };
        if let Some((cause, part, ours, theirs)) = cause {
            let hint = format!("The credential scope says {ours}, but the server expects {theirs}.");
            return Explanation::of(Difference::new(cause, part, hint).with(Some(ours), Some(theirs)));
        }
    }
    let hint = "The credential scope is another one than the server expects: check region and service.";
    Explanation::of(Difference::new(Cause::ScopeMalformed, "scope", hint).with(None, Some(expected)))
}

fn region(answer: &RefusedSignature, ours: &Ours) -> Explanation {
    let ours = ours.scope.as_ref().map(|(_, region, _)| region.as_str());
    let expected = expecting(&answer.message);
    let theirs = answer.region.as_deref().or(expected.as_deref()).filter(|name| is_word(name));
    let (signed, is) = (
        ours.filter(|name| is_word(name)).map_or_else(String::new, |name| format!(": {name} was signed")),
        theirs.map_or_else(String::new, |name| format!(", the bucket's is {name}")),
    );
    let hint = format!("The region is wrong{signed}{is}. Set the region that the bucket is in.");
    Explanation::of(Difference::new(Cause::ScopeRegion, "scope.region", hint).with(ours, theirs))
}

/// What a message says between quotes behind `expecting`, or behind `expected:`.
fn expecting(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("expecting ").or_else(|| message.split_once("expected: "))?;
    let rest = rest.trim_start_matches(['\'', '"', '`']);
    let end = rest.find(['\'', '"', '`', ' ', ';', ',']).unwrap_or(rest.len());
    rest.get(..end).map(|text| text.trim_end_matches('.').to_owned()).filter(|text| !text.is_empty())
}

/// Whether a text of the server's may stand in a sentence.
fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}
