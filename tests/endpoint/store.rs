//! `[rules.store]`: how objects are stored is signed, so no page leaves it out.

use std::collections::BTreeMap;

use sealift::ErrorKind;
use sealift::endpoint::protocol::{PartIntegrity, Transport};
use sealift::endpoint::{
    Integrity, ObjectLockMode, Rules, ServerSideEncryption, SigningEndpoint, StoreRules,
};

use crate::support::*;

fn everything() -> StoreRules {
    StoreRules {
        storage_class: Some("STANDARD_IA".to_owned()),
        acl: Some("bucket-owner-full-control".to_owned()),
        sse: Some(ServerSideEncryption::Kms),
        kms_key_id: Some("key/1".to_owned()),
        cache_control: Some("private, max-age=60".to_owned()),
        tags: BTreeMap::from([("a b".to_owned(), "ü&<".to_owned())]),
        object_lock_mode: Some(ObjectLockMode::Governance),
        object_lock_days: Some(30),
        legal_hold: true,
    }
}

const SAME: [(&str, &str); 7] = [
    ("cache-control", "private, max-age=60"),
    ("x-amz-storage-class", "STANDARD_IA"),
    ("x-amz-server-side-encryption", "aws:kms"),
    ("x-amz-server-side-encryption-aws-kms-key-id", "key/1"),
    ("x-amz-object-lock-mode", "GOVERNANCE"),
    ("x-amz-object-lock-retain-until-date", "2026-01-31T12:00:00Z"),
    ("x-amz-object-lock-legal-hold", "ON"),
];

#[test]
fn every_upload_is_signed_with_how_it_is_stored() {
    let endpoint = endpoint(Rules { store: everything(), ..rules() });
    for file in [file("a.png"), in_parts(GIB, PartIntegrity::Sha256)] {
        let request = create(&endpoint, "anna", file).unwrap().requests.remove(0);
        let signed = signed_headers(&request);
        for (name, value) in SAME
            .into_iter()
            .chain([("x-amz-acl", "bucket-owner-full-control"), ("x-amz-tagging", "a%20b=%C3%BC%26%3C")])
        {
            assert_eq!(header(&request, name), Some(value), "{name}");
            assert!(signed.contains(&name.to_owned()), "{name} is not signed");
        }
    }
    let mut form = file("a.png");
    form.transport = Some(Transport::Post);
    let fields = create(&endpoint, "anna", form).unwrap().requests.remove(0).fields;
    let conditions = policy(&fields)["conditions"].clone();
    let tags = "<Tagging><TagSet><Tag><Key>a b</Key><Value>ü&amp;&lt;</Value></Tag></TagSet></Tagging>";
    for (name, value) in SAME.into_iter().chain([("acl", "bucket-owner-full-control"), ("tagging", tags)]) {
        assert_eq!(field(&fields, name), Some(value), "{name}");
        let bound = serde_json::json!({ name: value });
        assert!(conditions.as_array().unwrap().contains(&bound), "{name} is not bound");
    }
}

#[test]
fn without_options_nothing_is_said() {
    let endpoint = endpoint(rules());
    let request = create(&endpoint, "anna", file("a.png")).unwrap().requests.remove(0);
    for (name, _) in SAME {
        assert_eq!(header(&request, name), None, "{name}");
    }
    let sse = Rules {
        store: StoreRules { sse: Some(ServerSideEncryption::Aes256), ..StoreRules::default() },
        ..rules()
    };
    let request = create(&crate::support::endpoint(sse), "anna", file("a.png")).unwrap().requests.remove(0);
    assert_eq!(header(&request, "x-amz-server-side-encryption"), Some("AES256"));
}

#[test]
fn options_that_s3_would_refuse_are_refused_before_the_first_upload() {
    let tags = |count: usize| (0..count).map(|number| (number.to_string(), String::new())).collect();
    let none = StoreRules::default;
    for store in [
        StoreRules { kms_key_id: Some("key".to_owned()), ..none() },
        StoreRules { object_lock_mode: None, ..everything() },
        StoreRules { object_lock_days: None, ..everything() },
        StoreRules { object_lock_days: Some(0), ..everything() },
        StoreRules { object_lock_days: Some(36_501), ..everything() },
        StoreRules { tags: tags(11), ..none() },
        StoreRules { storage_class: Some("A\nB".to_owned()), ..none() },
        StoreRules { cache_control: Some("${filename}".to_owned()), ..none() },
    ] {
        let refused = SigningEndpoint::new(config(Rules { store: store.clone(), ..rules() }));
        assert!(refused.is_err(), "{store:?}");
    }
    assert!(
        SigningEndpoint::new(config(Rules { store: StoreRules { tags: tags(10), ..none() }, ..rules() }))
            .is_ok()
    );
    // S3 locks nothing that comes without a checksum.
    let hold = StoreRules { legal_hold: true, ..none() };
    for rules in [
        Rules { integrity: Integrity::Optional, store: hold.clone(), ..rules() },
        Rules { checksums: false, store: hold, ..rules() },
    ] {
        let kind = SigningEndpoint::new(config(rules)).err().map(|error| error.kind());
        assert_eq!(kind, Some(ErrorKind::InvalidOption));
    }
    for unknown in [r#"{"storageclass":"X"}"#, r#"{"sse":"none"}"#, r#"{"object_lock_mode":"governance"}"#] {
        assert!(serde_json::from_str::<StoreRules>(unknown).is_err(), "{unknown}");
    }
}
