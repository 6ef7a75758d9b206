//! The JSON of the signing protocol (`docs/protocol.md` is its specification).
//!
//! What a client sends refuses members that nobody here knows: an option that
//! is silently ignored is a rule that is silently not kept.

mod capabilities;
mod finish;
mod forms;
mod hook;
mod intent;
mod keep;
mod outcome;
mod receipts;
mod sign;
mod uploads;

pub use capabilities::Capabilities;
pub use finish::{
    DeleteAnswer, DeleteItem, DeleteUploads, Deleted, FinishAnswer, FinishItem, FinishUploads, FinishedUpload,
};
pub use forms::{CreateForms, CreateFormsAnswer, CreatedForm, NewForm, SizeRange};
pub use hook::{FinishedAttachment, Hook, HookAnswer, HookData, HookVerdict, RequestedUpload};
pub use intent::{
    AnsweredIntent, ChunksIntent, CompleteIntent, Intent, ListIntent, PartIntent, UploadedPart,
};
pub use keep::{KeepAnswer, KeepAttachments, KeepItem, KeptAttachment};
pub use outcome::{CallError, ErrorAnswer, ItemError, Outcome};
pub use receipts::{VerifiedReceipt, VerifyAnswer, VerifyReceipts};
pub use sign::{SignAnswer, SignRequest, SignRequests, SignedChunks, SignedIntents, SignedRequest};
pub use uploads::{
    CreateUploads, CreateUploadsAnswer, CreatedUpload, Grant, NewFile, PartIntegrity, Plan, Transport,
};

use serde::de::DeserializeOwned;

use crate::endpoint::{Reason, Refusal};

/// Reads the body of a call.
///
/// # Errors
/// [`Reason::MalformedRequest`] for what is not JSON, or not the JSON of this
/// call. The message names the place, never a value: values may be tokens.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    // serde would take a list of a struct's members for the struct.
    if body.trim_ascii_start().first() == Some(&b'[') {
        return Err(Refusal::new(
            Reason::MalformedRequest,
            "the body is not what this call takes: an object",
        ));
    }
    serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let what = if error.is_data() { "not what this call takes" } else { "not JSON" };
        Refusal::new(Reason::MalformedRequest, format!("the body is {what} (line {line}, column {column})"))
    })
}
