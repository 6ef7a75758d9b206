//! Files go from a page to the bucket and come back byte for byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Options, file, multipart, pairs, sha256_hex, start, start_at, start_with};
use serde_json::{Value, json};

/// Bytes that no text conversion survives.
fn bytes(count: usize) -> Vec<u8> {
    (0..count).map(|index| (index * 31 % 251) as u8).collect()
}

#[tokio::test]
async fn a_signed_put_arrives_byte_for_byte() {
    let server = start().await;
    for (name, body) in
        [("empty", bytes(0)), ("one", bytes(1)), ("a+b c/ü'%.txt", bytes(70_000)), ("5MiB", bytes(5 << 20))]
    {
        let created = server.create(file(name, &body), &[]).await;
        assert_eq!(created.grant["bucket"], "sealift-dev");
        let stored = server.put(&created.request, &body).await;
        assert_eq!(stored.status, 200, "{name}: {}", stored.text());

        let finished = server.finish(&created.token, &[]).await;
        assert_eq!(finished["key"], created.grant["key"], "{finished}");
        assert_eq!(finished["size"], body.len());
        assert_eq!(finished["sha256"], sha256_hex(&body));
        assert_eq!(finished["type"], "text/plain");
        let back = server.client.get(finished["url"].as_str().unwrap()).await;
        assert_eq!((back.status, back.body.as_ref()), (200, body.as_slice()), "{name}");
    }
}

#[tokio::test]
async fn metadata_in_hundreds_of_headers_arrives() {
    let server = start().await;
    let metadata: serde_json::Map<_, _> = (0..400).map(|number| (format!("{number}"), json!("v"))).collect();
    let mut described = file("many.txt", b"hello");
    described["metadata"] = json!(metadata);
    let created = server.create(described, &[]).await;
    let stored = server.put(&created.request, b"hello").await;
    assert_eq!(stored.status, 200, "{}", stored.text());
    assert_eq!(server.finish(&created.token, &[]).await["size"], 5);
}

#[tokio::test]
async fn a_signed_form_arrives_byte_for_byte() {
    let server = start().await;
    let body = bytes(300_000);
    let mut described = file("form.bin", &body);
    described["transport"] = json!("post");
    let created = server.create(described, &[]).await;
    assert_eq!(created.grant["plan"]["kind"], "post");
    let stored = server.post_form(&created.request, &body).await;
    assert!((200..300).contains(&stored.status), "{} {}", stored.status, stored.text());
    let finished = server.finish(&created.token, &[]).await;
    assert_eq!(finished["size"], body.len(), "{finished}");
    let back = server.client.get(finished["url"].as_str().unwrap()).await;
    assert_eq!(back.body, body);
}

#[tokio::test]
async fn a_plain_html_form_comes_back_with_a_receipt() {
    let server = start().await;
    let reply = server
        .call("/forms", json!({ "forms": [{ "type": "text/plain", "redirect": "/form-done.html" }] }))
        .await;
    let form = reply.json()["forms"][0].clone();
    assert_eq!(form["error"], Value::Null, "{form}");
    let body = bytes(12_345);
    let (content_type, multipart) = multipart(&pairs(&form["fields"]), &body);
    let headers = [("content-type", content_type.as_str())];
    let stored = server.client.send("POST", form["url"].as_str().unwrap(), &headers, multipart).await;
    assert_eq!(stored.status, 303, "{}", stored.text());

    // As a browser follows it: no header of the page's own, S3's additions in the query.
    let back = server.client.get(stored.header("location").unwrap()).await;
    assert_eq!(back.status, 303, "{}", back.text());
    let location = back.header("location").unwrap().to_owned();
    let receipt = location.split("receipt=").nth(1).expect("a receipt");
    assert!(location.contains("/form-done.html?"), "{location}");

    let key = std::fs::read_to_string(server.data_dir.join("app-key")).unwrap();
    let app = format!("Bearer {}", key.trim());
    let verified = server
        .call_as("/receipts/verify", json!({ "receipts": [receipt] }), &[("authorization", app.as_str())])
        .await;
    let verified = verified.json()["results"][0].clone();
    assert_eq!(
        (&verified["size"], &verified["type"]),
        (&json!(body.len()), &json!("text/plain")),
        "{verified}"
    );
}

#[tokio::test]
async fn many_files_in_one_call_keep_their_order() {
    let server = start().await;
    let bodies: Vec<_> = (1..=50).map(|count| bytes(count * 10)).collect();
    let files: Vec<_> = bodies.iter().enumerate().map(|(i, body)| file(&format!("{i}.txt"), body)).collect();
    let uploads = server.call("/uploads", json!({ "files": files })).await.json()["uploads"].clone();
    let mut tokens = Vec::new();
    for (upload, body) in uploads.as_array().unwrap().iter().zip(&bodies) {
        assert_eq!(server.put(&upload["requests"][0], body).await.status, 200);
        tokens.push(json!({ "token": upload["grant"]["token"] }));
    }
    let finished = server.call("/uploads/finish", json!({ "uploads": tokens })).await.json();
    for (object, body) in finished["results"].as_array().unwrap().iter().zip(&bodies) {
        assert_eq!(object["sha256"], sha256_hex(body), "{object}");
    }
}

