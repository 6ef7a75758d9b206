//! Reading the vectors.

use std::path::{Path, PathBuf};

use sealift::Timestamp;
use sealift::sigv4::{Credentials, SigningOptions};
use serde::Deserialize;
use serde::de::DeserializeOwned;

pub type Pairs = Vec<(String, String)>;

/// Who signs, when and for what: the fields that all vectors share.
#[derive(Deserialize)]
pub struct Identity {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: Option<String>,
    #[serde(default = "us_east_1")]
    pub region: String,
    #[serde(default = "s3")]
    pub service: String,
    pub amz_date: String,
}

impl Identity {
    pub fn credentials(&self) -> Credentials {
        Credentials::new(&*self.access_key_id, &*self.secret_access_key, self.session_token.clone()).unwrap()
    }

    pub fn options(&self) -> SigningOptions {
        SigningOptions::new(&self.region, &self.service, Timestamp::parse(&self.amz_date).unwrap()).unwrap()
    }
}

pub fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

pub fn json<T: DeserializeOwned>(path: &Path) -> T {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn json_lines<T: DeserializeOwned>(path: &Path) -> Vec<T> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn us_east_1() -> String {
    "us-east-1".to_owned()
}

fn s3() -> String {
    "s3".to_owned()
}
