//! Why a TLS connection was not made, in words for who administers the servers.

use std::{error::Error, fmt, io};

use tokio_rustls::rustls::{self, CertificateError, InvalidMessage};

/// What is wrong with a server's TLS, and what to do about it. The server is
/// named by who shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsProblem {
    /// What was found, as the end of a sentence that begins with the server.
    pub found: String,
    /// What to do.
    pub cure: &'static str,
}

/// What is wrong with the TLS of the server, if that is why a request failed.
pub fn tls_problem(error: &(dyn Error + 'static)) -> Option<TlsProblem> {
    rustls_error(error).map(explain)
}

/// rustls's own error: within an I/O error it is no source of that.
fn rustls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    if let Some(found) = error.downcast_ref::<rustls::Error>() {
        return Some(found);
    }
    let inner = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    if let Some(inner) = inner {
        return rustls_error(inner);
    }
    rustls_error(error.source()?)
}

const UNKNOWN: &str = "give that authority's certificate in `trust.ca_file` (--ca-file) or \
     SSL_CERT_FILE, and see that the server sends the certificates between its own and that one";
const RENEW: &str = "have it renewed; if it is new, correct this machine's clock";
const CLOCK: &str = "correct this machine's clock";
const NAME: &str = "use a name that the certificate has, or have it made for this one";
const PLAIN: &str = "correct the port, or have the server use TLS";
const OWN: &str = "have the authority sign one for the server's name, and give the authority's in \
     `trust.ca_file`";
const OTHER: &str = "see what `openssl s_client -connect HOST:PORT` says";

fn explain(error: &rustls::Error) -> TlsProblem {
    let not_tls = rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType);
    if let rustls::Error::InvalidCertificate(wrong) = error {
        return certificate(wrong);
    }
    if *error == not_tls {
        return problem("answers without TLS where TLS was expected", PLAIN);
    }
    problem(format!("has a TLS that fails: {error}"), OTHER)
}

fn certificate(wrong: &CertificateError) -> TlsProblem {
    use CertificateError::{
        BadSignature, Expired, ExpiredContext, NotValidForName, NotValidForNameContext,
        NotValidYet, NotValidYetContext, UnknownIssuer,
    };
    if let NotValidForNameContext { presented, .. } = wrong
        && !presented.is_empty()
    {
        let names = names(presented);
        return problem(format!("has a certificate for other names: {names}"), NAME);
    }
    let words = wrong.to_string();
    // An authority of the same name with another key signs badly.
    if matches!(wrong, UnknownIssuer | BadSignature) {
        let found = "has a certificate that is signed by an authority that this machine does not \
                     know";
        problem(found, UNKNOWN)
    } else if matches!(wrong, Expired | ExpiredContext { .. }) {
        problem("has a certificate that has expired", RENEW)
    } else if matches!(wrong, NotValidYet | NotValidYetContext { .. }) {
        problem("has a certificate that is not valid yet", CLOCK)
    } else if matches!(wrong, NotValidForName | NotValidForNameContext { .. }) {
        problem("has a certificate for another name", NAME)
    } else if words.contains("CaUsedAsEndEntity") {
        problem("shows an authority's own certificate", OWN)
    } else {
        problem(
            format!("has a certificate that is not valid: {words}"),
            OTHER,
        )
    }
}

/// Names as rustls has them, such as `DnsName("a.example")`.
fn names(presented: &[String]) -> String {
    let bare = presented.iter().map(|name| {
        let quoted = name.split('"').nth(1);
        quoted.unwrap_or(name)
    });
    bare.take(5).collect::<Vec<_>>().join(", ")
}

fn problem(found: impl Into<String>, cure: &'static str) -> TlsProblem {
    let found = found.into();
    TlsProblem { found, cure }
}

impl fmt::Display for TlsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { found, cure } = self;
        write!(f, "{found}: {cure}")
    }
}
