//! Users by bearer JSON Web Tokens, and what one user can do to another's.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::jwt::{Es256, SECRET, bearer, hs256, hs256_with, signing_input, unix_now};
use common::multipart::{in_parts, response};
use common::{Options, Running, file, sha256_hex, start_with};
use sealift::s3::CreateMultipartUpload;
use serde_json::{Value, json};

fn with_jwt(more: &str) -> Options {
    Options {
        toml: format!("[auth]\nkind = \"jwt\"\n{more}"),
        environment: vec![("SEALIFT__AUTH__SECRET".to_owned(), SECRET.to_owned())],
        ..Options::default()
    }
}

/// Status and code of a call with this `Authorization`.
async fn called_with(server: &Running, authorization: &str) -> (u16, String) {
    let call = json!({ "files": [file("note.txt", b"hello")] });
    let reply = server.call_as("/uploads", call, &[("authorization", authorization)]).await;
    if reply.status == 200 {
        return (200, String::new());
    }
    assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    (reply.status, reply.code())
}

#[tokio::test]
async fn only_good_tokens_pass() {
    let server = start_with(with_jwt("issuer = \"https://app.example\"\naudience = \"sealift\"\n")).await;
    let good = json!({
        "sub": "anna", "exp": unix_now() + 60, "iss": "https://app.example", "aud": ["other", "sealift"],
    });
    let token = |claims: &Value| format!("Bearer {}", hs256(claims));
    assert_eq!(called_with(&server, &token(&good)).await.0, 200);
    assert_eq!(called_with(&server, &token(&good).replace("Bearer", "bearer")).await.0, 200);

    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        token(&claims)
    };
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        token(&claims)
    };
    let header = |alg: &str| json!({ "alg": alg, "typ": "JWT" });
    let other_key = "another secret, which is long enough as well";
    for refused in [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        "Bearer x.y.z".to_owned(),
        "Basic YW5uYTpzZWNyZXQ=".to_owned(),
        without("sub"),
        without("exp"),
        without("iss"),
        without("aud"),
        with("exp", json!(unix_now() - 31)),
        with("exp", json!("never")),
        with("nbf", json!(unix_now() + 60)),
        with("iss", json!("https://evil.example")),
        with("aud", json!("other")),
        with("sub", json!("")),
        with("sub", json!(7)),
        with("sub", json!("a\nb")),
        format!("Bearer {}", hs256_with(&header("HS256"), &good, other_key.as_bytes())),
        // The token's own header chooses nothing.
        format!("Bearer {}", hs256_with(&header("HS384"), &good, SECRET.as_bytes())),
        format!("Bearer {}", hs256_with(&header("RS256"), &good, SECRET.as_bytes())),
        format!("Bearer {}.", signing_input(&header("none"), &good)),
        format!("Bearer {}.", signing_input(&header("None"), &good)),
    ] {
        let answer = called_with(&server, &refused).await;
        assert_eq!((answer.0, answer.1.as_str()), (401, "unauthenticated"), "{refused}");
    }
    let twice = server.call("/uploads", json!({ "files": [] })).await;
    assert_eq!(twice.status, 401, "no header at all");
    // Leeway: clocks differ a little.
    assert_eq!(called_with(&server, &with("exp", json!(unix_now() - 5))).await.0, 200);
}

#[tokio::test]
async fn public_keys_verify_and_cannot_be_used_as_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let key = Es256::generate();
    let pem = folder.path().join("app.pem");
    std::fs::write(&pem, key.public_pem()).unwrap();
    let toml = format!(
        "[auth]\nkind = \"jwt\"\nalgorithm = \"ES256\"\npublic_key_file = {:?}\n",
        pem.to_str().unwrap()
    );
    let server = start_with(Options { toml, ..Options::default() }).await;
    let claims = json!({ "sub": "anna", "exp": unix_now() + 60 });
    assert_eq!(called_with(&server, &format!("Bearer {}", key.sign(&claims))).await.0, 200);
    assert_eq!(called_with(&server, &format!("Bearer {}", Es256::generate().sign(&claims))).await.0, 401);
    // The old confusion: the public key taken as an HMAC secret.
    let confused = hs256_with(&json!({ "alg": "HS256" }), &claims, key.public_pem().as_bytes());
    assert_eq!(called_with(&server, &format!("Bearer {confused}")).await.0, 401);
}

#[tokio::test]
async fn rs256_tokens_of_a_known_key_pass() {
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let toml = format!(
        "[auth]\nkind = \"jwt\"\nalgorithm = \"RS256\"\npublic_key_file = {:?}\n",
        data.join("rs256-public.pem").to_str().unwrap(),
    );
    let server = start_with(Options { toml, ..Options::default() }).await;
    let token = std::fs::read_to_string(data.join("rs256-token.txt")).unwrap();
    let token = token.trim();
    assert_eq!(called_with(&server, &format!("Bearer {token}")).await.0, 200);
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let tampered = format!("{}A.{signature}", &signed[..signed.len() - 1]);
    assert_eq!(called_with(&server, &format!("Bearer {tampered}")).await.0, 401);
}

