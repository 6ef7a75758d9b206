//! What arrived is not what was signed: headers, paths, queries, bodies.

use sealift::sigv4::explain::Cause;
use sealift::sigv4::{PathEncoding, PayloadHash};

use super::support::{
    KEY, SECRET, Server, Signed, check, check_on_the_way, credentials, now, s3, sign, sign_as, sign_with,
};

#[test]
fn headers() {
    let server = Server::start();
    let request = || {
        let request = server.request("PUT", "/photos/x").header("x-amz-meta-a", "one two").unwrap();
        request.header("content-type", "text/plain").unwrap()
    };
    let changed = |name: &str, value: &str| {
        let mut signed = sign(&request());
        *signed.wire.header(name) = value.to_owned();
        signed
    };
    let way =
        |signed: &Signed, cause, part: &str, word: &str| check_on_the_way(&server, signed, cause, part, word);
    way(&changed("x-amz-meta-a", "three"), Cause::HeaderChanged, "header:x-amz-meta-a", "x-amz-meta-a");
    way(
        &changed("content-type", "text/plain;charset=UTF-8"),
        Cause::HeaderChanged,
        "header:content-type",
        "charset",
    );
    let elsewhen = now().plus_seconds(-60).amz_date();
    way(&changed("x-amz-date", &elsewhen), Cause::Date, "header:x-amz-date", "x-amz-date");
    let port = server.address.port();
    way(&changed("host", "s3.internal"), Cause::Host, "host", "s3.internal");
    way(&changed("host", "127.0.0.1"), Cause::Port, "host", &port.to_string());

    let mut dropped = sign(&request());
    dropped.wire.without("x-amz-meta-a");
    way(&dropped, Cause::HeaderDropped, "header:x-amz-meta-a", "did not arrive");
    let mut added = sign(&request());
    added.wire.headers.push(("x-amz-meta-b".into(), "2".into()));
    way(&added, Cause::UnsignedHeader, "signedHeaders", "signed");
}

#[test]
fn signers_that_write_headers_otherwise() {
    let server = Server::start();
    let request = server.request("PUT", "/photos/x").header("x-amz-meta-a", "one two").unwrap();
    let mut spaces = sign_as(&request, |text| text.replace("one two", "one   two"));
    *spaces.wire.header("x-amz-meta-a") = "one   two".into();
    check(&server, &spaces, Cause::WhiteSpace, "header:x-amz-meta-a", "white space");
    let names = "host;x-amz-content-sha256;x-amz-date;x-amz-meta-a";
    let order =
        sign_as(&request, |text| text.replace(names, "x-amz-meta-a;host;x-amz-content-sha256;x-amz-date"));
    check(&server, &order, Cause::SignedHeaders, "signedHeaders", "signed headers");
    let forgotten = sign_as(&request, |text| text.replace("x-amz-meta-a:one two\n", ""));
    check(&server, &forgotten, Cause::HeaderAdded, "header:x-amz-meta-a", "x-amz-meta-a");
}

#[test]
fn paths() {
    let server = Server::start();
    let request = server.request("PUT", "/photos/a b/c+d.txt");
    let sent_to = |path: &str| {
        let mut signed = sign(&request);
        signed.wire.target = path.to_owned();
        signed
    };
    let way = |path: &str, cause, word: &str| check_on_the_way(&server, &sent_to(path), cause, "path", word);
    way("/photos/other", Cause::Path, "another object");
    way("/photos/a%2520b/c%252Bd.txt", Cause::DoubleEncoding, "once more");
    way("/photos/a%20b//c%2Bd.txt", Cause::Path, "normalised");
    way("/photos/a%20b/c%20d.txt", Cause::PathEncoding, "+ in the path");
    way("/photos/a%20b/c%2Bd.txt/", Cause::Path, "slash at its end");
    way("/photos/photos/a%20b/c%2Bd.txt", Cause::Path, "in front");

    let twice = s3(now()).with_path_encoding(PathEncoding::Twice);
    let request = request.payload(PayloadHash::of(b"hello"));
    let twice = sign_with(&request, &credentials(KEY, SECRET, None), &twice, b"hello");
    check(&server, &twice, Cause::DoubleEncoding, "path", "encoded twice");
    let slash = sign_as(&request, |text| text.replace("b/c", "b%2Fc"));
    check(&server, &slash, Cause::PathEncoding, "path", "%2F");
    let plus = sign_as(&request, |text| text.replace("%2B", "+"));
    check(&server, &plus, Cause::PathEncoding, "path", "%2B");
    let lower = sign_as(&server.request("PUT", "/photos/ü"), |text| text.replace("%C3%BC", "%c3%bc"));
    check(&server, &lower, Cause::PathEncoding, "path", "upper-case");
}

#[test]
fn queries() {
    let server = Server::start();
    let request = server.request("PUT", "/photos/x").query("x-a", "1/2 3").query("x-b", "4");
    let sent_with = |change: &dyn Fn(&str) -> String| {
        let mut signed = sign(&request);
        signed.wire.target = change(&signed.wire.target);
        signed
    };
    let way = |change: &dyn Fn(&str) -> String, cause, part: &str, word: &str| {
        check_on_the_way(&server, &sent_with(change), cause, part, word);
    };
    way(&|url| format!("{url}&fbclid=xyz"), Cause::Query, "query:fbclid", "added after");
    way(&|url| url.replace("&x-b=4", ""), Cause::Query, "query:x-b", "did not arrive");
    way(&|url| url.replace("x-b=4", "x-b=5"), Cause::Query, "query:x-b", "changed");
    way(&|url| url.replace("%2F", "%252F"), Cause::QueryEncoding, "query:x-a", "once more");

    let order = sign_as(&request, |text| text.replace("x-a=1%2F2%203&x-b=4", "x-b=4&x-a=1%2F2%203"));
    check(&server, &order, Cause::QueryOrder, "query", "order");
    let encoding = sign_as(&request, |text| text.replace("%2F", "/"));
    check(&server, &encoding, Cause::QueryEncoding, "query:x-a", "differently");
    let plus = sign_as(&request, |text| text.replace("%203", "+3"));
    check(&server, &plus, Cause::QueryEncoding, "query:x-a", "differently");
}

#[test]
fn bodies() {
    let server = Server::start();
    let request = server.request("PUT", "/photos/x");
    let mut changed = sign(&request);
    changed.wire.body = b"HELLO".to_vec();
    check_on_the_way(&server, &changed, Cause::BodyChanged, "body", "another SHA-256");
    let hash = hex::encode(sealift::digest::sha256(b"hello"));
    let empty = PayloadHash::Empty.as_str().into_owned();
    let as_empty = sign_as(&request, |text| {
        let at = text.rfind(&hash).unwrap();
        format!("{}{empty}", &text[..at])
    });
    check(&server, &as_empty, Cause::PayloadHash, "payloadHash", "empty body");
    let mut told = sign(&request);
    *told.wire.header("x-amz-content-sha256") = "UNSIGNED-PAYLOAD".into();
    check_on_the_way(
        &server,
        &told,
        Cause::PayloadHash,
        "header:x-amz-content-sha256",
        "x-amz-content-sha256",
    );
}
