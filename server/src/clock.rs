//! The machine's clock.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use sealift::Timestamp;

pub use sealift::endpoint::service::Clock;

/// The clock of the operating system, to be corrected by what S3 says.
#[must_use]
pub fn system() -> Clock {
    Clock::new(Arc::new(|| {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Timestamp::from_unix_seconds(i64::try_from(seconds).unwrap_or(i64::MAX))
    }))
}
