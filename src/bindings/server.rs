//! The server module: the rules of the signing endpoint, for JavaScript
//! backends. What differs between them (requests, log-ins, `fetch`) is in
//! `js/server.js`; what a call may do is decided here.

mod config;
mod ports;
mod receipts;

use js_sys::{Object, Reflect, Uint8Array};
use subtle::ConstantTimeEq;
use wasm_bindgen::prelude::*;

use crate::endpoint::protocol::{CallError, ErrorAnswer};
use crate::endpoint::service::{Access, Answer, Caller, PageHeaders, PageOrigins, Route, Service};
use crate::endpoint::{Reason, Refusal, UserId};
use config::Parsed;
use ports::{JsPorts, World};

pub use receipts::ReceiptVerifier;

/// A configured backend. Its answers are
/// `{ status, type?, body?, location?, retryAfter? }`: an HTTP status with JSON
/// or a page (`type` is the content type), or where the browser goes; seconds
/// after which a refused call may succeed.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Handler {
    service: Service<JsPorts>,
    origins: PageOrigins,
    app_key: Option<Vec<u8>>,
}

/// A method and a path that were found to be a call.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Call(Route);

#[wasm_bindgen]
impl Call {
    /// Who may make it: `user`, `app` or `anyone`.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn access(&self) -> String {
        let name = match self.0.access() {
            Access::User => "user",
            Access::App => "app",
            Access::Anyone => "anyone",
        };
        name.to_owned()
    }
}

#[wasm_bindgen]
impl Handler {
    /// From a configuration (its shape: `js/server.d.ts`, names in snake case) and the world.
    ///
    /// # Errors
    /// What of the configuration cannot be used.
    #[wasm_bindgen(constructor)]
    pub fn new(config: JsValue, world: World) -> Result<Self, JsValue> {
        let Parsed { endpoint, store, origins, app_key, hooks } = config::parse(config)?;
        let ports = JsPorts::new(world, store);
        let service = Service::new(endpoint, ports);
        let service = match hooks {
            Some(hooks) => service.with_hooks(hooks),
            None => service,
        };
        Ok(Self { service, origins, app_key })
    }

    /// From now on these keys sign: temporary ones are replaced before they expire.
    ///
    /// # Errors
    /// `invalid_credentials`.
    #[wasm_bindgen(js_name = replaceCredentials)]
    pub fn replace_credentials(
        &self,
        access_key_id: String,
        secret_access_key: String,
        session_token: Option<String>,
    ) -> Result<(), JsValue> {
        let credentials = crate::sigv4::Credentials::new(access_key_id, secret_access_key, session_token)?;
        self.service.endpoint().credentials().replace(credentials);
        Ok(())
    }

    /// Which call a method and a path (below the endpoint's own address) are.
    ///
    /// # Errors
    /// An answer that refuses it.
    pub fn find(&self, method: &str, path: &str, request_id: &str) -> Result<Call, JsValue> {
        Route::find(method, path)
            .map(Call)
            .map_err(|none| self.refuse(none.status(), none.code(), none.message(), false, request_id))
    }

    /// An answer that refuses for a reason of the runtime's.
    #[must_use]
    pub fn refuse(
        &self,
        status: u16,
        code: &str,
        message: &str,
        retryable: bool,
        request_id: &str,
    ) -> JsValue {
        let (code, message) = (code.to_owned(), message.to_owned());
        let error = CallError { code, message, retryable, request_id: Some(request_id.to_owned()) };
        errors(status, &ErrorAnswer { error }).into()
    }

    /// Whether pages of this origin may call.
    #[must_use]
    pub fn allows(&self, origin: &str) -> bool {
        self.origins.allow(origin.as_bytes())
    }

