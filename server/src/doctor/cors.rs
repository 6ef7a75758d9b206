//! What pages of the app's origins may do and see: asked as their browsers do.

use sealift::s3::{self, BucketCors, ObjectKey, Response};
use sealift::sigv4::{PayloadHash, Request};

use super::Doctor;
use super::policy::{EXPOSED, RULE_ID, cors_rule};
use super::report::Status;

/// The headers that a PUT of the uploader has.
const ASKED: &str = "authorization,content-disposition,content-type,if-none-match,x-amz-checksum-sha256,\
                     x-amz-content-sha256,x-amz-date";

impl Doctor {
    pub(super) async fn cors(&mut self, key: &ObjectKey, apply: bool) {
        if self.origins.is_empty() {
            return self.report.note(
                "cors",
                "No origins of pages are configured (`server.origins`), so CORS was not tried.",
            );
        }
        let lacking = self.lacking_cors(key).await;
        if lacking.is_empty() {
            return self.cors_is_well();
        }
        if apply && self.apply_cors().await {
            let still = self.lacking_cors(key).await;
            if still.iter().all(|(status, _)| *status != Status::Problem) {
                return self.cors_is_well();
            }
            return self.report_cors(still);
        }
        self.report_cors(lacking);
    }

    fn cors_is_well(&mut self) {
        let origins = self.origins.join(", ");
        self.report
            .well("cors", format!("Pages of {origins} may upload, and see what they need of the answers."));
    }

    fn report_cors(&mut self, lacking: Vec<(Status, String)>) {
        let is_minio = self.is_minio();
        let origins = self.origins.join(",");
        for (status, sentence) in lacking {
            let how = if is_minio {
                format!(
                    " MinIO has one CORS setting for the whole server: start it with MINIO_API_CORS_ALLOW_ORIGIN={origins}."
                )
            } else {
                " The rules that the bucket needs stand below; --apply sets them.".to_owned()
            };
            self.report.add("cors", status, format!("{sentence}{how}"));
        }
    }

    async fn lacking_cors(&mut self, key: &ObjectKey) -> Vec<(Status, String)> {
        let mut lacking = Vec::new();
        for origin in self.origins.clone() {
            if let Some(sentence) = self.lacking_preflight(&origin, key).await {
                lacking.push((Status::Problem, sentence));
                continue;
            }
            lacking.extend(self.lacking_headers(&origin, key).await);
        }
        lacking
    }

