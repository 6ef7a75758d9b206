//! What surrounds the calls: origins, bodies, limits, files, ids.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Options, file, start, start_with};
use serde_json::json;

#[tokio::test]
async fn only_listed_origins_may_call() {
    let toml = "[server]\norigins = [\"https://app.example.com\"]\n".to_owned();
    let server = start_with(Options { toml, ..Options::default() }).await;
    let call = json!({ "files": [file("note.txt", b"hello")] });
    for evil in
        ["https://evil.example", "null", "http://app.example.com", "https://app.example.com.evil.example"]
    {
        let refused = server.call_as("/uploads", call.clone(), &[("origin", evil)]).await;
        assert_eq!((refused.status, refused.code().as_str()), (403, "origin_refused"), "{evil}");
        assert_eq!(refused.header("access-control-allow-origin"), None);
        let headers = [("origin", evil), ("access-control-request-method", "POST")];
        let url = format!("{}/sealift/uploads", server.url);
        let preflight = server.client.send("OPTIONS", &url, &headers, Vec::new()).await;
        assert_eq!(preflight.header("access-control-allow-origin"), None, "{evil}");
    }
    let app = [("origin", "https://app.example.com")];
    let answered = server.call_as("/uploads", call.clone(), &app).await;
    assert_eq!(answered.status, 200);
    assert_eq!(answered.header("access-control-allow-origin"), Some("https://app.example.com"));
    assert_eq!(answered.header("access-control-allow-credentials"), Some("true"));
    assert_eq!(server.call("/uploads", call).await.status, 200, "the server's own origin");
    // A refusal can be read by the page too.
    let malformed = server.call_as("/uploads", json!([]), &app).await;
    assert_eq!(malformed.header("access-control-allow-origin"), Some("https://app.example.com"));
    assert_eq!((malformed.status, malformed.code().as_str()), (400, "malformed_request"));
}

#[tokio::test]
async fn a_preflight_allows_the_apps_own_headers() {
    let toml = "[server]\norigins = [\"https://app.example.com\"]\n".to_owned();
    let server = start_with(Options { toml, ..Options::default() }).await;
    let headers = [
        ("origin", "https://app.example.com"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization,content-type,x-tenant"),
    ];
    let url = format!("{}/sealift/uploads", server.url);
    let preflight = server.client.send("OPTIONS", &url, &headers, Vec::new()).await;
    assert_eq!(preflight.status, 200);
    assert_eq!(preflight.header("access-control-allow-origin"), Some("https://app.example.com"));
    assert_eq!(preflight.header("access-control-allow-headers"), Some("authorization,content-type,x-tenant"));
}

#[tokio::test]
async fn no_form_of_another_site_drives_a_call() {
    let server = start().await;
    let url = format!("{}/sealift/uploads/delete", server.url);
    let body = json!({ "uploads": [] }).to_string().into_bytes();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let refused = server.client.send("POST", &url, &[("content-type", kind)], body.clone()).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "malformed_request"), "{kind}");
    }
    let headers = [("content-type", "application/json"), ("sec-fetch-site", "cross-site")];
    let refused = server.client.send("POST", &url, &headers, body).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "origin_refused"));
}

#[tokio::test]
async fn bodies_that_are_not_what_a_call_takes() {
    let toml = "[server]\nmax_body_bytes = 2048\n".to_owned();
    let server = start_with(Options { toml, ..Options::default() }).await;
    let url = format!("{}/sealift/uploads", server.url);
    let json_type = [("content-type", "application/json")];
    for body in
        ["", "{", "[]", "{}", "nul\0", "{\"files\":[{}]}", "{\"files\":[],\"x\":1}", "\"secret-value\""]
    {
        let refused = server.client.send("POST", &url, &json_type, body.into()).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "malformed_request"), "{body}");
        assert!(!refused.text().contains("secret-value"));
    }
    let refused = server.client.send("POST", &url, &json_type, vec![b' '; 2049]).await;
    assert_eq!((refused.status, refused.code().as_str()), (413, "body_too_large"));
    // Without a length, the limit is met while reading.
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = server.url.strip_prefix("http://").unwrap();
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /sealift/uploads HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..3 {
        socket.write_all(format!("400\r\n{}\r\n", " ".repeat(0x400)).as_bytes()).await.unwrap();
    }
    socket.write_all(b"0\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    let _ = socket.read_to_string(&mut answer).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("\"body_too_large\""), "{answer}");
}

#[tokio::test]
async fn unknown_calls_and_methods_answer_json() {
    let server = start().await;
    for path in ["/sealift", "/sealift/nope", "/sealift/uploads/nope", "/sealift/../x"] {
        let reply = server.client.get(&format!("{}{path}", server.url)).await;
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.code(), "not_found", "{path}");
    }
    let reply = server.client.get(&format!("{}/sealift/sign", server.url)).await;
    assert_eq!((reply.status, reply.code().as_str()), (405, "method_not_allowed"));
}

