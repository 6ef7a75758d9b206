//! An HTTP answer, as whoever did the I/O hands it over.

use crate::error::{Error, ErrorKind, Result};
use crate::s3::xml::Element;
use crate::s3::{error, xml};

/// Status, headers and (small) body of an answer of S3.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Names (any case) and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body; only documents are read here, never objects.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of that name, whatever its case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// This answer if its status is a success (2xx), else the error in it.
    ///
    /// # Errors
    /// What [`error::parse`] makes of the answer.
    pub fn success(&self) -> Result<&Self> {
        if (200..300).contains(&self.status) { Ok(self) } else { Err(error::parse(self)) }
    }

    /// The document in the body, if its root has this name.
    pub(crate) fn document(&self, root: &str) -> Result<Element> {
        let document = std::str::from_utf8(&self.body).ok().and_then(|body| xml::parse(body).ok());
        document.filter(|document| document.name() == root).ok_or_else(|| {
            Error::new(ErrorKind::InvalidResponse, "S3's answer is not the document that it should be")
                .with_status(self.status)
        })
    }

    pub(crate) fn required_header(&self, name: &str) -> Result<&str> {
        self.header(name).ok_or_else(|| {
            Error::new(ErrorKind::InvalidResponse, format!("S3's answer has no {name} header"))
                .with_status(self.status)
        })
    }
}