#[tokio::test]
async fn receipts_say_what_was_uploaded_to_the_app_alone() {
    let server = start().await;
    let finished = server.upload("note.txt", b"hello", &[]).await;
    let call = json!({ "receipts": [finished["receipt"], "forged.receipt"] });

    let key = std::fs::read_to_string(server.data_dir.join("app-key")).unwrap();
    let app = format!("Bearer {}", key.trim());
    let reply = server.call_as("/receipts/verify", call.clone(), &[("authorization", &app)]).await;
    let results = reply.json()["results"].clone();
    assert_eq!(results[0]["key"], finished["key"], "{results}");
    assert_eq!(results[0]["user"], "anonymous");
    assert_eq!(results[1]["error"]["code"], "receipt_invalid");

    for headers in [vec![], vec![("authorization", "Bearer wrong")], vec![("authorization", "Basic x")]] {
        let refused = server.call_as("/receipts/verify", call.clone(), &headers).await;
        assert_eq!((refused.status, refused.code().as_str()), (401, "unauthenticated"));
    }
}

#[tokio::test]
async fn an_owner_deletes_by_token_or_receipt() {
    let server = start().await;
    for by_receipt in [false, true] {
        let created = server.create(file("gone.txt", b"hello"), &[]).await;
        assert_eq!(server.put(&created.request, b"hello").await.status, 200);
        let finished = server.finish(&created.token, &[]).await;
        let url = finished["url"].as_str().unwrap();
        assert_eq!(server.client.get(url).await.status, 200);
        let item = if by_receipt {
            json!({ "receipt": finished["receipt"] })
        } else {
            json!({ "token": created.token })
        };
        let call = json!({ "uploads": [item] });
        let deleted = server.call("/uploads/delete", call.clone()).await.json();
        assert_eq!(deleted["results"][0]["deleted"], true, "{deleted}");
        assert_eq!(server.client.get(url).await.status, 404);
        let again = server.call("/uploads/delete", call).await.json();
        assert_eq!(again["results"][0]["deleted"], true, "{again}");
    }
}

#[tokio::test]
async fn a_restart_keeps_grants_valid() {
    let server = start().await;
    let created = server.create(file("later.txt", b"hello"), &[]).await;
    let stopped = server.stop().await;

    let again = start_with(Options { data_dir: Some(stopped.data_dir.clone()), ..Options::default() }).await;
    let signed = again
        .call("/sign", json!({ "requests": [{ "token": created.token, "intents": [{ "op": "put" }] }] }))
        .await
        .json();
    let stored = again.put(&signed["results"][0]["requests"][0], b"hello").await;
    assert_eq!(stored.status, 200, "{signed}");
    assert_eq!(again.finish(&created.token, &[]).await["key"], created.grant["key"]);
}

#[tokio::test]
async fn a_server_whose_clock_is_wrong_signs_by_s3s_clock() {
    for wrong_by in [-1800, 1800] {
        let server = start_at(Options::default(), wrong_by).await;
        let finished = server.upload("note.txt", b"hello", &[]).await;
        assert_eq!(finished["size"], 5, "{wrong_by}: {finished}");
    }
}

#[tokio::test]
async fn a_new_token_secret_leaves_old_grants_good_as_long_as_the_old_one_is_known() {
    const OLD: &str = "the old secret of tokens, 32 bytes or more";
    const NEW: &str = "the new secret of tokens, 32 bytes or more";
    let secret = |value: &str| vec![("SEALIFT__SERVER__SECRET".to_owned(), value.to_owned())];
    let server = start_with(Options { environment: secret(OLD), ..Options::default() }).await;
    let created = server.create(file("note.txt", b"hello"), &[]).await;
    assert_eq!(server.put(&created.request, b"hello").await.status, 200);
    let stopped = server.stop().await;

    let old_file = stopped.data_dir.join("old-secret");
    std::fs::write(&old_file, OLD).unwrap();
    let knowing = format!("[server]\nold_secret_files = [{:?}]\n", old_file.to_str().unwrap());
    let elsewhere = format!("{knowing}environment = \"staging\"\n");
    for (toml, error) in [
        (knowing, Value::Null),
        (String::new(), json!("grant_invalid")),
        // Good secrets, but the grant is of another environment.
        (elsewhere, json!("grant_invalid")),
    ] {
        let data_dir = Some(stopped.data_dir.clone());
        let server = start_with(Options { toml: toml.clone(), environment: secret(NEW), data_dir }).await;
        let finished = server.finish(&created.token, &[]).await;
        assert_eq!(finished["error"]["code"], error, "{toml}: {finished}");
        server.stop().await;
    }
}
