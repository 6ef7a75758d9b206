//! An answer cut off in the middle.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use std::{future::Future as _, io};

use bytes::Bytes;
use hyper::Response;
use hyper::body::{Body as _, Frame, SizeHint};
use s3s::{Body, StdError};
use tokio::time::Sleep;

/// Announces the whole body, sends the first `bytes` of it, then fails.
pub(crate) fn truncate(answer: Response<Body>, bytes: u64) -> Response<Body> {
    answer.map(|body| {
        Body::http_body_unsync(Truncated { size: body.size_hint(), body, left: bytes, pause: None })
    })
}

struct Truncated {
    body: Body,
    size: SizeHint,
    left: u64,
    /// Lets what was sent reach the wire before the connection breaks.
    pause: Option<Pin<Box<Sleep>>>,
}

impl hyper::body::Body for Truncated {
    type Data = Bytes;
    type Error = StdError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        let this = &mut *self;
        if this.left > 0 {
            match std::task::ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    if let Ok(mut data) = frame.into_data() {
                        data.truncate(usize::try_from(this.left).unwrap_or(usize::MAX));
                        this.left -= data.len() as u64;
                        return Poll::Ready(Some(Ok(Frame::data(data))));
                    }
                    this.left = 0;
                }
                Some(Err(e)) => return Poll::Ready(Some(Err(e))),
                None => this.left = 0,
            }
        }
        let pause = this.pause.get_or_insert_with(|| Box::pin(tokio::time::sleep(Duration::from_millis(50))));
        std::task::ready!(pause.as_mut().poll(cx));
        Poll::Ready(Some(Err(Box::new(io::Error::from(io::ErrorKind::ConnectionAborted)))))
    }

    fn size_hint(&self) -> SizeHint {
        self.size
    }
}
