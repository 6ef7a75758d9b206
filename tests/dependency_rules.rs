//! The rules of the crate's shape (DESIGN, section 3), read from its sources:
//! dependencies run one way, and the core knows no browser, no clock, no
//! randomness and no I/O.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};

/// What each module may use of the crate, itself apart.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("error", &[]),
    ("time", &["error"]),
    ("digest", &["error", "time"]),
    ("sigv4", &["error", "time", "digest"]),
    ("s3", &["error", "time", "digest", "sigv4"]),
    ("upload", &["error", "time", "digest", "sigv4", "s3"]),
    ("endpoint", &["error", "time", "digest", "sigv4", "s3"]),
    ("web", &["error", "time", "digest", "sigv4", "s3", "upload"]),
    ("bindings", &["error", "time", "digest", "sigv4", "s3", "upload", "endpoint", "web"]),
    ("lib", &["error", "time", "digest", "sigv4", "s3", "upload", "endpoint", "web", "bindings"]),
];

/// Modules that may name the browser.
const OUTER: [&str; 2] = ["web", "bindings"];

/// What the core must not name: browser types, clocks, randomness, I/O.
const FORBIDDEN: [&str; 22] = [
    "web_sys",
    "js_sys",
    "wasm_bindgen",
    "gloo_",
    "serde_wasm_bindgen",
    "std::time::Instant",
    "std::time::SystemTime",
    "SystemTime::now",
    "Instant::now",
    "getrandom",
    "rand::",
    "thread_rng",
    "RandomState",
    "std::fs",
    "std::net::Tcp",
    "std::net::Udp",
    "std::env",
    "std::process",
    "std::thread",
    "std::io::std",
    "println!",
    "tokio",
];

#[test]
fn the_crate_keeps_its_shape() {
    let files = sources();
    assert!(files.len() > 40, "only {} files were found", files.len());
    let found: Vec<_> = files.iter().flat_map(|(path, text)| broken_rules(path, text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_module_has_its_rule() {
    for (path, _) in sources() {
        let module = module_of(&path);
        assert!(ALLOWED.iter().any(|(name, _)| *name == module), "{module} has no rule");
    }
}

#[test]
fn the_test_finds_what_it_forbids() {
    let found = |path: &str, text: &str| broken_rules(Path::new(path), text).len();
    for (path, text) in [
        ("sigv4/key.rs", "use crate::s3::Bucket;"),
        ("sigv4/key.rs", "use crate::{error::Error, endpoint::Rules};"),
        ("sigv4/key.rs", "use crate::{\n    error::Error,\n    s3,\n};"),
        ("time.rs", "fn f() { crate::digest::sha256(b\"\"); }"),
        ("endpoint/mod.rs", "use crate::upload::Upload;"),
        ("upload/mod.rs", "use crate::endpoint::Rules;"),
        ("web/mod.rs", "pub(crate) use crate::bindings::X;"),
        ("upload/mod.rs", "let now = std::time::Instant::now();"),
        ("s3/mod.rs", "use web_sys::Blob;"),
        ("endpoint/create.rs", "let uuid = getrandom::fill(&mut bytes);"),
    ] {
        assert!(found(path, text) > 0, "{path}: {text}");
    }
    for (path, text) in [
        ("sigv4/key.rs", "use crate::{error::Error, time::Timestamp, sigv4::scope, Timestamp};"),
        ("sigv4/key.rs", "// as crate::s3::Bucket, web_sys::Blob\n/// [`crate::s3::Bucket`]"),
        ("upload/mod.rs", "#[cfg(test)]\nmod tests { use std::time::Instant; }"),
        ("web/mod.rs", "use web_sys::Blob; use crate::upload::Upload;"),
    ] {
        assert_eq!(found(path, text), 0, "{path}: {text}");
    }
}

/// dev-s3 judges what the crate signs, so it shares no code with it.
#[test]
fn dev_s3_does_not_know_the_crate() {
    let manifest = fs::read_to_string(root().join("dev-s3/Cargo.toml")).unwrap();
    assert!(!manifest.lines().any(|line| line.starts_with("sealift")));
}

#[test]
fn the_server_does_not_know_the_engine() {
    for (path, text) in files_below(&root().join("server/src"), "rs") {
        let text = text.replace("sealift::", "crate::");
        assert!(!modules_used(&text).contains(&"upload".to_owned()), "server/src/{}", path.display());
    }
}

#[test]
fn scripts_import_only_what_lies_below_them() {
    for (folder, elsewhere) in [("js", &["pkg/"][..]), ("www", &["/js/index.js", "/js/element.js"])] {
        let files = files_below(&root().join(folder), "js");
        assert!(files.len() > 10, "{folder}: only {} files were found", files.len());
        for (path, text) in files {
            for name in imports(&text) {
                let from_root = name.strip_prefix(&up_to_root(&path)).unwrap_or(name);
                let allowed =
                    stays_inside(&path, name) || elsewhere.iter().any(|start| from_root.starts_with(start));
                assert!(allowed, "{folder}/{} imports {name}", path.display());
            }
        }
    }
    let text = "import { a } from \"/js/upload.js\";\nimport \"./b.js\";\nconst c = await import(\"c\");";
    assert_eq!(imports(text), ["/js/upload.js", "./b.js", "c"]);
    let inside = |script: &str, name| stays_inside(Path::new(script), name);
    assert!(inside("a.js", "./b.js") && inside("c/a.js", "../b.js"));
    assert!(!inside("a.js", "../b.js") && !inside("c/a.js", "../../b.js") && !inside("a.js", "/js/b.js"));
}

/// Whether what a script names lies in the same folder as the script, or in one
/// above it that is still below the root.
fn stays_inside(script: &Path, name: &str) -> bool {
    let depth = script.components().count() - 1;
    let ups = name.split('/').take_while(|part| *part == "..").count();
    name.starts_with("./") || (1..=depth).contains(&ups)
}

/// The way from a script up to the folder that its own folder lies in.
fn up_to_root(script: &Path) -> String {
    "../".repeat(script.components().count())
}

/// What a script imports: `from "…"`, `import "…"` and `import("…")`.
fn imports(text: &str) -> Vec<&str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.filter_map(|line| {
        let (_, rest) =
            ["from \"", "import \"", "import(\""].iter().find_map(|word| line.split_once(word))?;
        rest.split('"').next()
    })
    .collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file of the crate with its path below `src/`.
fn sources() -> Vec<(PathBuf, String)> {
    files_below(&root().join("src"), "rs")
}

/// Every file with this extension, with its path below `root`.
fn files_below(root: &Path, wanted: &str) -> Vec<(PathBuf, String)> {
    let mut folders = vec![root.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == wanted) {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path.strip_prefix(root).unwrap().to_owned(), text));
            }
        }
    }
    files
}

