//! A multipart upload as a page does it, one request after the other.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealift::digest::{Crc64Nvme, sha256};
use sealift::s3::{CreateMultipartUpload, Response};
use serde_json::{Value, json};

use super::client::Reply;
use super::{Created, Running, pairs};

/// A file that goes in parts.
pub struct Upload<'a> {
    pub server: &'a Running,
    pub body: &'a [u8],
    pub integrity: &'a str,
    pub created: Created,
    pub upload_id: String,
}

/// The file as the page describes it.
pub fn in_parts(name: &str, body: &[u8], integrity: &str) -> Value {
    json!({ "name": name, "size": body.len(), "type": "text/plain", "transport": "multipart", "integrity": integrity })
}

pub fn crc64nvme(bytes: &[u8]) -> String {
    let mut crc = Crc64Nvme::new();
    crc.update(bytes);
    STANDARD.encode(crc.finish().to_be_bytes())
}

/// The SHA-256s of the chunks, as an intent has them.
pub fn chunk_hashes(bytes: &[u8], size: u64) -> String {
    let hashes = bytes.chunks(usize::try_from(size).unwrap()).map(sha256);
    STANDARD.encode(hashes.flatten().collect::<Vec<_>>())
}

/// The body of a request: with what stands between the chunks, if it has any.
pub fn in_chunks(request: &Value, bytes: &[u8]) -> Vec<u8> {
    let Some(size) = request["chunks"]["size"].as_u64() else { return bytes.to_vec() };
    let signatures = STANDARD.decode(request["chunks"]["signatures"].as_str().unwrap()).unwrap();
    let mut signatures = signatures.chunks(32).map(hex::encode);
    let mut body = Vec::new();
    for chunk in bytes.chunks(usize::try_from(size).unwrap()) {
        let signature = signatures.next().unwrap();
        body.extend(format!("{:x};chunk-signature={signature}\r\n", chunk.len()).into_bytes());
        body.extend(chunk);
        body.extend(b"\r\n");
    }
    body.extend(format!("0;chunk-signature={}\r\n\r\n", signatures.next().unwrap()).into_bytes());
    assert_eq!(signatures.next(), None);
    body
}

/// As the parser of S3's answers wants it.
pub fn response(reply: &Reply) -> Response {
    let headers =
        reply.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    Response { status: reply.status, headers: headers.collect(), body: reply.body.to_vec() }
}

impl<'a> Upload<'a> {
    /// Granted and begun at S3.
    pub async fn begin(server: &'a Running, name: &str, body: &'a [u8], integrity: &'a str) -> Self {
        let created = server.create(in_parts(name, body, integrity), &[]).await;
        let answer = server.send(&created.request, &[]).await;
        let upload_id = CreateMultipartUpload::parse(&response(&answer)).unwrap().upload_id;
        Self { server, body, integrity, created, upload_id }
    }

    pub fn parts(&self) -> usize {
        usize::try_from(self.created.grant["plan"]["parts"].as_u64().unwrap()).unwrap()
    }

    /// The bytes of a part, by the plan of the grant.
    pub fn bytes(&self, number: usize) -> &'a [u8] {
        let size = usize::try_from(self.created.grant["plan"]["partSize"].as_u64().unwrap()).unwrap();
        let start = (number - 1) * size;
        &self.body[start..self.body.len().min(start + size)]
    }

    fn digests(&self, bytes: &[u8]) -> Value {
        let mut digests = json!({});
        if matches!(self.integrity, "sha256" | "both") {
            digests["sha256"] = hex::encode(sha256(bytes)).into();
        }
        if matches!(self.integrity, "crc64nvme" | "both" | "chunks-crc64nvme") {
            digests["crc64nvme"] = crc64nvme(bytes).into();
        }
        digests
    }

    pub fn part_intent(&self, number: usize) -> Value {
        let mut intent = self.digests(self.bytes(number));
        intent["op"] = "part".into();
        intent["number"] = number.into();
        if let Some(size) = self.created.grant["chunkSize"].as_u64() {
            intent["chunkHashes"] = chunk_hashes(self.bytes(number), size).into();
        }
        intent
    }

    pub fn complete_intent(&self, etags: &[String]) -> Value {
        let parts = etags.iter().zip(1..).map(|(etag, number)| {
            let mut part = self.digests(self.bytes(number));
            part["etag"] = etag.as_str().into();
            part
        });
        let mut intent = json!({ "op": "complete", "parts": parts.collect::<Vec<_>>() });
        if matches!(self.integrity, "crc64nvme" | "both" | "chunks-crc64nvme") {
            intent["crc64nvme"] = crc64nvme(self.body).into();
        }
        intent
    }

    /// The result of a sign call: `requests`, or `error`.
    pub async fn sign(&self, intents: Value) -> Value {
        let request = json!({ "token": self.created.token, "uploadId": self.upload_id, "intents": intents });
        let reply = self.server.call("/sign", json!({ "requests": [request] })).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["results"][0].clone()
    }

    /// The one request that is signed for one intent.
    pub async fn signed(&self, intent: Value) -> Value {
        let result = self.sign(json!([intent])).await;
        assert_eq!(result["error"], Value::Null, "{result}");
        result["requests"][0].clone()
    }

    /// Sends all parts, signed in one call; their ETags.
    pub async fn send_parts(&self) -> Vec<String> {
        let intents: Vec<_> = (1..=self.parts()).map(|number| self.part_intent(number)).collect();
        let signed = self.sign(intents.into()).await;
        assert_eq!(signed["error"], Value::Null, "{signed}");
        let mut etags = Vec::new();
        for (number, request) in (1..).zip(signed["requests"].as_array().unwrap()) {
            assert_eq!(request["intent"]["number"], number);
            let stored = self.server.send(request, &in_chunks(request, self.bytes(number))).await;
            assert_eq!(stored.status, 200, "{number}: {}", stored.text());
            // What S3 verified it answers, so that the page need not trust it.
            for (name, value) in
                pairs(&request["headers"]).iter().filter(|(n, _)| n.starts_with("x-amz-checksum"))
            {
                assert_eq!(stored.header(name), Some(value.as_str()), "{number}");
            }
            etags.push(stored.header("etag").unwrap().to_owned());
        }
        etags
    }

    /// Completes with these ETags; S3's answer.
    pub async fn complete(&self, etags: &[String]) -> Reply {
        let request = self.signed(self.complete_intent(etags)).await;
        self.server.send(&request, &[]).await
    }

    pub async fn delete(&self, with_upload_id: bool) -> Value {
        let mut item = json!({ "token": self.created.token });
        if with_upload_id {
            item["uploadId"] = self.upload_id.as_str().into();
        }
        self.server.call("/uploads/delete", json!({ "uploads": [item] })).await.json()["results"][0].clone()
    }
}
