//! The service itself over a running server's S3, at another time and with
//! calls to S3 that are the last ones.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use sealift::endpoint::protocol::{KeepAttachments, KeepItem, KeptAttachment};
use sealift::endpoint::service::{Clock, Note, Ports, Service, Store, SweepReport, SweepStep};
use sealift::endpoint::{EndpointConfig, Rules, SigningEndpoint, TokenSecrets};
use sealift::s3::{HeadObject, ListMultipartUploads, ListObjectsV2};
use sealift::sigv4::Credentials;
use sealift::{Error, Timestamp, s3, sigv4};
use sealift_server::s3_client::S3Client;
use tokio::sync::Notify;

use super::Running;
use super::multipart::response;

/// What a test looks at the bucket with, and sweeps it.
pub struct World {
    pub service: Service<TestPorts>,
}

pub struct TestPorts {
    store: TestStore,
    /// Seconds by which it is later than it is.
    pub later: AtomicI64,
}

pub struct TestStore {
    client: S3Client,
    /// Calls until it is killed.
    left: AtomicI64,
    /// Whether the last call still reaches S3.
    reaches: std::sync::atomic::AtomicBool,
    pub calls: AtomicU64,
    /// Whether it refuses to copy parts of uploads that were begun with a checksum, as MinIO does.
    pub copies_no_checksums: std::sync::atomic::AtomicBool,
    begun_with_checksum: std::sync::atomic::AtomicBool,
    killed: Notify,
}

impl Store for TestStore {
    fn endpoint(&self) -> &s3::Endpoint {
        self.client.endpoint()
    }

    async fn send(&self, request: &sigv4::Request, body: &[u8]) -> Result<s3::Response, Error> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            if self.reaches.load(Ordering::SeqCst) {
                let _ = self.client.send(request, body).await;
            }
            self.killed.notify_one();
            std::future::pending::<()>().await;
        }
        let has = |name: &str| request.headers().iter().any(|(header, _)| header == name);
        if request.method() == "POST" && request.url().ends_with("?uploads=") {
            self.begun_with_checksum.store(has("x-amz-checksum-algorithm"), Ordering::SeqCst);
        }
        let refuses = self.copies_no_checksums.load(Ordering::SeqCst);
        if refuses && has("x-amz-copy-source-range") && self.begun_with_checksum.load(Ordering::SeqCst) {
            let body =
                b"<Error><Code>InvalidArgument</Code><Message>checksum missing</Message></Error>".to_vec();
            return Ok(s3::Response { status: 400, headers: Vec::new(), body });
        }
        self.client.send(request, body).await
    }
}

impl Ports for TestPorts {
    type Store = TestStore;

    fn store(&self) -> &TestStore {
        &self.store
    }

    fn now(&self) -> Timestamp {
        super::real_time().plus_seconds(self.later.load(Ordering::SeqCst))
    }

    fn random(&self, bytes: &mut [u8]) -> bool {
        getrandom::fill(bytes).is_ok()
    }

    fn note(&self, note: &Note<'_>) {
        println!("{note}");
    }
}

impl World {
    /// Over the dev-s3 of a server, with its secrets and these rules.
    pub fn of(server: &Running, rules: Rules) -> Self {
        let key = |name: &str| std::fs::read_to_string(server.data_dir.join(name)).unwrap().trim().to_owned();
        let (id, secret) = (key("dev-s3-access-key-id"), key("dev-s3-secret-access-key"));
        let credentials = Credentials::new(id, secret, None).unwrap();
        let endpoint = SigningEndpoint::new(EndpointConfig {
            environment: "default".to_owned(),
            rules: Rules { bucket: "sealift-dev".to_owned(), ..rules },
            region: "us-east-1".to_owned(),
            s3: server.s3(),
            credentials: credentials.clone(),
            secrets: TokenSecrets::new([key("token-secret")]).unwrap(),
            form_finish_url: None,
        })
        .unwrap();
        let clock = Clock::new(Arc::new(super::real_time));
        let client = S3Client::new(server.s3(), "us-east-1".to_owned(), credentials, clock).unwrap();
        let store = TestStore {
            client,
            left: AtomicI64::new(i64::MAX),
            reaches: true.into(),
            calls: AtomicU64::new(0),
            copies_no_checksums: false.into(),
            begun_with_checksum: false.into(),
            killed: Notify::new(),
        };
        let later = AtomicI64::new(0);
        Self { service: Service::new(endpoint, TestPorts { store, later }) }
    }

