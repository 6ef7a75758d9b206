//! For those who run it: metrics, readiness, drain, logs for machines, rotation
//! of the app's key.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::time::Duration;

use common::client::Client;
use common::process::{Process, command};
use common::redis::Redis;
use common::stub::{Asked, Stub};
use common::{Options, file, start_with};
use serde_json::{Value, json};

async fn uploads(url: &str, headers: &[(&str, &str)], body: Value) -> common::client::Reply {
    let mut all = vec![("content-type", "application/json")];
    all.extend(headers);
    Client::new().send("POST", &format!("{url}/sealift/uploads"), &all, body.to_string().into_bytes()).await
}

#[tokio::test]
async fn metrics_have_an_address_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(&folder.path().join("data"));
    command.args(["--dev-s3-listen", "127.0.0.1:0"]).env("SEALIFT__SERVER__METRICS_LISTEN", "127.0.0.1:0");
    let server = Process::start(command);
    let created =
        uploads(&server.url, &[], json!({ "files": [file("a.txt", b"hello"), file("b.txt", b"hi")] })).await;
    assert_eq!(created.status, 200);
    assert_eq!(uploads(&server.url, &[], json!([])).await.status, 400);
    assert_eq!(Client::new().get(&format!("{}/metrics", server.url)).await.status, 404, "not for everybody");
    let metrics = Client::new().get(&format!("{}/metrics", server.metrics_url)).await;
    assert!(metrics.header("content-type").unwrap().starts_with("application/openmetrics-text"));
    let text = metrics.text();
    for line in [
        "sealift_calls_total{call=\"/sealift/uploads\",status=\"200\"} 1",
        "sealift_calls_total{call=\"/sealift/uploads\",status=\"400\"} 1",
        "sealift_refusals_total{code=\"malformed_request\"} 1",
        "sealift_intents_total{environment=\"default\"} 2",
        "sealift_files_total{environment=\"default\"} 2",
        "sealift_granted_bytes_total{environment=\"default\"} 7",
        "sealift_calls_in_flight 0",
        "sealift_ready 1.0",
        "sealift_call_seconds_count{call=\"/sealift/uploads\"} 2",
        "# EOF",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(text.contains("sealift_s3_answers_total{environment=\"default\",status=\""), "{text}");
    for path in ["/healthz", "/readyz"] {
        assert_eq!(Client::new().get(&format!("{}{path}", server.metrics_url)).await.status, 200);
    }
}

#[tokio::test]
async fn told_to_stop_it_is_no_longer_ready_before_it_takes_no_more() {
    let toml = "[server]\ndrain_delay_seconds = 60\n".to_owned();
    let mut server = start_with(Options { toml, ..Options::default() }).await;
    let (ready, health) = (format!("{}/readyz", server.url), format!("{}/healthz", server.url));
    assert_eq!(server.client.get(&ready).await.json(), json!({ "status": "ready" }));
    server.tell_to_stop();
    while server.client.get(&ready).await.status == 200 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let not = server.client.get(&ready).await;
    assert_eq!((not.status, not.json()), (503, json!({ "status": "stopping" })));
    assert_eq!(server.client.get(&health).await.status, 200, "it lives");
    let call = server.call("/uploads", json!({ "files": [file("a.txt", b"a")] })).await;
    assert_eq!(call.status, 200, "and still answers");
}

#[tokio::test]
async fn a_line_for_machines_holds_the_id_that_the_page_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(&folder.path().join("data"));
    command.args(["--dev-s3-listen", "127.0.0.1:0", "--log-format", "json"]);
    let server = Process::start(command);
    let refused = uploads(&server.url, &[], json!([])).await;
    let id = refused.json()["error"]["requestId"].as_str().unwrap().to_owned();
    server.terminate();
    let ended = tokio::task::spawn_blocking(|| server.wait()).await.unwrap();
    let lines: Vec<Value> =
        ended.stderr.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let found = lines.iter().find(|line| line["span"]["id"] == json!(id)).expect("the call's line");
    assert_eq!(
        (&found["span"]["call"], &found["status"]),
        (&json!("/sealift/uploads"), &json!(400)),
        "{found}"
    );
    assert!(lines.iter().all(|line| line["timestamp"].is_string() && line["level"].is_string()));
}

