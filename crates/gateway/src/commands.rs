//! The commands of `mlflow-shell`.

#[cfg(feature = "dev-idp")]
mod development;
pub(crate) mod health;
pub(crate) mod policy;
mod reload;
pub(crate) mod serve;
pub(crate) mod smoke;
