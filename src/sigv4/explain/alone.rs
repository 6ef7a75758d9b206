//! When both sides agree, or only S3's is known.

use super::answer::RefusedSignature;
use super::canonical::Canonical;
use super::compare::EMPTY;
use super::header;
use super::ours::Ours;
use super::scope;
use super::verdict::{Cause, Difference, Explanation};
use crate::sigv4::credentials::Credentials;
use crate::sigv4::key::SigningKey;
use crate::sigv4::scope::CredentialScope;
use crate::time::Timestamp;

pub(super) const OTHER_SECRET_AT_S3: &str = "The secret key at hand made this signature, of just what S3 saw; so S3 knows \
     another secret for this access key: the secret is mistyped, or was replaced.";

pub(super) fn explain(
    answer: &RefusedSignature,
    ours: &Ours,
    theirs: Option<&Canonical>,
    credentials: Option<&Credentials>,
) -> Explanation {
    if is_signed_by(answer, credentials) == Some(true) {
        return Explanation::of_cause(Cause::WrongSecret, OTHER_SECRET_AT_S3);
    }
    // What S3 saw was not signed with these keys, so something in it looks odd, or nothing is to be seen.
    if ours.best().is_none()
        && let Some(theirs) = theirs
    {
        let odd = oddities(theirs, answer);
        if !odd.is_empty() {
            return Explanation::of_differences(odd, true);
        }
    }
    let chunks = if ours.signs_chunks() {
        " The body was signed in chunks: it may also be one of them that was changed on the way."
    } else {
        ""
    };
    let summary = match (ours.best(), theirs) {
        (Some(_), Some(_)) => format!(
            "S3 signed the same request and came to another signature, so the secret key is wrong: it is not the one \
             that belongs to this access key (mistyped, cut short, replaced, with a line end, or of another \
             environment).{chunks}"
        ),
        (Some(_), None) => format!(
            "What was sent is what was signed, and this server does not say what it signed itself. Most likely the \
             secret key is wrong: not the one that belongs to this access key. If it is right, something between \
             changes the request: a proxy that sends another Host or port, or rewrites a header or the path.{chunks}"
        ),
        (None, Some(_)) => "S3 came to another signature, and nothing in what it signed looks odd. Compare its \
             canonical request with the signer's, line by line; if they are the same, the secret key is not the one \
             that belongs to this access key."
            .to_owned(),
        (None, None) => "S3 came to another signature and does not say what it signed. Check the secret key first; \
             then whether a proxy changes Host, a header or the path; then whether everything is sent as it was signed."
            .to_owned(),
    };
    Explanation::of_cause(Cause::WrongSecret, summary)
}

/// Whether the signature that arrived is the one that these credentials make
/// of what S3 signed; `None` where that cannot be said.
pub(super) fn is_signed_by(answer: &RefusedSignature, credentials: Option<&Credentials>) -> Option<bool> {
    let (credentials, text, given) =
        (credentials?, answer.string_to_sign.as_deref()?, answer.signature.as_deref()?);
    if answer.access_key_id.as_deref().is_some_and(|key| key != credentials.access_key_id()) {
        return None;
    }
    let (day, region, service) = scope::date_and_scope(text).and_then(|(_, scope)| scope::parts(scope))?;
    let date = Timestamp::parse(&format!("{day}T000000Z")).ok()?;
    let scope = CredentialScope::new(date, &region, &service).ok()?;
    Some(SigningKey::derive(credentials, &scope).sign(text).to_string() == given)
}

/// What looks wrong in S3's canonical request by itself.
fn oddities(theirs: &Canonical, answer: &RefusedSignature) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut odd = |cause, part: &str, theirs: &str, hint: &str| {
        found.push(Difference::new(cause, part, hint).with(None, Some(theirs)));
    };
    if has_escaped_escape(&theirs.path) {
        odd(
            Cause::DoubleEncoding,
            "path",
            &theirs.path,
            "The path that S3 saw looks percent-encoded twice (%25 before two digits): encode it once, and send the URL \
             just as the signer answers it.",
        );
    }
    for name in header::names(&theirs.signed_headers) {
        if theirs.header(name).is_none_or(str::is_empty) {
            let hint =
                format!("The header {name} is among the signed ones but did not arrive, or arrived empty.");
            odd(Cause::HeaderDropped, &format!("header:{name}"), "", &hint);
        }
    }
    for (name, _) in theirs.query.iter().filter(|(name, _)| is_of_trackers(name)) {
        let hint = format!(
            "The query parameter {name} is none of S3's: something added it after the URL was signed."
        );
        odd(Cause::Query, &format!("query:{name}"), name, &hint);
    }
    if theirs.header("content-type").is_some_and(|value| value.to_ascii_lowercase().contains("charset=")) {
        odd(
            Cause::HeaderChanged,
            "header:content-type",
            theirs.header("content-type").unwrap_or_default(),
            "The header content-type has a charset: browsers add one to texts, so sign the value that is really sent.",
        );
    }
    let length = theirs.header("content-length").and_then(|length| length.parse::<u64>().ok());
    if theirs.payload == EMPTY && length.is_some_and(|length| length > 0) {
        odd(
            Cause::PayloadHash,
            "payloadHash",
            &theirs.payload,
            "The hash of an empty body was signed, but there is a body: give the signer its hash.",
        );
    }
    if let Some((date, scope)) = answer.string_to_sign.as_deref().and_then(scope::date_and_scope)
        && let Some((day, _, service)) = scope::parts(scope)
    {
        if !date.starts_with(&day) {
            odd(
                Cause::ScopeDate,
                "scope.date",
                &day,
                "The day of the credential scope is not the day of x-amz-date: both come from one moment, in UTC.",
            );
        }
        if !service.starts_with("s3") {
            odd(
                Cause::ScopeService,
                "scope.service",
                &service,
                "The service of the credential scope is not s3.",
            );
        }
    }
    found
}

fn has_escaped_escape(path: &str) -> bool {
    path.split("%25").skip(1).any(|rest| {
        let mut bytes = rest.bytes();
        matches!((bytes.next(), bytes.next()), (Some(high), Some(low)) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
    })
}

/// What social networks and advertisers append to links.
fn is_of_trackers(name: &str) -> bool {
    name.starts_with("utm_") || matches!(name, "fbclid" | "gclid" | "msclkid" | "mc_eid")
}
