//! Third-party clients, directly and through the gateway, with the development provider.
//!
//! Each is a program in `programs`, which goes through its steps and tells what came of
//! each. Through the gateway an administrator, a reader and a machine must get what
//! MLflow alone gives, but for what the policy denies. What was seen is added to a
//! report, from which `cargo xtask test clients` makes the table in docs/CLIENTS.md.

mod deployment;
mod report;
mod round;
mod stand_in;

/// A test for each client.
macro_rules! clients {
    ($($name:ident),+ $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                crate::round::compare(stringify!($name)).await;
            }
        )+
    };
}

clients! {
    cli,
    export_import,
    kedro_pipeline,
    models,
    optuna_study,
    otel_spans,
    places,
}
