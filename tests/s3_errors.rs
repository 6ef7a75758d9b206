//! S3's error documents, as S3 and others have sent them (`tests/vectors/s3-xml`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use proptest::prelude::*;
use sealift::s3::Response;
use sealift::s3::error::{ErrorDocument, is_retryable, parse};
use sealift::{Error, ErrorKind};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/vectors/s3-xml/{name}.xml", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn answered(status: u16, name: &str) -> Error {
    parse(&Response { status, headers: Vec::new(), body: fixture(name) })
}

#[test]
fn code_message_request_id_and_whether_to_try_again() {
    for (name, status, code, request_id, retryable) in [
        ("complete-mpu-200-error", 200, "InternalError", Some("656c76696e6727732072657175657374"), true),
        ("request-time-too-skewed", 403, "RequestTimeTooSkewed", Some("2J8ZFVZVVRA4T7CF"), true),
        ("invalid-chunk-size", 403, "InvalidChunkSizeError", Some("HBA5THVT66QYRCQX"), false),
        ("headers-not-signed", 403, "AccessDenied", None, false),
        ("post-extra-field", 403, "AccessDenied", None, false),
    ] {
        let error = answered(status, name);
        assert_eq!(error.kind(), ErrorKind::S3, "{name}");
        assert_eq!(error.code(), code, "{name}");
        assert_eq!(error.status(), Some(status), "{name}");
        assert_eq!(error.request_id(), request_id, "{name}");
        assert_eq!(error.retryable(), retryable, "{name}");
    }
    assert_eq!(
        answered(403, "post-extra-field").message(),
        "S3 answered 403 AccessDenied: Invalid according to Policy: Extra input fields: filename"
    );
}

#[test]
fn the_servers_clock_is_told_with_a_skew() {
    let document = ErrorDocument::parse(&fixture("request-time-too-skewed")).unwrap();
    assert_eq!(document.server_time().unwrap().amz_date(), "20250903T162150Z");
}

#[test]
fn without_a_document_the_status_speaks() {
    for (status, body, code, retryable) in [
        (503, "", "ServiceUnavailable", true),
        (403, "<html>Forbidden</html>", "AccessDenied", false),
        (404, "", "NotFound", false),
        (412, "not XML", "PreconditionFailed", false),
        (500, "<Error><Message>no code</Message></Error>", "InternalError", true),
        (418, "", "UnknownError", false),
    ] {
        let headers = vec![("X-Amz-Request-Id".to_owned(), "ID".to_owned())];
        let error = parse(&Response { status, headers, body: body.as_bytes().to_vec() });
        assert_eq!(
            (error.code(), error.retryable(), error.request_id()),
            (code, retryable, Some("ID")),
            "{status}"
        );
    }
}

#[test]
fn a_refusal_is_not_tried_again_and_a_fault_is() {
    for code in ["AccessDenied", "SignatureDoesNotMatch", "EntityTooLarge", "NoSuchBucket", "InvalidArgument"]
    {
        assert!(!is_retryable(code, 403), "{code}");
    }
    for code in ["SlowDown", "InternalError", "RequestTimeout", "OperationAborted"] {
        assert!(is_retryable(code, 400), "{code}");
    }
    assert!(is_retryable("AnythingElse", 503));
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(status in 100_u16..600, body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let error = parse(&Response { status, headers: Vec::new(), body });
        prop_assert_eq!(error.status(), Some(status));
    }
}
