//! Folders served as they are: the demo page, the package's scripts and wasm.

use std::path::Path;

use axum::Router;
use axum::middleware::map_response;
use axum::response::Response;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use tower_http::services::ServeDir;

use crate::config::ServerConfig;

/// `/` from `www`, `/pkg/` and `/js/` from theirs, as far as they are configured.
pub fn router<S: Clone + Send + Sync + 'static>(config: &ServerConfig) -> Router<S> {
    let mut router = Router::new();
    for (prefix, folder) in [("/pkg", &config.pkg), ("/js", &config.js)] {
        if let Some(folder) = folder {
            router = router.nest_service(prefix, serve(folder));
        }
    }
    if let Some(www) = &config.www {
        router = router.fallback_service(serve(www));
    }
    router.layer(map_response(with_headers))
}

fn serve(folder: &Path) -> ServeDir {
    ServeDir::new(folder)
}

/// Names do not change when contents do, so browsers ask again each time and
/// mostly hear 304.
async fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value| headers.insert(name, HeaderValue::from_static(value));
    set(CACHE_CONTROL, "no-cache");
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    // No page elsewhere lays this one, with its delete buttons, under a click.
    set(X_FRAME_OPTIONS, "SAMEORIGIN");
    // The page after a form has a receipt in its address.
    set(REFERRER_POLICY, "same-origin");
    response
}
