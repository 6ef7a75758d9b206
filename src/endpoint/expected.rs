//! What an object must be, compared with what S3 says it is.

use std::collections::BTreeMap;

use crate::endpoint::integrity::Digests;
use crate::endpoint::protocol::PartIntegrity;
use crate::endpoint::{Integrity, Reason, Refusal, SigningEndpoint, misconfigured};
use crate::s3::{ContentType, ETag, HeadObjectOutput};

/// What the object must be.
#[derive(Debug)]
pub(super) struct Expected {
    pub user: String,
    pub name: String,
    pub min_size: u64,
    pub max_size: u64,
    pub content_type: String,
    pub digests: Digests,
    pub way: Way,
    pub metadata: BTreeMap<String, String>,
    pub etag: Option<ETag>,
}

/// How the object came to S3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Put,
    /// A PUT, every chunk of it signed.
    Chunks,
    Form,
    Parts(u16, PartIntegrity),
}

const SHARED_KEY: &str =
    "this S3 keeps no checksum, and another upload may have had this key: it is not known what arrived";

/// What is certain of the object's bytes.
#[derive(Debug)]
pub(super) struct Known {
    pub sha256: Option<[u8; 32]>,
    pub crc64nvme: Option<u64>,
    pub composite_sha256: Option<String>,
}

impl Expected {
    /// Compares, and answers what is certain.
    pub(super) fn compare(
        &self,
        endpoint: &SigningEndpoint,
        head: &HeadObjectOutput,
    ) -> Result<Known, Refusal> {
        self.compare_headers(head)?;
        let differ = |granted: bool, what| if granted { Err(differs(what)) } else { Ok(()) };
        let (granted, unguessable) = (self.digests, endpoint.rules.key.is_unguessable());
        differ(
            granted.sha256.is_some() && head.sha256.is_some() && granted.sha256 != head.sha256,
            "the object in the bucket has another SHA-256 than was granted",
        )?;
        differ(
            granted.crc64nvme.is_some() && head.crc64nvme.is_some() && granted.crc64nvme != head.crc64nvme,
            "the object in the bucket has another CRC64NVME than was granted",
        )?;
        if let (Way::Parts(parts, _), Some(composite)) = (self.way, &head.composite_sha256) {
            let counted = composite.rsplit_once('-').is_some_and(|(_, count)| count == parts.to_string());
            differ(!counted, "the object in the bucket has another number of parts than was granted")?;
        }
        let known = Known {
            sha256: match self.way {
                // The payload hash of a PUT is signed: S3 took no other bytes, at a key that no other grant has.
                Way::Put if unguessable => head.sha256.or(granted.sha256),
                Way::Put | Way::Chunks | Way::Form => head.sha256,
                // Of parts no S3 knows the whole, whatever it calls what it has.
                Way::Parts(..) => None,
            },
            crc64nvme: head.crc64nvme,
            composite_sha256: head.composite_sha256.clone(),
        };
        // What another grant may have put there is nobody's to finish, whatever the rules ask of one's own bytes.
        let foreign = !unguessable && self.etag.is_none() && !self.is_proven(&known);
        match self.doubt(&known) {
            _ if foreign => Err(Refusal::new(Reason::IntegrityUnverified, SHARED_KEY)),
            Some(doubt) if endpoint.rules().integrity == Integrity::Required => {
                Err(Refusal::new(Reason::IntegrityUnverified, doubt))
            }
            _ => Ok(known),
        }
    }

    /// Whether a checksum shows that these are the granted bytes; those of parts
    /// are compared by the page.
    fn is_proven(&self, known: &Known) -> bool {
        let of_parts = match self.way {
            Way::Parts(_, integrity) => integrity,
            Way::Put | Way::Chunks | Way::Form => PartIntegrity::None,
        };
        let sha256 = self.digests.sha256.is_some() && known.sha256.is_some();
        let composite = of_parts.has_sha256() && known.composite_sha256.is_some();
        let crc64nvme =
            (self.digests.crc64nvme.is_some() || of_parts.has_crc64nvme()) && known.crc64nvme.is_some();
        sha256 || composite || crc64nvme
    }

    fn compare_headers(&self, head: &HeadObjectOutput) -> Result<(), Refusal> {
        if !(self.min_size..=self.max_size).contains(&head.size) {
            return Err(differs("the object in the bucket has another size than was granted"));
        }
        if self.etag.as_ref().is_some_and(|etag| *etag != head.etag) {
            return Err(differs("the object in the bucket is not the one that the page uploaded"));
        }
        let granted_type = ContentType::parse(&self.content_type).map_err(misconfigured)?;
        if !head.content_type.as_deref().is_some_and(|stored| granted_type.same_as(stored)) {
            return Err(differs("the object in the bucket has another type than was granted"));
        }
        // The one header that S3 stores unsigned and that changes what a browser makes of the bytes.
        if head.content_encoding.is_some() {
            return Err(differs("the object in the bucket has a content encoding, which was not granted"));
        }
        Ok(())
    }

    /// Why it is not known what arrived, though a digest was granted.
    fn doubt(&self, known: &Known) -> Option<&'static str> {
        let (sha256, crc64nvme) = (self.digests.sha256.is_some(), self.digests.crc64nvme.is_some());
        match self.way {
            // Of two digests either one will do; of one, that one: S3 makes some of its own accord.
            Way::Put | Way::Form if sha256 && known.sha256.is_some() => None,
            Way::Put | Way::Form if crc64nvme && known.crc64nvme.is_some() => None,
            Way::Put | Way::Form if !sha256 && !crc64nvme => None,
            Way::Form => {
                Some("this S3 keeps no checksum of forms, so it is not known what arrived: send by PUT")
            }
            Way::Put if sha256 => Some(SHARED_KEY),
            Way::Parts(_, PartIntegrity::Crc64Nvme) | Way::Put if known.crc64nvme.is_none() => {
                Some("this S3 keeps no CRC64NVME, so it is not known what arrived: send a SHA-256")
            }
            // The payload hash of every part is signed, and that of every chunk.
            Way::Put | Way::Chunks | Way::Parts(..) => None,
        }
    }
}

fn differs(what: &'static str) -> Refusal {
    Refusal::new(Reason::ObjectDiffers, what)
}
