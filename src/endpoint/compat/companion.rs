//! Uppy's Companion: keys are made here, parts are presigned, and the server
//! itself creates, lists, completes and aborts.

use std::collections::BTreeMap;

use crate::endpoint::create::{check_metadata, pairs};
use crate::endpoint::sign_multipart::check_upload_id;
use crate::endpoint::{Context, Random, Reason, Refusal, SigningEndpoint, misconfigured};
use crate::error::Error;
use crate::s3::limits::MAX_PARTS;
use crate::s3::{
    AbortMultipartUpload, CompleteMultipartUpload, CompletedPart, CreateMultipartUpload, ETag, Endpoint,
    ListParts, ListedPart, ObjectKey, PostObject, PostSuccess,
};
use crate::sigv4::Request;
use crate::time::Timestamp;

/// For how many seconds what is signed for an Uppy can be used.
const LIFETIME_SECONDS: u32 = 900;

/// A file as Uppy describes it, which is all but its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanionUpload {
    /// The file's name.
    pub filename: String,
    /// Its type; of a file without one, none.
    pub content_type: Option<String>,
    /// What is stored with it.
    pub metadata: BTreeMap<String, String>,
}

/// A POST form for a file in one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanionForm {
    /// Where it goes.
    pub url: String,
    /// What it carries beside the file.
    pub fields: Vec<(String, String)>,
    /// For how many seconds it can be used.
    pub expires: u32,
}

/// An upload in parts that was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanionParts {
    key: ObjectKey,
    upload_id: String,
}

/// A part that a client says S3 has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanionPart {
    /// Its number.
    pub number: u16,
    /// Its ETag, quoted or not.
    pub etag: String,
}

impl SigningEndpoint {
    /// `GET /s3/params`: a form for one file.
    ///
    /// # Errors
    /// What the rules refuse; [`Reason::TransportRefused`] where there are no forms.
    pub fn companion_form(
        &self,
        context: &Context<'_>,
        upload: &CompanionUpload,
        random: Random<'_>,
    ) -> Result<CompanionForm, Refusal> {
        self.check_compat().map_err(misconfigured)?;
        self.check_post_is_open()?;
        let (key, content_type) = self.companion_new(context, upload, random)?;
        let rules = self.rules();
        let form = || {
            let stored = self.stored(&content_type, Some(&upload.filename))?;
            let policy = PostObject {
                bucket: self.bucket(),
                key: &key,
                content_length: (rules.min_size, rules.max_size.min(rules.max_post_size)),
                content_type: &stored.content_type,
                content_disposition: &stored.disposition,
                metadata: &pairs(&upload.metadata),
                options: Some(&self.object_options(context.now)),
                sha256: None,
                crc64nvme: None,
                success: PostSuccess::Created,
                expiration: context.now.plus_seconds(i64::from(LIFETIME_SECONDS)),
            }
            .policy()?;
            let form = self
                .signer(&self.credentials.current())
                .sign_post_policy(&policy, &self.options(context.now)?)?;
            Ok::<_, Error>((self.s3.bucket_url(self.bucket())?, form.fields))
        };
        let (url, fields) = form().map_err(misconfigured)?;
        Ok(CompanionForm { url, fields, expires: LIFETIME_SECONDS })
    }

    /// `POST /s3/multipart`: a new key, and the request by which the server
    /// creates the upload at `s3`.
    ///
    /// # Errors
    /// What the rules refuse.
    pub fn companion_create(
        &self,
        context: &Context<'_>,
        upload: &CompanionUpload,
        s3: &Endpoint,
        random: Random<'_>,
    ) -> Result<(String, Request), Refusal> {
        self.check_compat().map_err(misconfigured)?;
        let (key, content_type) = self.companion_new(context, upload, random)?;
        let request = || {
            let stored = self.stored(&content_type, Some(&upload.filename))?;
            CreateMultipartUpload {
                content_type: Some(&stored.content_type),
                content_disposition: Some(&stored.disposition),
                metadata: &pairs(&upload.metadata),
                options: Some(&self.object_options(context.now)),
                ..CreateMultipartUpload::new(self.bucket(), &key)
            }
            .request(s3)
        };
        Ok((key.as_str().to_owned(), request().map_err(misconfigured)?))
    }

    /// An upload that a client names by key and id.
    ///
    /// # Errors
    /// [`Reason::KeyRefused`] for another user's key; [`Reason::MalformedRequest`].
    pub fn companion_upload(
        &self,
        context: &Context<'_>,
        key: &str,
        upload_id: &str,
    ) -> Result<CompanionParts, Refusal> {
        Ok(CompanionParts {
            key: self.own_key(context, key)?,
            upload_id: check_upload_id(Some(upload_id))?.to_owned(),
        })
    }

