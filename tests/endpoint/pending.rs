//! Uploads that are pending until the app keeps them.

use sealift::ErrorKind;
use sealift::endpoint::{ObjectLockMode, PendingRules, PendingStrategy, Rules, SigningEndpoint, StoreRules};

use crate::support::{GIB, MIB, config, create, endpoint, file, rules};

fn pending(strategy: PendingStrategy) -> Rules {
    Rules { pending: Some(PendingRules { strategy, ..PendingRules::default() }), ..rules() }
}

fn kind(rules: Rules) -> Option<ErrorKind> {
    SigningEndpoint::new(config(rules)).err().map(|error| error.kind())
}

fn with(change: impl FnOnce(&mut PendingRules)) -> Rules {
    let mut rules = pending(PendingStrategy::Copy);
    change(rules.pending.as_mut().unwrap());
    rules
}

#[test]
fn rules_under_which_a_sweep_could_meet_an_upload_or_a_keep_are_refused() {
    let least = rules().grant_max_age + 900;
    let tags = |change: fn(&mut PendingRules)| {
        with(|pending| {
            pending.strategy = PendingStrategy::Tags;
            change(pending);
        })
    };
    assert_eq!(kind(with(|pending| pending.max_age = least)), None);
    assert_eq!(kind(tags(|_| ())), None);
    for refused in [
        with(|pending| pending.max_age = least - 1),
        with(|pending| pending.max_age = 31_536_001),
        Rules {
            key: "a/{user}/{filename}".into(),
            allow_guessable_keys: true,
            ..pending(PendingStrategy::Copy)
        },
        tags(|pending| pending.margin = 3_599),
        tags(|pending| pending.margin = pending.max_age),
        // A second write would make a kept object pending again.
        Rules { conditional_writes: false, ..tags(|_| ()) },
    ] {
        assert_eq!(kind(refused.clone()), Some(ErrorKind::InvalidOption), "{:?}", refused.pending);
    }
}

#[test]
fn rules_under_which_a_grant_could_write_where_kept_objects_lie_are_refused() {
    for (key, prefix) in [
        ("uploads/{user}/{uuid}", "uploads/"),
        ("uploads/{user}/{uuid}", "up/"),
        ("pending/uploads/{uuid}", "pending/"),
        ("{user}/{uuid}/{filename}", "pending/"),
        ("p{uuid}/{filename}", "pending/"),
        ("uploads/{uuid}", ""),
        ("uploads/{uuid}", "/"),
        ("uploads/{uuid}", "pending"),
        ("uploads/{uuid}", "a/../"),
        ("uploads/{uuid}", "a//"),
        ("uploads/{uuid}", "{user}/"),
        ("uploads/{uuid}", "a\\/"),
    ] {
        let refused = Rules { key: key.into(), ..with(|pending| pending.prefix = prefix.into()) };
        let accepted = ["up/"].contains(&prefix);
        assert_eq!(kind(refused).is_none(), accepted, "{key} {prefix}");
    }
    for copy_size in [5 * MIB - 1, 5 * GIB + 1] {
        assert_eq!(kind(with(|pending| pending.copy_size = copy_size)), Some(ErrorKind::InvalidOption));
    }
}

#[test]
fn a_pending_upload_is_granted_below_its_prefix_alone() {
    let endpoint = endpoint(pending(PendingStrategy::Copy));
    for transport in ["put", "post", "multipart"] {
        let transport: sealift::endpoint::protocol::Transport =
            serde_json::from_value(transport.into()).unwrap();
        let mut described =
            sealift::endpoint::protocol::NewFile { transport: Some(transport), ..file("a.png") };
        if transport == sealift::endpoint::protocol::Transport::Multipart {
            described = crate::support::in_parts(3, sealift::endpoint::protocol::PartIntegrity::Sha256);
        }
        let created = create(&endpoint, "anna", described).unwrap();
        assert!(created.grant.key.starts_with("pending/uploads/anna/"), "{}", created.grant.key);
        let request = &created.requests[0];
        let fields = request.fields.iter().find(|(name, _)| name == "key");
        assert!(
            request.url.contains("/attachments/pending/uploads/anna/")
                || fields.is_some_and(|(_, key)| *key == created.grant.key)
        );
    }
}

#[test]
fn a_pending_upload_has_its_tag_signed_beside_the_rules_own() {
    let store =
        StoreRules { tags: [("source".to_owned(), "uploads".to_owned())].into(), ..Default::default() };
    let endpoint = endpoint(Rules { store, ..pending(PendingStrategy::Tags) });
    let put = create(&endpoint, "anna", file("a.png")).unwrap().requests.remove(0);
    let tagging = ("x-amz-tagging".to_owned(), "source=uploads&sealift=pending".to_owned());
    assert!(put.headers.contains(&tagging), "{:?}", put.headers);
    let signed = put.headers.iter().find(|(name, _)| name == "authorization").unwrap();
    assert!(signed.1.contains(";x-amz-tagging"));
    for tags in [[("sealift", "kept")].into(), (0..10).map(|n| (["k", "l"][n % 2], "v")).collect::<Vec<_>>()]
    {
        let tags = tags.iter().enumerate().map(|(n, (key, value))| {
            (if *key == "sealift" { (*key).to_owned() } else { format!("{key}{n}") }, (*value).to_owned())
        });
        let store = StoreRules { tags: tags.collect(), ..Default::default() };
        let refused = Rules { store, ..pending(PendingStrategy::Tags) };
        assert_eq!(kind(refused), Some(ErrorKind::InvalidOption));
    }
}

#[test]
fn what_is_pending_is_never_locked() {
    let store = StoreRules {
        object_lock_mode: Some(ObjectLockMode::Governance),
        object_lock_days: Some(30),
        legal_hold: true,
        ..Default::default()
    };
    let copied = endpoint(Rules { store: store.clone(), ..pending(PendingStrategy::Copy) });
    let put = create(&copied, "anna", file("a.png")).unwrap().requests.remove(0);
    assert!(!put.headers.iter().any(|(name, _)| name.contains("object-lock")), "{:?}", put.headers);
    let tagged = Rules { store, ..pending(PendingStrategy::Tags) };
    assert_eq!(kind(tagged), Some(ErrorKind::InvalidOption));
}
