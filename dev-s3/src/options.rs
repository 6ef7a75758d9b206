//! The command line. The secret never stands on it: other users of the machine
//! can read a process's arguments.

use std::path::PathBuf;

use sealift_dev_s3::DevS3Config;

pub(crate) const HELP: &str = "\
A small S3 for development and tests. Not a product.

Usage: dev-s3 --root DIR [OPTIONS]

  --root DIR                 folder of the buckets; kept between runs
  --listen ADDRESS:PORT      default 127.0.0.1:0 (any free port)
  --access-key ID            default AWS_ACCESS_KEY_ID, else dev
  --secret-key-file FILE     file that holds the secret; else AWS_SECRET_ACCESS_KEY
  --region REGION            default us-east-1
  --bucket NAME              made when missing; may be repeated
  --allow-origin ORIGIN      for CORS; may be repeated; default *
  --max-post-form BYTES      largest file of a POST form; default 5 GiB
  --min-part BYTES           smallest part but the last; default 5 MiB
  --fault-injection          answer /_dev/faults and /_dev/requests, unsigned
  --help                     this text";

/// What the command line asks for.
pub(crate) enum Command {
    Serve(Box<Options>),
    Help,
}

pub(crate) struct Options {
    pub(crate) listen: String,
    pub(crate) config: DevS3Config,
}

impl Options {
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Command, String> {
        Self::parse_with(arguments, |name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn parse_with(
        mut arguments: impl Iterator<Item = String>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Command, String> {
        let mut listen = "127.0.0.1:0".to_owned();
        let mut root = None;
        let mut secret_file: Option<PathBuf> = None;
        let access_key = environment("AWS_ACCESS_KEY_ID").unwrap_or_else(|| "dev".to_owned());
        let mut config = DevS3Config::new("", access_key, "");
        let mut origins = Vec::new();
        while let Some(argument) = arguments.next() {
            let (flag, attached) = match argument.split_once('=') {
                Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
                None => (argument, None),
            };
            if flag == "--help" || flag == "-h" {
                return Ok(Command::Help);
            }
            if flag == "--fault-injection" {
                config.fault_injection = true;
                continue;
            }
            let mut value = || {
                let value = attached.clone().or_else(|| arguments.next());
                value.ok_or_else(|| format!("{flag} needs a value"))
            };
            match flag.as_str() {
                "--root" => root = Some(PathBuf::from(value()?)),
                "--listen" => listen = value()?,
                "--access-key" => config.access_key_id = value()?,
                "--secret-key-file" => secret_file = Some(value()?.into()),
                "--region" => config.region = value()?,
                "--bucket" => config.buckets.push(value()?),
                "--allow-origin" => origins.push(value()?),
                "--max-post-form" => config.max_post_form_bytes = parse_bytes(&flag, &value()?)?,
                "--min-part" => config.min_part_bytes = parse_bytes(&flag, &value()?)?,
                _ => return Err(format!("unknown option {flag}; --help lists them")),
            }
        }
        config.root = root.ok_or("--root DIR says where the buckets are kept; it is missing")?;
        if !origins.is_empty() {
            config.allowed_origins = origins;
        }
        config.secret_access_key = match secret_file {
            Some(file) => {
                let text = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
                text.trim().to_owned()
            }
            None => environment("AWS_SECRET_ACCESS_KEY")
                .ok_or("the secret is missing: --secret-key-file FILE, or AWS_SECRET_ACCESS_KEY")?,
        };
        if config.secret_access_key.is_empty() {
            return Err("the secret is empty".to_owned());
        }
        Ok(Command::Serve(Box::new(Self { listen, config })))
    }
}

fn parse_bytes(flag: &str, value: &str) -> Result<u64, String> {
    value.parse().map_err(|_| format!("{flag} takes a number of bytes, not {value}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str], secret: Option<&str>) -> Result<Options, String> {
        let environment =
            |name: &str| (name == "AWS_SECRET_ACCESS_KEY").then(|| secret.map(str::to_owned))?;
        match Options::parse_with(arguments.iter().map(|a| (*a).to_owned()), environment)? {
            Command::Serve(options) => Ok(*options),
            Command::Help => Err("help".to_owned()),
        }
    }

    #[test]
    fn flags_take_their_value_either_way() {
        let arguments = ["--root", "/x", "--bucket=a", "--bucket", "b", "--min-part=1", "--fault-injection"];
        let options = parse(&arguments, Some("s")).unwrap();
        assert_eq!(options.config.buckets, ["a", "b"]);
        assert_eq!(options.config.min_part_bytes, 1);
        assert_eq!(options.config.allowed_origins, ["*"]);
        assert!(options.config.fault_injection);
        assert_eq!(options.listen, "127.0.0.1:0");
    }

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        assert!(parse(&["--root", "/x"], None).err().unwrap().contains("AWS_SECRET_ACCESS_KEY"));
        assert!(parse(&[], Some("s")).err().unwrap().contains("--root"));
        assert!(parse(&["--secret-key", "s"], None).err().unwrap().contains("--secret-key"));
        assert!(parse(&["--root"], Some("s")).err().unwrap().contains("needs a value"));
    }
}
