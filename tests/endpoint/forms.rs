//! Plain HTML forms, and their way back.

use sealift::endpoint::protocol::{CreateForms, CreatedForm, ItemError, NewForm, SizeRange};
use sealift::endpoint::{Context, Reason, Rules, SigningEndpoint};
use sealift::s3::HeadObjectOutput;

use crate::support::*;

fn new_form() -> NewForm {
    NewForm {
        content_type: "image/png".to_owned(),
        size: Some(SizeRange { min: 1, max: 1_000 }),
        name: Some("photo.png".to_owned()),
        metadata: Default::default(),
        redirect: "/done.html?x=1#top".to_owned(),
    }
}

fn create_form(endpoint: &SigningEndpoint, form: NewForm) -> Result<CreatedForm, ItemError> {
    let anna = user("anna");
    let context = Context { now: now(), user: &anna };
    let mut answer =
        endpoint.create_forms(&context, CreateForms { forms: vec![form] }, &mut random()).unwrap();
    answer.forms.remove(0).into_result()
}

fn refused_form(endpoint: &SigningEndpoint, form: NewForm) -> String {
    match create_form(endpoint, form) {
        Err(error) => error.code,
        Ok(form) => panic!("was signed: {:?}", form.fields),
    }
}

#[test]
fn a_form_is_filled_in_but_for_the_file() {
    let endpoint = endpoint(rules());
    let form = create_form(&endpoint, new_form()).unwrap();
    assert_eq!(form.url, "https://s3.example.com/attachments");
    assert_eq!(form.expires, "2026-01-01T13:00:00Z");
    let policy = policy(&form.fields);
    assert_eq!(policy["expiration"], "2026-01-01T13:00:00Z");
    let conditions = policy["conditions"].as_array().unwrap();
    assert!(conditions.contains(&serde_json::json!(["content-length-range", 1, 1000])));
    assert_eq!(field(&form.fields, "content-type"), Some("image/png"));
    assert!(field(&form.fields, "key").unwrap().ends_with("/photo.png"));
    // The token stands in the path: some servers replace the query.
    let back = field(&form.fields, "success_action_redirect").unwrap();
    assert_eq!(back, format!("https://app.example/sealift/forms/finish/{}", form.token));
    for (name, value) in &form.fields {
        if name != "policy" && name != "x-amz-signature" {
            assert!(conditions.contains(&serde_json::json!({name: value})), "{name} is not bound");
        }
    }
}

#[test]
fn the_way_back_finishes_and_brings_the_receipt() {
    let endpoint = endpoint(rules());
    let form = create_form(&endpoint, new_form()).unwrap();
    let check = endpoint.begin_form_finish(now(), &form.token).unwrap();
    assert_eq!(check.key().as_str(), field(&form.fields, "key").unwrap());
    assert_eq!(check.head().bucket.as_str(), "attachments");
    let finished = check.conclude(now(), Some(&stored())).unwrap();
    assert_eq!(finished.location, format!("/done.html?x=1&receipt={}#top", finished.upload.receipt));
    let receipt = endpoint.verify_receipt(now(), &finished.upload.receipt).unwrap();
    assert_eq!((receipt.user.as_str(), receipt.name.as_str()), ("anna", "photo.png"));
}

#[test]
fn what_is_outside_of_the_forms_policy_gets_no_receipt() {
    let endpoint = endpoint(rules());
    let form = create_form(&endpoint, new_form()).unwrap();
    let conclude = |head: Option<HeadObjectOutput>| {
        let check = endpoint.begin_form_finish(now(), &form.token).unwrap();
        check.conclude(now(), head.as_ref()).expect_err("got a receipt").reason()
    };
    assert_eq!(conclude(None), Reason::NotUploaded);
    assert_eq!(conclude(Some(HeadObjectOutput { size: 0, ..stored() })), Reason::ObjectDiffers);
    assert_eq!(conclude(Some(HeadObjectOutput { size: 1_001, ..stored() })), Reason::ObjectDiffers);
    let html = HeadObjectOutput { content_type: Some("text/html".to_owned()), ..stored() };
    assert_eq!(conclude(Some(html)), Reason::ObjectDiffers);
    let check = endpoint.begin_form_finish(now(), &form.token).unwrap();
    let refusal = sealift::endpoint::Refusal::new(Reason::NotUploaded, "no");
    assert_eq!(check.failure_location(&refusal), "/done.html?x=1&error=not_uploaded#top");
}

