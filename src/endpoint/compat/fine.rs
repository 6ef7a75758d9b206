//! Fine Uploader S3 5.16: `POST` of a policy, or of `{"headers": "…"}`, the text
//! to sign of a step of an upload in parts.

use crate::endpoint::compat::acceptance::Place;
use crate::endpoint::compat::canonical::ClientText;
use crate::endpoint::compat::json::Json;
use crate::endpoint::compat::operation::{Asked, Operation, decode, read_query};
use crate::endpoint::compat::policy::AskedPolicy;
use crate::endpoint::compat::{CompatSignature, check_date, malformed, sigv2};
use crate::endpoint::{Context, Reason, Refusal, SigningEndpoint, misconfigured};
use crate::s3::AddressingStyle;
use crate::sigv4::{ALGORITHM, PayloadHash};
use crate::time::Timestamp;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Which signature is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FineVersion {
    /// `signature.version: 2`, the client's default.
    V2,
    /// `signature.version: 4`, asked for by `?v4=true`.
    V4,
}

impl SigningEndpoint {
    /// Signs what a Fine Uploader asks for in a `POST` to its signature endpoint.
    ///
    /// # Errors
    /// What the rules refuse.
    pub fn fine_signature(
        &self,
        context: &Context<'_>,
        version: FineVersion,
        body: &[u8],
    ) -> Result<CompatSignature, Refusal> {
        self.check_lasting_credentials()?;
        let Some(Json::Object(members)) = Json::parse(body) else {
            return Err(malformed("the body is not the JSON of a policy, or a name in it stands twice"));
        };
        match (members.as_slice(), version) {
            ([(name, Json::Text(text))], FineVersion::V2) if name == "headers" => {
                self.fine_v2_request(context, text)
            }
            ([(name, Json::Text(text))], FineVersion::V4) if name == "headers" => {
                self.fine_v4_request(context, text)
            }
            (members, version) => self.fine_policy(context, version, &AskedPolicy::parse(members)?),
        }
    }

    fn fine_policy(
        &self,
        context: &Context<'_>,
        version: FineVersion,
        asked: &AskedPolicy,
    ) -> Result<CompatSignature, Refusal> {
        match version {
            FineVersion::V2 => {
                Self::check_version_2(asked)?;
                let policy = self.rewritten(context, asked, context.now)?;
                let policy = STANDARD.encode(policy.to_json());
                let signature = self.sign_v2(&policy)?;
                Ok(CompatSignature::of_policy(policy, signature))
            }
            FineVersion::V4 => {
                let date = self.policy_date(context.now, asked)?;
                let policy = self.rewritten(context, asked, date)?;
                let options = self.options(date).map_err(misconfigured)?;
                let form = self
                    .signer(&self.credentials.current())
                    .sign_post_policy(&policy, &options)
                    .map_err(misconfigured)?;
                Ok(CompatSignature::of_policy(form.policy_base64, form.signature.to_string()))
            }
        }
    }

