//! Files on disk: content that is immutable once written, and JSON that is
//! replaced by rename, which is what makes a change visible.

use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use s3s::crypto::{Checksum as _, Sha256};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A content file. Until [`DataFile::keep`] is called, and again after
/// [`DataFile::condemn`], it is removed when the last holder lets go: an answer
/// that is being sent keeps the bytes it started with.
#[derive(Debug)]
pub(crate) struct DataFile {
    path: PathBuf,
    condemned: AtomicBool,
}

impl DataFile {
    /// A new file of a random name in `folder`; nothing refers to it yet.
    pub(crate) fn create(folder: &Path) -> io::Result<(Self, fs::File)> {
        let path = folder.join(random_hex());
        let file = fs::OpenOptions::new().write(true).create_new(true).open(&path)?;
        Ok((Self { path, condemned: AtomicBool::new(true) }, file))
    }

    /// One that a record refers to.
    pub(crate) fn existing(path: PathBuf) -> Self {
        Self { path, condemned: AtomicBool::new(false) }
    }

    pub(crate) fn name(&self) -> String {
        self.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn keep(&self) {
        self.condemned.store(false, Ordering::Relaxed);
    }

    pub(crate) fn condemn(&self) {
        self.condemned.store(true, Ordering::Relaxed);
    }
}

impl Drop for DataFile {
    fn drop(&mut self) {
        if self.condemned.load(Ordering::Relaxed) {
            // A file left behind is swept at the next start.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The file name of a key's record: keys are not file names (`a` and `a/b` are
/// two objects, and `..` is a key like any other).
pub(crate) fn record_name(key: &str) -> String {
    format!("{}.json", hex::encode(Sha256::checksum(key.as_bytes())))
}

/// Writes a record beside its place and renames it in.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_vec(value).map_err(io::Error::other)?;
    let temporary = path.with_extension(format!("{}.tmp", random_hex()));
    fs::write(&temporary, text)?;
    fs::rename(&temporary, path)
}

pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> io::Result<T> {
    let text = fs::read(path)?;
    serde_json::from_slice(&text)
        .map_err(|e| io::Error::new(io::ErrorKind::InvalidData, format!("{}: {e}", path.display())))
}

/// The records in a folder; leftovers of interrupted writes are removed.
pub(crate) fn read_json_folder<T: DeserializeOwned>(folder: &Path) -> io::Result<Vec<T>> {
    let mut records = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.extension().and_then(|e| e.to_str()) {
            Some("json") => records.push(read_json(&path)?),
            Some("tmp") => fs::remove_file(&path)?,
            _ => {}
        }
    }
    Ok(records)
}

/// 128 bits that no other name here has; not for secrets.
pub(crate) fn random_hex() -> String {
    let draw = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", draw(), draw())
}
