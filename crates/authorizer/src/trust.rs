//! The certificate authorities that the issuer's may be among: those built in, and
//! those of `SSL_CERT_FILE` and `SSL_CERT_DIR`, for an issuer with a company's own.

use std::{env, sync::Arc};

use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

/// What OpenSSL and the programs that follow it read.
const VARIABLES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// What connections are made with.
///
/// # Panics
/// Never with this provider, which knows the versions of TLS.
pub(crate) fn client_config() -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring's provider knows the default versions of TLS")
        .with_root_certificates(roots())
        .with_no_client_auth()
}

fn roots() -> RootCertStore {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    if VARIABLES.iter().any(|name| env::var_os(name).is_some()) {
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "SSL_CERT_FILE or SSL_CERT_DIR: certificates are left out");
        }
        roots.add_parsable_certificates(found.certs);
    }
    roots
}
