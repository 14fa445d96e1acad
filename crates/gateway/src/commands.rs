//! The commands of `mlflow-shell`.

#[cfg(feature = "dev-idp")]
mod development;
pub(crate) mod policy;
mod reload;
pub(crate) mod serve;
