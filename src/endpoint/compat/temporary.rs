//! Temporary credentials, for an Uppy that signs by itself: what they may do is
//! put into objects below the user's own prefix, and nothing else.

use serde_json::json;

use crate::digest::sha256_hex;
use crate::endpoint::{Context, Refusal, SigningEndpoint, UserId, misconfigured};
use crate::error::{Error, ErrorKind, Result};

/// What an upload takes: PutObject is a form, a PUT, and creating, filling and
/// completing an upload in parts. Neither reading nor deleting is among it.
const ACTIONS: [&str; 3] = ["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"];

/// What the session of a user is narrowed down to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanionSession {
    /// The session policy, JSON. A session may do what both this and the role
    /// allow.
    pub policy: String,
    /// What the session is called in S3's logs: a hash of the user, for a name
    /// may have 64 characters, and fewer of them than users have.
    pub name: String,
}

impl SigningEndpoint {
    /// Whether a session policy can tell users apart under these rules.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] for a key template in which more than text
    /// stands before `{user}`, and for text that a policy would take as a
    /// pattern.
    pub fn check_companion_session(&self) -> Result<()> {
        let refuse = |message| Err(Error::new(ErrorKind::InvalidOption, message));
        self.check_compat()?;
        let prefix = |user: &str| UserId::parse(user).map(|user| self.rules.key.prefix_of(&user));
        let (one, other) = (prefix("anna")?, prefix("bob")?);
        if one == other {
            return refuse(
                "temporary credentials need {user} in the key template before any other placeholder: a session \
                 policy holds for a prefix",
            );
        }
        if one.contains(['*', '?', '$']) {
            return refuse(
                "temporary credentials: a session policy would take *, ? and $ in a key as a pattern",
            );
        }
        Ok(())
    }

    /// What temporary credentials for this user's uploads are asked for with.
    ///
    /// # Errors
    /// [`Reason::Misconfigured`](crate::endpoint::Reason::Misconfigured) under
    /// rules that [`check_companion_session`](Self::check_companion_session)
    /// refuses.
    pub fn companion_session(&self, context: &Context<'_>) -> Result<CompanionSession, Refusal> {
        self.check_companion_session().map_err(misconfigured)?;
        let prefix = self.compat_prefix(context);
        let policy = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": ACTIONS,
                "Resource": format!("arn:aws:s3:::{}/{prefix}*", self.bucket()),
            }],
        });
        let user: String = sha256_hex(context.user.as_str().as_bytes()).chars().take(32).collect();
        Ok(CompanionSession { policy: policy.to_string(), name: format!("sealift-{user}") })
    }
}
