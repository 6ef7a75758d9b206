use std::fmt;
use std::path::PathBuf;

/// What a [`DevS3`](crate::DevS3) is started with.
///
/// [`DevS3Config::new`] fills everything but the three things without a
/// sensible default.
#[derive(Clone)]
pub struct DevS3Config {
    /// Folder that holds the buckets; made when missing. State in it survives a
    /// restart.
    pub root: PathBuf,
    /// The one access key id that is known.
    pub access_key_id: String,
    /// Its secret. Never printed.
    pub secret_access_key: String,
    /// The only region accepted in credential scopes.
    pub region: String,
    /// Origins whose pages may call buckets that have no CORS configuration of
    /// their own, `*` allowed as in S3. Empty: CORS is off by default.
    pub allowed_origins: Vec<String>,
    /// Buckets made at the start when missing.
    pub buckets: Vec<String>,
    /// Largest file in a POST form, in bytes; `EntityTooLarge` above.
    pub max_post_form_bytes: u64,
    /// Smallest part, in bytes, that may stand before another in a multipart
    /// upload. S3's is 5 MiB.
    pub min_part_bytes: u64,
    /// Answer `/_dev/faults` and `/_dev/requests` over HTTP, unsigned.
    pub fault_injection: bool,
}

impl DevS3Config {
    /// A configuration with S3's own limits, region `us-east-1`, any origin
    /// allowed, no bucket and no fault injection.
    pub fn new(
        root: impl Into<PathBuf>,
        access_key_id: impl Into<String>,
        secret_access_key: impl Into<String>,
    ) -> Self {
        Self {
            root: root.into(),
            access_key_id: access_key_id.into(),
            secret_access_key: secret_access_key.into(),
            region: "us-east-1".to_owned(),
            allowed_origins: vec!["*".to_owned()],
            buckets: Vec::new(),
            max_post_form_bytes: 5 << 30,
            min_part_bytes: 5 << 20,
            fault_injection: false,
        }
    }
}

impl fmt::Debug for DevS3Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevS3Config")
            .field("root", &self.root)
            .field("access_key_id", &self.access_key_id)
            .field("secret_access_key", &"[redacted]")
            .field("region", &self.region)
            .field("allowed_origins", &self.allowed_origins)
            .field("buckets", &self.buckets)
            .field("max_post_form_bytes", &self.max_post_form_bytes)
            .field("min_part_bytes", &self.min_part_bytes)
            .field("fault_injection", &self.fault_injection)
            .finish()
    }
}
