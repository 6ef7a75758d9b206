//! How a file travels to S3.

use super::action::RequestContent;
use crate::error::{Error, ErrorKind, Result};
use crate::s3::limits::MAX_SINGLE_REQUEST_SIZE;

/// What the page asks the endpoint for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// The endpoint chooses: its grant says which [`Plan`] it made.
    #[default]
    Auto,
    /// One PUT with a signed `Authorization` header.
    Put,
    /// One `multipart/form-data` POST under its own policy.
    Post,
    /// Parts, several at once.
    Multipart,
}

/// What the endpoint granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// One PUT of the whole file, with upload progress.
    Put,
    /// One POST form that holds the whole file. It goes without a listener on
    /// the upload, so without a CORS preflight; its progress is whole or nothing.
    Post,
    /// Parts of `part_size` bytes each (the last one of what is left), sent
    /// several at once and put together by S3.
    Multipart {
        /// Bytes of a part: 5 MiB to 5 GiB.
        part_size: u64,
        /// How many parts: 1 to 10,000.
        parts: u16,
    },
}

impl Plan {
    /// Whether a file of `size` bytes can travel so.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSize`] above 5 GiB in one request, and for parts
    /// that do not make up the file.
    pub fn check_size(self, size: u64) -> Result<()> {
        match self {
            Self::Put | Self::Post if size > MAX_SINGLE_REQUEST_SIZE => Err(Error::new(
                ErrorKind::InvalidSize,
                "one request to S3 carries at most 5 GiB; this file is larger",
            )),
            Self::Multipart { part_size, parts }
                if part_size == 0
                    || part_size > MAX_SINGLE_REQUEST_SIZE
                    || size.div_ceil(part_size).max(1) != u64::from(parts) =>
            {
                Err(Error::new(ErrorKind::InvalidSize, "the granted parts do not make up the file"))
            }
            _ => Ok(()),
        }
    }

    /// Whether the browser reports the bytes of this transport as they leave.
    #[must_use]
    pub const fn reports_progress(self) -> bool {
        matches!(self, Self::Put | Self::Multipart { .. })
    }

    /// Whether a signed request is of this plan.
    pub(super) const fn matches(self, content: &RequestContent) -> bool {
        matches!(
            (self, content),
            (Self::Put, RequestContent::Put { .. })
                | (Self::Post, RequestContent::Post { .. })
                | (Self::Multipart { .. }, RequestContent::Control { .. })
        )
    }
}
