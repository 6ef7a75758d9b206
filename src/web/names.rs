//! What the engine's choices are called outside.

use crate::upload::{Integrity, Priority, Transport};

pub fn of_integrity(integrity: Integrity) -> &'static str {
    match integrity {
        Integrity::Sha256 => "sha256",
        Integrity::Crc64Nvme => "crc64nvme",
        Integrity::Both => "both",
        Integrity::None => "none",
        Integrity::Chunks => "chunks",
    }
}

pub fn integrity(name: &str) -> Integrity {
    match name {
        "crc64nvme" => Integrity::Crc64Nvme,
        "both" => Integrity::Both,
        "none" => Integrity::None,
        "chunks" => Integrity::Chunks,
        _ => Integrity::Sha256,
    }
}

pub fn transport(name: &str) -> Transport {
    match name {
        "put" => Transport::Put,
        "post" => Transport::Post,
        "multipart" => Transport::Multipart,
        _ => Transport::Auto,
    }
}

pub fn priority(name: &str) -> Priority {
    match name {
        "high" => Priority::High,
        "low" => Priority::Low,
        _ => Priority::Normal,
    }
}

/// Methods of requests that carry none of the file's bytes.
pub fn control_method(name: &str) -> Option<&'static str> {
    ["POST", "GET"].into_iter().find(|method| *method == name)
}
