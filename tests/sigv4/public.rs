//! `public.jsonl`: 100 requests, URLs and forms that botocore signed.

use sealift::Timestamp;
use sealift::sigv4::{
    Origin, PayloadHash, PostForm, PostPolicy, Request, presign, sign_headers, sign_policy_json,
    sign_post_policy,
};
use serde::Deserialize;
use serde_json::Value;

use crate::data::{Identity, Pairs, json_lines, vectors};

#[derive(Deserialize)]
struct Case {
    id: String,
    kind: String,
    #[serde(flatten)]
    identity: Identity,
    method: String,
    url: String,
    scheme: Option<String>,
    host: Option<String>,
    addressing: Option<String>,
    bucket: String,
    key: Option<String>,
    #[serde(default)]
    query: Pairs,
    #[serde(default)]
    headers: Pairs,
    payload_hash: Option<String>,
    #[serde(default)]
    headers_added: Pairs,
    expires: Option<u32>,
    signed_headers: Option<String>,
    canonical_request: Option<String>,
    string_to_sign: Option<String>,
    signature: String,
    authorization: Option<String>,
    presigned_url: Option<String>,
    input_fields: Option<Pairs>,
    input_policy: Option<Value>,
    policy_json: Option<String>,
    policy_base64: Option<String>,
    fields_out: Option<Pairs>,
}

#[test]
fn every_line_signs_as_botocore_signed_it() {
    let cases: Vec<Case> = json_lines(&vectors().join("public.jsonl"));
    let mut counts = [0; 3];
    for case in &cases {
        match case.kind.as_str() {
            "header" => {
                counts[0] += 1;
                case.check_header(case.request_of_url());
                case.check_header(case.request_of_parts());
            }
            "query" => {
                counts[1] += 1;
                case.check_query(case.request_of_url());
                case.check_query(case.request_of_parts());
            }
            "post" => {
                counts[2] += 1;
                case.check_post_of_their_json();
                case.check_post_of_our_builder();
            }
            other => panic!("{}: unknown kind {other}", case.id),
        }
    }
    assert_eq!((cases.len(), counts), (100, [52, 37, 11]));
}

impl Case {
    fn request_of_url(&self) -> Request {
        self.with_headers(Request::from_url(&self.method, &self.url).unwrap())
    }

    fn request_of_parts(&self) -> Request {
        let origin = format!("{}://{}", self.scheme.as_ref().unwrap(), self.host.as_ref().unwrap());
        let key = self.key.as_deref();
        let path = match self.addressing.as_deref() {
            Some("virtual") => format!("/{}", key.unwrap_or("")),
            _ => format!("/{}{}{}", self.bucket, if key.is_some() { "/" } else { "" }, key.unwrap_or("")),
        };
        let mut request = Request::new(&self.method, &Origin::parse(&origin).unwrap(), &path).unwrap();
        for (key, value) in &self.query {
            request = request.query(key, value);
        }
        self.with_headers(request)
    }

    fn with_headers(&self, mut request: Request) -> Request {
        for (name, value) in &self.headers {
            request = request.header(name, value).unwrap();
        }
        request.payload(PayloadHash::parse(self.payload_hash.as_ref().unwrap()).unwrap())
    }

    fn check_header(&self, request: Request) {
        let signed = sign_headers(&request, &self.identity.credentials(), &self.identity.options()).unwrap();
        assert_eq!(Some(&signed.canonical_request), self.canonical_request.as_ref(), "{}", self.id);
        assert_eq!(Some(&signed.string_to_sign), self.string_to_sign.as_ref(), "{}", self.id);
        assert_eq!(Some(&signed.signed_headers), self.signed_headers.as_ref(), "{}", self.id);
        assert_eq!(signed.signature.to_string(), self.signature, "{}", self.id);
        assert_eq!(Some(&signed.authorization), self.authorization.as_ref(), "{}", self.id);
        assert_eq!(Some(signed.implied_headers[0].1.as_str()), self.host.as_deref(), "{}", self.id);
        for (name, value) in &self.headers_added {
            assert!(
                signed.headers.contains(&(name.to_ascii_lowercase(), value.clone())),
                "{}: {name}",
                self.id
            );
        }
        for (name, _) in &self.headers {
            let name = name.to_ascii_lowercase();
            let all = signed.headers.iter().chain(&signed.implied_headers);
            assert_eq!(all.filter(|(other, _)| *other == name).count(), 1, "{}: {name}", self.id);
        }
    }