    /// Algorithm, date and scope, a line each, and the canonical request itself.
    fn fine_v4_request(&self, context: &Context<'_>, text: &str) -> Result<CompatSignature, Refusal> {
        let mut lines = text.splitn(4, '\n');
        let (Some(ALGORITHM), Some(date), Some(scope), Some(canonical)) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(malformed("the text to sign is none of signature version 4"));
        };
        let moment = self.check_dated(context.now, date, scope)?;
        let client = ClientText::parse(canonical)?;
        let payload = client.payload()?;
        // The client leaves the bucket out of the path, wherever it stands.
        let asked = client.read(self, context, "/")?;
        let host = self.fine_host(&client)?;
        client.check_is(&asked, "/", host, payload)?;
        let payload_text = payload.as_str();
        let said = [("x-amz-date", date), ("x-amz-content-sha256", &*payload_text)];
        if said.iter().any(|(name, value)| client.header(name) != Some(value)) {
            return Err(malformed("the date and the body's hash must be headers of the request too"));
        }
        let empty = payload == PayloadHash::Empty;
        match asked.operation {
            Operation::Create | Operation::Abort { .. } if !empty => {
                return Err(malformed("this request has no body"));
            }
            Operation::Part { .. } | Operation::Complete { .. }
                if !empty && !matches!(payload, PayloadHash::Sha256(_)) =>
            {
                return Err(malformed("the hash of the body is none"));
            }
            _ => {}
        }
        self.check_fine_headers(context.now, &asked, &["x-amz-date", "x-amz-content-sha256"])?;
        let signature = self.sign_asked(moment, &asked, payload)?;
        Ok(CompatSignature::of_request(&asked, signature.to_string()))
    }

    fn fine_v2_request(&self, context: &Context<'_>, text: &str) -> Result<CompatSignature, Refusal> {
        let client = sigv2::StringToSign::parse(text)?;
        let (path, query) = client.resource.split_once('?').unwrap_or((client.resource, ""));
        let path = decode(path).ok_or_else(|| malformed("the path to sign has a broken escape"))?;
        let (bucket, key) = path
            .strip_prefix('/')
            .and_then(|path| path.split_once('/'))
            .ok_or_else(|| malformed("the path to sign has no bucket"))?;
        self.check_bucket(bucket)?;
        let asked = Asked {
            operation: Operation::parse(client.method, &read_query(query)?)?,
            key: self.own_key(context, key)?,
            headers: client.headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        };
        let written = sigv2::string_to_sign(bucket, client.content_type, &asked);
        if written != text {
            return Err(malformed(
                "the text to sign is not the one that this server writes for the same request",
            ));
        }
        let date =
            asked.headers.iter().find(|(name, _)| name == "x-amz-date").map(|(_, value)| value.as_str());
        let date = date.and_then(|date| Timestamp::parse_http_date(date).ok());
        check_date(context.now, date.ok_or_else(|| malformed("x-amz-date must say the date"))?)?;
        match &asked.operation {
            // What the type of the object will be.
            Operation::Create => {
                self.rules.check_type(if client.content_type.is_empty() {
                    "application/octet-stream"
                } else {
                    client.content_type
                })?;
            }
            Operation::List { .. } => return Err(unasked()),
            _ => {}
        }
        self.check_fine_headers(context.now, &asked, &["x-amz-date"])?;
        let signature = self.sign_v2(&written)?;
        Ok(CompatSignature::of_request(&asked, signature))
    }

    fn sign_v2(&self, text: &str) -> Result<String, Refusal> {
        sigv2::sign(&self.credentials.current(), text)
            .ok_or_else(|| Refusal::new(Reason::Misconfigured, "the server cannot sign this"))
    }

    /// The host that the client wrote: that of the bucket, or with a path-style
    /// endpoint the bucket's name behind it, as the client guesses where
    /// nobody says `objectProperties.host`. The right one is signed.
    fn fine_host<'a>(&self, client: &ClientText<'a>) -> Result<&'a str, Refusal> {
        let ours = self.bucket_origin().map_err(misconfigured)?.authority();
        let guessed = format!("{ours}/{}", self.bucket());
        let host = client.header("host").ok_or_else(|| malformed("the host must be signed"))?;
        let right = host == ours || (self.s3.style() == AddressingStyle::Path && host == guessed);
        if right { Ok(host) } else { Err(malformed("the request is for another host than the bucket's")) }
    }

    /// `own` headers belong to the signature; the others say how the object is stored.
    fn check_fine_headers(&self, now: Timestamp, asked: &Asked, own: &[&str]) -> Result<(), Refusal> {
        let others: Vec<_> =
            asked.headers.iter().filter(|(name, _)| !own.contains(&name.as_str())).cloned().collect();
        match asked.operation {
            Operation::Create => self.check_stored(now, &others, Place::Headers),
            Operation::List { .. } => Err(unasked()),
            _ if others.is_empty() => Ok(()),
            _ => Err(malformed("this request has headers that it does not need")),
        }
    }
}

fn unasked() -> Refusal {
    Refusal::new(Reason::UnknownOperation, "this client lists no parts")
}

/// The name that a Fine Uploader gave a file, from its metadata or its key.
#[must_use]
pub fn fine_session_name(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

/// What a Fine Uploader calls a file: the UUID of its key.
#[must_use]
pub fn fine_session_uuid(key: &str) -> &str {
    let is_uuid = |text: &&str| {
        text.len() == 36
            && text.bytes().zip(0..).all(|(byte, at)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
    };
    key.split('/').find(is_uuid).unwrap_or(key)
}
