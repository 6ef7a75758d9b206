//! Reachability, clock, credentials, region, addressing, the bucket itself.

use sealift::s3::{self, AddressingStyle, Endpoint, Response};
use sealift::sigv4::Request;
use sealift::sigv4::explain::{Cause, SentRequest};

use super::Doctor;

/// Within this nothing is refused; above the other everything is.
const CLOCK_WARNING: i64 = 30;
const CLOCK_REFUSED: i64 = 15 * 60;

impl Doctor {
    /// Whether S3 answers at all, at both of its addresses; and its clock.
    pub(super) async fn reach(&mut self) -> bool {
        let own = self.endpoint.origin().to_string();
        let public = self.public_endpoint.origin().to_string();
        let answer = match self.wire.send_plain("GET", &format!("{own}/"), &[], Vec::new()).await {
            Ok(answer) => answer,
            Err(why) => {
                self.report.problem(
                    "reach",
                    format!("S3 cannot be reached at {own} (`s3.endpoint`): {why}. Check address, port, scheme and firewall."),
                );
                return false;
            }
        };
        self.server = answer.header("server").unwrap_or_default().to_owned();
        self.report.well("reach", format!("{own} answers."));
        if public != own {
            match self.wire.send_plain("GET", &format!("{public}/"), &[], Vec::new()).await {
                Ok(_) => self.report.well("public-reach", format!("{public}, which browsers call, answers.")),
                Err(why) => self.report.problem(
                    "public-reach",
                    format!("Browsers are sent to {public} (`s3.public_endpoint`), which cannot be reached from here: {why}."),
                ),
            }
        }
        self.compare_clocks(&answer);
        true
    }

    fn compare_clocks(&mut self, answer: &Response) {
        let Some(date) = answer.header("date") else {
            self.report.warning("clock", "S3 does not say its time, so the clocks cannot be compared.");
            return;
        };
        self.wire.clock.learn(date);
        let skew = self.wire.clock.skew_seconds();
        let side = if skew > 0 { "behind" } else { "ahead of" };
        let off = skew.abs();
        if off >= CLOCK_REFUSED {
            self.report.problem(
                "clock",
                format!(
                    "This machine's clock is {off} seconds {side} S3's, which refuses more than 900. The server corrects \
                     its signatures by S3's time, but tokens of your app and certificates go by this clock: set it (NTP)."
                ),
            );
        } else if off >= CLOCK_WARNING {
            self.report
                .warning("clock", format!("This machine's clock is {off} seconds {side} S3's: run NTP."));
        } else {
            self.report.well("clock", "The clocks of this machine and of S3 agree.");
        }
    }

    /// Whether signed requests reach the bucket.
    pub(super) async fn access(&mut self) -> bool {
        let Some(request) = location(&self.endpoint, &self.bucket, &mut self.report) else { return false };
        let answer = match self.wire.send(&request, []).await {
            Ok(answer) => answer,
            Err(why) => {
                if !self.other_style_works().await {
                    self.report.problem("reach", format!("The bucket's address cannot be reached: {why}."));
                }
                return false;
            }
        };
        if self.is_of_bucket(&answer) {
            return self.compare_regions(&answer);
        }
        let signature_refused = self.judge_signature(&request, &answer);
        if signature_refused {
            return false;
        }
        let code = s3::error::parse(&answer).code().to_owned();
        match code.as_str() {
            "AccessDenied" | "MethodNotAllowed" | "NotImplemented" if !self.other_style_works().await => {
                self.report.well("credentials", "S3 accepts the keys.");
                self.report.note(
                    "region",
                    "The keys may not ask for the bucket's region (s3:GetBucketLocation), so it was not compared; signatures \
                     for it are accepted.",
                );
                true
            }
            "AccessDenied" | "MethodNotAllowed" | "NotImplemented" => false,
            _ => {
                if !self.other_style_works().await {
                    let bucket = &self.bucket;
                    self.report.problem(
                        "bucket",
                        format!(
                            "There is no bucket {bucket} here (S3 answered {code}): create it, or correct `s3.bucket`."
                        ),
                    );
                }
                false
            }
        }
    }

    /// A server that takes the bucket for something else answers a list of buckets.
    fn is_of_bucket(&self, answer: &Response) -> bool {
        let text = String::from_utf8_lossy(&answer.body);
        (200..300).contains(&answer.status) && text.contains("LocationConstraint")
    }

