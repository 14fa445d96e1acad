//! The commands of `mlflow-shell`.

mod assemble;
pub(crate) mod config;
#[cfg(feature = "dev-idp")]
mod development;
mod flags;
pub(crate) mod health;
pub(crate) mod policy;
mod reload;
pub(crate) mod serve;
pub(crate) mod smoke;
mod stop;
