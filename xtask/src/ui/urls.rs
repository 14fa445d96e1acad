//! Addresses of other hosts in scripts, and what they seem to be for.
//!
//! A script is not run, only read: by what stands before an address it is told
//! whether it is loaded, linked to, or part of a text. An address that a script
//! puts together from parts is not seen, and one that is seen may never be used.

use std::collections::BTreeMap;

/// What an address seems to be for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    /// A script, style, image or answer is fetched from there.
    Loaded,
    /// It stands alone: what is done with it cannot be seen.
    Unclear,
    /// People may go there.
    Linked,
    /// It is within a text: a message, a comment, a licence, a namespace.
    Told,
}

/// The hosts by use, with one address of each.
pub(super) type Hosts = BTreeMap<(Use, String), String>;

/// Names that XML and JSON give to languages: nobody asks these hosts.
const NAMESPACES: &[&str] = &[
    "www.w3.org",
    "ns.adobe.com",
    "www.xfa.org",
    "json-schema.org",
    "a2ui.org",
];

/// What stands before an address that is loaded.
const LOADING: &[&str] = &[
    "fetch(",
    "import(",
    "importScripts(",
    "url(",
    "src:",
    "src=",
    "srcset=",
    "sendBeacon(",
    "WebSocket(",
    "EventSource(",
    "Worker(",
    "tiles:[",
    "paths:{vs:",
    "API_URL:",
    "@import ",
];

/// What stands before an address that people may go to.
const LINKING: &[&str] = &["href:", "href=", "](", "window.open(", "location.href="];

/// Endings of addresses of files that a page consists of.
const PARTS: &[&str] = &[
    "js", "mjs", "css", "wasm", "woff", "woff2", "ttf", "png", "jpg", "svg", "pbf", "{y}.png",
];

/// Adds the addresses in `text` to `hosts`.
pub(super) fn add(text: &str, hosts: &mut Hosts) {
    for scheme in ["https://", "http://"] {
        for (at, _) in text.match_indices(scheme) {
            let (Some(before), Some(rest)) = (text.get(..at), text.get(at..)) else {
                continue;
            };
            let address = rest.split(ends_address).next().unwrap_or_default();
            let host = address.get(scheme.len()..).unwrap_or_default();
            let host = host.split(['/', '?', '#', ':']).next().unwrap_or_default();
            if host.contains('.') {
                let key = (judge(before, host, address), host.to_owned());
                hosts.entry(key).or_insert_with(|| address.to_owned());
            }
        }
    }
}

fn ends_address(character: char) -> bool {
    character.is_whitespace() || "\"'`()<>\\,|]".contains(character)
}

fn judge(before: &str, host: &str, address: &str) -> Use {
    let bare = before.trim_end_matches(['"', '\'', '`']);
    let follows = |words: &[&str]| words.iter().any(|word| bare.ends_with(word));
    if NAMESPACES.contains(&host) {
        Use::Told
    } else if follows(LINKING) {
        Use::Linked
    } else if follows(LOADING) {
        Use::Loaded
    } else if bare.len() == before.len() {
        Use::Told
    } else if PARTS.iter().any(|part| super::has_ending(address, part)) {
        Use::Loaded
    } else {
        Use::Unclear
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_an_address_tells_its_use() {
        let table = [
            (r#"fetch("https://a.example/x")"#, Use::Loaded),
            ("url(https://a.example/f.woff2)", Use::Loaded),
            (r#"e.src="https://a.example/x""#, Use::Loaded),
            (
                r#"tiles:["https://a.example/{z}/{x}/{y}.png"]"#,
                Use::Loaded,
            ),
            (
                r#"e({config:{paths:{vs:"https://a.example/npm/editor"}}})"#,
                Use::Loaded,
            ),
            (r#"x("https://a.example/part.js")"#, Use::Loaded),
            (r#"T.Link,{href:"https://a.example/"}"#, Use::Linked),
            ("<a href='https://a.example/'>", Use::Linked),
            (r#""see [this](https://a.example/)""#, Use::Linked),
            (r#""Read more: https://a.example/x""#, Use::Told),
            ("/* @license https://a.example/LICENSE */", Use::Told),
            (r#"xmlns:"http://www.w3.org/2000/svg""#, Use::Told),
            (r#"s="https://a.example/docs/latest""#, Use::Unclear),
            ("a=`https://a.example/${b}`", Use::Unclear),
        ];
        for (text, expected) in table {
            let mut hosts = Hosts::new();
            add(text, &mut hosts);
            let found: Vec<_> = hosts.keys().map(|(found, _)| *found).collect();
            assert_eq!(found, [expected], "{text}");
        }
    }

    #[test]
    fn each_host_is_named_once_for_each_use() {
        let mut hosts = Hosts::new();
        add(
            r#"fetch("https://a.example/1");fetch("https://a.example/2");href="https://a.example""#,
            &mut hosts,
        );
        let expected = [
            (
                (Use::Loaded, "a.example".to_owned()),
                "https://a.example/1".to_owned(),
            ),
            (
                (Use::Linked, "a.example".to_owned()),
                "https://a.example".to_owned(),
            ),
        ];
        assert_eq!(hosts, Hosts::from(expected));
    }
}
