//! Checks of MLflow with a valid token.

use axum::http::StatusCode;
use serde_json::Value;
use shell_core::{Secret, claims::Expected, credentials::is_api_token, ui::UiVersion};
use shell_jose::KeySet;

use super::{
    CheckResult, Deployed, Report, Server, api::SEARCH, cross, failure, probe::ProbeResponse,
};
use shell_gateway::now;

const NO_TOKEN: &str = "needs a token (--token-file)";
const FOR_PROGRAMS: &str = "a token for programs opens nothing but the API";
const OTHER_ORIGIN: &str = "a token goes only to the site that `origin` names";

/// Checks what needs a token.
pub(super) async fn check(
    deployed: &Deployed,
    token: Option<Secret>,
    keys: Option<&KeySet>,
    report: &mut Report,
) {
    let token = match token {
        None => return report.leave_out("signed-in", NO_TOKEN),
        Some(_) if deployed.config.origin != deployed.origin => {
            return report.leave_out("signed-in", OTHER_ORIGIN);
        }
        Some(token) => Bearer::new(&token),
    };
    if token.for_programs {
        report.leave_out("token", FOR_PROGRAMS);
    } else {
        report.add("token", deployed.token(&token, keys));
    }
    for server in deployed.servers() {
        let named = |check: &str| format!("{check}{}", server.suffix);
        report.add(
            named("experiments"),
            deployed.experiments(&server, &token).await,
        );
        report.add(
            named("own-origin"),
            deployed.as_a_page(&server, &token).await,
        );
        if token.for_programs {
            report.leave_out(named("version"), FOR_PROGRAMS);
        } else {
            report.add(named("version"), deployed.version(&server, &token).await);
        }
    }
}

/// A token as it is sent.
struct Bearer {
    token: Secret,
    for_programs: bool,
}

impl Bearer {
    fn new(token: &Secret) -> Self {
        Self {
            for_programs: is_api_token(token.expose()),
            token: Secret::new(token.expose()),
        }
    }

    fn header(&self) -> String {
        format!("Bearer {}", self.token.expose())
    }

    /// Where the API is for such a token.
    fn api(&self, server: &Server) -> String {
        if self.for_programs {
            server.programs.clone()
        } else {
            format!("{}/ajax-api", server.base)
        }
    }
}

impl Deployed {
    /// Judges the token as gateway and authorizer do.
    fn token(&self, bearer: &Bearer, keys: Option<&KeySet>) -> CheckResult {
        let Some(keys) = keys else {
            return failure("it cannot be checked without keys", "see `keys`");
        };
        let expected = Expected::of(&self.config);
        let cure = "take a new token of the kind that `bearer` names, for this app client";
        let claims = shell_jose::verify(
            bearer.token.expose(),
            keys,
            &self.config.provider.algorithms,
        );
        let claims = claims.or_else(|error| failure(format!("refused: {error}"), cure))?;
        let claims = claims.check(expected, now());
        let claims = claims.or_else(|error| failure(format!("refused: {error}"), cure))?;
        Ok(format!("good for {} s", claims.expires_at.since(now())))
    }

    /// MLflow's version, and whether the UI among the site's files is of it.
    async fn version(&self, server: &Server, bearer: &Bearer) -> CheckResult {
        let url = format!("{}/version", server.base);
        let answer = self
            .probe
            .get_with(&url, &[("authorization", &bearer.header())])
            .await?;
        admitted(&answer)?;
        let version = answer.body.trim();
        if !is_version(version) {
            return failure(
                "MLflow does not tell its version",
                "have everything below /mlflow/ lead to MLflow, /mlflow/version too",
            );
        }
        match &self.config.ui {
            Some(ui) if ui != version => failure(
                format!("the site has the UI of {ui}, and the server is {version}"),
                format!("`cargo xtask ui --mlflow {version}`, and `ui` in config.json"),
            ),
            Some(_) => Ok(format!("{version}, as the UI")),
            None => Ok(version.to_owned()),
        }
    }

    async fn experiments(&self, server: &Server, bearer: &Bearer) -> CheckResult {
        let url = format!("{}{SEARCH}", bearer.api(server));
        let headers = [
            ("authorization", bearer.header()),
            ("origin", self.origin.to_string()),
        ];
        let headers = headers
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let answer = self.probe.get_with(&url, &headers).await?;
        admitted(&answer)?;
        if self.config.api.is_some() {
            cross::exposes(&answer)?;
        }
        experiments(&answer)
    }

    /// A read by POST, as MLflow's pages make it: servers since 3.5 look at
    /// where it comes from.
    async fn as_a_page(&self, server: &Server, bearer: &Bearer) -> CheckResult {
        let url = format!("{}/2.0/mlflow/experiments/search", bearer.api(server));
        let headers = [
            ("authorization", bearer.header()),
            ("origin", self.origin.to_string()),
            ("content-type", "application/json".to_owned()),
        ];
        let headers = headers
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let body = r#"{"max_results": 1}"#;
        let answer = self.probe.ask("POST", &url, &headers, body).await?;
        admitted(&answer)?;
        experiments(&answer)
    }
}

/// Whether a text may be shown as a version: nothing longer, such as what was
/// sent.
fn is_version(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".+-".contains(&byte);
    text.len() <= 32 && text.bytes().all(plain) && UiVersion::parse(text).is_some()
}

fn experiments(answer: &ProbeResponse) -> CheckResult {
    let said: Option<Value> = serde_json::from_str(&answer.body).ok();
    match said {
        // A store without experiments leaves the list out.
        Some(Value::Object(_)) => Ok("can be searched".to_owned()),
        _ => failure(
            "the answer to a search is no JSON",
            "have the API's paths lead to MLflow, and its binary media types be */*",
        ),
    }
}

/// Whether MLflow answered, and if not, why.
pub(super) fn admitted(answer: &ProbeResponse) -> CheckResult<()> {
    let has = |words: &str| answer.body.contains(words);
    match answer.status {
        StatusCode::OK => Ok(()),
        StatusCode::UNAUTHORIZED => failure(
            "the token is refused",
            "see `token`; the authorizer's issuer and client must be those of config.json",
        ),
        StatusCode::FORBIDDEN if has("Cross-origin request blocked") => failure(
            "MLflow (3.5 or later) refuses what our page sends: its own origin is another",
            "have what is in front of it drop the header `Origin`, or start MLflow with \
             MLFLOW_SERVER_CORS_ALLOWED_ORIGINS naming this site",
        ),
        StatusCode::FORBIDDEN if has("Invalid Host header") => failure(
            "MLflow (3.5 or later) does not know the name by which it was asked",
            "start it with MLFLOW_SERVER_ALLOWED_HOSTS naming the load balancer",
        ),
        StatusCode::FORBIDDEN => failure(
            "its user may not read here",
            "take a token of a user in a group that the policy admits",
        ),
        status => failure(
            format!("MLflow answers {status}"),
            "see its log, and that what is in front of it leads to it",
        ),
    }
}
