//! The configuration of this site.

use shell_core::{Config, UserError, content_security_policy::Sources, ui::UiVersion};
use shell_web::{http, scope};

use crate::state;

/// Its path.
const CONFIG: &str = "/config.json";

/// Loads the configuration, and checks that this is where it is for. Returns it
/// as text, too: a session is renewed by what it was begun under.
pub(crate) async fn load() -> Result<(Config, String), UserError> {
    let unreadable = |problem: &str| UserError::Config(format!("config.json: {problem}"));
    let response = http::get(CONFIG).await;
    let response = response.map_err(|_| unreadable("cannot be loaded"))?;
    let response = response.as_response();
    if response.status != 200 {
        let status = response.status;
        return Err(unreadable(&format!("the server answered {status}")));
    }
    let config = Config::parse(response.body)?;
    if scope::own_origin() != config.origin.as_str() {
        return Err(UserError::ForeignOrigin {
            configured: config.origin.as_str().to_owned(),
        });
    }
    if config.lacks_gateway() {
        return Err(unreadable("`provider.via_gateway` needs a gateway"));
    }
    Ok((config, response.body.to_owned()))
}

/// What the policies of MLflow's answers depend on, and the version of the UI
/// that the site has: by its configuration or, if that cannot be read, by that
/// of the session.
pub(crate) async fn sources() -> (Sources, Option<UiVersion>) {
    match load().await {
        Ok((config, _)) => of(&config),
        Err(_) => known_sources(),
    }
}

/// The same as it was when it was last read; if it never was, no other origin may
/// frame MLflow.
pub(crate) fn known_sources() -> (Sources, Option<UiVersion>) {
    let unread = || Sources {
        frame_ancestors: "frame-ancestors 'self'".to_owned(),
        ..Sources::default()
    };
    state::site().map_or_else(|| (unread(), None), |site| of(&site))
}

fn of(config: &Config) -> (Sources, Option<UiVersion>) {
    let version = config.ui.as_deref().and_then(UiVersion::parse);
    (Sources::of(config), version)
}
