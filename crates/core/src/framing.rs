//! Who may frame an answer of MLflow's (rule W9).
//!
//! MLflow refuses to be framed by other sites, and inside a site that frames
//! the shell *every* document of a frame has to agree to every ancestor. The
//! gateway sees to that itself; behind another server the worker does, by
//! these rules:
//!
//! 1. `X-Frame-Options` knows no list, so it goes, and the configured
//!    `frame-ancestors` stands in its place; it is never only deleted.
//! 2. A policy whose `frame-ancestors` is not the configured one gets it
//!    instead. Several policies hold all at once, so each of them does.
//! 3. An answer that says nothing is given it: what is not listed does not
//!    frame MLflow. One that says just that stays as it is.

const DIRECTIVE: &str = "frame-ancestors";

/// The content security policy that an answer to a navigation needs, without
/// `X-Frame-Options`; `None` if it passes as it is.
///
/// `options` is its `X-Frame-Options`, `policy` its `Content-Security-Policy`;
/// `ours` is [`Config::frame_ancestors`](crate::Config::frame_ancestors).
pub fn correct(options: Option<&str>, policy: Option<&str>, ours: &str) -> Option<String> {
    let policies = || policy.into_iter().flat_map(|policy| policy.split(','));
    let listed = || policies().filter_map(ancestors);
    let refuses = options.is_some_and(|options| !is_the_same(options, ours));
    let says_so = listed().any(|listed| is_list(listed, ours));
    if !refuses && says_so && listed().all(|listed| is_list(listed, ours)) {
        return None;
    }
    let mut corrected = ours.to_owned();
    for policy in policies() {
        let kept = without_ancestors(policy);
        if !kept.is_empty() {
            corrected = [&corrected, ", ", &kept].concat();
        }
    }
    Some(corrected)
}

/// The directive of a policy, if it has one.
fn ancestors(policy: &str) -> Option<&str> {
    policy.split(';').find(|text| is_ours_to_say(text))
}

/// Whether a value of `X-Frame-Options` says what `ours` does: this site and
/// nobody else. MLflow's own default does where nobody else frames the shell.
fn is_the_same(options: &str, ours: &str) -> bool {
    options.trim().eq_ignore_ascii_case("sameorigin") && ours == "frame-ancestors 'self'"
}

fn is_ours_to_say(directive: &str) -> bool {
    let name = directive.split_ascii_whitespace().next();
    name.is_some_and(|name| name.eq_ignore_ascii_case(DIRECTIVE))
}

/// Whether a directive names the same sources as `ours`.
fn is_list(listed: &str, ours: &str) -> bool {
    let among = |sources: &str, source: &str| {
        let mut others = sources.split_ascii_whitespace();
        others.any(|other| other.eq_ignore_ascii_case(source))
    };
    ours.split_ascii_whitespace()
        .all(|source| among(listed, source))
        && listed
            .split_ascii_whitespace()
            .all(|source| among(ours, source))
}

fn without_ancestors(policy: &str) -> String {
    let directives = policy.split(';').map(str::trim);
    let kept = directives.filter(|text| !text.is_empty() && !is_ours_to_say(text));
    kept.fold(String::new(), |policy, directive| {
        let separator = if policy.is_empty() { "" } else { "; " };
        [&policy, separator, directive].concat()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUDIO: &str = "frame-ancestors 'self' https://studio.example";
    const ALONE: &str = "frame-ancestors 'self'";

    #[test]
    fn answers_that_say_just_that_stay_as_they_are() {
        let table = [
            (None, Some(STUDIO), STUDIO),
            (
                None,
                Some("Frame-Ancestors https://STUDIO.example 'self'; a b"),
                STUDIO,
            ),
            (Some(" sameorigin"), Some("frame-ancestors 'self'"), ALONE),
        ];
        for (options, policy, ours) in table {
            assert_eq!(
                correct(options, policy, ours),
                None,
                "{options:?} {policy:?}"
            );
        }
    }

    #[test]
    fn whoever_refuses_our_ancestors_is_given_them() {
        let table = [
            (None, None, STUDIO, ""),
            (None, Some("a 'b'"), ALONE, ", a 'b'"),
            (
                None,
                Some("x-frame-ancestors 'none'"),
                ALONE,
                ", x-frame-ancestors 'none'",
            ),
            (Some("SAMEORIGIN"), None, ALONE, ""),
            (
                None,
                Some("frame-ancestors 'self' https://a.example"),
                ALONE,
                "",
            ),
            (Some("SAMEORIGIN"), None, STUDIO, ""),
            (Some("DENY"), None, ALONE, ""),
            (Some("ALLOWALL"), None, STUDIO, ""),
            (
                Some("DENY"),
                Some("default-src 'self'"),
                STUDIO,
                ", default-src 'self'",
            ),
            (Some("SAMEORIGIN"), Some(STUDIO), STUDIO, ""),
            (None, Some("frame-ancestors 'none'"), ALONE, ""),
            (
                None,
                Some("a b; frame-ancestors 'self' ;c"),
                STUDIO,
                ", a b; c",
            ),
            // The list is the configured one, however much wider it was.
            (None, Some("frame-ancestors *"), STUDIO, ""),
            (None, Some("frame-ancestors"), STUDIO, ""),
            // Each of several policies holds.
            (
                None,
                Some("frame-ancestors 'self'; a b, c d, frame-ancestors *"),
                STUDIO,
                ", a b, c d",
            ),
        ];
        for (options, policy, ours, rest) in table {
            assert_eq!(
                correct(options, policy, ours),
                Some([ours, rest].concat()),
                "{options:?} {policy:?}"
            );
        }
    }
}
