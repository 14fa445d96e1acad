//! Which request headers reach MLflow, and which the gateway adds.
//!
//! MLflow, its plugins and the servers that it runs in (gunicorn, uvicorn)
//! believe headers that a proxy in front of them sets: who asks, from where, for
//! which path. Here the gateway is that proxy, so none of them is taken from a
//! client.
//!
//! Names are compared without regard to case, and a character that is neither
//! letter nor digit counts as a hyphen: CGI and WSGI make one variable of
//! `X-Forwarded-User` and `X_Forwarded_User` (RFC 3875 §4.1.18).

use std::{fmt::Write, sync::LazyLock};

use crate::{claims::Claims, credentials::API_KEYS};

/// Headers that belong to one connection (RFC 9110 §7.6.1).
pub const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Cookies of this prefix become request headers in every build of MLflow's UI, so
/// a site that can set a cookie could set those headers.
const HEADER_COOKIE: &str = "mlflow-request-header-";

/// The cookie in which a gateway keeps a session, sealed, at an `https` site. If it
/// is long, further ones have a number after the name.
pub const SESSION_COOKIE: &str = "__Host-mlflow-shell-session";

/// The same on this machine, where browsers refuse the prefix without TLS. Ports
/// share cookies, so the port follows.
pub const LOCAL_SESSION_COOKIE: &str = "mlflow-shell-session-";

/// Headers that no client may send to MLflow, each by its whole name.
const NOT_FORWARDED: [&str; 29] = [
    // The token of the session, which MLflow has no use for.
    "authorization",
    // The same for what Google Cloud Run, Kong and WSO2 take in its place.
    "x-serverless-authorization",
    "x-access-token",
    "x-id-token",
    "x-userinfo",
    // The same for MLflow's AI gateway; then what MLflow's own processes show to
    // its server (read, MLflow 3.18.0): in whose name its assistant asks, and
    // that a request is not to be checked by guardrails.
    "x-mlflow-authorization",
    "x-mlflow-assistant-delegation",
    "x-mlflow-guardrail-bypass",
    // MLflow 3.5 and later refuse another origin than their own.
    "origin",
    "host",
    // Where the client is, or claims to be.
    "forwarded",
    "client-ip",
    "true-client-ip",
    "fastly-client-ip",
    "x-cluster-client-ip",
    "x-scheme",
    "x-host",
    "x-url-scheme",
    // CGI's `HTTP_PROXY`, by which libraries choose a proxy (httpoxy).
    "proxy",
    // Another method than the one that was judged.
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    // Another path: gunicorn up to 21 takes the prefix that it cuts off from here.
    "script-name",
    "path-info",
    "x-script-name",
    // Shibboleth's and others' attributes of a user.
    "eppn",
    "x-email",
    "x-groups",
    "x-roles",
];

/// Families of headers that no client may send to MLflow, by how they begin:
/// each names a user, an address or a path on the word of the product beside it.
const FAMILIES: [&str; 46] = [
    "x-forwarded",                // every proxy; oauth2-proxy; Envoy's XFCC
    "x-auth-",                    // oauth2-proxy with nginx, Louketo
    "x-authenticated-",           // Kong, Istio
    "x-consumer-",                // Kong
    "x-credential-",              // Kong
    "x-anonymous-consumer",       // Kong
    "x-amzn-oidc-",               // AWS Application Load Balancer
    "x-amzn-mtls-",               // AWS Application Load Balancer
    "x-amzn-ava-",                // AWS Verified Access
    "remote-",                    // Apache, nginx, Authelia, Traefik
    "x-remote-",                  // Apache, nginx, Kubernetes
    "impersonate-",               // Kubernetes
    "x-goog-authenticated-user-", // Google Identity-Aware Proxy
    "x-goog-iap-",                // Google Identity-Aware Proxy
    "x-appengine-",               // Google App Engine
    "cf-access-",                 // Cloudflare Access
    "cf-connecting-",             // Cloudflare
    "cf-pseudo-",                 // Cloudflare
    "x-ms-client-principal",      // Azure App Service
    "x-ms-token-",                // Azure App Service
    "x-azure-",                   // Azure Front Door
    "x-arr-",                     // Azure Application Request Routing
    "tailscale-",                 // Tailscale Serve
    "teleport-",                  // Teleport
    "x-pomerium-",                // Pomerium
    "x-authentik-",               // authentik
    "x-vouch-",                   // Vouch Proxy
    "x-webauth-",                 // the name that Grafana made common
    "kubeflow-",                  // Kubeflow
    "x-user",                     // home-made: X-User, X-User-Id, X-Username
    "x-jwt-",                     // WSO2, Istio
    "x-oidc-",                    // home-made
    "oidc-",                      // mod_auth_openidc
    "mellon-",                    // mod_auth_mellon
    "shib-",                      // Shibboleth
    "sm-",                        // SiteMinder
    "iv-",                        // IBM Security Verify Access
    "oam-",                       // Oracle Access Manager
    "x-ssl-",                     // HAProxy, F5
    "ssl-client-",                // Apache, nginx
    "client-cert",                // RFC 9440
    "x-client-",                  // X-Client-Cert, X-Client-Ip
    "x-envoy-",                   // Envoy, Istio
    "x-original-",                // X-Original-Url, -Host, -Method
    "x-real-",                    // nginx
    "x-rewrite-",                 // IIS
];

