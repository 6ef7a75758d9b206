//! Query parameters that are not the same on both sides.

use super::canonical::decoded;
use super::mask::{is_session_token, shown};
use super::verdict::{Cause, Difference};

type Pairs = [(String, String)];

pub(super) fn compare(ours: &Pairs, theirs: &Pairs, found: &mut Vec<Difference>) {
    if ours == theirs {
        return;
    }
    let sorted = |pairs: &Pairs| {
        let mut pairs = pairs.to_vec();
        pairs.sort();
        pairs
    };
    if sorted(ours) == sorted(theirs) {
        let hint = "The query parameters are the same, but in another order: the canonical request has them sorted by \
                    their encoded names, then by their encoded values.";
        let names = |pairs: &Pairs| pairs.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join("&");
        found.push(
            Difference::new(Cause::QueryOrder, "query", hint).with(Some(&names(ours)), Some(&names(theirs))),
        );
        return;
    }
    for (name, our) in ours {
        match theirs.iter().filter(|(other, _)| same(other, name)).map(|(_, value)| value).next() {
            None => found.push(of(Cause::Query, name, Some(our), None, &dropped(name))),
            Some(_) if theirs.iter().any(|(other, their)| other == name && their == our) => {}
            Some(their) => found.push(changed(name, our, their)),
        }
    }
    for (name, their) in theirs {
        if !ours.iter().any(|(other, _)| same(other, name)) {
            found.push(of(Cause::Query, name, None, Some(their), &added(name)));
        }
    }
}

/// As S3 reads a query, in which a + is a space.
fn same(left: &str, right: &str) -> bool {
    decoded(&left.replace('+', "%20")) == decoded(&right.replace('+', "%20"))
}

fn changed(name: &str, ours: &str, theirs: &str) -> Difference {
    let (cause, hint) = if same(ours, theirs) {
        (
            Cause::QueryEncoding,
            format!(
                "The query parameter {name} says the same, but is percent-encoded differently: a space is %20, a slash \
                 %2F, and escapes have upper-case digits."
            ),
        )
    } else if decoded(&decoded(theirs)) == decoded(ours) || decoded(&decoded(ours)) == decoded(theirs) {
        (
            Cause::QueryEncoding,
            format!("The query parameter {name} was percent-encoded once more on one side."),
        )
    } else if decoded(ours).replace('+', " ") == decoded(theirs).replace('+', " ") {
        (
            Cause::QueryEncoding,
            format!(
                "A + in the query parameter {name} was read as a space: in a query write %2B for a plus and %20 for a \
                 space."
            ),
        )
    } else if is_session_token(name) {
        (Cause::SessionTokenChanged, "Another session token arrived than the one that was signed.".to_owned())
    } else {
        (Cause::Query, format!("The query parameter {name} was changed after it was signed."))
    };
    of(cause, name, Some(ours), Some(theirs), &hint)
}

fn dropped(name: &str) -> String {
    format!("The query parameter {name} was signed but did not arrive: the client or a proxy took it away.")
}

fn added(name: &str) -> String {
    format!(
        "The query parameter {name} was added after the URL was signed: every parameter is part of the signature, so \
         add it before."
    )
}

fn of(cause: Cause, name: &str, ours: Option<&str>, theirs: Option<&str>, hint: &str) -> Difference {
    let part = format!("query:{name}");
    let value = |value: Option<&str>| value.map(|value| shown(name, value));
    Difference::new(cause, &part, hint).with(value(ours).as_deref(), value(theirs).as_deref())
}
