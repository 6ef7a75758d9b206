//! Servers of S3 that lack something, or fail: what is asked of them, and what
//! the page is told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use common::multipart::in_parts;
use common::{Options, Running, file, start_with};
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What was asked of it: method and query.
type Asked = Arc<Mutex<Vec<String>>>;

/// An S3 that answers by method and query, and a server before it.
async fn before(answer: fn(&str) -> (u16, String), more: &str) -> (Running, Asked) {
    let asked = Asked::default();
    let seen = asked.clone();
    let s3 = move |request: Request<Incoming>| {
        let call = format!("{} {}", request.method(), request.uri().query().unwrap_or_default());
        let headers = request.headers().keys().any(|name| name.as_str().starts_with("x-amz-checksum"));
        let note = if headers { " with checksum headers" } else { "" };
        // The root is asked for nothing but the time.
        if request.uri().path() != "/" {
            seen.lock().unwrap().push(format!("{call}{note}"));
        }
        let (status, body) = answer(&call);
        let response = Response::builder().status(status).body(Full::new(Bytes::from(body))).unwrap();
        async move { Ok::<_, Infallible>(response) }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let connection =
                http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(s3.clone()));
            tokio::spawn(connection);
        }
    });
    let toml = format!(
        "[s3]\nendpoint = \"{url}\"\nregion = \"us-east-1\"\nbucket = \"attachments\"\naccess_key_id = \"AKID\"\n{more}"
    );
    let secret = ("SEALIFT__S3__SECRET_ACCESS_KEY".to_owned(), "secret".to_owned());
    let server = start_with(Options { toml, environment: vec![secret], ..Options::default() }).await;
    (server, asked)
}

async fn delete(server: &Running, described: Value, upload_id: Option<&str>) -> Value {
    let created = server.create(described, &[]).await;
    let mut item = json!({ "token": created.token });
    if let Some(id) = upload_id {
        item["uploadId"] = id.into();
    }
    server.call("/uploads/delete", json!({ "uploads": [item] })).await.json()["results"][0].clone()
}

fn error(code: &str) -> String {
    format!("<Error><Code>{code}</Code></Error>")
}

/// The name of the object is another every time.
fn without_keys(asked: &Asked) -> Vec<String> {
    let asked = asked.lock().unwrap();
    asked
        .iter()
        .map(|call| call.split('&').filter(|pair| !pair.contains("prefix=")).collect::<Vec<_>>().join("&"))
        .collect()
}

#[tokio::test]
async fn without_a_list_of_uploads_the_named_one_is_given_up() {
    for (status, code) in
        [(501, "NotImplemented"), (403, "AccessDenied"), (405, "MethodNotAllowed"), (200, "")]
    {
        let answer: fn(&str) -> (u16, String) = match status {
            501 => |call| {
                if call.starts_with("GET") { (501, error("NotImplemented")) } else { (204, String::new()) }
            },
            403 => |call| {
                if call.starts_with("GET") { (403, error("AccessDenied")) } else { (204, String::new()) }
            },
            405 => |call| if call.starts_with("GET") { (405, String::new()) } else { (204, String::new()) },
            // It lists the objects, as if nothing else had been asked.
            _ => |call| {
                if call.starts_with("GET") {
                    (200, "<ListBucketResult/>".to_owned())
                } else {
                    (204, String::new())
                }
            },
        };
        let (server, asked) = before(answer, "").await;
        let deleted = delete(&server, in_parts("a", b"abc", "sha256"), Some("the-upload")).await;
        assert_eq!(deleted, json!({ "deleted": true }), "{code}");
        let asked = without_keys(&asked);
        assert_eq!(asked.first().map(String::as_str), Some("DELETE uploadId=the-upload"), "{code}");
        assert_eq!(asked.last().map(String::as_str), Some("DELETE "), "the object goes last: {code}");
    }
}

#[tokio::test]
async fn an_upload_that_s3_does_not_know_by_whatever_words_is_given_up() {
    for answer in [
        (|call: &str| {
            if call.contains("uploadId") { (404, error("NoSuchUpload")) } else { (404, error("NoSuchKey")) }
        }) as fn(&str) -> (u16, String),
        |call| if call.contains("uploadId") { (400, error("InvalidArgument")) } else { (204, String::new()) },
    ] {
        let (server, _) = before(answer, "").await;
        let deleted = delete(&server, in_parts("a", b"abc", "sha256"), Some("gone")).await;
        assert_eq!(deleted, json!({ "deleted": true }));
    }
}

