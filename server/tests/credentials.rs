//! Credentials by AWS's ways, from services that stand for AWS's own on real
//! sockets; and their replacement before they expire.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use common::stub::{Asked, Stub};
use common::{Options, Running, file, pairs, start_with};
use sealift_server::clock;
use sealift_server::config::Config;
use serde_json::json;

const SECRET_KEY: &str = "a-secret-key-that-nobody-prints";
const TOKEN: &str = "a-session-token-that-nobody-prints";

fn toml(credentials: &str) -> String {
    format!(
        "[s3]\nendpoint = \"http://127.0.0.1:9\"\nregion = \"eu-west-1\"\nbucket = \"attachments\"\n{credentials}"
    )
}

async fn start(credentials: &str, variables: &[(&str, &str)]) -> Running {
    let environment =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    start_with(Options { toml: toml(credentials), environment, ..Options::default() }).await
}

/// The access key and session token that a signed PUT carries.
async fn signed_with(server: &Running) -> (String, Option<String>) {
    let created = server.create(file("note.txt", b"hello"), &[]).await;
    let headers = pairs(&created.request["headers"]);
    let value = |name: &str| headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let authorization = value("authorization").unwrap();
    let key = authorization.split("Credential=").nth(1).unwrap().split('/').next().unwrap();
    if let Some(token) = value("x-amz-security-token") {
        assert!(authorization.contains("x-amz-security-token"), "the token is signed: {authorization}");
        return (key.to_owned(), Some(token));
    }
    (key.to_owned(), None)
}

fn expiry(seconds: u64) -> String {
    let now = clock::system().now();
    now.plus_seconds(i64::try_from(seconds).unwrap()).iso8601()
}

fn temporary(key: &str, seconds: u64) -> serde_json::Value {
    json!({
        "Code": "Success", "AccessKeyId": key, "SecretAccessKey": SECRET_KEY, "Token": TOKEN,
        "Expiration": expiry(seconds),
    })
}

#[tokio::test]
async fn from_the_environment() {
    let variables = [("AWS_ACCESS_KEY_ID", "AKIDENV"), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY)];
    let server = start("credentials = \"environment\"\n", &variables).await;
    assert_eq!(signed_with(&server).await, ("AKIDENV".to_owned(), None));
    let with_token = [variables[0], variables[1], ("AWS_SESSION_TOKEN", TOKEN)];
    let server = start("credentials = \"default\"\n", &with_token).await;
    assert_eq!(signed_with(&server).await, ("AKIDENV".to_owned(), Some(TOKEN.to_owned())));
}

#[tokio::test]
async fn from_a_profile() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("credentials");
    let profile = |name: &str, key: &str| {
        format!("[{name}]\naws_access_key_id = {key}\naws_secret_access_key = {SECRET_KEY}\n")
    };
    std::fs::write(&path, profile("default", "AKIDDEFAULT") + &profile("uploads", "AKIDUPLOADS")).unwrap();
    let path = path.to_str().unwrap();
    let named = format!("credentials = \"profile\"\nprofile = \"uploads\"\ncredentials_file = {path:?}\n");
    assert_eq!(signed_with(&start(&named, &[]).await).await.0, "AKIDUPLOADS");
    let variables = [("AWS_SHARED_CREDENTIALS_FILE", path)];
    let server = start("credentials = \"profile\"\n", &variables).await;
    assert_eq!(signed_with(&server).await.0, "AKIDDEFAULT");
}

#[tokio::test]
async fn from_the_instance() {
    let metadata = Stub::start(|asked: &Asked| {
        match (asked.method.as_str(), asked.target.as_str()) {
            ("PUT", "/latest/api/token") => (200, "metadata-token".to_owned()),
            _ if asked.header("x-aws-ec2-metadata-token") != Some("metadata-token") => (401, String::new()),
            ("GET", "/latest/meta-data/iam/security-credentials/") => (200, "uploads".to_owned()),
            ("GET", "/latest/meta-data/iam/security-credentials/uploads") => {
                (200, temporary("ASIAINSTANCE", 6 * 3600).to_string())
            }
            _ => (404, String::new()),
        }
        .map_status()
    })
    .await;
    let variables = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.url.as_str())];
    let server = start("credentials = \"instance\"\n", &variables).await;
    assert_eq!(signed_with(&server).await, ("ASIAINSTANCE".to_owned(), Some(TOKEN.to_owned())));
    assert_eq!(metadata.asked().len(), 3, "and not again while they are good");
}

/// `(200, text)` as axum answers it.
trait MapStatus {
    fn map_status(self) -> (http::StatusCode, String);
}

