//! A small HTTP service on a real socket, that answers as a test says and
//! remembers what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// One call that it was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    /// Path and query.
    pub target: String,
    pub headers: http::HeaderMap,
    pub body: String,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// Runs until it is dropped.
pub struct Stub {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    _stop: oneshot::Sender<()>,
}

impl Stub {
    pub async fn start<R: IntoResponse>(
        answer: impl Fn(&Asked) -> R + Clone + Send + Sync + 'static,
    ) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        let router = Router::new().fallback(move |request: Request| {
            let (answer, seen) = (answer.clone(), Arc::clone(&seen));
            async move { answered(request, &answer, &seen).await }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            let bounds = sealift_server::serve::Bounds { connections: 64, drain: Duration::ZERO };
            sealift_server::serve::serve(listener, router, stopped, bounds).await;
        });
        Self { url, asked, _stop: stop }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answered<R: IntoResponse>(
    request: Request,
    answer: &impl Fn(&Asked) -> R,
    seen: &Mutex<Vec<Asked>>,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
    let asked = Asked {
        method: parts.method.to_string(),
        target: parts.uri.to_string(),
        headers: parts.headers,
        body,
    };
    let response = answer(&asked).into_response();
    seen.lock().unwrap().push(asked);
    response
}
