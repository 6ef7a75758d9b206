//! `sealift-server`: the signing backend.

use std::process::ExitCode;

use clap::Parser;
use sealift_server::cli::{Cli, Command, DoctorArgs, LogFormat, ServeArgs};
use sealift_server::clock;
use sealift_server::config::Config;
use sealift_server::sweep::{self, SweepArgs};
use sealift_server::{Server, doctor, explain, openapi, serve};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

fn main() -> ExitCode {
    let done = match Cli::parse().into_command() {
        Command::Serve(args) => run(&args).map(|()| ExitCode::SUCCESS),
        Command::Sweep(args) => sweep_once(&args).map(|()| ExitCode::SUCCESS),
        Command::Doctor(args) => examine(&args),
        Command::Explain(args) => explain::run(&args).map(|text| {
            print!("{text}");
            ExitCode::SUCCESS
        }),
        Command::Openapi => {
            print!("{}", openapi::text());
            Ok(ExitCode::SUCCESS)
        }
    };
    match done {
        Ok(status) => status,
        Err(sentence) => {
            eprintln!("sealift-server: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &ServeArgs) -> Result<(), String> {
    log(&args.log, args.log_format)?;
    let configs =
        Config::load_all(args.config.as_deref(), variables(), &args.overrides(), args.environment.as_deref())
            .map_err(|error| error.to_string())?;
    runtime()?.block_on(async {
        let server = Server::start_all(configs, clock::system()).await?;
        if let Some(url) = server.dev_s3_url() {
            println!("dev-s3 listening on {url}");
        }
        if let Some(url) = server.metrics_url() {
            println!("metrics listening on {url}");
        }
        println!("sealift-server listening on {}", server.url());
        server.run(serve::told_to_stop()).await;
        Ok(())
    })
}

fn sweep_once(args: &SweepArgs) -> Result<(), String> {
    log(&args.log, LogFormat::Text)?;
    let configs = Config::load_all(args.config.as_deref(), variables(), &[], args.environment.as_deref())
        .map_err(|error| error.to_string())?;
    runtime()?.block_on(async {
        // One bucket that cannot be swept keeps no other from it.
        let mut failed = Vec::new();
        for config in configs {
            failed.extend(sweep::run(args, config).await.err());
        }
        if failed.is_empty() { Ok(()) } else { Err(failed.join("; ")) }
    })
}

fn examine(args: &DoctorArgs) -> Result<ExitCode, String> {
    let DoctorArgs { serve, options } = args;
    let configs = Config::load_all(
        serve.config.as_deref(),
        variables(),
        &serve.overrides(),
        serve.environment.as_deref(),
    )
    .map_err(|error| error.to_string())?;
    runtime()?.block_on(doctor::run(configs, options, &clock::system))
}

/// Those that are not Unicode are none of ours.
fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Runtime::new().map_err(|error| format!("cannot start threads: {error}"))
}

fn log(levels: &str, format: LogFormat) -> Result<(), String> {
    // Alone, a word would be taken for a module's name: a misspelt level would log everything.
    let levels_only = levels.split(',').all(|part| part.contains('=') || part.parse::<LevelFilter>().is_ok());
    let targets: Targets = levels.parse().ok().filter(|_| levels_only).ok_or_else(|| {
        format!("--log: `{levels}` is no level (off, error, warn, info, debug, trace; module=level)")
    })?;
    // Inside dev-s3: it logs whole requests, with their signatures and policies, and each refusal as its own error.
    let targets = targets.with_target("s3s", LevelFilter::OFF);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    tracing_subscriber::registry().with(lines).with(targets).try_init().map_err(|error| error.to_string())
}
