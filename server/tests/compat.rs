//! Clients of other protocols over real sockets, each as two users: what is
//! tampered with, replayed or another's is not signed, and what is signed works.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::client::Reply;
use common::jwt::{SECRET, bearer};
use common::{Options, Running, multipart, pairs, real_time, sha256_hex, start_with};
use sealift::Timestamp;
use sealift::sigv4::uri::encode_component;
use serde_json::{Value, json};

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// Dates further off than this are refused.
const FIVE_MINUTES: i64 = 300;

async fn start() -> Running {
    let toml = "[auth]\nkind = \"jwt\"\n[compat.fine_uploader]\nprefix = \"/fine\"\n[compat.uppy]\nprefix = \"/uppy\"\n\
                [compat.evaporate]\nprefix = \"/evaporate\"\n[rules]\nmax_size = 1000\n";
    let environment = vec![("SEALIFT__AUTH__SECRET".to_owned(), SECRET.to_owned())];
    start_with(Options { toml: toml.to_owned(), environment, ..Options::default() }).await
}

/// A call of a user's page.
async fn call(server: &Running, user: &str, method: &str, path: &str, body: Option<Value>) -> Reply {
    let token = bearer(user);
    let headers = [
        ("authorization", token.as_str()),
        ("origin", server.url.as_str()),
        ("content-type", "application/json"),
    ];
    let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
    server.client.send(method, &format!("{}{path}", server.url), &headers, body).await
}

async fn key_of(server: &Running, user: &str, prefix: &str) -> String {
    let reply = call(server, user, "GET", &format!("{prefix}/key?name=note.txt"), None).await;
    reply.json()["key"].as_str().unwrap().to_owned()
}

fn access_key(server: &Running) -> String {
    std::fs::read_to_string(server.data_dir.join("dev-s3-access-key-id")).unwrap().trim().to_owned()
}

fn scope(date: Timestamp) -> String {
    format!("{}/us-east-1/s3/aws4_request", date.date_stamp())
}

/// A policy as Fine Uploader writes it, with version 4.
fn policy(server: &Running, key: &str, date: Timestamp) -> Value {
    json!({ "expiration": date.plus_seconds(FIVE_MINUTES).iso8601(), "conditions": [
        { "acl": "private" },
        { "bucket": "sealift-dev" },
        { "Content-Type": "text/plain" },
        { "success_action_status": "200" },
        { "x-amz-algorithm": "AWS4-HMAC-SHA256" },
        { "key": key },
        { "x-amz-credential": format!("{}/{}", access_key(server), scope(date)) },
        { "x-amz-date": date.amz_date() },
        { "x-amz-meta-qqfilename": "note.txt" },
        ["content-length-range", "0", "1000"],
    ] })
}

async fn sign_policy(server: &Running, user: &str, policy: &Value) -> Reply {
    call(server, user, "POST", "/fine/signature?v4=true", Some(policy.clone())).await
}

/// The form that a signed policy belongs to, with the client's own fields.
fn form(policy: &Value, signed: &Value, file: &[u8]) -> (String, Vec<u8>) {
    let conditions = policy["conditions"].as_array().unwrap().iter().filter_map(Value::as_object);
    let mut fields: Vec<(String, String)> = conditions
        .flat_map(|one| one.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())))
        .filter(|(name, _)| name != "bucket")
        .collect();
    fields.push(("policy".to_owned(), signed["policy"].as_str().unwrap().to_owned()));
    fields.push(("x-amz-signature".to_owned(), signed["signature"].as_str().unwrap().to_owned()));
    multipart(&fields, file)
}

