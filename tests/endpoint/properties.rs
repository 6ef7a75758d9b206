//! What holds for every input.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sealift::endpoint::protocol::{
    self, CreateForms, CreateUploads, Intent, NewFile, PartIntegrity, PartIntent, SignRequests, Transport,
};
use sealift::endpoint::{Context, Rules, UserId};

use crate::support::*;

/// What S3 replaces in forms.
const VARIABLE: &str = "${filename}";

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,40}",
        "[a-z./\\\\~%{}$ -]{0,40}",
        "[\\x00-\\x7f]{0,20}",
        Just("${filename}".to_owned()),
        Just("..".to_owned()),
        "ü{0,600}",
    ]
}

fn any_file() -> impl Strategy<Value = NewFile> {
    let digest = prop_oneof![Just(None), Just(Some(SHA256_OF_ABC.to_owned())), text().prop_map(Some)];
    let types = prop_oneof![Just("image/png".to_owned()), text()];
    let metadata = prop::collection::btree_map("[a-zA-Z_ ]{0,6}", text(), 0..4);
    let crc64nvme = prop_oneof![Just(None), Just(Some("jC+ERd1kDIM=".to_owned())), text().prop_map(Some)];
    let integrity =
        prop_oneof![Just(None), Just(Some(PartIntegrity::Sha256)), Just(Some(PartIntegrity::None))];
    let transport = prop_oneof![
        Just(None),
        Just(Some(Transport::Put)),
        Just(Some(Transport::Post)),
        Just(Some(Transport::Multipart)),
    ];
    (text(), any::<u64>(), types, digest, metadata, (transport, crc64nvme, integrity)).prop_map(
        |(name, size, content_type, sha256, metadata, (transport, crc64nvme, integrity))| NewFile {
            name,
            size: size >> (size % 64),
            content_type,
            sha256,
            crc64nvme,
            integrity,
            metadata,
            transport,
        },
    )
}

