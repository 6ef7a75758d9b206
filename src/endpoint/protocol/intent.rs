//! What a page intends with a grant. The endpoint signs what it makes of it,
//! never a string of the page's own.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One intent of `POST /sign`: `{"op": …}`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Intent {
    /// `put`: the PUT of the whole file.
    Put,
    /// `post`: the POST form of the whole file.
    Post,
    /// `renew`: a new grant for the same upload, which the intents after it use.
    Renew,
    /// Any other; always refused, by name.
    Unknown(String),
}

impl<'de> Deserialize<'de> for Intent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = serde_json::Map::deserialize(deserializer)?;
        let operation = members
            .get("op")
            .and_then(serde_json::Value::as_str)
            .ok_or_else(|| D::Error::custom("an intent has an \"op\", a string"))?;
        let intent = match operation {
            "put" => Self::Put,
            "post" => Self::Post,
            "renew" => Self::Renew,
            // A later version's members are its own business.
            other => return Ok(Self::Unknown(other.to_owned())),
        };
        match members.keys().find(|name| *name != "op") {
            Some(name) => Err(D::Error::custom(format!("an intent {operation:?} has no member {name:?}"))),
            None => Ok(intent),
        }
    }
}

impl Serialize for Intent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let operation = match self {
            Self::Put => "put",
            Self::Post => "post",
            Self::Renew => "renew",
            Self::Unknown(operation) => operation,
        };
        serializer.collect_map([("op", operation)])
    }
}

/// The intent that a signed request answers, with what was bound into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum AnsweredIntent {
    /// The PUT of the whole file.
    Put {
        /// SHA-256 that the body must have: 64 hexadecimal digits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<String>,
    },
    /// The POST form of the whole file.
    Post {
        /// SHA-256 that the file must have: 64 hexadecimal digits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<String>,
    },
}