#[tokio::test]
async fn an_s3_that_does_not_answer_is_asked_again_by_the_page() {
    let refuses: fn(&str) -> (u16, String) =
        |call| if call.contains("uploadId") { (403, error("AccessDenied")) } else { (204, String::new()) };
    let late: fn(&str) -> (u16, String) =
        |call| if call.contains("uploadId") { (400, error("RequestTimeout")) } else { (204, String::new()) };
    let fails: fn(&str) -> (u16, String) =
        |call| if call.starts_with("GET") { (503, error("SlowDown")) } else { (204, String::new()) };
    for answer in [refuses, late, fails] {
        let (server, asked) = before(answer, "").await;
        let failed = delete(&server, in_parts("a", b"abc", "sha256"), Some("the-upload")).await;
        assert_eq!(failed["error"]["code"], "s3_unavailable", "{failed}");
        assert_eq!(failed["error"]["retryable"], true);
        assert!(!without_keys(&asked).contains(&"DELETE ".to_owned()), "the object goes last");
    }
}

#[tokio::test]
async fn every_page_of_the_list_is_read_and_only_this_keys_uploads_are_given_up() {
    // The key is known only when it is asked for: it is the prefix.
    let answer: fn(&str) -> (u16, String) = |call| {
        let Some(prefix) = call.split(['&', ' ']).find_map(|pair| pair.strip_prefix("prefix=")) else {
            return (204, String::new());
        };
        let key = prefix.replace("%2F", "/");
        let upload =
            |key: &str, id: &str| format!("<Upload><Key>{key}</Key><UploadId>{id}</UploadId></Upload>");
        let page = if call.contains("upload-id-marker=two") {
            upload(&key, "three")
        } else {
            let next =
                format!("<NextKeyMarker>{key}</NextKeyMarker><NextUploadIdMarker>two</NextUploadIdMarker>");
            let uploads =
                [upload(&key, "one"), upload(&format!("{key}.bak"), "other"), upload(&key, "two")].concat();
            format!("<IsTruncated>true</IsTruncated>{next}{uploads}")
        };
        (200, format!("<ListMultipartUploadsResult>{page}</ListMultipartUploadsResult>"))
    };
    let (server, asked) = before(answer, "").await;
    assert_eq!(delete(&server, in_parts("a", b"abc", "sha256"), None).await, json!({ "deleted": true }));
    let aborted: Vec<_> =
        without_keys(&asked).into_iter().filter(|call| call.starts_with("DELETE ")).collect();
    let expected = ["DELETE uploadId=one", "DELETE uploadId=two", "DELETE uploadId=three", "DELETE "];
    assert_eq!(aborted, expected);
}

/// A list that never ends, of the uploads of a key with this behind it.
fn endless(call: &str, behind: &str) -> (u16, String) {
    let Some(prefix) = call.split(['&', ' ']).find_map(|pair| pair.strip_prefix("prefix=")) else {
        return (204, String::new());
    };
    let key = prefix.replace("%2F", "/");
    let upload = |key: &str| format!("<Upload><Key>{key}</Key><UploadId>it</UploadId></Upload>");
    let page = [upload(&key), upload(&format!("{key}{behind}"))].concat();
    let more = "<IsTruncated>true</IsTruncated>";
    (200, format!("<ListMultipartUploadsResult>{more}{page}</ListMultipartUploadsResult>"))
}

#[tokio::test]
async fn what_is_listed_behind_the_key_is_not_asked_for() {
    let (server, asked) = before(|call| endless(call, "2"), "").await;
    assert_eq!(delete(&server, in_parts("a", b"abc", "sha256"), None).await, json!({ "deleted": true }));
    assert_eq!(
        without_keys(&asked),
        ["GET uploads=&max-uploads=100", "DELETE uploadId=it", "DELETE "],
        "keys are listed in their order"
    );
}

#[tokio::test]
async fn a_list_without_an_end_is_left() {
    let (server, asked) = before(|call| endless(call, ""), "").await;
    assert_eq!(delete(&server, in_parts("a", b"abc", "sha256"), None).await, json!({ "deleted": true }));
    assert_eq!(asked.lock().unwrap().iter().filter(|call| call.starts_with("GET")).count(), 100);
}

#[tokio::test]
async fn a_grant_for_one_request_lists_nothing() {
    let (server, asked) = before(|_| (204, String::new()), "").await;
    assert_eq!(delete(&server, file("a", b"abc"), None).await, json!({ "deleted": true }));
    assert_eq!(without_keys(&asked), ["DELETE "]);
}

#[tokio::test]
async fn an_s3_that_takes_no_checksum_headers_is_sent_none() {
    let (server, asked) = before(|_| (404, String::new()), "checksums = false\n").await;
    let created = server.create(file("a", b"abc"), &[]).await;
    let headers = common::pairs(&created.request["headers"]);
    assert!(headers.iter().all(|(name, _)| !name.starts_with("x-amz-checksum")), "{headers:?}");
    let digest = ("x-amz-content-sha256".to_owned(), common::sha256_hex(b"abc"));
    assert!(headers.contains(&digest), "{headers:?}");
    assert_eq!(server.finish(&created.token, &[]).await["error"]["code"], "not_uploaded");
    assert_eq!(without_keys(&asked), ["HEAD "]);
}
