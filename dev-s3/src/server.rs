use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use s3s::auth::SecretKey;
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::region::Region;
use s3s::service::S3ServiceBuilder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::config::DevS3Config;
use crate::faults::Faults;
use crate::http::connection::{Connection, ResetSwitch};
use crate::http::cors::default_rules;
use crate::http::precheck::SIGNING_KEY_SECONDS;
use crate::http::service::Pipeline;
use crate::http::target::LocalHosts;
use crate::ops::{Account, Operations};
use crate::requests::Requests;
use crate::store::Store;

/// How long requests under way may take once a shutdown was asked for.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// Headers of a request: two kilobytes of metadata come in hundreds if their names are short.
const MAX_HEADERS: usize = 1024;

/// Largest chunk with a signature: it is held in memory until it is verified.
const MAX_SIGNED_CHUNK: usize = 256 << 20;

/// A small S3 over a folder. Clones are the same server.
#[derive(Clone)]
pub struct DevS3 {
    pipeline: Arc<Pipeline>,
}

impl DevS3 {
    /// Opens the folder and makes the buckets that are missing.
    ///
    /// # Errors
    /// When the folder cannot be read or written, or holds what this does not
    /// understand; when a bucket's or the region's name is not one.
    pub fn new(config: DevS3Config) -> io::Result<Self> {
        let store = Arc::new(Store::open(&config.root)?);
        for name in &config.buckets {
            if !s3s::path::check_bucket_name(name) {
                return Err(invalid(format!("not a bucket name: {name}")));
            }
            if store.bucket(name).is_err() {
                store.create_bucket(name).map_err(io::Error::other)?;
            }
        }
        let region = Region::new(config.region.clone().into()).map_err(|e| invalid(e.to_string()))?;
        let default_cors = default_rules(&config.allowed_origins);

        let mut limits = S3Config::default();
        limits.post_object_max_file_size = config.max_post_form_bytes;
        limits.aws_chunked_stream_max_chunk_size = MAX_SIGNED_CHUNK;
        limits.sig_v4_allowed_services = vec!["s3".to_owned()];
        limits.presigned_url_max_skew_time_secs = SIGNING_KEY_SECONDS;
        limits.expected_region = Some(region);

        let mut builder = S3ServiceBuilder::new(Operations {
            store: Arc::clone(&store),
            region: config.region.clone(),
            default_cors: default_cors.clone(),
            min_part_bytes: config.min_part_bytes,
        });
        builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(limits))));
        builder.set_host(LocalHosts);
        builder.set_auth(Account {
            access_key_id: config.access_key_id,
            secret_access_key: SecretKey::from(config.secret_access_key),
        });
        let pipeline = Pipeline {
            s3: builder.build(),
            store,
            default_cors,
            region: config.region,
            faults: Faults::default(),
            requests: Requests::default(),
            fault_injection: config.fault_injection,
        };
        Ok(Self { pipeline: Arc::new(pipeline) })
    }

    /// The faults to inject; works whatever `fault_injection` says, which is
    /// about the HTTP interface.
    pub fn faults(&self) -> Faults {
        self.pipeline.faults.clone()
    }

    /// The log of requests.
    pub fn requests(&self) -> Requests {
        self.pipeline.requests.clone()
    }

    /// Serves HTTP/1.1 until `shutdown` resolves; then lets requests under way
    /// end for a few seconds.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let mut shutdown = pin!(shutdown);
        // Connections hold the receiver: the sender sees the last one go.
        let (stop, stopped) = watch::channel(());
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        tokio::spawn(connection(Arc::clone(&self.pipeline), stream, stopped.clone()));
                    }
                    // Out of file descriptors, say: others may close soon.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                },
            }
        }
        drop(listener);
        drop(stopped);
        stop.send_replace(());
        let _ = tokio::time::timeout(SHUTDOWN_GRACE, stop.closed()).await;
    }
}

impl std::fmt::Debug for DevS3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DevS3").finish_non_exhaustive()
    }
}

async fn connection(pipeline: Arc<Pipeline>, stream: TcpStream, mut stopped: watch::Receiver<()>) {
    let switch = ResetSwitch::default();
    let io = TokioIo::new(Connection::new(stream, switch.clone()));
    let service = service_fn(|request| {
        let (pipeline, switch) = (Arc::clone(&pipeline), switch.clone());
        async move { pipeline.serve(request, &switch).await }
    });
    let connection =
        http1::Builder::new().timer(TokioTimer::new()).max_headers(MAX_HEADERS).serve_connection(io, service);
    let mut connection = pin!(connection);
    // How a connection ends is its client's affair.
    tokio::select! {
        _ = connection.as_mut() => {}
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}
