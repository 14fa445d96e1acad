//! Authentication and authorisation: whose a request is, and whether the policy
//! permits it.
//!
//! ```text
//!  authenticate ─┬▶ issuers ─▶ issuer_keys ─▶ discovery     tokens of an issuer
//!                └▶ api_tokens                              tokens of this gateway
//!  authorize ─┬──▶ live_policy                              core::policy decides
//!             └──▶ resource_lookup ─▶ MLflow                what ids stand for
//! ```

pub(crate) mod api_access;
pub(crate) mod api_tokens;
pub(crate) mod authenticate;
pub(crate) mod authorize;
pub(crate) mod clock;
pub(crate) mod discovery;
pub(crate) mod issuer_keys;
pub(crate) mod issuers;
pub(crate) mod kept_sessions;
pub(crate) mod live_policy;
pub(crate) mod rejection;
pub(crate) mod resource_lookup;

use std::sync::Arc;

use self::{
    api_access::ApiAccess, api_tokens::TokenKeys, issuers::Issuers, live_policy::LivePolicy,
    resource_lookup::ResourceLookup,
};

/// What requests are authenticated and authorised with.
#[derive(Debug)]
pub(crate) struct AuthState {
    pub(crate) issuers: Arc<Issuers>,
    pub(crate) token_keys: TokenKeys,
    pub(crate) api_access: ApiAccess,
    pub(crate) policy: LivePolicy,
    pub(crate) resources: ResourceLookup,
}
