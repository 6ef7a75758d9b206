//! S3 as Sealift uses it: addressing, names, and one file per operation.
//!
//! An operation is a struct with what it needs; its `request` builds a
//! [`sigv4::Request`](crate::sigv4::Request) for whoever signs and sends it,
//! its `parse` reads the [`Response`]. Nothing here does I/O.
//!
//! - Names: [`Bucket`], [`ObjectKey`], [`ETag`], [`ContentType`].
//! - Addresses: [`Endpoint`], [`AddressingStyle`].
//! - Operations: [`PutObject`], [`PostObject`], [`HeadObject`], [`GetObject`],
//!   [`DeleteObject`], [`CopyObject`], [`ListObjectsV2`], [`GetObjectTagging`],
//!   [`PutObjectTagging`]; in parts, planned by [`PartPlan`],
//!   [`CreateMultipartUpload`], [`UploadPart`], [`UploadPartCopy`],
//!   [`CompleteMultipartUpload`], [`AbortMultipartUpload`], [`ListParts`], [`ListMultipartUploads`];
//!   of the bucket itself, [`BucketCors`] and [`BucketLifecycle`].
//! - What is stored with an object: [`ObjectOptions`], [`CustomerKey`].
//! - What travels in headers: [`checksum`], [`metadata`], [`disposition`].
//! - What S3 says when it refuses: [`error`], read by the strict [`xml`] reader, and
//!   why it refused a signature ([`explain_signature_mismatch`]).

pub mod checksum;
pub mod disposition;
pub mod error;
pub mod limits;
pub mod metadata;
pub mod xml;

mod abort_multipart_upload;
mod base64;
mod bucket;
mod bucket_cors;
mod bucket_lifecycle;
mod complete_multipart_upload;
mod content_md5;
mod content_type;
mod copy_object;
mod copy_source;
mod create_multipart_upload;
mod customer_key;
mod delete_object;
mod endpoint;
mod etag;
mod get_object;
mod head_object;
mod key;
mod list_multipart_uploads;
mod list_objects_v2;
mod list_parts;
mod object_options;
mod object_tagging;
mod part_plan;
mod post_object;
mod put_object;
mod refused_signature;
mod response;
#[cfg(test)]
mod test_support;
mod upload_part;
mod upload_part_copy;

pub use abort_multipart_upload::{AbortMultipartUpload, AbortMultipartUploadOutput};
pub use bucket::Bucket;
pub use bucket_cors::{BucketCors, CorsRule};
pub use bucket_lifecycle::{BucketLifecycle, LifecycleRule};
pub use complete_multipart_upload::{CompleteMultipartUpload, CompleteMultipartUploadOutput, CompletedPart};
pub use content_type::ContentType;
pub use copy_object::{CopyObject, CopyObjectOutput};
pub use copy_source::CopySource;
pub use create_multipart_upload::{CreateMultipartUpload, CreateMultipartUploadOutput, MultipartChecksum};
pub use customer_key::CustomerKey;
pub use delete_object::DeleteObject;
pub use endpoint::{AddressingStyle, Endpoint};
pub use etag::ETag;
pub use get_object::GetObject;
pub use head_object::{HeadObject, HeadObjectOutput};
pub use key::ObjectKey;
pub use list_multipart_uploads::{
    ListMultipartUploads, ListMultipartUploadsOutput, ListedUpload, UploadMarker,
};
pub use list_objects_v2::{ListObjectsV2, ListObjectsV2Output, ListedObject};
pub use list_parts::{ListParts, ListPartsOutput, ListedPart};
pub use object_options::{Encryption, ObjectOptions, Retention, RetentionMode};
pub use object_tagging::{GetObjectTagging, PutObjectTagging};
pub use part_plan::PartPlan;
#[cfg(feature = "endpoint")]
pub(crate) use post_object::FILENAME_VARIABLE;
pub use post_object::{PostObject, PostObjectOutput, PostSuccess};
pub use put_object::{PutObject, PutObjectOutput};
pub use refused_signature::{explain_signature_mismatch, parse as parse_refused_signature};
pub use response::Response;
pub use upload_part::{UploadPart, UploadPartOutput};
pub use upload_part_copy::{UploadPartCopy, UploadPartCopyOutput};
