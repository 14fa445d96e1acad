//! The gateway's certificates, and clients that trust their signer.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName},
    },
};

/// Signs certificates, and puts them where the gateway looks for its own.
pub(crate) struct Certificates {
    folder: PathBuf,
    signer: Issuer<'static, KeyPair>,
    trust: ClientConfig,
}

impl Certificates {
    /// With a first certificate in `folder`.
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        let key = KeyPair::generate()?;
        let mut authority = CertificateParams::new(Vec::new())?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let mut roots = RootCertStore::empty();
        roots.add(authority.self_signed(&key)?.der().clone())?;
        let trust = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let all = Self {
            folder: folder.to_owned(),
            signer: Issuer::new(authority, key),
            trust,
        };
        all.renew()?;
        Ok(all)
    }

    /// Where the certificate is, and its key.
    pub(crate) fn files(&self) -> [PathBuf; 2] {
        ["cert.pem", "key.pem"].map(|name| self.folder.join(name))
    }

    /// What believes those certificates.
    pub(crate) fn trust(&self) -> ClientConfig {
        self.trust.clone()
    }

    /// Puts another certificate there.
    pub(crate) fn renew(&self) -> Result<CertificateDer<'static>> {
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(["127.0.0.1".to_owned()])?;
        let certificate = certificate.signed_by(&key, &self.signer)?;
        let [certificate_file, key_file] = self.files();
        self.write(&certificate_file, &certificate.pem())?;
        self.write(&key_file, &key.serialize_pem())?;
        Ok(certificate.der().clone())
    }

    /// As those that renew certificates do: no reader sees half a file.
    fn write(&self, file: &Path, text: &str) -> Result<()> {
        let new = self.folder.join("new");
        fs::write(&new, text)?;
        Ok(fs::rename(new, file)?)
    }

    /// Connects to a server that shows one of these certificates.
    pub(crate) async fn connect(&self, address: SocketAddr) -> Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(address).await?;
        let connector = TlsConnector::from(Arc::new(self.trust.clone()));
        let name = ServerName::from(address.ip());
        Ok(connector.connect(name, stream).await?)
    }

    /// The certificate that is shown there to who comes now.
    pub(crate) async fn shown(&self, address: SocketAddr) -> Result<CertificateDer<'static>> {
        let stream = self.connect(address).await?;
        let chain = stream.get_ref().1.peer_certificates();
        let first = chain.and_then(<[_]>::first).context("no certificate")?;
        Ok(first.clone().into_owned())
    }
}
