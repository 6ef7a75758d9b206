//! Which call a method and a path are.

/// A call of the signing protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Route {
    /// `GET /capabilities`
    Capabilities,
    /// `POST /uploads`
    CreateUploads,
    /// `POST /sign`
    Sign,
    /// `POST /uploads/finish`
    Finish,
    /// `POST /uploads/delete`
    Delete,
    /// `POST /forms`
    CreateForms,
    /// `GET /forms/finish/{grant}`; a token, so no log may hold this path.
    FinishForm {
        /// The form's grant.
        grant: String,
    },
    /// `POST /receipts/verify`
    VerifyReceipts,
    /// `POST /attachments/keep`; takes its time where large objects are copied.
    Keep,
}

/// Who may make a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Users of the app, from pages of allowed origins.
    User,
    /// The app, server to server: `authorization: Bearer <app key>`.
    App,
    /// Whoever comes, from any origin: a token in the address says what may be done.
    Anyone,
}

/// A method and a path that are no call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRoute {
    /// 404 `not_found`: no call has this path.
    NotFound,
    /// 405 `method_not_allowed`: the call of this path has another method.
    MethodNotAllowed,
}

impl NoRoute {
    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
        }
    }

    /// The stable, machine-readable name, in snake case.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
        }
    }

    /// A sentence for a person.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::NotFound => "there is no such call",
            Self::MethodNotAllowed => "this call takes another method",
        }
    }
}

const GET: &str = "GET";
const POST: &str = "POST";
const FINISH_FORM: &str = "/forms/finish/";

impl Route {
    /// Method, path and access of every call, for routers that want them one by
    /// one; `{grant}` stands for one segment.
    pub const ALL: &[(&str, &str, Access)] = &[
        (GET, "/capabilities", Access::User),
        (POST, "/uploads", Access::User),
        (POST, "/sign", Access::User),
        (POST, "/uploads/finish", Access::User),
        (POST, "/uploads/delete", Access::User),
        (POST, "/forms", Access::User),
        (GET, "/forms/finish/{grant}", Access::Anyone),
        (POST, "/receipts/verify", Access::App),
        (POST, "/attachments/keep", Access::App),
    ];

    /// The call of a method and a path below the endpoint's own address, e.g.
    /// `POST` and `/uploads/finish`. No segment of a call's path is ever
    /// percent-encoded.
    ///
    /// # Errors
    /// [`NoRoute`].
    pub fn find(method: &str, path: &str) -> Result<Self, NoRoute> {
        let (wanted, route) = match path {
            "/capabilities" => (GET, Self::Capabilities),
            "/uploads" => (POST, Self::CreateUploads),
            "/sign" => (POST, Self::Sign),
            "/uploads/finish" => (POST, Self::Finish),
            "/uploads/delete" => (POST, Self::Delete),
            "/forms" => (POST, Self::CreateForms),
            "/receipts/verify" => (POST, Self::VerifyReceipts),
            "/attachments/keep" => (POST, Self::Keep),
            _ => match path.strip_prefix(FINISH_FORM) {
                Some(grant) if !grant.is_empty() && !grant.contains('/') => {
                    (GET, Self::FinishForm { grant: grant.to_owned() })
                }
                _ => return Err(NoRoute::NotFound),
            },
        };
        if method == wanted { Ok(route) } else { Err(NoRoute::MethodNotAllowed) }
    }

    /// Who may make it.
    #[must_use]
    pub const fn access(&self) -> Access {
        match self {
            Self::Capabilities
            | Self::CreateUploads
            | Self::Sign
            | Self::Finish
            | Self::Delete
            | Self::CreateForms => Access::User,
            Self::FinishForm { .. } => Access::Anyone,
            Self::VerifyReceipts | Self::Keep => Access::App,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_and_the_search_agree() {
        for (method, path, access) in Route::ALL {
            let route = Route::find(method, &path.replace("{grant}", "a.b")).expect("a call");
            assert_eq!(route.access(), *access, "{path}");
            let other = if *method == GET { POST } else { GET };
            let path = path.replace("{grant}", "a.b");
            assert_eq!(Route::find(other, &path), Err(NoRoute::MethodNotAllowed), "{path}");
        }
    }

    #[test]
    fn nothing_else_is_a_call() {
        for path in ["", "/", "/uploads/", "/forms/finish/", "/forms/finish/a/b", "/sign?x", "sign"] {
            assert_eq!(Route::find(POST, path), Err(NoRoute::NotFound), "{path}");
        }
    }
}
