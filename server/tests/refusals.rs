//! What is not signed, not stored and not answered, over HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::sync::atomic::Ordering;

use common::{Options, Running, file, pairs, start, start_with};
use serde_json::{Value, json};

/// The refusal of the one file of a call.
async fn refused(server: &Running, file: Value) -> (u64, String) {
    let reply = server.call("/uploads", json!({ "files": [file] })).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let error = reply.json()["uploads"][0]["error"].clone();
    (error["status"].as_u64().unwrap(), error["code"].as_str().unwrap().to_owned())
}

fn rules(toml: &str) -> Options {
    Options { toml: format!("[rules]\n{toml}"), ..Options::default() }
}

#[tokio::test]
async fn what_the_rules_do_not_take() {
    let server = start_with(rules(
        "min_size = 2\nmax_size = 100\ntypes = [\"text/plain\", \"image/*\"]\nfiles_per_call = 3",
    ))
    .await;
    let with = |key: &str, value: Value| {
        let mut described = file("note.txt", b"hello");
        described[key] = value;
        described
    };
    for (described, expected) in [
        (with("size", json!(101)), (413, "size_refused")),
        (with("size", json!(1)), (413, "size_refused")),
        (with("type", json!("text/html")), (415, "type_refused")),
        (with("type", json!("no type")), (415, "type_refused")),
        (with("sha256", Value::Null), (422, "integrity_required")),
        (with("metadata", json!({ "x": "y".repeat(3000) })), (422, "metadata_refused")),
    ] {
        let (status, code) = refused(&server, described.clone()).await;
        assert_eq!((status, code.as_str()), expected, "{described}");
    }
    let many = vec![file("note.txt", b"hello"); 4];
    let reply = server.call("/uploads", json!({ "files": many })).await;
    assert_eq!((reply.status, reply.code().as_str()), (413, "too_many_files"));
    let many = vec![json!({ "token": "x" }); 4];
    for path in ["/uploads/finish", "/uploads/delete"] {
        let reply = server.call(path, json!({ "uploads": many })).await;
        assert_eq!((reply.status, reply.code().as_str()), (413, "too_many_files"), "{path}");
    }
}

#[tokio::test]
async fn an_operation_that_nobody_knows_is_not_signed() {
    let server = start().await;
    let created = server.create(file("note.txt", b"hello"), &[]).await;
    for operation in ["get", "delete", "PUT", "", "abort"] {
        let call = json!({ "requests": [{ "token": created.token, "intents": [{ "op": operation }] }] });
        let reply = server.call("/sign", call).await.json();
        assert_eq!(reply["results"][0]["error"]["code"], "unknown_operation", "{operation}: {reply}");
        assert_eq!(reply["results"][0]["requests"], Value::Null);
    }
}

#[tokio::test]
async fn no_page_chooses_key_bucket_or_length() {
    let server = start().await;
    let created = server.create(file("note.txt", b"hello"), &[]).await;
    // Members that would choose are no members at all.
    for extra in ["key", "bucket", "size", "url", "headers"] {
        let mut intent = json!({ "op": "put" });
        intent[extra] = json!("other");
        let reply = server
            .call("/sign", json!({ "requests": [{ "token": created.token, "intents": [intent] }] }))
            .await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "malformed_request"), "{extra}");
        let mut described = file("note.txt", b"hello");
        described[if extra == "size" { "length" } else { extra }] = json!("other");
        let reply = server.call("/uploads", json!({ "files": [described] })).await;
        assert_eq!((reply.status, reply.code().as_str()), (400, "malformed_request"), "{extra}");
    }
    // A name with dot segments stays below its grant's own folder.
    for name in ["../../other", "..", "a/../b", "/etc/passwd", "${filename}"] {
        let reply = server.call("/uploads", json!({ "files": [file(name, b"hello")] })).await.json();
        let upload = &reply["uploads"][0];
        if let Some(key) = upload["grant"]["key"].as_str() {
            assert!(key.starts_with("uploads/anonymous/"), "{name}: {key}");
            assert!(key.split('/').all(|segment| segment != ".." && segment != "."), "{name}: {key}");
            assert!(!key.contains("${filename}"), "{key}");
        } else {
            assert_eq!(upload["error"]["code"], "key_refused", "{name}: {upload}");
        }
    }
}

