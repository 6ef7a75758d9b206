//! `POST /attachments/keep`: what the app attached stays, and only the app says so.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::client::Reply;
use common::world::{head, keys, put_empty};
use common::{Options, Running, file, start, start_with};
use serde_json::{Value, json};

const COPY: &str = "[rules.pending]\nstrategy = \"copy\"\n";
const TAGS: &str = "[rules.pending]\nstrategy = \"tags\"\n";
const UUID: &str = "6c82a562-cb80-4d10-9632-be89c8513ebf";

async fn started(toml: &str) -> Running {
    start_with(Options { toml: toml.to_owned(), ..Options::default() }).await
}

async fn keep_with(server: &Running, key: &str, call: Value) -> Reply {
    let app = format!("Bearer {key}");
    server.call_as("/attachments/keep", call, &[("authorization", app.as_str())]).await
}

/// What becomes of each attachment.
async fn keep(server: &Running, attachments: Value) -> Vec<Value> {
    let key = std::fs::read_to_string(server.data_dir.join("app-key")).unwrap();
    let reply = keep_with(server, key.trim(), json!({ "attachments": attachments })).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["results"].as_array().unwrap().clone()
}

async fn keep_for(server: &Running, user: &str, attachment: Value) -> Value {
    let key = std::fs::read_to_string(server.data_dir.join("app-key")).unwrap();
    let call = json!({ "attachments": [attachment], "user": user });
    keep_with(server, key.trim(), call).await.json()["results"][0].clone()
}

fn by_receipt(finished: &Value) -> Value {
    json!({ "receipt": finished["receipt"] })
}

fn by_key(object: &Value) -> Value {
    json!({ "key": object["key"] })
}

#[tokio::test]
async fn what_is_kept_stays_the_same_however_often_and_by_whatever_name() {
    for toml in [COPY, TAGS, ""] {
        let server = started(toml).await;
        let finished = server.upload("Ürlaub+1.txt", b"hello", &[]).await;
        let uploaded = finished["key"].as_str().unwrap();
        assert_eq!(uploaded.starts_with("pending/uploads/anonymous/"), toml == COPY, "{uploaded}");
        let kept = keep(&server, json!([by_receipt(&finished)])).await.remove(0);
        assert_eq!(kept["key"].as_str().unwrap(), uploaded.strip_prefix("pending/").unwrap_or(uploaded));
        for field in ["bucket", "size", "type", "etag"] {
            assert_eq!(kept[field], finished[field], "{field}");
        }
        let again = [by_receipt(&finished), by_key(&finished), by_key(&kept), by_receipt(&finished)];
        assert_eq!(keep(&server, json!(again)).await, [&kept, &kept, &kept, &kept].map(Clone::clone));
        let stored = head(&server, kept["key"].as_str().unwrap()).await.unwrap();
        assert_eq!(stored.content_type.as_deref(), Some("text/plain"));
    }
}

#[tokio::test]
async fn many_at_once_keep_their_order() {
    for toml in [COPY, TAGS] {
        let server = started(toml).await;
        let mut attachments = Vec::new();
        for number in 0..50 {
            let finished = server.upload(&format!("{number}.txt"), &vec![b'x'; number], &[]).await;
            attachments.push(if number % 2 == 0 { by_receipt(&finished) } else { by_key(&finished) });
        }
        attachments.insert(7, json!({ "receipt": "forged" }));
        let mut results = keep(&server, json!(attachments)).await;
        assert_eq!(results.remove(7)["error"]["code"], "receipt_invalid");
        let sizes: Vec<_> = results.iter().map(|kept| kept["size"].as_u64().unwrap()).collect();
        assert_eq!(sizes, (0..50).collect::<Vec<_>>());
        let too_many = json!({ "attachments": vec![json!({ "receipt": "x" }); 101] });
        let key = std::fs::read_to_string(server.data_dir.join("app-key")).unwrap();
        assert_eq!(keep_with(&server, key.trim(), too_many).await.code(), "too_many_files");
    }
}

#[tokio::test]
async fn only_the_app_keeps() {
    let server = started(COPY).await;
    let finished = server.upload("a.txt", b"hello", &[]).await;
    let call = json!({ "attachments": [by_receipt(&finished)] });
    for key in ["", "wrong", "0".repeat(64).as_str()] {
        let reply = keep_with(&server, key, call.clone()).await;
        assert_eq!((reply.status, reply.code().as_str()), (401, "unauthenticated"), "{key}");
    }
    assert_eq!(server.call("/attachments/keep", call).await.status, 401);
    assert_eq!(keys(&server).await, [finished["key"].as_str().unwrap()]);
}

