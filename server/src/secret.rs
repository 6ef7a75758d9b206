//! Bytes that are never printed.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A key or password: `Debug` shows nothing of it, and its memory is wiped
/// when it is dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the secret as it is, byte for byte.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }

    /// The secret a file holds, without the line break that editors and `echo`
    /// put at its end.
    ///
    /// # Errors
    /// When the file cannot be read or holds nothing.
    pub fn read(path: &Path) -> io::Result<Self> {
        let secret = Self::trimmed(fs::read(path)?);
        if secret.0.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the file is empty"));
        }
        Ok(secret)
    }

    /// The secret a file holds; where there is no file yet, `make` makes the
    /// secret and it is kept there for the next start, readable by its owner
    /// alone. Two processes that start at once end up with the same one.
    ///
    /// # Errors
    /// When the file can be neither read nor written.
    pub fn read_or_create(path: &Path, make: impl FnOnce() -> io::Result<String>) -> io::Result<Self> {
        match Self::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => create(path, &make()?),
            read => return read,
        }?;
        Self::read(path)
    }

    /// The bytes, for the one place that signs or compares with them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The secret as text, if it is UTF-8.
    #[must_use]
    pub fn expose_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// How many bytes it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has no bytes at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Compares in a time that does not depend on where the two differ.
    #[must_use]
    pub fn matches(&self, candidate: &[u8]) -> bool {
        // Digests have one length, so that the secret's length does not show either.
        let (ours, theirs) = (sealift::digest::sha256(&self.0), sealift::digest::sha256(candidate));
        ours.ct_eq(&theirs).into()
    }

    fn trimmed(mut bytes: Vec<u8>) -> Self {
        let end = bytes.iter().rposition(|byte| !byte.is_ascii_whitespace()).map_or(0, |last| last + 1);
        bytes.truncate(end);
        Self::new(bytes)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// `count` bytes of the operating system's randomness in hexadecimal.
///
/// # Errors
/// When the system has none to give.
pub fn random_hex(count: usize) -> io::Result<String> {
    let mut bytes = Zeroizing::new(vec![0; count]);
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(hex::encode(&*bytes))
}

/// Writes a whole file under a name of its own first: nobody ever reads half a
/// secret, and of two processes the first one's stays.
fn create(path: &Path, text: &str) -> io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", random_hex(8)?));
    let draft = Path::new(&draft);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(draft).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()
    });
    let linked = written.and_then(|()| match fs::hard_link(draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    let removed = fs::remove_file(draft);
    linked.and(removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_secret_is_printed() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(redacted)");
    }

    #[test]
    fn made_once_and_kept_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let first = Secret::read_or_create(&path, || random_hex(32)).unwrap();
        let second = Secret::read_or_create(&path, || panic!("made twice")).unwrap();
        assert_eq!(first.len(), 64);
        assert!(first.matches(second.expose()));
        assert!(!first.matches(b"something else"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left behind");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn an_empty_file_is_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, " \n").unwrap();
        assert!(Secret::read(&path).is_err());
    }
}
