//! File names as parts of keys.

use crate::s3::metadata::floor_char_boundary;

/// Longest extension that shortening keeps, its dot included, in bytes.
const MAX_EXTENSION: usize = 20;

/// A name that is safe as a segment of a key, at most `budget` bytes (at
/// least 8): no path separators, control or direction-changing characters, no
/// characters or names that file systems reserve, no dots or spaces at its
/// ends (so neither `.` nor `..`). Other text stays as it is; what is too long
/// loses the end of its stem and keeps its extension.
///
/// The name itself is not lost: it travels in `Content-Disposition`.
pub(crate) fn clean(name: &str, budget: usize) -> String {
    let replaced: String = name.chars().map(|c| if is_unsafe(c) { '_' } else { c }).collect();
    let shortened = shorten(trim(&replaced), budget.saturating_sub(1));
    let cleaned = trim(&shortened);
    if cleaned.is_empty() {
        "file".to_owned()
    } else if is_reserved(cleaned) {
        format!("_{cleaned}")
    } else {
        cleaned.to_owned()
    }
}

fn trim(name: &str) -> &str {
    name.trim_matches(|c: char| c == '.' || c.is_whitespace())
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '/' | '\\' | '<' | '>' | ':' | '"' | '|' | '?' | '*')
        // Marks that change the direction of text, and so what a name looks like.
        || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        // Not characters, or not in XML: ListObjects could not name the key.
        || matches!(c, '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}' | '\u{2028}' | '\u{2029}')
}

/// Device names of Windows, with any extension.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_lowercase();
    let numbered = |prefix| {
        stem.strip_prefix(prefix).is_some_and(|number: &str| matches!(number.as_bytes(), [b'1'..=b'9']))
    };
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

fn shorten(name: &str, budget: usize) -> String {
    if name.len() <= budget {
        return name.to_owned();
    }
    let extension = match name.rfind('.').and_then(|dot| name.get(dot..)) {
        Some(extension) if extension.len() <= MAX_EXTENSION.min(budget / 2) => extension,
        _ => "",
    };
    let room = floor_char_boundary(name, budget - extension.len());
    let stem = name.get(..room).unwrap_or_default();
    format!("{}{extension}", trim(stem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn awkward_names() {
        for (name, cleaned) in [
            ("report.pdf", "report.pdf"),
            ("a+b c/ü'%.txt", "a+b c_ü'%.txt"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("..", "file"),
            (".", "file"),
            ("", "file"),
            ("...", "file"),
            (" . ", "file"),
            (".htaccess", "htaccess"),
            ("C:\\Users\\x.doc", "C__Users_x.doc"),
            ("a\0b\nc\u{7f}", "a_b_c_"),
            ("con", "_con"),
            ("NUL.txt", "_NUL.txt"),
            ("Com1 .x", "_Com1 .x"),
            ("com0", "com0"),
            ("console.log", "console.log"),
            ("evil\u{202E}fdp.exe", "evil_fdp.exe"),
            ("日本語.txt", "日本語.txt"),
        ] {
            assert_eq!(clean(name, 200), cleaned, "{name:?}");
        }
    }

    #[test]
    fn long_names_keep_their_extension() {
        assert_eq!(clean("abcdefghijklmnopqrstuvwxyz.txt", 21), "abcdefghijklmnop.txt");
        assert_eq!(clean(&"é".repeat(100), 20), "é".repeat(9));
        assert_eq!(clean("abcdefghij.averyveryverylongextension", 21), "abcdefghij.averyvery");
    }

    proptest! {
        #[test]
        fn a_cleaned_name_is_one_safe_segment(name in "[./\\\\ :*a-c\\PC\\x00-\\x7f]{0,80}", budget in 8_usize..200) {
            let cleaned = clean(&name, budget);
            prop_assert!(!cleaned.is_empty() && cleaned.len() <= budget.max(8));
            prop_assert!(!cleaned.chars().any(is_unsafe));
            prop_assert!(cleaned != "." && cleaned != "..");
            prop_assert!(!is_reserved(&cleaned));
            prop_assert_eq!(clean(&cleaned, 512), cleaned);
        }
    }
}
