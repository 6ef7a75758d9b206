//! Multipart uploads, from a page's calls to the bytes in the bucket.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::sync::atomic::Ordering;

use common::multipart::{Upload, crc64nvme, in_parts, response};
use common::{Options, Running, start, start_with};
use sealift::digest::sha256;
use sealift::s3::checksum::{composite_sha256, crc64nvme_to_base64};
use sealift::s3::{
    Bucket, CompleteMultipartUpload, CreateMultipartUpload, ListMultipartUploads, ListParts, ListedUpload,
};
use serde_json::{Value, json};

const PART: usize = 5 << 20;

/// A part and a bit, which are not alike.
fn bytes() -> Vec<u8> {
    (0..PART + 1234).map(|index| (index * 31 % 251) as u8 ^ (index >> 20) as u8).collect()
}

fn bucket() -> Bucket {
    Bucket::parse("sealift-dev").unwrap()
}

/// What dev-s3 has under way.
async fn uploads(server: &Running) -> Vec<ListedUpload> {
    let request = ListMultipartUploads::new(&bucket()).request(&server.s3()).unwrap();
    ListMultipartUploads::parse(&response(&server.ask_s3(request).await)).unwrap().uploads
}

/// How many bytes dev-s3 keeps of whatever kind.
fn stored_bytes(server: &Running) -> u64 {
    let files = common::files_below(&server.data_dir.join("s3"));
    files
        .iter()
        .filter(|path| path.extension().is_none_or(|e| e != "json"))
        .map(|f| f.metadata().unwrap().len())
        .sum()
}

#[tokio::test]
async fn parts_arrive_as_one_object_whatever_is_signed_of_them() {
    let server =
        start_with(Options { toml: "[rules]\nintegrity = \"optional\"".to_owned(), ..Options::default() })
            .await;
    let body = bytes();
    for integrity in ["sha256", "crc64nvme", "both", "none"] {
        let upload = Upload::begin(&server, "film.mp4", &body, integrity).await;
        assert_eq!(
            upload.created.grant["plan"],
            json!({ "kind": "multipart", "partSize": PART, "parts": 2 })
        );
        let etags = upload.send_parts().await;
        let request = upload.signed(upload.complete_intent(&etags)).await;
        let composite = composite_sha256(&[1, 2].map(|number| sha256(upload.bytes(number))));
        let promised = if integrity == "sha256" { json!(composite) } else { Value::Null };
        assert_eq!(request["intent"]["sha256"], promised, "{integrity}");

        let completed = server.send(&request, &[]).await;
        let completed = CompleteMultipartUpload::parse(&response(&completed)).unwrap();
        assert_eq!(json!(completed.composite_sha256), promised, "{integrity}");
        let whole = (integrity != "sha256").then(|| crc64nvme(&body));
        assert_eq!(completed.crc64nvme.map(crc64nvme_to_base64), whole, "{integrity}");
        let finished = server.finish(&upload.created.token, &[]).await;
        assert_eq!(finished["error"], Value::Null, "{integrity}: {finished}");
        assert_eq!(finished["size"], body.len());
        assert_eq!(finished["etag"], completed.etag.as_str());
        assert_eq!(finished["sha256"], Value::Null, "nobody hashed the whole");
        assert_eq!(finished["compositeSha256"], promised, "{integrity}");
        // Of an upload without checksum dev-s3 keeps this one, as AWS does.
        assert_eq!(finished["crc64nvme"], json!(whole), "{integrity}");
        let back = server.client.get(finished["url"].as_str().unwrap()).await;
        assert_eq!(back.body, body, "{integrity}");
    }
    assert!(uploads(&server).await.is_empty());
}

#[tokio::test]
async fn a_page_learns_which_parts_there_are() {
    let server = start().await;
    let body = bytes();
    let upload = Upload::begin(&server, "film.mp4", &body, "sha256").await;
    for number in [2, 1] {
        let request = upload.signed(upload.part_intent(number)).await;
        assert_eq!(server.send(&request, upload.bytes(number)).await.status, 200);
    }
    let list = |after: u64| {
        let upload = &upload;
        async move {
            let request = upload.signed(json!({ "op": "list", "after": after })).await;
            assert_eq!(request["intent"], json!({ "op": "list", "after": after }));
            let listed = ListParts::parse(&response(&upload.server.send(&request, &[]).await)).unwrap();
            listed.parts.into_iter().map(|part| (part.number, part.size, part.sha256)).collect::<Vec<_>>()
        }
    };
    let second = (2, 1234, Some(sha256(upload.bytes(2))));
    assert_eq!(list(0).await, [(1, PART as u64, Some(sha256(upload.bytes(1)))), second]);
    assert_eq!(list(1).await, [second]);
    assert_eq!(list(2).await, []);

    // As a browser asks: the page may read the answer, and those headers of it that it needs.
    let mut request = upload.signed(json!({ "op": "list", "after": 0 })).await;
    request["headers"].as_array_mut().unwrap().push(json!(["origin", "https://app.example.com"]));
    let answer = server.send(&request, &[]).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let exposed: Vec<_> = answer.header("access-control-expose-headers").unwrap().split(", ").collect();
    for name in
        ["ETag", "x-amz-checksum-sha256", "x-amz-checksum-crc64nvme", "Retry-After", "x-amz-request-id"]
    {
        assert!(exposed.contains(&name), "{name} in {exposed:?}");
    }
}