proptest! {
    #[test]
    fn whatever_is_granted_lies_below_its_user_and_can_be_sent(
        who in "[^\\p{Cc}]{1,60}",
        files in prop::collection::vec(any_file(), 1..4),
    ) {
        let endpoint = endpoint(rules());
        let count = files.len();
        let answer = create_many(&endpoint, &who, files);
        prop_assert_eq!(answer.uploads.len(), count);
        let prefix = format!("uploads/{}/", user(&who).key_segment());
        for upload in answer.uploads.into_iter().filter_map(|outcome| outcome.into_result().ok()) {
            let key = &upload.grant.key;
            prop_assert!(key.starts_with(&prefix), "{}", key);
            prop_assert!(key.len() <= 1024 && key.split('/').count() == 4, "{}", key);
            prop_assert!(key.split('/').all(|s| !s.is_empty() && s != "." && s != ".." && s.len() <= 255), "{}", key);
            prop_assert!(!key.contains('\\') && !key.contains(VARIABLE) && !key.chars().any(char::is_control));
            for request in &upload.requests {
                for (_, value) in request.headers.iter().chain(&request.fields) {
                    prop_assert!(!value.contains(VARIABLE));
                }
                prop_assert!(request.headers.iter().all(|(_, value)| value.is_ascii()));
                let fields: usize = request.fields.iter().map(|(n, v)| n.len() + v.len()).sum();
                prop_assert!(fields <= 20 * 1024);
            }
            let signed = sign(&endpoint, &who, &upload.grant.token, &[Intent::Renew]);
            prop_assert!(signed.is_ok());
        }
    }

    #[test]
    fn no_two_users_share_a_prefix(a in "[~/2Fa]{1,4}|[^\\p{Cc}]{1,30}", b in "[~/2Fa]{1,4}|[^\\p{Cc}]{1,30}") {
        prop_assume!(a != b);
        let endpoint = endpoint(Rules { key: "{user}/{uuid}".to_owned(), ..rules() });
        let key = |who: &str| create(&endpoint, who, file("x")).unwrap().grant.key;
        let (prefix, other) = (format!("{}/", user(&a).key_segment()), key(&b));
        prop_assert!(key(&a).starts_with(&prefix));
        prop_assert!(!other.starts_with(&prefix), "{} {}", prefix, other);
    }

    #[test]
    fn no_two_uploads_share_a_key(template in prop::sample::select(vec![
        "{uuid}", "{user}/{uuid}/{filename}", "{date}/{uuid}-{filename}", "{filename}/{uuid}", "{filename}{uuid}",
    ]), a in "[a-z0-9-]{1,8}", b in "[a-z0-9-]{1,8}") {
        let endpoint = endpoint(Rules { key: template.to_owned(), ..rules() });
        let answer = create_many(&endpoint, "anna", vec![file(&a), file(&b), file(&a)]);
        let mut keys: Vec<_> = answer.uploads.into_iter().map(|o| o.into_result().unwrap().grant.key).collect();
        keys.sort();
        keys.dedup();
        prop_assert_eq!(keys.len(), 3);
    }

    #[test]
    fn any_byte_of_a_token_changed_is_refused(place in any::<prop::sample::Index>(), byte in 0x20_u8..0x7F) {
        let endpoint = endpoint(rules());
        let token = create(&endpoint, "anna", file("a.png")).unwrap().grant.token;
        let mut changed = token.clone().into_bytes();
        let place = place.index(changed.len());
        prop_assume!(changed[place] != byte);
        changed[place] = byte;
        let changed = String::from_utf8(changed).unwrap();
        prop_assert_eq!(sign(&endpoint, "anna", &changed, &[Intent::Put]).unwrap_err().code, "grant_invalid");
    }

    #[test]
    fn the_parts_of_every_plan_make_up_the_file(
        size in (1..=10_000 * 5 * GIB).prop_flat_map(|most| 1..=most),
        part_size in 5 * MIB..=5 * GIB,
        place in any::<prop::sample::Index>(),
    ) {
        let endpoint = endpoint(Rules { max_size: 10_000 * 5 * GIB, part_size, ..rules() });
        let grant = create(&endpoint, "anna", in_parts(size, PartIntegrity::Sha256)).unwrap().grant;
        let protocol::Plan::Multipart { part_size, parts } = grant.plan else { panic!("{:?}", grant.plan) };
        prop_assert!((5 * MIB..=5 * GIB).contains(&part_size) && (1..=10_000).contains(&parts));
        let before_the_last = u64::from(parts - 1) * part_size;
        prop_assert!(before_the_last < size && size - before_the_last <= part_size);
        let number = u32::try_from(place.index(usize::from(parts))).unwrap() + 1;
        let length = if number == u32::from(parts) { size - before_the_last } else { part_size };
        let part = PartIntent { number, sha256: Some(SHA256_OF_ABC.to_owned()), crc64nvme: None, chunk_hashes: None };
        let signed = sign_upload(&endpoint, &grant.token, &[Intent::Part(part)]).unwrap();
        prop_assert_eq!(signature_for_length(&signed[0], length), signature(&signed[0]));
    }

    #[test]
    fn no_body_makes_it_panic(body in prop_oneof![
        prop::collection::vec(any::<u8>(), 0..120),
        "[{}\\[\\]\":,a-z0-9]{0,120}".prop_map(String::into_bytes),
    ]) {
        let _ = protocol::parse::<CreateUploads>(&body);
        let _ = protocol::parse::<SignRequests>(&body);
        let _ = protocol::parse::<protocol::DeleteUploads>(&body);
        let _ = protocol::parse::<CreateForms>(&body);
    }

    #[test]
    fn no_token_makes_it_panic(token in "[A-Za-z0-9_.-]{0,200}|\\PC{0,60}") {
        let endpoint = endpoint(rules());
        prop_assert!(sign(&endpoint, "anna", &token, &[Intent::Put]).is_err());
        prop_assert!(endpoint.verify_receipt(now(), &token).is_err());
        prop_assert!(endpoint.begin_form_finish(now(), &token).is_err());
    }

    #[test]
    fn no_redirect_leaves_the_allowed_origins(redirect in "[/\\\\a-z:.@?#%\\t ]{0,30}|(https?:)?[/\\\\]{1,3}[a-z.@:/]{0,20}") {
        let endpoint = endpoint(Rules { redirect_origins: vec!["https://shop.example".to_owned()], ..rules() });
        let form = protocol::NewForm {
            content_type: "image/png".to_owned(),
            size: None,
            name: None,
            metadata: BTreeMap::new(),
            redirect: redirect.clone(),
        };
        let anna = UserId::parse("anna").unwrap();
        let context = Context { now: now(), user: &anna };
        let call = CreateForms { forms: vec![form] };
        let answer = endpoint.create_forms(&context, call, &mut random()).unwrap();
        if matches!(answer.forms[0], protocol::Outcome::Done(_)) {
            let stays = redirect.starts_with('/') && !redirect.starts_with("//") && !redirect.contains('\\');
            prop_assert!(stays || redirect.starts_with("https://shop.example"), "{}", redirect);
        }
    }
}
