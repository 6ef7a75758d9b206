//! Listing keys a page at a time, with prefix and delimiter:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-prefixes.html>

use std::collections::BTreeMap;
use std::ops::Bound;

/// What to list.
pub(crate) struct Listing<'a> {
    pub(crate) prefix: &'a str,
    /// Empty: none.
    pub(crate) delimiter: &'a str,
    /// Names after this one; one that is a common prefix skips all under it.
    pub(crate) after: Option<&'a str>,
    pub(crate) max: usize,
}

/// One page.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) prefixes: Vec<String>,
    /// The last name on the page when more follow.
    pub(crate) next: Option<String>,
}

/// Keys in byte order: that of a `BTreeMap<String, _>`, and S3's.
pub(crate) fn list<T: Clone>(entries: &BTreeMap<String, T>, listing: &Listing<'_>) -> Page<T> {
    let mut page = Page { items: Vec::new(), prefixes: Vec::new(), next: None };
    if listing.max == 0 {
        return page;
    }
    let start = match listing.after {
        Some(after) if after >= listing.prefix => Bound::Excluded(after),
        _ => Bound::Included(listing.prefix),
    };
    let mut last: Option<String> = None;
    for (key, entry) in entries.range::<str, _>((start, Bound::Unbounded)) {
        let Some(rest) = key.strip_prefix(listing.prefix) else { break };
        let common = common_prefix(listing, rest);
        if let Some(common) = &common
            && (listing.after == Some(common) || page.prefixes.last() == Some(common))
        {
            continue;
        }
        if page.items.len() + page.prefixes.len() == listing.max {
            page.next = last;
            break;
        }
        match common {
            Some(common) => {
                last = Some(common.clone());
                page.prefixes.push(common);
            }
            None => {
                last = Some(key.clone());
                page.items.push(entry.clone());
            }
        }
    }
    page
}

fn common_prefix(listing: &Listing<'_>, rest: &str) -> Option<String> {
    if listing.delimiter.is_empty() {
        return None;
    }
    let (head, _) = rest.split_once(listing.delimiter)?;
    Some(format!("{}{head}{}", listing.prefix, listing.delimiter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(keys: &[&str], prefix: &str, delimiter: &str, max: usize) -> Vec<(Vec<String>, Vec<String>)> {
        let entries: BTreeMap<String, String> =
            keys.iter().map(|k| ((*k).to_owned(), (*k).to_owned())).collect();
        let mut after = None;
        let mut pages = Vec::new();
        loop {
            let page = list(&entries, &Listing { prefix, delimiter, after: after.as_deref(), max });
            pages.push((page.items, page.prefixes));
            after = page.next;
            if after.is_none() {
                return pages;
            }
        }
    }

    #[test]
    fn every_key_stands_on_one_page_whatever_the_page_size() {
        let keys = ["a", "a/b", "a/c", "b//x", "b/x", "c", "é"];
        for max in 1..8 {
            let pages = pages(&keys, "", "", max);
            let all: Vec<_> = pages.iter().flat_map(|p| p.0.iter().map(String::as_str)).collect();
            assert_eq!(all, keys);
            assert!(pages.iter().all(|p| p.0.len() <= max));
        }
    }

    #[test]
    fn common_prefixes_come_once_and_count_as_one() {
        let keys = ["a", "a/1", "a/2", "b/1", "b/2", "c"];
        for max in 1..6 {
            let pages = pages(&keys, "", "/", max);
            let items: Vec<_> = pages.iter().flat_map(|p| p.0.iter().map(String::as_str)).collect();
            let prefixes: Vec<_> = pages.iter().flat_map(|p| p.1.iter().map(String::as_str)).collect();
            assert_eq!((items, prefixes), (vec!["a", "c"], vec!["a/", "b/"]), "pages of {max}");
        }
        assert_eq!(pages(&keys, "a/", "/", 10), vec![(vec!["a/1".into(), "a/2".into()], vec![])]);
    }
}
