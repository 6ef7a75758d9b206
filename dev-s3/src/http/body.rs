//! A request's body, watched on its way to s3s and drained behind it.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use std::{fmt, io};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use s3s::StdError;

use super::framing::Framing;

/// Most bytes read and thrown away after an early answer: a client that is
/// still sending would otherwise meet a reset before it reads the answer.
const DRAIN_BYTES: u64 = 256 << 20;
const DRAIN_TIME: Duration = Duration::from_secs(30);

/// The body as s3s reads it; [`BodyWatch`] keeps hold of it.
#[derive(Debug)]
pub(crate) struct RequestBody(Arc<Mutex<Shared>>);

/// The pipeline's end of a [`RequestBody`].
#[derive(Debug, Clone)]
pub(crate) struct BodyWatch(Arc<Mutex<Shared>>);

#[derive(Debug)]
struct Shared {
    incoming: Incoming,
    framing: Option<Framing>,
    received: u64,
    ended: bool,
    /// Fails the body once this many bytes have come.
    trip_after: Option<u64>,
    tripped: bool,
}

/// A fault struck in mid-body.
#[derive(Debug)]
struct Tripped;

impl fmt::Display for Tripped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fault was injected into the body")
    }
}

impl std::error::Error for Tripped {}

impl RequestBody {
    pub(crate) fn new(incoming: Incoming, aws_chunked: bool, trip_after: Option<u64>) -> (Self, BodyWatch) {
        let shared = Arc::new(Mutex::new(Shared {
            ended: incoming.is_end_stream(),
            incoming,
            framing: aws_chunked.then(Framing::new),
            received: 0,
            trip_after,
            tripped: false,
        }));
        (Self(Arc::clone(&shared)), BodyWatch(shared))
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = StdError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        lock(&self.0).poll(cx)
    }

    fn is_end_stream(&self) -> bool {
        let shared = lock(&self.0);
        shared.ended && shared.framing.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        lock(&self.0).incoming.size_hint()
    }
}

impl Shared {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        if self.trip_after.is_some_and(|limit| self.received >= limit) {
            self.tripped = true;
            return Poll::Ready(Some(Err(Box::new(Tripped))));
        }
        let frame = if self.ended { Poll::Ready(None) } else { Pin::new(&mut self.incoming).poll_frame(cx) };
        Poll::Ready(match std::task::ready!(frame) {
            Some(Ok(frame)) => {
                let data = frame.data_ref().map(Bytes::as_ref).unwrap_or_default();
                self.received += data.len() as u64;
                let framed = self.framing.as_mut().map_or(Ok(()), |framing| framing.update(data));
                Some(framed.map(|()| frame).map_err(Into::into))
            }
            Some(Err(e)) => {
                self.ended = true;
                Some(Err(Box::new(io::Error::other(e))))
            }
            None => {
                self.ended = true;
                // Checked once: s3s asks again after an error.
                let framed = self.framing.take().map_or(Ok(()), |framing| framing.finish());
                framed.err().map(|e| Err(e.into()))
            }
        })
    }
}

impl BodyWatch {
    pub(crate) fn received(&self) -> u64 {
        lock(&self.0).received
    }

    pub(crate) fn tripped(&self) -> bool {
        lock(&self.0).tripped
    }

    /// Reads on behind an answer, so that its client can finish sending.
    ///
    /// Not when the client waits for leave to send (`Expect: 100-continue`): the
    /// answer is what it waits for.
    pub(crate) fn drain(self, expects_continue: bool) {
        let shared = lock(&self.0);
        if shared.ended || (expects_continue && shared.received == 0) {
            return;
        }
        drop(shared);
        tokio::spawn(async move {
            let _ = tokio::time::timeout(DRAIN_TIME, self.discard()).await;
        });
    }

    async fn discard(self) {
        let start = self.received();
        {
            let mut shared = lock(&self.0);
            shared.trip_after = None;
            shared.framing = None;
        }
        let mut body = RequestBody(self.0);
        while let Some(Ok(_)) = body.frame().await {
            if lock(&body.0).received - start > DRAIN_BYTES {
                break;
            }
        }
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
