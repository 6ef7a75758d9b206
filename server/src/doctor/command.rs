//! From the server's configuration to what is printed.

use std::process::ExitCode;

use crate::clock::Clock;
use crate::config::{Config, Storage};
use crate::credentials;
use crate::origin::own_origin;

use super::{DoctorOptions, Patient, examine};

/// Examines what the configuration names, one environment after the other,
/// prints the reports, and answers whether all is well as an exit status: 0, or
/// 1 for problems.
///
/// # Errors
/// A sentence when there is nothing to examine.
pub async fn run(
    configs: Vec<Config>,
    options: &DoctorOptions,
    clock: &(dyn Fn() -> Clock + Sync),
) -> Result<ExitCode, String> {
    let several = configs.len() > 1;
    let (mut well, mut all) = (true, Vec::new());
    for config in configs {
        let environment = config.server.environment.clone();
        let report = examine(patient(config).await?, clock(), options.apply).await?;
        well &= report.is_well();
        if options.json {
            let mut json = report.to_json();
            if let Some(members) = json.as_object_mut() {
                members.insert("environment".to_owned(), environment.into());
            }
            all.push(json);
        } else {
            if several {
                println!("Environment {environment}");
            }
            print!("{}", report.to_text());
        }
    }
    match all.pop() {
        Some(only) if !several => println!("{only:#}"),
        Some(last) => {
            all.push(last);
            println!("{:#}", serde_json::Value::from(all));
        }
        None => {}
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn patient(config: Config) -> Result<Patient, String> {
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
        credentials: credentials::once(&s3.credentials).await?,
        conditional_writes: s3.conditional_writes,
        checksums: s3.checksums,
        rules,
        origins,
    })
}
