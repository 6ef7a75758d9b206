//! Headers that are not the same on both sides.

use super::canonical::Canonical;
use super::mask::{is_session_token, shown};
use super::verdict::{Cause, Difference};

/// The host decides where a request arrives, so it is looked at first.
pub(super) fn compare_host(ours: &Canonical, theirs: &Canonical, found: &mut Vec<Difference>) {
    let (Some(our), Some(their)) = (ours.header("host"), theirs.header("host")) else { return };
    if our == their {
        return;
    }
    let ((our_name, our_port), (their_name, their_port)) = (split(our), split(their));
    let (cause, hint) = if our_name.eq_ignore_ascii_case(their_name) && our_port != their_port {
        let port =
            |port: Option<&str>| port.map_or_else(|| "no port".to_owned(), |port| format!("port {port}"));
        (
            Cause::Port,
            format!(
                "The port in Host differs: the signature was made for {}, but S3 saw {}. Sign for the address that \
                 clients really call (80 and 443 are left out), or let the proxy before S3 pass Host on unchanged.",
                port(our_port),
                port(their_port),
            ),
        )
    } else if our.eq_ignore_ascii_case(their) {
        (Cause::Host, "The host is signed in lower case.".to_owned())
    } else {
        (
            Cause::Host,
            format!(
                "The host differs: the signature was made for {our}, but S3 saw {their}. Sign for the address that \
                 clients really call, or let the proxy before S3 pass Host on unchanged (nginx: proxy_set_header Host \
                 $http_host)."
            ),
        )
    };
    found.push(Difference::new(cause, "host", hint).with(Some(our), Some(their)));
}

/// All but the host.
pub(super) fn compare(ours: &Canonical, theirs: &Canonical, found: &mut Vec<Difference>) {
    for (name, our) in ours.headers.iter().filter(|(name, _)| name != "host") {
        match (our, theirs.header(name)) {
            // Some servers write an empty line for what did not arrive.
            (Some(our), Some(their)) if our != their && !their.is_empty() => {
                found.push(changed(name, our, their))
            }
            (_, Some(their)) if !their.is_empty() || our.as_deref().is_none_or(str::is_empty) => {}
            _ => found.push(dropped(name, our.as_deref(), theirs.has_header(name))),
        }
    }
    for (name, their) in &theirs.headers {
        if !ours.has_header(name) && name != "host" {
            found.push(added(name, their.as_deref().unwrap_or_default()));
        }
    }
    for name in names(&ours.signed_headers).filter(|name| !ours.has_header(name) && !theirs.has_header(name))
    {
        found.push(dropped(name, None, false));
    }
}

pub(super) fn names(signed_headers: &str) -> impl Iterator<Item = &str> {
    signed_headers.split(';').filter(|name| !name.is_empty())
}

fn changed(name: &str, ours: &str, theirs: &str) -> Difference {
    let cause = match name {
        _ if is_session_token(name) => Cause::SessionTokenChanged,
        "x-amz-date" => Cause::Date,
        "x-amz-content-sha256" => Cause::PayloadHash,
        _ if words(ours) == words(theirs) || spaceless(ours) == spaceless(theirs) => Cause::WhiteSpace,
        _ => Cause::HeaderChanged,
    };
    let hint = match (cause, name) {
        (Cause::SessionTokenChanged, _) => {
            "Another session token arrived than the one that was signed: it belongs to other credentials, or was cut \
             short."
                .to_owned()
        }
        (Cause::Date, _) => {
            "x-amz-date differs: the request that arrived says another moment than the one that was signed; the two \
             may be different requests."
                .to_owned()
        }
        (Cause::PayloadHash, _) => {
            "x-amz-content-sha256 differs: another hash of the body was sent than was signed.".to_owned()
        }
        (Cause::WhiteSpace, _) => format!(
            "The white space in the header {name} differs: it is trimmed, and inner runs are collapsed to one space, \
             before it is signed and before it is sent; values of one name are joined by a comma alone."
        ),
        (_, "content-type") if theirs.starts_with(ours) => {
            "The client or a proxy added something (usually a charset) to the header content-type: sign the value that \
             is really sent. Browsers add a charset to texts; a Blob goes as it is."
                .to_owned()
        }
        (_, "content-length") => {
            "The header content-length differs: the body that arrived is longer or shorter than the one that was \
             signed for."
                .to_owned()
        }
        (_, "accept-encoding" | "content-encoding") => format!(
            "The header {name} was changed on the way: proxies that compress rewrite it. Leave it unsigned, or switch \
             that off for S3."
        ),
        _ => format!(
            "The header {name} was changed after it was signed, by the client or by a proxy: send the value that was \
             signed, or leave the header unsigned."
        ),
    };
    Difference::new(cause, &part(name), hint).with(Some(&shown(name, ours)), Some(&shown(name, theirs)))
}

fn dropped(name: &str, ours: Option<&str>, is_empty: bool) -> Difference {
    let what = if is_empty { "did not arrive, or arrived empty" } else { "did not arrive" };
    let (cause, hint) = if is_session_token(name) {
        (
            Cause::SessionTokenMissing,
            format!(
                "The session token {what}: the header {name} was signed but not sent, or a proxy took it away."
            ),
        )
    } else {
        (
            Cause::HeaderDropped,
            format!(
                "The header {name} was signed but {what}: the client did not send it, or a proxy took it away. \
                 Whoever uses the signature must send every signed header."
            ),
        )
    };
    Difference::new(cause, &part(name), hint).with(ours.map(|value| shown(name, value)).as_deref(), None)
}

fn added(name: &str, theirs: &str) -> Difference {
    let hint = format!(
        "S3 counts the header {name} among the signed ones, but it was not signed: the list of signed headers that was \
         sent is another one than was signed."
    );
    Difference::new(Cause::HeaderAdded, &part(name), hint).with(None, Some(&shown(name, theirs)))
}

fn part(name: &str) -> String {
    format!("header:{name}")
}

fn split(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn words(value: &str) -> Vec<&str> {
    value.split_whitespace().collect()
}

/// Without the spaces that some clients put behind commas.
fn spaceless(value: &str) -> String {
    value.split(',').map(str::trim).collect::<Vec<_>>().join(",")
}
