//! `sealift-server explain`: why S3 refused a signature, from its answer.

use std::io::Read;
use std::path::PathBuf;

use clap::Args;
use sealift::s3::explain_signature_mismatch;
use sealift::sigv4::Credentials;
use sealift::sigv4::explain::{Explanation, SentRequest};
use serde::Deserialize;
use serde_json::json;

/// What the command takes.
#[derive(Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub struct ExplainArgs {
    /// File with S3's answer, an `<Error>` document [default: standard input]
    #[arg(value_name = "ERROR.XML")]
    answer: Option<PathBuf>,

    /// What was signed and sent, as JSON: any of method, url, headers, authorization, canonicalRequest, stringToSign
    #[arg(long, value_name = "FILE")]
    signed: Option<PathBuf>,

    /// Answer JSON: { cause, differences: [{ part, ours, theirs, hint, cause }], summary }
    #[arg(long)]
    json: bool,
}

const AFTER_HELP: &str = "\
With AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment it also tells whether that secret
made the signature: a wrong secret is told from a changed request even without --signed. Secrets and
session tokens are never printed.

  sealift-server explain < error.xml
  sealift-server explain --signed request.json error.xml";

/// The JSON of `--signed`, as `signRequest` of the npm package answers it.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Signed {
    method: Option<String>,
    url: Option<String>,
    headers: Headers,
    authorization: Option<String>,
    canonical_request: Option<String>,
    string_to_sign: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Headers {
    Record(std::collections::BTreeMap<String, String>),
    Pairs(Vec<(String, String)>),
}

impl Default for Headers {
    fn default() -> Self {
        Self::Pairs(Vec::new())
    }
}

/// Reads, explains, and answers what to print.
///
/// # Errors
/// A sentence about a file that cannot be read.
pub fn run(args: &ExplainArgs) -> Result<String, String> {
    let answer = match &args.answer {
        Some(path) => read_file(path)?,
        None => {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .map_err(|error| format!("cannot read the answer from standard input: {error}"))?;
            text
        }
    };
    let sent = args.signed.as_ref().map(read_signed).transpose()?.unwrap_or_default();
    let explanation = explain_signature_mismatch(&answer, &sent, credentials().as_ref());
    Ok(if args.json { as_json(&explanation) } else { as_text(&explanation) })
}

fn read_signed(path: &PathBuf) -> Result<SentRequest, String> {
    // What is in it is not repeated: it holds signatures and tokens.
    let signed: Signed = serde_json::from_str(&read_file(path)?).map_err(|error| {
        format!(
            "--signed: {} is not the JSON of a signed request (line {}, column {})",
            path.display(),
            error.line(),
            error.column()
        )
    })?;
    Ok(SentRequest {
        method: signed.method,
        url: signed.url,
        headers: match signed.headers {
            Headers::Record(record) => record.into_iter().collect(),
            Headers::Pairs(pairs) => pairs,
        },
        authorization: signed.authorization,
        canonical_request: signed.canonical_request,
        string_to_sign: signed.string_to_sign,
    })
}

fn read_file(path: &PathBuf) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn credentials() -> Option<Credentials> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Credentials::new(variable("AWS_ACCESS_KEY_ID")?, variable("AWS_SECRET_ACCESS_KEY")?, None).ok()
}

fn as_json(explanation: &Explanation) -> String {
    let differences: Vec<_> = explanation
        .differences
        .iter()
        .map(|difference| {
            json!({
                "part": difference.part,
                "ours": difference.ours,
                "theirs": difference.theirs,
                "hint": difference.hint,
                "cause": difference.cause.as_str(),
            })
        })
        .collect();
    let all = json!({
        "cause": explanation.cause.as_str(),
        "differences": differences,
        "summary": explanation.summary,
    });
    format!("{all:#}\n")
}

fn as_text(explanation: &Explanation) -> String {
    let mut text = format!("{}\n", explanation.summary);
    for difference in &explanation.differences {
        let side = |value: &Option<String>| {
            value.as_ref().map_or("-".to_owned(), |value| value.escape_debug().to_string())
        };
        text.push_str(&format!(
            "\n{}\n  ours:   {}\n  theirs: {}\n",
            difference.part,
            side(&difference.ours),
            side(&difference.theirs)
        ));
        if difference.hint != explanation.summary {
            text.push_str(&format!("  {}\n", difference.hint));
        }
    }
    text
}
