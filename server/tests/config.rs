//! Mistakes in the configuration, each in one sentence that names the key.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;

use sealift::endpoint::{PendingRules, Rules};
use sealift_server::config::{Auth, Config, Storage};

const S3: &str = "[s3]\nendpoint = \"http://minio:9000\"\nregion = \"us-east-1\"\nbucket = \"attachments\"\n\
                  access_key_id = \"AKIDEXAMPLE\"\n";
const SECRET: &str = "do-not-print-this-value-anywhere";

fn load(toml: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sealift.toml");
    std::fs::write(&file, toml).unwrap();
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let flags: Vec<_> = flags.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
    Config::load(Some(&file), environment, &flags).map_err(|error| error.to_string())
}

#[test]
fn every_mistake_is_one_sentence_that_names_the_key() {
    let s3 = |more: &str| format!("{S3}{more}");
    for (toml, says) in [
        ("[server]\nlisten = \"nowhere\"".to_owned(), "`server.listen`"),
        ("[server]\nlisten = 8080".to_owned(), "`server.listen`"),
        ("[server]\nlissten = \"127.0.0.1:1\"".to_owned(), "no key `lissten`"),
        ("[servers]\nlisten = \"127.0.0.1:1\"".to_owned(), "no key `servers`"),
        ("[server]\nmax_body_bytes = \"much\"".to_owned(), "`server.max_body_bytes`"),
        ("[server]\nmax_body_bytes = 1".to_owned(), "`server.max_body_bytes` must be from 1024"),
        ("[server]\ntimeout_seconds = 0".to_owned(), "`server.timeout_seconds` must be from 1"),
        ("[server]\norigins = [\"https://a.example/path\"]".to_owned(), "`server.origins`"),
        ("[server]\norigins = [\"*\"]".to_owned(), "`server.origins`"),
        ("[server]\npublic_url = \"uploads.example.com\"".to_owned(), "`server.public_url`"),
        ("[server]\nwww = \"/no/such/folder\"".to_owned(), "`server.www`"),
        ("[server]\nsecret_file = \"/no/such/file\"".to_owned(), "`server.secret_file`"),
        ("[server]\nlisten = \"0.0.0.0:1\"".to_owned(), "`auth.kind`"),
        ("[server]\npublic_url = \"https://uploads.example.com\"".to_owned(), "`auth.kind`"),
        ("[server]\npublic_url = \"http://192.168.1.7:8080\"".to_owned(), "`auth.kind`"),
        (
            "[server]\nlisten = \"0.0.0.0:1\"\n[auth]\nallow_anonymous_remote = true".to_owned(),
            "`[s3]` is missing",
        ),
        (
            "[server]\nlisten = \"0.0.0.0:1\"\n[auth]\nallow_anonymous_remote = true\n[dev_s3]\n".to_owned(),
            "`server.public_url` is missing",
        ),
        ("[auth]\nkind = \"basic\"".to_owned(), "`auth.kind` must be"),
        ("[auth]\nkind = \"jwt\"".to_owned(), "`auth.secret_file` is missing"),
        ("[auth]\nkind = \"jwt\"\nalgorithm = \"none\"".to_owned(), "`auth.algorithm` must be"),
        ("[auth]\nkind = \"jwt\"\nalgorithm = \"RS256\"".to_owned(), "`auth.public_key_file` is missing"),
        ("[auth]\nkind = \"jwt\"\nleeway_seconds = 301".to_owned(), "`auth.leeway_seconds` must be"),
        (s3("").replace("http://minio", "minio"), "`s3.endpoint`"),
        (s3("").replace("attachments", "Attachments"), "`s3.bucket`"),
        (s3("").replace("bucket", "buckett"), "no key `buckett`"),
        (s3("").replace("region = \"us-east-1\"\n", ""), "`s3.region` is missing"),
        (s3("addressing = \"virtual\""), "`s3.addressing` must be"),
        (s3(""), "`s3.secret_access_key_file` is missing"),
        (s3("[dev_s3]\n"), "`[s3]` and `[dev_s3]`"),
        ("[rules]\nbucket = \"attachments\"".to_owned(), "`rules.bucket`"),
        ("[compat.uppy]".to_owned(), "`compat.uppy.prefix` is missing"),
        ("[compat.uppy]\nprefix = \"uppy\"".to_owned(), "`compat.uppy.prefix`"),
        ("[compat.uppy]\nprefix = \"/a/b\"".to_owned(), "`compat.uppy.prefix`"),
        ("[compat.uppy]\nprefix = \"/sealift\"".to_owned(), "`compat.uppy.prefix`: /sealift is taken"),
        (
            "[compat.uppy]\nprefix = \"/x\"\n[compat.evaporate]\nprefix = \"/x\"".to_owned(),
            "`compat.evaporate.prefix`: /x is taken",
        ),
        (sts("endpoint = \"sts.example\"\nrole_arn = \"arn:x\"\n"), "`compat.uppy.sts.endpoint`"),
        (sts("endpoint = \"https://sts.example\"\n"), "`compat.uppy.sts.role_arn` is missing"),
        (sts("endpoint = \"https://sts.example\"\nrole_arn = \"\"\n"), "`compat.uppy.sts.role_arn`"),
        (
            sts(&format!("{STS}duration_seconds = 899\n")),
            "`compat.uppy.sts.duration_seconds` must be from 900",
        ),
        (sts(&format!("{STS}[limits]\nbytes_per_day = 1000\n")), "`compat.uppy.sts`: what a page signs"),
        (
            sts(STS).replace("uppy", "evaporate"),
            "`compat.evaporate.sts`: temporary credentials are Uppy's alone",
        ),
        ("[hooks]\nurl = \"app.example\"".to_owned(), "`hooks.url`"),
        ("[hooks]\nurl = \"https://app.example/\"".to_owned(), "`hooks.secret_file` is missing"),
        (
            "[hooks]\nurl = \"https://app.example/\"\ntimeout_seconds = 0".to_owned(),
            "`hooks.timeout_seconds` must be",
        ),
        ("[rules]\nmax_sise = 1".to_owned(), "no key `max_sise`"),
        ("[rules]\nmax_size = \"big\"".to_owned(), "`rules.max_size`"),
        ("[rules.store]\nsse = \"none\"".to_owned(), "`rules.store.sse` must be one of"),
        ("[rules.store]\nclass = \"X\"".to_owned(), "no key `class` in `rules.store`"),
        (s3("checksums = \"some\""), "`s3.checksums`"),
        ("[rules\n".to_owned(), "not valid TOML"),
    ] {
        let sentence = load(&toml, &[], &[]).expect_err(&toml);
        assert!(sentence.contains(says), "{toml}\n→ {sentence}");
        assert_eq!(sentence.lines().count(), 1, "{sentence}");
    }
}

