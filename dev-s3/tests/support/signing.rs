//! Signature Version 4 for the tests' requests: by header, in the query, of
//! chunks and of POST policies.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use s3s::crypto::{Checksum as _, Crc32, Sha256};
use s3s::dto::{Timestamp, TimestampFormat};
use s3s_sigv4::{AmzDate, Payload};

use super::{ACCESS_KEY, BUCKET, Request, SECRET_KEY, Server};

/// Who signs, when and for where.
#[derive(Clone)]
pub struct Signer {
    pub access_key: String,
    pub secret_key: String,
    pub region: String,
    pub service: String,
    /// `YYYYMMDDTHHMMSSZ`
    pub date: String,
}

impl Signer {
    pub fn new() -> Self {
        Self {
            access_key: ACCESS_KEY.into(),
            secret_key: SECRET_KEY.into(),
            region: "us-east-1".into(),
            service: "s3".into(),
            date: amz_date(0),
        }
    }

    /// As if the clock were off by this many seconds.
    pub fn at(mut self, offset: i64) -> Self {
        self.date = amz_date(offset);
        self
    }

    pub fn scope(&self) -> String {
        format!("{}/{}/{}/aws4_request", &self.date[..8], self.region, self.service)
    }

    /// Signs by header: every header that the request has, and the body's hash.
    pub fn sign(&self, server: &Server, mut request: Request) -> Request {
        if !request.headers.iter().any(|(n, _)| n == "x-amz-content-sha256") {
            let hash = hex::encode(Sha256::checksum(&request.body));
            request = request.header("x-amz-content-sha256", hash);
        }
        self.seed(server, request).0
    }

    /// Signs by header and answers the signature too, which chunks start from.
    pub fn seed(&self, server: &Server, mut request: Request) -> (Request, String) {
        if !request.headers.iter().any(|(n, _)| n == "host") {
            request.headers.push(("host".into(), server.host()));
        }
        request.headers.push(("x-amz-date".into(), self.date.clone()));
        let mut headers: Vec<(&str, &str)> =
            request.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        headers.sort();
        let content_sha256 = headers.iter().find(|(n, _)| *n == "x-amz-content-sha256").unwrap().1;
        let payload = match content_sha256 {
            "UNSIGNED-PAYLOAD" => Payload::Unsigned,
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => Payload::MultipleChunks,
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => Payload::MultipleChunksWithTrailer,
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Payload::UnsignedMultipleChunksWithTrailer,
            hash => Payload::SingleChunk(hash),
        };
        let (path, query) = parse_target(&request.target);
        let canonical =
            s3s_sigv4::create_canonical_request(&request.method, &path, &query, &headers, payload);
        let signature = self.signature_of_request(&canonical);
        let mut names: Vec<_> = headers.iter().map(|(n, _)| *n).collect();
        names.dedup();
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={signature}",
            self.access_key,
            self.scope(),
            names.join(";")
        );
        (request.header("authorization", authorization), signature)
    }

    /// The request as a presigned URL, its headers signed.
    pub fn presign(&self, server: &Server, mut request: Request, expires: u64) -> Request {
        request.headers.push(("host".into(), server.host()));
        let mut headers: Vec<(&str, &str)> =
            request.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        headers.sort();
        let names: Vec<_> = headers.iter().map(|(n, _)| *n).collect();
        let credential = format!("{}/{}", self.access_key, self.scope());
        let separator = if request.target.contains('?') { '&' } else { '?' };
        let target = format!(
            "{}{separator}X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Date={}&X-Amz-Expires={expires}\
             &X-Amz-SignedHeaders={}",
            request.target,
            encode(&credential),
            self.date,
            encode(&names.join(";"))
        );
        let (path, query) = parse_target(&target);
        let canonical =
            s3s_sigv4::create_presigned_canonical_request(&request.method, &path, &query, &headers);
        let signature = self.signature_of_request(&canonical);
        request.target = format!("{target}&X-Amz-Signature={signature}");
        request
    }

    /// An `aws-chunked` body and its request, in one of the three modes.
    pub fn chunked(
        &self,
        server: &Server,
        request: Request,
        mode: &str,
        chunks: &[&[u8]],
        trailer: Option<&str>,
    ) -> Request {
        let length: usize = chunks.iter().map(|c| c.len()).sum();
        let mut request = request
            .header("x-amz-content-sha256", mode)
            .header("content-encoding", "aws-chunked")
            .header("x-amz-decoded-content-length", length.to_string());
        if trailer.is_some() {
            request = request.header("x-amz-trailer", "x-amz-checksum-crc32");
        }
        let (request, mut previous) = self.seed(server, request);
        let date = AmzDate::parse(&self.date).unwrap();
        let signed = !mode.contains("UNSIGNED");
        let mut body = Vec::new();
        for chunk in chunks.iter().chain([&&b""[..]]) {
            let extension = if signed {
                let to_sign = s3s_sigv4::create_chunk_string_to_sign(
                    &date,
                    &self.region,
                    &self.service,
                    &previous,
                    &[chunk],
                );
                previous = self.signature(&to_sign);
                format!(";chunk-signature={previous}")
            } else {
                String::new()
            };
            body.extend(format!("{:x}{extension}\r\n", chunk.len()).into_bytes());
            if !chunk.is_empty() {
                body.extend_from_slice(chunk);
                body.extend(b"\r\n");
            }
        }
        if let Some(value) = trailer {
            body.extend(format!("x-amz-checksum-crc32:{value}\r\n").into_bytes());
            if signed {
                let canonical = format!("x-amz-checksum-crc32:{value}\n");
                let to_sign = s3s_sigv4::create_trailer_string_to_sign(
                    &date,
                    &self.region,
                    &self.service,
                    &previous,
                    canonical.as_bytes(),
                );
                body.extend(format!("x-amz-trailer-signature:{}\r\n", self.signature(&to_sign)).into_bytes());
            }
        }
        body.extend(b"\r\n");
        request.body(body)
    }

    /// The fields of a signed form: those given, and the policy over conditions
    /// for each of them and `extra`.
    pub fn form(&self, fields: &[(&str, &str)], extra: &[&str], expires_in: i64) -> Vec<(String, String)> {
        let credential = format!("{}/{}", self.access_key, self.scope());
        let mut form: Vec<(String, String)> = vec![
            ("x-amz-algorithm".into(), "AWS4-HMAC-SHA256".into()),
            ("x-amz-credential".into(), credential),
            ("x-amz-date".into(), self.date.clone()),
        ];
        form.extend(fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        let mut conditions: Vec<String> =
            form.iter().map(|(n, v)| serde_json::json!({ n.as_str(): v }).to_string()).collect();
        conditions.push(format!("{{\"bucket\":\"{BUCKET}\"}}"));
        conditions.extend(extra.iter().map(|c| (*c).to_owned()));
        let policy = format!(
            "{{\"expiration\":\"{}\",\"conditions\":[{}]}}",
            iso_date(expires_in),
            conditions.join(",")
        );
        let policy = BASE64.encode(policy);
        form.push(("x-amz-signature".into(), self.signature(&policy)));
        form.push(("policy".into(), policy));
        form
    }

    fn signature_of_request(&self, canonical: &str) -> String {
        let date = AmzDate::parse(&self.date).unwrap();
        self.signature(&s3s_sigv4::create_string_to_sign(canonical, &date, &self.region, &self.service))
    }

    fn signature(&self, to_sign: &str) -> String {
        let date = AmzDate::parse(&self.date).unwrap();
        s3s_sigv4::calculate_signature(to_sign, &self.secret_key, &date, &self.region, &self.service)
    }
}

