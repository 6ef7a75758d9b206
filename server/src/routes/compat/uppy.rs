//! Uppy's Companion, as far as its S3 goes: `s3/sts` where it is configured.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::HeaderMap;
use sealift::endpoint::compat::{CompanionPart, CompanionParts, CompanionUpload};
use sealift::endpoint::protocol;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::pairs::Pairs;
use super::{answer, user};
use crate::app::App;
use crate::body;
use crate::error::ApiError;

/// Below its prefix: `s3/params`, `s3/multipart…`, `s3/sts`, `success`.
pub fn router() -> Router<App> {
    super::common()
        .route("/s3/params", get(params))
        .route("/s3/sts", get(sts))
        .route("/s3/multipart", post(create))
        .route("/s3/multipart/{upload_id}", get(list).delete(abort))
        .route("/s3/multipart/{upload_id}/batch", get(batch))
        .route("/s3/multipart/{upload_id}/complete", post(complete))
        .route("/s3/multipart/{upload_id}/{number}", get(part))
}

/// Most parts that one batch signs.
const MAX_BATCH: usize = 1_000;

async fn params(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let user = user(&app, request.headers()).await?;
    let query = Pairs::of_query(&request)?;
    let metadata = query.iter().filter_map(|(name, value)| {
        Some((name.strip_prefix("metadata[")?.strip_suffix(']')?.to_owned(), value.to_owned()))
    });
    let upload = CompanionUpload {
        filename: query.required("filename")?.to_owned(),
        content_type: query.one("type").map(str::to_owned),
        metadata: stored_metadata(metadata),
    };
    let form = app.service().companion_form(&user, &upload).await?;
    let fields: Map<String, Value> =
        form.fields.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    Ok(answer(json!({ "method": "POST", "url": form.url, "fields": fields, "expires": form.expires })))
}

/// Credentials for the user's own prefix, in AWS's words, as Companion answers them.
async fn sts(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let sts = app.sts().ok_or_else(ApiError::not_found)?;
    let user = user(&app, request.headers()).await?;
    let rules = app.rules();
    let given = sts.assume(&rules.companion_session(&app.context(&user))?).await?;
    Ok(answer(json!({
        "credentials": {
            "AccessKeyId": given.access_key_id,
            "SecretAccessKey": given.secret_access_key,
            "SessionToken": given.session_token,
            "Expiration": given.expiration,
        },
        "bucket": rules.bucket().as_str(),
        "region": sts.region(),
    })))
}

#[derive(Deserialize)]
struct Create {
    filename: String,
    #[serde(rename = "type")]
    content_type: Option<String>,
    #[serde(default)]
    metadata: Map<String, Value>,
}

async fn create(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let user = user(&app, request.headers()).await?;
    let call: Create = protocol::parse(&body::read(request).await?)?;
    let metadata = call.metadata.into_iter().filter_map(|(name, value)| match value {
        Value::String(text) => Some((name, text)),
        Value::Number(number) => Some((name, number.to_string())),
        Value::Bool(flag) => Some((name, flag.to_string())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    });
    let upload = CompanionUpload {
        filename: call.filename,
        content_type: call.content_type,
        metadata: stored_metadata(metadata),
    };
    let (key, upload_id) = app.service().companion_create(&user, &upload).await?;
    Ok(answer(json!({ "key": key, "uploadId": upload_id, "bucket": app.rules().bucket().as_str() })))
}

/// Names of metadata are lower case to S3; what it cannot carry (a folder that
/// is `null`, written as a text) is left out.
fn stored_metadata(given: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    given
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .filter(|(_, value)| !value.is_empty() && value != "null" && value != "undefined")
        .collect()
}

async fn list(
    State(app): State<App>,
    Path(upload_id): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let upload = named(&app, &upload_id, request.headers(), &Pairs::of_query(&request)?).await?;
    let parts: Vec<Value> = app
        .service()
        .companion_list(&upload)
        .await?
        .iter()
        .map(|part| json!({ "PartNumber": part.number, "Size": part.size, "ETag": part.etag.quoted() }))
        .collect();
    Ok(answer(Value::Array(parts)))
}

async fn part(
    State(app): State<App>,
    Path((upload_id, number)): Path<(String, u32)>,
    request: Request,
) -> Result<Response, ApiError> {
    let upload = named(&app, &upload_id, request.headers(), &Pairs::of_query(&request)?).await?;
    let (url, expires) = app.service().companion_part(&upload, number)?;
    Ok(answer(json!({ "url": url, "expires": expires })))
}

async fn batch(
    State(app): State<App>,
    Path(upload_id): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let query = Pairs::of_query(&request)?;
    let upload = named(&app, &upload_id, request.headers(), &query).await?;
    let numbers: Vec<&str> = query.required("partNumbers")?.split(',').collect();
    if numbers.len() > MAX_BATCH {
        return Err(ApiError::malformed("one batch signs at most 1,000 parts"));
    }
    let mut urls = Map::new();
    for text in numbers {
        let number =
            text.parse().map_err(|_| ApiError::malformed("`partNumbers` are numbers between commas"))?;
        let (url, _) = app.service().companion_part(&upload, number)?;
        urls.insert(number.to_string(), Value::String(url));
    }
    Ok(answer(json!({ "presignedUrls": urls })))
}

#[derive(Deserialize)]
struct Complete {
    parts: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    #[serde(rename = "PartNumber")]
    number: u16,
    #[serde(rename = "ETag")]
    etag: String,
}

async fn complete(
    State(app): State<App>,
    Path(upload_id): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let user = user(&app, request.headers()).await?;
    let query = Pairs::of_query(&request)?;
    let upload = app.service().companion_upload(&user, query.required("key")?, &upload_id)?;
    let call: Complete = protocol::parse(&body::read(request).await?)?;
    let parts: Vec<_> =
        call.parts.into_iter().map(|part| CompanionPart { number: part.number, etag: part.etag }).collect();
    let location = app.service().companion_complete(&user, &upload, &parts).await?;
    let bucket = app.rules().bucket().as_str();
    Ok(answer(json!({ "location": location, "bucket": bucket, "key": upload.key() })))
}

async fn abort(
    State(app): State<App>,
    Path(upload_id): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let upload = named(&app, &upload_id, request.headers(), &Pairs::of_query(&request)?).await?;
    app.service().companion_abort(&upload).await?;
    Ok(answer(json!({})))
}

/// The upload that a call is about; its key stands in the query.
async fn named(
    app: &App,
    upload_id: &str,
    headers: &HeaderMap,
    query: &Pairs,
) -> Result<CompanionParts, ApiError> {
    let user = user(app, headers).await?;
    Ok(app.service().companion_upload(&user, query.required("key")?, upload_id)?)
}
