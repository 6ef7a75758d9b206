//! From the server's configuration to what is printed.

use std::process::ExitCode;

use crate::clock::Clock;
use crate::config::{Config, Storage};
use crate::origin::own_origin;

use super::{DoctorOptions, Patient, examine};

/// Examines what the configuration names, prints the report, and answers
/// whether all is well as an exit status: 0, or 1 for problems.
///
/// # Errors
/// A sentence when there is nothing to examine.
pub async fn run(config: Config, options: &DoctorOptions, clock: Clock) -> Result<ExitCode, String> {
    let report = examine(patient(config)?, clock, options.apply).await?;
    if options.json {
        println!("{:#}", report.to_json());
    } else {
        print!("{}", report.to_text());
    }
    Ok(if report.is_well() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn patient(config: Config) -> Result<Patient, String> {
    let Config { server, storage, rules, .. } = config;
    let Storage::S3(s3) = storage else {
        return Err("there is no `[s3]` to examine: the embedded dev-s3 needs no doctor (name the configuration with \
                    --config, or set SEALIFT__S3__…)"
            .to_owned());
    };
    let mut origins: Vec<String> = server.origins.iter().map(ToString::to_string).collect();
    match &server.public_url {
        Some(url) => origins.push(url.to_string()),
        None if origins.is_empty() && server.listen.port() != 0 => origins.push(own_origin(server.listen)),
        None => {}
    }
    origins.sort();
    origins.dedup();
    Ok(Patient {
        endpoint: s3.endpoint,
        public_endpoint: s3.public_endpoint,
        region: s3.region,
        bucket: s3.bucket,
        credentials: s3.credentials,
        conditional_writes: s3.conditional_writes,
        checksums: s3.checksums,
        rules,
        origins,
    })
}
