//! The binary itself: what it prints, what it never prints, how it ends.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::client::{Client, Reply};
use common::jwt::{SECRET, bearer};
use common::process::{Process, command};
use common::{file, multipart, pairs};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn help_says_what_one_needs() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [["--help"].as_slice(), &["serve", "--help"]] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_sealift-server"))
            .current_dir(folder.path())
            .args(arguments)
            .output()
            .unwrap();
        let help = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success());
        for word in
            ["--config", "--listen", "--data-dir", "--dev-s3-listen", "SEALIFT__S3__SECRET_ACCESS_KEY"]
        {
            assert!(help.contains(word), "{word} is not in:\n{help}");
        }
    }
}

#[test]
fn mistakes_end_it_with_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let guessable = folder.path().join("guessable.toml");
    std::fs::write(&guessable, "[rules]\nkey = \"{user}/{filename}\"\n").unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (arguments, says) in [
        (vec!["--config", "none.toml"], "cannot read none.toml"),
        (vec!["--config", guessable.to_str().unwrap()], "{uuid}"),
        (vec!["--www", "none"], "`server.www`"),
        (vec!["--log", "loud"], "--log"),
        (vec!["--dev-s3-listen", &address], "`dev_s3.listen`"),
    ] {
        let output = command(&data).args(&arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.starts_with("sealift-server: ") && said.contains(says), "{arguments:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[tokio::test]
async fn told_to_stop_it_finishes_the_calls_in_flight() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start(command(&folder.path().join("data")));
    let address = server.url.strip_prefix("http://").unwrap().to_owned();
    let body = json!({ "files": [file("note.txt", b"hello")] }).to_string();
    let (start, rest) = body.split_at(body.len() / 2);
    let mut call = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /sealift/uploads HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{start}",
        body.len()
    );
    call.write_all(head.as_bytes()).await.unwrap();
    // Answered by the same accept loop, so the first call has been accepted too.
    assert_eq!(Client::new().get(&format!("{}/healthz", server.url)).await.status, 200);

    server.terminate();
    while TcpStream::connect(&address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    call.write_all(rest.as_bytes()).await.unwrap();
    let mut answer = String::new();
    call.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\"token\""), "{answer}");
    let ended = tokio::task::spawn_blocking(|| server.wait()).await.unwrap();
    assert!(ended.status.success(), "{}", ended.stderr);
}

/// A page with a login of its own, all that it is told, and nothing hidden.
struct Page {
    url: String,
    client: Client,
    authorization: String,
    /// Whatever must not stand in a log.
    heard: Vec<String>,
}

impl Page {
    async fn call(&mut self, path: &str, body: Value) -> Reply {
        let headers = [("content-type", "application/json"), ("authorization", self.authorization.as_str())];
        let url = format!("{}/sealift{path}", self.url);
        self.client.send("POST", &url, &headers, body.to_string().into_bytes()).await
    }

    fn heard_request(&mut self, request: &Value) {
        for name in ["headers", "fields"] {
            for (name, value) in request[name].as_array().map_or_else(Vec::new, |_| pairs(&request[name])) {
                if let Some(signature) = value.split("Signature=").nth(1) {
                    self.heard.push(signature.to_owned());
                } else if name == "x-amz-signature" || name == "policy" {
                    self.heard.push(value);
                }
            }
        }
    }
}

#[tokio::test]
async fn no_secret_stands_in_the_output_whatever_happens() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut command = command(&data);
    command.args(["--log", "trace"]).env("SEALIFT__AUTH__KIND", "jwt").env("SEALIFT__AUTH__SECRET", SECRET);
    let server = Process::start(command);
    let authorization = bearer("anna");
    let mut page = Page { url: server.url.clone(), client: Client::new(), heard: Vec::new(), authorization };
    page.heard.push(page.authorization.clone());
    let client = page.client.clone();

    let created = page.call("/uploads", json!({ "files": [file("note.txt", b"hello")] })).await.json();
    let upload = created["uploads"][0].clone();
    let (token, request) = (text(&upload["grant"]["token"]), upload["requests"][0].clone());
    page.heard.push(token.clone());
    page.heard_request(&request);
    let headers = pairs(&request["headers"]);
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let url = text(&request["url"]);
    // Refused first (other bytes), then stored, then refused again (there already).
    for (body, status) in [(b"hallo", 400), (b"hello", 200), (b"hello", 412)] {
        let stored = client.send("PUT", &url, &headers, body.to_vec()).await;
        assert_eq!(stored.status, status, "{}", stored.text());
    }
    let finished = page.call("/uploads/finish", json!({ "uploads": [{ "token": token }] })).await.json();
    let (receipt, link) = (text(&finished["results"][0]["receipt"]), text(&finished["results"][0]["url"]));
    page.heard.push(receipt.clone());
    page.heard.push(link.split("X-Amz-Signature=").nth(1).unwrap().to_owned());
    assert_eq!(client.get(&link).await.status, 200);

    let forms =
        page.call("/forms", json!({ "forms": [{ "type": "text/plain", "redirect": "/x" }] })).await.json();
    let form = forms["forms"][0].clone();
    page.heard.push(text(&form["token"]));
    page.heard_request(&form);
    let (kind, multipart) = multipart(&pairs(&form["fields"]), b"hello");
    let stored =
        client.send("POST", &text(&form["url"]), &[("content-type", kind.as_str())], multipart).await;
    assert_eq!(stored.status, 303, "{}", stored.text());
    assert_eq!(client.get(stored.header("location").unwrap()).await.status, 303);

    // Everything that goes wrong, with secrets where they do not belong.
    let app_key = std::fs::read_to_string(data.join("app-key")).unwrap().trim().to_owned();
    for (path, body) in [
        ("/uploads", json!(token)),
        ("/sign", json!({ "requests": [{ "token": receipt, "intents": [{ "op": token }] }] })),
        ("/uploads/finish", json!({ "uploads": [{ "token": format!("{token}x"), "etag": token }] })),
        ("/uploads/delete", json!({ "uploads": [{ "receipt": token }, { "receipt": receipt }] })),
        ("/receipts/verify", json!({ "receipts": [receipt] })),
        ("/nowhere", json!({})),
    ] {
        page.call(path, body).await;
    }
    let url = format!("{}/sealift/receipts/verify", server.url);
    let app = format!("Bearer {app_key}");
    let headers = [("content-type", "application/json"), ("authorization", app.as_str())];
    let body = json!({ "receipts": [receipt] }).to_string().into_bytes();
    assert_eq!(client.send("POST", &url, &headers, body).await.status, 200);
    client.get(&format!("{}/sealift/forms/finish/{token}?key={receipt}", server.url)).await;
    client.get(&format!("{}/sealift/{token}", server.url)).await;

    server.terminate();
    let ended = tokio::task::spawn_blocking(|| server.wait()).await.unwrap();
    assert!(ended.status.success());
    let output = ended.stdout + &ended.stderr;
    assert!(output.contains("/sealift/uploads/finish"), "the calls are logged: {output}");
    let mut secrets = std::mem::take(&mut page.heard);
    secrets.push(SECRET.to_owned());
    for name in ["app-key", "token-secret", "dev-s3-secret-access-key"] {
        secrets.push(std::fs::read_to_string(data.join(name)).unwrap().trim().to_owned());
    }
    for secret in secrets {
        // A part is enough to recognise it.
        let part: String = secret.trim_start_matches("Bearer ").chars().take(40).collect();
        let line = output.lines().find(|line| line.contains(&part));
        assert_eq!(line, None, "{part}… of {secret}");
    }
}