#[tokio::test]
async fn health_and_request_ids() {
    let server = start().await;
    let url = format!("{}/healthz", server.url);
    let reply = server.client.get(&url).await;
    assert_eq!((reply.status, reply.json()), (200, json!({ "status": "ok" })));
    let ours = reply.header("x-request-id").unwrap().to_owned();
    assert_eq!(ours.len(), 24);
    let kept = server.client.send("GET", &url, &[("x-request-id", "proxy-7f:3")], Vec::new()).await;
    assert_eq!(kept.header("x-request-id"), Some("proxy-7f:3"));
    let long = "x".repeat(65);
    for unfit in ["a b", "<script>", long.as_str()] {
        let replaced = server.client.send("GET", &url, &[("x-request-id", unfit)], Vec::new()).await;
        assert_eq!(replaced.header("x-request-id").unwrap().len(), 24, "{unfit}");
    }
}

#[tokio::test]
async fn folders_are_served_with_their_types_and_nothing_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("www/index.html", "<h1>page</h1>");
    write("pkg/uploader/x_bg.wasm", "\0asm");
    write("js/index.js", "export {}");
    write("secret.txt", "secret");
    let at = |name: &str| format!("{name} = {:?}\n", folder.path().join(name).to_str().unwrap());
    let toml = format!("[server]\n{}{}{}", at("www"), at("pkg"), at("js"));
    let server = start_with(Options { toml, ..Options::default() }).await;
    for (path, kind) in [
        ("/", "text/html"),
        ("/pkg/uploader/x_bg.wasm", "application/wasm"),
        ("/js/index.js", "text/javascript"),
    ] {
        let reply = server.client.get(&format!("{}{path}", server.url)).await;
        assert_eq!(reply.status, 200, "{path}");
        assert!(reply.header("content-type").unwrap().starts_with(kind), "{path}: {:?}", reply.headers);
        assert_eq!(reply.header("cache-control"), Some("no-cache"));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("x-frame-options"), Some("SAMEORIGIN"));
    }
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/js/../secret.txt",
        "/js/%2e%2e/secret.txt",
        "/js/..%2fsecret.txt",
    ] {
        let reply = server.client.get(&format!("{}{path}", server.url)).await;
        assert!(reply.status >= 400 && !reply.text().contains("secret"), "{path}: {}", reply.text());
    }
}

#[tokio::test]
async fn the_form_page_is_filled_in_by_the_server() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("form.html"),
        "<form action=\"{{action}}\"><!--sealift:form-fields--></form>{{max_size}} {{type}}",
    )
    .unwrap();
    std::fs::write(folder.path().join("form-done.html"), "<a href=\"{{url}}\">{{key}}</a> {{size}}").unwrap();
    let toml = format!("[server]\nwww = {:?}\n[rules]\nmax_size = 2048\n", folder.path().to_str().unwrap());
    let server = start_with(Options { toml, ..Options::default() }).await;

    let page = server.client.get(&format!("{}/form.html?type=text/plain", server.url)).await;
    let html = page.text();
    assert_eq!((page.status, page.header("cache-control")), (200, Some("no-store")), "{html}");
    assert!(html.contains(&format!("action=\"{}/sealift-dev", server.s3_url)), "{html}");
    for name in ["key", "policy", "x-amz-signature", "x-amz-credential", "success_action_redirect"] {
        assert!(
            html.to_lowercase().contains(&format!("<input type=\"hidden\" name=\"{name}\" value=\"")),
            "{html}"
        );
    }
    assert!(html.contains("2 KiB text/plain"), "{html}");

    let finished = server.upload("<b>&.txt", b"hello", &[]).await;
    let receipt = finished["receipt"].as_str().unwrap();
    let done = server.client.get(&format!("{}/form-done.html?receipt={receipt}", server.url)).await;
    assert_eq!(done.status, 200, "{}", done.text());
    assert!(done.text().contains("5 bytes") && !done.text().contains("<b>"), "{}", done.text());
    let link = done.text().split('"').nth(1).unwrap().replace("&amp;", "&");
    assert_eq!(server.client.get(&link).await.body, b"hello".as_slice());

    let told = server.client.get(&format!("{}/form-done.html?error=not_uploaded", server.url)).await;
    assert!(told.status == 400 && told.text().contains("not_uploaded"), "{}", told.text());
    // Only what this server says of an upload stands on its page.
    let words = server.client.get(&format!("{}/form-done.html?error=call+5551234", server.url)).await;
    assert!(words.status == 400 && !words.text().contains("5551234"), "{}", words.text());

    // A page whose name was rebound to this address gets no signed form.
    let port = server.url.rsplit(':').next().unwrap();
    for (host, status) in [
        (format!("localhost:{port}"), 200),
        (format!("LOCALHOST:{port}"), 200),
        (format!("evil.example:{port}"), 403),
        (format!("localhost.evil.example:{port}"), 403),
        ("localhost".to_owned(), 403),
    ] {
        let url = format!("{}/form.html", server.url);
        let page = server.client.send("GET", &url, &[("host", &host)], Vec::new()).await;
        assert_eq!(page.status, status, "{host}");
        assert_eq!(page.text().contains("x-amz-signature"), status == 200, "{host}");
        assert_eq!(page.header("x-frame-options"), Some("SAMEORIGIN"), "{host}");
    }

    for query in ["", "?receipt=forged", "?error=%3Cscript%3E"] {
        let refused = server.client.get(&format!("{}/form-done.html{query}", server.url)).await;
        assert!(refused.status >= 400 && !refused.text().contains("<script>"), "{query}: {}", refused.text());
    }
}
