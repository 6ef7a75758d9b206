//! CORS over the wire: preflights, answers and errors, default and per bucket.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use s3s::crypto::{Checksum as _, Md5};
use support::signing::Signer;
use support::{Answer, Folder, Request, Server};

const APP: &str = "https://app.example";

fn call(server: &Server, request: Request) -> Answer {
    server.send(Signer::new().sign(server, request))
}

fn preflight(server: &Server, origin: &str, method: &str, headers: &str) -> Answer {
    let request = Request::new("OPTIONS", "/photos/x")
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", headers);
    server.send(request)
}

#[test]
fn pages_of_allowed_origins_get_answers_and_errors_they_can_read() {
    let folder = Folder::new();
    let server = Server::start_with(&folder, |config| config.allowed_origins = vec![APP.to_owned()]);
    let allowed = preflight(&server, APP, "PUT", "content-type,x-amz-date,authorization").expect(200);
    assert_eq!(allowed.header("access-control-allow-origin"), Some(APP));
    assert_eq!(
        allowed.header("access-control-allow-headers"),
        Some("content-type, x-amz-date, authorization")
    );
    assert!(allowed.header("access-control-max-age").is_some());
    preflight(&server, "https://evil.example", "PUT", "").refused(403, "AccessForbidden");
    preflight(&server, APP, "PATCH", "").refused(403, "AccessForbidden");

    let put = || Request::new("PUT", "/photos/x").header("origin", APP).body("hello");
    let answers = [
        call(&server, put()).expect(200),
        // Refused before the signature is looked at, and for the signature.
        server.send(put()).refused(403, "AccessDenied"),
        server.send(Signer { secret_key: "x".into(), ..Signer::new() }.sign(&server, put())),
        call(&server, Request::new("GET", "/photos/none").header("origin", APP)).refused(404, "NoSuchKey"),
        call(&server, Request::new("GET", "/none/none").header("origin", APP)).refused(404, "NoSuchBucket"),
    ];
    for answer in answers {
        assert_eq!(answer.header("access-control-allow-origin"), Some(APP), "{}", answer.text());
        let exposed = answer.header("access-control-expose-headers").unwrap();
        for name in
            ["ETag", "x-amz-checksum-sha256", "x-amz-request-id", "x-amz-version-id", "Retry-After", "Date"]
        {
            assert!(exposed.split(", ").any(|e| e == name), "{name}");
        }
        assert!(answer.header("vary").unwrap().contains("Origin"));
    }
    let other = Request::new("PUT", "/photos/x").header("origin", "https://evil.example").body("hello");
    assert_eq!(call(&server, other).expect(200).header("access-control-allow-origin"), None);
}

#[test]
fn a_bucket_s_own_rules_replace_the_default_ones() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    preflight(&server, "https://any.example", "PUT", "").expect(200);
    let xml = "<CORSConfiguration><CORSRule><AllowedOrigin>https://*.example</AllowedOrigin>\
               <AllowedMethod>PUT</AllowedMethod><AllowedHeader>x-amz-*</AllowedHeader>\
               <ExposeHeader>ETag</ExposeHeader></CORSRule></CORSConfiguration>";
    let put = |xml: &str| {
        let md5 = Md5::checksum(xml.as_bytes());
        use base64::Engine as _;
        let md5 = base64::engine::general_purpose::STANDARD.encode(md5);
        call(&server, Request::new("PUT", "/photos?cors=").header("content-md5", md5).body(xml))
    };
    put(xml).expect(200);
    drop(server);
    let server = Server::start(&folder);
    let allowed = preflight(&server, APP, "PUT", "x-amz-date").expect(200);
    assert_eq!(allowed.header("access-control-expose-headers"), Some("ETag"));
    preflight(&server, APP, "PUT", "content-type").refused(403, "AccessForbidden");
    preflight(&server, APP, "GET", "").refused(403, "AccessForbidden");
    let rules = call(&server, Request::new("GET", "/photos?cors=")).expect(200);
    assert_eq!(rules.element("AllowedOrigin").as_deref(), Some("https://*.example"));

    call(&server, Request::new("DELETE", "/photos?cors=")).expect(204);
    preflight(&server, APP, "PUT", "").refused(403, "AccessForbidden");
    call(&server, Request::new("GET", "/photos?cors=")).refused(404, "NoSuchCORSConfiguration");
}

#[test]
fn rules_that_aws_refuses_are_refused() {
    let folder = Folder::new();
    let server = Server::start(&folder);
    let rule = |inner: &str| {
        let xml = format!("<CORSConfiguration><CORSRule>{inner}</CORSRule></CORSConfiguration>");
        call(&server, Request::new("PUT", "/photos?cors=").body(xml)).refused(400, "InvalidRequest")
    };
    rule("<AllowedOrigin>*</AllowedOrigin><AllowedMethod>PATCH</AllowedMethod>");
    rule(
        "<AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><ExposeHeader>x-amz-*</ExposeHeader>",
    );
    rule("<AllowedOrigin>https://*.*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>");
}
