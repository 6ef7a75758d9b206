//! Plain HTML forms: `POST /forms`, and the way back of the browser.

use crate::endpoint::claims::{FormClaims, moment, seconds};
use crate::endpoint::create::{check_metadata, pairs};
use crate::endpoint::expected::{Expected, Way};
use crate::endpoint::finish::FinishCheck;
use crate::endpoint::integrity::Digests;
use crate::endpoint::protocol::{
    CreateForms, CreateFormsAnswer, CreatedForm, FinishedUpload, NewForm, SizeRange,
};
use crate::endpoint::secrets::Purpose;
use crate::endpoint::{Context, Random, Reason, Refusal, SigningEndpoint, misconfigured, token, unsealable};
use crate::error::{Error, ErrorKind, Result};
use crate::s3::{Bucket, HeadObject, HeadObjectOutput, ObjectKey, PostObject, PostSuccess};
use crate::sigv4::Origin;
use crate::time::Timestamp;

/// Longest address of the page to come back to, in bytes.
const MAX_REDIRECT_BYTES: usize = 1024;

impl SigningEndpoint {
    /// Answers `POST /forms`.
    ///
    /// # Errors
    /// [`Reason::TooManyFiles`]; [`Reason::Misconfigured`] without a
    /// [`form_finish_url`](crate::endpoint::EndpointConfig::form_finish_url).
    pub fn create_forms(
        &self,
        context: &Context<'_>,
        call: CreateForms,
        random: Random<'_>,
    ) -> Result<CreateFormsAnswer, Refusal> {
        self.rules.check_count(call.forms.len())?;
        let finish_url = self.form_finish_url.as_deref().ok_or_else(|| {
            Refusal::new(Reason::Misconfigured, "this server has no address that forms could come back to")
        })?;
        let forms = call
            .forms
            .into_iter()
            .map(|form| self.create_form(context, form, finish_url, random).into())
            .collect();
        Ok(CreateFormsAnswer { now: context.now.iso8601(), forms })
    }

    /// First step of a form's way back; `grant` is the token in the address
    /// that S3 sent the browser to. Nothing else of that address is believed,
    /// so no user is asked for: the receipt belongs to the user of the grant.
    ///
    /// # Errors
    /// [`Reason::GrantInvalid`]; [`Reason::GrantExpired`] past the greatest age.
    pub fn begin_form_finish(&self, now: Timestamp, grant: &str) -> Result<FormFinishCheck<'_>, Refusal> {
        let claims: FormClaims = token::open(&self.secrets, Purpose::Form, grant).ok_or_else(|| {
            Refusal::new(Reason::GrantInvalid, "the token is no form's grant of this server")
        })?;
        self.check_place(&claims.environment, &claims.bucket, Reason::GrantInvalid)?;
        let end = moment(claims.issued).plus_seconds(i64::from(self.rules.rules.grant_max_age));
        if now >= end {
            return Err(Refusal::new(Reason::GrantExpired, "the form is too old"));
        }
        let check = FinishCheck {
            endpoint: self,
            key: ObjectKey::parse(&claims.key).map_err(misconfigured)?,
            expected: Expected {
                user: claims.user,
                name: claims.name,
                min_size: claims.min_size,
                max_size: claims.max_size,
                content_type: claims.content_type,
                digests: Digests::default(),
                way: Way::Form,
                metadata: claims.metadata,
                etag: None,
            },
        };
        Ok(FormFinishCheck { check, redirect: claims.redirect })
    }

    fn create_form(
        &self,
        context: &Context<'_>,
        form: NewForm,
        finish_url: &str,
        random: Random<'_>,
    ) -> Result<CreatedForm, Refusal> {
        self.check_post_is_open()?;
        let size = self.form_size(form.size)?;
        let content_type = self.rules.check_type(&form.content_type)?;
        check_metadata(&form.metadata)?;
        self.check_redirect(&form.redirect)?;
        let name = form.name.unwrap_or_else(|| "file".to_owned());
        let key = self.new_key(context, &name, random)?;
        let expires = context.now.plus_seconds(i64::from(self.rules.rules.grant_lifetime));
        let claims = FormClaims {
            user: context.user.as_str().to_owned(),
            environment: self.environment.clone(),
            bucket: self.bucket().as_str().to_owned(),
            key,
            name,
            min_size: size.min,
            max_size: size.max,
            content_type: content_type.as_str().to_owned(),
            metadata: form.metadata,
            redirect: form.redirect,
            issued: seconds(context.now),
            expires: seconds(expires),
        };
        let grant = token::seal(&self.secrets, Purpose::Form, &claims).ok_or_else(unsealable)?;
        self.sign_form(context.now, &claims, &format!("{finish_url}/{grant}"))
            .map(|(url, fields)| CreatedForm { url, fields, token: grant, expires: expires.iso8601() })
            .map_err(|error| match error.kind() {
                ErrorKind::InvalidPolicy => {
                    Refusal::new(Reason::TransportRefused, error.message().to_owned())
                }
                _ => misconfigured(error),
            })
    }

    fn sign_form(
        &self,
        now: Timestamp,
        claims: &FormClaims,
        back: &str,
    ) -> Result<(String, Vec<(String, String)>)> {
        let stored = self.stored(&claims.content_type, Some(&claims.name))?;
        let key = ObjectKey::parse(&claims.key)?;
        let policy = PostObject {
            bucket: self.bucket(),
            key: &key,
            content_length: (claims.min_size, claims.max_size),
            content_type: &stored.content_type,
            content_disposition: &stored.disposition,
            metadata: &pairs(&claims.metadata),
            options: Some(&self.object_options(now)),
            sha256: None,
            crc64nvme: None,
            success: PostSuccess::Redirect(back),
            expiration: moment(claims.expires),
        }
        .policy()?;
        let credentials = self.credentials.current();
        let form = self.signer(&credentials).sign_post_policy(&policy, &self.options(now)?)?;
        Ok((self.s3.bucket_url(self.bucket())?, form.fields))
    }

    /// The sizes that a form takes: those asked for, if they lie within the rules.
    fn form_size(&self, wanted: Option<SizeRange>) -> Result<SizeRange, Refusal> {
        let rules = self.rules();
        let most = rules.max_size.min(rules.max_post_size);
        let size = wanted.unwrap_or(SizeRange { min: rules.min_size, max: most });
        if rules.min_size <= size.min && size.min <= size.max && size.max <= most {
            return Ok(size);
        }
        let least = rules.min_size;
        Err(Refusal::new(
            Reason::SizeRefused,
            format!("a form here takes sizes from {least} to {most} bytes"),
        ))
    }

    fn check_redirect(&self, redirect: &str) -> Result<(), Refusal> {
        let refuse = |message| Err(Refusal::new(Reason::RedirectRefused, message));
        let plain = redirect.len() <= MAX_REDIRECT_BYTES
            && redirect.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'\\' | b'"' | b'<' | b'>'));
        if !plain {
            return refuse("the page to come back to is a URL of at most 1,024 ASCII characters");
        }
        // `//host` is another host's address, not a path.
        if redirect.starts_with('/') && !redirect.starts_with("//") {
            return Ok(());
        }
        match origin_of(redirect) {
            Some(origin) if self.rules.redirect_origins.contains(&origin) => Ok(()),
            _ => refuse("the page to come back to is neither a path of this server nor of an allowed origin"),
        }
    }
}