#[tokio::test]
async fn keys_that_no_upload_has_are_refused() {
    for toml in [COPY, TAGS] {
        let server = started(toml).await;
        for key in [
            "",
            "by-hand.txt",
            "uploads/anna",
            &format!("uploads/anna/{UUID}"),
            &format!("uploads/anna/{UUID}/a/b"),
            &format!("uploads/anna/{}/a.txt", UUID.replace('6', "g")),
            &format!("uploads/an na/{UUID}/a.txt"),
            &format!("/uploads/anna/{UUID}/a.txt"),
            &format!("pending/pending/uploads/anna/{UUID}/a.txt"),
            &format!("other/anna/{UUID}/a.txt"),
            &format!("pending/../uploads/anna/{UUID}/a.txt"),
        ] {
            let result = &keep(&server, json!([{ "key": key }])).await[0];
            assert_eq!(result["error"]["code"], "key_refused", "{key:?}: {result}");
        }
        let never = keep(&server, json!([{ "key": format!("uploads/anna/{UUID}/a.txt") }])).await.remove(0);
        assert_eq!(never["error"]["code"], "keep_expired", "{never}");
        assert_eq!(never["error"]["status"], 410);
    }
}

#[tokio::test]
async fn receipts_and_keys_of_others_are_refused() {
    for toml in [COPY, TAGS] {
        let server = started(toml).await;
        let elsewhere = start_with(Options {
            toml: format!("[server]\nenvironment = \"staging\"\n{toml}"),
            environment: vec![(
                "SEALIFT__SERVER__SECRET".to_owned(),
                std::fs::read_to_string(server.data_dir.join("token-secret")).unwrap().trim().to_owned(),
            )],
            ..Options::default()
        })
        .await;
        let foreign = elsewhere.upload("a.txt", b"hello", &[]).await;
        let result = keep(&server, json!([by_receipt(&foreign)])).await.remove(0);
        assert_eq!(result["error"]["code"], "receipt_invalid", "{result}");

        let finished = server.upload("a.txt", b"hello", &[]).await;
        let result = keep_for(&server, "anna", by_receipt(&finished)).await;
        assert_eq!(result["error"]["code"], "receipt_of_another_user", "{result}");
        for user in ["anna", "anonymou", ""] {
            let result = keep_for(&server, user, by_key(&finished)).await;
            assert_eq!(result["error"]["code"], "key_refused", "{user}: {result}");
        }
        for attachment in [by_receipt(&finished), by_key(&finished)] {
            assert_eq!(keep_for(&server, "anonymous", attachment).await["size"], 5);
        }
    }
}

#[tokio::test]
async fn an_object_that_was_replaced_after_its_finish_is_not_kept_by_its_receipt() {
    for toml in [COPY, TAGS] {
        let server = started(toml).await;
        let finished = server.upload("a.txt", b"hello", &[]).await;
        put_empty(&server, finished["key"].as_str().unwrap()).await;
        let result = keep(&server, json!([by_receipt(&finished)])).await.remove(0);
        assert_eq!(result["error"]["code"], "object_differs", "{result}");
        let result = keep(&server, json!([by_key(&finished)])).await.remove(0);
        assert_eq!(result["size"], 0, "by its key it is what is there: {result}");
    }
}

#[tokio::test]
async fn an_upload_that_is_kept_by_a_copy_is_out_of_its_owners_reach() {
    let server = started(COPY).await;
    let created = server.create(file("a.txt", b"hello"), &[]).await;
    assert_eq!(server.put(&created.request, b"hello").await.status, 200);
    let finished = server.finish(&created.token, &[]).await;
    let kept = keep(&server, json!([by_receipt(&finished)])).await.remove(0);
    for item in [json!({ "token": created.token }), by_receipt(&finished)] {
        let deleted = server.call("/uploads/delete", json!({ "uploads": [item] })).await.json();
        assert_eq!(deleted["results"][0]["deleted"], true, "{deleted}");
    }
    assert_eq!(keys(&server).await, [kept["key"].as_str().unwrap()]);
    assert_eq!(keep(&server, json!([by_receipt(&finished)])).await[0], kept);
    // The grant still signs, but for its own key alone.
    let signed = json!({ "requests": [{ "token": created.token, "intents": [{ "op": "put" }] }] });
    let signed = server.call("/sign", signed).await.json()["results"][0]["requests"][0].clone();
    assert!(signed["url"].as_str().unwrap().contains("/pending/uploads/"), "{signed}");
}

/// The rules became stricter while grants were out.
#[tokio::test]
async fn a_grant_from_before_uploads_were_pending_writes_nothing_where_kept_objects_lie() {
    let before = start().await;
    let created = before.create(file("a.txt", b"hello"), &[]).await;
    let stopped = before.stop().await;
    let server = start_with(Options {
        toml: COPY.to_owned(),
        data_dir: Some(stopped.data_dir.clone()),
        ..Options::default()
    })
    .await;
    for intent in ["put", "renew"] {
        let signed = json!({ "requests": [{ "token": created.token, "intents": [{ "op": intent }] }] });
        let result = server.call("/sign", signed).await.json()["results"][0].clone();
        assert_eq!(result["error"]["code"], "grant_invalid", "{result}");
    }
}
