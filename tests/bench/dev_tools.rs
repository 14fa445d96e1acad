//! Commands of Chrome's own protocol, which drivers pass on beside their standard's.

use anyhow::Result;
use axum::http::Method;
use serde_json::{Value, json};
use thirtyfour::{RequestData, SessionId, WebDriver, common::command::FormatRequestData};

/// Sends one, such as `Network.enable`.
///
/// # Errors
/// If the browser refuses it.
pub(crate) async fn command(
    driver: &WebDriver,
    name: &'static str,
    parameters: Value,
) -> Result<()> {
    driver.cmd(DevTools { name, parameters }).await?;
    Ok(())
}

/// A command of Chrome's own protocol.
#[derive(Debug)]
struct DevTools {
    name: &'static str,
    parameters: Value,
}

impl FormatRequestData for DevTools {
    fn format_request(&self, session: &SessionId) -> RequestData {
        let body = json!({ "cmd": self.name, "params": self.parameters });
        let path = format!("/session/{session}/goog/cdp/execute");
        RequestData::new(Method::POST, path).add_body(body)
    }
}
