//! The core as the wasm that browsers run, held against what browsers bring
//! themselves: their URL parser, their WebCrypto, their Date.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use js_sys::Uint8Array;
use proptest::prelude::*;
use sealift::Timestamp;
use sealift::digest::{Sha256, sha256, sha256_hex};
use sealift::s3::ObjectKey;
use sealift::sigv4::{
    CredentialScope, Credentials, Origin, Request, SigningKey, SigningOptions, presign, sign_headers,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen(inline_js = r#"
    const utf8 = new TextEncoder();
    export const href = (url) => new URL(url).href;
    export const iso = (seconds) => new Date(seconds * 1000).toISOString();
    export const digest = (bytes) => crypto.subtle.digest("SHA-256", bytes).then((buffer) => new Uint8Array(buffer));
    export async function hmac(key, text) {
        const algorithm = { name: "HMAC", hash: "SHA-256" };
        const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
        return new Uint8Array(await crypto.subtle.sign("HMAC", imported, utf8.encode(text)));
    }
"#)]
extern "C" {
    fn href(url: &str) -> String;
    fn iso(seconds: f64) -> String;
    #[wasm_bindgen(catch)]
    async fn digest(bytes: Uint8Array) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn hmac(key: Uint8Array, text: &str) -> Result<JsValue, JsValue>;
}

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn bytes(value: &JsValue) -> Vec<u8> {
    Uint8Array::new(value).to_vec()
}

/// Lengths around every boundary that the padding and the blocks of SHA-256
/// have, hashed whole and in pieces.
#[wasm_bindgen_test]
async fn sha256_is_webcryptos() {
    let data: Vec<u8> =
        (0..100_000_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for length in (0..=130).chain([4095, 4096, 4097, 65_535, 65_536, 99_999]) {
        let data = &data[..length];
        let theirs = bytes(&digest(Uint8Array::from(data)).await.unwrap());
        assert_eq!(sha256(data).to_vec(), theirs, "{length} bytes");
        let mut pieces = Sha256::new();
        data.chunks(61).for_each(|piece| pieces.update(piece));
        assert_eq!(pieces.finalize().to_vec(), theirs, "{length} bytes in pieces");
    }
}

/// The chain of keys (date, region, service) and the signature at its end.
#[wasm_bindgen_test]
async fn signatures_are_webcryptos() {
    let date = Timestamp::parse("20130524T000000Z").unwrap();
    let mut key = format!("AWS4{SECRET}").into_bytes();
    for step in ["20130524", "us-east-1", "s3", "aws4_request", "string to sign"] {
        key = bytes(&hmac(Uint8Array::from(key.as_slice()), step).await.unwrap());
    }
    let scope = CredentialScope::new(date, "us-east-1", "s3").unwrap();
    let ours = SigningKey::derive_from_secret(SECRET, &scope).sign("string to sign");
    assert_eq!(ours.to_string(), hex::encode(key));
}

/// AWS's own examples, "GET Object" and its presigned URL.
#[wasm_bindgen_test]
fn the_examples_of_aws() {
    let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", SECRET, None).unwrap();
    let options = SigningOptions::s3("us-east-1", Timestamp::parse("20130524T000000Z").unwrap()).unwrap();
    let origin = Origin::parse("https://examplebucket.s3.amazonaws.com").unwrap();
    let request = Request::new("GET", &origin, "/test.txt").unwrap();
    let url = presign(&request, &credentials, &options, 86_400).unwrap();
    assert_eq!(url.signature.to_string(), "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    let signed =
        sign_headers(&request.header("Range", "bytes=0-9").unwrap(), &credentials, &options).unwrap();
    assert_eq!(
        signed.signature.to_string(),
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    );
}

#[wasm_bindgen_test]
fn hexadecimal_of_nothing() {
    assert_eq!(sha256_hex(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/// The browser's parser leaves a signed URL as it is, exactly when the key can
/// be sent by PUT: or S3 would check the signature of another path.
fn assert_url_survives(key: &str) {
    let origin = Origin::parse("https://s3.example.com").unwrap();
    let parsed = ObjectKey::parse(key).unwrap();
    let url = Request::new("PUT", &origin, &format!("/bucket{}", parsed.path())).unwrap().url();
    assert_eq!(href(&url) == url, parsed.sendable_by_put().is_ok(), "{key:?} as {url}");
}

#[wasm_bindgen_test]
fn awkward_keys_survive_the_url_parser_or_are_refused() {
    for key in [
        "a+b c/ü'%.txt",
        "%2e%2e/x",
        "..",
        "a/../b",
        "a/./b",
        "a/..",
        "...",
        "a//b",
        "/",
        "//",
        "\\",
        "a\\..\\b",
        "?",
        "#",
        ";",
        "~",
        "!'()*",
        "\u{0}",
        "\n\t",
        " x ",
        "🚢",
        "e\u{301}",
        "%",
        "%zz",
        "C|/x",
        "C:/..",
        ".%2e",
    ] {
        assert_url_survives(key);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[wasm_bindgen_test]
    fn any_key_survives_the_url_parser_or_is_refused(key in r"([./%2eE\\]|\PC|[\x00-\x20]){1,40}") {
        assert_url_survives(&key);
    }

    #[wasm_bindgen_test]
    fn dates_are_those_of_date(seconds in 0_i64..253_402_300_800) {
        let theirs = iso(seconds as f64).replace(".000Z", "Z");
        prop_assert_eq!(Timestamp::from_unix_seconds(seconds).iso8601(), theirs);
    }
}