impl MapStatus for (u16, String) {
    fn map_status(self) -> (http::StatusCode, String) {
        (http::StatusCode::from_u16(self.0).unwrap(), self.1)
    }
}

#[tokio::test]
async fn from_the_container_and_new_ones_before_they_expire() {
    let times = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&times);
    let metadata = Stub::start(move |asked: &Asked| {
        assert_eq!(asked.header("authorization"), Some("container-secret"));
        // The first live so briefly that newer ones are asked for after a second.
        let time = counted.fetch_add(1, Ordering::Relaxed);
        temporary(&format!("ASIACONTAINER{time}"), if time == 0 { 2 } else { 3600 }).to_string()
    })
    .await;
    let url = format!("{}/credentials", metadata.url);
    let variables = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.as_str()),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "container-secret"),
    ];
    let server = start("credentials = \"container\"\n", &variables).await;
    assert_eq!(signed_with(&server).await.0, "ASIACONTAINER0");
    while signed_with(&server).await.0 == "ASIACONTAINER0" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(signed_with(&server).await, ("ASIACONTAINER1".to_owned(), Some(TOKEN.to_owned())));
    assert_eq!(times.load(Ordering::Relaxed), 2, "the new ones are good for an hour");
}

#[tokio::test]
async fn a_server_whose_credentials_ended_is_not_ready_but_goes_on() {
    let times = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&times);
    let metadata = Stub::start(move |_: &Asked| {
        if counted.fetch_add(1, Ordering::Relaxed) == 0 {
            return (200, temporary("ASIAONLY", 1).to_string()).map_status();
        }
        (500, "down".to_owned()).map_status()
    })
    .await;
    let variables = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", metadata.url.as_str())];
    let server = start("credentials = \"container\"\n", &variables).await;
    let ready = format!("{}/readyz", server.url);
    while server.client.get(&ready).await.status == 200 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(server.client.get(&ready).await.json(), json!({ "status": "credentials expired" }));
    assert_eq!(signed_with(&server).await.0, "ASIAONLY", "what they sign is for S3 to refuse");
}

#[tokio::test]
async fn by_web_identity() {
    let folder = tempfile::tempdir().unwrap();
    let token_file = folder.path().join("token");
    std::fs::write(&token_file, "a-web-identity-token").unwrap();
    let sts = Stub::start(|_: &Asked| {
        let expires = expiry(3600);
        format!(
            "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
             <AccessKeyId>ASIAWEB</AccessKeyId><SecretAccessKey>{SECRET_KEY}</SecretAccessKey>\
             <SessionToken>{TOKEN}</SessionToken><Expiration>{expires}</Expiration>\
             </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
        )
    })
    .await;
    let variables = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token_file.to_str().unwrap()),
        ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/uploads"),
        ("AWS_ENDPOINT_URL_STS", sts.url.as_str()),
    ];
    let server = start("credentials = \"web-identity\"\n", &variables).await;
    assert_eq!(signed_with(&server).await, ("ASIAWEB".to_owned(), Some(TOKEN.to_owned())));
    let asked = sts.asked();
    let call = format!("{}{}", asked[0].target, asked[0].body);
    assert!(call.contains("AssumeRoleWithWebIdentity") && call.contains("a-web-identity-token"), "{call}");
}

#[tokio::test]
async fn none_at_all_is_said_at_the_start_without_secrets() {
    let refusing = Stub::start(|_: &Asked| (403, format!("no: {SECRET_KEY}")).map_status()).await;
    for (source, variables) in [
        ("environment", vec![("AWS_SECRET_ACCESS_KEY", SECRET_KEY)]),
        ("profile", vec![("HOME", "/nonexistent")]),
        ("container", vec![("AWS_CONTAINER_CREDENTIALS_FULL_URI", refusing.url.as_str())]),
        ("instance", vec![("AWS_EC2_METADATA_SERVICE_ENDPOINT", refusing.url.as_str())]),
        ("web-identity", vec![]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sealift.toml");
        let data = folder.path().join("data");
        std::fs::write(&path, toml(&format!("credentials = \"{source}\"\n"))).unwrap();
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let flags = [
            ("server.listen", "127.0.0.1:0".to_owned()),
            ("server.data_dir", data.to_str().unwrap().to_owned()),
        ];
        let config = Config::load(Some(&path), variables, &flags).unwrap();
        let printed = format!("{config:?}");
        let Err(sentence) = sealift_server::Server::start(config, clock::system()).await else {
            panic!("it started with {source}");
        };
        assert!(sentence.starts_with("no credentials (`s3.credentials`): "), "{source}: {sentence}");
        assert!(!sentence.contains(SECRET_KEY) && !printed.contains(SECRET_KEY), "{sentence} {printed}");
    }
}
