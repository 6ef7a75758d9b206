//! Objects of JavaScript, read and written by name. What does not fit is
//! noted, not returned: each early return would have to drop what was read so
//! far, which was a third of the code that reads.

use std::cell::Cell;

use wasm_bindgen::JsValue;

use super::hands;

/// The largest number below which every whole one is exact.
const MAX_INTEGER: f64 = 9_007_199_254_740_992.0;

/// A value and the note whether all that was read of it, and of what is in
/// it, was there.
pub struct Json<'a> {
    value: JsValue,
    wrong: &'a Cell<bool>,
}

/// Reads a value; `None` where something was missing or something else.
pub fn read<T>(value: JsValue, what: impl FnOnce(&Json) -> T) -> Option<T> {
    let wrong = Cell::new(false);
    let read = what(&Json { value, wrong: &wrong });
    (!wrong.get()).then_some(read)
}

impl<'a> Json<'a> {
    /// Reads this with a note of its own.
    pub fn apart<T>(self, what: impl FnOnce(&Json) -> T) -> Option<T> {
        read(self.value, what)
    }

    /// Says that this is not what it should be.
    pub fn refuse(&self) {
        self.wrong.set(true);
    }

    /// What stands here when something is missing: noted, and nothing.
    pub fn required<T: Default>(&self, found: Option<T>) -> T {
        found.unwrap_or_else(|| {
            self.refuse();
            T::default()
        })
    }

    /// The property of that name; undefined where there is none.
    pub fn child(&self, name: &str) -> Self {
        Self { value: hands::child(&self.value, name), wrong: self.wrong }
    }

    /// Whether there is anything but null.
    pub fn exists(&self) -> bool {
        !self.value.is_undefined()
    }

    /// A text, which has to be there.
    pub fn text(&self, name: &str) -> String {
        self.required(self.optional_text(name))
    }

    /// A text; `None` where it is missing or something else.
    pub fn optional_text(&self, name: &str) -> Option<String> {
        hands::text(&self.value, name)
    }

    /// A whole number from 0 to 2⁵³, which has to be there.
    pub fn integer(&self, name: &str) -> u64 {
        self.required(self.optional_integer(name))
    }

    /// A whole number from 0 to 2⁵³; `None` where it is missing or something else.
    pub fn optional_integer(&self, name: &str) -> Option<u64> {
        let number = hands::number(&self.value, name);
        ((0.0..=MAX_INTEGER).contains(&number) && number % 1.0 == 0.0).then_some(number as u64)
    }

    /// A whole number below 2¹⁶, which has to be there.
    pub fn short(&self, name: &str) -> u16 {
        self.required(u16::try_from(self.integer(name)).ok())
    }

    /// Whether a property is true.
    pub fn is_true(&self, name: &str) -> bool {
        hands::is_true(&self.value, name)
    }

    /// Milliseconds since 1970 of a date in ISO 8601, which has to be there.
    pub fn moment(&self, name: &str) -> f64 {
        let moment = hands::moment(&self.value, name);
        if moment.is_nan() {
            self.refuse();
        }
        moment
    }

    /// What is in this list; each item may have a note of its own.
    pub fn items<T>(&self, what: impl Fn(JsValue) -> T) -> Vec<T> {
        let length = self.integer("length");
        let mut items = Vec::new();
        while (items.len() as u64) < length {
            let item = hands::item(&self.value, items.len() as u32);
            if item.is_undefined() {
                // No list, then.
                self.refuse();
                break;
            }
            items.push(what(item));
        }
        items
    }

    /// What is in this list, of which every item has to be right.
    pub fn list<T>(&self, what: impl Fn(&Self) -> T) -> Vec<T> {
        self.items(|value| what(&Self { value, wrong: self.wrong }))
    }

    /// A list of `[name, value]`.
    pub fn pairs(&self) -> Vec<(String, String)> {
        self.list(|pair| (pair.text("0"), pair.text("1")))
    }
}

/// An object being written.
pub struct Writer(JsValue);

impl Default for Writer {
    fn default() -> Self {
        Self(hands::object())
    }
}

impl Writer {
    /// Adds a text.
    #[must_use]
    pub fn text(self, name: &str, value: &str) -> Self {
        hands::put_text(&self.0, name, value);
        self
    }

    /// Adds a text, if there is one.
    #[must_use]
    pub fn optional_text(self, name: &str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            hands::put_text(&self.0, name, value);
        }
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn number(self, name: &str, value: f64) -> Self {
        hands::put_number(&self.0, name, value);
        self
    }

    /// Adds a yes or no.
    #[must_use]
    pub fn flag(self, name: &str, value: bool) -> Self {
        hands::put_flag(&self.0, name, value);
        self
    }

    /// Adds an object or a list, if there is one.
    #[must_use]
    pub fn value(self, name: &str, value: &JsValue) -> Self {
        if !value.is_undefined() {
            hands::put(&self.0, name, value);
        }
        self
    }

    /// Adds a list.
    #[must_use]
    pub fn list<T>(self, name: &str, items: &[T], write: impl Fn(&T) -> Self) -> Self {
        let list = hands::list();
        for item in items {
            hands::push(&list, &write(item).0);
        }
        self.value(name, &list)
    }
}

impl From<Writer> for JsValue {
    fn from(writer: Writer) -> Self {
        writer.0
    }
}

/// A list of `[name, value]`.
pub fn pairs(pairs: &[(String, String)]) -> JsValue {
    let list = hands::list();
    for (name, value) in pairs {
        hands::push_pair(&list, name, value);
    }
    list
}
