//! `GET /forms/finish/{grant}`: where S3 sends the browser after a plain form.

use super::{Ports, Service};
use crate::endpoint::Refusal;

impl<P: Ports> Service<P> {
    /// Looks at what arrived and answers where the browser goes: to the app's
    /// page, with the receipt, or with why there is none.
    ///
    /// S3 adds `bucket`, `key` and `etag` to the address, which anybody could
    /// have written: only the grant counts. No login is asked for either: the
    /// grant says whose upload it is, and the receipt is good for that user alone.
    ///
    /// # Errors
    /// Those of a form's grant, which leave no page to go to.
    pub async fn finish_form(&self, grant: &str) -> Result<String, Refusal> {
        let now = self.ports.now();
        let check = self.endpoint.begin_form_finish(now, grant)?;
        let found = self.head(&check.head()).await;
        let concluded = found.and_then(|found| check.conclude(now, found.as_ref()));
        let allowed = match concluded {
            Ok(finished) => self.allow_finished(&finished.upload).await.map(|()| finished.location),
            Err(refusal) => Err(refusal),
        };
        Ok(allowed.unwrap_or_else(|refusal| check.failure_location(&refusal)))
    }
}