#[tokio::test]
async fn the_signed_url_is_good_for_its_key_and_length_alone() {
    let server = start().await;
    let body = b"hello".as_slice();
    let created = server.create(file("note.txt", body), &[]).await;
    let url = created.request["url"].as_str().unwrap();

    let mut elsewhere = created.request.clone();
    elsewhere["url"] = json!(url.replace("note.txt", "other.txt"));
    assert_eq!(server.put(&elsewhere, body).await.status, 403);
    elsewhere["url"] = json!(url.replace("sealift-dev", "sealift-oth"));
    assert!(server.put(&elsewhere, body).await.status >= 400);

    for wrong in [b"hello!".as_slice(), b"hell", b""] {
        let stored = server.put(&created.request, wrong).await;
        assert_eq!(stored.status, 403, "{} bytes: {}", wrong.len(), stored.text());
    }
    let other_bytes = server.put(&created.request, b"hallo").await;
    assert!((400..500).contains(&other_bytes.status), "{}", other_bytes.status);
    let finished = server.finish(&created.token, &[]).await;
    assert_eq!(finished["error"]["code"], "not_uploaded", "{finished}");
    assert_eq!(finished["error"]["retryable"], true);
    assert_eq!(server.put(&created.request, body).await.status, 200);
}

#[tokio::test]
async fn a_form_is_good_for_its_key_length_and_type_alone() {
    let server = start().await;
    let body = vec![b'x'; 2000];
    let mut described = file("form.txt", &body);
    described["transport"] = json!("post");
    let created = server.create(described, &[]).await;
    for wrong in [vec![b'x'; 2001], vec![b'x'; 1999], vec![b'y'; 2000]] {
        let stored = server.post_form(&created.request, &wrong).await;
        assert!((400..500).contains(&stored.status), "{} bytes: {}", wrong.len(), stored.status);
    }
    for field in ["key", "Content-Type", "content-type"] {
        let mut fields = pairs(&created.request["fields"]);
        let Some(entry) = fields.iter_mut().find(|(name, _)| name == field) else { continue };
        entry.1 = format!("{}x", entry.1);
        let mut tampered = created.request.clone();
        tampered["fields"] = json!(fields);
        let stored = server.post_form(&tampered, &body).await;
        assert!((400..500).contains(&stored.status), "{field}: {}", stored.status);
    }
    assert_eq!(server.finish(&created.token, &[]).await["error"]["code"], "not_uploaded");
    let stored = server.post_form(&created.request, &body).await;
    assert!((200..300).contains(&stored.status), "{}", stored.text());
}

#[tokio::test]
async fn a_plain_form_refuses_what_is_outside_its_range() {
    let server = start_with(rules("max_size = 1000")).await;
    let call = json!({ "forms": [
        { "type": "text/plain", "redirect": "/form-done.html" },
        { "type": "text/plain", "redirect": "https://evil.example/" },
        { "type": "text/plain", "redirect": "//evil.example/" },
        { "type": "text/plain", "redirect": "/form-done.html", "size": { "min": 0, "max": 1001 } },
    ] });
    let forms = server.call("/forms", call).await.json()["forms"].clone();
    let too_long = vec![b'x'; 1001];
    let stored = server.post_form(&forms[0], &too_long).await;
    assert_eq!(stored.status, 400, "{}", stored.text());
    assert!(stored.text().contains("EntityTooLarge"), "{}", stored.text());
    assert_eq!(forms[1]["error"]["code"], "redirect_refused", "{forms}");
    assert_eq!(forms[2]["error"]["code"], "redirect_refused");
    assert_eq!(forms[3]["error"]["code"], "size_refused");

    for grant in ["x", "forged.token", forms[1]["token"].as_str().unwrap_or("x")] {
        let back = server.client.get(&format!("{}/sealift/forms/finish/{grant}", server.url)).await;
        assert_eq!((back.status, back.header("location")), (403, None), "{grant}");
    }
    // Nothing arrived: the query's own claims change nothing.
    let token = forms[0]["token"].as_str().unwrap();
    let url = format!("{}/sealift/forms/finish/{token}?bucket=sealift-dev&key=other&etag=x", server.url);
    let back = server.client.get(&url).await;
    assert_eq!(back.header("location"), Some("/form-done.html?error=not_uploaded"), "{}", back.text());
}

