//! The page for people who came by a form, and have no script to read JSON.

/// An HTML page that says why nothing was stored; `stylesheet` is the path of
/// one to link.
#[must_use]
pub fn error_page(message: &str, code: &str, stylesheet: Option<&str>) -> String {
    let style = stylesheet.map(|path| format!("<link rel=\"stylesheet\" href=\"{}\">", escape_html(path)));
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Not done</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\">\
         {}</head><body><main class=\"page narrow\"><section class=\"intro\">\
         <h1>Not done</h1><p class=\"lede\">{}</p><p><code>{}</code></p></section></main></body></html>",
        style.unwrap_or_default(),
        escape_html(message),
        escape_html(code),
    )
}

/// Text as it may stand in HTML, attributes included.
#[must_use]
pub fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_an_attribute() {
        assert_eq!(escape_html(r#"a"><script>'&"#), "a&quot;&gt;&lt;script&gt;&#39;&amp;");
        assert!(error_page("<b>", "a&b", None).contains("&lt;b&gt;</p><p><code>a&amp;b<"));
    }
}
