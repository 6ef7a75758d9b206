//! A canonical request, taken apart again.

/// The lines of a canonical request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Canonical {
    pub method: String,
    pub path: String,
    /// Keys and values, percent-encoded, in the order of the line.
    pub query: Vec<(String, String)>,
    /// Names and values; no value where a client sets it itself and it is not known.
    pub headers: Vec<(String, Option<String>)>,
    pub signed_headers: String,
    pub payload: String,
}

impl Canonical {
    /// `None` for a text that has not the seven parts.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut lines: Vec<&str> = text.trim_end_matches(['\n', '\r']).split('\n').collect();
        let payload = lines.pop()?;
        let signed_headers = lines.pop()?;
        // The blank line behind the headers; some servers leave it out when there are none.
        if lines.last().is_some_and(|line| line.is_empty()) && lines.len() > 3 {
            lines.pop();
        }
        let mut lines = lines.into_iter();
        let (method, path, query) = (lines.next()?, lines.next()?, lines.next()?);
        let headers = lines
            .filter(|line| !line.is_empty())
            .map(|line| line.split_once(':').map(|(name, value)| (name.to_owned(), Some(value.to_owned()))))
            .collect::<Option<Vec<_>>>()?;
        Some(Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: pairs(query),
            headers,
            signed_headers: signed_headers.to_owned(),
            payload: payload.trim_end().to_owned(),
        })
    }

    /// The value of a header, if it is there and known.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name)?.1.as_deref()
    }

    pub(super) fn has_header(&self, name: &str) -> bool {
        self.headers.iter().any(|(other, _)| other == name)
    }

    pub(super) fn has_session_token(&self) -> bool {
        let mut names =
            self.headers.iter().map(|(name, _)| name).chain(self.query.iter().map(|(name, _)| name));
        names.any(|name| super::mask::is_session_token(name))
    }
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// Percent-escapes resolved once; what is none stays. Bytes that are not UTF-8
/// become U+FFFD.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = match after {
            [high, low, ..] if first == b'%' => digit(*high).zip(digit(*low)),
            _ => None,
        };
        match escaped {
            Some((high, low)) => {
                bytes.push(high << 4 | low);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
