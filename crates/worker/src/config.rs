//! The configuration of this site.

use shell_core::{Config, Trouble};
use shell_web::{http, json, scope};

use crate::state;

/// Where it is.
const CONFIG: &str = "/config.json";

/// Loads the configuration, and checks that this is where it is for. Returns it
/// as text, too: a session is renewed by what it was begun under.
pub(crate) async fn load() -> Result<(Config, String), Trouble> {
    let unreadable = |problem: &str| Trouble::Config(["config.json: ", problem].concat());
    let reply = http::get(CONFIG)
        .await
        .map_err(|_| unreadable("cannot be loaded"))?;
    let answer = reply.as_answer();
    if answer.status != 200 {
        return Err(unreadable(
            &["the server answered ", &answer.status.to_string()].concat(),
        ));
    }
    let config = parse(answer.body)?;
    if scope::own_origin() != config.origin.as_str() {
        return Err(Trouble::ForeignOrigin {
            configured: config.origin.as_str().to_owned(),
        });
    }
    Ok((config, answer.body.to_owned()))
}

/// Who may frame MLflow: by the configuration of this site or, if it cannot be
/// read, by that of the session.
pub(crate) async fn frame_ancestors() -> String {
    match load().await {
        Ok((config, _)) => config.frame_ancestors(),
        Err(_) => known_frame_ancestors(),
    }
}

/// Who was allowed to when it was last read; nobody else if it never was.
pub(crate) fn known_frame_ancestors() -> String {
    state::site().map_or_else(
        || "frame-ancestors 'self'".to_owned(),
        |site| site.frame_ancestors(),
    )
}

/// Reads a configuration.
pub(crate) fn parse(text: &str) -> Result<Config, Trouble> {
    Ok(Config::parse(text, json::parse)?)
}
