//! Whatever comes in, the signer answers or refuses; it never panics, and
//! what it answers hangs together.

use proptest::prelude::*;
use sealift::sigv4::uri::{encode_component, encode_path};
use sealift::sigv4::{
    Credentials, Origin, PayloadHash, PostPolicy, Request, Signer, SigningKey, SigningKeyCache,
    SigningOptions, presign, sign_headers, sign_policy_json, sign_post_policy,
};
use sealift::{ErrorKind, Timestamp};

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[ -~]{0,40}", "[%0-9A-Fa-f+&=?#/.;\\\\]{0,40}"]
}

fn options() -> SigningOptions {
    SigningOptions::s3("us-east-1", Timestamp::from_unix_seconds(1_369_353_600)).unwrap()
}

fn credentials() -> Credentials {
    Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None).unwrap()
}

proptest! {
    #[test]
    fn nothing_panics(
        texts in proptest::collection::vec(any_text(), 12),
        service in prop_oneof![Just("s3".to_owned()), Just("execute-api".to_owned()), any_text()],
        expires in any::<u32>(),
        seconds in any::<i64>(),
        range in any::<(u64, u64)>(),
    ) {
        let date = Timestamp::from_unix_seconds(seconds);
        let credentials =
            Credentials::new(&*texts[0], &*texts[1], Some(texts[2].clone())).unwrap_or_else(|_| credentials());
        let options = SigningOptions::new(&texts[3], &service, date).unwrap_or_else(|_| options());
        let _ = Origin::parse(&texts[4]);
        let _ = PayloadHash::parse(&texts[5]);
        let url = format!("https://example.com/{}", texts[7]);
        for request in [Request::from_url(&texts[6], &texts[7]), Request::from_url("put", &url)] {
            let Ok(mut request) = request else { continue };
            request = request.query(&texts[8], &texts[9]);
            let with_header = request.clone().header(&texts[10], &texts[11]);
            let request = with_header.unwrap_or(request);
            let _ = sign_headers(&request, &credentials, &options);
            let _ = presign(&request, &credentials, &options, expires);
        }
        let policy = PostPolicy::new(date.plus_seconds(60)).eq(&texts[8], &texts[9]);
        let policy = policy.and_then(|policy| policy.starts_with(&texts[10], &texts[11]));
        let policy = policy.and_then(|policy| policy.content_length_range(range.0, range.1));
        if let Ok(policy) = policy {
            let _ = sign_post_policy(&policy, &credentials, &options);
        }
        let _ = sign_policy_json(&texts[11], &credentials, &options);
    }

    #[test]
    fn a_url_written_is_read_back_as_the_same_request(
        path in any_text(),
        query in proptest::collection::vec((any_text(), any_text()), 0..4),
    ) {
        let origin = Origin::parse("https://bucket.example.com").unwrap();
        let mut request = Request::new("PUT", &origin, &format!("/{path}")).unwrap();
        for (key, value) in &query {
            request = request.query(key, value);
        }
        prop_assert_eq!(Request::from_url("PUT", &request.url()).unwrap(), request);
    }

    #[test]
    fn encoding_is_rfc_3986(text in any::<String>()) {
        let unescape = |encoded: &str| {
            let mut bytes = Vec::new();
            let mut rest = encoded;
            while let Some((before, after)) = rest.split_once('%') {
                bytes.extend_from_slice(before.as_bytes());
                bytes.push(u8::from_str_radix(&after[..2], 16).unwrap());
                rest = &after[2..];
            }
            bytes.extend_from_slice(rest.as_bytes());
            String::from_utf8(bytes).unwrap()
        };
        let component = encode_component(&text);
        prop_assert!(component.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
        prop_assert_eq!(&unescape(&component), &text);
        prop_assert_eq!(encode_path(&text), component.replace("%2F", "/"));
    }

    #[test]
    fn a_cache_answers_what_deriving_answers(
        rounds in proptest::collection::vec((0_i64..12, 0_usize..3, "[a-c]"), 1..60),
    ) {
        let cache = SigningKeyCache::new();
        for (day, region, secret) in rounds {
            let date = Timestamp::from_unix_seconds(day * 86_400);
            let region = ["eu-west-1", "auto", "us-east-1"][region];
            let options = SigningOptions::s3(region, date).unwrap();
            let credentials = Credentials::new("key", secret, None).unwrap();
            let cached = cache.signing_key(&credentials, options.scope());
            let derived = SigningKey::derive(&credentials, options.scope());
            prop_assert_eq!(cached.expose_bytes(), derived.expose_bytes());
        }
    }
}

#[test]
fn what_cannot_be_signed_is_refused_by_kind() {
    let url = |url: &str| Request::from_url("GET", url).map_err(|error| error.kind()).err();
    for bad in [
        "",
        "/path/only",
        "ftp://example.com/",
        "https://",
        "https:///path",
        "https://user:secret@example.com/",
        "https://exa mple.com/",
        "https://ex%61mple.com/",
        "https://bücher.example/",
        "https://example.com:0/",
        "https://example.com:65536/",
        "https://example.com:+80/",
        "https://[::1/",
        "https://[1.2.3.4]/",
        "https://127.1/",
        "https://0x7f000001/",
        "https://1.2.3.256/",
        "https://example.com/%",
        "https://example.com/%4",
        "https://example.com/%zz",
        "https://example.com/%ff",
        "https://example.com/?a=%C3",
        "https://example.com/a\nb",
        "https://example.com/\u{0}",
    ] {
        assert_eq!(url(bad), Some(ErrorKind::InvalidUrl), "{bad:?}");
    }

    let request = Request::from_url("GET", "https://example.com/").unwrap();
    for (name, value) in [
        ("", "x"),
        ("a b", "x"),
        ("ä", "x"),
        ("a:b", "x"),
        ("a", "x\r\ny: z"),
        ("a", "\0"),
        ("x-amz-meta-a", "ü"),
    ] {
        let refused = request.clone().header(name, value).map_err(|error| error.kind());
        assert_eq!(refused.err(), Some(ErrorKind::InvalidHeader), "{name:?}: {value:?}");
    }
    assert!(request.clone().header("host", "exa mple").is_err());
    assert!(Request::from_url("GE T", "https://example.com/").is_err());

    for expires in [0, 604_801, u32::MAX] {
        let refused = presign(&request, &credentials(), &options(), expires).map_err(|error| error.kind());
        assert_eq!(refused.err(), Some(ErrorKind::InvalidExpiry), "{expires}");
    }
    for expires in [1, 604_800] {
        assert!(presign(&request, &credentials(), &options(), expires).is_ok());
    }
    for life in [-1, 0, 604_801] {
        let policy = PostPolicy::new(options().date().plus_seconds(life));
        let refused = sign_post_policy(&policy, &credentials(), &options()).map_err(|error| error.kind());
        assert_eq!(refused.err(), Some(ErrorKind::InvalidExpiry), "{life}");
    }
    for (region, service) in
        [("", "s3"), ("us east 1", "s3"), ("us-east-1", ""), ("a/b", "s3"), ("us-east-1", "s3\n")]
    {
        let refused = SigningOptions::new(region, service, options().date()).map_err(|error| error.kind());
        assert_eq!(refused.err(), Some(ErrorKind::InvalidScope), "{region:?} {service:?}");
    }
    for (key, secret, token) in [
        ("", "s", None),
        ("k", "", None),
        ("k y", "s", None),
        ("k", "s\n", None),
        ("k", " s", None),
        ("k", "s", Some("")),
        ("k", "s", Some("t\n")),
        ("ключ", "s", None),
    ] {
        let refused = Credentials::new(key, secret, token.map(str::to_owned)).map_err(|error| error.kind());
        assert_eq!(refused.err(), Some(ErrorKind::InvalidCredentials), "{key:?} {secret:?} {token:?}");
    }
}

#[test]
fn urls_are_written_as_browsers_write_them() {
    for (given, written) in [
        ("https://Example.COM", "https://example.com/"),
        ("HTTP://Example.COM:80/A", "http://example.com/A"),
        ("https://example.com:80/", "https://example.com:80/"),
        ("http://example.com:443/", "http://example.com:443/"),
        ("https://example.com:/", "https://example.com/"),
        ("http://[2001:DB8:0:0:1:0:0:1]:9000/", "http://[2001:db8::1:0:0:1]:9000/"),
        ("http://[::FFFF:1.2.3.4]/", "http://[::ffff:102:304]/"),
        ("http://[::]/", "http://[::]/"),
        ("http://[1:0:2:3:4:5:6:7]/", "http://[1:0:2:3:4:5:6:7]/"),
        ("https://example.com/ü b!'()*", "https://example.com/%C3%BC%20b%21%27%28%29%2A"),
        ("https://example.com/%c3%bc%7e%41", "https://example.com/%C3%BC~A"),
        ("https://example.com/a+b?a+b=c%2Bd", "https://example.com/a%2Bb?a%20b=c%2Bd"),
        ("https://example.com/a%2fb//../c", "https://example.com/a%2Fb//../c"),
        ("https://example.com/a\\b", "https://example.com/a%5Cb"),
        ("https://example.com/?uploads", "https://example.com/?uploads="),
        ("https://example.com?a=b=c&&=d#e?f", "https://example.com/?a=b%3Dc&=d"),
        ("https://example.com/#/x?y", "https://example.com/"),
    ] {
        assert_eq!(Request::from_url("GET", given).unwrap().url(), written);
    }
}

#[test]
fn an_escaped_slash_is_a_slash_to_s3_alone() {
    let request = Request::from_url("GET", "https://example.com/a%2Fb/../c d").unwrap();
    let path = |options: &SigningOptions| {
        let signed = sign_headers(&request, &credentials(), options).unwrap();
        signed.canonical_request.split('\n').nth(1).unwrap().to_owned()
    };
    assert_eq!(path(&options()), "/a/b/../c%20d");
    let other = SigningOptions::new("us-east-1", "execute-api", options().date()).unwrap();
    assert_eq!(path(&other), "/c%2520d");
    assert_eq!(path(&other.with_normalized_path(false)), "/a%252Fb/../c%2520d");
}

#[test]
fn the_signers_own_headers_and_parameters_replace_what_was_there() {
    let plain = Request::from_url("GET", "https://example.com/x?a=1").unwrap();
    let signed = sign_headers(&plain, &credentials(), &options()).unwrap();
    let mut again = Request::from_url("GET", &signed.url).unwrap();
    for (name, value) in &signed.headers {
        again = again.header(name, value).unwrap();
    }
    assert_eq!(sign_headers(&again, &credentials(), &options()).unwrap(), signed);

    let url = presign(&plain, &credentials(), &options(), 60).unwrap();
    let again = Request::from_url("GET", &url.url).unwrap();
    assert_eq!(presign(&again, &credentials(), &options(), 60).unwrap(), url);
}

#[test]
fn a_host_header_takes_the_place_of_the_urls_host() {
    let request = Request::from_url("GET", "http://127.0.0.1:9000/b/k").unwrap();
    let signed =
        sign_headers(&request.header("Host", " S3.Example.com:80 ").unwrap(), &credentials(), &options());
    let signed = signed.unwrap();
    assert!(signed.canonical_request.contains("\nhost:s3.example.com\n"));
    assert_eq!(signed.implied_headers, [("host".to_owned(), "s3.example.com".to_owned())]);
    assert_eq!(signed.url, "http://127.0.0.1:9000/b/k");
}

#[test]
fn what_browsers_set_is_signed_but_told_apart() {
    let request = Request::from_url("PUT", "https://example.com/k").unwrap();
    let request =
        request.header("Content-Length", "5").unwrap().header("Content-Type", "text/plain").unwrap();
    let request = request.header("User-Agent", "x").unwrap();
    let signed = sign_headers(&request, &credentials(), &options()).unwrap();
    assert_eq!(signed.signed_headers, "content-length;content-type;host;x-amz-content-sha256;x-amz-date");
    let names =
        |headers: &[(String, String)]| headers.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&signed.implied_headers), ["host", "content-length"]);
    assert_eq!(
        names(&signed.headers),
        ["content-type", "user-agent", "x-amz-date", "x-amz-content-sha256", "authorization"],
    );
}

