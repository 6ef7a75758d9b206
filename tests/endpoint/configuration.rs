//! What rules may not say.

use sealift::ErrorKind;
use sealift::endpoint::{KeyTemplate, Rules, SigningEndpoint};
use sealift::s3::{AddressingStyle, Endpoint};

use crate::support::{GIB, MIB, config, rules};

fn kind(rules: Rules) -> Option<ErrorKind> {
    SigningEndpoint::new(config(rules)).err().map(|error| error.kind())
}

#[test]
fn a_template_without_an_unguessable_segment_must_be_said_twice() {
    let guessable = Rules { key: "uploads/{user}/{filename}".to_owned(), ..rules() };
    assert_eq!(kind(guessable.clone()), Some(ErrorKind::InvalidKey));
    let said_twice = Rules { allow_guessable_keys: true, ..guessable };
    assert_eq!(kind(said_twice.clone()), None);
    // Without If-None-Match every grant could overwrite any object of that name.
    assert_eq!(kind(Rules { conditional_writes: false, ..said_twice.clone() }), Some(ErrorKind::InvalidKey));
    // Without {user} every user's grant could show and delete what another uploaded under that name.
    for key in ["{filename}", "uploads/{date}/{filename}"] {
        let shared = Rules { key: key.to_owned(), ..said_twice.clone() };
        assert_eq!(kind(shared), Some(ErrorKind::InvalidKey), "{key}");
    }
}

#[test]
fn templates_that_are_refused() {
    for template in [
        "",
        "/{uuid}",
        "{uuid}/",
        "a//{uuid}",
        "a/../{uuid}",
        "./{uuid}",
        "a\\{uuid}",
        "a\n{uuid}",
        "{uuid}/${filename}",
        "${filename}/{uuid}",
        "{uuid}/{user}x",
        "{uuid}/x{user}",
        "{user}{uuid}",
        "{uuid}/{uuid}",
        "{uuid}/{name}",
        "{uuid",
        "uuid}",
        "{{uuid}}",
        "{}",
        "{UUID}",
        &format!("{}/{{uuid}}", "a".repeat(401)),
        &format!("{{uuid}}/{}{{filename}}", "a".repeat(101)),
    ] {
        let refused = KeyTemplate::parse(template).map_err(|error| error.kind());
        assert_eq!(refused, Err(ErrorKind::InvalidKey), "{template}");
    }
    for template in
        ["{uuid}", "a/{user}/{date}/{uuid}/{filename}", "{user}/{date}-{uuid}-{filename}", "ü/{uuid}.bin"]
    {
        assert!(KeyTemplate::parse(template).is_ok(), "{template}");
    }
}

#[test]
fn rules_out_of_range() {
    for (rules, expected) in [
        (Rules { bucket: String::new(), ..rules() }, ErrorKind::InvalidBucket),
        (Rules { bucket: "a/b".to_owned(), ..rules() }, ErrorKind::InvalidBucket),
        (Rules { min_size: 2, max_size: 1, ..rules() }, ErrorKind::InvalidOption),
        (Rules { max_size: 10_000 * 5 * GIB + 1, ..rules() }, ErrorKind::InvalidOption),
        (Rules { max_post_size: 5 * GIB + 1, ..rules() }, ErrorKind::InvalidOption),
        (Rules { part_size: 5 * MIB - 1, ..rules() }, ErrorKind::InvalidOption),
        (Rules { part_size: 5 * GIB + 1, ..rules() }, ErrorKind::InvalidOption),
        (Rules { files_per_call: 0, ..rules() }, ErrorKind::InvalidOption),
        (Rules { intents_per_call: 0, ..rules() }, ErrorKind::InvalidOption),
        (Rules { grant_lifetime: 0, ..rules() }, ErrorKind::InvalidOption),
        (Rules { grant_lifetime: 604_801, ..rules() }, ErrorKind::InvalidOption),
        (Rules { grant_lifetime: 600, grant_max_age: 599, ..rules() }, ErrorKind::InvalidOption),
        (Rules { receipt_lifetime: 0, ..rules() }, ErrorKind::InvalidOption),
        (Rules { view_lifetime: 604_801, ..rules() }, ErrorKind::InvalidOption),
        (Rules { types: vec!["image".to_owned()], ..rules() }, ErrorKind::InvalidOption),
        (Rules { inline_types: vec![".html".to_owned()], ..rules() }, ErrorKind::InvalidOption),
        (
            Rules { redirect_origins: vec!["https://app.example/page".to_owned()], ..rules() },
            ErrorKind::InvalidUrl,
        ),
    ] {
        assert_eq!(kind(rules.clone()), Some(expected), "{rules:?}");
    }
}

#[test]
fn a_bucket_that_no_certificate_covers_is_refused_before_it_fails_in_browsers() {
    let mut dotted = config(Rules { bucket: "files.example.com".to_owned(), ..rules() });
    assert!(SigningEndpoint::new(dotted.clone()).is_ok(), "path style has no such trouble");
    dotted.s3 = Endpoint::parse("https://s3.amazonaws.com", AddressingStyle::VirtualHosted).unwrap();
    assert_eq!(SigningEndpoint::new(dotted).err().map(|e| e.kind()), Some(ErrorKind::InvalidBucket));
}

#[test]
fn a_finish_url_is_absolute_and_plain() {
    for url in [
        "/sealift/forms/finish",
        "https://app.example/x?y=1",
        "https://app.example/x#y",
        "https://app.example/x/",
        "https://app.example/${filename}",
        "app.example/x",
    ] {
        let mut config = config(rules());
        config.form_finish_url = Some(url.to_owned());
        assert!(SigningEndpoint::new(config).is_err(), "{url}");
    }
}

#[test]
fn rules_come_from_configuration_files_and_unknown_names_are_refused() {
    let rules: Rules =
        serde_json::from_str(r#"{"bucket":"attachments","types":["image/*"],"integrity":"optional"}"#)
            .unwrap();
    assert_eq!(
        (rules.bucket.as_str(), rules.files_per_call, rules.grant_lifetime),
        ("attachments", 100, 3600)
    );
    assert!(serde_json::from_str::<Rules>(r#"{"bucket":"attachments","max_sise":5}"#).is_err());
}

#[test]
fn debug_output_of_the_endpoint_holds_no_secret() {
    let mut config = config(rules());
    config.secrets = sealift::endpoint::TokenSecrets::new(["token-secret-of-at-least-32-bytes!!"]).unwrap();
    let text = format!("{config:?} {:?}", SigningEndpoint::new(config.clone()).unwrap());
    for secret in ["wJalrXUtnFEMI", "token-secret", "116, 111, 107"] {
        assert!(!text.contains(secret), "{secret}");
    }
}
