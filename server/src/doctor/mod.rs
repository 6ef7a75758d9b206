//! `sealift-server doctor`: whether bucket, keys and configuration fit, and
//! what is to be done where they do not.
//!
//! It takes the configuration that `serve` takes, asks S3 as the server and as
//! browsers do, writes a few small objects below a prefix of its own, some of
//! them wrong on purpose, and deletes them again.

mod access;
mod command;
mod cors;
mod lifecycle;
mod policy;
mod report;
mod uploads;
mod ways;
mod wire;

pub use command::run;
pub use report::{Check, Report, Status};

use clap::Args;
use sealift::endpoint::{PendingStrategy, Rules};
use sealift::s3::{Bucket, Endpoint, ObjectKey};
use sealift::sigv4::Credentials;

use crate::clock::Clock;
use crate::secret::random_hex;
use wire::Wire;

/// What the command takes beside the configuration.
#[derive(Args, Debug, Default)]
pub struct DoctorOptions {
    /// Set the bucket's CORS and lifecycle rules, where the server has them; other rules stay
    #[arg(long)]
    pub apply: bool,

    /// Answer JSON
    #[arg(long)]
    pub json: bool,
}

/// Who is to be examined.
pub struct Patient {
    /// The address that the server calls.
    pub endpoint: Endpoint,
    /// The address that browsers call.
    pub public_endpoint: Endpoint,
    /// The region of the configuration.
    pub region: String,
    /// The bucket.
    pub bucket: Bucket,
    /// The server's keys.
    pub credentials: Credentials,
    /// `s3.conditional_writes` and `s3.checksums`.
    pub conditional_writes: bool,
    /// See above.
    pub checksums: bool,
    /// What the server signs.
    pub rules: Rules,
    /// Origins of pages that upload.
    pub origins: Vec<String>,
}

/// One examination under way.
struct Doctor {
    wire: Wire,
    endpoint: Endpoint,
    public_endpoint: Endpoint,
    bucket: Bucket,
    rules: Rules,
    origins: Vec<String>,
    conditional_wanted: bool,
    checksums_wanted: bool,
    /// What the keys of uploads begin with.
    key_prefix: String,
    /// What the keys of this run begin with.
    test_prefix: String,
    keys: Vec<ObjectKey>,
    open_uploads: Vec<(ObjectKey, String)>,
    /// The `Server` header of S3's answers.
    server: String,
    report: Report,
}

/// Looks at everything. What was written is deleted again, whatever is found.
///
/// # Errors
/// A sentence when nothing could even begin.
pub async fn examine(patient: Patient, clock: Clock, apply: bool) -> Result<Report, String> {
    let Patient { endpoint, public_endpoint, region, bucket, credentials, rules, origins, .. } = patient;
    let schemes = [endpoint.origin().scheme(), public_endpoint.origin().scheme()];
    let (key_prefix, prefixes) = prefixes(&rules);
    let random =
        random_hex(4).map_err(|error| format!("the operating system gave no randomness: {error}"))?;
    let report = Report {
        cors: policy::cors_json(&origins),
        lifecycle: policy::lifecycle_json(&key_prefix),
        policy: policy::iam(bucket.as_str(), &prefixes, &rules),
        ..Report::default()
    };
    let mut doctor = Doctor {
        wire: Wire::new(credentials, region, clock, &schemes)?,
        endpoint,
        public_endpoint,
        bucket,
        conditional_wanted: patient.conditional_writes && rules.conditional_writes,
        checksums_wanted: patient.checksums && rules.checksums,
        rules,
        origins,
        test_prefix: format!("{key_prefix}sealift-doctor-{random}/"),
        key_prefix,
        keys: Vec::new(),
        open_uploads: Vec::new(),
        server: String::new(),
        report,
    };
    if doctor.reach().await && doctor.access().await {
        let key = doctor.uploads().await;
        if let Some(key) = &key {
            doctor.cors(key, apply).await;
        }
        doctor.lifecycle(apply).await;
        doctor.clean_up().await;
    }
    Ok(doctor.report)
}

impl Doctor {
    fn is_minio(&self) -> bool {
        self.server.starts_with("MinIO")
    }
}

/// What the keys of uploads begin with, and all prefixes that the server has to
/// do with: kept uploads may lie below another.
fn prefixes(rules: &Rules) -> (String, Vec<String>) {
    let kept = fixed_prefix(&rules.key);
    match &rules.pending {
        Some(pending) if pending.strategy == PendingStrategy::Copy => {
            let uploads = format!("{}{kept}", pending.prefix);
            (uploads.clone(), vec![uploads, kept])
        }
        _ => (kept.clone(), vec![kept]),
    }
}

/// What stands in front of the first variable of a key template, up to a slash.
fn fixed_prefix(template: &str) -> String {
    let fixed = template.split('{').next().unwrap_or_default();
    fixed.rfind('/').and_then(|slash| fixed.get(..=slash)).unwrap_or_default().to_owned()
}
