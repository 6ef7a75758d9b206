//! What a client may say of the object beside its bytes, and what it must: all
//! that the rules store with every object, and nothing that they do not.

use crate::endpoint::{Reason, Refusal, SigningEndpoint, misconfigured, types};
use crate::s3::disposition::Disposition;
use crate::s3::limits::MAX_METADATA_BYTES;
use crate::s3::{ContentType, CreateMultipartUpload, FILENAME_VARIABLE, ObjectKey, metadata};
use crate::time::Timestamp;

/// Where names and values stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Fields of a form, each under its policy.
    Form,
    /// Signed headers of a Create.
    Headers,
}

impl SigningEndpoint {
    /// Checks fields or headers, names in lower case, that say how an object is
    /// stored. Those that say something else are the caller's.
    pub(super) fn check_stored(
        &self,
        now: Timestamp,
        given: &[(String, String)],
        place: Place,
    ) -> Result<(), Refusal> {
        let wanted = self.wanted(now, place)?;
        for (name, value) in &wanted {
            if !given.iter().any(|pair| pair == &(name.clone(), value.clone())) {
                return Err(Refusal::new(
                    Reason::TransportRefused,
                    format!("objects here are stored with {name}, which the client must send as configured"),
                ));
            }
        }
        let mut metadata_bytes = 0;
        for (name, value) in given.iter().filter(|pair| !wanted.contains(pair)) {
            match name.strip_prefix(metadata::PREFIX) {
                Some(own) => {
                    check_metadata(own, value)?;
                    metadata_bytes += own.len() + value.len();
                }
                None if is_harmless_acl(name, value, place) => {}
                None => return Err(unknown_field()),
            }
        }
        if metadata_bytes > MAX_METADATA_BYTES {
            return Err(Refusal::new(Reason::MetadataRefused, "metadata has at most 2 KB"));
        }
        Ok(())
    }

    /// Checks a type, and that what is not known to be harmless in a browser is
    /// stored as a download.
    pub(super) fn check_shown(
        &self,
        content_type: Option<&str>,
        disposition: Option<&str>,
    ) -> Result<(), Refusal> {
        let content_type = match content_type {
            Some(text) => self.rules.check_type(text)?,
            None => self.rules.check_type(ContentType::octet_stream().as_str())?,
        };
        // What S3 calls a file whose type nobody said.
        let unsaid = matches!(content_type.essence(), "application/octet-stream" | "binary/octet-stream");
        let shown = types::disposition(&content_type, &self.rules.inline_types) == Disposition::Inline;
        if unsaid || shown || disposition.is_some_and(is_attachment) {
            return Ok(());
        }
        Err(Refusal::new(
            Reason::TypeRefused,
            format!(
                "files of type {} are stored as downloads here: the client must send Content-Disposition: attachment",
                content_type.essence()
            ),
        ))
    }

    /// What the rules store with every object, as this place has it.
    fn wanted(&self, now: Timestamp, place: Place) -> Result<Vec<(String, String)>, Refusal> {
        let options = self.object_options(now);
        let headers = || {
            let key = ObjectKey::parse("key")?;
            let create = CreateMultipartUpload {
                options: Some(&options),
                ..CreateMultipartUpload::new(self.bucket(), &key)
            };
            Ok(create.request(&self.s3)?.headers().to_vec())
        };
        let headers: Vec<(String, String)> = headers().map_err(misconfigured)?;
        Ok(match place {
            // These clients leave other headers unsigned, so they bind nothing.
            Place::Headers => headers.into_iter().filter(|(name, _)| name.starts_with("x-amz-")).collect(),
            Place::Form => headers
                .into_iter()
                .map(
                    |(name, value)| {
                        if name == "x-amz-acl" { ("acl".to_owned(), value) } else { (name, value) }
                    },
                )
                .collect(),
        })
    }
}

pub(super) fn unknown_field() -> Refusal {
    Refusal::new(Reason::MetadataRefused, "the client sends a field or header that the rules do not have")
}

/// `private` is what an object is without an ACL; Fine Uploader always says it.
fn is_harmless_acl(name: &str, value: &str, place: Place) -> bool {
    let acl = match place {
        Place::Form => "acl",
        Place::Headers => "x-amz-acl",
    };
    name == acl && matches!(value, "private" | "bucket-owner-full-control")
}

fn is_attachment(disposition: &str) -> bool {
    disposition.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("attachment"))
}

fn check_metadata(name: &str, value: &str) -> Result<(), Refusal> {
    let plain_name = !name.is_empty()
        && name.len() <= 128
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'));
    let plain_value = value.bytes().all(|b| matches!(b, b' '..=b'~')) && !value.contains(FILENAME_VARIABLE);
    if plain_name && plain_value {
        return Ok(());
    }
    Err(Refusal::new(
        Reason::MetadataRefused,
        "names of metadata have a-z, 0-9, '-' and '_'; values are printable ASCII without ${filename}",
    ))
}
