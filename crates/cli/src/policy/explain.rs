//! `mlflow-shell policy explain`: may they, and why?

use std::fmt::Write;

use anyhow::{Result, ensure};
use axum::http::Method;
use clap::Args;
use shell_core::{
    intercept::{self, RouteTarget},
    method::is_read,
    policy::{Denial, Operation, Policy, Request},
    refusal::Problem,
};

use super::{check::words, grid, output::CommandOutput, policy_source::PolicySource};

/// Tell whether members of groups may make a request, and why
#[derive(Debug, Args)]
pub(super) struct Explain {
    #[command(flatten)]
    policy_source: PolicySource,
    /// Group of the user; may be repeated
    #[arg(long = "group", value_name = "GROUP", required = true)]
    groups: Vec<String>,
    /// Method of the request
    method: Method,
    /// Path and query: of a page (/mlflow/ajax-api/…, /mlflow/@dev/…), of a program
    /// (/api/…, /@dev/api/…), or of MLflow itself
    path: String,
    /// JSON body of the request
    #[arg(long, value_name = "JSON")]
    body: Option<String>,
}

/// What the user is called in the sentence that the user would read.
const USER: &str = "user@example.com";

pub(super) fn output(explain: &Explain) -> Result<CommandOutput> {
    ensure!(
        explain.path.starts_with('/'),
        "the path begins with a slash: give it without the site's address, as /mlflow/…, /api/… \
         or as MLflow has it"
    );
    Ok(explained(&explain.policy_source.policy()?, explain))
}

fn explained(policy: &Policy, explain: &Explain) -> CommandOutput {
    let path = explain
        .path
        .split_once('#')
        .map_or(&*explain.path, |(path, _)| path);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    match intercept::route_target(path) {
        RouteTarget::Nowhere => denied("This address leads to no MLflow server of this site."),
        RouteTarget::Tokens => tokens(policy, explain),
        RouteTarget::StaticFile(..) if is_read(explain.method.as_str()) => {
            allowed("MLflow's released bundle is public: nobody is asked who they are.")
        }
        RouteTarget::StaticFile(server, path)
        | RouteTarget::Upstream(server, path)
        | RouteTarget::Program(server, path) => judged(policy, explain, server, path, query),
        // MLflow's own path, without what stands before it here.
        RouteTarget::Shell => judged(policy, explain, None, path, query),
    }
}

fn allowed(why: &str) -> CommandOutput {
    CommandOutput::new(format!("allowed: {why}\n"))
}

fn denied(why: &str) -> CommandOutput {
    CommandOutput {
        code: 1,
        ..CommandOutput::new(format!("denied: {why}\n"))
    }
}

/// The gateway's own address, for every user who is admitted.
fn tokens(policy: &Policy, explain: &Explain) -> CommandOutput {
    let known = |group: &String| policy.groups().contains(&group.as_str());
    if explain.groups.iter().any(known) {
        allowed("whoever is admitted may ask for a token for programs, if `python` is configured.")
    } else {
        let groups = policy.groups().into_iter().map(ToOwned::to_owned).collect();
        let name = USER.to_owned();
        denied(&Denial::NotAdmitted { name, groups }.message())
    }
}

fn judged(
    policy: &Policy,
    explain: &Explain,
    server: Option<&str>,
    path: &str,
    query: &str,
) -> CommandOutput {
    let request = match asked(explain, path, query) {
        Ok(request) => request,
        Err(cause) => return denied(&format!("{} It is for nobody.", cause.message())),
    };
    let verdict = policy.judge(USER, &explain.groups, &request);
    let mut output = match &verdict {
        Ok(rule) => allowed(&format!("by the rule `{}`.", rule.name)),
        Err(denial) => denied(&denial.message()),
    };
    output.text.push_str(&facts(explain, server, &request));
    for advice in advice(policy, explain, server, &request, verdict.is_err()) {
        // Writing to a String does not fail.
        writeln!(output.text, "\n{advice}").unwrap_or_default();
    }
    output
}

/// What the request asks for. Without a body, all that a body could ask for.
fn asked(explain: &Explain, path: &str, query: &str) -> Result<Request, Problem> {
    let unseen = shell_gateway::policy_request(&explain.method, path, query, &[]);
    match (&explain.body, Request::read(explain.method.as_str(), path)) {
        (None, Ok(request)) if is_graphql(&request) => Ok(request),
        (None, _) => unseen,
        (Some(body), _) => {
            shell_gateway::policy_request(&explain.method, path, query, body.as_bytes())
        }
    }
}

fn is_graphql(request: &Request) -> bool {
    matches!(request.operation(), Operation::GraphQl(_))
}

fn facts(explain: &Explain, server: Option<&str>, request: &Request) -> String {
    let mut facts: Vec<Vec<String>> = Vec::new();
    let mut fact = |key: &str, value: String| facts.push(vec![key.to_owned(), value]);
    if let Some(server) = server {
        fact("server", server.to_owned());
    }
    let (method, path) = (explain.method.as_str(), request.path().canonical());
    fact("request", format!("{method} {path}"));
    match request.operation() {
        Operation::Endpoint(it) => {
            fact(
                "endpoint",
                format!("{} {}", it.method, super::table::path(it)),
            );
        }
        Operation::GraphQl(fields) => {
            let fields: Vec<&str> = fields.iter().map(|field| field.name).collect();
            fact("fields", fields.join(", "));
        }
        Operation::Unknown if path == "/graphql" => {
            fact("fields", "not all of them are known".to_owned());
        }
        Operation::Unknown => fact("endpoint", "none that is known".to_owned()),
    }
    for (name, value) in request.parameters() {
        fact("with", format!("{name} = {value}"));
    }
    fact("takes", demands(request.operation()));
    grid::aligned("  ", &facts)
}

fn demands(operation: &Operation) -> String {
    let demands = operation.demands().into_iter();
    let mut demands: Vec<String> = demands.map(|(area, access)| words(area, access)).collect();
    demands.sort();
    demands.dedup();
    match demands.as_slice() {
        [] => "everything".to_owned(),
        demands => demands.join(", "),
    }
}

/// What else is to be known of this verdict.
fn advice(
    policy: &Policy,
    explain: &Explain,
    server: Option<&str>,
    request: &Request,
    is_denied: bool,
) -> Vec<String> {
    let mut advice = Vec::new();
    let has_body = explain.body.is_some();
    if is_graphql(request) && !has_body {
        advice.push(
            "The fields that a GraphQL document asks for decide; this is the verdict for all of \
             them.\nGive the document: --body '{\"query\": \"…\"}'"
                .to_owned(),
        );
    }
    let may_be_named = policy.has_limits() && is_denied;
    if may_be_named && request.names_in_body() && !has_body {
        advice.push(
            "A rule that is limited to names looks for them in the body: give it with --body."
                .to_owned(),
        );
    }
    if let Some(server) = server {
        advice.push(format!(
            "The server `{server}` may be for certain groups only, beside the policy: \
             `upstreams.groups` in config.json."
        ));
    }
    advice
}
