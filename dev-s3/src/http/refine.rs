//! s3s's refusals in S3's words: codes, messages and the elements beside them.

use std::time::SystemTime;

use hyper::StatusCode;
use hyper::http::request::Parts;
use s3s::dto::{Timestamp, TimestampFormat};

use super::explain::explain;
use super::target::{Target, query_pairs};

/// An error document in the making.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) status: StatusCode,
    pub(crate) details: Vec<(&'static str, String)>,
}

impl Refusal {
    fn replace(&mut self, code: &str, status: StatusCode, message: impl Into<String>) {
        code.clone_into(&mut self.code);
        self.status = status;
        self.message = message.into();
    }
}

const SIGNATURE_MISMATCH: &str = "The request signature we calculated does not match the signature you provided. \
                                  Check your key and signing method.";

pub(crate) fn refine(mut refusal: Refusal, parts: &Parts, target: &Target, region: &str) -> Refusal {
    let query = query_pairs(&parts.uri);
    let parameter = |name: &str| query.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
    let presigned = parameter("X-Amz-Signature").is_some();
    let form = target.operation == "PostObject";
    let message = refusal.message.clone();
    match refusal.code.as_str() {
        "SignatureDoesNotMatch" if message.starts_with("credential scope date") => {
            malformed_credential(
                &mut refusal,
                presigned,
                "Invalid credential date. This date is not the same as X-Amz-Date.",
            );
        }
        // A mismatch in the body says so itself.
        "SignatureDoesNotMatch" if !message.contains("chunk") => {
            refusal.message = SIGNATURE_MISMATCH.to_owned();
            refusal.details.extend(explain(parts).unwrap_or_default());
        }
        "NotImplemented" if message.starts_with("unknown service") => {
            malformed_credential(
                &mut refusal,
                presigned,
                "incorrect service. This endpoint belongs to \"s3\".",
            );
        }
        "AuthorizationHeaderMalformed" if message.contains("the region is wrong") => {
            malformed_credential(
                &mut refusal,
                presigned,
                &format!("the region is wrong; expecting '{region}'"),
            );
            refusal.details.push(("Region", region.to_owned()));
        }
        "RequestTimeTooSkewed" if presigned => {
            refusal.replace("AccessDenied", StatusCode::FORBIDDEN, "Request is not valid yet");
            refusal.details.push(("ServerTime", server_time()));
        }
        "RequestTimeTooSkewed" => {
            refusal.message =
                "The difference between the request time and the current time is too large.".to_owned();
            let date =
                parts.headers.get("x-amz-date").and_then(|date| date.to_str().ok()).unwrap_or_default();
            refusal.details.push(("RequestTime", date.to_owned()));
            refusal.details.push(("ServerTime", server_time()));
            refusal.details.push(("MaxAllowedSkewMilliseconds", "900000".to_owned()));
        }
        "AccessDenied" if message == "Request has expired" && form => {
            refusal.message = "Invalid according to Policy: Policy expired.".to_owned();
        }
        "AccessDenied" if message == "Request has expired" => {
            refusal.details.push(("X-Amz-Expires", parameter("X-Amz-Expires").unwrap_or_default()));
            refusal.details.push(("ServerTime", server_time()));
        }
        "AccessDenied" if message == "Signature is required" => refusal.message = "Access Denied".to_owned(),
        "AccessDenied" if message.starts_with("Each form field") => {
            let name = message.split('"').nth(1).unwrap_or_default();
            refusal.message = format!("Invalid according to Policy: Extra input fields: {name}");
        }
        "InvalidPolicyDocument" if message.starts_with("Policy condition") => {
            let message = format!(
                "Invalid according to Policy: Policy Condition failed: {}",
                failed_condition(&message)
            );
            refusal.replace("AccessDenied", StatusCode::FORBIDDEN, message);
        }
        "InvalidPolicyDocument" if message.contains("does not match") => {
            let message = format!("Invalid according to Policy: {message}");
            refusal.replace("AccessDenied", StatusCode::FORBIDDEN, message);
        }
        "AccessDenied" if message.starts_with("Signature Version 2") => {
            refusal.replace(
                "InvalidRequest",
                StatusCode::BAD_REQUEST,
                "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
            );
        }
        "InvalidRequest" if message.starts_with("missing header: ") => {
            refusal.message =
                message.replace("missing header: ", "Missing required header for this request: ");
        }
        "AuthorizationQueryParametersError" => {
            let too_long =
                parameter("X-Amz-Expires").and_then(|e| e.parse().ok()).is_some_and(|e: u64| e > 604_800);
            if too_long {
                refusal.message =
                    "X-Amz-Expires must be less than a week (in seconds) that is 604800".to_owned();
            }
        }
        "NoSuchKey" => refusal.details.push(("Key", target.key.clone())),
        "NoSuchBucket" => refusal.details.push(("BucketName", target.bucket.clone())),
        _ => {}
    }
    refusal.details.push(("Resource", format!("/{}/{}", target.bucket, target.key)));
    refusal
}

fn malformed_credential(refusal: &mut Refusal, presigned: bool, what: &str) {
    if presigned {
        let message = format!("Error parsing the X-Amz-Credential parameter; {what}");
        refusal.replace("AuthorizationQueryParametersError", StatusCode::BAD_REQUEST, message);
    } else {
        let message = format!("The authorization header is malformed; {what}");
        refusal.replace("AuthorizationHeaderMalformed", StatusCode::BAD_REQUEST, message);
    }
}

/// `["eq", "$key", "…"]` out of s3s's `Policy condition 'eq' for field 'key'
/// failed: expected '…', got '…'`.
fn failed_condition(message: &str) -> String {
    let mut quoted = message.split('\'');
    let operator = quoted.nth(1).unwrap_or_default();
    let field = quoted.nth(1).unwrap_or_default();
    let (_, rest) = message.split_once(": expected ").unwrap_or_default();
    let rest = rest.strip_prefix("prefix ").unwrap_or(rest);
    let (expected, _) = rest.rsplit_once(", got ").unwrap_or_default();
    let expected = expected.trim_matches('\'');
    format!("[\"{operator}\", \"${field}\", \"{expected}\"]")
}

fn server_time() -> String {
    let mut text = Vec::new();
    let now: Timestamp = SystemTime::now().into();
    let _ = now.format(TimestampFormat::DateTime, &mut text);
    let text = String::from_utf8(text).unwrap_or_default();
    // Whole seconds, as S3 writes it.
    text.split_once('.').map(|(seconds, _)| format!("{seconds}Z")).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_told_as_the_policy_writes_them() {
        let eq = "Policy condition 'eq' for field 'key' failed: expected 'it's', got 'x'";
        assert_eq!(failed_condition(eq), r#"["eq", "$key", "it's"]"#);
        let starts = "Policy condition 'starts-with' for field 'key' failed: expected prefix 'u/', got 'x'";
        assert_eq!(failed_condition(starts), r#"["starts-with", "$key", "u/"]"#);
    }
}
