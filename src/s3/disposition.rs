//! The `Content-Disposition` header (RFC 6266, file names by RFC 8187).

use std::fmt::Write as _;

/// What a browser does with the object when somebody opens its URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// Shows it.
    Inline,
    /// Saves it.
    Attachment,
}

/// The header for a file of this name. Plain names stand quoted; any other
/// stands in `filename*`, with an ASCII likeness beside it for old clients.
///
/// ```
/// use sealift::s3::disposition::{Disposition, header};
/// assert_eq!(header(Disposition::Inline, None), "inline");
/// assert_eq!(
///     header(Disposition::Attachment, Some("résumé.pdf")),
///     "attachment; filename=\"r_sum_.pdf\"; filename*=UTF-8''r%C3%A9sum%C3%A9.pdf"
/// );
/// ```
#[must_use]
pub fn header(disposition: Disposition, name: Option<&str>) -> String {
    let mut text = match disposition {
        Disposition::Inline => "inline".to_owned(),
        Disposition::Attachment => "attachment".to_owned(),
    };
    if let Some(name) = name {
        let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
        let plain = plain.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        let _ = write!(text, "; filename=\"{plain}\"");
        if plain != name {
            text.push_str("; filename*=UTF-8''");
            push_ext_value(&mut text, name);
        }
    }
    text
}

/// Safe in a quoted string everywhere: no `"` or `\`, no `/` (a path to some),
/// no `%` (some decode it), no `$` (S3 replaces `${filename}` in form fields).
fn is_plain(c: char) -> bool {
    matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '/' | '%' | '$')
}

fn push_ext_value(text: &mut String, name: &str) {
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#&+-.^_`|~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_would_break_out() {
        assert_eq!(
            header(Disposition::Attachment, Some("a\"; x=\"\r\n.html")),
            "attachment; filename=\"a_; x=___.html\"; filename*=UTF-8''a%22%3B%20x%3D%22%0D%0A.html"
        );
        assert_eq!(header(Disposition::Inline, Some("a+b c.txt")), "inline; filename=\"a+b c.txt\"");
        assert_eq!(
            header(Disposition::Inline, Some("50%${filename}")),
            "inline; filename=\"50__{filename}\"; filename*=UTF-8''50%25%24%7Bfilename%7D"
        );
    }

    proptest! {
        #[test]
        fn any_name_makes_one_ascii_header(name in "\\PC{0,60}|[\\x00-\\x7f]{0,60}") {
            let text = header(Disposition::Attachment, Some(&name));
            prop_assert!(text.bytes().all(|b| (0x20..0x7F).contains(&b)));
            prop_assert_eq!(text.matches('"').count(), 2);
            prop_assert!(!text.contains("  "));
        }
    }
}
