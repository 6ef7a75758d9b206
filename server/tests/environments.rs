//! Several environments of one configuration.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::client::{Client, Reply};
use common::{file, pairs};
use sealift_server::config::{Config, Storage};
use sealift_server::{Server, clock};
use serde_json::{Value, json};
use tokio::sync::oneshot;

const TOML: &str = r#"
[server]
timeout_seconds = 11
[s3]
endpoint = "http://s3.internal:9000"
region = "us-east-1"
bucket = "attachments"
access_key_id = "AKIDTOP"
[rules]
max_size = 1000
types = ["image/*", "text/plain"]
[environments.staging.server]
hosts = ["staging.example.com", "127.0.0.2:8080"]
origins = ["https://staging.example.com"]
[environments.staging.s3]
bucket = "attachments-staging"
access_key_id = "AKIDSTAGING"
[environments.staging.rules]
key = "staging/{user}/{uuid}/{filename}"
[environments.production.server]
hosts = ["uploads.example.com"]
[environments.production.rules]
max_size = 2000
types = ["image/*"]
"#;
const TOP: (&str, &str) = ("SEALIFT__S3__SECRET_ACCESS_KEY", "top-secret-key");
const STAGING: (&str, &str) = ("SEALIFT__ENVIRONMENTS__STAGING__S3__SECRET_ACCESS_KEY", "staging-secret-key");

fn load(toml: &str, variables: &[(&str, &str)], selected: Option<&str>) -> Result<Vec<Config>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sealift.toml");
    std::fs::write(&path, toml).unwrap();
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let data = folder.keep().join("data");
    let flags =
        [("server.listen", "127.0.0.1:0".to_owned()), ("server.data_dir", data.to_str().unwrap().to_owned())];
    Config::load_all(Some(&path), variables, &flags, selected).map_err(|error| error.to_string())
}

fn bucket(config: &Config) -> &str {
    let Storage::S3(s3) = &config.storage else { panic!("not S3") };
    s3.bucket.as_str()
}

#[test]
fn what_a_table_does_not_say_comes_from_the_top() {
    let all = load(TOML, &[TOP, STAGING], None).unwrap();
    let named = |name: &str| all.iter().find(|config| config.server.environment == name).unwrap();
    let (staging, production) = (named("staging"), named("production"));
    assert_eq!((bucket(staging), bucket(production)), ("attachments-staging", "attachments"));
    assert_eq!((staging.rules.max_size, production.rules.max_size), (1000, 2000));
    assert_eq!(staging.rules.key, "staging/{user}/{uuid}/{filename}");
    assert_eq!(production.rules.types, ["image/*"], "a list is replaced, not joined");
    assert_eq!(production.server.origins.len(), 0);
    assert!(all.iter().all(|config| config.server.timeout.as_secs() == 11));
    let printed = format!("{all:?}");
    assert!(!printed.contains("secret-key"), "{printed}");
}

#[test]
fn one_is_selected_by_flag_or_variable() {
    let one = load(TOML, &[TOP, STAGING], Some("staging")).unwrap();
    assert_eq!((one.len(), bucket(&one[0])), (1, "attachments-staging"));
    let by_variable = [TOP, STAGING, ("SEALIFT_ENVIRONMENT", "production")];
    let one = load(TOML, &by_variable, None).unwrap();
    assert_eq!((one.len(), one[0].server.environment.as_str()), (1, "production"));
    let flag_first = load(TOML, &by_variable, Some("staging")).unwrap();
    assert_eq!(flag_first[0].server.environment, "staging");
    // A variable reaches into an environment too.
    let deep = ("SEALIFT__ENVIRONMENTS__STAGING__RULES__TYPES", "a/b,c/d");
    assert_eq!(load(TOML, &[TOP, STAGING, deep], Some("staging")).unwrap()[0].rules.types, ["a/b", "c/d"]);
}

#[test]
fn mistakes_name_the_environment() {
    let without_hosts = TOML.replace("hosts = [\"uploads.example.com\"]", "");
    for (toml, variables, selected, says) in [
        (
            TOML.to_owned(),
            vec![TOP, STAGING],
            Some("nowhere"),
            "no environment `nowhere`; there are `production`",
        ),
        (String::new(), vec![], Some("staging"), "no environment `staging`"),
        (without_hosts, vec![TOP, STAGING], None, "--environment"),
        (
            TOML.replace("max_size = 2000", "max_sise = 1"),
            vec![TOP],
            Some("production"),
            "environment `production`: ",
        ),
        (
            TOML.replace("origins = [", "listen = ["),
            vec![TOP],
            Some("staging"),
            "`server.listen` belongs to the whole",
        ),
        (TOML.replace("uploads.example.com", "STAGING.example.com"), vec![TOP], None, "stands there twice"),
        (format!("{TOML}[environments.Test.rules]\n"), vec![TOP], None, "a name has 1 to 64"),
        (
            format!("{TOML}[environments.x.dev_s3]\n"),
            vec![TOP],
            None,
            "`dev_s3` stands at the top level alone",
        ),
        (
            TOML.replace("timeout_seconds", "hosts = [\"a.example.com\"]\ntimeout_seconds"),
            vec![TOP],
            None,
            "none at the top level",
        ),
        ("environments = 1\n".to_owned(), vec![], None, "must be tables"),
        (
            TOML.to_owned(),
            vec![TOP, ("SEALIFT__ENVIRONMENTS__STAGIN__S3__SECRET_ACCESS_KEY", "x")],
            None,
            "`environments.stagin`",
        ),
        (
            TOML.to_owned(),
            vec![TOP, ("SEALIFT__ENVIRONMENTS__STAGING__AUTH__SECRET", "x")],
            None,
            "nothing uses it",
        ),
        (
            format!("{TOML}[environments.y.s3]\nsecret_access_key = \"top-secret-key\"\n"),
            vec![],
            None,
            "SEALIFT__ENVIRONMENTS__Y__S3__SECRET_ACCESS_KEY",
        ),
    ] {
        let sentence = load(&toml, &variables, selected).expect_err(says);
        assert!(sentence.contains(says), "{says}\n→ {sentence}");
        assert!(!sentence.contains("secret-key") && sentence.lines().count() == 1, "{sentence}");
    }
}