    fn compare_regions(&mut self, answer: &Response) -> bool {
        self.report.well("credentials", "S3 accepts the keys.");
        self.report.well("bucket", format!("The bucket {} is there.", self.bucket));
        self.report
            .well("addressing", format!("Its address is right ({}).", style_name(self.endpoint.style())));
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let theirs = s3::xml::parse(&text).map(|root| root.text().trim().to_owned()).unwrap_or_default();
        let theirs = match theirs.as_str() {
            "" => "us-east-1",
            "EU" => "eu-west-1",
            other => other,
        };
        let ours = self.wire.region.clone();
        // `auto` is R2's, and servers of one region say none.
        if theirs == ours || (theirs == "us-east-1" && !text.contains("us-east-1")) {
            self.report.well("region", format!("The region {ours} is accepted."));
        } else if ours == "auto" {
            self.report.note("region", format!("The region is auto, and the bucket's is {theirs}."));
        } else {
            // AWS would have refused it; RadosGW takes any and calls its own zone group something.
            self.report.warning(
                "region",
                format!(
                    "S3 takes {ours}, but calls the region of the bucket {theirs}: better set \
                     `s3.region = \"{theirs}\"`."
                ),
            );
        }
        true
    }

    /// Whether the answer is about the signature; then it is told.
    fn judge_signature(&mut self, request: &Request, answer: &Response) -> bool {
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        if let Some(region) =
            answer.header("x-amz-bucket-region").filter(|region| *region != self.wire.region)
            && matches!(answer.status, 301 | 307 | 400)
        {
            self.report.problem(
                "region",
                format!("The bucket is in {region}: set `s3.region = \"{region}\"`, and the endpoint of that region."),
            );
            return true;
        }
        if s3::parse_refused_signature(&text).is_none() {
            return false;
        }
        let sent = self.wire.sign(request).map(|signed| SentRequest {
            method: Some(signed.method),
            url: Some(signed.url),
            headers: signed.headers,
            ..SentRequest::default()
        });
        let credentials = &self.wire.credentials;
        let explanation = s3::explain_signature_mismatch(&text, &sent.unwrap_or_default(), Some(credentials));
        let id = match explanation.cause {
            Cause::NotTheSignature | Cause::NoDocument => return false,
            Cause::ScopeRegion => "region",
            Cause::Clock | Cause::Date => "clock",
            Cause::Host | Cause::Port | Cause::Path => "addressing",
            _ => "credentials",
        };
        let region = explanation.differences.first().and_then(|difference| difference.theirs.clone());
        let how = match (id, region) {
            ("region", Some(region)) => format!(" Set `s3.region = \"{region}\"`."),
            ("credentials", _) => {
                " (`s3.access_key_id` and the secret beside it; the key itself is not shown here.)".to_owned()
            }
            _ => String::new(),
        };
        self.report.problem(id, format!("{}{how}", explanation.summary));
        true
    }

    /// Whether the bucket answers under the other style of addresses; then
    /// that is the problem, and told.
    async fn other_style_works(&mut self) -> bool {
        let (other, name) = match self.endpoint.style() {
            AddressingStyle::Path => (AddressingStyle::VirtualHosted, "virtual-hosted"),
            AddressingStyle::VirtualHosted => (AddressingStyle::Path, "path"),
        };
        let Ok(endpoint) = Endpoint::parse(&self.endpoint.origin().to_string(), other) else { return false };
        let Ok(request) = request(&endpoint, &self.bucket) else { return false };
        let works = match self.wire.send(&request, []).await {
            Ok(answer) => self.is_of_bucket(&answer),
            Err(_) => false,
        };
        if works {
            self.report.problem(
                "addressing",
                format!(
                    "The bucket does not answer at the address that `s3.addressing` makes ({}), but it does the other \
                     way: set `s3.addressing = \"{name}\"`.",
                    style_name(self.endpoint.style()),
                ),
            );
        }
        works
    }
}

const fn style_name(style: AddressingStyle) -> &'static str {
    match style {
        AddressingStyle::Path => "the bucket in the path",
        AddressingStyle::VirtualHosted => "the bucket in the host's name",
    }
}

/// GetBucketLocation: every server knows it, and it changes nothing.
fn request(endpoint: &Endpoint, bucket: &s3::Bucket) -> sealift::Result<Request> {
    Ok(endpoint.bucket_request("GET", bucket)?.query("location", ""))
}

fn location(endpoint: &Endpoint, bucket: &s3::Bucket, report: &mut super::Report) -> Option<Request> {
    match request(endpoint, bucket) {
        Ok(request) => Some(request),
        Err(error) => {
            report.problem("addressing", format!("`s3.addressing`: {}.", error.message()));
            None
        }
    }
}
