//! A request's body, watched on its way to s3s and drained behind it.

use std::future::Future as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use std::{fmt, io};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use s3s::StdError;
use tokio::time::Sleep;

use super::digests::{DigestMismatch, Digests};
use super::framing::Framing;
use crate::faults::{Fault, FaultKind};

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
    inspection: Inspection,
    received: u64,
    ended: bool,
    /// Fails the body once this many bytes have come.
    trip_after: Option<u64>,
    tripped: bool,
    throttle: Option<Throttle>,
    mismatch: Option<DigestMismatch>,
}

/// Holds each frame back for as long as it would have taken.
#[derive(Debug)]
struct Throttle {
    bytes_per_second: u64,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Throttle {
    fn slow_down(&mut self, bytes: usize) {
        let millis = (bytes as u64).saturating_mul(1000) / self.bytes_per_second.max(1);
        self.pause = Some(Box::pin(tokio::time::sleep(Duration::from_millis(millis))));
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(pause) = &mut self.pause {
            std::task::ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        Poll::Ready(())
    }
}

/// What is checked of a body as it passes.
#[derive(Debug)]
pub(crate) enum Inspection {
    /// Nothing here: its operation does it.
    None,
    /// The framing of `aws-chunked`.
    Chunks(Framing),
    /// The digests of a document.
    Document(Box<Digests>),
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
    /// A body to be inspected, and what the fault of its request does to it.
    pub(crate) fn new(
        incoming: Incoming,
        inspection: Inspection,
        fault: Option<&Fault>,
    ) -> (Self, BodyWatch) {
        let trip_after = fault.and_then(|fault| fault.after_bytes);
        let throttle = match fault.map(|fault| &fault.kind) {
            Some(&FaultKind::Throttle { bytes_per_second }) => {
                Some(Throttle { bytes_per_second, pause: None })
            }
            _ => None,
        };
        let shared = Arc::new(Mutex::new(Shared {
            ended: incoming.is_end_stream(),
            incoming,
            inspection,
            received: 0,
            trip_after,
            tripped: false,
            throttle,
            mismatch: None,
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
        shared.ended && matches!(shared.inspection, Inspection::None)
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
        if let Some(throttle) = &mut self.throttle {
            std::task::ready!(throttle.poll(cx));
        }
        let frame = if self.ended { Poll::Ready(None) } else { Pin::new(&mut self.incoming).poll_frame(cx) };
        Poll::Ready(match std::task::ready!(frame) {
            Some(Ok(frame)) => {
                let data = frame.data_ref().map(Bytes::as_ref).unwrap_or_default();
                self.received += data.len() as u64;
                if let Some(throttle) = &mut self.throttle {
                    throttle.slow_down(data.len());
                }
                let mut inspected = Ok(());
                match &mut self.inspection {
                    Inspection::None => {}
                    Inspection::Chunks(framing) => inspected = framing.update(data).map_err(StdError::from),
                    Inspection::Document(digests) => digests.update(data),
                }
                // Whoever counts bytes does not ask again after the last one.
                if inspected.is_ok() && self.incoming.is_end_stream() {
                    inspected = self.end();
                }
                Some(inspected.map(|()| frame))
            }
            Some(Err(e)) => {
                self.ended = true;
                Some(Err(Box::new(io::Error::other(e))))
            }
            None => self.end().err().map(Err),
        })
    }

    /// Judges the whole body, once.
    fn end(&mut self) -> Result<(), StdError> {
        self.ended = true;
        match std::mem::replace(&mut self.inspection, Inspection::None) {
            Inspection::None => Ok(()),
            Inspection::Chunks(framing) => Ok(framing.finish()?),
            Inspection::Document(digests) => digests.finish().map_err(|mismatch| {
                self.mismatch = Some(mismatch);
                mismatch.into()
            }),
        }
    }
}

impl BodyWatch {
    pub(crate) fn received(&self) -> u64 {
        lock(&self.0).received
    }

    pub(crate) fn tripped(&self) -> bool {
        lock(&self.0).tripped
    }

    /// The digest of a document that did not match.
    pub(crate) fn mismatch(&self) -> Option<DigestMismatch> {
        lock(&self.0).mismatch
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
            shared.throttle = None;
            shared.inspection = Inspection::None;
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