/// A form whose object is to be looked at.
#[derive(Debug)]
pub struct FormFinishCheck<'a> {
    check: FinishCheck<'a>,
    redirect: String,
}

impl FormFinishCheck<'_> {
    /// The bucket to look in.
    #[must_use]
    pub const fn bucket(&self) -> &Bucket {
        self.check.bucket()
    }

    /// The key to look at.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        self.check.key()
    }

    /// The HEAD to send.
    #[must_use]
    pub const fn head(&self) -> HeadObject<'_> {
        self.check.head()
    }

    /// Where the browser goes if the object is refused, or S3 does not answer:
    /// the page of the app, with `error=CODE` in its query.
    #[must_use]
    pub fn failure_location(&self, refusal: &Refusal) -> String {
        with_query(&self.redirect, "error", refusal.code())
    }

    /// Second step: compares what S3 says, as [`FinishCheck::conclude`].
    ///
    /// # Errors
    /// As [`FinishCheck::conclude`].
    pub fn conclude(&self, now: Timestamp, head: Option<&HeadObjectOutput>) -> Result<FormFinished, Refusal> {
        let upload = self.check.conclude(now, head)?;
        Ok(FormFinished { location: with_query(&self.redirect, "receipt", &upload.receipt), upload })
    }
}

/// A form whose object arrived as granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormFinished {
    /// Where the browser goes: the page of the app, with `receipt=…` in its query.
    pub location: String,
    /// The object.
    pub upload: FinishedUpload,
}

/// The finish URL is a field of forms, so it must be one plain absolute URL.
pub(super) fn check_finish_url(url: &str) -> Result<()> {
    let plain =
        url.bytes().all(|b| b.is_ascii_graphic()) && !url.contains(['?', '#', '$']) && !url.ends_with('/');
    match origin_of(url) {
        Some(_) if plain => Ok(()),
        _ => Err(Error::new(
            ErrorKind::InvalidUrl,
            "the finish URL of forms is absolute, without a query and without a slash at its end",
        )),
    }
}

/// Scheme, host and port of an absolute URL.
fn origin_of(url: &str) -> Option<Origin> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    Origin::parse(&format!("{scheme}://{}", rest.get(..end)?)).ok()
}

/// The address with one more query parameter, whose value needs no encoding.
fn with_query(address: &str, name: &str, value: &str) -> String {
    let (page, fragment) =
        address.split_once('#').map_or((address, None), |(page, fragment)| (page, Some(fragment)));
    let separator = if page.contains('?') { '&' } else { '?' };
    let mut location = format!("{page}{separator}{name}={value}");
    if let Some(fragment) = fragment {
        location.push('#');
        location.push_str(fragment);
    }
    location
}
