//! Users whom the app's login knows: by the keys that it publishes (JWKS), and
//! by asking it (forward-auth), over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::response::IntoResponse;
use common::jwt::{Es256, hs256_with, unix_now};
use common::stub::{Asked, Stub};
use common::{Options, Running, file, start_with};
use http::StatusCode;
use serde_json::{Value, json};

async fn start(auth: &str) -> Running {
    start_with(Options { toml: format!("[auth]\n{auth}"), ..Options::default() }).await
}

async fn called(server: &Running, headers: &[(&str, &str)]) -> (u16, String) {
    let reply = server.call_as("/uploads", json!({ "files": [file("a.txt", b"a")] }), headers).await;
    if reply.status != 200 {
        return (reply.status, reply.code());
    }
    let key = reply.json()["uploads"][0]["grant"]["key"].as_str().unwrap().to_owned();
    (200, key.split('/').nth(1).unwrap().to_owned())
}

async fn with_token(server: &Running, token: &str) -> (u16, String) {
    called(server, &[("authorization", &format!("Bearer {token}"))]).await
}

fn claims(user: &str) -> Value {
    json!({ "sub": user, "exp": unix_now() + 3600 })
}

/// A login whose set of keys a test changes.
async fn login(keys: &[Value]) -> (Stub, Arc<Mutex<Option<Vec<Value>>>>) {
    let keys = Arc::new(Mutex::new(Some(keys.to_vec())));
    let published = Arc::clone(&keys);
    let stub = Stub::start(move |_: &Asked| match published.lock().unwrap().as_ref() {
        Some(keys) => (StatusCode::OK, json!({ "keys": keys }).to_string()),
        None => (StatusCode::INTERNAL_SERVER_ERROR, String::new()),
    })
    .await;
    (stub, keys)
}

fn jwks(url: &str, more: &str) -> String {
    format!("kind = \"jwt\"\nalgorithm = \"ES256\"\njwks_url = \"{url}/keys\"\n{more}")
}

#[tokio::test]
async fn tokens_of_published_keys_pass_and_no_others() {
    let (ours, stranger) = (Es256::generate(), Es256::generate());
    let (login, _) = login(&[
        json!({ "kty": "oct", "kid": "shared", "k": "c2VjcmV0" }),
        json!({ "kty": "unheard-of", "kid": "new" }),
        json!({ "nothing": true }),
        ours.public_jwk("one"),
    ])
    .await;
    let server = start(&jwks(&login.url, "")).await;
    assert_eq!(with_token(&server, &ours.sign_as("one", &claims("anna"))).await, (200, "anna".to_owned()));
    let expired = json!({ "sub": "anna", "exp": unix_now() - 3600 });
    let header = |alg: &str, kid: &str| json!({ "alg": alg, "kid": kid });
    for refused in [
        stranger.sign_as("one", &claims("anna")),
        ours.sign_as("two", &claims("anna")),
        ours.sign(&claims("anna")),
        ours.sign_as("one", &expired),
        // The public key is public: it is no secret for an HMAC.
        hs256_with(&header("HS256", "one"), &claims("anna"), ours.public_pem().as_bytes()),
        hs256_with(&header("HS256", "shared"), &claims("anna"), b"secret"),
        hs256_with(&header("ES256", "shared"), &claims("anna"), b"secret"),
        "garbage".to_owned(),
    ] {
        assert_eq!(with_token(&server, &refused).await, (401, "unauthenticated".to_owned()), "{refused}");
    }
    assert_eq!(login.asked().len(), 1, "however many unknown keys are named, it is not asked at once again");
}

