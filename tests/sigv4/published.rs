//! The examples of S3's documentation, what boto3 presigns, and signing keys.

use sealift::Timestamp;
use sealift::digest::sha256_hex;
use sealift::sigv4::{
    CredentialScope, Credentials, Origin, PayloadHash, Request, SigningKey, presign, sign_headers,
    sign_policy_json,
};
use serde::Deserialize;

use crate::data::{Identity, Pairs, json, vectors};

#[derive(Deserialize)]
struct DocsCase {
    kind: String,
    #[serde(flatten)]
    identity: Identity,
    method: Option<String>,
    host: Option<String>,
    path_decoded: Option<String>,
    #[serde(default)]
    query: Pairs,
    #[serde(default)]
    headers: Pairs,
    expires: Option<u32>,
    canonical_request: Option<String>,
    canonical_request_sha256: Option<String>,
    string_to_sign: Option<String>,
    signed_headers: Option<String>,
    #[serde(alias = "seed_signature")]
    signature: String,
    authorization: Option<String>,
    presigned_url: Option<String>,
    policy_json_crlf: Option<String>,
    policy_base64: Option<String>,
    signing_key_hex: Option<String>,
}

#[test]
fn the_examples_of_the_s3_documentation() {
    let mut counts = [0; 4];
    for name in [
        "get-object-range",
        "put-object",
        "get-bucket-lifecycle",
        "list-objects",
        "presigned-get",
        "post-policy",
        "chunked-put",
        "chunked-put-trailer",
    ] {
        let case: DocsCase = json(&vectors().join(format!("aws-s3-docs/{name}.json")));
        match case.kind.as_str() {
            "header" => {
                counts[0] += 1;
                case.check_header(name);
            }
            "query" => {
                counts[1] += 1;
                case.check_query(name);
            }
            "post-policy" => {
                counts[2] += 1;
                case.check_post(name);
            }
            // Their seed is an ordinary signature; the payload hash says the rest.
            "chunked" | "chunked-trailer" => {
                counts[3] += 1;
                case.check_header(name);
            }
            other => panic!("{name}: unknown kind {other}"),
        }
    }
    assert_eq!(counts, [4, 1, 1, 2]);
}

impl DocsCase {
    fn request(&self) -> Request {
        let origin = Origin::parse(&format!("https://{}", self.host.as_ref().unwrap())).unwrap();
        let mut request =
            Request::new(self.method.as_ref().unwrap(), &origin, self.path_decoded.as_ref().unwrap())
                .unwrap();
        for (key, value) in &self.query {
            request = request.query(key, value);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value).unwrap();
        }
        request
    }

    fn check_header(&self, name: &str) {
        let signed =
            sign_headers(&self.request(), &self.identity.credentials(), &self.identity.options()).unwrap();
        assert_eq!(Some(&signed.canonical_request), self.canonical_request.as_ref(), "{name}");
        let hash = sha256_hex(signed.canonical_request.as_bytes());
        assert_eq!(Some(&hash), self.canonical_request_sha256.as_ref(), "{name}");
        assert_eq!(Some(&signed.string_to_sign), self.string_to_sign.as_ref(), "{name}");
        assert_eq!(Some(&signed.signed_headers), self.signed_headers.as_ref(), "{name}");
        assert_eq!(signed.signature.to_string(), self.signature, "{name}");
        if let Some(authorization) = &self.authorization {
            // The documentation leaves out the spaces that the protocol allows.
            assert_eq!(signed.authorization.replace(", ", ","), *authorization, "{name}");
        }
    }

    fn check_query(&self, name: &str) {
        let (credentials, options) = (self.identity.credentials(), self.identity.options());
        let signed = presign(&self.request(), &credentials, &options, self.expires.unwrap()).unwrap();
        assert_eq!(Some(&signed.canonical_request), self.canonical_request.as_ref(), "{name}");
        assert_eq!(signed.signature.to_string(), self.signature, "{name}");
        assert_eq!(Some(&signed.url), self.presigned_url.as_ref(), "{name}");
    }

    fn check_post(&self, name: &str) {
        let (credentials, options) = (self.identity.credentials(), self.identity.options());
        let key = SigningKey::derive(&credentials, options.scope());
        assert_eq!(Some(hex::encode(key.expose_bytes())), self.signing_key_hex, "{name}");
        let form = sign_policy_json(self.policy_json_crlf.as_ref().unwrap(), &credentials, &options);
        assert_eq!(Some(&form.policy_base64), self.policy_base64.as_ref(), "{name}");
        assert_eq!(form.signature.to_string(), self.signature, "{name}");
    }
}