#[tokio::test]
async fn fine_uploaders_policy_is_signed_as_it_should_be_and_no_other() {
    let server = start().await;
    let (key, bobs) = (key_of(&server, "anna", "/fine").await, key_of(&server, "bob", "/fine").await);
    let now = real_time();
    let good = policy(&server, &key, now);
    let signed = sign_policy(&server, "anna", &good).await;
    assert_eq!(signed.status, 200, "{}", signed.text());
    let bucket = format!("{}/sealift-dev", server.s3_url);
    let post = async |(kind, body): (String, Vec<u8>)| {
        server.client.send("POST", &bucket, &[("content-type", &kind)], body).await.status
    };
    assert_eq!(post(form(&good, &signed.json(), b"hello")).await, 200);
    assert_ne!(post(form(&good, &signed.json(), &[0; 1001])).await, 200, "S3 holds to the size");
    let swapped = policy(&server, &bobs, now);
    assert_ne!(post(form(&swapped, &signed.json(), b"hello")).await, 200, "S3 holds to the key");

    let with = |at: usize, condition: Value| {
        let mut policy = good.clone();
        policy["conditions"][at] = condition;
        policy
    };
    let more = |condition: Value| {
        let mut policy = good.clone();
        policy["conditions"].as_array_mut().unwrap().push(condition);
        policy
    };
    for tampered in [
        with(0, json!({ "acl": "public-read" })),
        with(1, json!({ "bucket": "others" })),
        with(2, json!({ "Content-Type": "text/html" })),
        with(5, json!({ "key": bobs })),
        with(5, json!(["starts-with", "$key", "uploads/"])),
        with(9, json!(["content-length-range", "0", "1001"])),
        more(json!({ "key": bobs })),
        more(json!({ "success_action_redirect": "https://evil.example" })),
        more(json!({ "x-amz-website-redirect-location": "https://evil.example" })),
        policy(&server, &key, now.plus_seconds(-FIVE_MINUTES - 60)),
        policy(&server, &key, now.plus_seconds(FIVE_MINUTES + 60)),
    ] {
        let refused = sign_policy(&server, "anna", &tampered).await;
        assert!((400..500).contains(&refused.status), "{} {tampered}", refused.status);
        assert_eq!(refused.json()["invalid"], true, "{tampered}");
        assert_eq!(refused.json()["signature"], Value::Null, "{tampered}");
    }
    // A member that stands twice, of which a signer and S3 might read one each.
    let twice = good.to_string().replacen('{', "{\"expiration\":\"2099-01-01T00:00:00Z\",", 1);
    let token = bearer("anna");
    let headers = [("authorization", token.as_str()), ("origin", server.url.as_str())];
    let url = format!("{}/fine/signature?v4=true", server.url);
    let refused = server.client.send("POST", &url, &headers, twice.into_bytes()).await;
    assert_eq!((refused.status, &refused.json()["invalid"]), (400, &json!(true)));
    assert_eq!(sign_policy(&server, "bob", &good).await.status, 422, "anna's policy is not signed for bob");
}

#[tokio::test]
async fn fine_uploader_deletes_and_confirms_ones_own_files_alone() {
    let server = start().await;
    let key = key_of(&server, "anna", "/fine").await;
    let good = policy(&server, &key, real_time());
    let signed = sign_policy(&server, "anna", &good).await.json();
    let (kind, body) = form(&good, &signed, b"hello");
    let bucket = format!("{}/sealift-dev", server.s3_url);
    assert_eq!(server.client.send("POST", &bucket, &[("content-type", &kind)], body).await.status, 200);
    let encoded = encode_component(&key);
    for user in ["bob", "anna/../bob"] {
        let said = json!({ "key": key, "bucket": "sealift-dev" });
        assert_eq!(call(&server, user, "POST", "/fine/success", Some(said.clone())).await.status, 422);
        let path = format!("/fine/files/x?key={encoded}&bucket=sealift-dev");
        assert_eq!(call(&server, user, "DELETE", &path, None).await.status, 422);
        let mut said = said;
        said["_method"] = json!("DELETE");
        assert_eq!(call(&server, user, "POST", "/fine/files", Some(said)).await.status, 422);
        assert_eq!(call(&server, user, "GET", "/fine/session", None).await.json(), json!([]));
    }
    let other = format!("/fine/files/x?key={encoded}&bucket=others");
    assert_eq!(call(&server, "anna", "DELETE", &other, None).await.status, 422);
    let confirmed = call(&server, "anna", "POST", "/fine/success", Some(json!({ "key": key }))).await;
    assert_eq!((confirmed.status, &confirmed.json()["size"]), (200, &json!(5)));
    assert_eq!(call(&server, "anna", "GET", "/fine/session", None).await.json()[0]["s3Key"], key);
    let own = format!("/fine/files/x?key={encoded}&bucket=sealift-dev");
    assert_eq!(call(&server, "anna", "DELETE", &own, None).await.status, 200);
    assert_eq!(call(&server, "anna", "GET", "/fine/session", None).await.json(), json!([]));
}

