//! What an API on another origin lets browsers do (CORS, Fetch §3.2).

use shell_core::cors::{EXPOSED_HEADERS, METHODS, REQUEST_HEADERS};

use super::{
    CheckResult, Deployed, Report, Server,
    api::{SEARCH, unauthenticated},
    failure,
    probe::ProbeResponse,
};

const ERRORS: &str = "send `access-control-allow-origin` with errors, too: gateway responses \
     DEFAULT_4XX and DEFAULT_5XX";

/// Methods for which browsers need no leave.
const SAFELISTED: [&str; 3] = ["GET", "HEAD", "POST"];

/// Checks an API on another origin.
pub(super) async fn check(deployed: &Deployed, server: &Server, report: &mut Report) {
    if deployed.config.api.is_some() {
        report.add("preflight", deployed.preflight(server).await);
        report.add("cors-errors", deployed.readable_errors(server).await);
    }
}

impl Deployed {
    async fn preflight(&self, server: &Server) -> CheckResult {
        let headers = [
            ("origin", self.origin.as_str()),
            ("access-control-request-method", "PATCH"),
            ("access-control-request-headers", &REQUEST_HEADERS.join(",")),
        ];
        let url = format!("{}/ajax-api{SEARCH}", server.base);
        let answer = self.probe.ask("OPTIONS", &url, &headers, "").await?;
        if !answer.status.is_success() {
            return failure(
                format!("OPTIONS is answered {}", answer.status),
                "answer OPTIONS without authorizer",
            );
        }
        self.may_read(&answer, "send it with the answer to OPTIONS")?;
        let methods = METHODS.iter().filter(|method| !SAFELISTED.contains(method));
        lists(&answer, "access-control-allow-methods", methods, true)?;
        // A wildcard does not stand for `authorization`.
        lists(
            &answer,
            "access-control-allow-headers",
            REQUEST_HEADERS.iter(),
            false,
        )?;
        if answer.header("access-control-max-age").is_none() {
            return failure(
                "no `access-control-max-age`: browsers ask before every request",
                format!("send {}", shell_core::cors::MAX_AGE),
            );
        }
        Ok("methods and headers are allowed".to_owned())
    }

    /// A refusal that the worker cannot read looks like a network that is down.
    async fn readable_errors(&self, server: &Server) -> CheckResult {
        let url = format!("{}/ajax-api{SEARCH}", server.base);
        let headers = [("origin", self.origin.as_str())];
        let answer = self.probe.get_with(&url, &headers).await?;
        unauthenticated(&answer)?;
        self.may_read(&answer, ERRORS)?;
        Ok("the worker can read refusals".to_owned())
    }

    fn may_read(&self, answer: &ProbeResponse, cure: &str) -> CheckResult<()> {
        let reader = answer.header("access-control-allow-origin");
        if reader.as_deref() == Some("*") || reader.as_deref() == Some(self.origin.as_str()) {
            return Ok(());
        }
        let found = reader.unwrap_or_else(|| "missing".to_owned());
        failure(
            format!(
                "`access-control-allow-origin` is {found}, not {}",
                self.origin
            ),
            cure,
        )
    }
}

/// Whether an answer shows the worker the headers that it reads.
pub(super) fn exposes(answer: &ProbeResponse) -> CheckResult<()> {
    lists(
        answer,
        "access-control-expose-headers",
        EXPOSED_HEADERS.iter(),
        true,
    )
}

fn lists<'a>(
    answer: &ProbeResponse,
    name: &str,
    mut expected: impl Iterator<Item = &'a &'a str>,
    wildcard: bool,
) -> CheckResult<()> {
    let list = answer.header(name).unwrap_or_default();
    let listed: Vec<&str> = list.split(',').map(str::trim).collect();
    let has = |word: &str| {
        listed
            .iter()
            .any(|listed| listed.eq_ignore_ascii_case(word))
    };
    if wildcard && has("*") {
        return Ok(());
    }
    match expected.find(|word| !has(word)) {
        None => Ok(()),
        Some(missing) => failure(
            format!("`{name}` lacks `{missing}`"),
            format!("add {missing}"),
        ),
    }
}