const STS: &str = "endpoint = \"https://sts.example\"\nrole_arn = \"arn:aws:iam::1:role/x\"\n";

fn sts(settings: &str) -> String {
    format!("[compat.uppy]\nprefix = \"/uppy\"\n[compat.uppy.sts]\n{settings}")
}

#[test]
fn a_secret_in_the_file_is_refused_and_not_repeated() {
    for (section, key, variable) in [
        ("s3", "secret_access_key", "SEALIFT__S3__SECRET_ACCESS_KEY"),
        ("s3", "session_token", "SEALIFT__S3__SESSION_TOKEN"),
        ("server", "secret", "SEALIFT__SERVER__SECRET"),
        ("server", "app_key", "SEALIFT__SERVER__APP_KEY"),
        ("auth", "secret", "SEALIFT__AUTH__SECRET"),
    ] {
        let sentence = load(&format!("[{section}]\n{key} = \"{SECRET}\"\n"), &[], &[]).unwrap_err();
        assert!(sentence.contains(&format!("`{section}.{key}` is a secret")), "{sentence}");
        assert!(sentence.contains(variable) && !sentence.contains(SECRET), "{sentence}");
    }
    // Nor is it repeated when it stands where it makes no sense at all.
    for toml in [
        format!("[s3]\nsecret_acces_key = \"{SECRET}\""),
        format!("[server]\ntimeout_seconds = \"{SECRET}\""),
        format!("[server]\nlisten = \"{SECRET}\""),
        format!("[server]\npublic_url = \"{SECRET}\""),
        format!("[auth]\nkind = \"{SECRET}\""),
        format!("[auth]\nallow_anonymous_remote = \"{SECRET}\""),
        format!("[s3]\nsecret = \"{SECRET}"),
        format!("[rules]\nintegrity = \"{SECRET}\""),
        format!("[rules]\nkey = [\"{SECRET}\"]"),
    ] {
        let sentence = load(&toml, &[], &[]).expect_err(&toml);
        assert!(!sentence.contains(SECRET), "{toml}\n→ {sentence}");
    }
}

#[test]
fn nothing_secret_is_debug_printed() {
    let config = load(
        &format!("{S3}[auth]\nkind = \"jwt\"\n"),
        &[
            ("SEALIFT__S3__SECRET_ACCESS_KEY", SECRET),
            ("SEALIFT__S3__SESSION_TOKEN", SECRET),
            ("SEALIFT__SERVER__SECRET", SECRET),
            ("SEALIFT__SERVER__APP_KEY", SECRET),
            ("SEALIFT__AUTH__SECRET", SECRET),
        ],
        &[],
    )
    .unwrap();
    let printed = format!("{config:?} {config:#?}");
    assert!(!printed.contains(SECRET), "{printed}");
    let bytes = format!("{:?}", SECRET.as_bytes());
    assert!(!printed.contains(bytes.trim_matches(['[', ']'])), "{printed}");
}

