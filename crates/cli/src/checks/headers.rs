//! Checks that a response has the headers of `core`'s table.

use std::collections::{BTreeMap, BTreeSet};

use shell_core::hosting::{self, Row};

use super::{
    failure::{CheckResult, failure},
    probe::ProbeResponse,
};

const POLICY: &str = "content-security-policy";

const CURE: &str = "the host has to send what the table of headers says, and proxies and CDNs to \
     leave it alone: the response headers policy in CloudFront, customHttp.yml in Amplify";

/// Compares an answer for `path` with the table.
///
/// # Errors
/// With the first header that differs.
pub(super) fn compare(table: &[Row], path: &str, answer: &ProbeResponse) -> CheckResult<()> {
    let Some(row) = hosting::row(table, path) else {
        return Ok(());
    };
    for (name, expected) in &row.headers {
        let Some(found) = answer.header(name) else {
            return failure(
                format!("{path} has no `{name}`; expected `{expected}`"),
                CURE,
            );
        };
        if *name == POLICY {
            policy(path, &found, expected)?;
        } else if words(&found) != words(expected) {
            return failure(
                format!("{path} says `{name}: {found}`; expected `{expected}`"),
                CURE,
            );
        }
    }
    Ok(())
}

/// A list, in whatever order and case.
fn words(list: &str) -> BTreeSet<String> {
    let words = list.split(',').map(|word| word.trim().to_ascii_lowercase());
    words.collect()
}

type Directives<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Compares directive by directive. What is missing is as wrong as what is too
/// much, but one policy may serve several deployments: its worker may talk to
/// `https://*.amazoncognito.com`.
fn policy(path: &str, found: &str, expected: &str) -> CheckResult<()> {
    let (found, expected) = (directives(found), directives(expected));
    let names: BTreeSet<_> = found.keys().chain(expected.keys()).collect();
    for name in names {
        let empty = BTreeSet::new();
        let [is, should] = [&found, &expected].map(|of| of.get(name).unwrap_or(&empty));
        let same = is == should && found.contains_key(name) == expected.contains_key(name);
        let fits = same || *name == "connect-src" && covers(is, should);
        if !fits {
            return failure(
                format!(
                    "{path} has the policy `{name} {}`; expected `{name} {}`",
                    listed(is),
                    listed(should)
                ),
                CURE,
            );
        }
    }
    Ok(())
}

fn directives(policy: &str) -> Directives<'_> {
    let directives = policy.split(';').filter_map(|directive| {
        let mut words = directive.split_ascii_whitespace();
        Some((words.next()?, words.collect()))
    });
    directives.collect()
}

fn listed(sources: &BTreeSet<&str>) -> String {
    let sources: Vec<&str> = sources.iter().copied().collect();
    sources.join(" ")
}

/// Whether each of `should` is allowed, and nothing that allows none of them.
fn covers(is: &BTreeSet<&str>, should: &BTreeSet<&str>) -> bool {
    let allowed = |source: &&str| is.iter().any(|pattern| matches(pattern, source));
    let needed = |pattern: &&str| should.iter().any(|source| matches(pattern, source));
    should.iter().all(allowed) && is.iter().all(needed)
}

/// Whether a source expression matches an origin (CSP Level 3 §6.7.2.7). A
/// wildcard stands for the first labels of a name, not for the whole.
fn matches(pattern: &str, source: &str) -> bool {
    let under = |domain: &str| {
        let name = source.strip_prefix("https://");
        domain.contains('.') && name.is_some_and(|name| name.ends_with(&format!(".{domain}")))
    };
    pattern == source || pattern.strip_prefix("https://*.").is_some_and(under)
}