/// A form's request: the fields, then the file.
pub fn form_request(fields: &[(String, String)], file_name: &str, file: &[u8]) -> Request {
    let boundary = "----sealift-test-boundary";
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .into_bytes(),
        );
    }
    body.extend(
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes(),
    );
    body.extend_from_slice(file);
    body.extend(format!("\r\n--{boundary}--\r\n").into_bytes());
    Request::new("POST", format!("/{BUCKET}"))
        .header("content-type", format!("multipart/form-data; boundary={boundary}"))
        .body(body)
}

pub fn crc32(data: &[u8]) -> String {
    BASE64.encode(Crc32::checksum(data))
}

pub fn sha256(data: &[u8]) -> String {
    BASE64.encode(Sha256::checksum(data))
}

/// Percent-encodes a key for a path.
pub fn encode_key(key: &str) -> String {
    key.split('/').map(encode).collect::<Vec<_>>().join("/")
}

pub fn encode(text: &str) -> String {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    text.bytes()
        .map(|b| if unreserved(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

fn parse_target(target: &str) -> (String, Vec<(String, String)>) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    (decode(path), pairs.map(|(n, v)| (decode(n), decode(v))).collect())
}

fn decode(text: &str) -> String {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        bytes.extend(hex::decode(&piece[..2]).unwrap());
        bytes.extend_from_slice(&piece.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}

fn amz_date(offset: i64) -> String {
    iso_date(offset).replace(['-', ':'], "").replace(".000", "")
}

fn iso_date(offset: i64) -> String {
    let shift = Duration::from_secs(offset.unsigned_abs());
    let now = SystemTime::now();
    let time: Timestamp = if offset < 0 { now - shift } else { now + shift }.into();
    let mut text = Vec::new();
    time.format(TimestampFormat::DateTime, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    format!("{}.000Z", text.split_once('.').unwrap().0)
}
