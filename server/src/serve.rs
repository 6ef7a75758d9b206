//! The accept loop, and how it ends: no new connections, the calls in flight
//! are finished, and none waits for ever.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt;

use crate::write_timeout::WriteTimeout;

/// A client that takes longer to send its headers is let go (slow loris).
const HEADERS_WITHIN: Duration = Duration::from_secs(15);

/// So long may a client let an answer wait without reading any of it.
const READ_WITHIN: Duration = Duration::from_secs(30);

/// What a server bears.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most connections at a time; further ones wait in the system's queue.
    pub connections: usize,
    /// How long calls in flight may take once it is told to stop.
    pub drain: Duration,
}

/// Serves until `shutdown` resolves, then finishes what is in flight for at
/// most `bounds.drain`.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()>,
    bounds: Bounds,
) {
    let places = Arc::new(Semaphore::new(bounds.connections));
    let connections = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            listener.accept().await.map(|(stream, _)| (stream, place))
        };
        let (stream, place) = tokio::select! {
            accepted = next => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Most often out of file descriptors: busy looping would not help.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = &mut shutdown => break,
        };
        // Answers are small: they leave at once.
        let _ = stream.set_nodelay(true);
        let service =
            router.clone().map_request(|request: Request<Incoming>| request.map(axum::body::Body::new));
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS_WITHIN)
            .serve_connection(
                TokioIo::new(WriteTimeout::new(stream, READ_WITHIN)),
                TowerToHyperService::new(infallible(service)),
            );
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            let ended = connection.await;
            drop(place);
            ended
        });
    }
    drop(listener);
    if connections.count() > 0 {
        tracing::info!(connections = connections.count(), "finishing the calls in flight");
    }
    if tokio::time::timeout(bounds.drain, connections.shutdown()).await.is_err() {
        tracing::warn!("stopped with calls unfinished");
    }
}

/// Pins the error type that a router has.
fn infallible<S: tower::Service<Request<Incoming>, Error = Infallible>>(service: S) -> S {
    service
}

/// Resolves at Ctrl-C or, on Unix, SIGTERM. Whoever says it a second time does
/// not want to wait: the process then ends at once.
pub async fn told_to_stop() {
    signal().await;
    tokio::spawn(async {
        signal().await;
        tracing::warn!("told twice: stopped with calls unfinished");
        std::process::exit(1);
    });
}

async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut interrupt), Ok(mut terminate)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        {
            tokio::select! { _ = interrupt.recv() => (), _ = terminate.recv() => () }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
