//! Several servers, one bucket, nothing between them; and the sweep as a command.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use common::client::{Client, Reply};
use common::multipart::{Upload, in_parts, response};
use common::process::{Process, command};
use common::world::{keys, uploads};
use common::{Options, Running, file, files_below, pairs, sha256_hex, start_with};
use sealift::s3::CreateMultipartUpload;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinSet;

const APP_KEY: &str = "the key of the app itself";
const PENDING: &str = "[rules.pending]\nstrategy = \"copy\"\n";

/// The command line of a server that shares a bucket with others.
fn configured(folder: &Path, s3: &Running, mut command: Command) -> Command {
    let key = |name: &str| std::fs::read_to_string(s3.data_dir.join(name)).unwrap().trim().to_owned();
    let config = folder.join("sealift.toml");
    let toml = format!(
        "[s3]\nendpoint = \"{}\"\nregion = \"us-east-1\"\nbucket = \"sealift-dev\"\naccess_key_id = \"{}\"\n{PENDING}",
        s3.s3_url,
        key("dev-s3-access-key-id"),
    );
    std::fs::write(&config, toml).unwrap();
    command.arg("--config").arg(config);
    command.env("SEALIFT__S3__SECRET_ACCESS_KEY", key("dev-s3-secret-access-key"));
    command
}

/// Two servers, and what sends each call to either of them.
struct Balancer {
    replicas: Mutex<Vec<Process>>,
    client: Client,
    calls: AtomicUsize,
    random: AtomicU64,
    answered: Mutex<std::collections::HashMap<String, usize>>,
    lost: AtomicUsize,
    /// The call before which one of them is killed.
    kill_before: usize,
    _folders: Vec<TempDir>,
}

impl Balancer {
    fn start(s3: &Running, seed: u64, kill_before: usize) -> Self {
        let (mut replicas, mut folders) = (Vec::new(), Vec::new());
        for _ in 0..2 {
            // Nothing in common on their disks either.
            let folder = tempfile::tempdir().unwrap();
            let mut command = configured(folder.path(), s3, command(&folder.path().join("data")));
            command.env("SEALIFT__SERVER__SECRET", "a secret that all replicas know, of 32 bytes or more");
            command.env("SEALIFT__SERVER__APP_KEY", APP_KEY);
            replicas.push(Process::start(command));
            folders.push(folder);
        }
        Self {
            replicas: replicas.into(),
            client: Client::new(),
            calls: AtomicUsize::new(0),
            random: AtomicU64::new(seed),
            answered: Mutex::default(),
            lost: AtomicUsize::new(0),
            kill_before,
            _folders: folders,
        }
    }

    fn pick(&self) -> String {
        let next = |state: u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
        let random = self.random.try_update(Ordering::SeqCst, Ordering::SeqCst, next).unwrap() >> 33;
        let replicas = self.replicas.lock().unwrap();
        replicas[usize::try_from(random).unwrap() % replicas.len()].url.clone()
    }

    /// Sends a call to any of them, and again if that one died over it.
    async fn call(&self, path: &str, body: &Value) -> Value {
        let calls = self.calls.fetch_add(1, Ordering::SeqCst);
        let both_answered = self.answered.lock().unwrap().len() == 2;
        if calls >= self.kill_before && both_answered {
            let mut replicas = self.replicas.lock().unwrap();
            if replicas.len() == 2 {
                // SIGKILL: no drain, no farewell.
                drop(replicas.remove(0));
            }
        }
        for _ in 0..10 {
            let url = self.pick();
            let key = format!("Bearer {APP_KEY}");
            let headers = [("content-type", "application/json"), ("authorization", key.as_str())];
            let address = format!("{url}/sealift{path}");
            match self.client.try_send("POST", &address, &headers, body.to_string().into()).await {
                Some(reply) => {
                    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
                    *self.answered.lock().unwrap().entry(url).or_default() += 1;
                    return reply.json();
                }
                None => self.lost.fetch_add(1, Ordering::SeqCst),
            };
        }
        panic!("no replica answers {path}");
    }

    async fn to_s3(&self, request: &Value, body: &[u8]) -> Reply {
        let headers = pairs(&request["headers"]);
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let body = request["body"].as_str().map_or(body, str::as_bytes).to_vec();
        let (method, url) = (request["method"].as_str().unwrap(), request["url"].as_str().unwrap());
        let reply = self.client.send(method, url, &headers, body).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply
    }

    async fn sign(&self, token: &str, upload_id: Option<&str>, intent: Value) -> Value {
        let mut request = json!({ "token": token, "intents": [intent] });
        if let Some(id) = upload_id {
            request["uploadId"] = id.into();
        }
        let answer = self.call("/sign", &json!({ "requests": [request] })).await;
        assert_eq!(answer["results"][0]["error"], Value::Null, "{answer}");
        answer["results"][0]["requests"][0].clone()
    }