#[derive(Deserialize)]
struct Boto3 {
    vectors: Vec<Boto3Case>,
}

#[derive(Deserialize)]
struct Boto3Case {
    op: String,
    #[serde(flatten)]
    identity: Identity,
    client: Option<serde_json::Value>,
    expires: Option<u32>,
    url: String,
    canonical_request: Option<String>,
    policy_json: Option<String>,
    signature: Option<String>,
}

#[test]
fn what_boto3_presigns() {
    let file: Boto3 = json(&vectors().join("extra/boto3-presign-ops.json"));
    let mut counts = [0; 2];
    for mut case in file.vectors {
        let token = case.client.as_ref().and_then(|client| client.get("token")?.as_str());
        case.identity.session_token = token.map(str::to_owned);
        let (credentials, signature) = (case.identity.credentials(), parameter(&case.url, "X-Amz-Signature"));
        if let Some(policy) = &case.policy_json {
            counts[1] += 1;
            let form = sign_policy_json(policy, &credentials, &case.identity.options());
            assert_eq!(Some(form.signature.to_string()), case.signature);
            continue;
        }
        counts[0] += 1;
        let credential = parameter(&case.url, "X-Amz-Credential").unwrap();
        case.identity.region = credential.split("%2F").nth(2).unwrap().to_owned();
        let canonical = case.canonical_request.unwrap();
        let mut lines = canonical.split('\n').skip(3);
        let method = canonical.split('\n').next().unwrap();
        // The signer's own parameters stand in the URL already: they are replaced.
        let mut request = Request::from_url(method, &case.url).unwrap();
        for line in lines.by_ref().take_while(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').unwrap();
            request = request.header(name, value).unwrap();
        }
        let signed =
            presign(&request, &credentials, &case.identity.options(), case.expires.unwrap()).unwrap();
        assert_eq!(signed.canonical_request, canonical, "{}", case.op);
        assert_eq!(Some(signed.signature.to_string()), signature, "{}: {}", case.op, case.url);
    }
    assert_eq!(counts, [40, 1]);
}

fn parameter(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    query.split('&').find_map(|pair| Some(pair.strip_prefix(name)?.strip_prefix('=')?.to_owned()))
}

#[derive(Deserialize)]
struct KeyCase {
    secret_access_key: String,
    date: String,
    region: String,
    service: String,
    signing_key_hex: String,
}

#[test]
fn signing_keys() {
    let cases: Vec<KeyCase> = json(&vectors().join("extra/signing-keys.json"));
    for case in &cases {
        let date = Timestamp::parse(&format!("{}T120000Z", case.date)).unwrap();
        let scope = CredentialScope::new(date, &case.region, &case.service).unwrap();
        let credentials = Credentials::new("key", &*case.secret_access_key, None).unwrap();
        let key = SigningKey::derive(&credentials, &scope);
        assert_eq!(hex::encode(key.expose_bytes()), case.signing_key_hex);
    }
    assert_eq!(cases.len(), 6);
}

#[test]
fn the_words_of_payload_hashes_are_parsed_back() {
    let hash = PayloadHash::of(b"Welcome to Amazon S3.");
    assert_eq!(hash.as_str(), "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072");
    assert_eq!(PayloadHash::parse(&hash.as_str()), Ok(hash));
}
