//! A whole server in this process, on real sockets, with its real dev-s3.

#![allow(dead_code, reason = "each test file uses its part")]

pub mod client;
pub mod jwt;
pub mod multipart;
pub mod process;
pub mod redis;
pub mod stub;
pub mod world;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use client::{Client, Reply};
use sealift::Timestamp;
use sealift::s3::{AddressingStyle, Endpoint};
use sealift::sigv4::{Credentials, Request, SigningOptions, sign_headers};
use sealift_server::Server;
use sealift_server::clock::Clock;
use sealift_server::config::Config;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How a test wants its server.
#[derive(Default)]
pub struct Options {
    /// Configuration file, TOML.
    pub toml: String,
    /// Secrets and other variables.
    pub environment: Vec<(String, String)>,
    /// Data folder of an earlier server.
    pub data_dir: Option<PathBuf>,
}

/// A server that runs until it is dropped or stopped.
pub struct Running {
    pub url: String,
    pub s3_url: String,
    pub data_dir: PathBuf,
    pub client: Client,
    /// Seconds by which the server's own clock is wrong.
    pub clock_error: Arc<AtomicI64>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
    _folder: TempDir,
}

pub async fn start() -> Running {
    start_with(Options::default()).await
}

pub async fn start_with(options: Options) -> Running {
    start_at(options, 0).await
}

/// Starts with a clock that is wrong by so many seconds.
pub async fn start_at(options: Options, clock_error: i64) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sealift.toml");
    std::fs::write(&file, &options.toml).unwrap();
    let data_dir = options.data_dir.unwrap_or_else(|| folder.path().join("data"));
    let flags = [
        ("server.listen", "127.0.0.1:0".to_owned()),
        ("server.data_dir", data_dir.to_str().unwrap().to_owned()),
    ];
    let mut flags = flags.to_vec();
    if !options.toml.contains("[s3]") {
        flags.push(("dev_s3.listen", "127.0.0.1:0".to_owned()));
    }
    let config = Config::load(Some(&file), options.environment.into_iter(), &flags).unwrap();
    let clock_error = Arc::new(AtomicI64::new(clock_error));
    let server = Server::start(config, wrong_clock(clock_error.clone())).await.unwrap();
    let (url, s3_url) = (server.url(), server.dev_s3_url().unwrap_or_default().to_owned());
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));
    Running {
        url,
        s3_url,
        data_dir,
        client: Client::new(),
        clock_error,
        stop: Some(stop),
        task,
        _folder: folder,
    }
}

fn wrong_clock(error: Arc<AtomicI64>) -> Clock {
    Clock::new(Arc::new(move || real_time().plus_seconds(error.load(Ordering::Relaxed))))
}

pub fn real_time() -> Timestamp {
    let unix = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    Timestamp::from_unix_seconds(i64::try_from(unix).unwrap())
}

impl Running {
    /// Tells it to stop and waits until it has.
    pub async fn stop(mut self) -> Stopped {
        let _ = self.stop.take().unwrap().send(());
        (&mut self.task).await.unwrap();
        Stopped { data_dir: self.data_dir, _folder: self._folder }
    }

    pub fn tell_to_stop(&mut self) {
        let _ = self.stop.take().unwrap().send(());
    }

    /// One call of the protocol, as a page of the server's own origin makes it.
    pub async fn call(&self, path: &str, body: Value) -> Reply {
        self.call_as(path, body, &[]).await
    }

    pub async fn call_as(&self, path: &str, body: Value, headers: &[(&str, &str)]) -> Reply {
        let mut all = vec![("content-type", "application/json"), ("origin", self.url.as_str())];
        all.retain(|(name, _)| !headers.iter().any(|(other, _)| other == name));
        all.extend(headers);
        let url = format!("{}/sealift{path}", self.url);
        self.client.send("POST", &url, &all, body.to_string().into_bytes()).await
    }

    /// A grant for one file, with its first signed request.
    pub async fn create(&self, file: Value, headers: &[(&str, &str)]) -> Created {
        let reply = self.call_as("/uploads", json!({ "files": [file] }), headers).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let upload = reply.json()["uploads"][0].clone();
        assert_eq!(upload["error"], Value::Null, "{upload}");
        Created::of(&upload)
    }

