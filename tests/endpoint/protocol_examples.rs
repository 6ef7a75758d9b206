//! `docs/protocol.md` is the specification, so it is checked: its examples are
//! parsed, its codes compared, its tests looked for.

use std::fs;

use sealift::endpoint::protocol::*;
use sealift::endpoint::{Context, Reason, Rules, SigningEndpoint};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::support::{config, create_many, endpoint, now, rules, user};

fn read(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Name and text of every fenced JSON block.
fn examples() -> Vec<(String, String)> {
    let text = read("docs/protocol.md");
    let blocks = text.split("\n```json").skip(1).map(|block| {
        let (name, rest) = block.split_once('\n').unwrap();
        (name.trim().to_owned(), rest.split("\n```").next().unwrap().to_owned())
    });
    blocks.collect()
}

/// The example is one of this type, and says nothing that the type drops.
fn is<T: DeserializeOwned + Serialize>(example: &str) -> T {
    let parsed: T = serde_json::from_str(example).unwrap();
    let written: Value = serde_json::to_value(&parsed).unwrap();
    let mut given: Value = serde_json::from_str(example).unwrap();
    fill_in_defaults(&mut given);
    assert_eq!(written, given);
    parsed
}

/// A file without a type means one of unknown type.
fn fill_in_defaults(value: &mut Value) {
    for file in value.get_mut("files").and_then(Value::as_array_mut).into_iter().flatten() {
        file.as_object_mut().unwrap().entry("type").or_insert_with(|| "".into());
    }
}

#[test]
fn every_example_is_what_it_says() {
    let examples = examples();
    assert_eq!(examples.len(), 29);
    for (name, text) in &examples {
        match name.as_str() {
            "ItemErrorAnswer" => assert!(is::<Outcome<Deleted>>(text).into_result().is_err()),
            "ErrorAnswer" => assert_eq!(is::<ErrorAnswer>(text).error.code, "too_many_files"),
            "CreateUploads" => assert_eq!(is::<CreateUploads>(text).files.len(), 3),
            "CreateUploadsAnswer" => {
                let outcomes = is::<CreateUploadsAnswer>(text).uploads;
                let granted: Vec<_> = outcomes.into_iter().map(|o| o.into_result().is_ok()).collect();
                assert_eq!(granted, [true, true, false]);
            }
            "CreateMultipart" => {
                assert_eq!(is::<CreateUploads>(text).files[0].transport, Some(Transport::Multipart));
            }
            "CreateMultipartAnswer" => assert_eq!(is::<CreateUploadsAnswer>(text).uploads.len(), 1),
            "SignMultipart" => assert_eq!(is::<SignRequests>(text).requests[0].intents.len(), 3),
            "SignMultipartAnswer" => assert_eq!(is::<SignAnswer>(text).results.len(), 1),
            "CreateChunks" => assert_eq!(is::<CreateUploads>(text).files.len(), 2),
            "CreateChunksAnswer" => assert_eq!(is::<CreateUploadsAnswer>(text).uploads.len(), 2),
            "SignChunks" => assert_eq!(is::<SignRequests>(text).requests.len(), 2),
            "SignChunksAnswer" => assert_eq!(is::<SignAnswer>(text).results.len(), 2),
            "Capabilities" => assert_eq!(is::<Capabilities>(text).types.len(), 2),
            "SignRequests" => {
                assert_eq!(is::<SignRequests>(text).requests[0].intents, [Intent::Renew, Intent::Put])
            }
            "SignAnswer" => assert_eq!(is::<SignAnswer>(text).results.len(), 2),
            "FinishUploads" => assert!(is::<FinishUploads>(text).uploads[0].etag.is_some()),
            "FinishAnswer" => assert_eq!(is::<FinishAnswer>(text).results.len(), 2),
            "DeleteUploads" => assert!(matches!(
                is::<DeleteUploads>(text).uploads[..],
                [DeleteItem::Token { .. }, DeleteItem::Receipt { .. }]
            )),
            "DeleteAnswer" => assert_eq!(is::<DeleteAnswer>(text).results.len(), 2),
            "VerifyReceipts" => assert_eq!(is::<VerifyReceipts>(text).user.as_deref(), Some("anna")),
            "VerifyAnswer" => assert_eq!(is::<VerifyAnswer>(text).results.len(), 2),
            "KeepAttachments" => assert_eq!(is::<KeepAttachments>(text).attachments.len(), 3),
            "KeepAnswer" => assert_eq!(is::<KeepAnswer>(text).results.len(), 3),
            "HookRequested" => assert_eq!(is::<Hook<RequestedUpload>>(text).event, "upload.requested"),
            "HookFinished" => assert_eq!(is::<Hook<FinishedAttachment>>(text).event, "upload.finished"),
            "HookAnswer" => assert!(!is::<HookAnswer>(text).results[0].allowed),
            "CreateForms" => assert_eq!(is::<CreateForms>(text).forms.len(), 1),
            "CreateFormsAnswer" => assert_eq!(is::<CreateFormsAnswer>(text).forms.len(), 2),
            "Rules" => assert!(SigningEndpoint::new(config(is::<Rules>(text))).is_ok()),
            _ => panic!("no type is known for the example {name:?}"),
        }
    }
}

/// The examples of a multipart upload are what is really signed, down to the
/// signatures; only the token is cut short.
#[test]
fn the_multipart_examples_are_signed_as_they_stand() {
    are_signed_as_they_stand("Multipart");
}

#[test]
fn the_examples_of_signed_chunks_are_signed_as_they_stand() {
    are_signed_as_they_stand("Chunks");
}

fn are_signed_as_they_stand(what: &str) {
    let examples = examples();
    let text = |wanted: &str| &examples.iter().find(|(name, _)| name == wanted).unwrap().1;
    // Their chunks are of one MiB, for round numbers.
    let endpoint = endpoint(Rules { chunk_size: 1_048_576, ..rules() });
    let files = is::<CreateUploads>(text(&format!("Create{what}"))).files;
    let created = create_many(&endpoint, "anna", files);
    let mut signing = is::<SignRequests>(text(&format!("Sign{what}")));
    let real = granted(&created);
    let shown: Vec<_> = signing.requests.iter().map(|request| request.token.clone()).collect();
    assert_eq!(real.len(), shown.len());
    for (request, (shown, real)) in signing.requests.iter_mut().zip(shown.iter().zip(&real)) {
        let (start, end) = shown.split_once('…').unwrap();
        assert!(real.starts_with(start) && real.ends_with(end), "{real}");
        request.token.clone_from(real);
    }
    let anna = user("anna");
    let signed = endpoint.sign(&Context { now: now(), user: &anna }, signing).unwrap();
    let as_shown = |answer: Value| {
        let replace = |text: String, (shown, real): (&String, &String)| text.replace(real, shown);
        shown.iter().zip(&real).fold(answer.to_string(), replace)
    };
    let same = |answer: Value, example: &str| {
        assert_eq!(
            serde_json::from_str::<Value>(&as_shown(answer)).unwrap(),
            serde_json::from_str::<Value>(text(example)).unwrap()
        );
    };
    same(serde_json::to_value(&created).unwrap(), &format!("Create{what}Answer"));
    same(serde_json::to_value(&signed).unwrap(), &format!("Sign{what}Answer"));
}

fn granted(answer: &CreateUploadsAnswer) -> Vec<String> {
    answer.uploads.iter().map(|upload| upload.clone().into_result().unwrap().grant.token).collect()
}

#[test]
fn the_table_of_codes_is_that_of_the_code() {
    let text = read("docs/protocol.md");
    let rows: Vec<_> = text
        .lines()
        .filter_map(|line| {
            let cells: Vec<_> = line.strip_prefix("| `")?.split('|').map(str::trim).collect();
            let (code, status) = (cells[0].trim_end_matches('`'), cells.get(1)?.parse::<u16>().ok()?);
            Some((code.to_owned(), status, cells[2] == "yes"))
        })
        .collect();
    let reasons: Vec<_> =
        Reason::ALL.iter().map(|r| (r.code().to_owned(), r.status(), r.retryable())).collect();
    assert_eq!(rows, reasons);
}

#[test]
fn the_tests_that_show_the_safety_rules_exist() {
    let text = read("docs/protocol.md");
    let section = text.split("## What makes it safe").nth(1).unwrap().split("\n### ").next().unwrap();
    let named: Vec<_> = section
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| {
            name.matches('_').count() >= 3 && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
        })
        .collect();
    assert!(named.len() >= 30, "only {} were found", named.len());
    let sources: String = [
        "chunks",
        "configuration",
        "finish",
        "forms",
        "grants",
        "multipart",
        "multipart_refused",
        "pending",
        "properties",
        "refused_requests",
        "refused_tokens",
        "store",
    ]
    .iter()
    .map(|name| read(&format!("tests/endpoint/{name}.rs")))
    .collect();
    for name in named {
        assert!(sources.contains(&format!("fn {name}(")), "there is no test {name}");
    }
}
