//! Names and values as forms and queries have them, none of them twice.

use axum::extract::Request;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use crate::body;
use crate::error::ApiError;

/// Decoded, in the order given.
pub struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// Those of a request's address.
    ///
    /// # Errors
    /// `malformed_request` for a broken escape, or a name that stands twice.
    pub fn of_query(request: &Request) -> Result<Self, ApiError> {
        Self::parse(request.uri().query().unwrap_or_default())
    }

    /// Those of a body: a form's, or the text members of a JSON object.
    ///
    /// # Errors
    /// As [`of_query`](Self::of_query), and those of reading it.
    pub async fn of_body(request: Request) -> Result<Self, ApiError> {
        let json = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/json"));
        let bytes = body::read(request).await?;
        if json {
            let members: serde_json::Map<String, Value> = sealift::endpoint::protocol::parse(&bytes)?;
            let text =
                members.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())));
            return Ok(Self(text.collect()));
        }
        Self::parse(std::str::from_utf8(&bytes).map_err(|_| broken())?)
    }

    fn parse(text: &str) -> Result<Self, ApiError> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name).ok_or_else(broken)?, decode(value).ok_or_else(broken)?);
            if pairs.iter().any(|(other, _)| *other == name) {
                return Err(ApiError::malformed("a parameter stands twice"));
            }
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    /// The value of a name.
    pub fn one(&self, name: &str) -> Option<&str> {
        self.iter().find(|(other, _)| *other == name).map(|(_, value)| value)
    }

    /// The value of a name that must be there.
    ///
    /// # Errors
    /// `malformed_request`
    pub fn required(&self, name: &'static str) -> Result<&str, ApiError> {
        self.one(name).ok_or_else(|| ApiError::malformed(format!("`{name}` is missing")))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn broken() -> ApiError {
    ApiError::malformed("the parameters have a broken escape")
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut decoded = [0];
                hex::decode_to_slice([rest.next()?, rest.next()?], &mut decoded).ok()?;
                bytes.extend(decoded);
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).ok()
}
