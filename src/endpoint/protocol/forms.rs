//! `POST /forms`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::endpoint::protocol::Outcome;

/// `POST /forms`: plain HTML forms, for pages without any JavaScript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateForms {
    /// The forms.
    pub forms: Vec<NewForm>,
}

/// A form to be filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewForm {
    /// The media type that will be stored, whatever the user picks.
    #[serde(rename = "type", default)]
    pub content_type: String,
    /// What sizes it takes; those of the rules when it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<SizeRange>,
    /// The name to file it under; `file` when it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// User metadata, as of files.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// The page of the app that the user comes back to: a path of this server,
    /// or a URL of an origin that the rules name.
    pub redirect: String,
}

/// Least and greatest size in bytes, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SizeRange {
    /// Least.
    pub min: u64,
    /// Greatest.
    pub max: u64,
}

/// The answer to [`CreateForms`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct CreateFormsAnswer {
    /// The server's clock, ISO 8601.
    pub now: String,
    /// One for each form, in the same order.
    pub forms: Vec<Outcome<CreatedForm>>,
}

/// A form, filled in but for the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct CreatedForm {
    /// The form's `action`; its method is POST, its enctype `multipart/form-data`.
    pub url: String,
    /// Hidden fields, in order; the `<input type="file" name="file">` goes last.
    pub fields: Vec<(String, String)>,
    /// The form's own grant.
    pub token: String,
    /// When policy and grant end, ISO 8601.
    pub expires: String,
}
