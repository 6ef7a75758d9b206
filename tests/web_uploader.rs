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
    let answers, notices, log;
    const fetchOfPage = globalThis.fetch;

    /** The options of a core whose endpoint gives these answers, `[status, body]` each, one after the other. */
    export function scene(text) {
      answers = JSON.parse(text);
      notices = [];
      log = [];
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
        snapshots: false,
        headers: async (refresh) => [["x-app", refresh ? "fresh" : "stale"]],
        hash: async (blob) => {
          if (blob.type === "broken") throw new DOMException("gone", "NotReadableError");
          return { sha256: "ab".repeat(32) };
        },
        onNotice: (upload, details) => notices.push(details),
        onProgress() {},
      };
    }

    /** Waits until the upload came to this state; answers the states and the last error. */
    export async function until(state) {
      for (let turn = 0; turn < 2000; turn++) {
        const last = notices.at(-1);
        if (last?.state === state) {
          return JSON.stringify({ states: notices.map((notice) => notice.state), error: last.error });
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error(`never ${state}: ${JSON.stringify(notices)}`);
    }

    export const calls = () => JSON.stringify(log);
    export const blob = (type) => new Blob(["abc"], { type });
"#)]
extern "C" {
    fn scene(answers: &str) -> Page;
    fn until(state: &str) -> Promise;
    fn calls() -> String;
    fn blob(kind: &str) -> Blob;
}

async fn upload(answers: &str, kind: &str, end: &str) -> String {
    let core = UploaderCore::new(scene(answers));
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
