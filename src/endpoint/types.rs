//! Which content types are taken, and which of them a browser may show.

use crate::error::{Error, ErrorKind, Result};
use crate::s3::ContentType;
use crate::s3::disposition::Disposition;

/// Content types that the rules name: `*/*`, `image/*`, `application/pdf`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TypePatterns(Vec<Pattern>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    Any,
    /// `image/`
    Kind(String),
    /// `image/png`
    Exact(String),
}

impl TypePatterns {
    pub(crate) fn parse(patterns: &[String]) -> Result<Self> {
        patterns.iter().map(|pattern| parse_pattern(pattern)).collect::<Result<_>>().map(Self)
    }

    pub(crate) fn matches(&self, content_type: &ContentType) -> bool {
        let essence = content_type.essence();
        self.0.iter().any(|pattern| match pattern {
            Pattern::Any => true,
            Pattern::Kind(prefix) => essence.starts_with(prefix),
            Pattern::Exact(exact) => essence == exact,
        })
    }
}

fn parse_pattern(pattern: &str) -> Result<Pattern> {
    let pattern = pattern.trim();
    if pattern == "*/*" || pattern == "*" {
        return Ok(Pattern::Any);
    }
    // A pattern is checked as the type it would match.
    let (example, wild) = match pattern.strip_suffix("/*") {
        Some(kind) => (format!("{kind}/x"), true),
        None => (pattern.to_owned(), false),
    };
    let parsed = ContentType::parse(&example)
        .ok()
        .filter(|parsed| !example.is_empty() && !parsed.as_str().contains(';'));
    match parsed {
        Some(parsed) if wild => Ok(Pattern::Kind(parsed.essence().trim_end_matches('x').to_owned())),
        Some(parsed) => Ok(Pattern::Exact(parsed.essence().to_owned())),
        None => Err(Error::new(
            ErrorKind::InvalidOption,
            "a content type of the rules looks like image/png, image/* or */*",
        )),
    }
}

/// How an object of this type is stored: shown only if it is known not to run
/// scripts in the bucket's origin, or if the rules say so.
pub(crate) fn disposition(content_type: &ContentType, allowed_inline: &TypePatterns) -> Disposition {
    if is_passive(content_type.essence()) || allowed_inline.matches(content_type) {
        Disposition::Inline
    } else {
        Disposition::Attachment
    }
}

fn is_passive(essence: &str) -> bool {
    let media = ["image/", "audio/", "video/"].iter().any(|kind| essence.starts_with(kind));
    let active = ["svg", "xml", "html", "script"].iter().any(|word| essence.contains(word));
    (media && !active)
        || matches!(essence, "text/plain" | "text/csv" | "application/pdf" | "application/json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(list: &[&str]) -> TypePatterns {
        TypePatterns::parse(&list.iter().map(|&p| p.to_owned()).collect::<Vec<_>>()).expect("valid")
    }

    #[test]
    fn patterns_match_whole_kinds() {
        let rules = patterns(&["image/*", "Application/PDF"]);
        for (text, matches) in [
            ("image/png", true),
            ("IMAGE/svg+xml", true),
            ("application/pdf; version=1", true),
            ("application/pdfx", false),
            ("imagex/png", false),
            ("text/html", false),
            ("", false),
        ] {
            assert_eq!(rules.matches(&ContentType::parse(text).expect("valid")), matches, "{text}");
        }
        assert!(patterns(&["*/*"]).matches(&ContentType::octet_stream()));
        assert!(!patterns(&[]).matches(&ContentType::octet_stream()));
        assert!(patterns(&["max/*"]).matches(&ContentType::parse("max/x").expect("valid")));
    }

    #[test]
    fn what_is_no_pattern() {
        for pattern in ["", "image", "image/", "*/png", "image/p*", "image/png; a=b", "a,b/c", ".pdf"] {
            assert!(TypePatterns::parse(&[pattern.to_owned()]).is_err(), "{pattern}");
        }
    }

    #[test]
    fn what_runs_scripts_is_saved_not_shown() {
        let none = patterns(&[]);
        for text in [
            "text/html",
            "TEXT/HTML; charset=utf-8",
            "application/xhtml+xml",
            "image/svg+xml",
            "text/xml",
            "application/xml",
            "text/javascript",
            "application/javascript",
            "text/css",
            "application/octet-stream",
            "application/x-shockwave-flash",
            "video/x-html",
            "message/rfc822",
            "multipart/x-mixed-replace",
            "",
        ] {
            let content_type = ContentType::parse(text).expect("valid");
            assert_eq!(disposition(&content_type, &none), Disposition::Attachment, "{text}");
        }
        for text in ["image/png", "video/mp4", "audio/mpeg", "text/plain;charset=utf-8", "application/pdf"] {
            let content_type = ContentType::parse(text).expect("valid");
            assert_eq!(disposition(&content_type, &none), Disposition::Inline, "{text}");
        }
        let html = ContentType::parse("text/html").expect("valid");
        assert_eq!(disposition(&html, &patterns(&["text/html"])), Disposition::Inline);
    }
}
