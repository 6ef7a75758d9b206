//! What the page hands in, and what it is told.

use wasm_bindgen::prelude::*;

use super::json::Writer;
use crate::error::Error;
use crate::s3::checksum::crc64nvme_to_base64;
use crate::upload::{Notice, StoredObject, Uploader};

#[wasm_bindgen]
extern "C" {
    /// `{ endpoint, credentials, integrity, concurrency, snapshots, headers, hash, onNotice, onProgress, onLacks, save,
    /// forget }`, of which `hands.js` uses some itself.
    pub type Page;

    /// `sha256`, `crc64nvme`, `both` or `none`.
    #[wasm_bindgen(method, getter)]
    pub fn integrity(this: &Page) -> String;
    /// Requests to S3 at once.
    #[wasm_bindgen(method, getter)]
    pub fn concurrency(this: &Page) -> u32;
    /// Whether uploads are to be saved.
    #[wasm_bindgen(method, getter)]
    pub fn snapshots(this: &Page) -> bool;

    /// `details`: `{ state?, leftBehind?, error?, object?, attempts? }`.
    #[wasm_bindgen(method, js_name = onNotice)]
    fn on_notice(this: &Page, upload: u32, details: &JsValue);
    /// Its progress is another.
    #[wasm_bindgen(method, js_name = onProgress)]
    pub fn on_progress(this: &Page, upload: u32);
    /// `post-forms` or `part-checksums`.
    #[wasm_bindgen(method, js_name = onLacks)]
    fn on_lacks(this: &Page, feature: &str);
}

/// A notice, ready to be told when the engine is no longer borrowed.
pub enum Told {
    /// Of the upload of that number.
    Upload(u32, JsValue),
    /// The name of a feature.
    Lacks(&'static str),
}

impl Told {
    /// The page's listeners do not throw.
    pub fn tell(&self, page: &Page) {
        match self {
            Self::Upload(upload, details) => page.on_notice(*upload, details),
            Self::Lacks(feature) => page.on_lacks(feature),
        }
    }
}

/// What the page is told of a notice.
pub fn told(engine: &Uploader, notice: &Notice) -> Told {
    let (upload, details) = match notice {
        Notice::State { upload, state } => (upload, Writer::default().text("state", state.name())),
        Notice::LeftBehind { upload, bucket, key } => {
            let place = Writer::default().text("bucket", bucket).text("key", key);
            (upload, Writer::default().value("leftBehind", &place.into()))
        }
        Notice::Lacks { feature } => return Told::Lacks(feature.name()),
    };
    let known = engine.upload(*upload);
    let details = details
        .number("attempts", f64::from(known.map_or(0, |it| it.attempts())))
        .value("error", &known.and_then(|it| it.error()).map_or(JsValue::UNDEFINED, error))
        .value("object", &known.and_then(|it| it.object()).map_or(JsValue::UNDEFINED, object));
    Told::Upload(upload.number(), details.into())
}

/// What `js/uploader.js` makes a `SealiftError` of.
fn error(error: &Error) -> JsValue {
    let written = Writer::default()
        .text("kind", error.kind().code())
        .text("code", error.code())
        .text("message", error.message())
        .flag("retryable", error.retryable())
        .optional_text("requestId", error.request_id());
    match error.status() {
        Some(status) => written.number("status", f64::from(status)).into(),
        None => written.into(),
    }
}

fn object(object: &StoredObject) -> JsValue {
    let written = Writer::default()
        .text("bucket", &object.bucket)
        .text("key", &object.key)
        .number("size", object.size as f64)
        .text("type", &object.content_type)
        .text("etag", &object.etag)
        .optional_text("versionId", object.version_id.as_deref())
        .optional_text("sha256", object.sha256.as_deref())
        .optional_text("crc64nvme", object.crc64nvme.map(crc64nvme_to_base64).as_deref())
        .optional_text("compositeSha256", object.composite_sha256.as_deref())
        .text("url", &object.url)
        .number("urlLifetime", object.url_lifetime_ms as f64)
        .text("receipt", &object.receipt);
    written.into()
}
