//! The uploader module: the engine and its driver for `js/uploader.js`, which
//! checks every option before it comes here.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::Blob;

use crate::upload::{Config, FileDescription, Instant, UploadId, Uploader};
use crate::web::driver::Driver;
use crate::web::json;
use crate::web::names;
pub use crate::web::page::Page;
use crate::web::record;

/// The engine of one uploader. Uploads are known by numbers, from 0.
#[wasm_bindgen]
pub struct UploaderCore {
    driver: Rc<Driver>,
}

#[wasm_bindgen]
impl UploaderCore {
    /// Takes options that the facade has checked.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(options: Page) -> Self {
        let config = Config {
            integrity: names::integrity(&options.integrity()),
            concurrency: options.concurrency() as usize,
            snapshots: options.snapshots(),
            ..Config::default()
        };
        Self { driver: Driver::new(config, options) }
    }

    /// Takes a file, and names its upload; it waits for [`start`](Self::start).
    /// `metadata` is a list of `[name, value]`; `saved` what was saved of the
    /// file's upload, its parts among it.
    #[allow(
        clippy::too_many_arguments,
        reason = "of a call from JavaScript, each is a word; an object would be a map"
    )]
    pub fn add(
        &self,
        blob: &Blob,
        name: String,
        content_type: String,
        metadata: JsValue,
        transport: &str,
        priority: &str,
        saved: JsValue,
    ) -> u32 {
        let file = FileDescription {
            name,
            size: blob.size() as u64,
            content_type,
            metadata: json::read(metadata, |metadata| metadata.pairs()).unwrap_or_default(),
            transport: names::transport(transport),
            priority: names::priority(priority),
        };
        let upload = self.driver.command(|engine, _| match record::parse(saved) {
            Some((saved, parts)) => engine.add_saved(file, saved, parts),
            None => engine.add(file),
        });
        self.driver.hands().keep(upload.number(), blob);
        upload.number()
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

    /// Changes when its turn comes.
    #[wasm_bindgen(js_name = setPriority)]
    pub fn set_priority(&self, upload: u32, priority: &str) -> bool {
        let priority = names::priority(priority);
        self.driver.command(|engine, now| engine.set_priority(UploadId::new(upload), priority, now))
    }

    /// Forgets an upload that is over, and its file.
    pub fn remove(&self, upload: u32) {
        if self.command(upload, |engine, upload, _| engine.remove(upload)) {
            self.driver.hands().drop(upload);
        }
    }

    /// `[loaded, total, fraction, bytes a second, milliseconds left, confirmed]`
    /// of an upload, or of all; empty for one that is not known. Infinity
    /// stands for an unknown time.
    #[must_use]
    pub fn progress(&self, upload: Option<u32>) -> Vec<f64> {
        let progress = self.driver.ask(|engine, now| match upload {
            None => Some(engine.total_progress(now)),
            Some(upload) => engine.progress(UploadId::new(upload), now),
        });
        progress.map_or_else(Vec::new, |progress| {
            let remaining = progress.remaining_ms().map_or(f64::INFINITY, |ms| ms as f64);
            vec![
                progress.loaded() as f64,
                progress.total as f64,
                progress.fraction(),
                progress.speed,
                remaining,
                progress.confirmed as f64,
            ]
        })
    }

    /// `{ origin, method, headers }` of the last request of an upload to S3, or undefined.
    #[must_use]
    pub fn target(&self, upload: u32) -> JsValue {
        self.driver.hands().target(upload)
    }
}

impl UploaderCore {
    fn command(&self, upload: u32, command: fn(&mut Uploader, UploadId, Instant) -> bool) -> bool {
        self.driver.command(|engine, now| command(engine, UploadId::new(upload), now))
    }
}