/// The top-level module that a file belongs to.
fn module_of(path: &Path) -> String {
    let first = path.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

fn broken_rules(path: &Path, text: &str) -> Vec<String> {
    let module = module_of(path);
    // Tests may use what they like; they stand at the end of a file, or are
    // files of their own.
    if path.components().any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs"))) {
        return Vec::new();
    }
    let code = without_comments(text.split("#[cfg(test)]\nmod tests").next().unwrap());
    let allowed = ALLOWED.iter().find(|(name, _)| *name == module).map_or(&[][..], |(_, allowed)| allowed);
    let mut broken: Vec<String> = modules_used(&code)
        .into_iter()
        .filter(|used| *used != module && ALLOWED.iter().any(|(name, _)| name == used))
        .filter(|used| !allowed.contains(&used.as_str()))
        .map(|used| format!("{}: `{module}` must not know `{used}`", path.display()))
        .collect();
    if module != "lib" && !OUTER.contains(&module.as_str()) {
        let names = FORBIDDEN.iter().filter(|name| code.contains(**name));
        broken.extend(names.map(|name| format!("{}: the core must not name `{name}`", path.display())));
    }
    broken
}

/// Modules named after `crate::`, one by one or in a `{…}` list.
fn modules_used(code: &str) -> Vec<String> {
    let mut used = Vec::new();
    for after in code.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            None => used.push(identifier(after)),
            Some(list) => used.extend(list_items(list)),
        }
    }
    used
}

/// First identifiers of the items of a `use` list, up to its closing brace.
fn list_items(list: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut depth = 1;
    for character in list.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => items.push(String::new()),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && character != ',' {
            items.last_mut().unwrap().push(character);
        }
    }
    items.iter().map(|item| identifier(item.trim())).collect()
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The code without line comments, so without rustdoc; no string of this
/// crate that holds `//` goes on to name what is looked for here.
fn without_comments(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}
