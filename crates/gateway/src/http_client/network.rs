//! How servers elsewhere are reached: whose certificates are believed, and which
//! forward proxy is on the way.

use std::sync::Arc;

use tokio_rustls::rustls::ClientConfig;

use super::{
    forward_proxy::ForwardProxy,
    trust_roots::{self, TrustError},
};
use crate::settings::TrustSettings;

/// Trust roots, and a forward proxy if there is one.
#[derive(Debug, Clone)]
pub struct Network {
    pub(super) tls: Arc<ClientConfig>,
    pub(super) proxy: Option<ForwardProxy>,
}

impl Network {
    /// The network of `trust` and of the environment (`SSL_CERT_FILE`,
    /// `SSL_CERT_DIR`, `HTTPS_PROXY`, `NO_PROXY`).
    ///
    /// # Errors
    /// If the file of `trust` has no certificates that can be used.
    pub fn load(trust: &TrustSettings) -> Result<Self, TrustError> {
        let mut roots = trust_roots::built_in();
        trust_roots::add_environment(&mut roots);
        if let Some(file) = &trust.ca_file {
            trust_roots::add_file(&mut roots, file)?;
        }
        Ok(Self {
            tls: trust_roots::client_config(roots),
            proxy: ForwardProxy::from_environment(|name| std::env::var(name).ok()),
        })
    }

    /// The same without the forward proxy, for servers of one's own: MLflow is
    /// asked directly.
    #[must_use]
    pub(crate) fn direct(&self) -> Self {
        Self {
            tls: self.tls.clone(),
            proxy: None,
        }
    }
}

/// The built-in authorities, and no proxy.
impl Default for Network {
    fn default() -> Self {
        Self {
            tls: trust_roots::client_config(trust_roots::built_in()),
            proxy: None,
        }
    }
}
