//! AssumeRole at an STS: temporary credentials for a page that signs by itself,
//! with a session policy that leaves little of the role's rights.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST};
use http_body_util::Full;
use sealift::endpoint::compat::CompanionSession;
use sealift::endpoint::{Reason, Refusal};
use sealift::s3::xml;
use sealift::sigv4::uri::encode_component;
use sealift::sigv4::{
    CurrentCredentials, Origin, PayloadHash, Request, Scheme, SigningOptions, sign_headers,
};

use crate::clock::Clock;
use crate::config::StsConfig;
use crate::http_client::HttpClient;

const WITHIN: Duration = Duration::from_secs(8);
const MAX_ANSWER: usize = 256 * 1024;
const FORM: &str = "application/x-www-form-urlencoded";

/// An STS, and the role that is assumed there.
pub struct Sts {
    http: HttpClient,
    endpoint: Origin,
    region: String,
    role_arn: String,
    duration: Duration,
    credentials: CurrentCredentials,
    clock: Clock,
}

/// What a page gets.
#[derive(Clone, PartialEq, Eq)]
pub struct TemporaryCredentials {
    /// The access key.
    pub access_key_id: String,
    /// The secret that goes with it.
    pub secret_access_key: String,
    /// What S3 knows the session by.
    pub session_token: String,
    /// When they end, as the STS writes it: ISO 8601.
    pub expiration: String,
}

impl Sts {
    /// The server's own credentials assume the role.
    ///
    /// # Errors
    /// A sentence when an `https` address is to be called and the machine has
    /// no certificates.
    pub fn new(
        config: &StsConfig,
        region: String,
        credentials: CurrentCredentials,
        clock: Clock,
    ) -> Result<Self, String> {
        let endpoint = config.endpoint().map_err(|error| error.to_string())?;
        Ok(Self {
            http: HttpClient::new(endpoint.scheme() == Scheme::Https)?,
            endpoint,
            region,
            role_arn: config.role_arn.clone(),
            duration: config.duration(),
            credentials,
            clock,
        })
    }

    /// The region that the credentials are for.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Assumes the role, narrowed down to a session.
    ///
    /// # Errors
    /// [`Reason::S3Unavailable`]; the log says what the STS said.
    pub async fn assume(&self, session: &CompanionSession) -> Result<TemporaryCredentials, Refusal> {
        let refuse = |why: &dyn fmt::Display| {
            tracing::warn!(%why, "no temporary credentials from the STS");
            Refusal::new(Reason::S3Unavailable, "temporary credentials cannot be had now")
        };
        let request = self.request(session).map_err(|error| refuse(&error))?;
        let answer =
            self.http.send(request, WITHIN, MAX_ANSWER).await.map_err(|no_answer| refuse(&no_answer))?;
        let document = std::str::from_utf8(answer.body()).ok().and_then(|text| xml::parse(text).ok());
        let document = document.ok_or_else(|| refuse(&format_args!("{}: no document", answer.status())))?;
        credentials(&document)
            .ok_or_else(|| refuse(&format_args!("{}: {}", answer.status(), code(&document))))
    }

    fn request(&self, session: &CompanionSession) -> sealift::Result<http::Request<Full<Bytes>>> {
        let invalid = || sealift::Error::new(sealift::ErrorKind::InvalidUrl, "the STS cannot be addressed");
        let seconds = self.duration.as_secs().to_string();
        let body = [
            ("Action", "AssumeRole"),
            ("Version", "2011-06-15"),
            ("RoleArn", &self.role_arn),
            ("RoleSessionName", &session.name),
            ("DurationSeconds", &seconds),
            ("Policy", &session.policy),
        ]
        .map(|(name, value)| format!("{name}={}", encode_component(value)))
        .join("&");
        // MinIO reads the hash of the body from its header.
        let options =
            SigningOptions::new(&self.region, "sts", self.clock.now())?.with_content_sha256_header(true);
        let request = Request::new("POST", &self.endpoint, "/")?
            .header(CONTENT_TYPE.as_str(), FORM)?
            .payload(PayloadHash::of(body.as_bytes()));
        let signed = sign_headers(&request, &self.credentials.current(), &options)?;
        let mut builder = http::Request::builder().method(Method::POST).uri(&signed.url);
        // hyper writes these two itself.
        let own =
            |name: &str| [HOST, CONTENT_LENGTH].iter().any(|own| name.eq_ignore_ascii_case(own.as_str()));
        for (name, value) in signed.headers.iter().filter(|(name, _)| !own(name)) {
            builder = builder.header(name, value);
        }
        builder.body(Full::from(body)).map_err(|_| invalid())
    }
}

fn credentials(document: &xml::Element) -> Option<TemporaryCredentials> {
    let result = document.children("AssumeRoleResult").next()?;
    let given = result.children("Credentials").next()?;
    let text =
        |name| given.child_text(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    Some(TemporaryCredentials {
        access_key_id: text("AccessKeyId")?,
        secret_access_key: text("SecretAccessKey")?,
        session_token: text("SessionToken")?,
        expiration: text("Expiration")?,
    })
}

/// The code of a refusal; its message may repeat what was asked.
fn code(document: &xml::Element) -> String {
    let error = document.children("Error").next().unwrap_or(document);
    let code = error.child_text("Code").unwrap_or("no code");
    code.chars().filter(char::is_ascii_alphanumeric).take(64).collect()
}

impl fmt::Debug for Sts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sts").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl fmt::Debug for TemporaryCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TemporaryCredentials").field("expiration", &self.expiration).finish_non_exhaustive()
    }
}
