//! `dev-s3`: the development S3 as a program. `--help` says how.

mod options;

use std::process::ExitCode;

use options::{Command, Options};
use sealift_dev_s3::DevS3;
use tokio::net::TcpListener;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(Command::Serve(options)) => options,
        Ok(Command::Help) => {
            println!("{}", options::HELP);
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("dev-s3: {message}");
            return ExitCode::from(2);
        }
    };
    match run(*options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dev-s3: {error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(options: Options) -> std::io::Result<()> {
    let s3 = DevS3::new(options.config)?;
    let listener = TcpListener::bind(&options.listen).await?;
    println!("dev-s3 listening on http://{}", listener.local_addr()?);
    s3.serve(listener, stop_signal()).await;
    Ok(())
}

/// Ctrl-C, or SIGTERM where there is one.
async fn stop_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