#[test]
fn a_presigned_hash_must_travel_with_the_url() {
    let request = Request::from_url("PUT", "https://example.com/k").unwrap().payload(PayloadHash::of(b"x"));
    let signed = presign(&request, &credentials(), &options(), 60).unwrap();
    assert_eq!(signed.signed_headers, "host;x-amz-content-sha256");
    assert_eq!(
        signed.headers,
        [("x-amz-content-sha256".to_owned(), PayloadHash::of(b"x").as_str().into_owned())]
    );
}

#[test]
fn a_policy_fixes_its_fields_once() {
    let policy = PostPolicy::new(options().date().plus_seconds(60))
        .eq("bucket", "b")
        .and_then(|policy| policy.eq("$key", "a/\u{1F600}\"\\"))
        .and_then(|policy| policy.eq("X-Amz-Date", "19700101T000000Z"))
        .and_then(|policy| policy.starts_with("$Content-Type", "image/"))
        .unwrap();
    let token = Credentials::new("key", "secret", Some("token".to_owned())).unwrap();
    let form = sign_post_policy(&policy, &token, &options()).unwrap();
    let names: Vec<&str> = form.fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "key",
            "x-amz-algorithm",
            "x-amz-credential",
            "x-amz-date",
            "x-amz-security-token",
            "policy",
            "x-amz-signature"
        ],
    );
    assert_eq!(form.fields[0].1, "a/\u{1F600}\"\\");
    assert!(policy.to_json().contains(r#"{"key":"a/\ud83d\ude00\"\\"}"#));
    assert!(PostPolicy::new(options().date()).content_length_range(2, 1).is_err());
    assert!(PostPolicy::new(options().date()).eq("$", "x").is_err());
}

#[test]
fn secrets_do_not_print() {
    let credentials = Credentials::new("AKID", "s3cr3t-s3cr3t", Some("t0k3n-t0k3n".to_owned())).unwrap();
    let cache = SigningKeyCache::new();
    let signer = Signer::with_cache(&credentials, &cache);
    let request = Request::from_url("GET", "https://example.com/").unwrap();
    signer.sign_headers(&request, &options()).unwrap();
    let key = SigningKey::derive(&credentials, options().scope());
    let printed = format!("{credentials:?} {signer:?} {cache:?} {key:?}");
    assert!(printed.contains("AKID") && printed.contains("redacted"));
    for secret in ["s3cr3t", "t0k3n", &hex::encode(key.expose_bytes())] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
