//! S3 as Sealift uses it: addressing, names, and one file per operation.
//!
//! An operation is a struct with what it needs; its `request` builds a
//! [`sigv4::Request`](crate::sigv4::Request) for whoever signs and sends it,
//! its `parse` reads the [`Response`]. Nothing here does I/O.
//!
//! - Names: [`Bucket`], [`ObjectKey`], [`ETag`], [`ContentType`].
//! - Addresses: [`Endpoint`], [`AddressingStyle`].
//! - Operations: [`PutObject`], [`PostObject`], [`HeadObject`], [`GetObject`],
//!   [`DeleteObject`].
//! - What travels in headers: [`checksum`], [`metadata`], [`disposition`].
//! - What S3 says when it refuses: [`error`], read by the strict [`xml`] reader.

pub mod checksum;
pub mod disposition;
pub mod error;
pub mod limits;
pub mod metadata;
pub mod xml;

mod bucket;
mod content_type;
mod delete_object;
mod endpoint;
mod etag;
mod get_object;
mod head_object;
mod key;
mod post_object;
mod put_object;
mod response;

pub use bucket::Bucket;
pub use content_type::ContentType;
pub use delete_object::DeleteObject;
pub use endpoint::{AddressingStyle, Endpoint};
pub use etag::ETag;
pub use get_object::GetObject;
pub use head_object::{HeadObject, HeadObjectOutput};
pub use key::ObjectKey;
#[cfg(feature = "endpoint")]
pub(crate) use post_object::FILENAME_VARIABLE;
pub use post_object::{PostObject, PostObjectOutput, PostSuccess};
pub use put_object::{PutObject, PutObjectOutput};
pub use response::Response;
