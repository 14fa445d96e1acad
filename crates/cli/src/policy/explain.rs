//! `mlflow-shell policy explain`: may they, and why?

use std::fmt::Write;

use anyhow::{Result, ensure};
use axum::http::Method;
use clap::Args;
use shell_core::{
    intercept::{self, RouteTarget},
    method::is_read,
    policy::{
        Allowance, Denial, Operation, Policy, Request, Scope,
        resources::{Labels, Resource},
    },
    refusal::Problem,
};

use super::{
    check::words,
    grid,
    output::CommandOutput,
    page_url::{self, PageRequest},
    policy_source::PolicySource,
};

/// Tell whether members of groups may make a request, and why
#[derive(Debug, Clone, Args)]
pub(super) struct Explain {
    #[command(flatten)]
    policy_source: PolicySource,
    /// Group of the user; may be repeated
    #[arg(long = "group", value_name = "GROUP", required = true)]
    groups: Vec<String>,
    /// What the user is called in the message
    #[arg(long, value_name = "NAME", default_value = "user@example.com")]
    user: String,
    /// Address of a page as the browser shows it, in place of method and path
    #[arg(long, value_name = "URL", conflicts_with_all = ["method", "path", "body"])]
    url: Option<String>,
    /// Name of the experiment that the request's runs, traces or models belong to, which
    /// the gateway asks MLflow for
    #[arg(long, value_name = "NAME")]
    experiment: Option<String>,
    /// Tag of that experiment; may be repeated
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = tag, requires = "experiment")]
    tags: Vec<(String, String)>,
    /// Workspace that MLflow acts in
    #[arg(long, value_name = "NAME")]
    workspace: Option<String>,
    /// Method of the request
    #[arg(required_unless_present = "url")]
    method: Option<Method>,
    /// Path and query: of a page (/mlflow/ajax-api/…, /mlflow/@dev/…), of a program
    /// (/api/…, /@dev/api/…), or of MLflow itself
    #[arg(required_unless_present = "url")]
    path: Option<String>,
    /// JSON body of the request
    #[arg(long, value_name = "JSON")]
    body: Option<String>,
}

fn tag(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(key, _)| !key.is_empty());
    let (key, value) = pair.ok_or("write it as KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

pub(super) fn output(explain: &Explain) -> Result<CommandOutput> {
    let policy = explain.policy_source.policy()?;
    if let Some(url) = &explain.url {
        let page = page_url::read(url)?;
        return Ok(explained(&policy, &explain.of_page(page)));
    }
    ensure!(
        explain.path().starts_with('/'),
        "the path begins with a slash: give it without the site's address, as /mlflow/…, /api/… \
         or as MLflow has it; or give the whole address with --url"
    );
    Ok(explained(&policy, explain))
}

impl Explain {
    fn method(&self) -> &Method {
        self.method.as_ref().unwrap_or(&Method::GET)
    }

    fn path(&self) -> &str {
        self.path.as_deref().unwrap_or("/")
    }

    fn of_page(&self, page: PageRequest) -> Self {
        Self {
            path: Some(page.target),
            workspace: self.workspace.clone().or(page.workspace),
            ..self.clone()
        }
    }
}

fn explained(policy: &Policy, explain: &Explain) -> CommandOutput {
    let path = explain.path();
    let path = path.split_once('#').map_or(path, |(path, _)| path);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    match intercept::route_target(path) {
        RouteTarget::Nowhere => denied("This address leads to no MLflow server of this site."),
        RouteTarget::Tokens => tokens(policy, explain),
        RouteTarget::StaticFile(..) if is_read(explain.method().as_str()) => {
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
        let name = explain.user.clone();
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
    let request = resolved(policy, explain, request);
    let verdict = policy.judge(&explain.user, &explain.groups, &request);
    let mut output = match &verdict {
        Ok(Allowance { rule, filter }) => {
            let part = filter
                .as_ref()
                .map_or("", |_| " The user sees a part of the list.");
            allowed(&format!("by the rule `{}`.{part}", rule.name))
        }
        Err(_) if is_open(policy, explain, &request) => CommandOutput {
            code: 2,
            ..CommandOutput::new("undecided: it depends on what MLflow says.\n".to_owned())
        },
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
    let unseen = shell_gateway::policy_request(explain.method(), path, query, &[]);
    match (
        &explain.body,
        Request::read(explain.method().as_str(), path),
    ) {
        (None, Ok(request)) if is_graphql(&request) => Ok(request),
        (None, _) => unseen,
        (Some(body), _) => {
            shell_gateway::policy_request(explain.method(), path, query, body.as_bytes())
        }
    }
}

/// Whether the gateway would have to ask MLflow.
fn is_open(policy: &Policy, explain: &Explain, request: &Request) -> bool {
    !policy.unresolved(&explain.groups, request).is_empty()
}

/// The request with what is told of the experiment that it is about.
fn resolved(policy: &Policy, explain: &Explain, request: Request) -> Request {
    let request = match &explain.workspace {
        Some(workspace) => request.in_workspace(workspace.clone()),
        None => request,
    };
    let Some(name) = &explain.experiment else {
        return request;
    };
    let labels = Labels {
        name: name.clone(),
        tags: explain.tags.iter().cloned().collect(),
    };
    let mut request = request;
    let unresolved = policy.unresolved(&explain.groups, &request).into_iter();
    for missing in unresolved.filter(|it| it.kind.scope() == Scope::Experiments) {
        request.know(&missing, Resource::Labelled(labels.clone()));
    }
    request
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
    let (method, path) = (explain.method().as_str(), request.path().canonical());
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
            "A rule with limits looks in the body for what a request is about: give it with --body."
                .to_owned(),
        );
    }
    for reference in policy.unresolved(&explain.groups, request) {
        let what = format!("the {} `{}`", reference.kind.noun(), reference.value);
        advice.push(match reference.kind.scope() {
            Scope::Experiments => format!(
                "The gateway asks MLflow which experiment {what} is of. Say it: --experiment NAME, \
                 and --tag KEY=VALUE for each tag."
            ),
            Scope::Models | Scope::Workspaces => {
                format!("The gateway asks MLflow for the tags of {what}.")
            }
        });
    }
    if policy.has_workspaces() && explain.workspace.is_none() {
        advice.push(
            "Some rules are for workspaces: give the one that MLflow acts in with --workspace."
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
