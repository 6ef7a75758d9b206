//! What must not be repeated.

/// A header's or parameter's value as it may be shown.
pub(super) fn shown(name: &str, value: &str) -> String {
    if is_secret(name) { format!("(masked, {} characters)", value.chars().count()) } else { value.to_owned() }
}

/// Whoever has one of these can act for somebody, or read what is encrypted.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    is_session_token(&name)
        || name.ends_with("customer-key")
        || matches!(name.as_str(), "authorization" | "cookie" | "x-amz-signature")
}

/// In a header or a query, of S3 or S3 Express.
pub(super) fn is_session_token(name: &str) -> bool {
    name.eq_ignore_ascii_case("x-amz-security-token") || name.eq_ignore_ascii_case("x-amz-s3session-token")
}
