//! An endpoint to test, and what a page and an S3 would do with its answers.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sealift::Timestamp;
use sealift::endpoint::protocol::{
    CreateUploads, CreateUploadsAnswer, CreatedUpload, DeleteItem, FinishItem, Intent, ItemError, NewFile,
    PartIntegrity, SignRequest, SignRequests, SignedIntents, SignedRequest, Transport,
};
use sealift::endpoint::{Context, EndpointConfig, Reason, Rules, SigningEndpoint, TokenSecrets, UserId};
use sealift::s3::{AddressingStyle, ETag, Endpoint, HeadObjectOutput};
use sealift::sigv4::Credentials;

pub const SHA256_OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
pub const NOW: &str = "20260101T120000Z";

pub fn now() -> Timestamp {
    Timestamp::parse(NOW).unwrap()
}

pub fn rules() -> Rules {
    Rules { bucket: "attachments".to_owned(), ..Rules::default() }
}

pub fn config(rules: Rules) -> EndpointConfig {
    EndpointConfig {
        environment: "production".to_owned(),
        rules,
        region: "eu-west-1".to_owned(),
        s3: Endpoint::parse("https://s3.example.com", AddressingStyle::Path).unwrap(),
        credentials: Credentials::new(
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            None,
        )
        .unwrap(),
        secrets: TokenSecrets::new([[7_u8; 32]]).unwrap(),
        form_finish_url: Some("https://app.example/sealift/forms/finish".to_owned()),
    }
}

pub fn endpoint(rules: Rules) -> SigningEndpoint {
    SigningEndpoint::new(config(rules)).unwrap()
}

pub fn user(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}

/// Random enough for a test, and the same every time.
pub fn random() -> impl FnMut(&mut [u8]) {
    let mut state = 1_u64;
    move |bytes| {
        for byte in bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
    }
}

/// A file of the three bytes `abc`.
pub fn file(name: &str) -> NewFile {
    NewFile {
        name: name.to_owned(),
        size: 3,
        content_type: "image/png".to_owned(),
        sha256: Some(SHA256_OF_ABC.to_owned()),
        crc64nvme: None,
        integrity: None,
        metadata: BTreeMap::new(),
        transport: None,
    }
}

/// CRC64NVME of `abc`.
pub const CRC64NVME_OF_ABC: &str = "BeXKuz/B+us=";

pub const MIB: u64 = 1024 * 1024;
pub const GIB: u64 = 1024 * MIB;

/// A file that goes in parts.
pub fn in_parts(size: u64, integrity: PartIntegrity) -> NewFile {
    NewFile {
        size,
        sha256: None,
        integrity: Some(integrity),
        transport: Some(Transport::Multipart),
        ..file("film.mp4")
    }
}

pub fn create_many(endpoint: &SigningEndpoint, who: &str, files: Vec<NewFile>) -> CreateUploadsAnswer {
    let user = user(who);
    let context = Context { now: now(), user: &user };
    endpoint.create_uploads(&context, CreateUploads { files }, &mut random()).unwrap()
}

pub fn create(endpoint: &SigningEndpoint, who: &str, file: NewFile) -> Result<CreatedUpload, ItemError> {
    create_many(endpoint, who, vec![file]).uploads.remove(0).into_result()
}

/// What happens to a file that the rules are to refuse.
pub fn refused(endpoint: &SigningEndpoint, file: NewFile) -> ItemError {
    match create(endpoint, "anna", file) {
        Err(error) => error,
        Ok(upload) => panic!("was granted and signed: {:?}", upload.requests),
    }
}

pub fn sign_at(
    endpoint: &SigningEndpoint,
    moment: Timestamp,
    who: &str,
    token: &str,
    intents: &[Intent],
) -> Result<SignedIntents, ItemError> {
    sign_request(endpoint, moment, who, (token, None), intents)
}

/// The intents of a multipart upload that S3 called `the-upload`.
pub fn sign_upload(
    endpoint: &SigningEndpoint,
    token: &str,
    intents: &[Intent],
) -> Result<Vec<SignedRequest>, ItemError> {
    let signed = sign_request(endpoint, now(), "anna", (token, Some("the-upload")), intents)?;
    Ok(signed.requests)
}

