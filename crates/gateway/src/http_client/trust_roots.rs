//! The certificate authorities that are believed: those of the program, those of
//! the environment, and those of `trust.ca_file`.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls_native_certs::load_native_certs;
use tokio_rustls::rustls::{
    self, ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{
        CertificateDer,
        pem::{self, PemObject},
    },
};

/// What OpenSSL and the programs that follow it read.
const VARIABLES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// Why a file of authorities cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// It cannot be read.
    #[error("`trust.ca_file`: `{0}` cannot be read: {1}")]
    File(PathBuf, io::Error),
    /// It is no PEM.
    #[error("`trust.ca_file`: `{0}` is no PEM: {1}")]
    Pem(PathBuf, pem::Error),
    /// There is none in it.
    #[error(
        "`trust.ca_file`: `{0}` has no certificate in PEM: it should have one or more between \
         `-----BEGIN CERTIFICATE-----` and `-----END CERTIFICATE-----`"
    )]
    Empty(PathBuf),
    /// One of them cannot be used.
    #[error("`trust.ca_file`: certificate {1} of `{0}` cannot be used: {2}")]
    Certificate(PathBuf, usize, rustls::Error),
}

/// The authorities that browsers trust, as they were when this was built.
pub(super) fn built_in() -> RootCertStore {
    RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    }
}

/// Adds the authorities of a PEM file.
pub(super) fn add_file(roots: &mut RootCertStore, file: &Path) -> Result<(), TrustError> {
    let named = || file.to_owned();
    let text = fs::read(file).map_err(|error| TrustError::File(named(), error))?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let certificates = certificates.map_err(|error| TrustError::Pem(named(), error))?;
    if certificates.is_empty() {
        return Err(TrustError::Empty(named()));
    }
    for (index, certificate) in certificates.into_iter().enumerate() {
        let added = roots.add(certificate);
        added.map_err(|error| TrustError::Certificate(named(), index + 1, error))?;
    }
    Ok(())
}

/// Adds the authorities of the environment, if it names any. What it names may be
/// meant for other programs, so what cannot be used is logged and left out.
pub(super) fn add_environment(roots: &mut RootCertStore) {
    if VARIABLES
        .iter()
        .all(|name| std::env::var_os(name).is_none())
    {
        return;
    }
    let found = load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "SSL_CERT_FILE or SSL_CERT_DIR: certificates are left out");
    }
    let (added, ignored) = roots.add_parsable_certificates(found.certs);
    tracing::info!(
        added,
        ignored,
        "authorities of SSL_CERT_FILE and SSL_CERT_DIR"
    );
}

/// What connections are made with.
///
/// # Panics
/// Never with this provider, which knows the versions of TLS.
pub(super) fn client_config(roots: RootCertStore) -> Arc<ClientConfig> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring's provider knows the default versions of TLS")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}

#[cfg(test)]
mod tests;