    /// A whole upload, from its grant until the app keeps it; the kept key.
    async fn upload(&self, name: &str, body: &[u8]) -> String {
        let parts = body.len() > 5 << 20;
        let described = if parts { in_parts(name, body, "sha256") } else { file(name, body) };
        let created = self.call("/uploads", &json!({ "files": [described] })).await["uploads"][0].clone();
        let (grant, first) = (&created["grant"], &created["requests"][0]);
        let token = grant["token"].as_str().unwrap();
        if parts {
            let begun = self.to_s3(first, &[]).await;
            let upload_id = CreateMultipartUpload::parse(&response(&begun)).unwrap().upload_id;
            let size = usize::try_from(grant["plan"]["partSize"].as_u64().unwrap()).unwrap();
            let mut list = Vec::new();
            for (number, bytes) in (1..).zip(body.chunks(size)) {
                let intent = json!({ "op": "part", "number": number, "sha256": sha256_hex(bytes) });
                let stored = self.to_s3(&self.sign(token, Some(&upload_id), intent).await, bytes).await;
                list.push(json!({ "etag": stored.header("etag").unwrap(), "sha256": sha256_hex(bytes) }));
            }
            let complete = json!({ "op": "complete", "parts": list });
            self.to_s3(&self.sign(token, Some(&upload_id), complete).await, &[]).await;
        } else {
            let signed = self.sign(token, None, json!({ "op": "put" })).await;
            self.to_s3(&signed, body).await;
        }
        let finished = self.call("/uploads/finish", &json!({ "uploads": [{ "token": token }] })).await;
        let finished = &finished["results"][0];
        assert_eq!(finished["size"], body.len(), "{finished}");
        let call = json!({ "attachments": [{ "receipt": finished["receipt"] }], "user": "anonymous" });
        let kept = self.call("/attachments/keep", &call).await["results"][0].clone();
        assert_eq!(kept["size"], body.len(), "{kept}");
        kept["key"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn two_replicas_share_nothing_but_the_bucket_and_one_of_them_may_die() {
    let s3 = start_with(Options::default()).await;
    for (seed, kill_before) in [(1, 20), (2, 35), (3, 50)] {
        let balancer = Arc::new(Balancer::start(&s3, seed, kill_before));
        let mut all = JoinSet::new();
        for number in 0..16_usize {
            let balancer = balancer.clone();
            all.spawn(async move {
                let large = number % 4 == 0;
                let body = vec![
                    u8::try_from(number).unwrap();
                    if large { (10 << 20) + number } else { 1_000 + number }
                ];
                balancer.upload(&format!("{number}.bin"), &body).await
            });
        }
        let mut kept = all.join_all().await;
        assert_eq!(balancer.replicas.lock().unwrap().len(), 1, "one was killed");
        let answered = balancer.answered.lock().unwrap().clone();
        assert_eq!(answered.len(), 2, "both have answered: {answered:?}");
        println!("answered {answered:?}, lost {}", balancer.lost.load(Ordering::SeqCst));
        kept.sort();
        kept.dedup();
        assert_eq!(kept.len(), 16);
        let there = keys(&s3).await;
        assert!(kept.iter().all(|key| there.contains(key)));
        assert_eq!(uploads(&s3).await, Vec::<String>::new());
    }
}

/// What dev-s3 has on its disk becomes ten days old.
fn age(data_dir: &Path) {
    let ten_days = 10 * 86_400_000;
    for path in files_below(&data_dir.join("s3")) {
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let mut record: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        for field in ["last_modified", "initiated"] {
            if let Some(moment) = record[field].as_u64() {
                record[field] = (moment - ten_days).into();
            }
        }
        std::fs::write(&path, record.to_string()).unwrap();
    }
}

#[tokio::test]
async fn the_command_sweeps_what_is_old_and_says_so() {
    let young = start_with(Options { toml: PENDING.to_owned(), ..Options::default() }).await;
    let old = young.upload("old.txt", b"hello", &[]).await["key"].as_str().unwrap().to_owned();
    let given_up = Upload::begin(&young, "given-up.bin", &[7; 100], "sha256").await;
    let given_up = given_up.created.grant["key"].as_str().unwrap().to_owned();
    let stopped = young.stop().await;
    age(&stopped.data_dir);
    let server = start_with(Options {
        toml: PENDING.to_owned(),
        data_dir: Some(stopped.data_dir.clone()),
        ..Options::default()
    })
    .await;
    let new = server.upload("new.txt", b"hello!", &[]).await["key"].as_str().unwrap().to_owned();

    let folder = tempfile::tempdir().unwrap();
    let sweep = async |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealift-server"));
        command.arg("sweep");
        let mut command = configured(folder.path(), &server, command);
        command.args(arguments);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let (said, log) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(output.status.success(), "{said}{log}");
        (said, log)
    };
    let before = (keys(&server).await, uploads(&server).await);
    let (said, log) = sweep(&["--dry-run"]).await;
    assert!(
        said.contains(&format!("object {old:?} 5")) && said.contains(&format!("upload {given_up:?}")),
        "{said}"
    );
    assert!(
        !said.contains(&new)
            && said.contains("1 objects (5 bytes) would be deleted, 1 uploads would be aborted")
    );
    assert!(log.contains("looked at 2:"), "it says how far it is: {log}");
    assert_eq!((keys(&server).await, uploads(&server).await), before);

    let (said, _) = sweep(&[]).await;
    assert_eq!(said, "looked at 3: 1 objects (5 bytes) deleted, 1 uploads aborted, 0 failed\n");
    assert_eq!((keys(&server).await, uploads(&server).await), (vec![new], vec![]));
    let (said, _) = sweep(&[]).await;
    assert_eq!(said, "looked at 1: 0 objects (0 bytes) deleted, 0 uploads aborted, 0 failed\n");
}

#[test]
fn without_an_s3_there_is_nothing_to_sweep() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_sealift-server"))
        .current_dir(folder.path())
        .arg("sweep")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.starts_with("sealift-server: ") && said.contains("`[s3]`"), "{said}");
}