#[tokio::test]
async fn an_upload_that_is_given_up_leaves_nothing() {
    let server = start().await;
    let body = bytes();
    let upload = Upload::begin(&server, "film.mp4", &body, "sha256").await;
    // The page asked twice, because the first answer was lost, and crashed.
    let lost = server.send(&upload.created.request, &[]).await;
    assert!(CreateMultipartUpload::parse(&response(&lost)).is_ok());
    upload.send_parts().await;
    assert_eq!(uploads(&server).await.len(), 2);

    let others = Upload::begin(&server, "film.mp4", &body, "sha256").await;
    assert_eq!(upload.delete(false).await, json!({ "deleted": true }));
    let left: Vec<_> = uploads(&server).await.into_iter().map(|upload| upload.upload_id).collect();
    assert_eq!(left, [others.upload_id.as_str()], "another grant's upload goes on");
    assert_eq!(stored_bytes(&server), 0);
    assert_eq!(upload.delete(true).await, json!({ "deleted": true }), "again, and by its name");

    // Its requests are good for nothing more.
    let request = upload.signed(upload.part_intent(1)).await;
    let refused = server.send(&request, upload.bytes(1)).await;
    assert_eq!(refused.status, 404, "{}", refused.text());
}

#[tokio::test]
async fn an_upload_that_was_completed_is_deleted_whole() {
    let server = start().await;
    let body = bytes();
    for named in [false, true] {
        let upload = Upload::begin(&server, "film.mp4", &body, "crc64nvme").await;
        let etags = upload.send_parts().await;
        assert_eq!(upload.complete(&etags).await.status, 200);
        let finished = server.finish(&upload.created.token, &[]).await;
        assert_eq!(upload.delete(named).await, json!({ "deleted": true }), "{named}");
        assert_eq!(server.client.get(finished["url"].as_str().unwrap()).await.status, 404);
        assert_eq!(stored_bytes(&server), 0);
    }
}

#[tokio::test]
async fn s3_refuses_every_other_part_and_every_other_list() {
    let server = start().await;
    let body = bytes();
    let upload = Upload::begin(&server, "film.mp4", &body, "sha256").await;
    let request = upload.signed(upload.part_intent(1)).await;
    let whole = upload.bytes(1);
    let mut longer = whole.to_vec();
    longer.push(0);
    let mut other = whole.to_vec();
    other[77] ^= 1;
    for (what, bytes) in [("longer", &longer[..]), ("shorter", &whole[1..]), ("other", &other)] {
        let refused = server.send(&request, bytes).await;
        assert!((400..500).contains(&refused.status), "{what}: {}", refused.status);
    }
    // The same signature under another number, or for another upload.
    for (from, to) in [("partNumber=1", "partNumber=2".to_owned()), (&upload.upload_id, "x".repeat(32))] {
        let mut changed = request.clone();
        changed["url"] = request["url"].as_str().unwrap().replace(from, &to).into();
        let refused = server.send(&changed, whole).await;
        assert!(refused.text().contains("SignatureDoesNotMatch"), "{}", refused.text());
    }
    let etags = upload.send_parts().await;
    let mut complete = upload.signed(upload.complete_intent(&etags)).await;
    let last = complete["body"].as_str().unwrap().rfind("<Part>").unwrap();
    let cut = [&complete["body"].as_str().unwrap()[..last], "</CompleteMultipartUpload>"].concat();
    complete["body"] = cut.into();
    let refused = server.send(&complete, &[]).await;
    assert!((400..500).contains(&refused.status), "{}", refused.text());
    assert_eq!(server.finish(&upload.created.token, &[]).await["error"]["code"], "not_uploaded");

    // The list that was meant is taken, once.
    assert_eq!(upload.complete(&etags).await.status, 200);
    let again = Upload { created: server.create(in_parts("x", &body, "sha256"), &[]).await, ..upload };
    assert_eq!(again.complete(&etags).await.status, 404, "an upload belongs to its key");
}

#[tokio::test]
async fn nothing_is_overwritten() {
    let server = start().await;
    let body = bytes();
    let first = Upload::begin(&server, "film.mp4", &body, "sha256").await;
    let second = server.send(&first.created.request, &[]).await;
    let second = CreateMultipartUpload::parse(&response(&second)).unwrap().upload_id;
    let etags = first.send_parts().await;
    assert_eq!(first.complete(&etags).await.status, 200);
    let second = Upload { upload_id: second, ..first };
    let etags = second.send_parts().await;
    assert_eq!(second.complete(&etags).await.status, 412);
}

