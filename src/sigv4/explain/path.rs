//! Paths that are not the same on both sides.

use super::canonical::{Canonical, decoded};
use super::verdict::{Cause, Difference};

pub(super) fn compare(ours: &str, theirs: &str, found: &mut Vec<Difference>) {
    if ours == theirs {
        return;
    }
    let (cause, hint) = judge(ours, theirs);
    found.push(Difference::new(cause, "path", hint).with(Some(ours), Some(theirs)));
}

/// With the path that a server names which does not say what it signed.
pub(super) fn compare_resource(ours: &Canonical, resource: Option<&str>, found: &mut Vec<Difference>) {
    let Some(theirs) = resource.filter(|path| path.starts_with('/')) else { return };
    if found.iter().any(|difference| difference.part == "path") {
        return;
    }
    let ours = decoded(&ours.path);
    let (theirs, encoded) = (theirs.trim_end_matches('/'), decoded(theirs));
    // Some say it encoded, some without the bucket, some with.
    let plain = ours.trim_end_matches('/');
    let same = [theirs, encoded.trim_end_matches('/')]
        .into_iter()
        .any(|theirs| plain == theirs || plain.ends_with(theirs) || theirs.ends_with(plain));
    if !same {
        let (cause, hint) = judge(plain, theirs);
        found.push(Difference::new(cause, "path", hint).with(Some(plain), Some(theirs)));
    }
}

fn judge(ours: &str, theirs: &str) -> (Cause, &'static str) {
    let (our, their) = (decoded(ours), decoded(theirs));
    if our == their {
        return (Cause::PathEncoding, same_path(ours, theirs));
    }
    if decoded(&our) == their {
        return (
            Cause::DoubleEncoding,
            "The path was percent-encoded twice before it was signed. S3 encodes it once, unlike AWS's other services: \
             sign with the rules of the service s3.",
        );
    }
    if decoded(&their) == our {
        return (
            Cause::DoubleEncoding,
            "The path was percent-encoded once more after it was signed, by the client or by a proxy: send the URL \
             just as the signer answers it.",
        );
    }
    if our.replace('+', " ") == their.replace('+', " ") {
        return (
            Cause::PathEncoding,
            "A + in the path was read as a space on one side: in a path write %2B for a plus and %20 for a space.",
        );
    }
    if our.trim_end_matches('/') == their.trim_end_matches('/') {
        return (Cause::Path, "The path has a slash at its end on one side only.");
    }
    if folded(&our) == folded(&their) {
        return (
            Cause::Path,
            "The path was normalised after it was signed (`//`, `.` or `..` folded), by the client or by a proxy. S3 \
             normalises nothing: choose keys without such segments, or switch that off (nginx: merge_slashes off).",
        );
    }
    if our.ends_with(&their) || their.ends_with(&our) {
        return (
            Cause::Path,
            "One path has something more in front: the bucket (path-style on one side, virtual-hosted on the other), \
             or a prefix that a proxy adds or takes away. Sign for the path that S3 really sees.",
        );
    }
    if our.eq_ignore_ascii_case(&their) {
        return (Cause::Path, "Upper and lower case differ in the path.");
    }
    (
        Cause::Path,
        "The path differs: the signature was made for another object or bucket than the one that was asked for.",
    )
}

/// Both say the same, in other escapes.
fn same_path(ours: &str, theirs: &str) -> &'static str {
    let count = |path: &str| path.to_ascii_uppercase().matches("%2F").count();
    if count(ours) != count(theirs) {
        "A slash of the path is written %2F on one side: in S3's canonical request every slash stays a slash."
    } else {
        "The path is percent-encoded differently on the two sides: letters, digits and -._~ stay, all else becomes \
         %XX with upper-case digits, a space %20 and a plus %2B."
    }
}

/// Without empty segments, `.` and `..`.
fn folded(path: &str) -> Vec<&str> {
    let mut kept = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            other => kept.push(other),
        }
    }
    kept
}
