//! `POST /sign`: a fresh signature for every attempt, and grants renewed.

use crate::endpoint::claims::{GrantClaims, moment, seconds};
use crate::endpoint::protocol::{
    AnsweredIntent, Intent, Plan, SignAnswer, SignRequest, SignRequests, SignedIntents, SignedRequest,
};
use crate::endpoint::secrets::Purpose;
use crate::endpoint::sign_chunks::{ChunkHashes, missing};
use crate::endpoint::sign_multipart::Multipart;
use crate::endpoint::{Context, Reason, Refusal, SigningEndpoint, misconfigured, token, types};
use crate::error::{ErrorKind, Result};
use crate::s3::limits::SIGNATURE_WINDOW_SECONDS;
use crate::s3::{ContentType, disposition};
use crate::sigv4::{self, Request};
use crate::time::Timestamp;

impl SigningEndpoint {
    /// Answers `POST /sign`. A grant that cannot be used is refused in its
    /// place, with all of its intents.
    ///
    /// # Errors
    /// [`Reason::TooManyFiles`], of the call as a whole.
    pub fn sign(&self, context: &Context<'_>, call: SignRequests) -> Result<SignAnswer, Refusal> {
        self.rules.check_count(call.requests.len())?;
        let limit = self.rules.rules.intents_per_call;
        if call.requests.iter().map(|request| request.intents.len()).sum::<usize>() > limit {
            return Err(Refusal::new(
                Reason::TooManyFiles,
                format!("one call takes at most {limit} intents"),
            ));
        }
        Self::check_chunks(&call)?;
        let results = call.requests.iter().map(|request| self.sign_one(context, request).into()).collect();
        Ok(SignAnswer { now: context.now.iso8601(), results })
    }

    fn sign_one(&self, context: &Context<'_>, request: &SignRequest) -> Result<SignedIntents, Refusal> {
        let mut claims = self.open_grant(context, &request.token)?;
        self.check_upload_key(&claims)?;
        let mut answer = SignedIntents { requests: Vec::with_capacity(request.intents.len()), grant: None };
        for intent in &request.intents {
            if *intent == Intent::Renew {
                claims = self.renew(context, claims)?;
                answer.grant = Some(self.grant(&claims)?);
                continue;
            }
            answer.requests.push(self.sign_intent(context.now, &claims, request, intent)?);
        }
        Ok(answer)
    }

    fn sign_intent(
        &self,
        now: Timestamp,
        claims: &GrantClaims,
        request: &SignRequest,
        intent: &Intent,
    ) -> Result<SignedRequest, Refusal> {
        check_not_expired(now, claims)?;
        let upload = |part_size| Multipart::new(self, now, claims, part_size, request.upload_id.as_deref());
        match (intent, claims.plan) {
            (Intent::Put, Plan::Put) if claims.chunk_size.is_some() => {
                Err(missing("the hashes of the chunks"))
            }
            (Intent::PutChunks(chunks), Plan::Put) => {
                self.sign_put_chunks(now, claims, &ChunkHashes::parse(&chunks.chunk_hashes)?)
            }
            (Intent::Put, Plan::Put)
            | (Intent::Post, Plan::Post)
            | (Intent::Create, Plan::Multipart { .. }) => self.sign_first(now, claims),
            (Intent::Part(part), Plan::Multipart { part_size, .. }) => upload(part_size)?.sign_part(part),
            (Intent::Complete(complete), Plan::Multipart { part_size, .. }) => {
                upload(part_size)?.sign_complete(complete)
            }
            (Intent::List(list), Plan::Multipart { part_size, .. }) => upload(part_size)?.sign_list(*list),
            (Intent::Unknown(operation), _) => Err(unknown(operation)),
            _ => Err(Refusal::new(Reason::TransportRefused, "the grant is for another way of sending")),
        }
    }

    /// The claims of an authentic grant of this user, environment and bucket.
    /// It may have expired, but not passed its greatest age.
    pub(super) fn open_grant(&self, context: &Context<'_>, text: &str) -> Result<GrantClaims, Refusal> {
        let claims: GrantClaims = token::open(&self.secrets, Purpose::Grant, text)
            .ok_or_else(|| Refusal::new(Reason::GrantInvalid, "the token is no grant of this server"))?;
        if claims.user != context.user.as_str() {
            return Err(Refusal::new(Reason::GrantOfAnotherUser, "the grant belongs to another user"));
        }
        self.check_place(&claims.environment, &claims.bucket, Reason::GrantInvalid)?;
        if context.now >= self.end_of_age(&claims) {
            return Err(Refusal::new(Reason::GrantExpired, "the grant is too old"));
        }
        Ok(claims)
    }

