//! Any request, with any one thing changed that the signature covers: the cause
//! that is named is what was changed.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sealift::sigv4::explain::Cause;
use sealift::sigv4::{PayloadHash, Request, SigningOptions};

use super::support::{KEY, SECRET, Server, Signed, credentials, now, refused, s3, sign_with};

/// What is changed, and what it is to be called.
#[derive(Clone, Debug)]
enum Mutation {
    Header(String),
    DroppedHeader,
    AddedHeader(String),
    Path(String),
    EncodedTwice,
    Query(String),
    Method(&'static str),
    Host(String),
    Port,
    Body,
    PayloadHash,
    Date(i64),
    Secret(String),
    AccessKey(String),
    Region(String),
    Clock(i64),
}

impl Mutation {
    fn cause(&self) -> Cause {
        match self {
            Self::Header(_) => Cause::HeaderChanged,
            Self::DroppedHeader => Cause::HeaderDropped,
            Self::AddedHeader(_) => Cause::UnsignedHeader,
            Self::Path(_) => Cause::Path,
            Self::EncodedTwice => Cause::DoubleEncoding,
            Self::Query(_) => Cause::Query,
            Self::Method(_) => Cause::Method,
            Self::Host(_) => Cause::Host,
            Self::Port => Cause::Port,
            Self::Body => Cause::BodyChanged,
            Self::PayloadHash => Cause::PayloadHash,
            Self::Date(_) => Cause::Date,
            Self::Secret(_) => Cause::WrongSecret,
            Self::AccessKey(_) => Cause::UnknownAccessKey,
            Self::Region(_) => Cause::ScopeRegion,
            Self::Clock(_) => Cause::Clock,
        }
    }

    /// The request, signed and then changed, or signed by something else.
    fn of(&self, request: &Request) -> Signed {
        let request = request.clone().payload(PayloadHash::of(b"hello"));
        let by = |key: &str, secret: &str, options: &SigningOptions| {
            sign_with(&request, &credentials(key, secret, None), options, b"hello")
        };
        let mut signed = match self {
            Self::Secret(secret) => by(KEY, secret, &s3(now())),
            Self::AccessKey(key) => by(key, SECRET, &s3(now())),
            Self::Region(region) => by(KEY, SECRET, &SigningOptions::s3(region, now()).unwrap()),
            Self::Clock(seconds) => by(KEY, SECRET, &s3(now().plus_seconds(*seconds))),
            _ => by(KEY, SECRET, &s3(now())),
        };
        let wire = &mut signed.wire;
        match self {
            Self::Header(more) => wire.header("x-amz-meta-a").push_str(more),
            Self::DroppedHeader => wire.without("x-amz-meta-a"),
            Self::AddedHeader(name) => wire.headers.push((format!("x-amz-meta-b{name}"), "1".to_owned())),
            Self::Path(more) => wire.target = wire.target.replacen("/k", &format!("/k{more}"), 1),
            Self::EncodedTwice => wire.target = wire.target.replacen("%20", "%2520", 1),
            Self::Query(value) => wire.target.push_str(&format!("&x-other={value}")),
            Self::Method(method) => wire.method = (*method).to_owned(),
            Self::Host(name) => *wire.header("host") = format!("{name}.example"),
            Self::Port => *wire.header("host") = "127.0.0.1:1".to_owned(),
            Self::Body => wire.body = b"HELLO".to_vec(),
            Self::PayloadHash => *wire.header("x-amz-content-sha256") = "UNSIGNED-PAYLOAD".to_owned(),
            Self::Date(seconds) => *wire.header("x-amz-date") = moved(*seconds),
            Self::Secret(_) | Self::AccessKey(_) | Self::Region(_) | Self::Clock(_) => {}
        }
        signed
    }
}

/// Another moment of the same day, or the scope's day would be wrong first.
fn moved(seconds: i64) -> String {
    let other = now().plus_seconds(seconds);
    let other = if other.date_stamp() == now().date_stamp() { other } else { now().plus_seconds(-seconds) };
    other.amz_date()
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        "[a-z0-9]{1,8}".prop_map(Mutation::Header),
        Just(Mutation::DroppedHeader),
        "[a-z0-9]{0,8}".prop_map(Mutation::AddedHeader),
        "[a-z0-9]{1,8}".prop_map(Mutation::Path),
        Just(Mutation::EncodedTwice),
        "[a-z0-9]{0,8}".prop_map(Mutation::Query),
        prop_oneof![Just("DELETE"), Just("POST")].prop_map(Mutation::Method),
        "[a-z]{1,8}".prop_map(Mutation::Host),
        Just(Mutation::Port),
        Just(Mutation::Body),
        Just(Mutation::PayloadHash),
        (5_i64..300).prop_map(Mutation::Date),
        "[a-zA-Z0-9/+]{16,40}".prop_map(Mutation::Secret),
        "AKID[A-Z0-9]{8,12}".prop_map(Mutation::AccessKey),
        "[a-z]{2}-[a-z]{4,6}-[2-9]".prop_map(Mutation::Region),
        prop_oneof![1_000_i64..80_000, -80_000_i64..-1_000].prop_map(Mutation::Clock),
    ]
}

#[test]
fn whatever_is_changed_is_what_is_named() {
    let server = Server::start();
    let values = ("[a-zA-Z0-9+~é-]{0,10}", "[!-~]([ -~]{0,20}[!-~])?", "[a-z0-9/+ é]{0,10}");
    let config = Config { cases: 256, failure_persistence: None, ..Config::default() };
    let tried = TestRunner::new(config).run(&(values, mutation()), |((name, header, query), mutation)| {
        // A space, so that there is something to encode twice.
        let request = server.request("PUT", &format!("/photos/k {name}")).query("x-note", &query);
        let request = request.header("x-amz-meta-a", &header).unwrap();
        let (body, explanation) = refused(&server, &mutation.of(&request));
        prop_assert_eq!(explanation.cause, mutation.cause(), "{:#?}\n{}", explanation, body);
        Ok(())
    });
    tried.unwrap();
}
