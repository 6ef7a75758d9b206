//! Temporary credentials for an Uppy that signs by itself, from an STS that a
//! test plays on a real socket. MinIO's own: `tests/e2e/compat-sts.test.mjs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::client::Reply;
use common::jwt::{SECRET, bearer};
use common::stub::{Asked, Stub};
use common::{Options, Running, start_with};
use http::StatusCode;
use serde_json::{Value, json};

const GIVEN_SECRET: &str = "the-secret-of-a-session";

async fn start(sts: &str, more: &str) -> Running {
    let toml = format!(
        "[auth]\nkind = \"jwt\"\n[compat.uppy]\nprefix = \"/uppy\"\n[compat.uppy.sts]\nendpoint = \"{sts}\"\n\
         role_arn = \"arn:aws:iam::1:role/uploads\"\n{more}"
    );
    let environment = vec![("SEALIFT__AUTH__SECRET".to_owned(), SECRET.to_owned())];
    start_with(Options { toml, environment, ..Options::default() }).await
}

async fn ask(server: &Running, user: Option<&str>) -> Reply {
    let token = user.map(bearer).unwrap_or_default();
    let headers = [("authorization", token.as_str()), ("origin", server.url.as_str())];
    server.client.send("GET", &format!("{}/uppy/s3/sts", server.url), &headers, Vec::new()).await
}

fn answer() -> String {
    format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
         <AccessKeyId>ASIASESSION</AccessKeyId><SecretAccessKey>{GIVEN_SECRET}</SecretAccessKey>\
         <SessionToken>the-token</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>\
         </AssumeRoleResult></AssumeRoleResponse>"
    )
}

fn member(body: &str, name: &str) -> String {
    let pairs = body.split('&').map(|pair| pair.split_once('=').unwrap());
    pairs.into_iter().find(|(given, _)| *given == name).map(|(_, value)| decoded(value)).unwrap()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_session_is_narrowed_down_to_whoever_asks() {
    let sts = Stub::start(|_: &Asked| (StatusCode::OK, answer())).await;
    let server = start(&sts.url, "duration_seconds = 1800\n").await;
    assert_eq!(ask(&server, None).await.status, 401);
    assert!(sts.asked().is_empty(), "nobody's credentials are asked for");
    for user in ["anna", "bob/*"] {
        let reply = ask(&server, Some(user)).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(
            reply.json(),
            json!({
                "credentials": {
                    "AccessKeyId": "ASIASESSION", "SecretAccessKey": GIVEN_SECRET, "SessionToken": "the-token",
                    "Expiration": "2030-01-01T00:00:00Z",
                },
                "bucket": "sealift-dev", "region": "us-east-1",
            })
        );
    }
    let asked = sts.asked();
    assert_eq!(asked.len(), 2);
    for (asked, prefix) in asked.iter().zip(["uploads/anna/", "uploads/bob~2F~2A/"]) {
        assert_eq!((asked.method.as_str(), asked.target.as_str()), ("POST", "/"));
        assert!(
            asked
                .header("authorization")
                .unwrap()
                .contains("/us-east-1/sts/aws4_request, SignedHeaders=content-type;host;")
        );
        let member = |name| member(&asked.body, name);
        assert_eq!(member("Action"), "AssumeRole");
        assert_eq!(member("RoleArn"), "arn:aws:iam::1:role/uploads");
        assert_eq!(member("DurationSeconds"), "1800");
        let policy: Value = serde_json::from_str(&member("Policy")).unwrap();
        assert_eq!(policy["Statement"][0]["Resource"], format!("arn:aws:s3:::sealift-dev/{prefix}*"));
    }
    assert_ne!(member(&asked[0].body, "RoleSessionName"), member(&asked[1].body, "RoleSessionName"));
}

#[tokio::test]
async fn an_sts_that_refuses_or_says_nothing_gives_nothing() {
    let refusal = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>who knows what</Message></Error></ErrorResponse>";
    for (status, body) in [
        (StatusCode::FORBIDDEN, refusal.to_owned()),
        (StatusCode::OK, "not a document".to_owned()),
        (StatusCode::OK, answer().replace("the-token", "")),
        (StatusCode::OK, answer().replace("SecretAccessKey", "Other")),
    ] {
        let sts = Stub::start(move |_: &Asked| (status, body.clone())).await;
        let reply = ask(&start(&sts.url, "").await, Some("anna")).await;
        assert_eq!((reply.status, reply.code().as_str()), (502, "s3_unavailable"));
        assert!(
            !reply.text().contains(GIVEN_SECRET) && !reply.text().contains("who knows"),
            "{}",
            reply.text()
        );
    }
    let reply = ask(&start("http://127.0.0.1:9", "").await, Some("anna")).await;
    assert_eq!((reply.status, reply.code().as_str()), (502, "s3_unavailable"));
}

#[tokio::test]
async fn without_an_sts_there_is_no_such_call() {
    let toml = "[compat.uppy]\nprefix = \"/uppy\"\n".to_owned();
    let server = start_with(Options { toml, ..Options::default() }).await;
    assert_eq!(ask(&server, None).await.code(), "not_found");
}