#[tokio::test]
async fn nothing_is_overwritten_once_it_is_there() {
    let server = start().await;
    let created = server.create(file("note.txt", b"hello"), &[]).await;
    assert_eq!(server.put(&created.request, b"hello").await.status, 200);
    assert_eq!(server.finish(&created.token, &[]).await["size"], 5);
    // The same signature again, and a fresh one of the same grant.
    assert_eq!(server.put(&created.request, b"hello").await.status, 412);
    let call = json!({ "requests": [{ "token": created.token, "intents": [{ "op": "put" }] }] });
    let signed = server.call("/sign", call).await.json();
    assert_eq!(server.put(&signed["results"][0]["requests"][0], b"hello").await.status, 412, "{signed}");
}

#[tokio::test]
async fn forged_and_expired_grants_are_worth_nothing() {
    let server = start_with(rules("grant_lifetime = 60\ngrant_max_age = 120\nreceipt_lifetime = 60")).await;
    let created = server.create(file("note.txt", b"hello"), &[]).await;
    let finished = server.upload("other.txt", b"hello", &[]).await;
    let sign = |token: &str| json!({ "requests": [{ "token": token, "intents": [{ "op": "put" }] }] });

    let (payload, mac) = created.token.rsplit_once('.').unwrap();
    let flipped = |text: &str| {
        let first = if text.starts_with('A') { "B" } else { "A" };
        format!("{first}{}", &text[1..])
    };
    for forged in [
        String::new(),
        ".".to_owned(),
        payload.to_owned(),
        format!("{payload}."),
        format!("{payload}.{}", flipped(mac)),
        format!("{}.{mac}", flipped(payload)),
        // A receipt is no grant.
        finished["receipt"].as_str().unwrap().to_owned(),
    ] {
        let reply = server.call("/sign", sign(&forged)).await.json();
        assert_eq!(reply["results"][0]["error"]["code"], "grant_invalid", "{forged}");
        assert_eq!(server.finish(&forged, &[]).await["error"]["code"], "grant_invalid", "{forged}");
        let deleted =
            server.call("/uploads/delete", json!({ "uploads": [{ "token": forged }] })).await.json();
        assert_eq!(deleted["results"][0]["error"]["code"], "grant_invalid", "{forged}");
    }

    server.clock_error.store(61, Ordering::Relaxed);
    let reply = server.call("/sign", sign(&created.token)).await.json();
    assert_eq!(reply["results"][0]["error"]["code"], "grant_expired", "{reply}");
    assert_eq!(reply["results"][0]["error"]["status"], 410);
    let item = json!({ "uploads": [{ "receipt": finished["receipt"] }] });
    let deleted = server.call("/uploads/delete", item).await.json();
    assert_eq!(deleted["results"][0]["error"]["code"], "receipt_expired", "{deleted}");
}

#[tokio::test]
async fn an_s3_that_fails_is_reported_without_what_it_said() {
    let server = start_with(s3_at("http://127.0.0.1:1", "")).await;
    let created = server.create(file("note.txt", b"hello"), &[]).await;
    assert!(created.request["url"].as_str().unwrap().starts_with("http://127.0.0.1:1/attachments/"));
    let finished = server.finish(&created.token, &[]).await;
    assert_eq!(finished["error"]["code"], "s3_unavailable", "{finished}");
    assert_eq!(finished["error"]["retryable"], true);
}

/// `[s3]` at this address, with the secret that goes with it.
fn s3_at(endpoint: &str, more: &str) -> Options {
    let toml = format!(
        "[s3]\nendpoint = \"{endpoint}\"\nregion = \"us-east-1\"\nbucket = \"attachments\"\n\
         access_key_id = \"AKIDEXAMPLE\"\n{more}"
    );
    let secret = ("SEALIFT__S3__SECRET_ACCESS_KEY".to_owned(), "s3-secret-of-this-test".to_owned());
    Options { toml, environment: vec![secret], ..Options::default() }
}

