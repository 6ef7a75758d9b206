//! What is known of our side.

use super::answer::RefusedSignature;
use super::canonical::Canonical;
use super::mask;
use super::verdict::{Cause, Explanation};
use crate::sigv4::canonical::CanonicalRequest;
use crate::sigv4::headers::is_set_by_browser;
use crate::sigv4::options::SigningOptions;
use crate::sigv4::payload::PayloadHash;
use crate::sigv4::request::Request;
use crate::time::Timestamp;

/// What was signed and what was sent; the more is known, the more can be told.
#[derive(Clone, Default)]
pub struct SentRequest {
    /// The method that was sent.
    pub method: Option<String>,
    /// The URL that was sent, a presigned one with its signature.
    pub url: Option<String>,
    /// The headers that were set, `authorization` among them. Those that a
    /// client sets itself (`host`, `content-length`) may be missing.
    pub headers: Vec<(String, String)>,
    /// The `authorization` header, where it is not among the headers.
    pub authorization: Option<String>,
    /// The canonical request that was signed.
    pub canonical_request: Option<String>,
    /// The string to sign.
    pub string_to_sign: Option<String>,
}

impl std::fmt::Debug for SentRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // URL and headers carry signatures and tokens.
        f.debug_struct("SentRequest").field("method", &self.method).finish_non_exhaustive()
    }
}

/// Our side, read.
#[derive(Default)]
pub(super) struct Ours {
    /// What was signed.
    pub signed: Option<Canonical>,
    /// What S3 should have derived from what was sent.
    pub sent: Option<Canonical>,
    pub access_key_id: Option<String>,
    /// The moment of the signature.
    pub date: Option<String>,
    /// Day, region and service.
    pub scope: Option<(String, String, String)>,
    pub signature: Option<String>,
    /// Temporary credentials come with a token.
    pub has_session_token: bool,
    /// It was sent, with no signature in headers or query: a form.
    pub is_form: bool,
}

impl Ours {
    pub(super) fn read(from: &SentRequest) -> Self {
        let mut ours = Self::default();
        let header = |name: &str| {
            from.headers
                .iter()
                .find(|(other, _)| other.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.as_str())
        };
        let request = from
            .url
            .as_deref()
            .and_then(|url| Request::from_url(from.method.as_deref().unwrap_or("GET"), url).ok());
        let parameter = |name: &str| {
            let query = request.as_ref()?.encoded_query();
            query.iter().find(|(key, _)| key == name).map(|(_, value)| super::canonical::decoded(value))
        };
        let authorization = from.authorization.as_deref().or_else(|| header("authorization"));
        let (credential, names) = match authorization {
            Some(text) => {
                ours.signature = field(text, "Signature");
                (field(text, "Credential"), field(text, "SignedHeaders"))
            }
            None => {
                ours.signature = parameter("X-Amz-Signature");
                (parameter("X-Amz-Credential"), parameter("X-Amz-SignedHeaders"))
            }
        };
        ours.is_form = credential.is_none()
            && from.canonical_request.is_none()
            && from.method.as_deref().is_some_and(|method| method.eq_ignore_ascii_case("POST"));
        ours.read_credential(credential.as_deref());
        ours.date = header("x-amz-date").map(str::to_owned).or_else(|| parameter("X-Amz-Date"));
        ours.read_string_to_sign(from.string_to_sign.as_deref());
        ours.signed = from.canonical_request.as_deref().and_then(Canonical::parse);
        ours.sent =
            request.zip(names).and_then(|(request, names)| as_derived(request, &names, &from.headers));
        ours.has_session_token = from.headers.iter().any(|(name, _)| mask::is_session_token(name))
            || [&ours.signed, &ours.sent].into_iter().flatten().any(Canonical::has_session_token);
        ours
    }

    /// What was signed, or else what was sent.
    pub(super) fn best(&self) -> Option<&Canonical> {
        self.signed.as_ref().or(self.sent.as_ref())
    }

    /// Whether the body's chunks were signed one by one.
    pub(super) fn signs_chunks(&self) -> bool {
        self.best().is_some_and(|canonical| canonical.payload.starts_with("STREAMING-AWS4-HMAC-SHA256"))
    }

    /// The access keys of temporary credentials start with `ASIA`
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>),
    /// and are good for nothing without their token.
    pub(super) fn lacks_session_token(&self, answer: &RefusedSignature) -> Option<Explanation> {
        let key = answer.access_key_id.as_deref().or(self.access_key_id.as_deref())?;
        let theirs = answer.canonical_request.as_deref().and_then(Canonical::parse);
        let has = self.has_session_token || theirs.is_some_and(|theirs| theirs.has_session_token());
        let nothing_known = self.best().is_none() && answer.canonical_request.is_none();
        (key.starts_with("ASIA") && !has && !nothing_known).then(|| {
            Explanation::of_cause(
                Cause::SessionTokenMissing,
                "The access key is one of temporary credentials (it starts with ASIA), but no session token was \
                 sent with it: give the signer the session token too.",
            )
        })
    }

    fn read_credential(&mut self, credential: Option<&str>) {
        let mut parts = credential.unwrap_or_default().rsplitn(5, '/');
        if let (Some(_), Some(service), Some(region), Some(day), Some(key)) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        {
            self.scope = Some((day.to_owned(), region.to_owned(), service.to_owned()));
            self.access_key_id = Some(key.to_owned());
        }
    }

    fn read_string_to_sign(&mut self, text: Option<&str>) {
        let Some((date, scope)) = text.and_then(super::scope::date_and_scope) else { return };
        self.date = Some(date.to_owned());
        self.scope = super::scope::parts(scope);
    }
}

/// The canonical request of what was sent, with the headers that are signed.
fn as_derived(mut request: Request, names: &str, headers: &[(String, String)]) -> Option<Canonical> {
    let names: Vec<&str> = names.split(';').collect();
    let value = |name: &str| {
        headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    };
    for name in &names {
        if let Some(value) = value(name) {
            request.add_header(name, value).ok()?;
        }
    }
    let presigned = value("authorization").is_none();
    let payload = match value("x-amz-content-sha256") {
        Some(text) => PayloadHash::parse(text).ok()?,
        None if presigned => PayloadHash::Unsigned,
        None => PayloadHash::Empty,
    };
    // The canonical form says neither date nor region.
    let options = SigningOptions::s3("any", Timestamp::from_unix_seconds(0)).ok()?;
    let text = CanonicalRequest::new(&request.payload(payload), &options).ok()?;
    let mut canonical = Canonical::parse(text.as_str())?;
    for name in names
        .iter()
        .filter(|name| is_set_by_browser(name) && !canonical.has_header(name))
        .copied()
        .collect::<Vec<_>>()
    {
        canonical.headers.push((name.to_owned(), None));
    }
    canonical.signed_headers = names.join(";");
    Some(canonical)
}

/// `Name=value` of an `Authorization` header.
fn field(authorization: &str, name: &str) -> Option<String> {
    let (_, rest) = authorization.split_once(&format!("{name}="))?;
    rest.split([',', ' ']).next().map(str::to_owned)
}
