//! What the server's endpoint grants and signs.

use super::bench::{HOUR, refusal};
use super::server::Server;
use sealift::Result;
use sealift::upload::{
    Algorithms, Grant, GrantRequest, Integrity, Intent, Plan, Renewal, RequestContent, SignRequest, Signed,
    SignedRequest, Transport,
};

impl Server {
    pub fn grant(&mut self, request: &GrantRequest) -> Result<Grant> {
        let size = request.file.size;
        let chunks = request.integrity == Integrity::Chunks;
        if chunks && self.chunk_size.is_none() {
            return Err(refusal("integrity_refused", 422, false));
        }
        let needed = match request.transport {
            Transport::Multipart => Algorithms::default(),
            _ if chunks => Algorithms::default(),
            _ => request.integrity.algorithms(),
        };
        let given = (request.digest.sha256.is_some(), request.digest.crc64nvme.is_some());
        assert_eq!(given, (needed.sha256, needed.crc64nvme), "digests of all bytes, {:?}", request.integrity);
        let plan = match request.transport {
            Transport::Multipart => {
                Plan::Multipart { part_size: self.part_size, parts: size.div_ceil(self.part_size) as u16 }
            }
            Transport::Post => Plan::Post,
            _ => Plan::Put,
        };
        self.it.plan = Plan::Put;
        let mut grant = Grant { plan, ..self.it.grant() };
        grant.chunk_size = self.chunk_size.filter(|_| chunks);
        grant.requests = match plan {
            Plan::Multipart { .. } => vec![self.request(Intent::Create)],
            Plan::Put if chunks => Vec::new(),
            Plan::Put => vec![self.request(Intent::Put { chunks: None })],
            Plan::Post => vec![self.request(Intent::Post)],
        };
        Ok(grant)
    }

    pub fn sign(&mut self, item: SignRequest) -> Result<Signed> {
        for intent in &item.intents {
            if let Intent::Put { chunks: Some(start) } | Intent::Part { chunks: Some(start), .. } = intent {
                assert!(self.hashed.contains(&(item.upload, *start)), "the chunks are known");
            }
        }
        let mut intents = item.intents;
        let renews = intents.first() == Some(&Intent::Renew);
        if self.expired && !renews {
            return Err(refusal("grant_expired", 410, false));
        }
        self.expired = false;
        if renews {
            intents.remove(0);
        }
        let grant = renews.then(|| Renewal { token: "token 1".into(), lifetime_ms: HOUR });
        Ok(Signed { requests: intents.into_iter().map(|intent| self.request(intent)).collect(), grant })
    }

    fn request(&mut self, intent: Intent) -> SignedRequest {
        let control = |method| RequestContent::Control { method, headers: Vec::new(), body: String::new() };
        let url = format!("https://s3/{}", self.intents.len());
        let mut composite_sha256 = None;
        let content = match &intent {
            Intent::Post => RequestContent::Post { fields: Vec::new() },
            Intent::Put { .. } | Intent::Part { .. } => RequestContent::Put { headers: Vec::new() },
            Intent::Create => control("POST"),
            Intent::Complete { parts, .. } => {
                composite_sha256 = parts[0].digest.sha256.map(|_| format!("sum-{}", parts.len()));
                control("POST")
            }
            Intent::List { .. } => control("GET"),
            Intent::Renew => panic!("not a request"),
        };
        self.intents.push(intent.clone());
        self.signed.insert(url.clone(), intent);
        SignedRequest { url, content, lifetime_ms: self.it.lifetime_ms, composite_sha256, chunks: None }
    }
}
