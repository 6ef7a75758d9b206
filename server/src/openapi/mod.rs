//! The protocol as OpenAPI 3.1, made of the very types that calls are read into
//! and answers written from: `GET /sealift/openapi.yaml`, `sealift-server openapi`
//! and `docs/openapi.yaml` are the same text.

mod yaml;

use std::sync::LazyLock;

use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use sealift::endpoint::protocol;
use sealift::endpoint::service::{Access, Route};
use serde_json::{Map, Value, json};

static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let mut document = document();
    // In the order that people know.
    let sections = ["openapi", "info", "servers", "paths", "components"];
    let section =
        |name: &&str| document.get_mut(*name).map(|value| yaml::written(&json!({ *name: value.take() })));
    sections.iter().filter_map(section).collect()
});

/// The document, YAML.
pub fn text() -> &'static str {
    &DOCUMENT
}

/// What a call takes and answers: `None` is nothing, or nothing that is JSON.
struct Call {
    summary: &'static str,
    request: Option<Schema>,
    answer: Option<Schema>,
}

fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut taken = settings.clone().for_deserialize().into_generator();
    let mut answered = settings.for_serialize().into_generator();
    let refused = answered.subschema_for::<protocol::ErrorAnswer>();
    let mut paths = Map::new();
    for (method, path, access) in Route::ALL {
        let call = call(path, &mut taken, &mut answered);
        let operation = operation(call, *access, path, &refused);
        paths.insert((*path).to_owned(), json!({ method.to_ascii_lowercase(): operation }));
    }
    let mut schemas = taken.take_definitions(true);
    schemas.extend(answered.take_definitions(true));
    schemas.sort_keys();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sealift: the signing protocol",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "What a page, or an app's backend, and a Sealift backend say to each other.",
            "description": "docs/protocol.md is the specification: what stands here follows from the types of the server, the rules stand there.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/sealift" }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "appKey": { "type": "http", "scheme": "bearer", "description": "The app's own key, server to server." },
                "user": { "type": "http", "scheme": "bearer", "description": "The app's own authentication, where it is a JWT." },
            },
        },
    });
    finished(&mut document);
    document
}

fn call(path: &str, taken: &mut SchemaGenerator, answered: &mut SchemaGenerator) -> Call {
    fn both<T: JsonSchema, A: JsonSchema>(
        summary: &'static str,
        taken: &mut SchemaGenerator,
        answered: &mut SchemaGenerator,
    ) -> Call {
        let (request, answer) = (taken.subschema_for::<T>(), answered.subschema_for::<A>());
        Call { summary, request: Some(request), answer: Some(answer) }
    }
    use protocol::*;
    match path {
        "/capabilities" => Call {
            summary: "Where files will go, and what is taken",
            request: None,
            answer: Some(answered.subschema_for::<Capabilities>()),
        },
        "/uploads" => both::<CreateUploads, CreateUploadsAnswer>(
            "Grants for files, each with its first signed requests",
            taken,
            answered,
        ),
        "/sign" => both::<SignRequests, SignAnswer>("Freshly signed requests for grants", taken, answered),
        "/uploads/finish" => {
            both::<FinishUploads, FinishAnswer>("Receipts for uploads that arrived", taken, answered)
        }
        "/uploads/delete" => {
            both::<DeleteUploads, DeleteAnswer>("Deletes uploads, finished or not", taken, answered)
        }
        "/receipts/verify" => both::<VerifyReceipts, VerifyAnswer>("What receipts prove", taken, answered),
        "/attachments/keep" => {
            both::<KeepAttachments, KeepAnswer>("Keeps uploads that are pending", taken, answered)
        }
        "/forms" => both::<CreateForms, CreateFormsAnswer>(
            "Plain HTML forms, filled in but for the file",
            taken,
            answered,
        ),
        _ => Call { summary: "Where S3 sends the browser after a plain form", request: None, answer: None },
    }
}

fn operation(call: Call, access: Access, path: &str, refused: &Schema) -> Value {
    let content = |schema: &Schema| json!({ "application/json": { "schema": schema } });
    let security = match access {
        Access::User => json!([{ "user": [] }, {}]),
        Access::App => json!([{ "appKey": [] }]),
        Access::Anyone => json!([]),
    };
    let refusal = json!({ "description": "The call is refused as a whole", "content": content(refused) });
    let mut operation =
        json!({ "summary": call.summary, "operationId": operation_id(path), "security": security });
    let Some(members) = operation.as_object_mut() else { return operation };
    if let Some(request) = &call.request {
        members.insert("requestBody".into(), json!({ "required": true, "content": content(request) }));
    }
    if path.contains("{grant}") {
        let grant =
            json!({ "name": "grant", "in": "path", "required": true, "schema": { "type": "string" } });
        members.insert("parameters".into(), json!([grant]));
    }
    let responses = match &call.answer {
        Some(answer) => {
            json!({ "200": { "description": "Answers in the order of the call", "content": content(answer) }, "default": refusal })
        }
        None => json!({
            "303": { "description": "Back to the app's page", "headers": { "location": { "schema": { "type": "string" } } } },
            "default": { "description": "A page that says what is wrong", "content": { "text/html": { "schema": { "type": "string" } } } },
        }),
    };
    members.insert("responses".into(), responses);
    operation
}

/// `/uploads/finish` is `uploadsFinish`.
fn operation_id(path: &str) -> String {
    let words = path.split('/').filter(|word| !word.is_empty() && !word.starts_with('{'));
    let mut id = String::new();
    for word in words {
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if !id.is_empty() => id.push(first.to_ascii_uppercase()),
            Some(first) => id.push(first),
            None => {}
        }
        id.push_str(letters.as_str());
    }
    id
}

/// Descriptions are the types' comments, whose links lead nowhere outside of Rust; and integers
/// have the greatest value that is read.
fn finished(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let maximum = match members.get("format").and_then(Value::as_str) {
                Some("uint16") => Some(u64::from(u16::MAX)),
                Some("uint32") => Some(u64::from(u32::MAX)),
                Some("uint64") => Some(u64::MAX),
                _ => None,
            };
            if let Some(maximum) = maximum {
                members.insert("maximum".into(), maximum.into());
            }
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "description" => {
                        *text = text.replace("[`", "`").replace("`]", "`").replace('\n', " ");
                    }
                    other => finished(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(finished),
        _ => {}
    }
}
