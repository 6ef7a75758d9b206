//! A strict reader for the small documents that S3 answers with, and what
//! writing those that it is sent needs.
//!
//! Elements, text, the five named entities, character references, CDATA,
//! comments, one prolog. No DTDs, so no entity of anybody else's; attributes
//! are read over (S3 says nothing in them that is needed here).

use crate::error::{Error, ErrorKind, Result};

/// Deepest nesting that is read; S3's own documents have at most 5.
const MAX_DEPTH: usize = 16;

/// An element with its text and its children, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// The name of the element, as written.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The character data of the element itself, entities resolved; of an
    /// element with children usually just the space between them.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Every child with this name.
    pub fn children<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first child with this name.
    #[must_use]
    pub fn child_text(&self, name: &str) -> Option<&str> {
        self.children.iter().find(|child| child.name == name).map(|child| child.text.as_str())
    }
}

/// Reads a document. Space before it is allowed: S3 sends spaces to keep a
/// connection alive while it completes a multipart upload.
///
/// # Errors
/// [`ErrorKind::InvalidResponse`] for anything that is not one well-formed
/// element with at most 16 levels.
pub fn parse(document: &str) -> Result<Element> {
    Reader { rest: document }.document().ok_or_else(|| {
        Error::new(ErrorKind::InvalidResponse, "S3's answer is not a well-formed XML document")
    })
}

/// Writes text into a document, so that [`parse`] reads the same text.
pub(crate) fn push_escaped(document: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => document.push_str("&amp;"),
            '<' => document.push_str("&lt;"),
            '>' => document.push_str("&gt;"),
            // Readers make a line feed of a bare one.
            '\r' => document.push_str("&#13;"),
            _ => document.push(character),
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

enum Tag<'a> {
    Start(&'a str),
    Empty(&'a str),
    End(&'a str),
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Option<Element> {
        self.rest = self.rest.strip_prefix('\u{feff}').unwrap_or(self.rest);
        self.skip_space();
        if self.rest.starts_with("<?xml") {
            self.until("?>")?;
        }
        self.skip_space_and_comments()?;
        let root = match self.tag()? {
            Tag::Start(name) => self.element(name)?,
            Tag::Empty(name) => Element { name: name.to_owned(), ..Element::default() },
            Tag::End(_) => return None,
        };
        self.skip_space_and_comments()?;
        self.rest.is_empty().then_some(root)
    }

    /// The element whose start tag was just read, up to its end tag.
    fn element(&mut self, name: &str) -> Option<Element> {
        let mut open = vec![Element { name: name.to_owned(), ..Element::default() }];
        loop {
            let text = self.character_data()?;
            open.last_mut()?.text.push_str(&text);
            match self.tag()? {
                Tag::Start(name) if open.len() < MAX_DEPTH => {
                    open.push(Element { name: name.to_owned(), ..Element::default() });
                }
                Tag::Start(_) => return None,
                Tag::Empty(name) => {
                    open.last_mut()?.children.push(Element { name: name.to_owned(), ..Element::default() });
                }
                Tag::End(name) => {
                    let closed = open.pop().filter(|element| element.name == name)?;
                    match open.last_mut() {
                        Some(parent) => parent.children.push(closed),
                        None => return Some(closed),
                    }
                }
            }
        }
    }

    /// Text up to the next tag; comments are dropped, CDATA is taken as it is.
    fn character_data(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            let end = self.rest.find('<')?;
            let (raw, rest) = self.rest.split_at_checked(end)?;
            push_unescaped(&mut text, raw)?;
            self.rest = rest;
            if self.rest.starts_with("<!--") {
                self.comment()?;
            } else if let Some(rest) = self.rest.strip_prefix("<![CDATA[") {
                self.rest = rest;
                text.push_str(self.until("]]>")?);
            } else {
                return Some(text);
            }
        }
    }

    fn tag(&mut self) -> Option<Tag<'a>> {
        self.rest = self.rest.strip_prefix('<')?;
        if let Some(rest) = self.rest.strip_prefix('/') {
            self.rest = rest;
            let name = self.until(">")?.trim_end_matches(is_space);
            return is_name(name).then_some(Tag::End(name));
        }
        let length = self.rest.find(|c: char| is_space(c) || c == '>' || c == '/')?;
        let (name, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        if !is_name(name) {
            return None;
        }
        loop {
            let before = self.rest.len();
            self.skip_space();
            if let Some(rest) = self.rest.strip_prefix('>') {
                self.rest = rest;
                return Some(Tag::Start(name));
            }
            if let Some(rest) = self.rest.strip_prefix("/>") {
                self.rest = rest;
                return Some(Tag::Empty(name));
            }
            if self.rest.len() == before {
                return None;
            }
            self.attribute()?;
        }
    }

    fn attribute(&mut self) -> Option<()> {
        let name = self.until("=")?.trim_end_matches(is_space);
        if !is_name(name) {
            return None;
        }
        self.skip_space();
        let quote = if self.rest.starts_with('"') { "\"" } else { "'" };
        self.rest = self.rest.strip_prefix(quote)?;
        let value = self.until(quote)?;
        (!value.contains('<')).then_some(())
    }

    fn comment(&mut self) -> Option<()> {
        self.rest = self.rest.strip_prefix("<!--")?;
        self.until("-->").map(|_| ())
    }

    /// What stands before `end`, which is read too.
    fn until(&mut self, end: &str) -> Option<&'a str> {
        // By bytes: a search for a `&str` brings the two-way algorithm into the wasm module.
        let place = self.rest.as_bytes().windows(end.len()).position(|bytes| bytes == end.as_bytes())?;
        let (before, rest) = self.rest.split_at_checked(place)?;
        self.rest = rest.strip_prefix(end)?;
        Some(before)
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches(is_space);
    }

    fn skip_space_and_comments(&mut self) -> Option<()> {
        self.skip_space();
        while self.rest.starts_with("<!--") {
            self.comment()?;
            self.skip_space();
        }
        Some(())
    }
}

const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.:".contains(&b))
}