#[test]
fn forged_and_old_forms_are_refused() {
    let endpoint = endpoint(rules());
    let form = create_form(&endpoint, new_form()).unwrap();
    let begin = |token: &str, seconds| {
        endpoint.begin_form_finish(now().plus_seconds(seconds), token).map(|_| ()).map_err(|r| r.reason())
    };
    assert_eq!(begin(&form.token, 604_799), Ok(()));
    assert_eq!(begin(&form.token, 604_800), Err(Reason::GrantExpired));
    let elsewhere = forged(&form.token, |claims| claims["r"] = "https://evil.example".into());
    assert_eq!(begin(&elsewhere, 0), Err(Reason::GrantInvalid));
    assert_eq!(begin(&format!("{}?bucket=b", form.token), 0), Err(Reason::GrantInvalid));
    assert_eq!(sign(&endpoint, "anna", &form.token, &[]).unwrap_err().code, "grant_invalid");
}

#[test]
fn pages_to_come_back_to_are_paths_or_of_allowed_origins() {
    let endpoint =
        endpoint(Rules { redirect_origins: vec!["https://shop.example:8443".to_owned()], ..rules() });
    let with = |redirect: &str| NewForm { redirect: redirect.to_owned(), ..new_form() };
    for redirect in ["/", "/done.html", "https://shop.example:8443/done?x=1", "https://shop.example:8443"] {
        assert!(create_form(&endpoint, with(redirect)).is_ok(), "{redirect}");
    }
    let long = format!("/{}", "a".repeat(1024));
    for redirect in [
        "",
        "done.html",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "https://shop.example",
        "http://shop.example:8443",
        "https://shop.example:8443@evil.example/",
        "https://shop.example:8443.evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "/a b",
        "/\r\nx: y",
        " /x",
        "/\t/evil.example",
        "/ü",
        "/\"onclick=",
        &long,
    ] {
        assert_eq!(refused_form(&endpoint, with(redirect)), "redirect_refused", "{redirect:?}");
    }
}

#[test]
fn forms_outside_of_the_rules_are_refused() {
    let tight = endpoint(Rules { max_size: 100, types: vec!["image/*".to_owned()], ..rules() });
    let range = |min, max| NewForm { size: Some(SizeRange { min, max }), ..new_form() };
    for form in [range(0, 101), range(2, 1), range(0, u64::MAX)] {
        assert_eq!(refused_form(&tight, form), "size_refused");
    }
    let any_size = create_form(&tight, NewForm { size: None, ..new_form() }).unwrap();
    let policy = policy(&any_size.fields);
    assert!(policy["conditions"].as_array().unwrap().contains(&serde_json::json!([
        "content-length-range",
        0,
        100
    ])));
    assert_eq!(
        refused_form(&tight, NewForm { content_type: "text/html".to_owned(), ..range(0, 1) }),
        "type_refused"
    );
    assert_eq!(
        refused_form(&tight, NewForm { name: Some("${filename}".to_owned()), ..range(0, 1) }),
        "key_refused"
    );
    let guessable =
        endpoint(Rules { key: "{user}/{filename}".to_owned(), allow_guessable_keys: true, ..rules() });
    assert_eq!(refused_form(&guessable, new_form()), "transport_refused");
    let mut metadata = new_form();
    metadata.metadata.insert("X".to_owned(), "y".to_owned());
    assert_eq!(refused_form(&endpoint(rules()), metadata), "metadata_refused");
}

#[test]
fn without_an_address_to_come_back_to_there_are_no_forms() {
    let mut config = config(rules());
    config.form_finish_url = None;
    let endpoint = SigningEndpoint::new(config).unwrap();
    let anna = user("anna");
    let call = CreateForms { forms: vec![new_form()] };
    let refused =
        endpoint.create_forms(&Context { now: now(), user: &anna }, call, &mut random()).unwrap_err();
    assert_eq!(refused.reason(), Reason::Misconfigured);
}

#[test]
fn a_form_without_a_name_is_filed_as_file() {
    let endpoint = endpoint(rules());
    let form = create_form(&endpoint, NewForm { name: None, ..new_form() }).unwrap();
    assert!(field(&form.fields, "key").unwrap().ends_with("/file"));
}
