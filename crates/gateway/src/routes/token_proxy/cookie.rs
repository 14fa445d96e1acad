//! The cookie of a kept session.
//!
//! | site | name | attributes, besides `HttpOnly` and `Path=/` |
//! |---|---|---|
//! | `https` | `__Host-mlflow-shell-session` | `Secure; SameSite=Strict` |
//! | `https`, with `frame_ancestors` | the same | `Secure; SameSite=None; Partitioned` |
//! | on this machine without TLS | `mlflow-shell-session-PORT` | `SameSite=Strict` |
//! | the same, with `frame_ancestors` | the same | `Secure; SameSite=None; Partitioned` |
//!
//! 1. `Strict` cookies are not sent by the worker of a frame in another site, so
//!    where such frames are allowed the cookie is `Partitioned` (CHIPS): a frame and
//!    a tab have one each, as they have a session each. Requests that use it must be
//!    our own scripts' anyway (`same_origin`).
//! 2. With `session.keep: "on-device"` it has a `Max-Age`, else the browser forgets
//!    it when it is closed.
//! 3. Browsers take 4,096 bytes of name and value (RFC 6265 §6.1), so a long one is
//!    spread over several, `NAME`, `NAME-2` and so on.

use axum::http::{HeaderMap, HeaderValue, header};
use shell_core::{
    Config, Secret,
    config::Keep,
    forwarding::{LOCAL_SESSION_COOKIE, SESSION_COOKIE},
};

/// The most characters of one cookie's value, which leaves room for the name.
const MOST_CHARACTERS: usize = 3_800;

/// The most cookies of one session. With more, a request's head would not fit into
/// what servers in front of the gateway take.
const MOST_COOKIES: usize = 4;

/// How the cookie of a site is called and set.
#[derive(Debug, Clone)]
pub(super) struct SessionCookie {
    name: String,
    attributes: &'static str,
    is_persistent: bool,
}

/// The sealed session is longer than cookies may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLong;

impl SessionCookie {
    /// The cookie of the site with this configuration.
    pub(super) fn of(config: &Config) -> Self {
        let origin = config.origin.as_str();
        let is_https = origin.starts_with("https:");
        let is_framed = !config.frame_ancestors.is_empty();
        let name = if is_https {
            SESSION_COOKIE.to_owned()
        } else {
            let port = origin.rsplit(':').next().unwrap_or_default();
            let port = port.parse().unwrap_or(80_u16);
            format!("{LOCAL_SESSION_COOKIE}{port}")
        };
        let attributes = match (is_framed, is_https) {
            (true, _) => "Secure; SameSite=None; Partitioned",
            (false, true) => "Secure; SameSite=Strict",
            (false, false) => "SameSite=Strict",
        };
        Self {
            name,
            attributes,
            is_persistent: config.session.keep == Keep::OnDevice,
        }
    }

    /// The sealed session that a request has, if it has one.
    pub(super) fn read(&self, headers: &HeaderMap) -> Option<Secret> {
        let parts = (0..MOST_COOKIES).map_while(|part| find(headers, &self.name(part)));
        let sealed: String = parts.collect();
        (!sealed.is_empty()).then(|| Secret::new(sealed))
    }

    /// The headers that have a browser keep `sealed` for as many seconds, and forget
    /// what it had besides.
    ///
    /// # Errors
    /// If it is too long.
    pub(super) fn keep(
        &self,
        sealed: &Secret,
        seconds: Option<u64>,
        had: &HeaderMap,
    ) -> Result<Vec<HeaderValue>, TooLong> {
        let parts: Vec<_> = sealed.expose().as_bytes().chunks(MOST_CHARACTERS).collect();
        if parts.len() > MOST_COOKIES {
            return Err(TooLong);
        }
        let lifetime = seconds.filter(|_| self.is_persistent);
        let lifetime = lifetime.map(|seconds| format!("; Max-Age={seconds}"));
        let lifetime = lifetime.unwrap_or_default();
        let kept = parts.iter().enumerate().filter_map(|(part, value)| {
            self.header(part, std::str::from_utf8(value).ok()?, &lifetime)
        });
        Ok(kept.chain(self.forget_from(parts.len(), had)).collect())
    }

    /// The headers that have a browser forget the session.
    pub(super) fn forget(&self, had: &HeaderMap) -> Vec<HeaderValue> {
        self.forget_from(0, had).collect()
    }

    fn forget_from(&self, first: usize, had: &HeaderMap) -> impl Iterator<Item = HeaderValue> {
        let parts = first..MOST_COOKIES;
        let had = parts.filter(|part| find(had, &self.name(*part)).is_some());
        had.filter_map(|part| self.header(part, "", "; Max-Age=0"))
    }

