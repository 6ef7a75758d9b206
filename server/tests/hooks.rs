//! The app's webhook, over real sockets: what it is asked, and what its answer does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use common::world::keys;
use common::{Options, Running, file, multipart, pairs, start_with};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use ring::hmac;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const SECRET: &str = "a secret of the app and its backend";

/// A question that reached the app.
#[derive(Clone)]
struct Asked {
    headers: HashMap<String, String>,
    body: String,
}

impl Asked {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn uploads(&self) -> Vec<Value> {
        self.json()["data"]["uploads"].as_array().unwrap().clone()
    }

    /// As an app verifies it.
    fn is_authentic(&self) -> bool {
        let header = |name: &str| self.headers[name].as_str();
        let text = format!("{}.{}.{}", header("webhook-id"), header("webhook-timestamp"), self.body);
        let mac = STANDARD.decode(header("webhook-signature").strip_prefix("v1,").unwrap()).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
        hmac::verify(&key, text.as_bytes(), &mac).is_ok()
    }
}

/// The app: answers each question by its number and body.
struct AppServer {
    url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

type Answer = fn(usize, &Value) -> (u16, String);

async fn app(answer: Answer) -> AppServer {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    let service = move |request: Request<Incoming>| {
        let seen: Arc<Mutex<Vec<Asked>>> = seen.clone();
        async move {
            let header = |value: &http::HeaderValue| value.to_str().unwrap().to_owned();
            let headers = request.headers().iter().map(|(name, value)| (name.to_string(), header(value)));
            let headers = headers.collect();
            let body = request.into_body().collect().await.unwrap().to_bytes();
            let one = Asked { headers, body: String::from_utf8(body.to_vec()).unwrap() };
            let mut seen = seen.lock().unwrap();
            let (status, body) = answer(seen.len(), &one.json());
            seen.push(one);
            let response = Response::builder().status(status).body(Full::new(Bytes::from(body))).unwrap();
            Ok::<_, Infallible>(response)
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?app=1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let connection =
                http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(service.clone()));
            tokio::spawn(connection);
        }
    });
    AppServer { url, asked }
}

impl AppServer {
    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// A server that asks it.
    async fn server(&self, more: &str) -> Running {
        let toml = format!("[hooks]\nurl = \"{}\"\n{more}", self.url);
        let secret = ("SEALIFT__HOOKS__SECRET".to_owned(), SECRET.to_owned());
        start_with(Options { toml, environment: vec![secret], ..Options::default() }).await
    }
}

fn verdicts(hook: &Value, allowed: impl Fn(&Value) -> Option<&'static str>) -> String {
    let verdict = |upload: &Value| match allowed(upload) {
        None => json!({ "allowed": true }),
        Some(message) => json!({ "allowed": false, "message": message }),
    };
    let uploads = hook["data"]["uploads"].as_array().unwrap();
    json!({ "results": uploads.iter().map(verdict).collect::<Vec<_>>() }).to_string()
}

fn refuses_no_txt(_: usize, hook: &Value) -> (u16, String) {
    let refused = |upload: &Value| upload["name"].as_str().unwrap().ends_with("no.txt");
    (200, verdicts(hook, |upload| refused(upload).then_some("ticket 42 is closed\n")))
}