    /// `GET /s3/multipart/{uploadId}/{partNumber}`: a presigned PUT, and for how
    /// many seconds it can be used. It binds no length: Complete counts.
    ///
    /// # Errors
    /// [`Reason::PartRefused`] for a number that no part has.
    pub fn companion_part(
        &self,
        now: Timestamp,
        upload: &CompanionParts,
        number: u32,
    ) -> Result<(String, u32), Refusal> {
        if !(1..=u32::from(MAX_PARTS)).contains(&number) {
            return Err(Refusal::new(
                Reason::PartRefused,
                "the parts of an upload have the numbers 1 to 10,000",
            ));
        }
        let url = || {
            let request = self
                .s3
                .object_request("PUT", self.bucket(), &upload.key)?
                .query("partNumber", &number.to_string())
                .query("uploadId", &upload.upload_id);
            Ok::<_, Error>(
                self.signer(&self.credentials.current())
                    .presign(&request, &self.options(now)?, LIFETIME_SECONDS)?
                    .url,
            )
        };
        Ok((url().map_err(misconfigured)?, LIFETIME_SECONDS))
    }

    /// A page of the parts that S3 has.
    #[must_use]
    pub const fn companion_list<'a>(&'a self, upload: &'a CompanionParts, after: u16) -> ListParts<'a> {
        ListParts { after, ..ListParts::new(self.bucket(), &upload.key, upload.upload_id.as_str()) }
    }

    /// What gives it up.
    #[must_use]
    pub const fn companion_abort<'a>(&'a self, upload: &'a CompanionParts) -> AbortMultipartUpload<'a> {
        AbortMultipartUpload { bucket: self.bucket(), key: &upload.key, upload_id: upload.upload_id.as_str() }
    }

    /// `POST /s3/multipart/{uploadId}/complete`: the request by which the server
    /// joins the parts at `s3`, its body, and where the object will be. The
    /// parts that the client names must be those that S3 lists, and their sum a
    /// size that is allowed; what S3 is then told to join is what was counted.
    ///
    /// # Errors
    /// [`Reason::PartRefused`]; [`Reason::SizeRefused`]: the upload is to be given up.
    pub fn companion_complete(
        &self,
        upload: &CompanionParts,
        named: &[CompanionPart],
        listed: &[ListedPart],
        s3: &Endpoint,
    ) -> Result<(Request, String), Refusal> {
        let refuse = |message| Refusal::new(Reason::PartRefused, message);
        let mut named: Vec<_> = named.iter().collect();
        named.sort_by_key(|part| part.number);
        let numbered = (1_u16..).zip(&named).all(|(number, part)| part.number == number);
        if named.is_empty() || !numbered {
            return Err(refuse("the parts of an upload have the numbers from 1 on, each once"));
        }
        let mut total = 0_u64;
        let mut parts = Vec::with_capacity(named.len());
        for part in named {
            let etag = ETag::parse(&part.etag).ok();
            let found = listed
                .iter()
                .find(|listed| listed.number == part.number && Some(&listed.etag) == etag.as_ref());
            let found = found.ok_or_else(|| refuse("S3 has other parts than the client names"))?;
            total = total.saturating_add(found.size);
            parts.push(CompletedPart { etag: found.etag.clone(), sha256: None, crc64nvme: None });
        }
        self.check_total(total)?;
        let complete = CompleteMultipartUpload {
            if_none_match: self.rules.rules.conditional_writes,
            ..CompleteMultipartUpload::new(self.bucket(), &upload.key, &upload.upload_id, &parts)
        };
        complete.request(s3).map_err(misconfigured)
    }

    /// Where browsers find an object; only a signature opens it.
    ///
    /// # Errors
    /// [`Reason::Misconfigured`].
    pub fn companion_location(&self, upload: &CompanionParts) -> Result<String, Refusal> {
        let request = self.s3.object_request("GET", self.bucket(), &upload.key).map_err(misconfigured)?;
        Ok(request.url())
    }

    fn companion_new(
        &self,
        context: &Context<'_>,
        upload: &CompanionUpload,
        random: Random<'_>,
    ) -> Result<(ObjectKey, String), Refusal> {
        let content_type = upload.content_type.as_deref().filter(|text| !text.is_empty());
        let content_type = self.rules.check_type(content_type.unwrap_or("application/octet-stream"))?;
        check_metadata(&upload.metadata)?;
        let key = self.new_key(context, &upload.filename, random)?;
        Ok((ObjectKey::parse(&key).map_err(misconfigured)?, content_type.as_str().to_owned()))
    }
}

impl CompanionParts {
    /// Its key.
    #[must_use]
    pub fn key(&self) -> &str {
        self.key.as_str()
    }
}
