//! The commands of `mlflow-shell`.

#[cfg(feature = "dev-idp")]
mod development;
mod reload;
pub(crate) mod serve;
