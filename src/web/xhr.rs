//! Bytes to S3, by XMLHttpRequest: the only way a browser reports the
//! progress of an upload.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{Blob, FormData, ProgressEvent, XmlHttpRequest};

use crate::s3::Response;

/// What a request carries.
pub enum Body {
    /// The bytes of a file or of a slice of it.
    Bytes(Blob),
    /// A POST form: the fields in their order, then the file, as S3 wants it.
    Form {
        /// Names and values.
        fields: Vec<(String, String)>,
        /// The value of the last field, `file`.
        file: Blob,
    },
}

/// A request to S3, signed already.
pub struct Request {
    /// `PUT` or `POST`.
    pub method: &'static str,
    /// Where to, signature included where it stands in the query.
    pub url: String,
    /// The headers that the page must set.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub body: Body,
}

/// What happens to a request.
pub enum Event {
    /// Bytes of the body that have left. Only for [`Body::Bytes`].
    Progress(u64),
    /// S3 answered.
    Answer(Response),
    /// No answer came, or the page may not see it.
    Failed,
}

/// A request under way. Dropping it cancels it; nothing is heard of it then.
pub struct Sending {
    xhr: XmlHttpRequest,
    _listeners: Vec<Closure<dyn FnMut(JsValue)>>,
}

/// Sends a request; `on_event` hears of its progress and, once, of its end.
///
/// A form gets no listener for progress: with one, its request would no longer
/// be a simple one and would cost a preflight.
///
/// # Errors
/// What the browser throws for a URL, method or header that it does not send.
pub fn send(request: Request, on_event: impl Fn(Event) + 'static) -> Result<Sending, JsValue> {
    let xhr = XmlHttpRequest::new()?;
    xhr.open(request.method, &request.url)?;
    for (name, value) in &request.headers {
        xhr.set_request_header(name, value)?;
    }

    let on_event = Rc::new(on_event);
    let mut listeners = Vec::with_capacity(3);
    if let Body::Bytes(_) = request.body {
        let on_event = Rc::clone(&on_event);
        let listener = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| {
            let event: ProgressEvent = event.unchecked_into();
            on_event(Event::Progress(event.loaded() as u64));
        });
        xhr.upload()?.set_onprogress(Some(listener.as_ref().unchecked_ref()));
        listeners.push(listener);
    }
    let (answered, answering) = (Rc::clone(&on_event), xhr.clone());
    let listener = Closure::<dyn FnMut(JsValue)>::new(move |_| {
        answered(Event::Answer(answer(&answering)));
    });
    xhr.set_onload(Some(listener.as_ref().unchecked_ref()));
    listeners.push(listener);
    let listener = Closure::<dyn FnMut(JsValue)>::new(move |_| on_event(Event::Failed));
    xhr.set_onerror(Some(listener.as_ref().unchecked_ref()));
    listeners.push(listener);

    let sending = Sending { xhr, _listeners: listeners };
    match request.body {
        Body::Bytes(bytes) => sending.xhr.send_with_opt_blob(Some(&bytes))?,
        Body::Form { fields, file } => {
            let form = FormData::new()?;
            for (name, value) in &fields {
                form.append_with_str(name, value)?;
            }
            form.append_with_blob("file", &file)?;
            sending.xhr.send_with_opt_form_data(Some(&form))?;
        }
    }
    Ok(sending)
}

impl Drop for Sending {
    fn drop(&mut self) {
        // Without listeners `abort` is silent; of a finished request it does nothing.
        self.xhr.set_onload(None);
        self.xhr.set_onerror(None);
        if let Ok(upload) = self.xhr.upload() {
            upload.set_onprogress(None);
        }
        // It cannot fail for a request that was opened.
        let _ = self.xhr.abort();
    }
}

fn answer(xhr: &XmlHttpRequest) -> Response {
    // Asking for one header that CORS hides would write to the console.
    let headers = xhr.get_all_response_headers().unwrap_or_default();
    Response {
        status: xhr.status().unwrap_or_default(),
        headers: headers.lines().filter_map(parse_header).collect(),
        body: xhr.response_text().ok().flatten().unwrap_or_default().into_bytes(),
    }
}

fn parse_header(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    Some((name.to_owned(), value.trim().to_owned()))
}
