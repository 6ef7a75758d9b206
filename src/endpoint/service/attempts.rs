//! The backend's own requests to S3, tried again where that may help.

use std::future::Future;
use std::time::Duration;

use super::Clock;
use crate::error::{Error, Result};
use crate::s3::Response;
use crate::sigv4::Request;

/// Waits before the second and third try; S3 answers 503 when it is asked too fast.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// Most of the backend's requests to S3: HEAD, DELETE, a page of a list.
const ATTEMPT: Duration = Duration::from_secs(8);
/// Those in which S3 copies or puts together what is large.
const LONG_ATTEMPT: Duration = Duration::from_secs(300);

/// How long one attempt of a request may take, from its connection to the last
/// byte of its answer.
#[must_use]
pub fn patience(request: &Request) -> Duration {
    let copies = request.headers().iter().any(|(name, _)| name == "x-amz-copy-source");
    if copies || request.method() == "POST" { LONG_ATTEMPT } else { ATTEMPT }
}

/// Makes attempts until one is answered for good, three at most, and answers
/// what the last one came to. An attempt that S3 refused for its date moves the
/// clock, so the next one has another.
///
/// # Errors
/// That of the last attempt.
pub async fn repeated<A, P>(
    clock: &Clock,
    mut attempt: impl FnMut() -> A,
    mut pause: impl FnMut(Duration) -> P,
) -> Result<Response>
where
    A: Future<Output = Result<Response>>,
    P: Future<Output = ()>,
{
    let mut pauses = PAUSES.into_iter();
    loop {
        let skew = clock.skew_seconds();
        let answer = attempt().await;
        let again = match &answer {
            Ok(Response { status, .. }) => {
                // A HEAD that is refused for its date says no more than 403.
                *status >= 500 || *status == 429 || (*status == 403 && clock.skew_seconds() != skew)
            }
            Err(error) => Error::retryable(error),
        };
        match pauses.next().filter(|_| again) {
            Some(wait) => pause(wait).await,
            None => return answer,
        }
    }
}
