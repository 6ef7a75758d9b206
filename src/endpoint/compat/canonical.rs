//! A canonical request that a client wrote: read, and written again.

use crate::endpoint::compat::malformed;
use crate::endpoint::compat::operation::{Asked, Operation, decode, read_query};
use crate::endpoint::{Context, Refusal, SigningEndpoint, misconfigured};
use crate::sigv4::uri::{encode_component, encode_path};
use crate::sigv4::{CanonicalRequest, CredentialScope, PayloadHash, Signature, string_to_sign};
use crate::time::Timestamp;

/// The lines of a canonical request of signature version 4.
pub(super) struct ClientText<'a> {
    pub(super) method: &'a str,
    path: &'a str,
    query: &'a str,
    pub(super) headers: Vec<(&'a str, &'a str)>,
    payload: &'a str,
    text: &'a str,
}

impl<'a> ClientText<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, Refusal> {
        let refuse = || malformed("the text to sign has no canonical request");
        let mut lines = text.split('\n');
        let mut next = || lines.next().ok_or_else(refuse);
        let (method, path, query) = (next()?, next()?, next()?);
        let mut headers = Vec::new();
        loop {
            match next()? {
                "" => break,
                line => headers.push(line.split_once(':').ok_or_else(refuse)?),
            }
        }
        let (_signed_headers, payload) = (next()?, next()?);
        match lines.next() {
            None => Ok(Self { method, path, query, headers, payload, text }),
            Some(_) => Err(refuse()),
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(other, _)| *other == name).map(|(_, value)| *value)
    }

    pub(super) fn payload(&self) -> Result<PayloadHash, Refusal> {
        PayloadHash::parse(self.payload).map_err(|_| malformed("the hash of the body is none"))
    }

    /// What is asked for; `before_key` is what the client's path has before it.
    pub(super) fn read(
        &self,
        endpoint: &SigningEndpoint,
        context: &Context<'_>,
        before_key: &str,
    ) -> Result<Asked, Refusal> {
        let operation = Operation::parse(self.method, &read_query(self.query)?)?;
        let path = decode(self.path).ok_or_else(|| malformed("the path to sign has a broken escape"))?;
        let key = path
            .strip_prefix(before_key)
            .ok_or_else(|| malformed("the path to sign names another bucket"))?;
        let headers = self.headers.iter().filter(|(name, _)| *name != "host");
        Ok(Asked {
            operation,
            key: endpoint.own_key(context, key)?,
            headers: headers.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        })
    }

    /// Whether this is the text of that request, byte for byte: nothing was
    /// overlooked in reading it, and it is written in the one way.
    pub(super) fn check_is(
        &self,
        asked: &Asked,
        before_key: &str,
        host: &str,
        payload: PayloadHash,
    ) -> Result<(), Refusal> {
        let mut headers: Vec<(&str, &str)> =
            asked.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        headers.push(("host", host));
        headers.sort_unstable();
        let query: Vec<_> = asked
            .operation
            .query()
            .iter()
            .map(|(name, value)| format!("{}={}", encode_component(name), encode_component(value)))
            .collect();
        let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let written = format!(
            "{}\n{}\n{}\n{lines}\n{}\n{}",
            asked.operation.method(),
            encode_path(&format!("{before_key}{}", asked.key)),
            query.join("&"),
            names.join(";"),
            payload.as_str(),
        );
        if written == self.text {
            return Ok(());
        }
        Err(malformed("the text to sign is not the one that this server writes for the same request"))
    }
}

impl SigningEndpoint {
    /// Signs a request to where browsers find the bucket, whatever the client
    /// wrote of that place.
    pub(super) fn sign_asked(
        &self,
        date: Timestamp,
        asked: &Asked,
        payload: PayloadHash,
    ) -> Result<Signature, Refusal> {
        let signed = || {
            let request = self.s3.object_request(asked.operation.method(), self.bucket(), &asked.key)?;
            let mut request = asked.operation.add_query(request).payload(payload);
            for (name, value) in &asked.headers {
                request.add_header(name, value)?;
            }
            let options = self.options(date)?;
            let canonical = CanonicalRequest::new(&request, &options)?;
            let scope = CredentialScope::new(date, &self.region, "s3")?;
            let text = string_to_sign(date, &scope, &canonical.hash());
            Ok(self.keys.signing_key(&self.credentials.current(), &scope).sign(&text))
        };
        signed().map_err(misconfigured)
    }

    /// The date of a string to sign of signature version 4: its second line, in
    /// the scope of its third, near the server's own.
    pub(super) fn check_dated(&self, now: Timestamp, date: &str, scope: &str) -> Result<Timestamp, Refusal> {
        let moment = Timestamp::parse(date).ok().filter(|moment| moment.amz_date() == date);
        let moment = moment.ok_or_else(|| malformed("the date to sign looks like 20130524T000000Z"))?;
        super::check_date(now, moment)?;
        let own = CredentialScope::new(moment, &self.region, "s3").map_err(misconfigured)?;
        if own.to_string() == scope {
            return Ok(moment);
        }
        Err(malformed("the scope to sign is of another day, region or service than this server's"))
    }
}