/// The most bytes of a header with groups. gunicorn takes no field over 8190.
const MOST_GROUPS: usize = 4096;

/// The names and families by their first letter: every header is looked up.
static WITHHELD: LazyLock<[Vec<Withheld>; 256]> = LazyLock::new(|| {
    let begin = |withheld: &Withheld| usize::from(withheld.name.as_bytes()[0]);
    std::array::from_fn(|letter| withheld().filter(|it| begin(it) == letter).collect())
});

/// A header that no client may send, or a family of them.
struct Withheld {
    name: &'static str,
    is_family: bool,
}

fn withheld() -> impl Iterator<Item = Withheld> {
    let whole = HOP_BY_HOP.iter().chain(&NOT_FORWARDED).chain(&API_KEYS);
    let whole = whole.map(|name| (name, false));
    let all = whole.chain(FAMILIES.iter().map(|family| (family, true)));
    all.map(|(name, is_family)| Withheld { name, is_family })
}

/// Whether a request's header of this name reaches MLflow as the client wrote
/// it. A key for models does not, because it is a token for the gateway: MLflow
/// would send it on to the provider of the model, for a client that calls itself
/// `claude-cli`, `codex` or `geminicli` (read, MLflow 3.18.0).
pub fn is_forwarded(name: &str) -> bool {
    let Some(letter) = name.bytes().next().map(folded) else {
        return true;
    };
    let matches = |other: &Withheld| {
        (other.is_family || name.len() == other.name.len()) && begins(name, other.name)
    };
    !WITHHELD[usize::from(letter)].iter().any(matches)
}

/// Whether a cookie, as `name=value`, reaches MLflow.
pub fn is_cookie_forwarded(cookie: &str) -> bool {
    let withheld = [HEADER_COOKIE, SESSION_COOKIE, LOCAL_SESSION_COOKIE];
    !withheld.into_iter().any(|prefix| {
        let name = cookie.get(..prefix.len());
        name.is_some_and(|name| name.eq_ignore_ascii_case(prefix))
    })
}

/// Whether CGI takes `name` for `other`, which is in lower case with hyphens.
pub(crate) fn is_spelling(name: &str, other: &str) -> bool {
    name.len() == other.len() && begins(name, other)
}

fn begins(name: &str, family: &str) -> bool {
    let mut pairs = name.bytes().map(folded).zip(family.bytes());
    name.len() >= family.len() && pairs.all(|(one, other)| one == other)
}

fn folded(byte: u8) -> u8 {
    if byte.is_ascii_alphanumeric() {
        byte.to_ascii_lowercase()
    } else {
        b'-'
    }
}

/// The headers that tell MLflow who asks, by the names of oauth2-proxy: for a
/// server or a plugin that records it.
///
/// | header | what it is |
/// |---|---|
/// | `X-Forwarded-User` | the subject, which the issuer gives to one user only |
/// | `X-Forwarded-Preferred-Username` | what the user is called |
/// | `X-Forwarded-Email` | the same, if it has the form of an e-mail address |
/// | `X-Forwarded-Groups` | the groups, with commas between them |
///
/// What is no visible ASCII is written as UTF-8 in percent escapes, and so is
/// `%`. A group with a comma, which would be read as two, is left out, and so
/// are groups beyond four kilobytes.
pub fn identity(claims: &Claims) -> impl Iterator<Item = (&'static str, String)> + use<> {
    let parts: Vec<&str> = claims.name.split('@').collect();
    let is_address = matches!(parts[..], [user, host] if !user.is_empty() && !host.is_empty());
    let name = escaped(&claims.name);
    let email = if is_address {
        name.clone()
    } else {
        String::new()
    };
    let all = [
        ("x-forwarded-user", escaped(&claims.subject)),
        ("x-forwarded-preferred-username", name),
        ("x-forwarded-email", email),
        ("x-forwarded-groups", groups(&claims.groups)),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty())
}

fn groups(groups: &[String]) -> String {
    let mut list = String::new();
    let plain = groups.iter().filter(|group| !group.contains(','));
    for group in plain.map(|group| escaped(group)) {
        let comma = if list.is_empty() { "" } else { "," };
        if list.len() + comma.len() + group.len() <= MOST_GROUPS {
            list.extend([comma, &group]);
        }
    }
    list
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && byte != b'%' {
            escaped.push(byte.into());
        } else {
            // Writing to a String does not fail.
            write!(escaped, "%{byte:02X}").unwrap_or_default();
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