    fn check_query(&self, request: Request) {
        let (credentials, options) = (self.identity.credentials(), self.identity.options());
        let signed = presign(&request, &credentials, &options, self.expires.unwrap()).unwrap();
        assert_eq!(Some(&signed.canonical_request), self.canonical_request.as_ref(), "{}", self.id);
        assert_eq!(Some(&signed.string_to_sign), self.string_to_sign.as_ref(), "{}", self.id);
        assert_eq!(Some(&signed.signed_headers), self.signed_headers.as_ref(), "{}", self.id);
        assert_eq!(signed.signature.to_string(), self.signature, "{}", self.id);
        assert_eq!(parameters(&signed.url), parameters(self.presigned_url.as_ref().unwrap()), "{}", self.id);
    }

    fn check_post_of_their_json(&self) {
        let json = self.policy_json.as_ref().unwrap();
        let form = sign_policy_json(json, &self.identity.credentials(), &self.identity.options());
        assert_eq!(Some(&form.policy_base64), self.policy_base64.as_ref(), "{}", self.id);
        assert_eq!(form.signature.to_string(), self.signature, "{}", self.id);
        let fields = self.fields_out.as_ref().unwrap();
        for field in &form.fields {
            assert!(fields.contains(field), "{}: {}", self.id, field.0);
        }
        assert_eq!(
            form.fields.len() + self.input_fields.as_ref().unwrap().len(),
            fields.len(),
            "{}",
            self.id
        );
    }

    /// The spacing of our JSON is our own, so its meaning is compared, and
    /// its signature with that of the same bytes signed as they are.
    fn check_post_of_our_builder(&self) {
        let (credentials, options) = (self.identity.credentials(), self.identity.options());
        let form = sign_post_policy(&self.policy(), &credentials, &options).unwrap();
        let json = decoded(&form);
        assert_eq!(sign_policy_json(&json, &credentials, &options).signature, form.signature, "{}", self.id);
        let mut ours: Value = serde_json::from_str(&json).unwrap();
        let mut theirs: Value = serde_json::from_str(self.policy_json.as_ref().unwrap()).unwrap();
        for policy in [&mut ours, &mut theirs] {
            policy["expiration"].take();
            for condition in policy["conditions"].as_array_mut().unwrap() {
                if condition[0] == "eq" {
                    let field = condition[1].as_str().unwrap().trim_start_matches('$').to_owned();
                    *condition = Value::Object([(field, condition[2].take())].into_iter().collect());
                }
            }
        }
        assert_eq!(ours, theirs, "{}", self.id);
    }

    fn policy(&self) -> PostPolicy {
        let policy = self.input_policy.as_ref().unwrap();
        let expiration = Timestamp::parse(policy["expiration"].as_str().unwrap()).unwrap();
        let mut built = PostPolicy::new(expiration);
        for condition in policy["conditions"].as_array().unwrap() {
            built = match condition {
                Value::Object(object) => {
                    let (field, value) = object.iter().next().unwrap();
                    built.eq(field, value.as_str().unwrap()).unwrap()
                }
                Value::Array(parts) if parts[0] == "eq" => {
                    built.eq(parts[1].as_str().unwrap(), parts[2].as_str().unwrap()).unwrap()
                }
                Value::Array(parts) if parts[0] == "starts-with" => {
                    built.starts_with(parts[1].as_str().unwrap(), parts[2].as_str().unwrap()).unwrap()
                }
                Value::Array(parts) if parts[0] == "content-length-range" => built
                    .content_length_range(parts[1].as_u64().unwrap(), parts[2].as_u64().unwrap())
                    .unwrap(),
                other => panic!("{}: {other}", self.id),
            };
        }
        built
    }
}

fn decoded(form: &PostForm) -> String {
    use base64::Engine as _;
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(&form.policy_base64).unwrap()).unwrap()
}

/// The parameters of a URL, sorted: their order is the signer's own affair.
fn parameters(url: &str) -> (String, Vec<String>) {
    let (path, query) = url.split_once('?').unwrap();
    let (_, path) = path.split_once("://").unwrap();
    let path = path.split_once('/').unwrap().1;
    let mut query: Vec<String> = query
        .split('&')
        .map(|pair| if pair.contains('=') { pair.to_owned() } else { format!("{pair}=") })
        .collect();
    query.sort();
    (path.to_owned(), query)
}