    pub(super) fn check_place(&self, environment: &str, bucket: &str, reason: Reason) -> Result<(), Refusal> {
        if environment != self.environment {
            return Err(Refusal::new(reason, "the token is of another environment"));
        }
        if bucket != self.rules.bucket.as_str() {
            return Err(Refusal::new(reason, "the token is for another bucket"));
        }
        Ok(())
    }

    /// A new grant for the same object, under the rules of today.
    fn renew(&self, context: &Context<'_>, claims: GrantClaims) -> Result<GrantClaims, Refusal> {
        self.rules.check_size(claims.size)?;
        self.rules.check_type(&claims.content_type)?;
        self.check_plan(claims.plan, claims.size)?;
        self.check_integrity(claims.digests(), claims.integrity)?;
        let lifetime = i64::from(self.rules.rules.grant_lifetime);
        let expires = context.now.plus_seconds(lifetime).min(self.end_of_age(&claims));
        Ok(GrantClaims { expires: seconds(expires), ..claims })
    }

    fn check_upload_key(&self, claims: &GrantClaims) -> Result<(), Refusal> {
        if self.is_upload_key(&claims.key) {
            return Ok(());
        }
        Err(Refusal::new(Reason::GrantInvalid, "the grant is from before uploads were pending: start again"))
    }

    fn end_of_age(&self, claims: &GrantClaims) -> Timestamp {
        moment(claims.issued).plus_seconds(i64::from(self.rules.rules.grant_max_age))
    }

    /// The signed request that the upload of a grant begins with.
    pub(super) fn sign_first(&self, now: Timestamp, claims: &GrantClaims) -> Result<SignedRequest, Refusal> {
        match claims.plan {
            Plan::Put => self.sign_put(now, claims),
            Plan::Post => self.sign_post(now, claims),
            Plan::Multipart { .. } => self.sign_create(now, claims),
        }
        .map_err(|error| match error.kind() {
            // A long name and much metadata together.
            ErrorKind::InvalidPolicy => Refusal::new(Reason::TransportRefused, error.message().to_owned()),
            _ => misconfigured(error),
        })
    }

    /// Signs a request in its headers, for as long as S3 and the grant let it.
    pub(super) fn sign_request(
        &self,
        now: Timestamp,
        claims: &GrantClaims,
        intent: AnsweredIntent,
        request: &Request,
    ) -> Result<SignedRequest> {
        let date = signature_date(now, moment(claims.expires));
        let credentials = self.credentials.current();
        let signed = self.signer(&credentials).sign_headers(request, &self.options(date)?)?;
        Ok(answer(intent, signed, date))
    }

    pub(super) fn stored(&self, content_type: &str, name: Option<&str>) -> Result<Stored> {
        let content_type = ContentType::parse(content_type)?;
        let disposition =
            disposition::header(types::disposition(&content_type, &self.rules.inline_types), name);
        Ok(Stored { content_type, disposition })
    }
}

/// How an object is stored.
pub(super) struct Stored {
    pub content_type: ContentType,
    pub disposition: String,
}

/// A request signed in its headers, as the page gets it.
pub(super) fn answer(intent: AnsweredIntent, signed: sigv4::SignedRequest, date: Timestamp) -> SignedRequest {
    SignedRequest {
        intent,
        method: signed.method,
        url: signed.url,
        headers: signed.headers,
        fields: Vec::new(),
        body: None,
        chunks: None,
        expires: date.plus_seconds(SIGNATURE_WINDOW_SECONDS).iso8601(),
    }
}

/// The date to sign with. S3 takes a header signature for 15 minutes from its
/// date, whatever the grant says; one made near the end of a grant is dated
/// back so that it ends with the grant.
pub(super) fn signature_date(now: Timestamp, grant_expires: Timestamp) -> Timestamp {
    now.min(grant_expires.plus_seconds(-SIGNATURE_WINDOW_SECONDS))
}

fn check_not_expired(now: Timestamp, claims: &GrantClaims) -> Result<(), Refusal> {
    if now >= moment(claims.expires) {
        return Err(Refusal::new(Reason::GrantExpired, "the grant has expired: renew it or start again"));
    }
    Ok(())
}

fn unknown(operation: &str) -> Refusal {
    let name: String = operation.chars().filter(|c| !c.is_control()).take(32).collect();
    Refusal::new(Reason::UnknownOperation, format!("this server knows no operation {name:?}"))
}