/// Uploads these files and finishes them in one call.
async fn finish_all(server: &Running, names: &[&str]) -> Vec<Value> {
    let mut items = Vec::new();
    for name in names {
        let created = server.create(file(name, b"hello"), &[]).await;
        assert_eq!(server.put(&created.request, b"hello").await.status, 200);
        items.push(json!({ "token": created.token }));
    }
    let reply = server.call("/uploads/finish", json!({ "uploads": items })).await;
    reply.json()["results"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_the_app_refuses_is_deleted_and_the_user_reads_why() {
    let app = app(refuses_no_txt).await;
    let server = app.server("").await;
    let results = finish_all(&server, &["a.txt", "no.txt", "b.txt"]).await;
    let error = &results[1]["error"];
    assert_eq!((&error["code"], &error["status"]), (&json!("app_refused"), &json!(422)), "{results:?}");
    assert_eq!((&error["message"], &error["retryable"]), (&json!("ticket 42 is closed"), &json!(false)));
    let mut left = [results[0]["key"].as_str().unwrap(), results[2]["key"].as_str().unwrap()];
    left.sort_unstable();
    assert_eq!(keys(&server).await, left);

    let asked = app.asked();
    assert_eq!(asked.len(), 1, "all of a call at once");
    assert!(asked[0].is_authentic());
    let hook = asked[0].json();
    assert_eq!((&hook["type"], &hook["data"]["user"]), (&json!("upload.finished"), &json!("anonymous")));
    assert_eq!(hook["data"]["environment"], "default");
    let uploads = asked[0].uploads();
    for (upload, result) in [(&uploads[0], &results[0]), (&uploads[2], &results[2])] {
        for field in ["key", "size", "type", "etag", "sha256", "receipt"] {
            assert_eq!(upload[field], result[field], "{field}");
        }
    }
}

#[tokio::test]
async fn a_question_is_authentic_and_nothing_else_is() {
    let app = app(refuses_no_txt).await;
    let server = app.server("").await;
    finish_all(&server, &["a.txt"]).await;
    let asked = app.asked().remove(0);
    assert!(asked.is_authentic());
    let mut body = asked.clone();
    body.body = body.body.replace("anonymous", "anna");
    assert!(!body.is_authentic());
    for header in ["webhook-id", "webhook-timestamp"] {
        let mut other = asked.clone();
        other.headers.get_mut(header).unwrap().push('1');
        assert!(!other.is_authentic(), "{header}");
    }
    let now = common::real_time().unix_seconds();
    let then: i64 = asked.headers["webhook-timestamp"].parse().unwrap();
    assert!((now - then).abs() < 60);
}

#[tokio::test]
async fn a_question_is_tried_again_under_the_same_id() {
    let app =
        app(|number, hook| if number < 2 { (503, String::new()) } else { refuses_no_txt(number, hook) })
            .await;
    let server = app.server("").await;
    let results = finish_all(&server, &["a.txt", "no.txt"]).await;
    assert_eq!(results[0]["size"], 5, "{results:?}");
    assert_eq!(results[1]["error"]["code"], "app_refused");
    let asked = app.asked();
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().all(Asked::is_authentic));
    assert!(asked.iter().all(|one| one.headers["webhook-id"] == asked[0].headers["webhook-id"]));
    assert!(asked.iter().all(|one| one.body == asked[0].body));
}

#[tokio::test]
async fn an_app_that_does_not_answer_deletes_nothing() {
    let answers: [(Answer, usize); 6] = [
        (|_, _| (500, String::new()), 3),
        // It would say the same again.
        (|_, _| (404, String::new()), 1),
        (|_, _| (302, String::new()), 1),
        (|_, _| (200, "no JSON".to_owned()), 1),
        (|_, _| (200, r#"{"results":[]}"#.to_owned()), 1),
        (|_, _| (200, r#"{"results":[{"allowed":false},{"allowed":false}]}"#.to_owned()), 1),
    ];
    for (answer, times) in answers {
        let app = app(answer).await;
        let server = app.server("").await;
        let created = server.create(file("a.txt", b"hello"), &[]).await;
        assert_eq!(server.put(&created.request, b"hello").await.status, 200);
        let result = server.finish(&created.token, &[]).await;
        assert_eq!(result["error"]["code"], "app_unavailable", "{result}");
        assert_eq!((&result["error"]["status"], &result["error"]["retryable"]), (&json!(502), &json!(true)));
        assert_eq!(app.asked().len(), times);
        assert_eq!(keys(&server).await, [created.grant["key"].as_str().unwrap()]);
    }
}

#[tokio::test]
async fn an_app_that_answers_again_is_asked_again() {
    let app = app(|number, _| if number == 0 { (404, String::new()) } else { (204, String::new()) }).await;
    let server = app.server("").await;
    let created = server.create(file("a.txt", b"hello"), &[]).await;
    assert_eq!(server.put(&created.request, b"hello").await.status, 200);
    assert_eq!(server.finish(&created.token, &[]).await["error"]["code"], "app_unavailable");
    assert_eq!(server.finish(&created.token, &[]).await["size"], 5, "an empty answer allows everything");
}

#[tokio::test]
async fn where_it_is_asked_before_a_grant_nothing_is_signed_that_it_refuses() {
    let app = app(refuses_no_txt).await;
    let server = app.server("on_grant = true\non_finish = false\n[rules]\nmax_size = 100").await;
    let mut described = file("a.txt", b"hello");
    described["metadata"] = json!({ "ticket": "42" });
    let large =
        json!({ "name": "large no.txt", "size": 1000, "type": "text/plain", "sha256": "0".repeat(64) });
    let files = json!({ "files": [described, large, file("no.txt", b"hello"), file("b.txt", b"hello")] });
    let uploads = server.call("/uploads", files).await.json()["uploads"].clone();
    let codes: Vec<_> = (0..4).map(|number| uploads[number]["error"]["code"].clone()).collect();
    assert_eq!(codes, [Value::Null, json!("size_refused"), json!("app_refused"), Value::Null]);
    assert_eq!(uploads[2], json!({ "error": uploads[2]["error"] }), "no grant, no signature");
    let asked = app.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!((&asked[0].json()["type"], asked[0].is_authentic()), (&json!("upload.requested"), true));
    let wanted = asked[0].uploads();
    assert_eq!(wanted.len(), 3, "what the rules refuse is no question");
    assert_eq!(
        wanted[0],
        json!({ "name": "a.txt", "size": 5, "type": "text/plain", "metadata": { "ticket": "42" } })
    );
    finish_all(&server, &["c.txt"]).await;
    assert_eq!(app.asked().len(), 2, "not asked after the finish");
}

#[tokio::test]
async fn a_plain_form_that_the_app_refuses_comes_back_without_a_receipt() {
    let app = app(refuses_no_txt).await;
    let server = app.server("").await;
    for (name, says) in [("yes.txt", "receipt="), ("no.txt", "error=app_refused")] {
        let form = json!({ "type": "text/plain", "name": name, "redirect": "/form-done.html" });
        let form = server.call("/forms", json!({ "forms": [form] })).await.json()["forms"][0].clone();
        let (content_type, body) = multipart(&pairs(&form["fields"]), b"hello");
        let headers = [("content-type", content_type.as_str())];
        let stored = server.client.send("POST", form["url"].as_str().unwrap(), &headers, body).await;
        let back = server.client.get(stored.header("location").unwrap()).await;
        assert!(back.header("location").unwrap().contains(says), "{:?}", back.header("location"));
    }
    let left = keys(&server).await;
    assert!(left.len() == 1 && left[0].ends_with("yes.txt"), "{left:?}");
}
