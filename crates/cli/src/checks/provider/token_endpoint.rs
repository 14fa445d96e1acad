//! Whether our pages' worker may ask the token endpoint (CORS, Fetch §3.2).
//!
//! It is asked with a code that is none, so it refuses. A refusal that the worker
//! cannot read looks like a network that is down.

use axum::http::StatusCode;
use url::Url;

use super::Checked;
use crate::checks::{CheckResult, failure, probe::ProbeResponse};

const FORM: &str = "application/x-www-form-urlencoded";

impl Checked<'_> {
    pub(super) async fn token_endpoint(&self) -> CheckResult {
        let token = &self.config.provider.endpoints.token;
        let site = self.config.origin.as_str();
        let is_own = Url::parse(token)
            .is_ok_and(|url| Url::parse(site).is_ok_and(|site| site.origin() == url.origin()));
        if is_own {
            return Ok("the gateway asks it".to_owned());
        }
        let answer = self
            .probe
            .ask(
                "POST",
                token,
                &[("origin", site), ("content-type", FORM)],
                &self.form(),
            )
            .await?;
        if matches!(
            answer.status,
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
        ) {
            return failure(
                format!("{token} answers {}", answer.status),
                "correct `provider.endpoints.token`",
            );
        }
        if is_readable(&answer, site) {
            return Ok(format!(
                "the worker can read its answers ({})",
                answer.status
            ));
        }
        let headers = [("origin", site), ("access-control-request-method", "POST")];
        let preflight = self.probe.ask("OPTIONS", token, &headers, "").await?;
        if is_readable(&preflight, site) {
            return failure(
                format!(
                    "the token endpoint lets {site} read its answers, but no refusal ({})",
                    answer.status
                ),
                format!(
                    "have it send `access-control-allow-origin: {site}` with errors, too, or \
                    let the gateway ask for tokens: `provider.via_gateway = true`"
                ),
            );
        }
        failure(
            format!(
                "the token endpoint does not let {site} read its answers (no \
                `access-control-allow-origin` with {})",
                answer.status
            ),
            format!(
                "register {site} for CORS at the provider (often called web origins or \
                trusted origins), or let the gateway ask for tokens: `provider.via_gateway = true`"
            ),
        )
    }

    fn form(&self) -> String {
        let provider = &self.config.provider;
        let pairs = [
            ("grant_type", "authorization_code"),
            ("client_id", &provider.client_id),
            ("redirect_uri", &self.config.redirect_uri()),
            ("code", "smoke"),
            (
                "code_verifier",
                "smoke-smoke-smoke-smoke-smoke-smoke-smoke-smoke",
            ),
        ];
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish()
    }
}

fn is_readable(answer: &ProbeResponse, site: &str) -> bool {
    let reader = answer.header("access-control-allow-origin");
    matches!(reader.as_deref(), Some("*")) || reader.as_deref() == Some(site)
}
