//! JSON as YAML that people can read: blocks, members in their order.

use std::fmt::Write as _;

use serde_json::Value;

/// The document, with an end of line.
pub fn written(value: &Value) -> String {
    let mut out = String::new();
    block(value, 0, &mut out);
    out
}

/// Lines of a map or a list; each begins at the depth of `indent`.
fn block(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let _ = write!(out, "{:indent$}{}:", "", scalar(&Value::from(name.as_str())));
                below(member, indent, out);
            }
        }
        Value::Array(items) => {
            for item in items {
                let _ = write!(out, "{:indent$}-", "");
                below(item, indent, out);
            }
        }
        one => {
            let _ = writeln!(out, "{:indent$}{}", "", scalar(one));
        }
    }
}

/// What stands behind a name or a dash.
fn below(value: &Value, indent: usize, out: &mut String) {
    let is_empty = match value {
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => true,
    };
    if is_empty {
        let _ = writeln!(out, " {}", scalar(value));
    } else {
        out.push('\n');
        block(value, indent + 2, out);
    }
}

/// JSON's own scalars are YAML's; plain words go without quotes.
fn scalar(value: &Value) -> String {
    const WORDS: [&str; 8] = ["true", "false", "null", "yes", "no", "on", "off", "y"];
    let is_plain = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/')
            && text.chars().all(|one| one.is_ascii_alphanumeric() || "/_-.".contains(one))
            && !WORDS.contains(&text.to_ascii_lowercase().as_str())
    };
    match value {
        Value::String(text) if is_plain(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_could_be_read_as_something_else_is_quoted() {
        let value = json!({ "a": ["x y", "no", "3.1", 3, null, [], {}], "200": { "$ref": "#/a" }, "b": [[1], { "c": "d: e" }] });
        let expected = "\"200\":\n  \"$ref\": \"#/a\"\na:\n  - \"x y\"\n  - \"no\"\n  - \"3.1\"\n  - 3\n  - null\n  - []\n  - {}\nb:\n  -\n    - 1\n  -\n    c: \"d: e\"\n";
        assert_eq!(written(&value), expected);
    }
}
