//! What Firefox does only for scripts with the rights of its own.

use anyhow::{Context, Result, ensure};
use axum::http::Method;
use serde_json::{Value, json};
use thirtyfour::{RequestData, SessionId, WebDriver, common::command::FormatRequestData};

/// Lets pages read the time to 20 µs, not to a millisecond.
const SHARP: &str = "Services.prefs.setBoolPref('privacy.reduceTimerPrecision', false);";

/// Stops every worker and returns how many there were.
const STOP: &str = "const manager = Cc['@mozilla.org/serviceworkers/manager;1']\
     .getService(Ci.nsIServiceWorkerManager); \
     const found = manager.getAllRegistrations(); \
     const stopped = Array.from({ length: found.length }, (_, index) => \
     found.queryElementAt(index, Ci.nsIServiceWorkerRegistrationInfo).activeWorker?.terminateWorker()); \
     return Promise.all(stopped).then(() => stopped.length);";

/// Has pages read the time as precisely as it can be read.
pub(crate) async fn sharpen_clock(driver: &WebDriver) -> Result<()> {
    run(driver, SHARP).await?;
    Ok(())
}

/// Stops all service workers at once. What `about:debugging` does; the tests
/// wait until they die idle.
pub(crate) async fn stop_workers(driver: &WebDriver) -> Result<()> {
    let stopped = run(driver, STOP).await?;
    let stopped = stopped.as_u64().context("it counts workers")?;
    ensure!(stopped > 0, "there was no worker to stop");
    Ok(())
}

async fn run(driver: &WebDriver, script: &str) -> Result<Value> {
    let enter = async |context: &'static str| driver.cmd(Rights(context)).await;
    enter("chrome").await?;
    let answer = driver.execute(script, vec![]).await;
    enter("content").await?;
    Ok(answer?.json().clone())
}

/// Whose rights scripts have from now on.
#[derive(Debug)]
struct Rights(&'static str);

impl FormatRequestData for Rights {
    fn format_request(&self, session: &SessionId) -> RequestData {
        let path = format!("/session/{session}/moz/context");
        RequestData::new(Method::POST, path).add_body(json!({ "context": self.0 }))
    }
}