#[test]
fn flags_before_the_environment_before_the_file() {
    let toml = "[server]\nlisten = \"127.0.0.1:1\"\ntimeout_seconds = 11\nenvironment = \"file\"\n";
    let environment = [
        ("SEALIFT__SERVER__LISTEN", "127.0.0.1:2"),
        ("SEALIFT__SERVER__ENVIRONMENT", "0123"),
        ("SEALIFT__SERVER__ORIGINS", "https://a.example, http://localhost:5173"),
        ("SEALIFT__RULES__TYPES", "image/*,text/plain"),
        ("SEALIFT__RULES__MAX_SIZE", "12345"),
        ("SEALIFT__RULES__KEY", "{user}/{uuid}"),
        ("SEALIFT__RULES__STORE__STORAGE_CLASS", "STANDARD_IA"),
        ("SEALIFT__RULES__STORE__TAGS__SOURCE", "uploads"),
        ("SEALIFT__RULES__STORE__OBJECT_LOCK_DAYS", "30"),
        ("SEALIFT__RULES__CHECKSUMS", "false"),
        ("UNRELATED", "x"),
    ];
    let config = load(toml, &environment, &[("server.listen", "127.0.0.1:3")]).unwrap();
    assert_eq!(config.server.listen.port(), 3);
    assert_eq!(config.server.timeout.as_secs(), 11);
    assert_eq!(config.server.environment, "0123", "text stays as it is");
    assert_eq!(config.server.origins.len(), 2);
    assert_eq!(config.rules.types, ["image/*", "text/plain"]);
    assert_eq!((config.rules.max_size, config.rules.key.as_str()), (12345, "{user}/{uuid}"));
    let store = config.rules.store;
    assert_eq!((store.storage_class.as_deref(), store.object_lock_days), (Some("STANDARD_IA"), Some(30)));
    assert_eq!(store.tags["source"], "uploads");
    assert!(!config.rules.checksums);
    let unknown = load(toml, &[("SEALIFT__SERVER__LISSTEN", "127.0.0.1:2")], &[]).unwrap_err();
    assert!(unknown.contains("no key `lissten`"), "{unknown}");
}

#[test]
fn a_secret_comes_from_one_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, format!("{SECRET}\n")).unwrap();
    let toml = format!("{S3}secret_access_key_file = {:?}\n", path.to_str().unwrap());
    let config = load(&toml, &[], &[]).unwrap();
    assert!(matches!(config.storage, Storage::S3(_)));
    let twice = load(&toml, &[("SEALIFT__S3__SECRET_ACCESS_KEY", SECRET)], &[]).unwrap_err();
    assert!(twice.contains("keep one") && !twice.contains(SECRET), "{twice}");
    let unused = load("", &[("SEALIFT__S3__SECRET_ACCESS_KEY", SECRET)], &[]).unwrap_err();
    assert!(unused.contains("`s3.secret_access_key`") && !unused.contains(SECRET), "{unused}");
    let short = load("", &[("SEALIFT__SERVER__SECRET", "short")], &[]).unwrap_err();
    assert!(short.contains("32 bytes"), "{short}");
}

#[test]
fn the_example_is_a_configuration() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("sealift.example.toml");
    let text = std::fs::read_to_string(example).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, SECRET).unwrap();
    let path = secret.to_str().unwrap();
    let here = text
        .replace("/run/secrets/s3-secret-access-key", path)
        .replace("/run/secrets/app-jwt-secret", path)
        .replace("/run/secrets/sealift-hook-secret", path);
    let config = load(&here, &[], &[]).unwrap();
    assert!(matches!(config.auth, Auth::Jwt(..)));
    let pending = Some(PendingRules::default());
    assert_eq!(config.rules, Rules { pending, ..Rules::default() }, "the example shows the defaults");
    assert!(config.hooks.is_some_and(|hooks| hooks.hooks.on_finish && !hooks.hooks.on_grant));
    // Every key that there is stands in it, commented out or not.
    for section in
        ["server", "s3", "auth", "rules", "rules.store", "rules.pending", "hooks", "limits", "dev_s3"]
    {
        let sentence = load(&format!("[{section}]\nnothing = 1"), &[], &[]).unwrap_err();
        let keys = sentence.split("the keys are ").nth(1).unwrap();
        for key in keys
            .split(", ")
            .map(|key| key.trim_matches('`'))
            .filter(|key| !["bucket", "store", "pending"].contains(key))
        {
            assert!(text.contains(&format!("{key} = ")), "{section}.{key} is not in the example");
        }
    }
}

#[test]
fn a_public_url_on_this_machine_needs_no_login() {
    for url in ["http://localhost:3000", "http://app.localhost", "http://127.0.0.1:3000", "http://[::1]:3000"]
    {
        let toml = format!("[server]\npublic_url = \"{url}\"\n");
        assert!(matches!(load(&toml, &[], &[]).unwrap().auth, Auth::Anonymous(_)), "{url}");
    }
}
