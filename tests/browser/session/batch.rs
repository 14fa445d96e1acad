//! Requests of MLflow's frame, made by a script in it, and what became of them.

use std::collections::BTreeMap;

use anyhow::Result;
use shell_tests::{browser_session::BrowserSession, wait};

/// How many requests were answered with which status; `failed` for those that
/// were not answered.
pub(crate) type StatusCounts = BTreeMap<String, u64>;

/// A cheap question to MLflow.
pub(crate) use crate::users::API;

/// What a batch that went well looks like.
pub(crate) fn all_well(count: u64) -> StatusCounts {
    StatusCounts::from([("200".to_owned(), count)])
}

/// Begins `count` requests at once; `name` is what to ask for them by.
pub(crate) async fn begin(
    session: &BrowserSession,
    name: &str,
    count: u64,
    request: &str,
) -> Result<()> {
    let script = format!(
        "const inside = document.querySelector('#mlflow').contentWindow; \
         const told = document.documentElement.dataset; const counts = {{}}; let left = {count}; \
         told.{name} = ''; \
         for (let index = 0; index < {count}; index++) {{ \
             inside.{request}.then((answer) => answer.status, () => 'failed').then((status) => {{ \
                 counts[status] = (counts[status] ?? 0) + 1; \
                 if (--left === 0) told.{name} = JSON.stringify(counts); \
             }}); \
         }}"
    );
    session.run(&script).await?;
    Ok(())
}

/// Waits until all of them are answered.
pub(crate) async fn outcome(session: &BrowserSession, name: &str) -> Result<StatusCounts> {
    let script = format!("return document.documentElement.dataset.{name};");
    wait::until(&format!("answers to {name}"), async || {
        let told = session.run(&script).await?;
        Ok(serde_json::from_str(told.as_str().unwrap_or_default()).ok())
    })
    .await
}

/// Makes `count` requests and returns what became of them.
pub(crate) async fn make(session: &BrowserSession, count: u64) -> Result<StatusCounts> {
    begin(session, "batch", count, &get(API)).await?;
    outcome(session, "batch").await
}

/// A script that gets `path`.
pub(crate) fn get(path: &str) -> String {
    format!("fetch('{path}')")
}
