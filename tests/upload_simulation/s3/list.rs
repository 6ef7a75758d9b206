//! ListParts, page by page, and now and then not as it is.

use super::super::random::Random;
use super::{Answer, Part, S3, refusal, success, xml};

/// What a listing gets wrong, in percent of the parts.
#[derive(Clone, Copy, Default)]
pub struct Lie {
    /// Parts that are there and not listed.
    pub misses: u64,
    /// Parts that are listed as they were before they were sent again.
    pub stale: u64,
}

impl S3 {
    pub fn list(&self, key: &str, upload_id: &str, after: u16, lie: Lie, random: &mut Random) -> Answer {
        let Some(upload) = self.uploads.get(upload_id).filter(|it| it.key == key) else {
            return refusal(404, "NoSuchUpload");
        };
        let mut page: Vec<(u16, &Part)> = Vec::new();
        let mut hidden = Vec::new();
        let (mut truncated, mut looked_at) = (false, after);
        for (number, part) in upload.parts.range(after.saturating_add(1)..) {
            if page.len() == self.traits.page {
                truncated = true;
                break;
            }
            looked_at = *number;
            if lie.misses > 0 && random.chance(lie.misses) {
                hidden.push(*number);
                continue;
            }
            let former = upload.former.get(number).filter(|_| lie.stale > 0 && random.chance(lie.stale));
            hidden.extend(former.map(|_| *number));
            page.push((*number, former.unwrap_or(part)));
        }
        Answer {
            hidden,
            body: xml::listed(key, upload_id, (after, looked_at), truncated, &page),
            ..success()
        }
    }
}
