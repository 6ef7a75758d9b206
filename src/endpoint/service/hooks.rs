//! The app's say: a webhook before a grant and after a finish, signed as
//! <https://www.standardwebhooks.com> has it, so that there are libraries which verify it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;

use super::{Note, Ports, Service};
use crate::endpoint::protocol::{Hook, HookAnswer, HookData, HookVerdict};
use crate::endpoint::{Reason, Refusal};
use crate::error::{Error, ErrorKind};

/// When the app is asked, and what the question is signed with.
#[derive(Clone)]
pub struct Hooks {
    key: Hmac<Sha256>,
    /// Ask before a grant (`upload.requested`): may this user attach this file?
    pub on_grant: bool,
    /// Ask after a finish (`upload.finished`); what is refused is deleted.
    pub on_finish: bool,
}

/// A POST to the app.
#[derive(Clone, PartialEq, Eq)]
pub struct HookCall {
    /// Headers, the signature among them.
    pub headers: Vec<(&'static str, String)>,
    /// The body, JSON.
    pub body: String,
}

/// What the app answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookReply {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// The prefix of secrets as the libraries of Standard Webhooks write them.
const SECRET_PREFIX: &[u8] = b"whsec_";
const LEAST_SECRET: usize = 16;
/// Waits before the second and the third try, in milliseconds.
const PAUSES: [u32; 2] = [250, 1_000];
/// Longest message of the app that reaches a user, in characters.
const MAX_MESSAGE: usize = 500;

impl Hooks {
    /// With a secret that the app knows too: `whsec_` and base64, or the bytes
    /// themselves. Asks nothing yet.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] for a secret of less than 16 bytes, or base64 that is none.
    pub fn new(secret: &[u8]) -> Result<Self, Error> {
        let invalid = |message| Error::new(ErrorKind::InvalidOption, message);
        let decoded = match secret.strip_prefix(SECRET_PREFIX) {
            Some(text) => Some(
                STANDARD
                    .decode(text)
                    .map_err(|_| invalid("the secret of webhooks is not base64 after whsec_"))?,
            ),
            None => None,
        };
        let bytes = decoded.as_deref().unwrap_or(secret);
        if bytes.len() < LEAST_SECRET {
            return Err(invalid("the secret of webhooks has at least 16 bytes"));
        }
        let key = Hmac::new_from_slice(bytes).map_err(|_| invalid("the secret of webhooks is no key"))?;
        Ok(Self { key, on_grant: false, on_finish: false })
    }

    fn sign(&self, id: &str, seconds: i64, body: &str) -> String {
        let text = format!("{id}.{seconds}.{body}");
        let mac = self.key.clone().chain_update(text.as_bytes()).finalize().into_bytes();
        format!("v1,{}", STANDARD.encode(mac))
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { on_grant, on_finish, .. } = self;
        f.debug_struct("Hooks")
            .field("on_grant", on_grant)
            .field("on_finish", on_finish)
            .finish_non_exhaustive()
    }
}

/// An item's number in its list, and why it is refused.
pub(super) type Refused = Vec<(usize, Refusal)>;

impl<P: Ports> Service<P> {
    /// Asks the app about uploads, each with its number in the call's list.
    /// Answers those that are refused; if the app cannot be asked, all are.
    pub(super) async fn ask_app<T: Serialize>(
        &self,
        hooks: &Hooks,
        event: &'static str,
        user: &str,
        uploads: Vec<(usize, T)>,
    ) -> Refused {
        if uploads.is_empty() {
            return Refused::new();
        }
        let (numbers, uploads): (Vec<_>, Vec<_>) = uploads.into_iter().unzip();
        let verdicts = match self.verdicts(hooks, event, user, uploads).await {
            Ok(Some(verdicts)) if verdicts.len() == numbers.len() => verdicts,
            Ok(None) => return Refused::new(),
            Ok(Some(_)) => {
                self.ports.note(&Note::AppFailed { event, status: None });
                return numbers.into_iter().map(|number| (number, unavailable())).collect();
            }
            Err(()) => return numbers.into_iter().map(|number| (number, unavailable())).collect(),
        };
        let refused = numbers.into_iter().zip(verdicts).filter(|(_, verdict)| !verdict.allowed);
        refused.map(|(number, verdict)| (number, app_refused(verdict))).collect()
    }