fn push_unescaped(text: &mut String, raw: &str) -> Option<()> {
    let mut rest = raw;
    while let Some((plain, after)) = rest.split_once('&') {
        text.push_str(plain);
        let (entity, after) = after.split_once(';')?;
        text.push(character(entity)?);
        rest = after;
    }
    text.push_str(rest);
    Some(())
}

/// What `&entity;` stands for.
fn character(entity: &str) -> Option<char> {
    match entity {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = entity.strip_prefix('#')?;
            let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |hex| (hex, 16));
            if !digits.chars().all(|c| c.is_digit(radix)) {
                return None;
            }
            u32::from_str_radix(digits, radix).ok().and_then(char::from_u32).filter(|c| *c != '\0')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_entities_cdata_comments_attributes() {
        let document = "  <?xml version=\"1.0\"?>\n<!-- hi --><A xmlns='urn:x' b = \"/>\"><B>1 &lt; 2 &amp;&#x20;&#252;\
                        <!-- no --><![CDATA[<&amp;>]]></B><C/><B/>tail</A >\n";
        let root = parse(document).expect("well formed");
        assert_eq!(root.name(), "A");
        assert_eq!(root.child_text("B"), Some("1 < 2 & ü<&amp;>"));
        assert_eq!(root.children("B").count(), 2);
        assert_eq!(root.child_text("C"), Some(""));
        assert_eq!(root.text(), "tail");
        assert_eq!(root.child_text("D"), None);
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for document in [
            "",
            " ",
            "text",
            "<A>",
            "<A></B>",
            "<A></A><B></B>",
            "<A>&unknown;</A>",
            "<A>&amp</A>",
            "<A>&#0;</A>",
            "<A>&#xD800;</A>",
            "<A>&#+65;</A>",
            "<A><B></A></B>",
            "<!DOCTYPE A><A/>",
            "<A b></A>",
            "<A b=c></A>",
            "</A>",
            "<A b=\"<\"/>",
            "<A/>x",
            "<?xml version='1.0'?",
            "<1/>",
            "<A><![CDATA[</A>",
            "<!--<A/>",
            "<A b='1'c='2'/x>",
        ] {
            assert_eq!(parse(document).map_err(|e| e.kind()), Err(ErrorKind::InvalidResponse), "{document}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "<A>".repeat(depth), "</A>".repeat(depth));
        assert!(parse(&nested(MAX_DEPTH)).is_ok());
        assert!(parse(&nested(MAX_DEPTH + 1)).is_err());
        assert!(parse(&"<A>".repeat(1_000_000)).is_err());
    }

    proptest! {
        #[test]
        fn no_document_makes_it_panic(document in "[<>/&;#xA!\\[\\]\\-= \"'?CDT\\PC]{0,80}") {
            let _ = parse(&document);
        }

        #[test]
        fn escaped_text_comes_back(text in "\\PC{0,40}") {
            let mut escaped = String::new();
            push_escaped(&mut escaped, &text);
            let root = parse(&format!("<R><T>{escaped}</T></R>")).expect("well formed");
            prop_assert_eq!(root.child_text("T"), Some(text.as_str()));
        }
    }
}
