//! A model of the bucket: keys, what is stored under them, and whether a
//! write over what is there is refused.

use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object {
    /// Whose bytes: the number of the upload; one above 2^32 for damaged ones.
    pub content: u64,
    pub size: u64,
}

#[derive(Default)]
pub struct Bucket {
    pub objects: BTreeMap<String, Object>,
    pub conditional: bool,
}

impl Bucket {
    /// The status of a PUT or POST.
    pub fn put(&mut self, key: &str, object: Object) -> u16 {
        if self.conditional && self.objects.contains_key(key) {
            return 412;
        }
        self.objects.insert(key.into(), object);
        200
    }
}
