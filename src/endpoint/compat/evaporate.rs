//! EvaporateJS 2.1: `GET` of a signer URL with the string to sign, its date and
//! its canonical request.

use crate::digest::sha256_hex;
use crate::endpoint::compat::acceptance::Place;
use crate::endpoint::compat::canonical::ClientText;
use crate::endpoint::compat::operation::{Asked, Operation};
use crate::endpoint::compat::{CompatSignature, malformed};
use crate::endpoint::{Context, Refusal, SigningEndpoint, misconfigured};
use crate::s3::AddressingStyle;
use crate::sigv4::{ALGORITHM, PayloadHash};
use crate::time::Timestamp;

/// What the signer URL is asked with.
#[derive(Clone, Copy, Debug)]
pub struct EvaporateCall<'a> {
    /// `to_sign`
    pub to_sign: &'a str,
    /// `datetime`
    pub datetime: &'a str,
    /// `canonical_request`; the client sends it with
    /// `sendCanonicalRequestToSignerUrl: true`.
    pub canonical_request: &'a str,
}

impl SigningEndpoint {
    /// Signs a step of an EvaporateJS upload.
    ///
    /// # Errors
    /// What the rules refuse.
    pub fn evaporate_signature(
        &self,
        context: &Context<'_>,
        call: EvaporateCall<'_>,
    ) -> Result<CompatSignature, Refusal> {
        self.check_lasting_credentials()?;
        let moment = self.check_evaporate_text(context.now, call)?;
        let client = ClientText::parse(call.canonical_request)?;
        let payload = client.payload()?;
        let before_key = self.evaporate_before_key();
        let asked = client.read(self, context, &before_key)?;
        // The client drops the port, and S3 does not: it is there in what is signed.
        let origin = self.bucket_origin().map_err(misconfigured)?;
        let host = client.header("host").filter(|host| [origin.host(), &origin.authority()].contains(host));
        let host = host.ok_or_else(|| malformed("the request is for another host than the bucket's"))?;
        client.check_is(&asked, &before_key, host, payload)?;
        if client.header("x-amz-date") != Some(call.datetime) {
            return Err(malformed("the date must be a header of the request too"));
        }
        check_body(&asked.operation, payload)?;
        self.check_evaporate_headers(context.now, &asked)?;
        let signature = self.sign_asked(moment, &asked, payload)?;
        Ok(CompatSignature::of_request(&asked, signature.to_string()))
    }

    /// The string to sign must be that of the canonical request beside it.
    fn check_evaporate_text(&self, now: Timestamp, call: EvaporateCall<'_>) -> Result<Timestamp, Refusal> {
        let lines: Vec<&str> = call.to_sign.split('\n').collect();
        let [ALGORITHM, date, scope, hash] = lines.as_slice() else {
            return Err(malformed("the text to sign is none of signature version 4"));
        };
        if *date != call.datetime || *hash != sha256_hex(call.canonical_request.as_bytes()) {
            return Err(malformed(
                "the text to sign is not that of the canonical request and date beside it",
            ));
        }
        self.check_dated(now, date, scope)
    }

    /// Path-style, or with `cloudfront: true` the bucket's own host.
    fn evaporate_before_key(&self) -> String {
        match self.s3.style() {
            AddressingStyle::Path => format!("/{}/", self.bucket()),
            AddressingStyle::VirtualHosted => "/".to_owned(),
        }
    }

    fn check_evaporate_headers(&self, now: Timestamp, asked: &Asked) -> Result<(), Refusal> {
        let of =
            |wanted: &str| asked.headers.iter().find(|(name, _)| name == wanted).map(|(_, v)| v.as_str());
        let is_part = matches!(asked.operation, Operation::Part { .. });
        let stored: Vec<_> = asked
            .headers
            .iter()
            .filter(|(name, _)| {
                // The client repeats the file's type with every request; S3 heeds that of the first.
                let own = matches!(name.as_str(), "x-amz-date" | "content-type");
                !own && !(is_part && name == "content-md5")
            })
            .cloned()
            .collect();
        match asked.operation {
            Operation::Create => {
                self.rules.check_type(of("content-type").unwrap_or("application/octet-stream"))?;
                self.check_stored(now, &stored, Place::Headers)
            }
            _ if stored.is_empty() => Ok(()),
            _ => Err(malformed("this request has headers that it does not need")),
        }
    }
}

/// The client signs no hash of its parts; all else is as it will be sent.
fn check_body(operation: &Operation, payload: PayloadHash) -> Result<(), Refusal> {
    let right = match operation {
        Operation::Part { .. } => payload == PayloadHash::Unsigned,
        Operation::Complete { .. } => matches!(payload, PayloadHash::Sha256(_)),
        Operation::Create | Operation::Abort { .. } | Operation::List { .. } => payload == PayloadHash::Empty,
    };
    if right { Ok(()) } else { Err(malformed("the hash of the body is not the one that this request has")) }
}
