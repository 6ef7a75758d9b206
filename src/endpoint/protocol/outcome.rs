//! What became of an item of a list, or of a call.

use serde::{Deserialize, Serialize};

use crate::endpoint::Refusal;

/// What became of one item of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "openapi", schemars(rename = "OutcomeOf{T}"))]
#[serde(untagged)]
pub enum Outcome<T> {
    /// It was refused.
    Refused {
        /// Why.
        error: ItemError,
    },
    /// It was done.
    Done(T),
}

impl<T> Outcome<T> {
    /// The result as Rust has it.
    ///
    /// # Errors
    /// The error of a refused item.
    pub fn into_result(self) -> Result<T, ItemError> {
        match self {
            Self::Done(value) => Ok(value),
            Self::Refused { error } => Err(error),
        }
    }
}

impl<T> From<Result<T, Refusal>> for Outcome<T> {
    fn from(result: Result<T, Refusal>) -> Self {
        match result {
            Ok(value) => Self::Done(value),
            Err(refusal) => Self::Refused { error: refusal.into() },
        }
    }
}

/// Why one item of a list was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ItemError {
    /// Stable, in snake case.
    pub code: String,
    /// A sentence for a person.
    pub message: String,
    /// Whether the same, asked again, may succeed.
    pub retryable: bool,
    /// The HTTP status that it would have alone.
    pub status: u16,
}

impl From<Refusal> for ItemError {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: refusal.code().to_owned(),
            message: refusal.message().to_owned(),
            retryable: refusal.retryable(),
            status: refusal.status(),
        }
    }
}

/// The body of a call that was refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ErrorAnswer {
    /// Why.
    pub error: CallError,
}

/// Why a call was refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CallError {
    /// Stable, in snake case.
    pub code: String,
    /// A sentence for a person.
    pub message: String,
    /// Whether the same, asked again, may succeed.
    pub retryable: bool,
    /// The id of the call in the server's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl ErrorAnswer {
    /// The body for a refusal; the status is [`Refusal::status`].
    #[must_use]
    pub fn new(refusal: &Refusal, request_id: Option<String>) -> Self {
        Self {
            error: CallError {
                code: refusal.code().to_owned(),
                message: refusal.message().to_owned(),
                retryable: refusal.retryable(),
                request_id,
            },
        }
    }
}