    fn header(&self, part: usize, value: &str, lifetime: &str) -> Option<HeaderValue> {
        let Self { attributes, .. } = self;
        let name = self.name(part);
        let text = format!("{name}={value}; Path=/; HttpOnly; {attributes}{lifetime}");
        let mut header = HeaderValue::try_from(text).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    fn name(&self, part: usize) -> String {
        match part {
            0 => self.name.clone(),
            part => format!("{}-{}", self.name, part + 1),
        }
    }
}

/// The value of the first cookie of this name.
fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let headers = headers.get_all(header::COOKIE).iter();
    let cookies = headers
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'));
    let mut pairs = cookies.filter_map(|cookie| cookie.trim().split_once('='));
    pairs.find_map(|(other, value)| (other == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const HTTPS: &str = "https://a.example";

    #[test]
    fn the_cookie_is_as_safe_as_its_site_allows() {
        let secure = "__Host-mlflow-shell-session=v; Path=/; HttpOnly; Secure; SameSite=";
        let local = "mlflow-shell-session-8080=v; Path=/; HttpOnly; ";
        let (strict, framed) = ("SameSite=Strict", "Secure; SameSite=None; Partitioned");
        let table = [
            (HTTPS, &[][..], "while-open", format!("{secure}Strict")),
            (
                HTTPS,
                &[],
                "on-device",
                format!("{secure}Strict; Max-Age=40"),
            ),
            (
                HTTPS,
                &["https://portal.example"],
                "while-open",
                format!("{secure}None; Partitioned"),
            ),
            (
                "http://localhost:8080",
                &[],
                "while-open",
                format!("{local}{strict}"),
            ),
            (
                "http://127.0.0.1:8080",
                &["http://localhost:9090"],
                "on-device",
                format!("{local}{framed}; Max-Age=40"),
            ),
        ];
        for (origin, ancestors, keep, expected) in table {
            let cookie = cookie(origin, ancestors, keep);
            let sealed = Secret::new("v");
            let kept = cookie.keep(&sealed, Some(40), &HeaderMap::new()).unwrap();
            assert_eq!(kept, [expected.as_str()]);
            assert!(kept[0].is_sensitive());
        }
    }

    #[test]
    fn a_long_session_is_spread_and_read_again_and_a_longer_one_is_refused() {
        let cookie = cookie(HTTPS, &[], "while-open");
        for (length, count) in [(1, 1), (3_800, 1), (3_801, 2), (15_200, 4)] {
            let sealed = Secret::new("x".repeat(length - 1) + "y");
            let kept = cookie.keep(&sealed, None, &HeaderMap::new()).unwrap();
            assert_eq!(kept.len(), count, "{length}");
            for header in &kept {
                let (pair, _) = header.to_str().unwrap().split_once(';').unwrap();
                assert!(pair.len() <= 4_096, "{}", pair.len());
            }
            assert_eq!(cookie.read(&sent(&kept)), Some(sealed), "{length}");
        }
        let longer = Secret::new("x".repeat(15_201));
        assert_eq!(cookie.keep(&longer, None, &HeaderMap::new()), Err(TooLong));
    }

    #[test]
    fn what_is_replaced_by_less_or_forgotten_leaves_nothing() {
        let cookie = cookie(HTTPS, &[], "while-open");
        let long = Secret::new("x".repeat(9_000));
        let had = sent(&cookie.keep(&long, None, &HeaderMap::new()).unwrap());

        let kept = cookie.keep(&Secret::new("v"), None, &had).unwrap();
        let names = |headers: &[HeaderValue]| {
            let texts = headers.iter().map(|header| header.to_str().unwrap());
            texts
                .map(|text| {
                    let (name, _) = text.split_once('=').unwrap();
                    (name.to_owned(), text.ends_with("Max-Age=0"))
                })
                .collect::<Vec<_>>()
        };
        let name = |end: &str| format!("{SESSION_COOKIE}{end}");
        let [first, second, third] = ["", "-2", "-3"].map(name);
        assert_eq!(
            names(&kept),
            [
                (first.clone(), false),
                (second.clone(), true),
                (third.clone(), true)
            ]
        );
        let forgotten = cookie.forget(&had);
        assert_eq!(
            names(&forgotten),
            [(first, true), (second, true), (third, true)]
        );
        assert!(cookie.forget(&HeaderMap::new()).is_empty());
    }

    #[test]
    fn another_sites_cookie_is_none() {
        let cookie = cookie(HTTPS, &[], "while-open");
        for text in [
            "a=b",
            "mlflow-shell-session-443=v",
            "__Host-mlflow-shell-session-2=v",
            "__host-mlflow-shell-session=v",
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, text.parse().unwrap());
            assert_eq!(cookie.read(&headers), None, "{text}");
        }
    }

    /// What a browser sends that was told this.
    fn sent(headers: &[HeaderValue]) -> HeaderMap {
        let pairs = headers.iter().map(|header| {
            let text = header.to_str().unwrap();
            text.split(';').next().unwrap().to_owned()
        });
        let text = pairs.collect::<Vec<_>>().join("; ");
        let mut sent = HeaderMap::new();
        sent.insert(header::COOKIE, text.parse().unwrap());
        sent
    }

    fn cookie(origin: &str, ancestors: &[&str], keep: &str) -> SessionCookie {
        let mut config = json!({
            "origin": origin,
            "session": {"keep": keep},
            "provider": {
                "domain": "https://login.example", "issuer": "https://issuer.example",
                "client_id": "client",
            },
        });
        config["frame_ancestors"] = ancestors.iter().map(|text| Value::from(*text)).collect();
        SessionCookie::of(&Config::parse(&config.to_string()).unwrap())
    }
}
