//! Time, chance and the one timer: what the engine takes as arguments.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn fill_with_random_values(values: &js_sys::BigUint64Array);

    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(handler: &JsValue, milliseconds: f64) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// The longest delay that `setTimeout` takes; a longer one would fire at once.
const LONGEST_DELAY: u64 = i32::MAX as u64;

/// Milliseconds since the page was opened. Never runs backwards.
pub fn now() -> u64 {
    performance_now() as u64
}

/// Milliseconds since 1970 of a date in ISO 8601, by the platform's parser;
/// `None` where it is no date.
pub fn parse_date(text: &str) -> Option<f64> {
    Some(js_sys::Date::parse(text)).filter(|moment| !moment.is_nan())
}

/// 64 bits that nobody can guess.
pub fn random_seed() -> u64 {
    let values = js_sys::BigUint64Array::new_with_length(1);
    fill_with_random_values(&values);
    values.get_index(0)
}

/// A timer that can be set to one moment at a time.
pub struct Timer {
    handler: Closure<dyn FnMut()>,
    set: Option<(u64, JsValue)>,
}

impl Timer {
    /// A timer that calls `handler` when its moment has come. Not set yet.
    pub fn new(handler: impl FnMut() + 'static) -> Self {
        Self { handler: Closure::new(handler), set: None }
    }

    /// Sets the timer to a moment of [`now`], or stops it. The handler may be
    /// called early (a delay of more than 24 days): it looks at the clock.
    pub fn set(&mut self, moment: Option<u64>) {
        if self.set.as_ref().map(|(at, _)| *at) == moment {
            return;
        }
        if let Some((_, timer)) = self.set.take() {
            clear_timeout(&timer);
        }
        if let Some(at) = moment {
            // One more: the clock above drops fractions, `setTimeout` does not.
            let delay = at.saturating_sub(now()).saturating_add(1).min(LONGEST_DELAY);
            self.set = Some((at, set_timeout(self.handler.as_ref(), delay as f64)));
        }
    }

    /// Says that the handler was called, so that the same moment can be set again.
    pub fn fired(&mut self) {
        self.set = None;
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.set(None);
    }
}
