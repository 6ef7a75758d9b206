//! Where the rules put objects.

mod read;

use crate::endpoint::UserId;
use crate::endpoint::filename;
use crate::error::{Error, ErrorKind, Result};
use crate::s3::limits::MAX_KEY_BYTES;
use crate::s3::{FILENAME_VARIABLE, ObjectKey};
use crate::time::Timestamp;

/// Longest segment that a file name is given: S3s over a file system take 255 bytes.
const MAX_SEGMENT: usize = 255;
/// Longest literal text of a template: leaves room for everything else.
const MAX_LITERALS: usize = 400;
/// Longest literal text beside `{filename}` in its segment.
const MAX_BESIDE_FILENAME: usize = 100;

/// A key template such as `uploads/{user}/{date}/{uuid}/{filename}`.
///
/// | placeholder | what |
/// | --- | --- |
/// | `{user}` | the user, encoded; a segment of its own |
/// | `{uuid}` | a random UUID: 122 bits that nobody guesses |
/// | `{filename}` | the file's name, cleaned |
/// | `{date}` | the day, `YYYY-MM-DD` |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyTemplate {
    segments: Vec<Vec<Piece>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    User,
    Uuid,
    Filename,
    Date,
}

/// What fills a template.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyParts<'a> {
    pub user: &'a UserId,
    pub uuid: &'a str,
    pub filename: &'a str,
    pub now: Timestamp,
}

impl KeyTemplate {
    /// Parses a template.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidKey`] for an unknown, repeated or unclosed
    /// placeholder, `{user}` that is not a whole segment, S3's own
    /// `${filename}`, empty or dot segments, control characters, backslashes,
    /// and more than 400 bytes of text of its own.
    pub fn parse(template: &str) -> Result<Self> {
        if template.contains("${") {
            return Err(invalid("S3 would replace ${filename} by a name that the page chooses"));
        }
        if template.chars().any(|c| c.is_control() || c == '\\') {
            return Err(invalid("a key template has no control characters and no backslashes"));
        }
        let segments = template.split('/').map(pieces).collect::<Result<Vec<_>>>()?;
        let template = Self { segments };
        template.check()?;
        Ok(template)
    }

    /// Whether every key has a part that nobody can guess.
    #[must_use]
    pub fn is_unguessable(&self) -> bool {
        self.has(&Piece::Uuid)
    }

    /// Whether no two users have a key in common.
    #[must_use]
    pub fn is_per_user(&self) -> bool {
        self.has(&Piece::User)
    }

    /// The text that every key begins with, up to the first placeholder.
    #[must_use]
    pub fn literal_prefix(&self) -> String {
        let mut prefix = String::new();
        for (index, segment) in self.segments.iter().enumerate() {
            if index > 0 {
                prefix.push('/');
            }
            for piece in segment {
                match piece {
                    Piece::Literal(text) => prefix.push_str(text),
                    _ => return prefix,
                }
            }
        }
        prefix
    }

    /// The key that these parts make.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidKey`] for a key that cannot be sent; the template's
    /// own rules leave none, so this is the second lock on the same door.
    pub(crate) fn expand(&self, parts: KeyParts<'_>) -> Result<ObjectKey> {
        let user = parts.user.key_segment();
        let date: String = parts.now.iso8601().chars().take(10).collect();
        let name = filename::clean(parts.filename, self.filename_budget(&user));
        let mut key = String::new();
        for (index, segment) in self.segments.iter().enumerate() {
            if index > 0 {
                key.push('/');
            }
            for piece in segment {
                key.push_str(match piece {
                    Piece::Literal(text) => text,
                    Piece::User => &user,
                    Piece::Uuid => parts.uuid,
                    Piece::Filename => &name,
                    Piece::Date => &date,
                });
            }
        }
        if key.contains(FILENAME_VARIABLE) {
            return Err(invalid("S3 would replace ${filename} in the key"));
        }
        let key = ObjectKey::parse(&key)?;
        key.sendable_by_put()?;
        Ok(key)
    }

    /// What all keys of a user begin with.
    #[must_use]
    pub(crate) fn prefix_of(&self, user: &UserId) -> String {
        let mut prefix = String::new();
        for segment in &self.segments {
            match segment.as_slice() {
                [Piece::Literal(text)] => prefix.push_str(text),
                [Piece::User] => prefix.push_str(&user.key_segment()),
                _ => break,
            }
            prefix.push('/');
        }
        prefix
    }

    fn has(&self, wanted: &Piece) -> bool {
        self.segments.iter().flatten().any(|piece| piece == wanted)
    }

