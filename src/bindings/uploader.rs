//! The uploader module: the engine and its driver for `js/uploader.js`, which
//! checks every option before it comes here.

use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, RequestCredentials};

use crate::error::Error;
use crate::upload::{
    Config, FileDescription, Instant, Integrity, Notice, StoredObject, Transport, UploadId, Uploader,
};
use crate::web::driver::{Driver, Host};
use crate::web::endpoint::Client;
use crate::web::json::{Json, Writer};

#[wasm_bindgen]
extern "C" {
    /// `{ endpoint, credentials, integrity, concurrency, headers, hash, onNotice, onProgress }`.
    pub type CoreOptions;

    #[wasm_bindgen(method, getter)]
    fn endpoint(this: &CoreOptions) -> String;
    #[wasm_bindgen(method, getter)]
    fn credentials(this: &CoreOptions) -> RequestCredentials;
    #[wasm_bindgen(method, getter)]
    fn integrity(this: &CoreOptions) -> String;
    #[wasm_bindgen(method, getter)]
    fn concurrency(this: &CoreOptions) -> u32;
    /// `(refresh: boolean) => Promise<[name, value][]>`.
    #[wasm_bindgen(method, getter)]
    fn headers(this: &CoreOptions) -> Function;
    /// `(blob: Blob, signal: AbortSignal) => Promise<string>`.
    #[wasm_bindgen(method, getter)]
    fn hash(this: &CoreOptions) -> Function;
    /// `(upload: number, details: { state?, leftBehind?, error?, object?, attempts? }) => void`.
    #[wasm_bindgen(method, getter, js_name = onNotice)]
    fn on_notice(this: &CoreOptions) -> Function;
    /// `(upload: number) => void`.
    #[wasm_bindgen(method, getter, js_name = onProgress)]
    fn on_progress(this: &CoreOptions) -> Function;
}

/// The engine of one uploader. Uploads are known by numbers, from 0.
#[wasm_bindgen]
pub struct UploaderCore {
    driver: Driver,
}

#[wasm_bindgen]
impl UploaderCore {
    /// Takes options that the facade has checked.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(options: &CoreOptions) -> Self {
        let integrity = if options.integrity() == "none" { Integrity::None } else { Integrity::Sha256 };
        let config = Config { integrity, concurrency: options.concurrency() as usize, ..Config::default() };
        let (on_notice, on_progress) = (options.on_notice(), options.on_progress());
        let host = Host {
            client: Client {
                base: options.endpoint(),
                credentials: options.credentials(),
                headers: options.headers(),
            },
            hash: options.hash(),
            on_notice: Box::new(move |driver, notice| tell(&on_notice, driver, &notice)),
            on_progress: Box::new(move |upload| {
                // The facade's listener does not throw.
                let _ = on_progress.call1(&JsValue::UNDEFINED, &upload.number().into());
            }),
        };
        Self { driver: Driver::new(config, host) }
    }

    /// Takes a file, and names its upload; it waits for [`start`](Self::start).
    /// `metadata` is a list of `[name, value]`.
    pub fn add(
        &self,
        blob: Blob,
        name: String,
        content_type: String,
        metadata: JsValue,
        transport: &str,
    ) -> u32 {
        let transport = match transport {
            "put" => Transport::Put,
            "post" => Transport::Post,
            _ => Transport::Auto,
        };
        let metadata = Json::new(metadata).pairs().unwrap_or_default();
        let size = blob.size() as u64;
        let file =
            FileDescription { name, size, content_type, metadata, transport, ..FileDescription::default() };
        self.driver.add(blob, file).number()
    }

    /// Starts an upload. Like all of these it says whether there was something to do.
    pub fn start(&self, upload: u32) -> bool {
        self.command(upload, Uploader::start)
    }

    /// Stops sending.
    pub fn pause(&self, upload: u32) -> bool {
        self.command(upload, Uploader::pause)
    }

    /// Goes on after a pause.
    pub fn resume(&self, upload: u32) -> bool {
        self.command(upload, Uploader::resume)
    }

    /// Starts again.
    pub fn retry(&self, upload: u32) -> bool {
        self.command(upload, Uploader::retry)
    }

    /// Gives up.
    pub fn abort(&self, upload: u32) -> bool {
        self.command(upload, Uploader::abort)
    }

    /// Removes the stored object.
    pub fn delete(&self, upload: u32) -> bool {
        self.command(upload, Uploader::delete)
    }

    /// Forgets an upload that is over.
    pub fn remove(&self, upload: u32) {
        if let Some(upload) = self.driver.upload(upload) {
            self.driver.remove(upload);
        }
    }

    /// `[loaded, total, fraction, bytes a second, milliseconds left]` of an
    /// upload, or of all; empty for one that is not known. Infinity stands for
    /// an unknown time.
    #[must_use]
    pub fn progress(&self, upload: Option<u32>) -> Vec<f64> {
        let progress = match upload.map(|number| self.driver.upload(number)) {
            None => Some(self.driver.ask(Uploader::total_progress)),
            Some(None) => None,
            Some(Some(upload)) => self.driver.ask(|engine, now| engine.progress(upload, now)),
        };
        progress.map_or_else(Vec::new, |progress| {
            let remaining = progress.remaining_ms().map_or(f64::INFINITY, |ms| ms as f64);
            vec![
                progress.loaded() as f64,
                progress.total as f64,
                progress.fraction(),
                progress.speed,
                remaining,
            ]
        })
    }

    /// `{ origin, method, headers }` of the last request of an upload to S3, or undefined.
    #[must_use]
    pub fn target(&self, upload: u32) -> JsValue {
        let Some(target) = self.driver.upload(upload).and_then(|upload| self.driver.target(upload)) else {
            return JsValue::UNDEFINED;
        };
        let headers: Array = target.headers.iter().map(|name| JsValue::from_str(name)).collect();
        let target = Writer::default()
            .with("origin", &target.origin)
            .with("method", target.method)
            .with("headers", headers);
        target.into()
    }
}

