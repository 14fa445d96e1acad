//! An identity provider for development and tests that behaves like Amazon
//! Cognito's hosted login, on this machine only.
//!
//! *In scope*: the authorization code flow with PKCE, refresh with and without
//! rotation, client credentials for machines, revocation, userInfo, logout,
//! discovery, with Cognito's paths, answers and omissions, and faults on request. *Out of scope*: public
//! addresses, real users, sign-up, multi-factor, Cognito's own API.
//!
//! The issuer is not the login's origin, as at Cognito:
//!
//! ```text
//!  http://localhost:P/us-east-1_Development     iss
//!    └ /.well-known/{openid-configuration, jwks.json}
//!  http://localhost:P
//!    ├ /oauth2/authorize ──▶ /login ──▶ redirect_uri?code=…&state=…
//!    ├ /oauth2/token  /oauth2/revoke  /oauth2/userInfo
//!    └ /logout  /error
//! ```
//!
//! Three things keep it at home: [`Provider::new`] refuses a base that is not
//! loopback, [`serve`] refuses a listener that is not, and the router refuses a
//! request whose `Host` is not.
//!
//! ```
//! use shell_core::Origin;
//! use shell_idp::{Clock, Keys, Provider, Settings};
//!
//! let base = Origin::parse("http://localhost:9400").unwrap();
//! let shell = Origin::parse("http://localhost:8080").unwrap();
//! let settings = Settings::new(base, &shell);
//! let provider = Provider::new(settings, Keys::generate()?, Clock::system())?;
//! assert_eq!(provider.issuer(), "http://localhost:9400/us-east-1_Development");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod authorization;
mod client;
mod clock;
mod counts;
mod endpoints;
mod expiring;
mod faults;
mod grant;
mod headers;
mod keys;
mod page;
mod parameters;
mod provider;
mod refreshes;
mod respond;
mod serve;
mod settings;
mod state;
mod tokens;

pub use self::{
    clock::Clock,
    counts::Counts,
    faults::{Fault, Faults},
    keys::Keys,
    provider::{Provider, ProviderError},
    refreshes::{RefreshOutcome, Refreshed},
    serve::{listen, serve},
    settings::{
        DEVELOPMENT_CLIENT_ID, DEVELOPMENT_PASSWORD, DEVELOPMENT_READER, DEVELOPMENT_SECRET,
        DEVELOPMENT_WRITER, Machine, POOL, Rotation, Settings, User, demonstration_users,
    },
};

#[cfg(test)]
mod tests;