    /// A real preflight, to the address that browsers call.
    async fn lacking_preflight(&mut self, origin: &str, key: &ObjectKey) -> Option<String> {
        let url = self.public_endpoint.object_request("OPTIONS", &self.bucket, key).ok()?.url();
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "PUT"),
            ("access-control-request-headers", ASKED),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let answer = match self.wire.send_plain("OPTIONS", &url, &headers, Vec::new()).await {
            Ok(answer) => answer,
            Err(why) => return Some(format!("A preflight from {origin} was not answered: {why}.")),
        };
        if !(200..300).contains(&answer.status) || !allows_origin(&answer, origin) {
            return Some(format!(
                "Pages of {origin} may not send anything to the bucket (preflight: {}).",
                answer.status
            ));
        }
        let list = |name| listed(&answer, name);
        let methods = list("access-control-allow-methods");
        if !methods.iter().any(|method| method == "put" || method == "*") {
            return Some(format!("Pages of {origin} may not PUT."));
        }
        let allowed = list("access-control-allow-headers");
        // `*` does not stand for authorization.
        let lacks = |name: &&str| {
            !allowed.iter().any(|other| other == *name || (other == "*" && *name != "authorization"))
        };
        let lacks: Vec<&str> = ASKED.split(',').filter(lacks).collect();
        (!lacks.is_empty())
            .then(|| format!("Pages of {origin} may not send the headers {}.", lacks.join(", ")))
    }

    /// What pages may read, from the answer to a request that is really signed.
    async fn lacking_headers(&mut self, origin: &str, key: &ObjectKey) -> Vec<(Status, String)> {
        let Ok(request) = self.public_endpoint.object_request("GET", &self.bucket, key) else {
            return Vec::new();
        };
        let mut lacking = Vec::new();
        match self.ask_from(origin, request.clone()).await {
            Err(why) => {
                lacking.push((Status::Problem, format!("A request from {origin} was not answered: {why}.")))
            }
            Ok(answer) if !allows_origin(&answer, origin) => {
                lacking.push((
                    Status::Problem,
                    format!("The answers of S3 do not allow pages of {origin} to read them."),
                ));
            }
            Ok(answer) => {
                let exposed = listed(&answer, "access-control-expose-headers");
                let is_hidden = |name: &&&str| {
                    !exposed.iter().any(|other| other == "*" || other.eq_ignore_ascii_case(name))
                };
                let hidden: Vec<&str> = EXPOSED.iter().filter(is_hidden).copied().collect();
                if hidden.contains(&"ETag") {
                    lacking.push((
                        Status::Problem,
                        format!("Pages of {origin} cannot see the ETag, and no upload ends without it: expose {}.", hidden.join(", ")),
                    ));
                } else if !hidden.is_empty() {
                    lacking.push((
                        Status::Warning,
                        format!("Pages of {origin} cannot see {}: uploads work, but retries, checksums and errors say less.", hidden.join(", ")),
                    ));
                }
            }
        }
        // Refused as an expired signature is.
        let refused =
            Request::from_url("GET", &request.url()).map(|request| request.payload(PayloadHash::Empty));
        if let Ok(refused) = refused
            && let Ok(signed) = self.wire.sign(&refused)
        {
            let mut headers: Vec<_> =
                signed.headers.into_iter().filter(|(name, _)| name != "authorization").collect();
            headers.push(("origin".to_owned(), origin.to_owned()));
            let wrong = signed.authorization.replace("Signature=", "Signature=0");
            headers.push(("authorization".to_owned(), wrong));
            if let Ok(answer) = self.wire.send_plain("GET", &signed.url, &headers, Vec::new()).await
                && !allows_origin(&answer, origin)
            {
                lacking.push((
                    Status::Warning,
                    format!(
                        "Refusals have no CORS headers for {origin}: pages take them for a broken network."
                    ),
                ));
            }
        }
        lacking
    }

    async fn ask_from(&mut self, origin: &str, request: Request) -> Result<Response, String> {
        let signed = self.wire.sign(&request.payload(PayloadHash::Empty))?;
        let mut headers = signed.headers;
        headers.push(("origin".to_owned(), origin.to_owned()));
        self.wire.send_plain("GET", &signed.url, &headers, Vec::new()).await
    }

    /// Adds the rule, in front of all others: the first that fits decides.
    async fn apply_cors(&mut self) -> bool {
        let (endpoint, bucket) = (self.endpoint.clone(), self.bucket.clone());
        let Ok(request) = BucketCors::get(&endpoint, &bucket) else { return false };
        let mut cors = match self.wire.send(&request, []).await {
            Ok(answer) => match BucketCors::parse(&answer) {
                Ok(cors) => cors,
                // What cannot be read must not be overwritten.
                Err(_) => {
                    let code = s3::error::parse(&answer).code().to_owned();
                    return self.not_applied(&code);
                }
            },
            Err(why) => return self.not_applied(&why),
        };
        cors.rules.retain(|rule| rule.id.as_deref() != Some(RULE_ID));
        cors.rules.insert(0, cors_rule(&self.origins));
        let Ok((request, body)) = cors.put(&endpoint, &bucket) else { return false };
        match self.put_document(request, body).await {
            Ok(()) => {
                self.report.applied.push(format!("A CORS rule was added for {}.", self.origins.join(", ")));
                true
            }
            Err(code) => self.not_applied(&code),
        }
    }

    fn not_applied(&mut self, code: &str) -> bool {
        let why = if self.is_minio() { "MinIO has none of buckets" } else { "the server refused" };
        self.report.note("cors", format!("CORS rules could not be set ({why}: {code})."));
        false
    }
}

fn allows_origin(answer: &Response, origin: &str) -> bool {
    answer.header("access-control-allow-origin").is_some_and(|allowed| allowed == "*" || allowed == origin)
}

/// The items of all headers of a name, in lower case.
fn listed(answer: &Response, name: &str) -> Vec<String> {
    let values = answer.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
    values.flat_map(|(_, value)| value.split(',')).map(|item| item.trim().to_ascii_lowercase()).collect()
}
