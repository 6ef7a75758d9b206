//! The credential scope: day, region and service.

use std::fmt;

use crate::error::{Error, ErrorKind, Result};
use crate::time::Timestamp;

/// What a signing key is good for: `YYYYMMDD/region/service/aws4_request`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CredentialScope {
    day: String,
    region: String,
    service: String,
}

impl CredentialScope {
    /// The scope of a day in UTC, a region (`us-east-1`, `auto`, …) and a service (`s3`).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidScope`] unless region and service are 1 to 64 letters,
    /// digits, `-`, `_` or `.`.
    pub fn new(date: Timestamp, region: &str, service: &str) -> Result<Self> {
        if !is_scope_part(region) {
            return Err(Error::new(
                ErrorKind::InvalidScope,
                "the region is not one: it looks like us-east-1",
            ));
        }
        if !is_scope_part(service) {
            return Err(Error::new(ErrorKind::InvalidScope, "the service is not one: it looks like s3"));
        }
        Ok(Self { day: date.date_stamp(), region: region.to_owned(), service: service.to_owned() })
    }

    /// The day, `YYYYMMDD`.
    #[must_use]
    pub fn day(&self) -> &str {
        &self.day
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The service.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }
}

impl fmt::Display for CredentialScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/aws4_request", self.day, self.region, self.service)
    }
}

fn is_scope_part(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}
