//! What Rust calls in `hands.js`.

use wasm_bindgen::prelude::*;
use web_sys::Blob;

/// Called with the number of a task, the bytes that have left or -1, and the
/// outcome: see `Heard` in `hands.js`.
pub type Heard = Closure<dyn Fn(u32, f64, JsValue)>;

/// The timer's task.
pub const TIMER: u32 = 0;
/// The task of a network that may be back.
pub const ONLINE: u32 = 1;
/// The task of a network that is gone.
pub const OFFLINE: u32 = 2;

#[wasm_bindgen(module = "/src/web/hands.js")]
extern "C" {
    /// The requests, readings and the timer of one uploader.
    pub type Hands;

    #[wasm_bindgen(constructor)]
    pub fn new(page: &JsValue, heard: &Heard) -> Hands;
    #[wasm_bindgen(method)]
    pub fn close(this: &Hands);
    #[wasm_bindgen(method)]
    pub fn keep(this: &Hands, upload: u32, blob: &Blob);
    #[wasm_bindgen(method)]
    pub fn drop(this: &Hands, upload: u32);
    #[wasm_bindgen(method)]
    pub fn target(this: &Hands, upload: u32) -> JsValue;
    #[wasm_bindgen(method)]
    pub fn timer(this: &Hands, delay: f64);
    #[wasm_bindgen(method)]
    pub fn save(this: &Hands, upload: u32, record: &JsValue);
    #[wasm_bindgen(method)]
    pub fn stop(this: &Hands, task: u32);
    #[wasm_bindgen(method)]
    pub fn hash(
        this: &Hands,
        task: u32,
        upload: u32,
        start: f64,
        end: f64,
        algorithms: &str,
        chunk_size: f64,
    );
    #[wasm_bindgen(method, js_name = chunkHashes)]
    pub fn chunk_hashes(this: &Hands, upload: u32, start: f64) -> JsValue;
    #[wasm_bindgen(method, js_name = dropChunks)]
    pub fn drop_chunks(this: &Hands, upload: u32, start: f64);
    #[wasm_bindgen(method)]
    pub fn call(this: &Hands, task: u32, path: &str, body: &JsValue);
    #[wasm_bindgen(method)]
    #[allow(
        clippy::too_many_arguments,
        reason = "of a call to JavaScript, each is a word; an object would be a map"
    )]
    pub fn send(
        this: &Hands,
        task: u32,
        upload: u32,
        method: &str,
        url: &str,
        pairs: &JsValue,
        text: Option<&str>,
        start: f64,
        end: f64,
        chunk_size: f64,
        signatures: Option<&str>,
    );

    pub fn child(from: &JsValue, name: &str) -> JsValue;
    pub fn text(from: &JsValue, name: &str) -> Option<String>;
    pub fn number(from: &JsValue, name: &str) -> f64;
    #[wasm_bindgen(js_name = isTrue)]
    pub fn is_true(from: &JsValue, name: &str) -> bool;
    pub fn moment(from: &JsValue, name: &str) -> f64;
    pub fn item(list: &JsValue, index: u32) -> JsValue;

    pub fn object() -> JsValue;
    pub fn list() -> JsValue;
    pub fn put(object: &JsValue, name: &str, value: &JsValue);
    #[wasm_bindgen(js_name = put)]
    pub fn put_text(object: &JsValue, name: &str, value: &str);
    #[wasm_bindgen(js_name = put)]
    pub fn put_number(object: &JsValue, name: &str, value: f64);
    #[wasm_bindgen(js_name = put)]
    pub fn put_flag(object: &JsValue, name: &str, value: bool);
    pub fn push(list: &JsValue, value: &JsValue);
    #[wasm_bindgen(js_name = pushPair)]
    pub fn push_pair(list: &JsValue, name: &str, value: &str);
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    #[wasm_bindgen(js_namespace = Math)]
    fn random() -> f64;
}

/// Milliseconds since the page was opened. Never runs backwards.
pub fn now() -> u64 {
    performance_now() as u64
}

/// What spreads waits over pages; nothing that nobody may guess.
pub fn seed() -> u64 {
    (random() * 9_007_199_254_740_992.0) as u64
}