    /// Finishes one upload: the object, or the error in its place.
    pub async fn finish(&self, token: &str, headers: &[(&str, &str)]) -> Value {
        let reply =
            self.call_as("/uploads/finish", json!({ "uploads": [{ "token": token }] }), headers).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["results"][0].clone()
    }

    /// Sends a signed PUT as a browser would.
    pub async fn put(&self, request: &Value, body: &[u8]) -> Reply {
        let headers = pairs(&request["headers"]);
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.client.send("PUT", request["url"].as_str().unwrap(), &headers, body.to_vec()).await
    }

    /// Sends a signed request as a browser would: its own body if it has one.
    pub async fn send(&self, request: &Value, body: &[u8]) -> Reply {
        let headers = request.get("headers").map(pairs).unwrap_or_default();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let body = request["body"].as_str().map_or(body, str::as_bytes).to_vec();
        let method = request["method"].as_str().unwrap();
        self.client.send(method, request["url"].as_str().unwrap(), &headers, body).await
    }

    /// Asks the embedded dev-s3 with its own keys.
    pub async fn ask_s3(&self, request: Request) -> Reply {
        let key = |name: &str| std::fs::read_to_string(self.data_dir.join(name)).unwrap().trim().to_owned();
        let (id, secret) = (key("dev-s3-access-key-id"), key("dev-s3-secret-access-key"));
        let credentials = Credentials::new(id, secret, None).unwrap();
        let options = SigningOptions::s3("us-east-1", real_time()).unwrap();
        let signed = sign_headers(&request, &credentials, &options).unwrap();
        let headers: Vec<_> = signed.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        self.client.send(&signed.method, &signed.url, &headers, Vec::new()).await
    }

    /// The embedded dev-s3.
    pub fn s3(&self) -> Endpoint {
        Endpoint::parse(&self.s3_url, AddressingStyle::Path).unwrap()
    }

    /// Sends a signed form as a browser would.
    pub async fn post_form(&self, request: &Value, body: &[u8]) -> Reply {
        let (content_type, form) = multipart(&pairs(&request["fields"]), body);
        let headers = [("content-type", content_type.as_str())];
        self.client.send("POST", request["url"].as_str().unwrap(), &headers, form).await
    }

    /// The whole way of one file by PUT; answers the finished object.
    pub async fn upload(&self, name: &str, body: &[u8], headers: &[(&str, &str)]) -> Value {
        let created = self.create(file(name, body), headers).await;
        let stored = self.put(&created.request, body).await;
        assert_eq!(stored.status, 200, "{}", stored.text());
        let finished = self.finish(&created.token, headers).await;
        assert_eq!(finished["error"], Value::Null, "{finished}");
        finished
    }
}

/// What a stopped server leaves behind.
pub struct Stopped {
    pub data_dir: PathBuf,
    _folder: TempDir,
}

/// A grant and its first request.
pub struct Created {
    pub token: String,
    pub grant: Value,
    pub request: Value,
}

impl Created {
    fn of(upload: &Value) -> Self {
        Self {
            token: upload["grant"]["token"].as_str().unwrap().to_owned(),
            grant: upload["grant"].clone(),
            request: upload["requests"][0].clone(),
        }
    }
}

/// A file of these bytes as the page describes it.
pub fn file(name: &str, body: &[u8]) -> Value {
    json!({ "name": name, "size": body.len(), "type": "text/plain", "sha256": sha256_hex(body) })
}

pub fn sha256_hex(body: &[u8]) -> String {
    hex::encode(sealift::digest::sha256(body))
}

/// `[[name, value], …]`
pub fn pairs(value: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    value.as_array().unwrap().iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
}

/// `multipart/form-data` with the file last.
pub fn multipart(fields: &[(String, String)], file: &[u8]) -> (String, Vec<u8>) {
    let boundary = "----sealift-test-boundary";
    let mut form = Vec::new();
    for (name, value) in fields {
        let head =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        form.extend_from_slice(head.as_bytes());
    }
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    form.extend_from_slice(head.as_bytes());
    form.extend_from_slice(file);
    form.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), form)
}

/// Every file below a folder, for looking at what is really there.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
}
