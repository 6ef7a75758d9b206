//! Forward authentication: the app is asked, with the call's own cookie or
//! authorization, who that is.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request, StatusCode, Uri};
use http_body_util::Full;
use sealift::endpoint::UserId;

use super::{Authentication, Authenticator};
use crate::error::ApiError;
use crate::http_client::HttpClient;

/// The body of the app's answer is read, and not used.
const MAX_ANSWER: usize = 64 * 1024;

/// How the app is asked.
#[derive(Clone, Debug)]
pub struct ForwardSettings {
    /// What is asked, with GET.
    pub url: Uri,
    /// Headers of the call that go along; a call without any is nobody's.
    pub headers: Vec<HeaderName>,
    /// Header of the answer that names the user.
    pub user_header: HeaderName,
    /// The app answers within that time, or nobody is let in.
    pub timeout: Duration,
}

/// Asks the app about each call. 2xx with a user's name is a user; 401, 403 and
/// a redirect (to a login) are none; anything else lets nobody in.
#[derive(Debug)]
pub struct ForwardAuthenticator {
    settings: ForwardSettings,
    http: HttpClient,
}

impl ForwardAuthenticator {
    /// # Errors
    /// A sentence when the machine has no certificates to trust the app by.
    pub fn new(settings: ForwardSettings) -> Result<Self, String> {
        let http = HttpClient::new(settings.url.scheme_str() == Some("https"))?;
        Ok(Self { settings, http })
    }

    async fn ask(&self, headers: &HeaderMap) -> Result<UserId, ApiError> {
        let nobody = || ApiError::unauthenticated("the app does not know who calls");
        let mut request = Request::get(self.settings.url.clone());
        let mut any = false;
        for name in &self.settings.headers {
            for value in headers.get_all(name) {
                request = request.header(name, value);
                any = true;
            }
        }
        if !any {
            return Err(nobody());
        }
        let request = request.body(Full::<Bytes>::default()).map_err(|_| ApiError::internal())?;
        let answer = self.http.send(request, self.settings.timeout, MAX_ANSWER).await.map_err(|none| {
            tracing::error!("the app cannot be asked who calls: {none}");
            ApiError::auth_unavailable()
        })?;
        let status = answer.status();
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) || status.is_redirection() {
            return Err(nobody());
        }
        if !status.is_success() {
            tracing::error!(status = status.as_u16(), "the app does not say who calls");
            return Err(ApiError::auth_unavailable());
        }
        let mut named = answer.headers().get_all(&self.settings.user_header).iter();
        let (Some(user), None) = (named.next(), named.next()) else {
            tracing::error!(header = %self.settings.user_header, "the app's answer names no user, or several");
            return Err(nobody());
        };
        let user = std::str::from_utf8(user.as_bytes()).ok().and_then(|user| UserId::parse(user).ok());
        user.ok_or_else(|| ApiError::unauthenticated("the app's name for the user cannot be one here"))
    }
}

impl Authenticator for ForwardAuthenticator {
    fn authenticate<'a>(&'a self, headers: &'a HeaderMap) -> Authentication<'a> {
        Box::pin(self.ask(headers))
    }
}