/// What EvaporateJS asks to be signed: the request, dated.
fn evaporate(server: &Running, method: &str, path: &str, query: &str, date: Timestamp) -> String {
    let host = server.s3_url.split("://").nth(1).unwrap().split(':').next().unwrap();
    let payload = if method == "PUT" { "UNSIGNED-PAYLOAD" } else { EMPTY };
    let canonical = format!(
        "{method}\n{path}\n{query}\nhost:{host}\nx-amz-date:{}\n\nhost;x-amz-date\n{payload}",
        date.amz_date()
    );
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{}\n{}\n{}",
        date.amz_date(),
        scope(date),
        sha256_hex(canonical.as_bytes())
    );
    format!(
        "/evaporate/sign?to_sign={}&datetime={}&canonical_request={}",
        encode_component(&to_sign),
        date.amz_date(),
        encode_component(&canonical)
    )
}

#[tokio::test]
async fn evaporate_gets_the_steps_of_its_own_upload_signed_and_nothing_else() {
    let server = start().await;
    let (key, bobs) =
        (key_of(&server, "anna", "/evaporate").await, key_of(&server, "bob", "/evaporate").await);
    let (now, path) = (real_time(), format!("/sealift-dev/{key}"));
    let create = evaporate(&server, "POST", &path, "uploads=", now);
    let signed = call(&server, "anna", "GET", &create, None).await;
    assert_eq!(signed.status, 200, "{}", signed.text());
    let signature = signed.text();
    assert!(signature.len() == 64, "{signature}");
    // What was signed is good for that request.
    let (amz_date, credential) = (now.amz_date(), format!("{}/{}", access_key(&server), scope(now)));
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host;x-amz-date, Signature={signature}"
    );
    let headers = [
        ("authorization", authorization.as_str()),
        ("x-amz-date", &amz_date),
        ("x-amz-content-sha256", EMPTY),
    ];
    for (target, expected) in [(&key, 200), (&bobs, 403)] {
        let url = format!("{}/sealift-dev/{target}?uploads=", server.s3_url);
        assert_eq!(server.client.send("POST", &url, &headers, Vec::new()).await.status, expected, "{target}");
    }

    let part = "partNumber=1&uploadId=the-upload";
    for (what, asked) in [
        ("another user's key", evaporate(&server, "PUT", &format!("/sealift-dev/{bobs}"), part, now)),
        ("another bucket", evaporate(&server, "PUT", &format!("/others/{key}"), part, now)),
        ("no key of the template", evaporate(&server, "PUT", "/sealift-dev/uploads/anna/x", part, now)),
        ("DELETE of the object", evaporate(&server, "DELETE", &path, "", now)),
        ("DELETE of the bucket", evaporate(&server, "DELETE", "/sealift-dev", "", now)),
        ("GET of the object", evaporate(&server, "GET", &path, "", now)),
        ("GET of the bucket's list", evaporate(&server, "GET", "/sealift-dev", "list-type=2", now)),
        ("PUT of the object", evaporate(&server, "PUT", &path, "", now)),
        ("PUT of its ACL", evaporate(&server, "PUT", &path, "acl=", now)),
        ("a replay", evaporate(&server, "POST", &path, "uploads=", now.plus_seconds(-FIVE_MINUTES - 60))),
        ("tomorrow", evaporate(&server, "POST", &path, "uploads=", now.plus_seconds(86_400))),
    ] {
        let refused = call(&server, "anna", "GET", &asked, None).await;
        assert_eq!(refused.status, 403, "{what}: {}", refused.text());
    }
    assert_eq!(
        call(&server, "bob", "GET", &create, None).await.status,
        403,
        "anna's text is not signed for bob"
    );
}

