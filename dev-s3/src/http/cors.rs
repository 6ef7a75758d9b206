//! CORS as S3 evaluates it:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html>

use hyper::StatusCode;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderName, HeaderValue,
    ORIGIN, VARY,
};
use s3s::S3Error;

use crate::checksum::Algorithm;
use crate::errors::custom;
use crate::store::record::CorsRule;

/// What pages may read beside the safelisted headers. AWS takes no wildcard
/// here, so each checksum is named.
const EXPOSED: [&str; 7] = [
    "ETag",
    "x-amz-request-id",
    "x-amz-id-2",
    "x-amz-version-id",
    "x-amz-checksum-type",
    "Retry-After",
    "Date",
];

/// The rule of buckets without a configuration of their own; none when no
/// origin is allowed.
pub(crate) fn default_rules(allowed_origins: &[String]) -> Vec<CorsRule> {
    if allowed_origins.is_empty() {
        return Vec::new();
    }
    let exposed = EXPOSED.into_iter().chain(Algorithm::ALL.map(Algorithm::header));
    vec![CorsRule {
        id: None,
        allowed_origins: allowed_origins.to_vec(),
        allowed_methods: ["GET", "PUT", "POST", "DELETE", "HEAD"].map(str::to_owned).to_vec(),
        allowed_headers: vec!["*".to_owned()],
        expose_headers: exposed.map(str::to_owned).collect(),
        max_age_seconds: Some(3000),
    }]
}

/// The headers of the answer to a preflight.
///
/// # Errors
/// S3's own: 400 without `Origin` or method, 403 when no rule allows it.
pub(crate) fn preflight(rules: &[CorsRule], request: &HeaderMap) -> Result<HeaderMap, S3Error> {
    let origin = text(request, &ORIGIN);
    let Some(origin) = origin else {
        return Err(bad_request("Insufficient information. Origin request header needed."));
    };
    let Some(method) = text(request, &ACCESS_CONTROL_REQUEST_METHOD) else {
        return Err(bad_request("Invalid Access-Control-Request-Method: null"));
    };
    if rules.is_empty() {
        return Err(forbidden("CORSResponse: CORS is not enabled for this bucket."));
    }
    let asked: Vec<String> = text(request, &ACCESS_CONTROL_REQUEST_HEADERS)
        .map(|list| list.split(',').map(|name| name.trim().to_ascii_lowercase()).collect())
        .unwrap_or_default();
    let allowed = rules.iter().find(|rule| {
        allows(rule, origin, method)
            && asked.iter().filter(|name| !name.is_empty()).all(|name| {
                rule.allowed_headers.iter().any(|pattern| matches(&pattern.to_ascii_lowercase(), name))
            })
    });
    let Some(rule) = allowed else {
        return Err(forbidden(
            "CORSResponse: This CORS request is not allowed. This is usually because the evaluation of Origin, \
             request method / Access-Control-Request-Method or Access-Control-Request-Headers are not \
             whitelisted by the resource's CORS spec.",
        ));
    };
    let mut answer = grant(rule, origin);
    if !asked.is_empty() {
        insert(&mut answer, ACCESS_CONTROL_ALLOW_HEADERS, &asked.join(", "));
    }
    if let Some(seconds) = rule.max_age_seconds {
        insert(&mut answer, ACCESS_CONTROL_MAX_AGE, &seconds.to_string());
    }
    Ok(answer)
}

/// The headers that an answer carries for the page that asked, errors too;
/// none when no rule allows it.
pub(crate) fn headers(rules: &[CorsRule], request: &HeaderMap, method: &str) -> HeaderMap {
    let Some(origin) = text(request, &ORIGIN) else { return HeaderMap::new() };
    let rule = rules.iter().find(|rule| allows(rule, origin, method));
    rule.map(|rule| grant(rule, origin)).unwrap_or_default()
}

fn allows(rule: &CorsRule, origin: &str, method: &str) -> bool {
    rule.allowed_origins.iter().any(|pattern| matches(pattern, origin))
        && rule.allowed_methods.iter().any(|allowed| allowed == method)
}

