//! `sealift-server sweep`: deletes what nobody kept, aborts what was given up.

use std::path::PathBuf;

use clap::Args;
use sealift::endpoint::UserId;
use sealift::endpoint::service::{SweepReport, SweepStep};

use crate::app::{App, Parts};
use crate::clock;
use crate::config::{Auth, Config, Limits, Storage};
use crate::credentials;
use crate::metrics::Metrics;
use crate::secret::{Secret, random_hex};

/// Flags of `sweep`.
#[derive(Args, Debug)]
pub struct SweepArgs {
    /// The server's configuration file
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// The environment of the configuration to sweep [default: $SEALIFT_ENVIRONMENT, or all of them]
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,

    /// Say what would be deleted and aborted, and do nothing
    #[arg(long)]
    dry_run: bool,

    /// Name every object and upload on stdout
    #[arg(long, short)]
    verbose: bool,

    /// What to log on stderr, as of the server
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub log: String,
}

/// Sweeps the bucket of a configuration once. Progress goes to stderr, what was
/// deleted to stdout.
///
/// # Errors
/// A sentence when there is no S3 to sweep, it lists nothing, or something
/// could not be deleted.
pub async fn run(args: &SweepArgs, config: Config) -> Result<(), String> {
    let Config { server, storage, rules, .. } = config;
    let Storage::S3(s3) = storage else {
        return Err("there is no `[s3]` to sweep: dev-s3 lives inside the server".to_owned());
    };
    let unused = random_hex(32).map_err(|error| format!("no randomness: {error}"))?;
    let credentials = credentials::once(&s3.credentials).await?;
    let app = App::new(Parts {
        environment: server.environment,
        public_url: "http://localhost".to_owned(),
        rules,
        s3,
        credentials,
        // A sweep reads and signs no token.
        token_secret: Secret::new(unused),
        old_token_secrets: Vec::new(),
        app_keys: Vec::new(),
        auth: Auth::Anonymous(UserId::parse("sweep").map_err(|error| error.to_string())?),
        hooks: None,
        www: None,
        clock: clock::system(),
        limits: Limits::default(),
        metrics: Metrics::default(),
        sts: None,
    })?;
    app.learn_clock().await;
    let verbose = args.verbose || args.dry_run;
    let swept = app.service().sweep(args.dry_run, |step, report| match step {
        SweepStep::Deleted { key, size } if verbose => println!("object {key:?} {size}"),
        SweepStep::Aborted { key } if verbose => println!("upload {key:?}"),
        SweepStep::Page => tracing::info!("{}", summary(args.dry_run, report)),
        _ => {}
    });
    let report = swept.await.map_err(|error| format!("S3 lists nothing: {error}"))?;
    println!("{}", summary(args.dry_run, &report));
    match report.failed {
        0 => Ok(()),
        failed => Err(format!("{failed} could not be deleted or aborted; the next sweep tries again")),
    }
}

fn summary(dry_run: bool, report: &SweepReport) -> String {
    let SweepReport { looked_at, deleted, deleted_bytes, aborted, failed } = report;
    let would = if dry_run { "would be " } else { "" };
    format!(
        "looked at {looked_at}: {deleted} objects ({deleted_bytes} bytes) {would}deleted, \
         {aborted} uploads {would}aborted, {failed} failed"
    )
}