#[tokio::test]
async fn the_apps_key_is_changed_without_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let (new, old) = (folder.path().join("new"), folder.path().join("old"));
    std::fs::write(&new, "the-new-key-of-the-app").unwrap();
    std::fs::write(&old, "the-old-key-of-the-app\n").unwrap();
    let key = |name: &str, path: &std::path::Path| format!("{name} = {:?}\n", path.to_str().unwrap());
    let toml =
        format!("[server]\n{}old_app_key_files = [{:?}]\n", key("app_key_file", &new), old.to_str().unwrap());
    let server = start_with(Options { toml, ..Options::default() }).await;
    let status = async |key: &str| {
        let authorization = format!("Bearer {key}");
        let headers = [("authorization", authorization.as_str())];
        server.call_as("/receipts/verify", json!({ "receipts": [] }), &headers).await.status
    };
    assert_eq!(status("the-new-key-of-the-app").await, 200);
    assert_eq!(status("the-old-key-of-the-app").await, 200);
    assert_eq!(status("the-older-key-of-the-app").await, 401);
    // Once it is taken away it opens nothing.
    let toml = format!("[server]\n{}", key("app_key_file", &new));
    let server = start_with(Options { toml, ..Options::default() }).await;
    let headers = [("authorization", "Bearer the-old-key-of-the-app")];
    assert_eq!(server.call_as("/receipts/verify", json!({ "receipts": [] }), &headers).await.status, 401);
}

/// Those of the app's login, of the credentials' service and of Redis; the
/// others' are in `process.rs`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_others_trust_the_server_with_is_logged() {
    let app = Stub::start(|asked: &Asked| match asked.header("cookie") {
        Some(_) => {
            (http::StatusCode::OK, [("x-user-id", "anna"), ("set-cookie", "session=SECRET-new-cookie")])
        }
        None => (http::StatusCode::BAD_GATEWAY, [("x-user-id", "anna"), ("x-debug", "SECRET-of-the-app")]),
    })
    .await;
    let expires = sealift_server::clock::system().now().plus_seconds(2).iso8601();
    let metadata = Stub::start(move |_: &Asked| {
        json!({ "AccessKeyId": "ASIATEMPORARY", "SecretAccessKey": "SECRET-of-s3", "Token": "SECRET-session-token",
            "Expiration": expires })
        .to_string()
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("sealift.toml");
    std::fs::write(
        &config,
        format!(
            "[s3]\nendpoint = \"http://127.0.0.1:9\"\nregion = \"us-east-1\"\nbucket = \"attachments\"\n\
             credentials = \"container\"\n[auth]\nkind = \"forward\"\nforward_url = \"{}/who?key=SECRET-in-the-url\"\n\
             [limits]\nstore = \"redis\"\ncalls_per_minute = 2\n",
            app.url
        ),
    )
    .unwrap();
    // One that is there refuses the password; one that is not cannot be reached.
    let redis = Redis::start();
    let port =
        redis.as_ref().map_or("9", |redis| redis.url.rsplit(':').next().unwrap().trim_end_matches("/0"));
    let mut command = command(&folder.path().join("data"));
    command.args(["--log", "trace", "--config", config.to_str().unwrap()]);
    command.env("SEALIFT__LIMITS__REDIS_URL", format!("redis://:SECRET-of-redis@127.0.0.1:{port}/0"));
    command.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{}/keys", metadata.url));
    command.env("AWS_CONTAINER_AUTHORIZATION_TOKEN", "SECRET-container-token");
    let server = Process::start(command);
    let call = || json!({ "files": [file("a.txt", b"a")] });
    let known = uploads(&server.url, &[("cookie", "session=SECRET-cookie")], call()).await;
    assert_eq!((known.status, known.code().as_str()), (503, "limiter_unavailable"));
    let bearer = [("authorization", "Bearer SECRET-bearer")];
    assert_eq!(uploads(&server.url, &bearer, call()).await.code(), "auth_unavailable");
    while metadata.asked().len() < 3 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.terminate();
    let ended = tokio::task::spawn_blocking(|| server.wait()).await.unwrap();
    let output = ended.stdout + &ended.stderr;
    for said in ["does not answer; the call is refused", "the app does not say who calls"] {
        assert!(output.contains(said), "{said} is not in\n{output}");
    }
    let leaked = output.lines().find(|line| line.contains("SECRET"));
    assert_eq!(leaked, None);
}

/// Asks for the health over a connection that stays open; true for a 200.
async fn healthy(connection: &mut tokio::net::TcpStream) -> bool {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    connection.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut answer = vec![0; 4096];
    let read = connection.read(&mut answer).await.unwrap();
    answer[..read].starts_with(b"HTTP/1.1 200")
}

#[tokio::test]
async fn connections_beyond_the_most_wait_for_one_to_end() {
    let toml = "[server]\nmax_connections = 1\n".to_owned();
    let server = start_with(Options { toml, ..Options::default() }).await;
    let address = server.url.strip_prefix("http://").unwrap().to_owned();
    let mut first = tokio::net::TcpStream::connect(&address).await.unwrap();
    assert!(healthy(&mut first).await);
    let mut second = tokio::net::TcpStream::connect(&address).await.unwrap();
    let waiting = tokio::spawn(async move { healthy(&mut second).await });
    for _ in 0..100 {
        assert!(healthy(&mut first).await);
    }
    assert!(!waiting.is_finished(), "the second is not let in beside the first");
    drop(first);
    assert!(waiting.await.unwrap());
}