    /// What the app says; nothing if it allows everything.
    async fn verdicts<T: Serialize>(
        &self,
        hooks: &Hooks,
        event: &'static str,
        user: &str,
        uploads: Vec<T>,
    ) -> Result<Option<Vec<HookVerdict>>, ()> {
        let hook = Hook {
            event: event.to_owned(),
            timestamp: self.ports.now().iso8601(),
            data: HookData {
                environment: self.endpoint.environment().to_owned(),
                user: user.to_owned(),
                uploads,
            },
        };
        let body = serde_json::to_string(&hook).map_err(drop)?;
        let mut id = [0_u8; 16];
        if !self.ports.random(&mut id) {
            return Err(());
        }
        let reply = self.deliver(hooks, event, &format!("msg_{}", hex::encode(id)), body).await?;
        if reply.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        let answer: HookAnswer = serde_json::from_slice(&reply.body)
            .map_err(|_| self.ports.note(&Note::AppFailed { event, status: Some(reply.status) }))?;
        Ok(Some(answer.results))
    }

    /// Sends until there is an answer with 2xx, a few times: with the same id, so
    /// that the app can tell, and a fresh date and signature.
    async fn deliver(
        &self,
        hooks: &Hooks,
        event: &'static str,
        id: &str,
        body: String,
    ) -> Result<HookReply, ()> {
        let mut pauses = PAUSES.into_iter();
        let mut call = HookCall { headers: Vec::new(), body };
        loop {
            let seconds = self.ports.now().unix_seconds();
            call.headers = vec![
                ("content-type", "application/json".to_owned()),
                ("webhook-id", id.to_owned()),
                ("webhook-timestamp", seconds.to_string()),
                ("webhook-signature", hooks.sign(id, seconds, &call.body)),
            ];
            let status = match self.ports.call_app(&call).await {
                Ok(reply) if (200..300).contains(&reply.status) => return Ok(reply),
                Ok(reply) => Some(reply.status),
                Err(_) => None,
            };
            self.ports.note(&Note::AppFailed { event, status });
            let again = status.is_none_or(|status| status >= 500 || matches!(status, 408 | 425 | 429));
            match pauses.next().filter(|_| again) {
                Some(pause) => self.ports.pause(pause).await,
                None => return Err(()),
            }
        }
    }
}

fn app_refused(verdict: HookVerdict) -> Refusal {
    let message: String = verdict.message.unwrap_or_default();
    let message: String = message.chars().filter(|c| !c.is_control()).take(MAX_MESSAGE).collect();
    if message.trim().is_empty() {
        return Refusal::new(Reason::AppRefused, "the app does not take this file");
    }
    Refusal::new(Reason::AppRefused, message)
}

fn unavailable() -> Refusal {
    Refusal::new(Reason::AppUnavailable, "the app cannot be asked whether it takes this file")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's reference libraries.
    #[test]
    fn the_signature_of_the_reference_libraries() {
        let hooks = Hooks::new(b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a secret");
        let signature = hooks.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn secrets_that_are_none() {
        for secret in [&b"short"[..], b"whsec_not base64 at all", b"whsec_c2hvcnQ="] {
            assert_eq!(
                Hooks::new(secret).map_err(|error| error.kind()).err(),
                Some(ErrorKind::InvalidOption)
            );
        }
        assert!(!format!("{:?}", Hooks::new(&[65; 32]).expect("a secret")).contains('A'));
    }

    #[test]
    fn what_the_app_says_reaches_the_user_as_text() {
        let refusal = |message: Option<&str>| {
            app_refused(HookVerdict { allowed: false, message: message.map(str::to_owned) })
        };
        assert_eq!(refusal(Some("no\u{0}t\n here")).message(), "not here");
        assert_eq!(refusal(Some(&"ü".repeat(600))).message().chars().count(), MAX_MESSAGE);
        assert_eq!(refusal(Some("\n ")).message(), "the app does not take this file");
        assert_eq!(refusal(None).reason(), Reason::AppRefused);
    }
}
