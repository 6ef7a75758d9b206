//! POST policies: what an HTML form may upload, and the fields it must carry.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::error::{Error, ErrorKind, Result};
use crate::sigv4::ALGORITHM;
use crate::sigv4::credentials::Credentials;
use crate::sigv4::key::Signature;
use crate::sigv4::options::SigningOptions;
use crate::sigv4::signer::Signer;
use crate::time::Timestamp;

/// The conditions that a form upload must meet, until they expire.
///
/// Every field of the form needs a condition, but `policy`, `x-amz-signature`,
/// `file` and those that start with `x-ignore-`.
///
/// ```
/// use sealift::Timestamp;
/// use sealift::sigv4::PostPolicy;
///
/// let policy = PostPolicy::new(Timestamp::parse("20151230T120000Z")?)
///     .eq("bucket", "sigv4examplebucket")?
///     .starts_with("key", "user/user1/")?
///     .content_length_range(1, 1024)?;
/// assert_eq!(
///     policy.to_json(),
///     r#"{"expiration":"2015-12-30T12:00:00Z","conditions":[{"bucket":"sigv4examplebucket"},["starts-with","$key","user/user1/"],["content-length-range",1,1024]]}"#,
/// );
/// # Ok::<(), sealift::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostPolicy {
    expiration: Timestamp,
    conditions: Vec<Condition>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    Eq(String, String),
    StartsWith(String, String),
    ContentLengthRange(u64, u64),
}

impl PostPolicy {
    /// A policy that is good until a moment, and allows nothing yet.
    #[must_use]
    pub const fn new(expiration: Timestamp) -> Self {
        Self { expiration, conditions: Vec::new() }
    }

    /// The field must have this value.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidPolicy`] for an empty field name.
    pub fn eq(mut self, field: &str, value: &str) -> Result<Self> {
        self.conditions.push(Condition::Eq(field_name(field)?, value.to_owned()));
        Ok(self)
    }

    /// The field's value must start with this; an empty prefix allows any value.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidPolicy`] for an empty field name.
    pub fn starts_with(mut self, field: &str, prefix: &str) -> Result<Self> {
        self.conditions.push(Condition::StartsWith(field_name(field)?, prefix.to_owned()));
        Ok(self)
    }

    /// The file must have `min` to `max` bytes.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidPolicy`] if `max` is less than `min`.
    pub fn content_length_range(mut self, min: u64, max: u64) -> Result<Self> {
        if max < min {
            return Err(Error::new(
                ErrorKind::InvalidPolicy,
                "the content-length-range of a policy ends before it starts",
            ));
        }
        self.conditions.push(Condition::ContentLengthRange(min, max));
        Ok(self)
    }

    /// When the policy ends.
    #[must_use]
    pub const fn expiration(&self) -> Timestamp {
        self.expiration
    }

    /// The JSON, in ASCII.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::from("{\"expiration\":");
        push_json_string(&mut json, &self.expiration.iso8601());
        json.push_str(",\"conditions\":[");
        for (index, condition) in self.conditions.iter().enumerate() {
            if index > 0 {
                json.push(',');
            }
            condition.push_json(&mut json);
        }
        json.push_str("]}");
        json
    }
}

/// A signed policy and the fields that a form must send with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostForm {
    /// The fields that are known: those that the policy fixes (but `bucket`,
    /// which the form's address says), then the signer's own, with `policy` and
    /// `x-amz-signature` at the end. The form adds those that the policy leaves
    /// open, and `file` after all others.
    pub fields: Vec<(String, String)>,
    /// The policy in Base64: what was signed.
    pub policy_base64: String,
    /// The signature.
    pub signature: Signature,
}

/// Completes a policy with the conditions that S3 wants for the signer's own
/// fields (`x-amz-algorithm`, `x-amz-credential`, `x-amz-date`, and
/// `x-amz-security-token` for temporary credentials) and signs it.
///
/// # Errors
/// [`ErrorKind::InvalidExpiry`] for a policy that ends less than a second or
/// more than seven days after its signature's date.
pub fn sign_post_policy(
    policy: &PostPolicy,
    credentials: &Credentials,
    options: &SigningOptions,
) -> Result<PostForm> {
    Signer::new(credentials).sign_post_policy(policy, options)
}

