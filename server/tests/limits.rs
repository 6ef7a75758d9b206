//! How much a user may do: in one process, and over replicas that share a real
//! Redis or Valkey, its death included.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::client::{Client, Reply};
use common::jwt::{SECRET, bearer};
use common::process::{Process, command};
use common::redis::Redis;
use common::{Options, Running, start_with};
use serde_json::{Value, json};

async fn start(limits: &str, more: &[(&str, &str)]) -> Running {
    let toml = format!("[auth]\nkind = \"jwt\"\n[limits]\n{limits}");
    let mut environment = vec![("SEALIFT__AUTH__SECRET".to_owned(), SECRET.to_owned())];
    environment.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    start_with(Options { toml, environment, ..Options::default() }).await
}

async fn call(server: &Running, user: &str, path: &str, body: Value) -> Reply {
    server.call_as(path, body, &[("authorization", &bearer(user))]).await
}

fn files(count: usize, size: u64) -> Value {
    let one =
        json!({ "name": "a.txt", "size": size, "type": "text/plain", "sha256": common::sha256_hex(b"") });
    json!({ "files": vec![one; count] })
}

fn forms(count: usize, max: u64) -> Value {
    let one = json!({ "type": "text/plain", "size": { "min": 0, "max": max }, "redirect": "/done" });
    json!({ "forms": vec![one; count] })
}

/// 429 with the seconds of its `Retry-After`.
fn limited(reply: &Reply) -> u64 {
    assert_eq!((reply.status, reply.code().as_str()), (429, "rate_limited"), "{}", reply.text());
    assert_eq!(reply.json()["error"]["retryable"], true);
    reply.header("retry-after").unwrap().parse().unwrap()
}

#[tokio::test]
async fn calls_are_counted_for_each_user() {
    let server = start("calls_per_minute = 3\n", &[]).await;
    for _ in 0..3 {
        assert_eq!(call(&server, "anna", "/uploads", files(1, 5)).await.status, 200);
    }
    let seconds = limited(&call(&server, "anna", "/uploads", files(1, 5)).await);
    assert!((1..=20).contains(&seconds), "a third of the bucket drains in 20 seconds: {seconds}");
    limited(&call(&server, "anna", "/sign", json!({ "requests": [] })).await);
    limited(&call(&server, "anna", "/uploads/finish", json!({ "uploads": [] })).await);
    limited(&call(&server, "anna", "/uploads/delete", json!({ "uploads": [] })).await);
    limited(&call(&server, "anna", "/forms", forms(1, 5)).await);
    limited(&call(&server, "anna", "/uploads", json!("nonsense")).await);
    assert_eq!(call(&server, "bert", "/uploads", files(1, 5)).await.status, 200, "others have their own");
    // The page can read when to come back.
    let toml =
        "[server]\norigins = [\"https://app.example.com\"]\n[limits]\ncalls_per_minute = 1\n".to_owned();
    let server = start_with(Options { toml, ..Options::default() }).await;
    let app = [("origin", "https://app.example.com")];
    server.call_as("/uploads", files(1, 5), &app).await;
    let refused = server.call_as("/uploads", files(1, 5), &app).await;
    limited(&refused);
    let exposed = refused.header("access-control-expose-headers").unwrap().to_lowercase();
    assert!(exposed.contains("retry-after"), "{exposed}");
}

#[tokio::test]
async fn files_bytes_and_signatures_are_counted_as_they_are_granted() {
    let server = start("files_per_hour = 4\nbytes_per_day = 1000\n[rules]\nmax_size = 1000\n", &[]).await;
    assert_eq!(call(&server, "anna", "/uploads", files(2, 100)).await.status, 200);
    // What the rules refuse costs nothing.
    assert_eq!(call(&server, "anna", "/uploads", files(100, 5000)).await.status, 200);
    let refused = call(&server, "anna", "/uploads", files(3, 1)).await;
    limited(&refused);
    assert!(refused.text().contains("files") && !refused.text().contains("token"), "{}", refused.text());
    limited(&call(&server, "anna", "/uploads", files(1, 801)).await);
    assert_eq!(
        call(&server, "anna", "/uploads", files(1, 800)).await.status,
        200,
        "nothing of that was counted"
    );
    limited(&call(&server, "anna", "/forms", forms(1, 100)).await);
    assert_eq!(call(&server, "anna", "/forms", forms(1, 0)).await.status, 200, "a form is a file");
    limited(&call(&server, "anna", "/forms", forms(1, 0)).await);
    // What never fits is said so.
    let never = call(&server, "bert", "/uploads", files(5, 1)).await;
    assert_eq!((never.status, never.code().as_str()), (413, "too_many_files"));
    let never = call(&server, "bert", "/uploads", files(2, 501)).await;
    assert_eq!((never.status, never.code().as_str()), (413, "size_refused"));
}

