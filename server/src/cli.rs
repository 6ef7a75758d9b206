//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::doctor::DoctorOptions;
use crate::explain::ExplainArgs;
use crate::sweep::SweepArgs;

/// Signs uploads from browsers straight to S3; the files never pass through it.
///
/// Without a configuration it serves the demo on a loopback address and starts
/// a small S3 of its own (dev-s3) beside it, with everything it keeps in
/// `.sealift/`.
#[derive(Parser, Debug)]
#[command(name = "sealift-server", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

/// What the binary can do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Run the server (the default command)
    Serve(ServeArgs),
    /// Delete uploads that nobody kept, and abort those that were given up in parts
    Sweep(SweepArgs),
    /// Check bucket, keys and configuration, and say what is to be mended
    Doctor(DoctorArgs),
    /// Say why S3 refused a signature, from its answer
    Explain(ExplainArgs),
    /// Print the protocol as OpenAPI 3.1 (docs/openapi.yaml)
    Openapi,
}

/// Flags go before the environment, the environment before the file.
#[derive(Args, Debug, Default)]
#[command(after_help = AFTER_HELP)]
pub struct ServeArgs {
    /// Configuration file (TOML); server/sealift.example.toml explains every key
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// The environment of the configuration to serve [default: $SEALIFT_ENVIRONMENT, or all of them, each under
    /// its own hosts]
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,

    /// Address to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,

    /// Folder for the keys that are made at the first start, and for dev-s3's buckets [default: .sealift]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,

    /// Folder served at / [default without a configuration: www, if it is there]
    #[arg(long, value_name = "DIR")]
    www: Option<String>,

    /// Folder served at /pkg/: the wasm modules [default without a configuration: pkg, if it is there]
    #[arg(long, value_name = "DIR")]
    pkg: Option<String>,

    /// Folder served at /js/: the package's scripts [default without a configuration: js, if it is there]
    #[arg(long, value_name = "DIR")]
    js: Option<String>,

    /// Address of the embedded dev-s3 [default: 127.0.0.1:9090, or any free port if that is taken]
    #[arg(long, value_name = "ADDRESS:PORT")]
    dev_s3_listen: Option<SocketAddr>,

    /// Let tests inject faults into dev-s3 over HTTP (POST /_dev/faults)
    #[arg(long)]
    fault_injection: bool,

    /// What to log on stderr: off, error, warn, info, debug or trace, also per module as in
    /// `info,sealift_server=debug`
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub log: String,

    /// How to log
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

/// One line for each event.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines: one JSON object a line, the call's id among its members.
    Json,
}

/// The doctor takes the configuration that the server takes.
#[derive(Args, Debug, Default)]
pub struct DoctorArgs {
    /// What the server would be started with.
    #[command(flatten)]
    pub serve: ServeArgs,
    /// What is the doctor's own.
    #[command(flatten)]
    pub options: DoctorOptions,
}

const AFTER_HELP: &str = "\
Every key of the file can be set in the environment as well: SEALIFT__SECTION__KEY, e.g.
SEALIFT__S3__BUCKET. Secrets are taken from the environment (SEALIFT__S3__SECRET_ACCESS_KEY,
SEALIFT__SERVER__SECRET, SEALIFT__SERVER__APP_KEY, SEALIFT__AUTH__SECRET) or from files that
keys ending in `_file` name; never from the configuration file itself.";

impl Cli {
    /// What to do.
    #[must_use]
    pub fn into_command(self) -> Command {
        self.command.unwrap_or(Command::Serve(self.serve))
    }
}

impl ServeArgs {
    /// The flags as dotted keys of the configuration.
    #[must_use]
    pub fn overrides(&self) -> Vec<(&'static str, String)> {
        let mut keys = Vec::new();
        let mut set = |key, value: Option<String>| keys.extend(value.map(|value| (key, value)));
        set("server.listen", self.listen.map(|address| address.to_string()));
        set("server.data_dir", self.data_dir.clone());
        set("server.www", self.folder(self.www.as_ref(), "www"));
        set("server.pkg", self.folder(self.pkg.as_ref(), "pkg"));
        set("server.js", self.folder(self.js.as_ref(), "js"));
        set("dev_s3.listen", self.dev_s3_listen.map(|address| address.to_string()));
        set("dev_s3.fault_injection", self.fault_injection.then(|| "true".to_owned()));
        keys
    }

    /// A folder that was named, or without a configuration the usual one.
    fn folder(&self, named: Option<&String>, usual: &str) -> Option<String> {
        let usual =
            || (self.config.is_none() && std::path::Path::new(usual).is_dir()).then(|| usual.to_owned());
        named.cloned().or_else(usual)
    }
}
