//! The whole product in real browsers, in front of the real MLflow.
//!
//! Each scenario is played in three browser engines. Whatever it is about,
//! it also fails if a token went astray or MLflow was reached without one.

mod artifacts;
mod aws;
mod bar;
mod bundled_ui;
mod callback;
mod content_policy;
mod framed;
mod independent;
mod looks;
mod navigation;
mod other_sites;
mod outages;
mod rights;
mod sagemaker;
mod session;
mod sign_in;
mod store;
mod users;
mod work;