#[tokio::test]
async fn a_new_key_is_fetched_and_one_taken_away_is_forgotten() {
    let (old, new) = (Es256::generate(), Es256::generate());
    let (login, keys) = login(&[old.public_jwk("old")]).await;
    let server = start(&jwks(&login.url, "jwks_max_age_seconds = 2\njwks_min_interval_seconds = 1\n")).await;
    let (by_old, by_new) = (old.sign_as("old", &claims("anna")), new.sign_as("new", &claims("anna")));
    assert_eq!(with_token(&server, &by_old).await.0, 200);
    *keys.lock().unwrap() = Some(vec![old.public_jwk("old"), new.public_jwk("new")]);
    while with_token(&server, &by_new).await.0 != 200 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(with_token(&server, &by_old).await.0, 200, "both are good while both are published");
    *keys.lock().unwrap() = Some(vec![new.public_jwk("new")]);
    while with_token(&server, &by_old).await.0 == 200 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(with_token(&server, &by_new).await.0, 200);
    // A login that cannot be reached lets nobody in once its keys are old.
    *keys.lock().unwrap() = None;
    while with_token(&server, &by_new).await.0 == 200 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(with_token(&server, &by_new).await, (503, "auth_unavailable".to_owned()));
}

/// An app that knows users by a cookie.
async fn app() -> Stub {
    Stub::start(|asked: &Asked| {
        let user = |name: &'static str| (StatusCode::OK, [("x-user-id", name)]).into_response();
        match asked.header("cookie") {
            Some("session=anna") => user("anna"),
            Some("session=strange") => user(" \u{7f}"),
            Some("session=nameless") => StatusCode::OK.into_response(),
            Some("session=two") => (
                StatusCode::OK,
                axum::response::AppendHeaders([("x-user-id", "anna"), ("x-user-id", "bert")]),
            )
                .into_response(),
            Some("session=login") => {
                (StatusCode::FOUND, [("location", "/login"), ("x-user-id", "anna")]).into_response()
            }
            Some("session=broken") => {
                (StatusCode::INTERNAL_SERVER_ERROR, [("x-user-id", "anna")]).into_response()
            }
            _ if asked.header("authorization") == Some("Bearer anna's") => user("anna"),
            _ => (StatusCode::UNAUTHORIZED, [("x-user-id", "anna")]).into_response(),
        }
    })
    .await
}

#[tokio::test]
async fn the_app_says_who_calls() {
    let app = app().await;
    let server = start(&format!("kind = \"forward\"\nforward_url = \"{}/whoami\"\n", app.url)).await;
    let known = (200, "anna".to_owned());
    let cookie = [("cookie", "session=anna"), ("x-user-id", "mallory"), ("x-forwarded-user", "mallory")];
    assert_eq!(called(&server, &cookie).await, known);
    assert_eq!(called(&server, &[("authorization", "Bearer anna's")]).await, known);
    let asked = app.asked();
    assert_eq!((asked[0].method.as_str(), asked[0].target.as_str()), ("GET", "/whoami"));
    assert!(asked[0].header("x-user-id").is_none() && asked[0].header("x-forwarded-user").is_none());
    let before = app.asked().len();
    assert_eq!(called(&server, &[]).await, (401, "unauthenticated".to_owned()));
    assert_eq!(app.asked().len(), before, "who shows nothing is nobody");
    for session in ["other", "login", "nameless", "two", "strange"] {
        let answer = called(&server, &[("cookie", &format!("session={session}"))]).await;
        assert_eq!(answer, (401, "unauthenticated".to_owned()), "{session}");
    }
    assert_eq!(called(&server, &[("cookie", "session=broken")]).await, (503, "auth_unavailable".to_owned()));
}

#[tokio::test]
async fn an_app_that_does_not_answer_lets_nobody_in() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let server = start(&format!("kind = \"forward\"\nforward_url = \"{url}\"\ntimeout_seconds = 1\n")).await;
    let cookie = [("cookie", "session=anna")];
    assert_eq!(called(&server, &cookie).await, (503, "auth_unavailable".to_owned()), "in time");
    drop(silent);
    assert_eq!(called(&server, &cookie).await, (503, "auth_unavailable".to_owned()), "nobody there");
}
