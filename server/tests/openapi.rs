//! The protocol as OpenAPI: what stands in docs/, what is printed and what is served is one text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::start;

const DOCUMENT: &str = include_str!("../../docs/openapi.yaml");

#[test]
fn the_document_is_current() {
    assert!(
        DOCUMENT == sealift_server::openapi::text(),
        "docs/openapi.yaml is of other types: cargo run -p sealift-server -- openapi > docs/openapi.yaml"
    );
}

#[tokio::test]
async fn it_is_served_to_whoever_asks() {
    let server = start().await;
    let reply = server.client.get(&format!("{}/sealift/openapi.yaml", server.url)).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/yaml")));
    assert_eq!(reply.text(), DOCUMENT);
}