#[tokio::test]
async fn an_uppys_upload_in_parts_is_its_users_alone() {
    let server = start().await;
    let file = json!({ "filename": "note.txt", "type": "text/plain" });
    let created = call(&server, "anna", "POST", "/uppy/s3/multipart", Some(file)).await.json();
    let id = encode_component(created["uploadId"].as_str().unwrap());
    let key = encode_component(created["key"].as_str().unwrap());
    let upload = format!("/uppy/s3/multipart/{id}");
    let query = format!("?key={key}");
    let parts = json!({ "parts": [{ "PartNumber": 1, "ETag": "\"x\"" }] });
    for (method, path, body) in [
        ("GET", format!("{upload}{query}"), None),
        ("GET", format!("{upload}/1{query}"), None),
        ("GET", format!("{upload}/batch{query}&partNumbers=1,2"), None),
        ("POST", format!("{upload}/complete{query}"), Some(parts)),
        ("DELETE", format!("{upload}{query}"), None),
    ] {
        let refused = call(&server, "bob", method, &path, body).await;
        assert_eq!((refused.status, refused.code().as_str()), (422, "key_refused"), "{method} {path}");
    }
    // bob's own key with anna's upload is no upload of S3's.
    let bobs = encode_component(&key_of(&server, "bob", "/uppy").await);
    let mixed = call(&server, "bob", "GET", &format!("{upload}?key={bobs}"), None).await;
    assert_eq!(mixed.code(), "not_uploaded");

    let url = call(&server, "anna", "GET", &format!("{upload}/1{query}"), None).await.json();
    let sent = server.client.send("PUT", url["url"].as_str().unwrap(), &[], b"hello".to_vec()).await;
    assert_eq!(sent.status, 200);
    let other = url["url"].as_str().unwrap().replace("partNumber=1", "partNumber=2");
    assert_eq!(server.client.send("PUT", &other, &[], b"hello".to_vec()).await.status, 403);
    let parts = json!({ "parts": [{ "PartNumber": 1, "ETag": sent.header("etag").unwrap() }] });
    let completed = call(&server, "anna", "POST", &format!("{upload}/complete{query}"), Some(parts)).await;
    assert_eq!(completed.status, 200, "{}", completed.text());
}

#[tokio::test]
async fn an_uppys_form_is_good_for_its_key_and_the_sizes_of_the_rules() {
    let server = start().await;
    let params =
        call(&server, "anna", "GET", "/uppy/s3/params?filename=note.txt&type=text%2Fplain", None).await;
    let params = params.json();
    let fields: Vec<Value> =
        params["fields"].as_object().unwrap().iter().map(|(name, value)| json!([name, value])).collect();
    let fields = pairs(&Value::Array(fields));
    let url = params["url"].as_str().unwrap();
    let post = async |fields: &[(String, String)], file: &[u8]| {
        let (kind, body) = multipart(fields, file);
        server.client.send("POST", url, &[("content-type", &kind)], body).await.status
    };
    assert_eq!(post(&fields, b"hello").await, 201);
    assert_ne!(post(&fields, &[0; 1001]).await, 201);
    let bobs = key_of(&server, "bob", "/uppy").await;
    let swapped: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.clone(), if name == "key" { bobs.clone() } else { value.clone() }))
        .collect();
    assert_ne!(post(&swapped, b"hello").await, 201);
}
