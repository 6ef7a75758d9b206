//! How the model endpoint looks at what arrived, and removes what is not wanted.

use super::super::s3::Object;
use super::{Endpoint, Issued, Moment};
use sealift::Result;
use sealift::upload::{DeleteKey, FinishRequest, Integrity, Plan, StoredObject, item_error};

impl Endpoint {
    pub fn finish(&self, item: &FinishRequest, at: &mut Moment) -> Result<StoredObject> {
        self.fault(at.random)?;
        let (_, grant) = self.known(&item.token, at.now)?;
        let missing = || item_error("not_uploaded", "not there".into(), Some(404), true);
        let object = at.s3.objects.get(&grant.key).ok_or_else(missing)?;
        let same_etag = item.etag.as_ref().is_none_or(|etag| *etag == object.etag);
        // What the grant says of the content, the endpoint compares itself.
        let same_digest = match (grant.digest.sha256, object.digest.sha256) {
            (Some(granted), Some(kept)) => granted == kept,
            _ => true,
        };
        let same_crc = match (grant.digest.crc64nvme, object.digest.crc64nvme) {
            (Some(granted), Some(kept)) => granted == kept,
            _ => true,
        };
        if object.size != grant.size || !same_etag || !same_digest || !same_crc {
            return Err(item_error("object_differs", "another object".into(), Some(409), false));
        }
        if self.rules.wants_integrity && !is_shown(grant, object) {
            return Err(item_error("integrity_unverified", "nothing shows it".into(), Some(409), false));
        }
        Ok(StoredObject {
            bucket: "b".into(),
            key: grant.key.clone(),
            size: object.size,
            content_type: String::new(),
            etag: object.etag.clone(),
            version_id: None,
            sha256: object.digest.sha256.map(hex::encode),
            crc64nvme: object.digest.crc64nvme,
            composite_sha256: object.composite_sha256.clone(),
            url: "https://s3.test/read".into(),
            url_lifetime_ms: 60_000,
            receipt: format!("receipt for {}", grant.key),
        })
    }

    /// With a token of an upload in parts: every upload of its key, whoever
    /// began it, and then the object.
    pub fn delete(&self, by: &DeleteKey, at: &mut Moment) -> Result<()> {
        self.fault(at.random)?;
        match by {
            DeleteKey::Token { token, .. } => {
                let key = &self.known(token, at.now)?.1.key;
                at.s3.abort_all(key);
                at.s3.objects.remove(key);
            }
            DeleteKey::Receipt(receipt) => {
                at.s3.objects.remove(receipt.strip_prefix("receipt for ").expect("a receipt"));
            }
        }
        Ok(())
    }
}

/// Whether a digest that S3 keeps, or a payload hash that it compared, shows
/// which bytes arrived. (Of a form no such hash is signed.)
fn is_shown(grant: &Issued, object: &Object) -> bool {
    let kept = object.digest.sha256.is_some() || object.digest.crc64nvme.is_some();
    match grant.integrity {
        Integrity::None => true,
        _ if kept || object.composite_sha256.is_some() => true,
        Integrity::Crc64Nvme => false,
        _ => grant.plan != Plan::Post,
    }
}
