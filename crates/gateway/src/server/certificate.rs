//! The certificate that the gateway shows, which may change while it runs.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use sha2::{Digest, Sha256};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::{CryptoProvider, ring},
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
};

use crate::settings::TlsSettings;

/// How often the files are read. Certificates are renewed days before they expire.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// What HTTP this server speaks, the one it prefers first (RFC 7301).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// A certificate and its key in two files, which are read again when they
/// change. Connections under way keep the one they began with.
#[derive(Clone)]
pub struct Certificate(Arc<Files>);

struct Files {
    certificate: PathBuf,
    key: PathBuf,
    provider: Arc<CryptoProvider>,
    current: RwLock<Current>,
}

struct Current {
    certified: Arc<CertifiedKey>,
    /// Of the files that were read last, valid or not.
    digest: [u8; 32],
}

/// Why a certificate cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// One file is named, and the other is not.
    #[error("`tls.certificate` and `tls.key` need each other: give both, or neither")]
    Half,
    /// A file cannot be read.
    #[error("`{0}` cannot be read: {1}")]
    File(PathBuf, io::Error),
    /// A file has no PEM of the kind.
    #[error("`{0}` has no {1} in PEM: {2}")]
    Pem(PathBuf, &'static str, rustls::pki_types::pem::Error),
    /// The key is another one's, or of a kind that is not supported.
    #[error("the certificate in `{0}` and the key in `{1}` do not go together: {2}")]
    Pair(PathBuf, PathBuf, rustls::Error),
}

impl Certificate {
    /// Reads what `tls` names, if it names something.
    ///
    /// # Errors
    /// If a file is missing or not good.
    pub fn load(tls: &TlsSettings) -> Result<Option<Self>, CertificateError> {
        let (certificate, key) = match (&tls.certificate, &tls.key) {
            (Some(certificate), Some(key)) => (certificate.clone(), key.clone()),
            (None, None) => return Ok(None),
            _ => return Err(CertificateError::Half),
        };
        let provider = Arc::new(ring::default_provider());
        let files = read(&certificate, &key)?;
        let current = RwLock::new(Current {
            certified: Arc::new(certify(&certificate, &key, &files, &provider)?),
            digest: digest(&files),
        });
        Ok(Some(Self(Arc::new(Files {
            certificate,
            key,
            provider,
            current,
        }))))
    }

    /// Reads the files again if they have changed. Files that are not good
    /// change nothing, and it is said once what is wrong with them.
    pub fn reload(&self) {
        let shown = &self.0;
        let file = shown.certificate.display();
        match self.replace() {
            Ok(true) => tracing::info!(%file, "the certificate is read again"),
            Ok(false) => {}
            Err(error) => tracing::error!(%file, %error,
                "the certificate is refused, and the one before stays"),
        }
    }

    /// Reads the files again whenever they change.
    pub(crate) async fn watch(self) {
        loop {
            tokio::time::sleep(POLL_INTERVAL).await;
            self.reload();
        }
    }

    /// Takes connections that begin with a handshake.
    ///
    /// # Errors
    /// Never with this provider, which knows the versions of TLS.
    pub(crate) fn acceptor(&self) -> Result<TlsAcceptor, rustls::Error> {
        let mut config = ServerConfig::builder_with_provider(self.0.provider.clone())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(self.0.clone());
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    fn replace(&self) -> Result<bool, CertificateError> {
        let Files {
            certificate,
            key,
            provider,
            current,
        } = &*self.0;
        let files = read(certificate, key)?;
        let digest = digest(&files);
        let mut current = current.write().unwrap_or_else(PoisonError::into_inner);
        if current.digest == digest {
            return Ok(false);
        }
        current.digest = digest;
        current.certified = Arc::new(certify(certificate, key, &files, provider)?);
        Ok(true)
    }
}

fn read(certificate: &Path, key: &Path) -> Result<[Vec<u8>; 2], CertificateError> {
    let read = |path: &Path| {
        fs::read(path).map_err(|error| CertificateError::File(path.to_owned(), error))
    };
    Ok([read(certificate)?, read(key)?])
}

fn digest([certificate, key]: &[Vec<u8>; 2]) -> [u8; 32] {
    let parts = Sha256::new().chain_update(certificate).chain_update([0]);
    parts.chain_update(key).finalize().into()
}

fn certify(
    certificate: &Path,
    key: &Path,
    [chain, private]: &[Vec<u8>; 2],
    provider: &CryptoProvider,
) -> Result<CertifiedKey, CertificateError> {
    let pem = |path: &Path, what| {
        let path = path.to_owned();
        move |error| CertificateError::Pem(path, what, error)
    };
    let no_certificate = || pem(certificate, "certificate");
    let chain = CertificateDer::pem_slice_iter(chain).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(no_certificate())?;
    if chain.is_empty() {
        return Err(no_certificate()(
            rustls::pki_types::pem::Error::NoItemsFound,
        ));
    }
    let private = PrivateKeyDer::from_pem_slice(private).map_err(pem(key, "private key"))?;
    CertifiedKey::from_der(chain, private, provider)
        .map_err(|error| CertificateError::Pair(certificate.to_owned(), key.to_owned(), error))
}

impl ResolvesServerCert for Files {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Some(current.certified.clone())
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.certificate.display())
    }
}

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({:?})", self.0)
    }
}
