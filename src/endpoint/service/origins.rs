//! Which pages may call: asked before anything is parsed or signed.

use crate::endpoint::{Reason, Refusal};
use crate::sigv4::Origin;

/// The origins whose pages may call.
#[derive(Clone, Debug)]
pub struct PageOrigins(Vec<String>);

/// What a call's headers say of the page that makes it.
#[derive(Clone, Copy, Debug)]
pub struct PageHeaders<'a> {
    /// `GET` or `POST`.
    pub method: &'a str,
    /// Each `origin` header that there is.
    pub origins: &'a [&'a [u8]],
    /// `sec-fetch-site`.
    pub fetch_site: Option<&'a [u8]>,
    /// `content-type`.
    pub content_type: Option<&'a [u8]>,
}

impl PageOrigins {
    /// Pages of these origins.
    #[must_use]
    pub fn new<'a>(origins: impl IntoIterator<Item = &'a Origin>) -> Self {
        Self(origins.into_iter().map(Origin::to_string).collect())
    }

    /// As they stand in an `origin` header.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether pages of this origin may call.
    #[must_use]
    pub fn allow(&self, origin: &[u8]) -> bool {
        self.iter().any(|allowed| allowed.as_bytes() == origin)
    }

    /// Refuses pages of other origins, and bodies that a form of another site
    /// could have sent along with the user's cookies.
    ///
    /// # Errors
    /// [`Reason::OriginRefused`], [`Reason::MalformedRequest`].
    pub fn check(&self, page: &PageHeaders<'_>) -> Result<(), Refusal> {
        let refused = match page.origins {
            [origin] => !self.allow(origin),
            // Browsers name the origin of every POST; this is for one that does not.
            [] => matches!(page.fetch_site, Some(b"cross-site" | b"same-site")),
            _ => true,
        };
        if refused {
            return Err(Refusal::new(
                Reason::OriginRefused,
                "pages of this origin may not call this server; its configuration lists those that may",
            ));
        }
        if page.method == "POST" && !page.content_type.is_some_and(is_json) {
            let message = "the body must be JSON, with content-type: application/json";
            return Err(Refusal::new(Reason::MalformedRequest, message));
        }
        Ok(())
    }
}

/// A page of another origin can send this type only after a preflight.
fn is_json(content_type: &[u8]) -> bool {
    let essence = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"application/json")
}