#[tokio::test]
async fn every_way_to_a_signature_is_counted() {
    let server = start("intents_per_minute = 4\n", &[]).await;
    let created = call(&server, "anna", "/uploads", files(1, 5)).await.json();
    let token = &created["uploads"][0]["grant"]["token"];
    let sign = |count: usize| json!({ "requests": [{ "token": token, "intents": vec![json!({ "op": "put" }); count] }] });
    assert_eq!(call(&server, "anna", "/sign", sign(2)).await.status, 200);
    limited(&call(&server, "anna", "/sign", sign(2)).await);
    limited(&call(&server, "anna", "/forms", forms(2, 5)).await);
    assert_eq!(call(&server, "anna", "/forms", forms(1, 5)).await.status, 200);
    limited(&call(&server, "anna", "/uploads", files(1, 5)).await);
}

#[tokio::test]
async fn replicas_share_what_they_count() {
    let Some(redis) = Redis::start() else { return };
    let url = [("SEALIFT__LIMITS__REDIS_URL", redis.url.as_str())];
    let limits = "store = \"redis\"\ncalls_per_minute = 1000\nfiles_per_hour = 20\n";
    let (one, two) = (start(limits, &url).await, start(limits, &url).await);
    // At once: however the calls fall together, twenty files are granted and not one more.
    let calls = (0..40).map(|number| {
        let server = if number % 2 == 0 { &one } else { &two };
        async move { call(server, "anna", "/uploads", files(1, 5)).await.status }
    });
    let statuses = all(calls).await;
    let count = |status: u16| statuses.iter().filter(|found| **found == status).count();
    assert_eq!((count(200), count(429)), (20, 20), "{statuses:?}");
    let seconds = limited(&call(&two, "anna", "/uploads", files(1, 5)).await);
    assert!((170..=180).contains(&seconds), "a twentieth of an hour: {seconds}");
    assert_eq!(call(&one, "bert", "/uploads", files(1, 5)).await.status, 200);
}

async fn all<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut all: Vec<_> = futures.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        all.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(value) => {
                done.push(value);
                false
            }
            std::task::Poll::Pending => true,
        });
        if all.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done
}

#[tokio::test]
async fn its_death_closes_or_opens_as_configured_and_it_comes_back() {
    let Some(mut redis) = Redis::start() else { return };
    let limits = |on_failure: &str| {
        format!("store = \"redis\"\ncalls_per_minute = 100\non_failure = \"{on_failure}\"\n")
    };
    let address = redis.url.clone();
    let url = [("SEALIFT__LIMITS__REDIS_URL", address.as_str())];
    let (closed, open) = (start(&limits("closed"), &url).await, start(&limits("open"), &url).await);
    let status = async |server: &Running| call(server, "anna", "/uploads", files(1, 5)).await.status;
    assert_eq!((status(&closed).await, status(&open).await), (200, 200));
    redis.kill();
    let refused = call(&closed, "anna", "/uploads", files(1, 5)).await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "limiter_unavailable"));
    assert!(
        refused.header("retry-after").is_some() && !refused.text().contains("redis"),
        "{}",
        refused.text()
    );
    assert_eq!(status(&open).await, 200);
    redis.again();
    while status(&closed).await != 200 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// `SSL_CERT_FILE` belongs to a process, so the server has one of its own here.
#[tokio::test]
async fn over_tls_it_is_counted_where_the_certificate_is_trusted_and_nowhere_else() {
    let Some(redis) = Redis::start_with_tls() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file_name = folder.path().join("sealift.toml");
    std::fs::write(&file_name, "[limits]\nstore = \"redis\"\ncalls_per_minute = 1\n").unwrap();
    let unknown = Redis::start_with_tls().unwrap();
    for (trusted, statuses) in [(&redis, [200, 429]), (&unknown, [503, 503])] {
        let mut command = command(&folder.path().join("data"));
        command.arg("--config").arg(&file_name).args(["--dev-s3-listen", "127.0.0.1:0"]);
        command.env("SEALIFT__LIMITS__REDIS_URL", &redis.url).env("SSL_CERT_FILE", trusted.certificate());
        let server = Process::start(command);
        let headers = [("content-type", "application/json"), ("origin", server.url.as_str())];
        let url = format!("{}/sealift/uploads", server.url);
        for status in statuses {
            let body = files(1, 5).to_string().into_bytes();
            let reply = Client::new().send("POST", &url, &headers, body).await;
            assert_eq!(reply.status, status, "{}", reply.text());
        }
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let file_name = folder.path().join("redis-url");
    std::fs::write(&file_name, format!("no-url:{}@nowhere", Redis::password())).unwrap();
    let toml = format!("[limits]\nstore = \"redis\"\nredis_url_file = {:?}\n", file_name.to_str().unwrap());
    let path = folder.path().join("sealift.toml");
    std::fs::write(&path, toml).unwrap();
    let data = folder.path().join("data");
    let flags = [
        ("server.listen", "127.0.0.1:0".to_owned()),
        ("dev_s3.listen", "127.0.0.1:0".to_owned()),
        ("server.data_dir", data.to_str().unwrap().to_owned()),
    ];
    let config = sealift_server::config::Config::load(Some(&path), std::iter::empty(), &flags).unwrap();
    assert!(!format!("{config:?}").contains(Redis::password()));
    let started = sealift_server::Server::start(config, sealift_server::clock::system()).await;
    let sentence = started.err().unwrap();
    assert!(
        sentence.contains("`limits.redis_url_file`") && !sentence.contains(Redis::password()),
        "{sentence}"
    );
}
