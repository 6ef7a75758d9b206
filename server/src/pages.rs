//! The pages that are written here and not just served: the plain HTML form,
//! whose fields are signed, and the page after it.

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use http::{HeaderMap, HeaderName, StatusCode};
use sealift::endpoint::protocol::{CreateForms, NewForm};
use sealift::endpoint::service::{self, escape_html};
use serde::Deserialize;

use crate::app::App;
use crate::error::ApiError;

/// `GET /form.html` and `GET /form-done.html`.
pub fn router() -> Router<App> {
    Router::new().route("/form.html", get(form)).route("/form-done.html", get(done))
}

#[derive(Deserialize)]
struct FormQuery {
    /// The media type that the form stores, whatever file is picked.
    #[serde(rename = "type", default)]
    content_type: String,
}

#[derive(Deserialize)]
struct DoneQuery {
    #[serde(default)]
    receipt: String,
    error: Option<String>,
}

/// The form with its signed fields: no JavaScript has to run.
async fn form(State(app): State<App>, headers: HeaderMap, Query(query): Query<FormQuery>) -> Response {
    page(render_form(&app, &headers, query.content_type).await)
}

/// What the receipt says that the form's upload came back with.
async fn done(State(app): State<App>, headers: HeaderMap, Query(query): Query<DoneQuery>) -> Response {
    page(render_done(&app, &headers, &query).await)
}

async fn render_form(app: &App, headers: &HeaderMap, content_type: String) -> Result<String, ApiError> {
    let user = app.user(headers).await?;
    let form = NewForm {
        content_type,
        size: None,
        name: None,
        metadata: Default::default(),
        redirect: "/form-done.html".to_owned(),
    };
    let call = CreateForms { forms: vec![form] };
    let answer = app.service().admitted_forms(&user, call).await?;
    let form = answer.forms.into_iter().next().ok_or_else(ApiError::internal)?.into_result()?;
    let field = |(name, value): &(String, String)| {
        format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape_html(name), escape_html(value))
    };
    let fields = form.fields.iter().map(field).collect::<Vec<_>>().join("\n      ");
    let stored_type = form.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let stored_type = stored_type.map_or("", |(_, value)| value.as_str());
    // A picker that filtered by "any bytes" would hide most files.
    let accept = if stored_type == "application/octet-stream" { "" } else { stored_type };
    let rules = app.rules().rules();
    let template = template(app, "form.html").await?;
    Ok(template
        .replace("<!--sealift:form-fields-->", &fields)
        .replace("{{action}}", &escape_html(&form.url))
        .replace("{{accept}}", &escape_html(accept))
        .replace("{{type}}", &escape_html(stored_type))
        .replace("{{max_size}}", &human_size(rules.max_size.min(rules.max_post_size))))
}

async fn render_done(app: &App, headers: &HeaderMap, query: &DoneQuery) -> Result<String, ApiError> {
    if let Some(code) = &query.error {
        // Anybody may have written the address: no words of theirs on this page.
        let is_code = code.len() <= 32 && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let code = if is_code { code } else { "unknown" };
        let message = format!("the file was not stored ({code}): go back and try again");
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "not_stored", message));
    }
    let user = app.user(headers).await?;
    let receipt = app.rules().verify_receipt_of_user(&app.context(&user), &query.receipt)?;
    let url = app.rules().view_url(app.now(), &receipt)?;
    let template = template(app, "form-done.html").await?;
    Ok(template
        .replace("{{key}}", &escape_html(&receipt.key))
        .replace("{{size}}", &human_size(receipt.size))
        .replace("{{url}}", &escape_html(&url)))
}

async fn template(app: &App, name: &str) -> Result<String, ApiError> {
    let folder = app.www().ok_or_else(ApiError::not_found)?;
    tokio::fs::read_to_string(folder.join(name)).await.map_err(|error| {
        tracing::error!(%error, name, "cannot read the page's template");
        ApiError::not_found()
    })
}

/// A page that no cache keeps: its fields are signed, its address holds a
/// receipt.
fn page(rendered: Result<String, ApiError>) -> Response {
    match rendered {
        Ok(html) => (PAGE_HEADERS, Html(html)).into_response(),
        Err(error) => error_page(&error),
    }
}

const PAGE_HEADERS: [(HeaderName, &str); 4] = [
    (CACHE_CONTROL, "no-store"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "SAMEORIGIN"),
    (REFERRER_POLICY, "same-origin"),
];

/// For people who came by a form, and have no script to read JSON.
pub fn error_page(error: &ApiError) -> Response {
    let html = service::error_page(error.message(), error.code(), Some("/style.css"));
    (error.status(), PAGE_HEADERS, Html(html)).into_response()
}

/// `5 GiB`, `1.5 MiB`, `17 bytes`.
fn human_size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 4] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    let Some((unit, size)) = UNITS.into_iter().find(|(_, size)| bytes >= *size) else {
        return if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") };
    };
    match bytes % size * 10 / size {
        0 => format!("{} {unit}", bytes / size),
        tenth => format!("{}.{tenth} {unit}", bytes / size),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_people_say_them() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1023 bytes"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (5 << 30, "5 GiB"),
            (1 << 40, "1 TiB"),
        ] {
            assert_eq!(human_size(bytes), text);
        }
    }
}
