//! The S3 that comes along for development: `dev-s3` on a port of its own, so
//! that its origin is another and CORS is real.

use std::net::SocketAddr;
use std::path::Path;

use sealift::s3::{AddressingStyle, Bucket, Endpoint};
use sealift::sigv4::Credentials;
use sealift_dev_s3::{DevS3, DevS3Config};
use tokio::net::TcpListener;

use crate::config::{CredentialSource, DevS3Settings, S3Config};
use crate::origin::own_origin;
use crate::secret::{Secret, random_hex};

/// The bucket that the demo uploads to.
pub const BUCKET: &str = "sealift-dev";
const REGION: &str = "us-east-1";

/// A dev-s3 that listens, and how to reach it.
pub struct Embedded {
    /// For [`DevS3::serve`].
    pub service: DevS3,
    /// Already bound.
    pub listener: TcpListener,
    /// `http://address:port`.
    pub url: String,
    /// What the server goes by, as if it had been configured.
    pub s3: S3Config,
}

/// Makes keys and bucket below `data_dir` where there are none yet, and binds
/// the port.
///
/// # Errors
/// A sentence about a folder that cannot be written or an address in use.
pub async fn start(settings: &DevS3Settings, data_dir: &Path) -> Result<Embedded, String> {
    let key = |name: &str, make: fn() -> std::io::Result<String>| {
        let path = data_dir.join(name);
        let secret = Secret::read_or_create(&path, make)
            .map_err(|error| format!("cannot read or make the key {}: {error}", path.display()))?;
        secret.expose_text().map(str::to_owned).ok_or_else(|| format!("{} is not text", path.display()))
    };
    let access_key_id = key("dev-s3-access-key-id", || Ok(format!("DEV{}", random_hex(8)?.to_uppercase())))?;
    let secret_access_key = key("dev-s3-secret-access-key", || random_hex(20))?;
    let root = settings.root.clone().unwrap_or_else(|| data_dir.join("s3"));

    let mut config = DevS3Config::new(root, &access_key_id, &secret_access_key);
    REGION.clone_into(&mut config.region);
    config.buckets = vec![BUCKET.to_owned()];
    config.fault_injection = settings.fault_injection;
    let service = DevS3::new(config).map_err(|error| format!("cannot start dev-s3: {error}"))?;

    let listener = bind(settings).await?;
    let address = listener.local_addr().map_err(|error| format!("dev-s3 has no address: {error}"))?;
    let url = own_origin(reachable(address));
    let endpoint = Endpoint::parse(&url, AddressingStyle::Path).map_err(|error| error.to_string())?;
    let s3 = S3Config {
        public_endpoint: endpoint.clone(),
        endpoint,
        region: REGION.to_owned(),
        bucket: Bucket::parse(BUCKET).map_err(|error| error.to_string())?,
        credentials: CredentialSource::Static(
            Credentials::new(access_key_id, secret_access_key, None).map_err(|error| error.to_string())?,
        ),
        conditional_writes: true,
        checksums: true,
    };
    Ok(Embedded { service, listener, url, s3 })
}

/// The port that was asked for; if nobody asked and the usual one is taken (a
/// second demo on this machine), any other.
async fn bind(settings: &DevS3Settings) -> Result<TcpListener, String> {
    match TcpListener::bind(settings.listen).await {
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && !settings.listen_was_set => {
            TcpListener::bind(SocketAddr::new(settings.listen.ip(), 0)).await
        }
        bound => bound,
    }
    .map_err(|error| format!("cannot listen on {} (`dev_s3.listen`): {error}", settings.listen))
}

/// `0.0.0.0` is where one listens, not where one calls.
fn reachable(address: SocketAddr) -> SocketAddr {
    if !address.ip().is_unspecified() {
        return address;
    }
    SocketAddr::from(([127, 0, 0, 1], address.port()))
}
