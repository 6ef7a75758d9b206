//! The uploader module in Chromium: the driver over a page whose `fetch`
//! plays the signing endpoint. What needs a real S3 is tested end to end.

#![cfg(all(target_arch = "wasm32", feature = "uploader"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use js_sys::Promise;
use sealift::bindings::uploader::{Page, UploaderCore};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::Blob;

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen(inline_js = r#"
    let answers, notices, log, s3Answers, sent, kept;
    const fetchOfPage = globalThis.fetch;

    /** S3, as far as the driver sees it. */
    globalThis.XMLHttpRequest = class {
      upload = {};
      headers = [];

      open(method, url) {
        this.request = { method, url };
      }

      setRequestHeader(name, value) {
        this.headers.push(name);
      }

      send(body) {
        const content = body instanceof Blob ? `${body.size} bytes of type "${body.type}"` : body;
        sent.push({ ...this.request, headers: this.headers, body: content, listens: Boolean(this.upload.onprogress) });
        const [status, headers, text] = s3Answers.shift();
        Object.assign(this, { status, responseText: text, getAllResponseHeaders: () => headers.join("\r\n") });
        setTimeout(() => this.onload());
      }

      abort() {}
    };

    /**
     * The options of a core whose endpoint gives these answers, `[status, body]` each, one after the other; S3's are
     * `[status, headers, body]`.
     */
    export function scene(text, s3Text) {
      answers = JSON.parse(text);
      s3Answers = JSON.parse(s3Text);
      [notices, log, sent, kept] = [[], [], [], []];
      globalThis.fetch = async (url, options) => {
        if (!String(url).startsWith("/play/")) return fetchOfPage(url, options);
        const { headers, credentials } = options;
        log.push({ call: url, app: headers.get("x-app"), credentials, body: JSON.parse(options.body) });
        const [status, body] = answers.shift() ?? [500, "no more answers"];
        return new Response(JSON.stringify(body), { status });
      };
      return {
        endpoint: "/play",
        credentials: "omit",
        integrity: "sha256",
        concurrency: 2,
        snapshots: s3Answers.length > 0,
        headers: async (refresh) => [["x-app", refresh ? "fresh" : "stale"]],
        hash: async (blob) => {
          if (blob.type === "broken") throw new DOMException("gone", "NotReadableError");
          return { sha256: "ab".repeat(32) };
        },
        onNotice: (upload, details) => notices.push(details),
        onProgress() {},
        onLacks: (feature) => kept.push(feature),
        save: (upload, record) => kept.push(record),
        forget: (upload) => kept.push("forgotten"),
      };
    }

    /** Waits until the upload came to this state; answers the states and the last error. */
    export async function until(state) {
      for (let turn = 0; turn < 2000; turn++) {
        const last = notices.at(-1);
        if (last?.state === state) {
          return JSON.stringify({ states: notices.map((notice) => notice.state), error: last.error, object: last.object });
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error(`never ${state}: ${JSON.stringify({ notices, log, sent, kept })}`);
    }

    export const calls = () => JSON.stringify(log);
    export const requests = () => JSON.stringify(sent);
    export const records = () => JSON.stringify(kept);
    export const blob = (type) => new Blob(["abc"], { type });
"#)]
extern "C" {
    fn scene(answers: &str, s3: &str) -> Page;
    fn until(state: &str) -> Promise;
    fn calls() -> String;
    fn requests() -> String;
    fn records() -> String;
    fn blob(kind: &str) -> Blob;
}

async fn upload(answers: &str, kind: &str, end: &str) -> String {
    let core = UploaderCore::new(scene(answers, "[]"));
    let metadata = js_sys::JSON::parse(r#"[["ticket","42"]]"#).unwrap();
    let (name, kind_of_file) = ("a/ü.txt".into(), "text/plain".into());
    let number = core.add(&blob(kind), name, kind_of_file, metadata, "put", "auto", JsValue::UNDEFINED);
    assert!(core.start(number));
    JsFuture::from(until(end)).await.unwrap().as_string().unwrap()
}

const REFUSED: &str = r#"{"now":"2026-01-01T00:00:00Z","uploads":[
    {"error":{"code":"size_refused","message":"at most 2 bytes","retryable":false,"status":413}}]}"#;

#[wasm_bindgen_test]
async fn what_the_endpoint_is_asked_is_the_protocol() {
    let outcome = upload(&format!("[[200,{REFUSED}]]"), "", "failed").await;
    let states =
        r#"{"states":["hashing","signing","failed"],"error":{"kind":"refused","code":"size_refused","#;
    assert!(outcome.starts_with(states), "{outcome}");
    assert!(outcome.contains(r#""message":"at most 2 bytes","retryable":false,"status":413"#), "{outcome}");
    let sha256 = "ab".repeat(32);
    let file = format!(
        r#"{{"name":"a/ü.txt","size":3,"type":"text/plain","sha256":"{sha256}","transport":"put","metadata":{{"ticket":"42"}}}}"#
    );
    let call = format!(
        r#"[{{"call":"/play/uploads","app":"stale","credentials":"omit","body":{{"files":[{file}]}}}}]"#
    );
    assert_eq!(calls(), call);
}

#[wasm_bindgen_test]
async fn after_a_401_the_app_is_asked_for_its_headers_once_more() {
    let denied = r#"{"error":{"code":"unauthenticated","message":"who?","retryable":false}}"#;
    upload(&format!("[[401,{denied}],[200,{REFUSED}]]"), "", "failed").await;
    let calls = calls();
    assert!(calls.contains(r#""app":"stale""#) && calls.contains(r#""app":"fresh""#), "{calls}");
}

#[wasm_bindgen_test]
async fn a_second_401_is_final() {
    let denied = r#"{"error":{"code":"unauthenticated","message":"who?","retryable":false}}"#;
    let outcome = upload(&format!("[[401,{denied}],[401,{denied}]]"), "", "failed").await;
    assert!(outcome.contains(r#""kind":"unauthenticated""#), "{outcome}");
    assert_eq!(calls().matches("/play/uploads").count(), 2);
}

#[wasm_bindgen_test]
async fn something_else_at_the_address_is_told_apart() {
    let outcome = upload(r#"[[404,"not found"]]"#, "", "failed").await;
    assert!(
        outcome.contains(r#""kind":"invalid_response""#) && outcome.contains("no signing endpoint"),
        "{outcome}"
    );
    let outcome = upload(r#"[[200,{"hello":"world"}]]"#, "", "failed").await;
    assert!(outcome.contains(r#""kind":"invalid_response""#), "{outcome}");
}

#[wasm_bindgen_test]
async fn a_proxy_that_fails_is_tried_again() {
    let outcome = upload(r#"[[502,"bad gateway"]]"#, "", "retrying").await;
    assert!(outcome.contains(r#""retryable":true,"status":502"#), "{outcome}");
}

#[wasm_bindgen_test]
async fn a_file_that_cannot_be_read_fails_without_a_call() {
    let outcome = upload("[]", "broken", "failed").await;
    assert!(outcome.contains(r#""kind":"unreadable_file""#), "{outcome}");
    assert_eq!(calls(), "[]");
}

/// What the endpoint and S3 say to one file of three bytes in parts.
fn in_parts() -> (String, String) {
    let signed = |intent: &str, method: &str, query: &str, more: &str| {
        format!(
            r#"{{"intent":{intent},"method":"{method}","url":"https://s3.example/b/k?{query}","headers":[["x-amz-date","20260101T000000Z"]]{more},"expires":"2026-01-01T00:15:00Z"}}"#
        )
    };
    let now = r#""now":"2026-01-01T00:00:00Z""#;
    let results = |request: &str| format!(r#"[200,{{{now},"results":[{{"requests":[{request}]}}]}}]"#);
    let create = signed(r#"{"op":"create"}"#, "POST", "uploads=", "");
    let grant = r#"{"token":"T","bucket":"b","key":"k","expires":"2026-01-01T01:00:00Z","plan":{"kind":"multipart","partSize":5242880,"parts":1}}"#;
    let composite = format!("{}=-1", "A".repeat(43));
    let complete = format!(r#"{{"op":"complete","sha256":"{composite}"}}"#);
    let object = r#"{"bucket":"b","key":"k","size":3,"type":"text/plain","etag":"e-1","url":"https://s3.example/b/k","urlExpires":"2026-01-01T00:15:00Z","receipt":"R"}"#;
    let endpoint = [
        format!(r#"[200,{{{now},"uploads":[{{"grant":{grant},"requests":[{create}]}}]}}]"#),
        results(&signed(r#"{"op":"part","number":1}"#, "PUT", "partNumber=1&uploadId=U", "")),
        results(&signed(&complete, "POST", "uploadId=U", r#","body":"<Parts/>""#)),
        format!(r#"[200,{{{now},"results":[{object}]}}]"#),
    ];
    let s3 = r#"[
        [200,[],"<InitiateMultipartUploadResult><UploadId>U</UploadId></InitiateMultipartUploadResult>"],
        [200,["etag: \"p\"","x-amz-request-id: 7"],""],
        [200,[],"<CompleteMultipartUploadResult><ETag>e-1</ETag></CompleteMultipartUploadResult>"]
    ]"#;
    (format!("[{}]", endpoint.join(",")), s3.to_owned())
}

fn of_file(core: &UploaderCore, saved: JsValue) -> u32 {
    let (name, kind) = ("a.txt".into(), "text/plain".into());
    core.add(&blob("text/plain"), name, kind, JsValue::UNDEFINED, "multipart", "high", saved)
}

#[wasm_bindgen_test]
async fn a_file_in_parts_is_what_protocol_and_s3_say() {
    let (endpoint, s3) = in_parts();
    let core = UploaderCore::new(scene(&endpoint, &s3));
    let number = of_file(&core, JsValue::UNDEFINED);
    assert!(core.start(number));
    JsFuture::from(until("done")).await.unwrap();

    let sent: serde_json::Value = serde_json::from_str(&requests()).unwrap();
    let headers = ["x-amz-date"];
    assert_eq!(
        sent,
        serde_json::json!([
            { "method": "POST", "url": "https://s3.example/b/k?uploads=", "headers": headers, "body": null, "listens": false },
            { "method": "PUT", "url": "https://s3.example/b/k?partNumber=1&uploadId=U", "headers": headers, "body": "3 bytes of type \"\"", "listens": true },
            { "method": "POST", "url": "https://s3.example/b/k?uploadId=U", "headers": headers, "body": "<Parts/>", "listens": false },
        ])
    );

    let sha256 = "ab".repeat(32);
    let calls: serde_json::Value = serde_json::from_str(&calls()).unwrap();
    let bodies: Vec<_> = calls.as_array().unwrap().iter().map(|call| call["body"].clone()).collect();
    assert_eq!(
        bodies,
        [
            serde_json::json!({ "files": [{ "name": "a.txt", "size": 3, "type": "text/plain", "transport": "multipart", "integrity": "sha256" }] }),
            serde_json::json!({ "requests": [{ "token": "T", "uploadId": "U", "intents": [{ "op": "part", "number": 1, "sha256": sha256 }] }] }),
            serde_json::json!({ "requests": [{ "token": "T", "uploadId": "U", "intents": [{ "op": "complete", "parts": [{ "etag": "\"p\"", "sha256": sha256 }] }] }] }),
            serde_json::json!({ "uploads": [{ "token": "T", "etag": "\"e-1\"" }] }),
        ]
    );

    let records: serde_json::Value = serde_json::from_str(&records()).unwrap();
    let records = records.as_array().unwrap();
    let part = serde_json::json!({ "number": 1, "etag": "\"p\"", "sha256": sha256 });
    assert!(records.contains(&part), "{records:?}");
    assert!(records.contains(&"part-checksums".into()), "S3 told none: {records:?}");
    assert_eq!(records.last().unwrap(), "forgotten");
    let upload = records.iter().rfind(|record| record["uploadId"] == "U").unwrap();
    let plan = serde_json::json!({ "kind": "multipart", "partSize": 5_242_880, "parts": 1 });
    assert_eq!(
        (&upload["token"], &upload["plan"], &upload["integrity"]),
        (&"T".into(), &plan, &"sha256".into())
    );
}

#[wasm_bindgen_test]
async fn what_was_saved_is_gone_on_with() {
    let saved = r#"{"token":"T","bucket":"b","key":"k","plan":{"kind":"multipart","partSize":5242880,"parts":1},
        "integrity":"sha256","uploadId":"U","aborting":true,"parts":[{"number":1,"etag":"\"p\""}]}"#;
    let core = UploaderCore::new(scene(r#"[[200,{"results":[{"deleted":true}]}]]"#, "[[]]"));
    let number = of_file(&core, js_sys::JSON::parse(saved).unwrap());
    assert!(core.start(number));
    JsFuture::from(until("aborted")).await.unwrap();
    let deleted = r#""body":{"uploads":[{"token":"T","uploadId":"U"}]}"#;
    assert!(calls().contains(deleted), "{}", calls());
    assert_eq!(requests(), "[]");
}
