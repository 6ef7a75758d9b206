//! A client's POST policy: read, checked, and written anew.

use crate::endpoint::compat::acceptance::{Place, unknown_field};
use crate::endpoint::compat::json::Json;
use crate::endpoint::compat::{check_date, malformed};
use crate::endpoint::{Context, Reason, Refusal, SigningEndpoint, misconfigured};
use crate::s3::FILENAME_VARIABLE;
use crate::sigv4::{ALGORITHM, CredentialScope, PostPolicy};
use crate::time::Timestamp;

/// How long a policy that is signed here can be used, in seconds; as long as
/// the client's own.
const LIFETIME_SECONDS: i64 = 300;
/// What Fine Uploader writes where no greatest size is configured: 2^53.
const NO_LIMIT: u64 = 9_007_199_254_740_992;

/// The members that are no fields of the form itself.
const OWN_FIELDS: [&str; 3] = ["x-amz-algorithm", "x-amz-credential", "x-amz-date"];

/// A policy as a client proposes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AskedPolicy {
    expiration: Timestamp,
    /// Field, as it is written, and its exact value.
    fields: Vec<(String, String)>,
    length: Option<(u64, u64)>,
}

impl AskedPolicy {
    pub(super) fn parse(members: &[(String, Json)]) -> Result<Self, Refusal> {
        let refuse = || malformed("the policy is none that this server understands");
        let (mut expiration, mut conditions) = (None, None);
        for (name, value) in members {
            match (name.as_str(), value) {
                ("expiration", Json::Text(text)) => expiration = Timestamp::parse(text).ok(),
                ("conditions", Json::List(list)) => conditions = Some(list),
                _ => return Err(refuse()),
            }
        }
        let mut policy =
            Self { expiration: expiration.ok_or_else(refuse)?, fields: Vec::new(), length: None };
        for condition in conditions.ok_or_else(refuse)? {
            policy.read(condition).ok_or_else(refuse)?;
        }
        Ok(policy)
    }

    /// One condition: `{"field": "value"}` or a `content-length-range`. Fields
    /// that stand twice, and all that is not exact, are not understood.
    fn read(&mut self, condition: &Json) -> Option<()> {
        match condition {
            Json::Object(members) => {
                let [(name, Json::Text(value))] = members.as_slice() else { return None };
                if self.field(&name.to_ascii_lowercase()).is_some() {
                    return None;
                }
                self.fields.push((name.clone(), value.clone()));
                Some(())
            }
            Json::List(items) => {
                let [Json::Text(kind), least, greatest] = items.as_slice() else { return None };
                if kind != "content-length-range" || self.length.is_some() {
                    return None;
                }
                self.length = Some((number(least)?, number(greatest)?));
                Some(())
            }
            _ => None,
        }
    }

    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Fine Uploader writes sizes as text.
fn number(json: &Json) -> Option<u64> {
    match json {
        Json::Whole(number) => Some(*number),
        Json::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    }
}

impl SigningEndpoint {
    /// The policy that is signed, at this date, instead of the client's.
    pub(super) fn rewritten(
        &self,
        context: &Context<'_>,
        asked: &AskedPolicy,
        date: Timestamp,
    ) -> Result<PostPolicy, Refusal> {
        self.check_post_is_open()?;
        // The client's own lifetime is five minutes, counted from its clock.
        check_date(context.now, asked.expiration.plus_seconds(-LIFETIME_SECONDS))?;
        let missing = |what| Refusal::new(Reason::MalformedRequest, format!("the policy names no {what}"));
        self.check_bucket(asked.field("bucket").ok_or_else(|| missing("bucket"))?)?;
        let key = self.own_key(context, asked.field("key").ok_or_else(|| missing("key"))?)?;
        self.check_shown(asked.field("content-type"), asked.field("content-disposition"))?;
        let mut stored = Vec::new();
        for (name, value) in &asked.fields {
            let name = name.to_ascii_lowercase();
            match name.as_str() {
                "bucket" | "key" => {}
                "content-type" | "content-disposition" if !value.contains(FILENAME_VARIABLE) => {}
                "success_action_status" if matches!(value.as_str(), "200" | "201" | "204") => {}
                "success_action_status" | "content-type" | "content-disposition" => {
                    return Err(unknown_field());
                }
                own if OWN_FIELDS.contains(&own) => {}
                _ => stored.push((name, value.clone())),
            }
        }
        self.check_stored(context.now, &stored, Place::Form)?;
        let (least, greatest) = self.length(asked.length)?;
        let policy = || {
            let mut policy = PostPolicy::new(context.now.max(date).plus_seconds(LIFETIME_SECONDS))
                .eq("bucket", self.bucket().as_str())?
                .eq("key", key.as_str())?;
            for (name, value) in &asked.fields {
                let lower = name.to_ascii_lowercase();
                if !matches!(lower.as_str(), "bucket" | "key") && !OWN_FIELDS.contains(&lower.as_str()) {
                    policy = policy.eq(name, value)?;
                }
            }
            policy.content_length_range(least, greatest)
        };
        policy().map_err(misconfigured)
    }

    /// The date of a policy of signature version 4, whose three fields the
    /// client has written into its form already.
    pub(super) fn policy_date(&self, now: Timestamp, asked: &AskedPolicy) -> Result<Timestamp, Refusal> {
        let refuse = || malformed("the policy is for another access key, region, day or algorithm");
        let date = asked.field("x-amz-date").ok_or_else(refuse)?;
        let moment =
            Timestamp::parse(date).ok().filter(|moment| moment.amz_date() == date).ok_or_else(refuse)?;
        check_date(now, moment)?;
        let scope = CredentialScope::new(moment, &self.region, "s3").map_err(misconfigured)?;
        let credential = format!("{}/{scope}", self.credentials.current().access_key_id());
        let ours = asked.field("x-amz-algorithm") == Some(ALGORITHM)
            && asked.field("x-amz-credential") == Some(credential.as_str());
        if ours { Ok(moment) } else { Err(refuse()) }
    }

    /// Whether the policy has none of the fields of signature version 4.
    pub(super) fn check_version_2(asked: &AskedPolicy) -> Result<(), Refusal> {
        if OWN_FIELDS.iter().any(|field| asked.field(field).is_some()) {
            return Err(malformed("a policy of signature version 4 is signed with ?v4=true"));
        }
        Ok(())
    }

    /// The sizes that the form takes: the client's, if they lie within the rules.
    fn length(&self, asked: Option<(u64, u64)>) -> Result<(u64, u64), Refusal> {
        let rules = self.rules();
        let (min, max) = (rules.min_size, rules.max_size.min(rules.max_post_size));
        let (least, greatest) = match asked {
            None => (min, max),
            Some((least, NO_LIMIT)) => (least, max),
            Some(range) => range,
        };
        if min <= least && least <= greatest && greatest <= max {
            return Ok((least, greatest));
        }
        Err(Refusal::new(Reason::SizeRefused, format!("a form here takes sizes from {min} to {max} bytes")))
    }
}
