//! The forward proxy of the environment, for servers in the internet.
//!
//! 1. `HTTPS_PROXY` (or `ALL_PROXY`) names it, and `NO_PROXY` the hosts that are
//!    asked directly, by curl's rules; names in lower case count, too.
//! 2. It is asked for a tunnel (CONNECT, RFC 9110 §9.3.6), so it sees the host's
//!    name and nothing else. Plain HTTP never goes through it.
//! 3. The way to the proxy is plain HTTP. Another kind of proxy is ignored, and
//!    the log says so.

use std::{fmt, pin::Pin, sync::Arc};

use axum::http::Uri;
use hyper_util::{
    client::{
        legacy::connect::{HttpConnector, proxy::Tunnel},
        proxy::matcher::{Intercept, Matcher},
    },
    rt::TokioIo,
};
use tokio::net::TcpStream;
use tower::Service;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A forward proxy, and which hosts it is for.
#[derive(Debug, Clone)]
pub(crate) struct ForwardProxy(Arc<Matcher>);

/// Connects to servers, directly or through a forward proxy.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    direct: HttpConnector,
    proxy: Option<ForwardProxy>,
}

/// A proxy that opened no tunnel.
#[derive(Debug)]
struct ProxyError {
    proxy: Uri,
    why: BoxError,
}

impl ForwardProxy {
    /// The proxy that these variables name.
    pub(super) fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let first = |names: [&str; 2]| names.iter().find_map(|name| variable(name));
        let named = first(["HTTPS_PROXY", "https_proxy"]);
        let named = named.or_else(|| first(["ALL_PROXY", "all_proxy"]));
        let named = named.filter(|text| !text.is_empty())?;
        let matcher = Matcher::builder()
            .https(named)
            .no(first(["NO_PROXY", "no_proxy"]).unwrap_or_default())
            .build();
        // A host that no list of exceptions names, unless it names all.
        let proxy = matcher.intercept(&Uri::from_static("https://issuer.invalid"))?;
        if proxy.uri().scheme_str() != Some("http") {
            tracing::warn!(
                proxy = %shown(proxy.uri()),
                "HTTPS_PROXY is ignored, because only proxies with an http:// address are \
                 supported: name one, or let this machine reach the issuer directly"
            );
            return None;
        }
        tracing::info!(proxy = %shown(proxy.uri()), "the issuer is asked through a forward proxy");
        Some(Self(Arc::new(matcher)))
    }
}

/// The address without the user and password that it may have.
fn shown(proxy: &Uri) -> String {
    let host = proxy.host().unwrap_or_default();
    let port = proxy.port().map(|port| format!(":{port}"));
    format!(
        "{}://{host}{}",
        proxy.scheme_str().unwrap_or("http"),
        port.unwrap_or_default()
    )
}

impl Connector {
    pub(super) fn new(direct: HttpConnector, proxy: Option<ForwardProxy>) -> Self {
        Self { direct, proxy }
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(
        &mut self,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), BoxError>> {
        self.direct.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let intercepted = self.proxy.as_ref().and_then(|proxy| proxy.0.intercept(&to));
        if let Some(proxy) = intercepted {
            return Box::pin(tunnel(self.direct.clone(), proxy, to));
        }
        let connecting = self.direct.call(to);
        Box::pin(async { Ok(connecting.await?) })
    }
}

async fn tunnel(
    direct: HttpConnector,
    proxy: Intercept,
    to: Uri,
) -> Result<TokioIo<TcpStream>, BoxError> {
    let mut tunnel = Tunnel::new(proxy.uri().clone(), direct);
    if let Some(credentials) = proxy.basic_auth() {
        tunnel = tunnel.with_auth(credentials.clone());
    }
    tunnel.call(to).await.map_err(|error| {
        let proxy = proxy.uri().clone();
        let why = error.into();
        ProxyError { proxy, why }.into()
    })
}

/// No source: the innermost cause of an error is shown, and must name the proxy.
impl std::error::Error for ProxyError {}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { proxy, why } = self;
        let proxy = shown(proxy);
        let why = super::root_cause(&**why);
        write!(
            f,
            "the forward proxy {proxy} (HTTPS_PROXY) opens no connection to it: {why}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Variables<'a> = &'a [(&'a str, &'a str)];

    /// The address through which `to` is reached, if there is one.
    fn through(variables: Variables<'_>, to: &str) -> Option<String> {
        let proxy = ForwardProxy::from_environment(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        let found = proxy?.0.intercept(&to.parse().unwrap())?;
        Some(found.uri().to_string())
    }

    #[test]
    fn a_proxy_is_for_https_but_for_the_exceptions() {
        let proxy = ("HTTPS_PROXY", "http://proxy.example:3128");
        let found = Some("http://proxy.example:3128/".to_owned());
        let except = ("NO_PROXY", "corp.example,10.0.0.0/8");
        let issuer = "https://idp.example/keys";
        let table: [(Variables<'_>, &str, Option<String>); 9] = [
            (&[], issuer, None),
            (&[("HTTPS_PROXY", "")], issuer, None),
            (&[proxy], issuer, found.clone()),
            (
                &[("https_proxy", "proxy.example:3128")],
                issuer,
                found.clone(),
            ),
            (&[("ALL_PROXY", proxy.1)], issuer, found.clone()),
            (&[proxy], "http://idp.example/keys", None),
            (&[proxy, except], issuer, found),
            (&[proxy, except], "https://idp.corp.example/keys", None),
            (&[proxy, except], "https://10.1.2.3/keys", None),
        ];
        for (variables, to, expected) in table {
            assert_eq!(through(variables, to), expected, "{variables:?} {to}");
        }
    }

    #[test]
    fn other_kinds_of_proxies_are_ignored() {
        for address in ["https://proxy.example", "socks5://proxy.example:1080"] {
            let found = through(&[("HTTPS_PROXY", address)], "https://idp.example/");
            assert_eq!(found, None, "{address}");
        }
    }

    #[test]
    fn passwords_of_a_proxy_are_not_shown() {
        let error = ProxyError {
            proxy: "http://user:secret@proxy.example:3128".parse().unwrap(),
            why: "refused".into(),
        };
        assert_eq!(
            error.to_string(),
            "the forward proxy http://proxy.example:3128 (HTTPS_PROXY) opens no connection to \
             it: refused"
        );
    }
}