fn grant(rule: &CorsRule, origin: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    // S3 answers `*` only where the rule says just that, and allows
    // credentials where it names origins.
    if rule.allowed_origins.iter().any(|pattern| pattern == "*") {
        insert(&mut headers, ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    } else {
        insert(&mut headers, ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        insert(&mut headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    }
    insert(&mut headers, ACCESS_CONTROL_ALLOW_METHODS, &rule.allowed_methods.join(", "));
    if !rule.expose_headers.is_empty() {
        insert(&mut headers, ACCESS_CONTROL_EXPOSE_HEADERS, &rule.expose_headers.join(", "));
    }
    insert(&mut headers, VARY, "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
    headers
}

/// A pattern with at most one `*`.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, end)) => {
            text.len() >= start.len() + end.len() && text.starts_with(start) && text.ends_with(end)
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn bad_request(message: &'static str) -> S3Error {
    custom("BadRequest", StatusCode::BAD_REQUEST, message)
}

fn forbidden(message: &'static str) -> S3Error {
    custom("AccessForbidden", StatusCode::FORBIDDEN, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(origins: &[&str], methods: &[&str], headers: &[&str]) -> CorsRule {
        let owned = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        CorsRule {
            id: None,
            allowed_origins: owned(origins),
            allowed_methods: owned(methods),
            allowed_headers: owned(headers),
            expose_headers: vec!["ETag".into()],
            max_age_seconds: None,
        }
    }

    fn request(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect()
    }

    fn asks(origin: &'static str, method: &'static str, headers: &'static str) -> HeaderMap {
        request(&[
            ("origin", origin),
            ("access-control-request-method", method),
            ("access-control-request-headers", headers),
        ])
    }

    #[test]
    fn the_first_rule_that_allows_all_of_it_answers() {
        let rules = [
            rule(&["https://a.example"], &["GET"], &[]),
            rule(&["https://*.example"], &["PUT"], &["x-amz-*", "content-type"]),
        ];
        let granted =
            preflight(&rules, &asks("https://b.example", "PUT", "Content-Type, X-Amz-Date")).unwrap();
        assert_eq!(granted[ACCESS_CONTROL_ALLOW_ORIGIN], "https://b.example");
        assert_eq!(granted[ACCESS_CONTROL_ALLOW_HEADERS], "content-type, x-amz-date");
        assert_eq!(granted[ACCESS_CONTROL_ALLOW_CREDENTIALS], "true");
        for refused in [
            asks("https://b.example", "PUT", "authorization"),
            asks("https://b.example", "GET", "x-amz-date"),
            asks("http://b.example", "PUT", "x-amz-date"),
        ] {
            assert_eq!(preflight(&rules, &refused).unwrap_err().code().as_str(), "AccessForbidden");
        }
        assert_eq!(preflight(&rules, &request(&[])).unwrap_err().code().as_str(), "BadRequest");
        assert!(preflight(&[], &asks("https://a.example", "GET", "")).is_err());
    }

    #[test]
    fn answers_carry_the_exposed_headers_only_for_allowed_pages() {
        let rules = default_rules(&["https://app.example".into()]);
        let granted = headers(&rules, &request(&[("origin", "https://app.example")]), "PUT");
        let exposed = granted[ACCESS_CONTROL_EXPOSE_HEADERS].to_str().unwrap();
        for name in ["ETag", "x-amz-checksum-sha256", "x-amz-checksum-crc64nvme", "x-amz-version-id", "Date"]
        {
            assert!(exposed.split(", ").any(|e| e == name), "{name} in {exposed}");
        }
        assert!(headers(&rules, &request(&[("origin", "https://evil.example")]), "PUT").is_empty());
        assert!(headers(&rules, &request(&[]), "PUT").is_empty());
        let open = default_rules(&["*".into()]);
        let granted = headers(&open, &request(&[("origin", "https://evil.example")]), "PUT");
        assert_eq!(granted[ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        assert!(!granted.contains_key(ACCESS_CONTROL_ALLOW_CREDENTIALS));
    }
}