async fn serve(configs: Vec<Config>) -> (String, oneshot::Sender<()>) {
    let server = Server::start_all(configs, clock::system()).await.unwrap();
    let (url, (stop, stopped)) = (server.url(), oneshot::channel());
    tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));
    (url, stop)
}

async fn call(url: &str, host: &str, path: &str, body: Value) -> Reply {
    let headers = [("content-type", "application/json"), ("host", host)];
    Client::new().send("POST", &format!("{url}/sealift{path}"), &headers, body.to_string().into_bytes()).await
}

fn image(size: u64) -> Value {
    let mut image = file("a.png", b"hello");
    image["type"] = json!("image/png");
    image["size"] = json!(size);
    json!({ "files": [image] })
}

#[tokio::test]
async fn each_host_reaches_its_own_environment_and_no_other_host_any() {
    let toml = TOML.replace("http://s3.internal:9000", "http://127.0.0.1:9");
    let (url, _stop) = serve(load(&toml, &[TOP, STAGING], None).unwrap()).await;
    let created = async |host: &str, size: u64| {
        call(&url, host, "/uploads", image(size)).await.json()["uploads"][0].clone()
    };
    let staging = created("staging.example.com", 5).await;
    assert_eq!(staging["grant"]["bucket"], "attachments-staging");
    assert!(staging["grant"]["key"].as_str().unwrap().starts_with("staging/"));
    let signed = pairs(&staging["requests"][0]["headers"]);
    assert!(signed.iter().any(|(_, value)| value.contains("Credential=AKIDSTAGING/")), "{signed:?}");
    let production = created("UPLOADS.example.com", 5).await;
    assert_eq!(production["grant"]["bucket"], "attachments");
    // Each goes by its own rules: naming the other host is all that it takes to be under the other's.
    assert_eq!(created("staging.example.com", 1500).await["error"]["code"], "size_refused");
    assert_eq!(created("uploads.example.com", 1500).await["error"], Value::Null);
    // A grant of one is worth nothing in the other, though they share the key of tokens.
    let sign = |token: &Value| json!({ "requests": [{ "token": token, "intents": [{ "op": "put" }] }] });
    let crossed = call(&url, "uploads.example.com", "/sign", sign(&staging["grant"]["token"])).await;
    assert_eq!(crossed.json()["results"][0]["error"]["code"], "grant_invalid", "{}", crossed.text());
    for host in
        ["example.com", "staging.example.com:80", "staging.example.com.evil.example", "127.0.0.1", "default"]
    {
        let refused = call(&url, host, "/uploads", image(5)).await;
        assert_eq!((refused.status, refused.code().as_str()), (421, "unknown_host"), "{host}");
    }
}

#[tokio::test]
async fn no_other_header_names_a_host() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let toml = TOML.replace("http://s3.internal:9000", "http://127.0.0.1:9");
    let (url, _stop) = serve(load(&toml, &[TOP, STAGING], None).unwrap()).await;
    let address = url.strip_prefix("http://").unwrap();
    let raw = async |head: &str| {
        let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
        socket.write_all(format!("{head}connection: close\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        let _ = socket.read_to_string(&mut answer).await;
        answer
    };
    for head in [
        "GET /sealift/capabilities HTTP/1.1\r\nhost: evil.example\r\nx-forwarded-host: staging.example.com\r\n",
        "GET /sealift/capabilities HTTP/1.1\r\nhost: evil.example\r\nforwarded: host=staging.example.com\r\n",
        "GET /sealift/capabilities HTTP/1.1\r\nhost: staging.example.com\r\nhost: uploads.example.com\r\n",
        "GET http://staging.example.com/sealift/capabilities HTTP/1.1\r\nhost: uploads.example.com\r\n",
    ] {
        let answer = raw(head).await;
        assert!(answer.starts_with("HTTP/1.1 421 ") && answer.contains("unknown_host"), "{head}{answer}");
    }
    let answer = raw("GET /sealift/capabilities HTTP/1.1\r\nhost: staging.example.com\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let health = raw("GET /healthz HTTP/1.1\r\nhost: whatever\r\n").await;
    assert!(health.starts_with("HTTP/1.1 200 "), "a balancer knows no host: {health}");
}
