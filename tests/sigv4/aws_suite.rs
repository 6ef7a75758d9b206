//! AWS's own suite (awslabs/aws-c-auth), read from beside the checkout where
//! it lies there: it is not copied into this repository.

use std::fs;
use std::path::{Path, PathBuf};

use sealift::Timestamp;
use sealift::sigv4::{
    Credentials, Origin, PathEncoding, PayloadHash, PresignedUrl, Request, SignedRequest, SigningOptions,
    presign, sign_headers,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Context {
    credentials: ContextCredentials,
    expiration_in_seconds: u32,
    normalize: bool,
    region: String,
    service: String,
    sign_body: bool,
    timestamp: String,
    #[serde(default)]
    omit_session_token: bool,
}

#[derive(Deserialize)]
struct ContextCredentials {
    access_key_id: String,
    secret_access_key: String,
    token: Option<String>,
}

#[test]
fn every_case_of_the_suite() {
    let suite = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/vectors/aws-c-auth/tests/aws-signing-test-suite/v4");
    if !suite.is_dir() {
        println!("aws-c-auth: left out, the suite does not lie beside this checkout");
        return;
    }
    let mut cases: Vec<PathBuf> = fs::read_dir(&suite).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    for case in &cases {
        let context: Context = serde_json::from_str(&read(case, "context.json")).unwrap();
        context.check_header(case);
        context.check_query(case);
    }
    println!("aws-c-auth: {} cases, each by header and by query", cases.len());
    assert_eq!(cases.len(), 38);
}

impl Context {
    fn check_header(&self, case: &Path) {
        let signed: SignedRequest =
            sign_headers(&self.request(case), &self.credentials(), &self.options()).unwrap();
        let name = case.display();
        assert_eq!(signed.canonical_request, read(case, "header-canonical-request.txt"), "{name}");
        assert_eq!(signed.string_to_sign, read(case, "header-string-to-sign.txt"), "{name}");
        assert_eq!(signed.signature.to_string(), read(case, "header-signature.txt"), "{name}");
        let expected = read(case, "header-signed-request.txt");
        assert!(expected.contains(&format!("Authorization:{}\n", signed.authorization)), "{name}");
        let token = signed.headers.iter().find(|(name, _)| name == "x-amz-security-token");
        assert_eq!(token.map(|(_, value)| value), self.credentials.token.as_ref(), "{name}");
    }

    fn check_query(&self, case: &Path) {
        let (credentials, options) = (self.credentials(), self.options());
        let signed: PresignedUrl =
            presign(&self.request(case), &credentials, &options, self.expiration_in_seconds).unwrap();
        let name = case.display();
        assert_eq!(signed.canonical_request, read(case, "query-canonical-request.txt"), "{name}");
        assert_eq!(signed.string_to_sign, read(case, "query-string-to-sign.txt"), "{name}");
        assert_eq!(signed.signature.to_string(), read(case, "query-signature.txt"), "{name}");
        assert_eq!(signed.url.contains("X-Amz-Security-Token="), self.credentials.token.is_some(), "{name}");
    }

    fn credentials(&self) -> Credentials {
        let ContextCredentials { access_key_id, secret_access_key, token } = &self.credentials;
        Credentials::new(&**access_key_id, &**secret_access_key, token.clone()).unwrap()
    }

    /// The suite's paths and queries are not percent-encoded, and are encoded once.
    fn options(&self) -> SigningOptions {
        SigningOptions::new(&self.region, &self.service, Timestamp::parse(&self.timestamp).unwrap())
            .unwrap()
            .with_path_encoding(PathEncoding::Once)
            .with_normalized_path(self.normalize)
            .with_content_sha256_header(self.sign_body)
            .with_signed_session_token(!self.omit_session_token)
    }

    fn request(&self, case: &Path) -> Request {
        let text = read(case, "request.txt").replace("\r\n", "\n");
        let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end_matches('\n'), ""));
        // A line that starts with a space continues the header above it.
        let head = head.replace("\n ", " ");
        let mut lines = head.lines();
        let (method, target) =
            lines.next().unwrap().strip_suffix(" HTTP/1.1").unwrap().split_once(' ').unwrap();
        let url = format!("https://example.amazonaws.com{target}");
        let mut request = Request::from_url(method, &url).unwrap();
        assert_eq!(request.origin(), &Origin::parse("https://example.amazonaws.com").unwrap());
        for line in lines {
            let (name, value) = line.split_once(':').unwrap();
            request = request.header(name, value).unwrap();
        }
        request.payload(PayloadHash::of(if self.sign_body { body.as_bytes() } else { b"" }))
    }
}

fn read(case: &Path, name: &str) -> String {
    let path = case.join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
