//! JSON by the platform's own parser and printer, read by name: a fraction of
//! what serde weighs.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

/// The largest number below which every whole one is exact.
const MAX_INTEGER: f64 = 9_007_199_254_740_992.0;

/// A value that came out of `JSON.parse`, or an object of options.
#[derive(Clone)]
pub struct Json(JsValue);

impl Json {
    /// Wraps any JavaScript value.
    pub const fn new(value: JsValue) -> Self {
        Self(value)
    }

    /// Reads JSON; `None` where it is none.
    pub fn parse(text: &str) -> Option<Self> {
        js_sys::JSON::parse(text).ok().map(Self)
    }

    /// The property of that name; undefined where there is none.
    pub fn field(&self, name: &str) -> Self {
        Self(Reflect::get(&self.0, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED))
    }

    /// The property of that name, unless it is missing or null.
    pub fn optional(&self, name: &str) -> Option<Self> {
        let field = self.field(name);
        (!field.0.is_null() && !field.0.is_undefined()).then_some(field)
    }

    /// The text of a property; `None` where it is missing or something else.
    pub fn text(&self, name: &str) -> Option<String> {
        self.field(name).0.as_string()
    }

    /// A whole number from 0 to 2⁵³; `None` where it is missing or something else.
    pub fn integer(&self, name: &str) -> Option<u64> {
        let number = self.field(name).0.as_f64()?;
        ((0.0..=MAX_INTEGER).contains(&number) && number % 1.0 == 0.0).then_some(number as u64)
    }

    /// A yes or no; `None` where it is missing or something else.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.field(name).0.as_bool()
    }

    /// The items of a property that is a list; `None` where it is none.
    pub fn list(&self, name: &str) -> Option<Vec<Self>> {
        self.field(name).items()
    }

    /// The items, where this is a list.
    pub fn items(&self) -> Option<Vec<Self>> {
        self.0.dyn_ref::<Array>().map(|list| list.iter().map(Self).collect())
    }

    /// A list of `[name, value]`; `None` where it is none.
    pub fn pairs(&self) -> Option<Vec<(String, String)>> {
        let pair = |item: Self| {
            let pair = item.0.dyn_into::<Array>().ok()?;
            Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
        };
        self.items()?.into_iter().map(pair).collect()
    }
}

/// An object being written.
#[derive(Default)]
pub struct Writer(Object);

impl Writer {
    /// Adds a property.
    #[must_use]
    pub fn with(self, name: &str, value: impl Into<JsValue>) -> Self {
        // It cannot fail on a plain object.
        let _ = Reflect::set(&self.0, &JsValue::from_str(name), &value.into());
        self
    }

    /// Adds a property, if there is a value for it.
    #[must_use]
    pub fn with_optional(self, name: &str, value: Option<impl Into<JsValue>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

impl From<Writer> for JsValue {
    fn from(writer: Writer) -> Self {
        writer.0.into()
    }
}

/// The JSON of a value, as a JavaScript string: it need not come into wasm.
pub fn stringify(value: &JsValue) -> JsValue {
    js_sys::JSON::stringify(value).map(JsValue::from).unwrap_or_default()
}
