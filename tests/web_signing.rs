//! The signing module as a page sees it, in a browser.
#![cfg(all(target_arch = "wasm32", feature = "signing"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use js_sys::{Array, Date, Function, JSON, Map, Object, Reflect};
use sealift::bindings::signing::{
    canonical_request, presign_url, sign_post_policy, sign_request, signing_key, string_to_sign,
};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const SIGNATURE: &str = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";

fn json(text: &str) -> JsValue {
    JSON::parse(text).unwrap()
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

fn set(object: &JsValue, name: &str, value: impl Into<JsValue>) {
    Reflect::set(object, &name.into(), &value.into()).unwrap();
}

fn request() -> JsValue {
    json(
        r#"{"method":"GET","url":"https://examplebucket.s3.amazonaws.com/test.txt","headers":{"Range":"bytes=0-9"}}"#,
    )
}

fn credentials() -> JsValue {
    json(
        r#"{"accessKeyId":"AKIAIOSFODNN7EXAMPLE","secretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}"#,
    )
}

fn options() -> JsValue {
    json(r#"{"region":"us-east-1","date":"20130524T000000Z"}"#)
}

/// The error, as JavaScript catches it.
fn thrown(result: sealift::Result<impl Into<JsValue>>) -> JsValue {
    JsValue::from(result.map(Into::into).unwrap_err())
}

#[wasm_bindgen_test]
fn errors_are_plain_objects_with_a_code() {
    let bad = json(r#"{"url":"https://example.com/%zz"}"#);
    let error = thrown(sign_request(&bad, &credentials(), &options()));
    assert_eq!(Object::keys(error.unchecked_ref::<Object>()).length(), 3);
    assert_eq!(get(&error, "code"), "invalid_url");
    assert_eq!(get(&error, "retryable"), false);
    assert!(get(&error, "message").as_string().unwrap().contains('%'));
}

#[wasm_bindgen_test]
fn headers_may_come_as_a_record_as_pairs_or_as_anything_iterated() {
    let pairs = json(r#"[["range","bytes=0-9"]]"#);
    let map = Map::new();
    map.set(&"Range".into(), &"bytes=0-9".into());
    let sent = web_headers();
    for headers in [get(&request(), "headers"), pairs, map.into(), sent] {
        let request = request();
        set(&request, "headers", headers);
        let signed = sign_request(&request, &credentials(), &options()).unwrap();
        assert_eq!(get(&signed, "signature"), SIGNATURE);
        assert_eq!(get(&get(&signed, "headers"), "range"), "bytes=0-9");
        assert_eq!(get(&get(&signed, "headers"), "authorization"), get(&signed, "authorization"));
    }
}

#[wasm_bindgen_test]
fn values_of_headers_are_texts_or_numbers_and_undefined_is_none() {
    let request = request();
    let headers = get(&request, "headers");
    set(&headers, "content-md5", JsValue::UNDEFINED);
    let signed = sign_request(&request, &credentials(), &options()).unwrap();
    assert_eq!(get(&signed, "signature"), SIGNATURE);

    set(&headers, "content-length", 5);
    let canonical = canonical_request(&request, &JsValue::UNDEFINED).unwrap();
    assert!(get(&canonical, "canonicalRequest").as_string().unwrap().contains("\ncontent-length:5\n"));

    for bad in [JsValue::TRUE, Object::new().into(), JsValue::symbol(Some("x"))] {
        set(&headers, "content-md5", bad);
        assert_eq!(
            get(&thrown(sign_request(&request, &credentials(), &options())), "code"),
            "invalid_option"
        );
    }
    set(&headers, "content-md5", "a\0range\0sb");
    assert_eq!(get(&thrown(sign_request(&request, &credentials(), &options())), "code"), "invalid_option");
    for bad in [JsValue::from(5), json(r#"[["a"]]"#), json(r#"["ab"]"#), json("[[5,5]]")] {
        set(&request, "headers", bad);
        assert_eq!(
            get(&thrown(sign_request(&request, &credentials(), &options())), "code"),
            "invalid_option"
        );
    }
}

#[wasm_bindgen_test]
fn dates_may_be_texts_or_dates() {
    let date = Date::new(&"2013-05-24T00:00:00.999Z".into());
    let options = options();
    set(&options, "date", date.clone());
    assert_eq!(get(&sign_request(&request(), &credentials(), &options).unwrap(), "signature"), SIGNATURE);

    let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into();
    let region = "us-east-1".into();
    let keys = [date.into(), "20130524".into(), "20130524T235959Z".into()]
        .map(|date: JsValue| signing_key(&secret, &date, &region, &JsValue::UNDEFINED).unwrap().to_vec());
    assert_eq!(keys[0].len(), 32);
    assert!(keys.iter().all(|key| *key == keys[0]));

    for bad in [JsValue::from(Date::new(&"nonsense".into())), JsValue::from(5), "yesterday".into()] {
        set(&options, "date", bad);
        assert_eq!(get(&thrown(sign_request(&request(), &credentials(), &options)), "code"), "invalid_date");
    }
    // Without a date it is the clock's.
    Reflect::delete_property(options.unchecked_ref::<Object>(), &"date".into()).unwrap();
    let signed = sign_request(&request(), &credentials(), &options).unwrap();
    let sent = get(&get(&signed, "headers"), "x-amz-date").as_string().unwrap();
    assert!(("20260101T000000Z".."2100").contains(&sent.as_str()), "{sent}");
}

#[wasm_bindgen_test]
fn bodies_are_hashed_and_blobs_refused() {
    let hash = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
    let bytes = js_sys::Uint8Array::from(b"Welcome to Amazon S3.".as_slice());
    for body in ["Welcome to Amazon S3.".into(), JsValue::from(bytes.clone()), bytes.buffer().into()] {
        let request = request();
        set(&request, "body", body);
        let canonical = canonical_request(&request, &JsValue::UNDEFINED).unwrap();
        assert_eq!(get(&canonical, "payloadHash"), hash);
    }
    let request = request();
    set(&request, "body", Array::new());
    assert_eq!(get(&thrown(sign_request(&request, &credentials(), &options())), "code"), "invalid_option");
}

#[wasm_bindgen_test]
fn lifetimes_are_whole_seconds_up_to_seven_days() {
    for (seconds, good) in [(1.0, true), (604_800.0, true), (0.0, false), (-1.0, false), (604_801.0, false)]
        .into_iter()
        .chain([(1.5, false), (f64::NAN, false), (f64::INFINITY, false), (1e300, false)])
    {
        let options = options();
        set(&options, "expiresIn", seconds);
        let answer = presign_url(&request(), &credentials(), &options);
        assert_eq!(answer.is_ok(), good, "{seconds}");
        if !good {
            assert_eq!(get(&thrown(answer), "code"), "invalid_expiry", "{seconds}");
        }
    }
    assert_eq!(get(&thrown(presign_url(&request(), &credentials(), &options())), "code"), "invalid_expiry");
}

#[wasm_bindgen_test]
fn what_is_no_object_and_what_throws_is_refused() {
    for bad in [JsValue::UNDEFINED, JsValue::NULL, "text".into(), JsValue::from(1)] {
        assert_eq!(get(&thrown(sign_request(&bad, &credentials(), &options())), "code"), "invalid_option");
        assert_eq!(get(&thrown(sign_request(&request(), &bad, &options())), "code"), "invalid_option");
        assert_eq!(get(&thrown(sign_request(&request(), &credentials(), &bad)), "code"), "invalid_option");
        assert_eq!(get(&thrown(string_to_sign(&bad)), "code"), "invalid_option");
    }
    let trap = Function::new_no_args("return { get url() { throw new Error('trap'); } }");
    let trap = trap.call0(&JsValue::UNDEFINED).unwrap();
    assert_eq!(get(&thrown(sign_request(&trap, &credentials(), &options())), "code"), "invalid_option");
}

#[wasm_bindgen_test]
fn no_error_repeats_a_secret() {
    let secret = "s3cr3t-s3cr3t";
    let broken =
        json(r#"{"accessKeyId":"a b","secretAccessKey":"s3cr3t-s3cr3t","sessionToken":"s3cr3t-s3cr3t"}"#);
    let listed = json(r#"{"accessKeyId":"ab","secretAccessKey":["s3cr3t-s3cr3t"]}"#);
    let ended = json(r#"{"accessKeyId":"ab","secretAccessKey":"s3cr3t-s3cr3t\n"}"#);
    for bad in [broken, listed, ended, secret.into()] {
        let error = thrown(sign_request(&request(), &bad, &options()));
        assert!(!get(&error, "message").as_string().unwrap().contains(secret));
    }
}

#[wasm_bindgen_test]
fn policies_are_signed_as_they_are_or_completed() {
    let text = r#"{"expiration":"2013-05-25T00:00:00Z","conditions":[]}"#;
    let form = sign_post_policy(&text.into(), &credentials(), &options()).unwrap();
    assert_eq!(
        get(&form, "policy"),
        "eyJleHBpcmF0aW9uIjoiMjAxMy0wNS0yNVQwMDowMDowMFoiLCJjb25kaXRpb25zIjpbXX0="
    );
    let policy = json(
        r#"{"expiration":"2013-05-25T00:00:00Z","conditions":[{"bucket":"b"},["eq","$key","ü"],["starts-with","$acl",""]]}"#,
    );
    let form = sign_post_policy(&policy, &credentials(), &options()).unwrap();
    let fields = get(&form, "fields");
    assert_eq!(get(&fields, "key"), "ü");
    assert!(get(&fields, "bucket").is_undefined() && get(&fields, "acl").is_undefined());
    assert_eq!(get(&fields, "x-amz-signature"), get(&form, "signature"));
    assert_eq!(get(&fields, "policy"), get(&form, "policy"));
    for bad in [JsValue::NULL, json("{}"), json(r#"{"conditions":[]}"#)] {
        assert_eq!(
            get(&thrown(sign_post_policy(&bad, &credentials(), &options())), "code"),
            "invalid_policy"
        );
    }
}

fn web_headers() -> JsValue {
    let make = Function::new_no_args("return new Headers({ Range: 'bytes=0-9' })");
    make.call0(&JsValue::UNDEFINED).unwrap()
}
