//! Checks of MLflow's API without a valid token.

use axum::http::StatusCode;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::json;
use shell_jose::KeySet;

use super::{CheckResult, Deployed, Report, Server, failure, probe::ProbeResponse};
use shell_gateway::now;

/// A read that every MLflow of ours knows.
pub(super) const SEARCH: &str = "/2.0/mlflow/experiments/search?max_results=1";

/// A file that every MLflow's bundle has.
const ICON: &str = "/static-files/favicon.ico";

const UNGUARDED: &str = "nothing checks tokens here: put the authorizer before every method of \
     the API but OPTIONS, or the gateway in front, and let nothing else reach MLflow";

const FALLBACK: &str = "the rule for unknown paths comes before the API's: put the API's paths \
     first";

/// Checks what a server answers without a token, and with a forged one.
pub(super) async fn check(
    deployed: &Deployed,
    server: &Server,
    keys: Option<&KeySet>,
    report: &mut Report,
) {
    let named = |check: &str| format!("{check}{}", server.suffix);
    report.add(named("no-token"), deployed.without_token(server).await);
    report.add(named("forged-token"), deployed.forged(server, keys).await);
    report.add(named("programs"), deployed.programs(server).await);
    if deployed.config.ui.is_none() {
        report.add(named("static-files"), deployed.icon(server).await);
    }
}

impl Deployed {
    async fn without_token(&self, server: &Server) -> CheckResult {
        let url = format!("{}/ajax-api{SEARCH}", server.base);
        let answer = self.probe.get(&url).await?;
        unauthenticated(&answer).map(|()| "401".to_owned())
    }

    /// Tokens that would be an administrator's if one believed them.
    async fn forged(&self, server: &Server, keys: Option<&KeySet>) -> CheckResult {
        let url = format!("{}/ajax-api{SEARCH}", server.base);
        let key = keys.and_then(|keys| keys.key_ids().next());
        for algorithm in ["RS256", "none"] {
            let bearer = format!("Bearer {}", self.forge(algorithm, key.unwrap_or("forged")));
            let headers = [("authorization", bearer.as_str())];
            let answer = self.probe.get_with(&url, &headers).await?;
            unauthenticated(&answer)?;
        }
        Ok("401".to_owned())
    }

    fn forge(&self, algorithm: &str, key: &str) -> String {
        let provider = &self.config.provider;
        let header = json!({ "alg": algorithm, "kid": key, "typ": "JWT" });
        let claims = json!({
            "iss": provider.issuer, "sub": "smoke", "aud": provider.client_id,
            "client_id": provider.client_id, "token_use": self.config.bearer,
            "cognito:groups": ["admins"], "cognito:username": "smoke", "username": "smoke",
            "iat": now().0, "exp": now().plus(300).0,
        });
        let [header, claims] = [header, claims].map(|part| part.to_string());
        let signature: &[u8] = match algorithm {
            "none" => &[],
            _ => &[7; 256],
        };
        let parts = [header.as_bytes(), claims.as_bytes(), signature];
        parts
            .map(|part| BASE64_URL_SAFE_NO_PAD.encode(part))
            .join(".")
    }

    /// The API for programs: closed, by whichever server checks it, or not there.
    async fn programs(&self, server: &Server) -> CheckResult {
        let url = format!("{}{SEARCH}", server.programs);
        let answer = self.probe.get(&url).await?;
        match answer.status.as_u16() {
            status @ (401 | 403 | 404) => Ok(status.to_string()),
            _ if answer.is_html() && answer.status.is_success() => {
                Ok("not here: the page answers".to_owned())
            }
            _ => unexpected(&answer).map(|()| String::new()),
        }
    }

    async fn icon(&self, server: &Server) -> CheckResult {
        let url = format!("{}{ICON}", server.base);
        let answer = self.probe.get(&url).await?;
        match answer.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => failure(
                format!("MLflow's public files want a token ({})", answer.status),
                "let GET of /mlflow/static-files/ pass without authorizer: the worker sends no \
                 token there",
            ),
            _ if answer.is_html() => failure("MLflow's files are answered with a page", FALLBACK),
            status if status.is_server_error() => unexpected(&answer).map(|()| String::new()),
            status => Ok(format!("public ({status})")),
        }
    }
}

/// What a request without a valid token must be answered.
pub(super) fn unauthenticated(answer: &ProbeResponse) -> CheckResult<()> {
    match answer.status {
        StatusCode::UNAUTHORIZED => Ok(()),
        StatusCode::FORBIDDEN if answer.body.contains("Missing Authentication Token") => failure(
            "API Gateway has no such route",
            "give the API the resource /mlflow/{proxy+} with the method ANY, deploy it to its \
             stage, and name that stage in `api`, or as the origin path in CloudFront",
        ),
        StatusCode::FORBIDDEN => failure(
            "403 where 401 is due: the shell takes it for a denial and does not renew",
            "the authorizer must fail with `Unauthorized` for tokens that are not good; a \
             firewall in front must let the request pass",
        ),
        _ => unexpected(answer),
    }
}

fn unexpected(answer: &ProbeResponse) -> CheckResult<()> {
    let status = answer.status;
    if status.is_success() && answer.is_html() {
        return failure("the API is answered with a page", FALLBACK);
    }
    if status.is_success() {
        return failure(
            format!("MLflow answers {status} to whoever asks"),
            UNGUARDED,
        );
    }
    let cure = match status.as_u16() {
        500 => "see the authorizer's log, and its environment variables (docs/AUTHORIZER.md)",
        502..=504 => {
            "start MLflow, and see that load balancer and VPC link, or --upstream, lead \
             to it"
        }
        404 => "have the API's paths lead to the gateway or to API Gateway",
        _ => "see that no rule in front answers in the API's place",
    };
    failure(format!("{} answers {status}", answer.url), cure)
}
