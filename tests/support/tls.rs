//! Servers with TLS on this machine, and the authorities that sign for them.

use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer},
    },
};

/// A certificate authority of a test's own.
#[derive(Debug)]
pub struct Authority {
    /// Its certificate, in PEM.
    pub pem: String,
    signer: Issuer<'static, KeyPair>,
}

/// When a certificate is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// Now.
    Now,
    /// Until a day long ago.
    Ended,
    /// From a day far away.
    NotYet,
}

/// A server with TLS at a port of `127.0.0.1`, gone when dropped.
#[derive(Debug)]
pub struct TlsServer {
    /// Its port.
    pub port: u16,
    task: JoinHandle<()>,
}

impl Authority {
    /// A new one.
    ///
    /// # Errors
    /// If there is no randomness.
    pub fn new() -> Result<Self> {
        let key = KeyPair::generate()?;
        let mut authority = CertificateParams::new(Vec::new())?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Ok(Self {
            pem: authority.self_signed(&key)?.pem(),
            signer: Issuer::new(authority, key),
        })
    }

    /// Serves `router` with a certificate for `name`.
    ///
    /// # Errors
    /// If there is no free port.
    pub async fn serve(&self, name: &str, when: Validity, router: Router) -> Result<TlsServer> {
        self.serve_knowing(name, when, |_| router).await
    }

    /// The same with what answers at the port that it gets.
    ///
    /// # Errors
    /// If there is no free port.
    pub async fn serve_knowing(
        &self,
        name: &str,
        when: Validity,
        router: impl FnOnce(u16) -> Router,
    ) -> Result<TlsServer> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let acceptor = self.acceptor(name, when)?;
        let task = tokio::spawn(accept(listener, acceptor, router(port)));
        Ok(TlsServer { port, task })
    }

    fn acceptor(&self, name: &str, when: Validity) -> Result<TlsAcceptor> {
        let key = KeyPair::generate()?;
        let mut certificate = CertificateParams::new([name.to_owned()])?;
        match when {
            Validity::Now => {}
            Validity::Ended => certificate.not_after = date_time_ymd(2001, 1, 1),
            Validity::NotYet => certificate.not_before = date_time_ymd(3001, 1, 1),
        }
        let chain = vec![CertificateDer::from(
            certificate.signed_by(&key, &self.signer)?.der().to_vec(),
        )];
        let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(anyhow::Error::msg)?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, router: Router) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, router) = (acceptor.clone(), router.clone());
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(stream).await else {
                return;
            };
            let service = TowerToHyperService::new(router);
            let server = auto::Builder::new(TokioExecutor::new());
            // A client that goes away is no failure of the test.
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}
