//! Keys held against the template that may have made them.

use super::{KeyTemplate, Piece, length};
use crate::endpoint::{UserId, filename};

/// What a key says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyRead<'a> {
    /// The segment of the user, where the template has one.
    pub user: Option<&'a str>,
    /// The file's name as it stands there, where the template has it.
    filename: Option<&'a str>,
}

impl KeyTemplate {
    /// What a key says that this template made; `None` for any other key.
    pub(crate) fn read<'a>(&self, key: &'a str) -> Option<KeyRead<'a>> {
        let mut read = KeyRead { user: None, filename: None };
        let mut rest = key.split('/');
        for pieces in &self.segments {
            read.segment(pieces, rest.next()?)?;
        }
        rest.next().is_none().then_some(read)
    }

    /// Whether this is a key that the template makes for this user, of some
    /// file on some day: what a client proposes is held against it.
    #[must_use]
    pub(crate) fn makes(&self, user: &UserId, key: &str) -> bool {
        let user = user.key_segment();
        self.read(key).is_some_and(|read| {
            let clean = |name: &str| filename::clean(name, self.filename_budget(&user)) == name;
            read.user.is_none_or(|segment| segment == user) && read.filename.is_none_or(clean)
        })
    }
}

impl<'a> KeyRead<'a> {
    /// Takes note of what a segment says, if it is of these pieces. What stands
    /// around the file's name has one length; the name is the rest.
    fn segment(&mut self, pieces: &[Piece], segment: &'a str) -> Option<()> {
        // `{user}` is a segment of its own.
        if pieces == [Piece::User] {
            self.user = Some(segment);
            return is_user(segment).then_some(());
        }
        let at = pieces.iter().position(|piece| *piece == Piece::Filename);
        let (before, after) = pieces.split_at_checked(at.unwrap_or(pieces.len()))?;
        let mut rest = segment;
        for piece in before {
            let (taken, left) = rest.split_at_checked(length(piece, ""))?;
            rest = is_piece(piece, taken).then_some(left)?;
        }
        let [_, after @ ..] = after else { return rest.is_empty().then_some(()) };
        for piece in after.iter().rev() {
            let (left, taken) = rest.split_at_checked(rest.len().checked_sub(length(piece, ""))?)?;
            rest = is_piece(piece, taken).then_some(left)?;
        }
        self.filename = Some(rest);
        (!rest.is_empty()).then_some(())
    }
}

fn is_user(segment: &str) -> bool {
    let encoded = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~');
    !segment.is_empty() && segment.bytes().all(encoded)
}

fn is_piece(piece: &Piece, text: &str) -> bool {
    let shaped = |shape: &str| {
        shape.len() == text.len()
            && shape.bytes().zip(text.bytes()).all(|(wanted, byte)| match wanted {
                b'x' => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
                b'v' => matches!(byte, b'8' | b'9' | b'a' | b'b'),
                b'0' => byte.is_ascii_digit(),
                other => byte == other,
            })
    };
    match piece {
        Piece::Literal(literal) => text == literal,
        // Of version 4, as `create` makes them.
        Piece::Uuid => shaped("xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx"),
        Piece::Date => shaped("0000-00-00"),
        // Each stands elsewhere.
        Piece::User | Piece::Filename => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "6c82a562-cb80-4d10-9632-be89c8513ebf";

    fn read<'a>(template: &str, key: &'a str) -> Option<Option<&'a str>> {
        KeyTemplate::parse(template).expect("a template").read(key).map(|read| read.user)
    }

    #[test]
    fn only_keys_of_the_template_are_read() {
        let template = "a/{user}/{date}-{uuid}/x-{filename}.bin";
        let key = format!("a/an~20na/2026-01-01-{UUID}/x-a.b.bin");
        assert_eq!(read(template, &key), Some(Some("an~20na")));
        for other in [
            key.replace("a/an", "b/an"),
            key.replace("an~20na", ""),
            key.replace("an~20na", "an na"),
            key.replace("an~20na", "an/na"),
            key.replace("2026-01-01", "2026-01-1"),
            key.replace("-6c82a562", "-6C82A562"),
            key.replace("-6c82a562", "-6c82a56-"),
            key.replace("x-a.b.bin", "x-.bin"),
            key.replace("x-a.b.bin", "x-a.b"),
            key.replace("x-a.b.bin", "y-a.b.bin"),
            format!("{key}/"),
            format!("/{key}"),
            String::new(),
        ] {
            assert_eq!(read(template, &other), None, "{other}");
        }
    }
}
