//! The calls of the signing protocol from the parsed address to the answer,
//! with what the backend itself asks of S3 and of the app in between.
//!
//! Everything that a backend does is here and in the rules below it, but what
//! differs between runtimes: transport, the app's authentication, origins and
//! limits are whoever's serves it, and I/O, clock and randomness come through
//! [`Ports`]. `sealift-server` is one such runtime, a JavaScript handler another:
//!
//! 1. [`Route::find`] tells which call a method and a path are;
//! 2. [`Route::access`] tells who may make it, and the runtime finds out who does;
//! 3. [`Service::answer`] takes the body and answers.
//!
//! The futures are [`Send`] where those of the ports are.

mod attempts;
mod clock;
mod compat;
mod copy_in_parts;
mod cost;
mod create;
mod delete;
mod each;
mod error_page;
mod finish;
mod forms;
mod hooks;
mod keep;
mod origins;
mod ports;
mod route;
mod sweep;

pub use attempts::{patience, repeated};
pub use clock::Clock;
pub use compat::Arrived;
pub use cost::Cost;
pub use error_page::{error_page, escape_html};
pub use hooks::{HookCall, HookReply, Hooks};
pub use origins::{PageHeaders, PageOrigins};
pub use ports::{Note, Ports, Store};
pub use route::{Access, NoRoute, Route};
pub use sweep::{SweepReport, SweepStep};

use serde::Serialize;

use crate::endpoint::protocol::{self, CreateForms, CreateFormsAnswer};
use crate::endpoint::{Context, Random, Reason, Refusal, SigningEndpoint, UserId};
use crate::error::Error;

/// The rules with what they need of the world.
#[derive(Debug)]
pub struct Service<P> {
    endpoint: SigningEndpoint,
    hooks: Option<Hooks>,
    ports: P,
}

/// Who makes a call, as the runtime has found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A user of the app, by the app's own authentication.
    User(UserId),
    /// The app itself, server to server, by its own key.
    App,
    /// Nobody was asked for.
    Anyone,
}

/// The answer to a call that was not refused as a whole. No cache may keep
/// either kind (`cache-control: no-store`): they hold tokens and signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200 with this JSON (`application/json`).
    Json(String),
    /// 303 to this address, for a browser that came from a form; with
    /// `referrer-policy: no-referrer`, since its own address holds a token.
    SeeOther(String),
}

impl<P: Ports> Service<P> {
    /// For an endpoint and the world around it.
    #[must_use]
    pub const fn new(endpoint: SigningEndpoint, ports: P) -> Self {
        Self { endpoint, hooks: None, ports }
    }

    /// With an app that is asked by [`Ports::call_app`].
    #[must_use]
    pub fn with_hooks(self, hooks: Hooks) -> Self {
        Self { hooks: Some(hooks), ..self }
    }

    /// The rules.
    #[must_use]
    pub const fn endpoint(&self) -> &SigningEndpoint {
        &self.endpoint
    }

    /// The world.
    #[must_use]
    pub const fn ports(&self) -> &P {
        &self.ports
    }

    /// Answers a call. `body` is that of a POST as it came, its length already
    /// limited; a GET has none.
    ///
    /// # Errors
    /// The refusal of the call as a whole, to be answered with its
    /// [status](Refusal::status) and an [`ErrorAnswer`](protocol::ErrorAnswer),
    /// or as a page to [`Route::FinishForm`], where a browser waits;
    /// [`Reason::Unauthenticated`] if the caller is not whom the
    /// [route](Route::access) is for.
    pub async fn answer(&self, route: &Route, caller: &Caller, body: &[u8]) -> Result<Answer, Refusal> {
        if let Caller::User(user) = caller {
            self.ports.admit(user, &Cost::CALL).await?;
        }
        match (route, caller) {
            (Route::Capabilities, Caller::User(_)) => json(&self.endpoint.capabilities().map_err(broken)?),
            (Route::CreateUploads, Caller::User(user)) => {
                let created = self.create_uploads(user, protocol::parse(body)?).await?;
                // What is not admitted now has been signed, but nobody gets it.
                self.ports.admit(user, &Cost::of_uploads(&created)).await?;
                json(&created)
            }
            (Route::Sign, Caller::User(user)) => {
                let call = protocol::parse(body)?;
                self.ports.admit(user, &Cost::of_signing(&call)).await?;
                json(&self.endpoint.sign(&self.context(user), call)?)
            }
            (Route::Finish, Caller::User(user)) => json(&self.finish(user, protocol::parse(body)?).await?),
            (Route::Delete, Caller::User(user)) => json(&self.delete(user, protocol::parse(body)?).await?),
            (Route::CreateForms, Caller::User(user)) => {
                json(&self.admitted_forms(user, protocol::parse(body)?).await?)
            }
            (Route::FinishForm { grant }, _) => self.finish_form(grant).await.map(Answer::SeeOther),
            (Route::VerifyReceipts, Caller::App) => {
                json(&self.endpoint.verify_receipts(self.ports.now(), &protocol::parse(body)?)?)
            }
            (Route::Keep, Caller::App) => json(&self.keep(protocol::parse(body)?).await?),
            _ => Err(Refusal::new(Reason::Unauthenticated, "this call is not for whoever makes it")),
        }
    }

    /// [`create_forms`](Self::create_forms) of a user who may have so many.
    ///
    /// # Errors
    /// Also those of [`Ports::admit`].
    pub async fn admitted_forms(
        &self,
        user: &UserId,
        call: CreateForms,
    ) -> Result<CreateFormsAnswer, Refusal> {
        let most: Vec<_> = call.forms.iter().map(|form| form.size.map(|size| size.max)).collect();
        let created = self.create_forms(user, call).await?;
        let rules = self.endpoint.rules();
        let whole = rules.max_post_size.min(rules.max_size);
        // What is not admitted now has been signed, but nobody gets it.
        self.ports.admit(user, &Cost::of_forms(&created, &most, whole)).await?;
        Ok(created)
    }

    fn context<'a>(&self, user: &'a UserId) -> Context<'a> {
        Context { now: self.ports.now(), user }
    }

    /// Runs one of the rules' functions that draw random numbers. What was made
    /// of numbers that are none is thrown away.
    fn with_random<T>(&self, work: impl FnOnce(Random<'_>) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let mut failed = false;
        let done = work(&mut |bytes: &mut [u8]| failed |= !self.ports.random(bytes));
        if failed {
            return Err(Refusal::new(Reason::Misconfigured, "the server's system gives no randomness"));
        }
        done
    }

    /// What S3 said is for whoever runs the server, not for the page.
    fn unavailable(&self, operation: &'static str, error: &Error) -> Refusal {
        self.ports.note(&Note::S3Failed { operation, error });
        Refusal::new(Reason::S3Unavailable, "the storage does not answer this server as it should")
    }
}

fn json<T: Serialize>(answer: &T) -> Result<Answer, Refusal> {
    serde_json::to_string(answer)
        .map(Answer::Json)
        .map_err(|_| Refusal::new(Reason::Misconfigured, "the server cannot write its answer"))
}

fn broken(error: Error) -> Refusal {
    crate::endpoint::misconfigured(error)
}