    pub fn later(&self, seconds: i64) {
        self.service.ports().later.store(seconds, Ordering::SeqCst);
    }

    pub fn copies_no_checksums(&self) {
        self.service.ports().store.copies_no_checksums.store(true, Ordering::SeqCst);
    }

    pub fn calls(&self) -> u64 {
        self.service.ports().store.calls.load(Ordering::SeqCst)
    }

    /// Runs until it is done, or killed by its call number `after`; the last
    /// call reaches S3 or not.
    pub async fn killed_after<T>(
        &self,
        after: i64,
        reaches: bool,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let store = &self.service.ports().store;
        store.left.store(after, Ordering::SeqCst);
        store.reaches.store(reaches, Ordering::SeqCst);
        let done = tokio::select! {
            biased;
            () = store.killed.notified() => None,
            done = work => Some(done),
        };
        store.left.store(i64::MAX, Ordering::SeqCst);
        done
    }

    pub async fn sweep(&self) -> SweepReport {
        self.service.sweep(false, |_, _| ()).await.unwrap()
    }

    /// What a dry run names.
    pub async fn would_sweep(&self) -> (SweepReport, Vec<String>) {
        let mut named = Vec::new();
        let report = self.service.sweep(true, |step, _| match step {
            SweepStep::Deleted { key, .. } | SweepStep::Aborted { key } => named.push(key.to_owned()),
            _ => {}
        });
        let report = report.await.unwrap();
        named.sort();
        (report, named)
    }

    /// Keeps one upload; the code of its refusal if it is refused.
    pub async fn keep(&self, receipt: &str) -> Result<KeptAttachment, String> {
        let attachments = vec![KeepItem::Receipt { receipt: receipt.to_owned() }];
        let answer = self.service.keep(KeepAttachments { attachments, user: None }).await.unwrap();
        answer.results.into_iter().next().unwrap().into_result().map_err(|error| error.code)
    }
}

/// All keys of the bucket.
pub async fn keys(server: &Running) -> Vec<String> {
    let bucket = s3::Bucket::parse("sealift-dev").unwrap();
    let request = ListObjectsV2::new(&bucket).request(&server.s3()).unwrap();
    let page = ListObjectsV2::parse(&response(&server.ask_s3(request).await)).unwrap();
    assert_eq!(page.next, None);
    page.objects.into_iter().map(|object| object.key).collect()
}

/// The keys of all uploads in parts.
pub async fn uploads(server: &Running) -> Vec<String> {
    let bucket = s3::Bucket::parse("sealift-dev").unwrap();
    let request = ListMultipartUploads::new(&bucket).request(&server.s3()).unwrap();
    let page = ListMultipartUploads::parse(&response(&server.ask_s3(request).await)).unwrap();
    page.uploads.into_iter().map(|upload| upload.key).collect()
}

pub async fn head(server: &Running, key: &str) -> Option<s3::HeadObjectOutput> {
    let (bucket, key) = (s3::Bucket::parse("sealift-dev").unwrap(), s3::ObjectKey::parse(key).unwrap());
    let request = HeadObject::new(&bucket, &key).request(&server.s3()).unwrap();
    HeadObject::parse(&response(&server.ask_s3(request).await)).unwrap()
}

/// Puts an object that no page uploaded, without a byte.
pub async fn put_empty(server: &Running, key: &str) {
    let (bucket, key) = (s3::Bucket::parse("sealift-dev").unwrap(), s3::ObjectKey::parse(key).unwrap());
    let request = server.s3().object_request("PUT", &bucket, &key).unwrap();
    let stored = server.ask_s3(request.payload(sigv4::PayloadHash::Empty)).await;
    assert_eq!(stored.status, 200, "{}", stored.text());
}
