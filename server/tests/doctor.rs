//! The doctor against a dev-s3 on a socket: well, and with one thing after the
//! other broken on purpose.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::net::SocketAddr;
use std::sync::Arc;

use common::client::Client;
use sealift::Timestamp;
use sealift::endpoint::Rules;
use sealift::s3::{AddressingStyle, Bucket, BucketCors, BucketLifecycle, CorsRule, Endpoint};
use sealift::sigv4::{Credentials, Request, SigningOptions, sign_headers};
use sealift_dev_s3::{DevS3, DevS3Config};
use sealift_server::clock::{self, Clock};
use sealift_server::doctor::{Patient, Report, Status, examine};

const KEY: &str = "AKIDDOCTOR";
const SECRET: &str = "the+secret/of=the-doctor";
const APP: &str = "https://app.example";

struct Server {
    address: SocketAddr,
    folder: tempfile::TempDir,
    client: Client,
}

impl Server {
    async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    async fn start_with(change: impl FnOnce(&mut DevS3Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = DevS3Config::new(folder.path(), KEY, SECRET);
        config.buckets.push("photos".to_owned());
        change(&mut config);
        let s3 = DevS3::new(config).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(s3.serve(listener, std::future::pending()));
        Self { address, folder, client: Client::new() }
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::parse(&format!("http://{}", self.address), AddressingStyle::Path).unwrap()
    }

    fn patient(&self) -> Patient {
        Patient {
            endpoint: self.endpoint(),
            public_endpoint: self.endpoint(),
            region: "us-east-1".to_owned(),
            bucket: Bucket::parse("photos").unwrap(),
            credentials: Credentials::new(KEY, SECRET, None).unwrap(),
            conditional_writes: true,
            checksums: true,
            rules: Rules { bucket: "photos".to_owned(), ..Rules::default() },
            origins: vec![APP.to_owned()],
        }
    }

    async fn ask(&self, request: Request, body: &str) -> u16 {
        let credentials = Credentials::new(KEY, SECRET, None).unwrap();
        let options = SigningOptions::s3("us-east-1", clock::system().now()).unwrap();
        let signed = sign_headers(&request, &credentials, &options).unwrap();
        let headers: Vec<_> = signed.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        self.client.send(&signed.method, &signed.url, &headers, body.as_bytes().to_vec()).await.status
    }

    async fn allow(&self, rule: CorsRule) {
        let bucket = Bucket::parse("photos").unwrap();
        let (request, body) = BucketCors { rules: vec![rule] }.put(&self.endpoint(), &bucket).unwrap();
        assert_eq!(self.ask(request, &body).await, 200);
    }

    /// What stands on its disk, but for what it knows of its buckets.
    fn is_empty(&self) -> bool {
        let objects = common::files_below(&self.folder.path().join("photos"));
        objects.iter().all(|file| file.ends_with("bucket.json"))
    }
}

fn rule(origin: &str, exposed: &[&str]) -> CorsRule {
    CorsRule {
        id: Some("theirs".to_owned()),
        allowed_origins: vec![origin.to_owned()],
        allowed_methods: ["GET", "PUT", "POST"].map(str::to_owned).to_vec(),
        allowed_headers: vec!["*".to_owned()],
        expose_headers: exposed.iter().map(|name| (*name).to_owned()).collect(),
        max_age_seconds: None,
    }
}

async fn diagnose(patient: Patient) -> Report {
    let report = examine(patient, clock::system(), false).await.unwrap();
    let text = format!("{}{}", report.to_text(), report.to_json());
    for secret in [SECRET, "Signature=", "X-Amz-Signature"] {
        assert!(!text.contains(secret), "{text}");
    }
    report
}

fn statuses(report: &Report, id: &str) -> Vec<Status> {
    report.checks.iter().filter(|check| check.id == id).map(|check| check.status).collect()
}

/// Just this is wrong, apart from the lifecycle that no bucket has at first.
#[track_caller]
fn assert_problem(report: &Report, id: &str, word: &str) {
    let found: Vec<_> = report
        .checks
        .iter()
        .filter(|check| check.status == Status::Problem && check.id != "lifecycle")
        .collect();
    assert_eq!(found.iter().map(|check| check.id).collect::<Vec<_>>(), [id], "{}", report.to_text());
    assert!(found[0].says.contains(word), "{}", found[0].says);
    assert!(!report.is_well());
}

#[tokio::test]
async fn what_is_missing_can_be_applied_and_nothing_is_left_behind() {
    let server = Server::start_with(|config| config.allowed_origins = Vec::new()).await;
    let first = diagnose(server.patient()).await;
    assert_eq!(statuses(&first, "cors"), [Status::Problem]);
    assert_eq!(statuses(&first, "lifecycle"), [Status::Problem]);
    assert!(server.is_empty());

    // Rules of others stay.
    server.allow(rule("https://other.example", &["ETag"])).await;
    let bucket = Bucket::parse("photos").unwrap();
    let others = BucketLifecycle::default().with_abort_rule("theirs", "logs/", 3);
    let (request, body) = others.put(&server.endpoint(), &bucket).unwrap();
    assert_eq!(server.ask(request, &body).await, 200);

    for _ in 0..2 {
        let applied = examine(server.patient(), clock::system(), true).await.unwrap();
        assert!(applied.is_well(), "{}", applied.to_text());
    }
    let again = diagnose(server.patient()).await;
    assert!(
        again.is_well() && again.checks.iter().all(|check| check.status == Status::Well),
        "{}",
        again.to_text()
    );
    assert!(server.is_empty());
    let other = Patient { origins: vec!["https://other.example".to_owned()], ..server.patient() };
    assert_ne!(statuses(&diagnose(other).await, "cors"), [Status::Problem]);
    let logs = Patient {
        rules: Rules { key: "logs/{user}/{uuid}".to_owned(), ..Rules::default() },
        ..server.patient()
    };
    assert_eq!(statuses(&diagnose(logs).await, "lifecycle"), [Status::Well]);
}

#[tokio::test]
async fn an_address_where_nobody_answers() {
    let server = Server::start().await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let endpoint = Endpoint::parse(&format!("http://{nobody}"), AddressingStyle::Path).unwrap();
    let report = diagnose(Patient {
        endpoint: endpoint.clone(),
        public_endpoint: endpoint.clone(),
        ..server.patient()
    })
    .await;
    assert_problem(&report, "reach", "s3.endpoint");
    let report =
        diagnose(Patient { public_endpoint: endpoint, origins: Vec::new(), ..server.patient() }).await;
    assert_eq!(statuses(&report, "public-reach"), [Status::Problem]);
}

#[tokio::test]
async fn keys_region_and_bucket() {
    let server = Server::start().await;
    let keys = |key, secret| Credentials::new(key, secret, None).unwrap();
    let report = diagnose(Patient { credentials: keys(KEY, "wrong"), ..server.patient() }).await;
    assert_problem(&report, "credentials", "secret");
    let report = diagnose(Patient { credentials: keys("AKIDNOBODY", SECRET), ..server.patient() }).await;
    assert_problem(&report, "credentials", "does not know the access key");
    let report = diagnose(Patient { region: "eu-west-1".to_owned(), ..server.patient() }).await;
    assert_problem(&report, "region", "s3.region = \"us-east-1\"");
    let report =
        diagnose(Patient { bucket: Bucket::parse("nothing-here").unwrap(), ..server.patient() }).await;
    assert_problem(&report, "bucket", "no bucket nothing-here");
}

#[tokio::test]
async fn the_wrong_addressing() {
    let server = Server::start().await;
    // A name, for addresses have no subdomains; that of the bucket leads here only where names below localhost do.
    let url = format!("http://localhost:{}", server.address.port());
    let endpoint = Endpoint::parse(&url, AddressingStyle::VirtualHosted).unwrap();
    let report =
        diagnose(Patient { endpoint: endpoint.clone(), public_endpoint: endpoint, ..server.patient() }).await;
    assert_problem(&report, "addressing", "s3.addressing = \"path\"");
}

#[tokio::test]
async fn a_clock_that_is_off() {
    let server = Server::start().await;
    for (seconds, status, word) in
        [(-7200_i64, Status::Problem, "behind"), (100, Status::Warning, "ahead of")]
    {
        let wrong =
            Clock::new(Arc::new(move || -> Timestamp { clock::system().now().plus_seconds(seconds) }));
        let report = examine(server.patient(), wrong, false).await.unwrap();
        assert_eq!(statuses(&report, "clock"), [status], "{}", report.to_text());
        let said = report.checks.iter().find(|check| check.id == "clock").unwrap();
        assert!(said.says.contains(word), "{}", said.says);
        assert_eq!(statuses(&report, "put"), [Status::Well], "it goes on by S3's time");
    }
}

#[tokio::test]
async fn cors_that_lacks_something() {
    let server = Server::start().await;
    let all = sealift_server_exposed();
    server.allow(rule("https://somebody.example", &all)).await;
    assert_problem(&diagnose(server.patient()).await, "cors", "may not send anything");
    server.allow(rule(APP, &["Date"])).await;
    assert_problem(&diagnose(server.patient()).await, "cors", "cannot see the ETag");
    server.allow(rule(APP, &["ETag"])).await;
    let report = diagnose(server.patient()).await;
    assert_eq!(statuses(&report, "cors"), [Status::Warning], "{}", report.to_text());
    server.allow(CorsRule { allowed_headers: vec!["content-type".to_owned()], ..rule(APP, &all) }).await;
    assert_problem(&diagnose(server.patient()).await, "cors", "may not");
    server.allow(rule(APP, &all)).await;
    assert_eq!(statuses(&diagnose(server.patient()).await, "cors"), [Status::Well]);
}

/// What docs/protocol.md asks buckets to expose.
fn sealift_server_exposed() -> [&'static str; 7] {
    [
        "ETag",
        "Date",
        "Retry-After",
        "x-amz-request-id",
        "x-amz-version-id",
        "x-amz-checksum-sha256",
        "x-amz-checksum-crc64nvme",
    ]
}

#[tokio::test]
async fn a_configuration_that_asks_for_less_than_there_is() {
    let server = Server::start().await;
    let rules = Rules { chunk_signatures: false, max_post_size: 0, ..Rules::default() };
    let patient = Patient { conditional_writes: false, checksums: false, rules, ..server.patient() };
    let report = diagnose(patient).await;
    for id in ["checksums", "conditional-writes", "chunk-signatures", "post-forms"] {
        assert_eq!(statuses(&report, id), [Status::Note], "{id}");
    }
}

#[test]
fn the_command_takes_the_servers_configuration_and_its_exit_says_whether_all_is_well() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = runtime.block_on(Server::start());
    let folder = tempfile::tempdir().unwrap();
    let (file, secret) = (folder.path().join("sealift.toml"), folder.path().join("secret"));
    std::fs::write(&secret, SECRET).unwrap();
    let toml = format!(
        "[server]\norigins = [\"{APP}\"]\n[s3]\nendpoint = \"http://{}\"\nregion = \"us-east-1\"\nbucket = \"photos\"\n\
         access_key_id = \"{KEY}\"\nsecret_access_key_file = {secret:?}\n",
        server.address
    );
    std::fs::write(&file, toml).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_sealift-server"));
        let output = command.arg("doctor").arg("--config").arg(&file).args(arguments).output().unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (status, text) = run(&[]);
    assert_eq!(status, Some(1), "{text}");
    assert!(
        text.contains("✗ lifecycle") && text.contains("\"AllowedOrigins\"") && text.contains("s3:PutObject"),
        "{text}"
    );
    let (status, json) = run(&["--apply", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((status, &report["well"]), (Some(0), &serde_json::Value::Bool(true)), "{json}");
    assert_eq!(report["cors"]["CORSRules"][0]["AllowedOrigins"][0], APP);
    assert_eq!(report["policy"]["Statement"][0]["Resource"][0], "arn:aws:s3:::photos/uploads/*");
    assert_eq!(run(&[]).0, Some(0));
}
