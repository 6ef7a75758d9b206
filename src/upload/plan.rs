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
}

/// What the endpoint granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// One PUT of the whole file, with upload progress.
    Put,
    /// One POST form that holds the whole file. It goes without a listener on
    /// the upload, so without a CORS preflight; its progress is whole or nothing.
    Post,
}

impl Plan {
    /// Whether a file of `size` bytes can travel so.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSize`] above 5 GiB.
    pub fn check_size(self, size: u64) -> Result<()> {
        if size > MAX_SINGLE_REQUEST_SIZE {
            return Err(Error::new(
                ErrorKind::InvalidSize,
                "one request to S3 carries at most 5 GiB; this file is larger",
            ));
        }
        Ok(())
    }

    /// Whether the browser reports the bytes of this transport as they leave.
    #[must_use]
    pub const fn reports_progress(self) -> bool {
        matches!(self, Self::Put)
    }

    /// Whether a signed request is of this plan.
    pub(super) const fn matches(self, content: &RequestContent) -> bool {
        matches!(
            (self, content),
            (Self::Put, RequestContent::Put { .. }) | (Self::Post, RequestContent::Post { .. })
        )
    }
}
