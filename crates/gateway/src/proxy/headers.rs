//! Which headers of requests and responses are forwarded.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, header},
};
use shell_core::{claims::Claims, forwarding, response_headers};

/// What else than `Cache-Control` a cache may go by (RFC 9111 §5; RFC 9213; Edge
/// Architecture Specification).
const CACHING: [HeaderName; 5] = [
    header::AGE,
    header::EXPIRES,
    header::PRAGMA,
    HeaderName::from_static("cdn-cache-control"),
    HeaderName::from_static("surrogate-control"),
];

/// Says that the client is another machine, and no more (RFC 7239 §6.2).
const UNKNOWN_CLIENT: HeaderValue = HeaderValue::from_static("for=unknown");

/// Removes from a request what MLflow must not see.
pub(crate) fn clean_request(headers: &mut HeaderMap) {
    remove_named_by_connection(headers);
    remove(headers, |name| !forwarding::is_forwarded(name.as_str()));
    // MLflow 3's assistant, which runs commands, serves every client that
    // seems to run on the server's own machine.
    headers.insert(header::FORWARDED, UNKNOWN_CLIENT);
    remove_withheld_cookies(headers);
}

/// Adds the user's identity to a request that has been cleaned.
pub(crate) fn identify(headers: &mut HeaderMap, claims: &Claims) {
    for (name, value) in forwarding::identity(claims) {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
}

/// Removes from MLflow's answer what belongs to its connection with us and what
/// is not MLflow's to say, and keeps answers that needed a token out of shared
/// and disk caches.
///
/// MLflow's own directives for caches are replaced: its `no-cache` lets a browser keep
/// an artifact on its disk beyond the sign-out.
pub(crate) fn clean_response(headers: &mut HeaderMap) {
    remove_named_by_connection(headers);
    remove(headers, |name| {
        forwarding::HOP_BY_HOP.contains(&name.as_str())
            || !response_headers::may_pass(name.as_str())
            || CACHING.contains(name)
    });
    let nowhere = HeaderValue::from_static("private, no-store");
    headers.insert(header::CACHE_CONTROL, nowhere);
}

/// Removes what is unwanted. One look at each header is less than one for each name
/// that a table has.
fn remove(headers: &mut HeaderMap, is_unwanted: impl Fn(&HeaderName) -> bool) {
    let names = headers.keys().filter(|name| is_unwanted(name));
    let unwanted: Vec<HeaderName> = names.cloned().collect();
    for name in unwanted {
        headers.remove(name);
    }
}

/// Removes what `Connection` says belongs to the connection (RFC 9110 §7.6.1).
fn remove_named_by_connection(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
}

fn remove_withheld_cookies(headers: &mut HeaderMap) {
    if !headers.contains_key(header::COOKIE) {
        return;
    }
    let kept: Vec<String> = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .map(str::trim)
        .filter(|cookie| forwarding::is_cookie_forwarded(cookie))
        .map(ToOwned::to_owned)
        .collect();
    headers.remove(header::COOKIE);
    if let Ok(cookies) = HeaderValue::from_str(&kept.join("; "))
        && !cookies.is_empty()
    {
        headers.insert(header::COOKIE, cookies);
    }
}

/// Whether a browser asks for a worker's script that is not ours. No file of
/// MLflow's may become a service worker of this origin.
pub(crate) fn asks_for_foreign_worker(request: &Request) -> bool {
    request.headers().contains_key("service-worker") && request.uri().path() != "/sw.js"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mlflow_sees_nothing_a_client_must_not_say() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("authorization", "Bearer x"),
            ("origin", "https://a"),
            ("x-forwarded-for", "1.2.3.4"),
            ("connection", "close, X-Secret"),
            ("x-secret", "1"),
            ("upgrade", "websocket"),
            ("x-mlflow-workspace", "w"),
            (
                "cookie",
                "a=b; MLflow-request-header-X=1; __Host-mlflow-shell-session-2=s; c=d",
            ),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }

        clean_request(&mut headers);

        let mut left: Vec<_> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        left.sort();
        assert_eq!(
            left,
            [
                "cookie: a=b; c=d",
                "forwarded: for=unknown",
                "x-mlflow-workspace: w"
            ]
        );
    }

    #[test]
    fn an_answer_is_kept_nowhere_whatever_it_says() {
        let says: [&[(&str, &str)]; 5] = [
            &[],
            &[("cache-control", "no-cache")],
            &[("cache-control", "public, max-age=600")],
            &[
                ("cache-control", "public"),
                ("cache-control", "max-age=600"),
            ],
            &[
                ("expires", "Thu, 01 Jan 2099 00:00:00 GMT"),
                ("pragma", "cache"),
                ("age", "1"),
                ("cdn-cache-control", "max-age=600"),
                ("surrogate-control", "max-age=600"),
            ],
        ];
        for given in says {
            let mut headers = HeaderMap::new();
            for (name, value) in given {
                let name: HeaderName = name.parse().unwrap();
                headers.append(name, HeaderValue::from_static(value));
            }
            clean_response(&mut headers);
            let left: Vec<_> = headers.iter().collect();
            let nowhere = HeaderValue::from_static("private, no-store");
            assert_eq!(left, [(&header::CACHE_CONTROL, &nowhere)], "{given:?}");
        }
    }
}