#[tokio::test]
async fn grants_and_receipts_are_useless_to_another_user() {
    let server = start_with(with_jwt("")).await;
    let (anna, bert) = (bearer("anna"), bearer("bert"));
    let (anna, bert) = ([("authorization", anna.as_str())], [("authorization", bert.as_str())]);
    let created = server.create(file("note.txt", b"hello"), &anna).await;
    assert_eq!(server.put(&created.request, b"hello").await.status, 200);
    let finished = server.finish(&created.token, &anna).await;

    let call = json!({ "requests": [{ "token": created.token, "intents": [{ "op": "put" }] }] });
    let signed = server.call_as("/sign", call, &bert).await.json();
    assert_eq!(signed["results"][0]["error"]["code"], "grant_of_another_user", "{signed}");
    assert_eq!(server.finish(&created.token, &bert).await["error"]["code"], "grant_of_another_user");
    for (item, code) in [
        (json!({ "token": created.token }), "grant_of_another_user"),
        (json!({ "receipt": finished["receipt"] }), "receipt_of_another_user"),
    ] {
        let deleted = server.call_as("/uploads/delete", json!({ "uploads": [item] }), &bert).await.json();
        assert_eq!(deleted["results"][0]["error"]["code"], code, "{deleted}");
    }
    assert_eq!(server.client.get(finished["url"].as_str().unwrap()).await.status, 200, "still there");

    let key = std::fs::read_to_string(server.data_dir.join("app-key")).unwrap();
    let app = format!("Bearer {}", key.trim());
    let call = json!({ "receipts": [finished["receipt"]], "user": "bert" });
    let verified = server.call_as("/receipts/verify", call.clone(), &[("authorization", &app)]).await.json();
    assert_eq!(verified["results"][0]["error"]["code"], "receipt_of_another_user", "{verified}");
    // A user's token is no app's key.
    assert_eq!(server.call_as("/receipts/verify", call, &anna).await.status, 401);
}

#[tokio::test]
async fn another_users_multipart_upload_can_be_neither_continued_nor_given_up() {
    let server = start_with(with_jwt("")).await;
    let (anna, bert) = (bearer("anna"), bearer("bert"));
    let (anna, bert) = ([("authorization", anna.as_str())], [("authorization", bert.as_str())]);
    let created = server.create(in_parts("film.mp4", b"hello", "sha256"), &anna).await;
    let begun = server.send(&created.request, &[]).await;
    let upload_id = CreateMultipartUpload::parse(&response(&begun)).unwrap().upload_id;
    let part = json!({ "op": "part", "number": 1, "sha256": sha256_hex(b"hello") });
    let complete = json!({ "op": "complete", "parts": [{ "etag": "abc", "sha256": sha256_hex(b"hello") }] });
    for intent in [json!({ "op": "create" }), part.clone(), complete, json!({ "op": "list", "after": 0 })] {
        let request = json!({ "token": created.token, "uploadId": upload_id, "intents": [intent] });
        let signed = server.call_as("/sign", json!({ "requests": [request] }), &bert).await.json();
        assert_eq!(signed["results"][0]["error"]["code"], "grant_of_another_user", "{signed}");
    }
    // Under a grant of his own, S3 knows no upload of that name.
    let own = server.create(in_parts("film.mp4", b"hello", "sha256"), &bert).await;
    let request = json!({ "token": own.token, "uploadId": upload_id, "intents": [part] });
    let signed = server.call_as("/sign", json!({ "requests": [request] }), &bert).await.json();
    assert_eq!(server.send(&signed["results"][0]["requests"][0], b"hello").await.status, 404);
    for (token, expected) in [(&created.token, json!("grant_of_another_user")), (&own.token, Value::Null)] {
        let item = json!({ "token": token, "uploadId": upload_id });
        let deleted = server.call_as("/uploads/delete", json!({ "uploads": [item] }), &bert).await.json();
        assert_eq!(deleted["results"][0]["error"]["code"], expected, "{deleted}");
    }
    let list =
        json!({ "token": created.token, "uploadId": upload_id, "intents": [{ "op": "list", "after": 0 }] });
    let signed = server.call_as("/sign", json!({ "requests": [list] }), &anna).await.json();
    assert_eq!(server.send(&signed["results"][0]["requests"][0], &[]).await.status, 200, "still there");
}

#[tokio::test]
async fn what_the_bucket_is_called_is_told_to_users_only() {
    let server = start_with(with_jwt("")).await;
    let url = format!("{}/sealift/capabilities", server.url);
    let refused = server.client.get(&url).await;
    assert_eq!((refused.status, refused.code().as_str()), (401, "unauthenticated"));
    let anna = bearer("anna");
    let told = server.client.send("GET", &url, &[("authorization", &anna)], Vec::new()).await;
    assert_eq!(told.json()["bucketOrigin"], server.s3_url);
}

#[tokio::test]
async fn user_names_stay_one_segment() {
    let server = start_with(with_jwt("")).await;
    let mut folders = Vec::new();
    for user in ["anna", "anna/", "anna/../bert", "../bert", "bert", "a%2Fb", "a/b", ".", ".."] {
        let token = bearer(user);
        let headers = [("authorization", token.as_str())];
        let created = server.create(file("note.txt", b"hello"), &headers).await;
        let key = created.grant["key"].as_str().unwrap().to_owned();
        let segments: Vec<_> = key.split('/').collect();
        assert_eq!(segments.len(), 4, "{user}: {key}");
        assert!(
            segments.iter().all(|segment| !segment.is_empty() && *segment != "." && *segment != ".."),
            "{key}"
        );
        folders.push(segments[1].to_owned());
        assert_eq!(server.put(&created.request, b"hello").await.status, 200, "{user}: {key}");
        assert_eq!(server.finish(&created.token, &headers).await["key"], key);
    }
    folders.sort();
    folders.dedup();
    assert_eq!(folders.len(), 9, "each user has a folder of their own: {folders:?}");
}