pub fn sign_request(
    endpoint: &SigningEndpoint,
    moment: Timestamp,
    who: &str,
    (token, upload_id): (&str, Option<&str>),
    intents: &[Intent],
) -> Result<SignedIntents, ItemError> {
    let user = user(who);
    let context = Context { now: moment, user: &user };
    let request = SignRequest {
        token: token.to_owned(),
        upload_id: upload_id.map(str::to_owned),
        intents: intents.to_vec(),
    };
    let mut answer = endpoint.sign(&context, SignRequests { requests: vec![request] }).unwrap();
    answer.results.remove(0).into_result()
}

pub fn sign(
    endpoint: &SigningEndpoint,
    who: &str,
    token: &str,
    intents: &[Intent],
) -> Result<SignedIntents, ItemError> {
    sign_at(endpoint, now(), who, token, intents)
}

pub fn finish_item(token: &str) -> FinishItem {
    FinishItem { token: token.to_owned(), etag: None }
}

pub fn by_token(token: &str) -> DeleteItem {
    DeleteItem::Token { token: token.to_owned(), upload_id: None }
}

/// The object as S3 has it after the upload of [`file`].
pub fn stored() -> HeadObjectOutput {
    HeadObjectOutput {
        size: 3,
        etag: ETag::parse("900150983cd24fb0d6963f7d28e17f72").unwrap(),
        content_type: Some("image/png".to_owned()),
        content_disposition: None,
        content_encoding: None,
        version_id: None,
        composite_sha256: None,
        crc64nvme: None,
        sha256: Some(sealift::digest::sha256(b"abc")),
        metadata: Vec::new(),
    }
}

pub fn header<'a>(request: &'a SignedRequest, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
}

pub fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
}

/// The names of the headers that the request's signature covers.
pub fn signed_headers(request: &SignedRequest) -> Vec<String> {
    let authorization = header(request, "authorization").unwrap();
    let list = authorization.split("SignedHeaders=").nth(1).unwrap().split(',').next().unwrap();
    list.split(';').map(str::to_owned).collect()
}

/// The policy of a form.
pub fn policy(fields: &[(String, String)]) -> serde_json::Value {
    serde_json::from_slice(&STANDARD.decode(field(fields, "policy").unwrap()).unwrap()).unwrap()
}

/// The payload of a token, as anybody can read it.
pub fn payload(token: &str) -> serde_json::Value {
    let text = token.split('.').next().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

/// The token with another payload and the MAC of the old one: what somebody
/// without the secret can make.
pub fn forged(token: &str, change: impl FnOnce(&mut serde_json::Value)) -> String {
    let mut claims = payload(token);
    change(&mut claims);
    let mac = token.split('.').nth(1).unwrap();
    format!("{}.{mac}", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// The token with another payload and a MAC made with another secret.
pub fn sealed_by_somebody_else(token: &str) -> String {
    let mut other = config(rules());
    other.secrets = TokenSecrets::new([[8_u8; 32]]).unwrap();
    let other = SigningEndpoint::new(other).unwrap();
    let theirs = create(&other, "anna", file("a.png")).unwrap().grant.token;
    assert_ne!(theirs, token);
    theirs
}

pub fn refused_sign(endpoint: &SigningEndpoint, who: &str, token: &str) -> (String, u16) {
    let error = sign(endpoint, who, token, &[Intent::Put]).expect_err("was signed");
    (error.code, error.status)
}

pub fn code(reason: Reason) -> (String, u16) {
    (reason.code().to_owned(), reason.status())
}

pub fn receipt(endpoint: &SigningEndpoint, who: &str, token: &str) -> String {
    let user = user(who);
    let check = endpoint.begin_finish(&Context { now: now(), user: &user }, &finish_item(token)).unwrap();
    check.conclude(now(), Some(&stored())).unwrap().receipt
}

pub fn signature(request: &SignedRequest) -> String {
    header(request, "authorization").unwrap().split("Signature=").nth(1).unwrap().to_owned()
}

/// The signature that S3 computes for a request that came with this length.
pub fn signature_for_length(request: &SignedRequest, length: u64) -> String {
    use sealift::sigv4::{Request, SigningOptions, sign_headers};
    let mut received = Request::from_url(&request.method, &request.url).unwrap();
    for (name, value) in &request.headers {
        if name != "authorization" {
            received = received.header(name, value).unwrap();
        }
    }
    let received = received.header("content-length", &length.to_string()).unwrap();
    let config = config(rules());
    let options = SigningOptions::s3("eu-west-1", now()).unwrap();
    sign_headers(&received, &config.credentials, &options).unwrap().signature.to_string()
}
