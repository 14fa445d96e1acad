//! Everything the shell decides, and nothing it does.
//!
//! *In scope*: configuration, OAuth requests and answers, the session, claims,
//! which request may carry a token, who may do what, the worker's messages,
//! with which headers the site's files are served.
//! *Out of scope*: clocks, randomness, storage, HTTP, logging. Time arrives as
//! a [`Timestamp`], randomness as [`Entropy`], HTTP as values; the browser, the
//! gateway and the Lambda authorizer each supply their own.

pub mod arn;
pub mod artifact_page;
pub mod bearer;
pub mod bounds;
pub mod claims;
pub mod config;
pub mod content_security_policy;
pub mod cors;
pub mod denial;
mod entropy;
pub mod forwarding;
pub mod hosting;
pub mod initiator;
pub mod intercept;
pub mod json;
pub mod messages;
pub mod oauth;
mod origin;
pub mod page;
pub mod pkce;
pub mod policy;
pub mod popup;
pub mod presigned;
pub mod protocol;
mod query;
mod read;
pub mod refusal;
pub mod response_headers;
mod route;
pub mod seal;
mod secret;
pub mod session;
pub mod site;
#[cfg(test)]
mod testing;
mod time;
pub mod ui;
pub mod update;
mod user_error;

pub use self::{
    config::Config,
    entropy::Entropy,
    origin::{Origin, OriginError},
    route::Route,
    secret::Secret,
    time::Timestamp,
    user_error::UserError,
};