    fn check(&self) -> Result<()> {
        for wanted in [Piece::User, Piece::Uuid, Piece::Filename, Piece::Date] {
            if self.segments.iter().flatten().filter(|piece| **piece == wanted).count() > 1 {
                return Err(invalid("a placeholder stands twice in the key template"));
            }
        }
        if self.literal_bytes(self.segments.iter().flatten()) > MAX_LITERALS {
            return Err(invalid("a key template has at most 400 bytes of text of its own"));
        }
        for segment in &self.segments {
            if segment.contains(&Piece::User) && segment.len() > 1 {
                return Err(invalid("{user} must be a segment of its own: /{user}/"));
            }
            if segment.contains(&Piece::Filename) && self.literal_bytes(segment.iter()) > MAX_BESIDE_FILENAME
            {
                return Err(invalid("a key template has at most 100 bytes of text beside {filename}"));
            }
            match segment.as_slice() {
                [] => return Err(invalid("a key template has no empty segment")),
                [Piece::Literal(text)] if matches!(text.as_str(), "." | "..") => {
                    return Err(invalid("a key template has no '.' or '..' segment"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Bytes that the file's name may have, in its segment and in the key.
    fn filename_budget(&self, user: &str) -> usize {
        let length = |piece: &Piece| length(piece, user);
        let total: usize = self.segments.iter().flatten().map(length).sum::<usize>() + self.segments.len();
        let own = self.segments.iter().find(|segment| segment.contains(&Piece::Filename));
        let beside: usize = own.into_iter().flatten().map(length).sum();
        MAX_SEGMENT.saturating_sub(beside).min(MAX_KEY_BYTES.saturating_sub(total))
    }

    fn literal_bytes<'a>(&self, pieces: impl Iterator<Item = &'a Piece>) -> usize {
        pieces.map(|piece| if let Piece::Literal(text) = piece { text.len() } else { 0 }).sum()
    }
}

/// Bytes of a piece; of the file's name, which may have any, none.
fn length(piece: &Piece, user: &str) -> usize {
    match piece {
        Piece::Literal(text) => text.len(),
        Piece::User => user.len(),
        Piece::Uuid => 36,
        Piece::Date => 10,
        Piece::Filename => 0,
    }
}

fn pieces(segment: &str) -> Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = segment;
    while !rest.is_empty() {
        let open = rest.find(['{', '}']).unwrap_or(rest.len());
        let (literal, after) = rest.split_at_checked(open).unwrap_or((rest, ""));
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal.to_owned()));
        }
        let Some(inner) = after.strip_prefix('{') else {
            if after.is_empty() {
                break;
            }
            return Err(invalid("a '}' in the key template closes nothing"));
        };
        let (name, after) =
            inner.split_once('}').ok_or_else(|| invalid("a '{' in the key template is not closed"))?;
        pieces.push(match name {
            "user" => Piece::User,
            "uuid" => Piece::Uuid,
            "filename" => Piece::Filename,
            "date" => Piece::Date,
            _ => {
                return Err(invalid(
                    "a key template knows the placeholders {user}, {uuid}, {filename} and {date}",
                ));
            }
        });
        rest = after;
    }
    Ok(pieces)
}

fn invalid(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidKey, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UUID: &str = "6c82a562-cb80-4d10-9632-be89c8513ebf";

    #[test]
    fn the_text_before_the_first_placeholder() {
        for (template, prefix) in [
            ("uploads/{user}/{uuid}", "uploads/"),
            ("a/b/{uuid}", "a/b/"),
            ("a/b-{uuid}", "a/b-"),
            ("{uuid}", ""),
            ("plain/name", "plain/name"),
        ] {
            assert_eq!(KeyTemplate::parse(template).expect("a template").literal_prefix(), prefix);
        }
    }

    proptest! {
        #[test]
        fn a_template_reads_its_own_keys(
            user in "[^\\p{Cc}]{1,40}",
            name in "[^\\p{Cc}$]{1,300}",
            template in prop::sample::select(&[
                "uploads/{user}/{uuid}/{filename}",
                "{user}/{date}/{uuid}-{filename}",
                "a/{uuid}{filename}b/{user}",
                "{date}{uuid}/{filename}.ü",
            ][..]),
        ) {
            let template = KeyTemplate::parse(template).expect("a template");
            let user = UserId::parse(&user).expect("a user");
            let now = Timestamp::from_unix_seconds(1_767_225_600);
            let parts = KeyParts { user: &user, uuid: UUID, filename: &name, now };
            let key = template.expand(parts).expect("a key");
            let read = template.read(key.as_str()).expect("its own key");
            prop_assert!(read.user.is_none_or(|segment| segment == user.key_segment()));
            prop_assert_eq!(read.user.is_some(), template.is_per_user());
            prop_assert!(key.as_str().starts_with(&template.literal_prefix()));
        }
    }
}