/// Signs the JSON of a policy byte for byte, and answers the signer's own
/// fields; the policy must already have their conditions.
#[must_use]
pub fn sign_policy_json(json: &str, credentials: &Credentials, options: &SigningOptions) -> PostForm {
    Signer::new(credentials).sign_policy_json(json, options)
}

pub(super) fn sign_policy(
    signer: &Signer<'_>,
    policy: &PostPolicy,
    options: &SigningOptions,
) -> Result<PostForm> {
    let life = policy.expiration.seconds_since(options.date());
    if !(1..=i64::from(super::MAX_EXPIRES_IN_SECONDS)).contains(&life) {
        return Err(Error::new(ErrorKind::InvalidExpiry, "a policy lives from 1 second to 7 days"));
    }
    let mut policy = policy.clone();
    let own = own_fields(signer, options);
    let is_own = |field: &str| own.iter().any(|(name, _)| name.eq_ignore_ascii_case(field));
    policy.conditions.retain(|condition| !matches!(condition, Condition::Eq(field, _) if is_own(field)));
    let mut fields: Vec<(String, String)> =
        policy.conditions.iter().filter_map(Condition::fixed_field).collect();
    policy.conditions.extend(own.into_iter().map(|(name, value)| Condition::Eq(name, value)));
    let form = sign_json(signer, &policy.to_json(), options);
    fields.extend(form.fields);
    Ok(PostForm { fields, ..form })
}

pub(super) fn sign_json(signer: &Signer<'_>, json: &str, options: &SigningOptions) -> PostForm {
    let policy_base64 = BASE64.encode(json);
    let signature = signer.key(options.scope()).sign(&policy_base64);
    let mut fields = own_fields(signer, options);
    fields.push(("policy".to_owned(), policy_base64.clone()));
    fields.push(("x-amz-signature".to_owned(), signature.to_string()));
    PostForm { fields, policy_base64, signature }
}

/// The fields, and conditions, that the signer brings itself.
fn own_fields(signer: &Signer<'_>, options: &SigningOptions) -> Vec<(String, String)> {
    let mut fields = vec![
        ("x-amz-algorithm".to_owned(), ALGORITHM.to_owned()),
        ("x-amz-credential".to_owned(), signer.credential(options.scope())),
        ("x-amz-date".to_owned(), options.date().amz_date()),
    ];
    if let Some(token) = signer.credentials().session_token() {
        fields.push(("x-amz-security-token".to_owned(), token.to_owned()));
    }
    fields
}

impl Condition {
    /// The field that this condition leaves no choice of; the bucket is said
    /// by the form's address.
    fn fixed_field(&self) -> Option<(String, String)> {
        match self {
            Self::Eq(field, value) if !field.eq_ignore_ascii_case("bucket") => {
                Some((field.clone(), value.clone()))
            }
            _ => None,
        }
    }

    fn push_json(&self, json: &mut String) {
        match self {
            Self::Eq(field, value) => {
                json.push('{');
                push_json_string(json, field);
                json.push(':');
                push_json_string(json, value);
                json.push('}');
            }
            Self::StartsWith(field, prefix) => {
                json.push_str("[\"starts-with\",");
                push_json_string(json, &format!("${field}"));
                json.push(',');
                push_json_string(json, prefix);
                json.push(']');
            }
            Self::ContentLengthRange(min, max) => {
                json.push_str(&format!("[\"content-length-range\",{min},{max}]"));
            }
        }
    }
}

/// A field's name, with or without the `$` that policies put before it.
fn field_name(field: &str) -> Result<String> {
    let name = field.strip_prefix('$').unwrap_or(field);
    if name.is_empty() {
        return Err(Error::new(ErrorKind::InvalidPolicy, "a condition of a policy names no field"));
    }
    Ok(name.to_owned())
}

/// In ASCII, so that no server has to guess an encoding.
fn push_json_string(json: &mut String, text: &str) {
    json.push('"');
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte @ (b'"' | b'\\')) => {
                json.push('\\');
                json.push(char::from(byte));
            }
            Ok(byte @ b' '..=b'~') => json.push(char::from(byte)),
            _ => json.push_str(&format!("\\u{unit:04x}")),
        }
    }
    json.push('"');
}
