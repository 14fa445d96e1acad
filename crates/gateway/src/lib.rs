//! The gateway: serves the shell, checks every request for MLflow, and forwards
//! what the policy permits.
//!
//! # The way of a request
//!
//! ```text
//!  server            connections: TLS, HTTP/1.1 and HTTP/2, timeouts, draining
//!    │
//!  router            request id, telemetry, request limits, dispatch by path
//!    │
//!    ├─ /healthz, /readyz              routes/health
//!    ├─ /oauth2/token, /oauth2/revoke  routes/token_proxy   ┐ middleware/same_origin,
//!    ├─ /rendezvous                    routes/rendezvous    ┘ middleware/rate_limit
//!    ├─ /, /config.json, the files     site                   middleware/cors
//!    └─ MLflow                         routes/mlflow
//!         ├─ /mlflow/static-files/…    proxy/assets         public files, cached
//!         ├─ /mlflow/@shell/tokens     routes/api_tokens    issues API tokens
//!         └─ /mlflow/…, /api/…         pipeline
//!              ├─ auth/authenticate        whose request is it?
//!              ├─ middleware/concurrency   is there room for another of theirs?
//!              ├─ inspection               what does it ask for?
//!              ├─ auth/authorize           does the policy permit that?
//!              ├─ audit                    writes the decision down
//!              └─ proxy                    forwards it ─▶ upstream ─▶ MLflow
//! ```
//!
//! Which path is which, and who may do what, is decided by `shell-core`.
//!
//! [`Settings`](settings::Settings) are values; [`Components`] are what is made
//! of them; [`router()`] builds the service, and [`serve`] runs it.

mod audit;
mod auth;
mod body;
mod components;
mod content_coding;
mod draining;
mod error_response;
mod fetch_metadata;
mod http_client;
mod inspection;
mod middleware;
mod pipeline;
mod proxy;
mod router;
mod routes;
mod run_owner;
mod server;
pub mod settings;
mod site;
mod startup;
mod telemetry;
mod upstream;
mod worker_threads;

pub use self::{
    audit::Audit,
    auth::{
        api_tokens::{
            TokenKeys, TokenKeysError,
            registry::{RegistryError, TokenRecord, TokenRegistry},
            state_folder::{in_state_folder, make_key_file},
        },
        clock::now,
        discovery::{DiscoveredProvider, DiscoveryError, discover},
        live_policy::LivePolicy,
    },
    components::Components,
    draining::Draining,
    http_client::{
        HttpClient,
        fetch::{FetchError, fetch_document, send},
        network::Network,
        root_cause,
        tls_problem::{TlsProblem, tls_problem},
        trust_roots::TrustError,
    },
    inspection::policy_request,
    router::router,
    server::{Certificate, CertificateError, listen, raise_connection_limit, serve},
    site::{
        bundled_ui::{UiError, check_ui},
        files::Site,
    },
    startup::{
        pending_config::{PendingConfig, discover_config},
        router_when_configured,
    },
    telemetry::{
        log::{LogGuard, start_log},
        metrics::{Connection, Metrics, serve_metrics},
        trace::{Tracer, TracerError},
    },
    upstream::{ArnError, CredentialsError, SageMakerError, Upstream, UpstreamError, Upstreams},
};