#[tokio::test]
async fn what_is_not_signed_of_an_upload() {
    let server = start().await;
    let body = bytes();
    let upload = Upload::begin(&server, "film.mp4", &body, "sha256").await;
    let code = |result: Value| (result["error"]["status"].clone(), result["error"]["code"].clone());
    let digest = hex::encode(sha256(b"x"));
    for (intent, expected) in [
        (json!({ "op": "part", "number": 0, "sha256": digest }), (422, "part_refused")),
        (json!({ "op": "part", "number": 3, "sha256": digest }), (422, "part_refused")),
        (json!({ "op": "part", "number": 70_000, "sha256": digest }), (422, "part_refused")),
        (json!({ "op": "part", "number": 1 }), (422, "integrity_required")),
        (upload.complete_intent(&["\"a\"".to_owned()]), (422, "part_refused")),
        (json!({ "op": "list", "after": 10_001 }), (422, "part_refused")),
        (json!({ "op": "put" }), (422, "transport_refused")),
        (json!({ "op": "abort" }), (400, "unknown_operation")),
    ] {
        let refused = upload.sign(json!([intent])).await;
        assert_eq!(code(refused), (expected.0.into(), expected.1.into()), "{intent}");
    }
    let nameless = Upload { upload_id: String::new(), ..upload };
    assert_eq!(
        code(nameless.sign(json!([nameless.part_intent(1)])).await),
        (400.into(), "malformed_request".into())
    );
}

#[tokio::test]
async fn an_upload_outlives_its_grant_and_not_its_age() {
    let toml = "[rules]\ngrant_lifetime = 60\ngrant_max_age = 600".to_owned();
    let server = start_with(Options { toml, ..Options::default() }).await;
    let body = bytes();
    let upload = Upload::begin(&server, "film.mp4", &body, "sha256").await;
    let code = |result: Value| result["error"]["code"].clone();
    // S3's answers would tell the server that its clock is wrong; nothing is asked of S3 here.
    server.clock_error.store(61, Ordering::Relaxed);
    assert_eq!(code(upload.sign(json!([upload.part_intent(1)])).await), "grant_expired");
    let renewed =
        upload.sign(json!([{ "op": "renew" }, { "op": "list", "after": 0 }, upload.part_intent(2)])).await;
    assert_eq!(renewed["requests"].as_array().unwrap().len(), 2, "{renewed}");
    assert_eq!(renewed["grant"]["plan"], upload.created.grant["plan"]);
    assert_eq!(renewed["grant"]["key"], upload.created.grant["key"]);
    server.clock_error.store(601, Ordering::Relaxed);
    assert_eq!(code(upload.sign(json!([{ "op": "renew" }])).await), "grant_expired");
    assert_eq!(code(upload.delete(true).await), "grant_expired");
}

#[tokio::test]
async fn a_list_of_ten_thousand_parts_fits_into_a_call() {
    let toml = "[rules]\nmax_size = 53687091200000".to_owned();
    let server = start_with(Options { toml, ..Options::default() }).await;
    let mut described = in_parts("huge.bin", b"", "both");
    described["size"] = json!(160_000_u64 << 20);
    let created = server.create(described, &[]).await;
    assert_eq!(created.grant["plan"]["parts"], 10_000);
    let part = json!({ "etag": format!("\"{}\"", "a".repeat(32)), "sha256": "ab".repeat(32), "crc64nvme": "AAAAAAAAAAA=" });
    let complete = json!({ "op": "complete", "parts": vec![part; 10_000], "crc64nvme": "AAAAAAAAAAA=" });
    let request = json!({ "token": created.token, "uploadId": "u".repeat(200), "intents": [complete] });
    let reply = server.call("/sign", json!({ "requests": [request] })).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let signed = reply.json()["results"][0]["requests"][0].clone();
    assert_eq!(signed["body"].as_str().unwrap().matches("<Part>").count(), 10_000);
}

#[tokio::test]
async fn a_page_learns_where_its_files_will_go() {
    let toml = "[rules]\nmax_post_size = 0\nmax_size = 1000\ntypes = [\"image/*\"]".to_owned();
    let server = start_with(Options { toml, ..Options::default() }).await;
    let url = format!("{}/sealift/capabilities", server.url);
    let told = server.client.get(&url).await;
    assert_eq!(told.header("cache-control"), Some("no-store"));
    let expected =
        json!({ "bucketOrigin": server.s3_url, "maxSize": 1000, "maxPostSize": 0, "types": ["image/*"] });
    assert_eq!(told.json(), expected);
    let foreign = [("origin", "https://evil.example")];
    let refused = server.client.send("GET", &url, &foreign, Vec::new()).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "origin_refused"));
}