#[tokio::test]
async fn an_s3_that_hangs_does_not_hang_the_call() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let server = start_with(s3_at(&endpoint, "[server]\ntimeout_seconds = 1\n")).await;
    let created = server.create(file("note.txt", b"hello"), &[]).await;
    let reply = server.call("/uploads/finish", json!({ "uploads": [{ "token": created.token }] })).await;
    assert_eq!((reply.status, reply.code().as_str()), (503, "timeout"));
    assert_eq!(reply.json()["error"]["retryable"], true);
}

#[tokio::test]
async fn what_browsers_get_is_signed_for_the_address_that_they_call() {
    let s3 = start().await;
    let access_key_id = std::fs::read_to_string(s3.data_dir.join("dev-s3-access-key-id")).unwrap();
    let secret = std::fs::read_to_string(s3.data_dir.join("dev-s3-secret-access-key")).unwrap();
    let public = s3.s3_url.replace("127.0.0.1", "localhost");
    let toml = format!(
        "[s3]\nendpoint = \"{}\"\npublic_endpoint = \"{public}\"\nregion = \"us-east-1\"\n\
         bucket = \"sealift-dev\"\naccess_key_id = \"{}\"\n",
        s3.s3_url,
        access_key_id.trim(),
    );
    let environment = vec![("SEALIFT__S3__SECRET_ACCESS_KEY".to_owned(), secret.trim().to_owned())];
    let server = start_with(Options { toml, environment, ..Options::default() }).await;
    let created = server.create(file("note.txt", b"hello"), &[]).await;
    assert!(created.request["url"].as_str().unwrap().starts_with(&public), "{}", created.request);
    assert_eq!(server.put(&created.request, b"hello").await.status, 200);
    let finished = server.finish(&created.token, &[]).await;
    assert!(finished["url"].as_str().unwrap().starts_with(&public), "{finished}");
    assert_eq!(server.client.get(finished["url"].as_str().unwrap()).await.body, b"hello".as_slice());
    // The app's key was not configured: nobody is the app.
    let call = json!({ "receipts": [finished["receipt"]] });
    let refused = server.call_as("/receipts/verify", call, &[("authorization", "Bearer ")]).await;
    assert_eq!((refused.status, refused.code().as_str()), (401, "unauthenticated"));
}

#[tokio::test]
async fn s3s_bad_moments_are_waited_out() {
    let toml = "[dev_s3]\nfault_injection = true\n".to_owned();
    let server = start_with(Options { toml, ..Options::default() }).await;
    let inject = async |faults: Value| {
        let url = format!("{}/_dev/faults", server.s3_url);
        let headers = [("content-type", "application/json")];
        let reply = server.client.send("POST", &url, &headers, faults.to_string().into_bytes()).await;
        assert!(reply.status < 300, "{}", reply.text());
    };
    let created = server.create(file("note.txt", b"hello"), &[]).await;
    assert_eq!(server.put(&created.request, b"hello").await.status, 200);
    let busy =
        json!({ "operation": "HeadObject", "times": 1, "kind": "status", "status": 503, "code": "SlowDown" });
    let reset = json!({ "operation": "HeadObject", "times": 1, "kind": "reset" });
    inject(json!([busy, reset])).await;
    assert_eq!(server.finish(&created.token, &[]).await["size"], 5);

    let broken = json!({ "operation": "HeadObject", "times": 3, "kind": "status", "status": 500, "code": "InternalError" });
    inject(json!([broken])).await;
    let finished = server.finish(&created.token, &[]).await;
    assert_eq!(finished["error"]["code"], "s3_unavailable", "{finished}");
    assert_eq!(server.finish(&created.token, &[]).await["size"], 5, "the next one succeeds");

    let swallowed = json!({ "operation": "DeleteObject", "times": 1, "kind": "swallow_answer" });
    inject(json!([swallowed])).await;
    let call = json!({ "uploads": [{ "token": created.token }] });
    let deleted = server.call("/uploads/delete", call).await.json();
    assert_eq!(deleted["results"][0]["deleted"], true, "{deleted}");
}
