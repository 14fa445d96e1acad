//! Everything the shell decides, and nothing it does.
//!
//! *In scope*: configuration, OAuth requests and answers, the session, claims,
//! which request may carry a token, who may do what, the worker's messages,
//! with which headers the site's files are served.
//! *Out of scope*: clocks, randomness, storage, HTTP, logging. Time arrives as
//! a [`Timestamp`], randomness as [`Entropy`], HTTP as values; the browser, the
//! gateway and the Lambda authorizer each supply their own.
//!
//! Modules use those of their own line without a circle, and those below:
//!
//! ```text
//! page        page   popup   hosting                       state and effects of the page
//! session     session   protocol   update   denial   user_error
//! policy      site   policy   forwarding   run_owner       who may do what
//! sign-in     oauth   claims   pkce
//! requests    content_security_policy   presigned   intercept   initiator   refusal
//!             credentials   get_body   kept_document
//! settings    config
//! values      Origin   Route   Secret   Timestamp   Entropy   read   json   query
//!             canonical_path   method   server_name   bearer   arn   bounds   seal   ui
//!             cors   response_headers   artifact_page
//! texts       messages
//! ```
//!
//! ```
//! use shell_core::policy::{Policy, Request};
//!
//! let policy = Policy::built_in();
//! let groups = ["readers".to_owned()];
//! let read = Request::read("GET", "/ajax-api/2.0/mlflow/runs/get").unwrap();
//! let write = Request::read("POST", "/ajax-api/2.0/mlflow/runs/delete").unwrap();
//! assert!(policy.allowing(&groups, &read).is_some());
//! assert!(policy.allowing(&groups, &write).is_none());
//! ```

pub mod algorithm;
pub mod arn;
pub mod artifact_page;
pub mod bearer;
pub mod bounds;
pub mod canonical_path;
pub mod claims;
pub mod client_address;
pub mod config;
pub mod content_security_policy;
pub mod cors;
pub mod credentials;
pub mod denial;
mod entropy;
pub mod forwarding;
pub mod get_body;
pub mod hosting;
pub mod initiator;
pub mod intercept;
pub mod json;
pub mod kept_document;
pub mod messages;
pub mod method;
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
pub mod run_owner;
pub mod seal;
mod secret;
pub mod server_name;
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