impl UploaderCore {
    fn command(&self, upload: u32, command: fn(&mut Uploader, UploadId, Instant) -> bool) -> bool {
        let Some(upload) = self.driver.upload(upload) else { return false };
        self.driver.command(|engine, now| command(engine, upload, now))
    }
}

fn tell(on_notice: &Function, driver: &Driver, notice: &Notice) {
    let (upload, details) = match notice {
        Notice::State { upload, state } => (upload, Writer::default().with("state", state.name())),
        Notice::LeftBehind { upload, bucket, key } => {
            let place = Writer::default().with("bucket", bucket).with("key", key);
            (upload, Writer::default().with("leftBehind", place))
        }
        Notice::Lacks { .. } => return,
    };
    let details = driver.ask(|engine, _| match engine.upload(*upload) {
        Some(upload) => details
            .with_optional("error", upload.error().map(error))
            .with_optional("object", upload.object().map(object))
            .with("attempts", upload.attempts()),
        None => details,
    });
    // The facade's listener does not throw.
    let _ = on_notice.call2(&JsValue::UNDEFINED, &upload.number().into(), &details.into());
}

/// What `js/uploader.js` makes a `SealiftError` of.
fn error(error: &Error) -> JsValue {
    let object = Writer::default()
        .with("kind", error.kind().code())
        .with("code", error.code())
        .with("message", error.message())
        .with("retryable", error.retryable())
        .with_optional("status", error.status())
        .with_optional("requestId", error.request_id());
    object.into()
}

fn object(object: &StoredObject) -> JsValue {
    let object = Writer::default()
        .with("bucket", &object.bucket)
        .with("key", &object.key)
        .with("size", object.size as f64)
        .with("type", &object.content_type)
        .with("etag", &object.etag)
        .with_optional("versionId", object.version_id.as_ref())
        .with_optional("sha256", object.sha256.as_ref())
        .with("url", &object.url)
        .with("urlLifetime", object.url_lifetime_ms as f64)
        .with("receipt", &object.receipt);
    object.into()
}
