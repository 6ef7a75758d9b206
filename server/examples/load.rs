//! A load test: how many intents a server signs per second in batches, how long
//! a single signature takes meanwhile, and whether its memory stays flat.
//!
//! `cargo run --release -p sealift-server --example load -- target/release/sealift-server [seconds]`
//!
//! It starts the server with a dev-s3 of its own, which is never called: what
//! is asked for are signatures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

/// Intents of a batch: what a page asks for at once while it uploads.
const BATCH: usize = 100;
/// Pages that ask at the same time.
const PAGES: usize = 4;
/// Pause between two of the single signatures that are timed.
const PROBE: Duration = Duration::from_millis(3);

type Http = Client<HttpConnector, Full<Bytes>>;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let program = arguments.next().expect("the path of sealift-server");
    let program = std::fs::canonicalize(program).expect("a path");
    let seconds = arguments.next().map_or(10, |text| text.parse().expect("seconds"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(program.to_str().unwrap(), folder.path());
    runtime.block_on(measure(&server, Duration::from_secs(seconds)));
}

async fn measure(server: &Server, time: Duration) {
    let http: Http = Client::builder(TokioExecutor::new()).build({
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        tcp
    });
    let target = Target::new(&http, &server.url).await;
    // Once warm, memory must not grow any more.
    batches(&target, Duration::from_secs(2), None).await;
    let memory_before = server.memory();
    let began = Instant::now();
    let signed = batches(&target, time, None).await;
    let rate = f64::from(u32::try_from(signed).unwrap()) / began.elapsed().as_secs_f64();
    let mut took = Vec::new();
    batches(&target, time, Some(&mut took)).await;
    let memory_after = server.memory();
    took.sort_unstable();
    let at = |share: usize| took[(took.len() * share / 1000).min(took.len() - 1)].as_secs_f64() * 1e3;
    println!("{rate:.0} intents signed per second, in batches of {BATCH} from {PAGES} pages");
    println!(
        "a single signature meanwhile: p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms ({} of them)",
        at(500),
        at(990),
        at(999),
        took.len()
    );
    println!("memory: {memory_before} KiB warm, {memory_after} KiB at the end");
}

/// Batches from several pages, for a time; beside them, single signatures that
/// are timed. Answers how many intents of batches were signed.
async fn batches(target: &Target, time: Duration, took: Option<&mut Vec<Duration>>) -> u64 {
    let (stop, signed) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut pages = tokio::task::JoinSet::new();
    // The timed signatures meet a server that is busy, not one that is overrun.
    let count = if took.is_some() { 1 } else { PAGES };
    for _ in 0..count {
        let (target, stop, signed) = (target.clone(), Arc::clone(&stop), Arc::clone(&signed));
        pages.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                target.sign(&target.batch).await;
                signed.fetch_add(BATCH as u64, Ordering::Relaxed);
            }
        });
    }
    match took {
        Some(took) => {
            let end = Instant::now() + time;
            while Instant::now() < end {
                tokio::time::sleep(PROBE).await;
                let began = Instant::now();
                target.sign(&target.single).await;
                took.push(began.elapsed());
            }
        }
        None => tokio::time::sleep(time).await,
    }
    stop.store(true, Ordering::Relaxed);
    while pages.join_next().await.is_some() {}
    signed.load(Ordering::Relaxed)
}

/// A granted upload of many parts, and calls that sign them.
#[derive(Clone)]
struct Target {
    http: Http,
    url: String,
    batch: Bytes,
    single: Bytes,
}

impl Target {
    async fn new(http: &Http, url: &str) -> Self {
        let size = 5_u64 << 30;
        let files = json!({ "files": [{ "name": "film.mp4", "size": size, "type": "video/mp4",
            "integrity": "sha256", "transport": "multipart" }] });
        let answer = call(http, &format!("{url}/sealift/uploads"), files.to_string().into()).await;
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        let token = answer["uploads"][0]["grant"]["token"].as_str().unwrap_or_else(|| panic!("{answer}"));
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let sign = |count: usize| {
            let part = |number| json!({ "op": "part", "number": number, "sha256": sha256 });
            let intents: Vec<_> = (1..=count).map(part).collect();
            let one = json!({ "token": token, "uploadId": "an-upload-that-s3-named", "intents": intents });
            Bytes::from(json!({ "requests": [one] }).to_string())
        };
        let target = Self {
            http: http.clone(),
            url: format!("{url}/sealift/sign"),
            batch: sign(BATCH),
            single: sign(1),
        };
        let answer = target.sign(&target.batch).await;
        let signed = String::from_utf8_lossy(&answer).matches("Signature=").count();
        assert_eq!(signed, BATCH, "{}", String::from_utf8_lossy(&answer));
        target
    }

    async fn sign(&self, body: &Bytes) -> Bytes {
        call(&self.http, &self.url, body.clone()).await
    }
}

async fn call(http: &Http, url: &str, body: Bytes) -> Bytes {
    let request = Request::post(url).header("content-type", "application/json").body(Full::new(body));
    let response = http.request(request.unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    response.into_body().collect().await.unwrap().to_bytes()
}

struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(program: &str, folder: &std::path::Path) -> Self {
        let mut child = Command::new(program)
            .current_dir(folder)
            .args(["--listen", "127.0.0.1:0", "--dev-s3-listen", "127.0.0.1:0", "--log", "warn"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines
            .find_map(|line| line.unwrap().strip_prefix("sealift-server listening on ").map(str::to_owned))
            .expect("it says where it listens");
        Self { child, url }
    }

    /// Resident, in KiB; 0 where the system does not say.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
