//! Whether there is a network, as far as the browser knows.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

/// What the browser thinks right now. Where it has no opinion: yes.
pub fn is_online() -> bool {
    Reflect::get(&js_sys::global(), &"navigator".into())
        .and_then(|navigator| Reflect::get(&navigator, &"onLine".into()))
        .map(|online| online.as_bool() != Some(false))
        .unwrap_or(true)
}

/// Listens to the browser's `online` and `offline` events until it is dropped.
pub struct NetworkWatch {
    target: EventTarget,
    listener: Closure<dyn FnMut()>,
}

const EVENTS: [&str; 2] = ["online", "offline"];

impl NetworkWatch {
    /// Calls `changed` whenever the network may have come or gone.
    pub fn new(changed: impl FnMut() + 'static) -> Self {
        let watch = Self { target: js_sys::global().unchecked_into(), listener: Closure::new(changed) };
        for event in EVENTS {
            // Pages and workers have this method; elsewhere there are no such events.
            let _ =
                watch.target.add_event_listener_with_callback(event, watch.listener.as_ref().unchecked_ref());
        }
        watch
    }
}

impl Drop for NetworkWatch {
    fn drop(&mut self) {
        for event in EVENTS {
            let _ = self
                .target
                .remove_event_listener_with_callback(event, self.listener.as_ref().unchecked_ref());
        }
    }
}