    /// Checks the page that makes a call, by its headers; empty texts for those that are missing.
    ///
    /// # Errors
    /// An answer that refuses it.
    #[wasm_bindgen(js_name = checkPage)]
    pub fn check_page(
        &self,
        call: &Call,
        method: &str,
        origin: Option<String>,
        fetch_site: Option<String>,
        content_type: Option<String>,
        request_id: &str,
    ) -> Result<(), JsValue> {
        if call.0.access() == Access::Anyone {
            return Ok(());
        }
        let origins: Vec<&[u8]> = origin.iter().map(String::as_bytes).collect();
        let page = PageHeaders {
            method,
            origins: &origins,
            fetch_site: fetch_site.as_ref().map(String::as_bytes),
            content_type: content_type.as_ref().map(String::as_bytes),
        };
        self.origins.check(&page).map_err(|refusal| refused(&refusal, request_id))
    }

    /// Whether a bearer token is the app's own key; compared in constant time.
    #[wasm_bindgen(js_name = isApp)]
    #[must_use]
    pub fn is_app(&self, bearer: &str) -> bool {
        self.app_key.as_ref().is_some_and(|key| bool::from(key.ct_eq(bearer.as_bytes())))
    }

    /// An answer that refuses for one of the protocol's own reasons, by its code.
    #[must_use]
    pub fn refusal(&self, code: &str, message: &str, request_id: &str) -> JsValue {
        let reason = Reason::ALL.iter().find(|reason| reason.code() == code);
        let reason = reason.copied().unwrap_or(Reason::Misconfigured);
        refused(&Refusal::new(reason, message.to_owned()), request_id)
    }

    /// Answers a call of a user (`user`), of the app, or of anyone.
    pub async fn answer(
        &self,
        call: &Call,
        user: Option<String>,
        body: Vec<u8>,
        request_id: String,
    ) -> JsValue {
        let answer = async {
            let caller = match (call.0.access(), &user) {
                (Access::User, Some(user)) => Caller::User(UserId::parse(user).map_err(|_| {
                    Refusal::new(Reason::Unauthenticated, "the app's authentication names no valid user")
                })?),
                (Access::User, None) => {
                    return Err(Refusal::new(Reason::Unauthenticated, "nobody is logged in"));
                }
                (Access::App, _) => Caller::App,
                (Access::Anyone, _) => Caller::Anyone,
            };
            self.service.answer(&call.0, &caller, &body).await
        };
        match answer.await {
            Ok(Answer::Json(json)) => written(200, JSON, &json).into(),
            Ok(Answer::SeeOther(location)) => {
                let answer = object(303);
                set(&answer, "location", &location.into());
                answer.into()
            }
            Err(refusal) if matches!(call.0, Route::FinishForm { .. }) => page(&refusal),
            Err(refusal) => refused(&refusal, &request_id),
        }
    }
}

const JSON: &str = "application/json";

fn refused(refusal: &Refusal, request_id: &str) -> JsValue {
    let answer = errors(refusal.status(), &ErrorAnswer::new(refusal, Some(request_id.to_owned())));
    if let Some(seconds) = refusal.retry_after() {
        set(&answer, "retryAfter", &seconds.into());
    }
    answer.into()
}

fn errors(status: u16, answer: &ErrorAnswer) -> Object {
    written(status, JSON, &serde_json::to_string(answer).unwrap_or_default())
}

/// For people who came by a form, and have no script to read JSON.
fn page(refusal: &Refusal) -> JsValue {
    let html = crate::endpoint::service::error_page(refusal.message(), refusal.code(), None);
    written(refusal.status(), "text/html; charset=utf-8", &html).into()
}

fn written(status: u16, content_type: &str, body: &str) -> Object {
    let answer = object(status);
    set(&answer, "type", &content_type.into());
    set(&answer, "body", &body.into());
    answer
}

fn object(status: u16) -> Object {
    let answer = Object::new();
    set(&answer, "status", &status.into());
    answer
}

fn set(object: &Object, name: &str, value: &JsValue) {
    // Setting a property of a new plain object cannot fail.
    let _ = Reflect::set(object, &name.into(), value);
}

/// Bytes that JavaScript passed, or the UTF-8 of a text.
fn bytes_of(value: &JsValue) -> Option<Vec<u8>> {
    let bytes = value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec);
    bytes.or_else(|| value.as_string().map(String::into_bytes))
}
