//! The handlers: what answers a request.

pub(crate) mod api_tokens;
pub(crate) mod form;
pub(crate) mod health;
pub(crate) mod mlflow;
pub(crate) mod rendezvous;
pub(crate) mod token_proxy;
