//! Who may not use MLflow, or not this server, or not do this, and what to do
//! about it.

use crate::{
    config::Upstream,
    policy::{Access, Area},
};

/// The user called `name` is in none of `groups`, which the site admits.
pub(crate) fn not_admitted(name: &str, groups: &[String]) -> String {
    let groups = groups.join(", ");
    format!(
        "{name} is signed in but in none of the groups that may use MLflow. Ask an administrator \
         to add you to one of them, then sign in again: {groups}."
    )
}

/// What the user called `name` may not do.
pub(crate) fn not_allowed(name: &str, area: Area, access: Access, may_view: bool) -> String {
    let (noun, verb) = (noun(area), verb(area, access));
    if may_view && access != Access::Read {
        return format!("{name} may view {noun}, but not {verb} them");
    }
    format!("{name} may not {verb} {noun}")
}

/// Nothing is known of what the user called `name` asks for.
pub(crate) fn unknown(name: &str) -> String {
    format!(
        "{name} asks for something that the access policy does not know, which is for \
         administrators"
    )
}

/// The user called `name` may do it, but not with this name.
pub(crate) fn limited(name: &str, rule: &str) -> String {
    format!(
        "The rule `{rule}` allows {name} to do this for certain names only, and the request has \
         none of them"
    )
}

/// The sentence that begins with `done`: what was asked for, and who may.
pub(crate) fn not_allowed_but(done: &str, template: &str, groups: &[String]) -> String {
    let action = template
        .split_once("/mlflow/")
        .map_or(template, |(_, action)| action);
    let who = match groups {
        [] => "No group may.".to_owned(),
        _ => format!("Members of these groups may: {}.", groups.join(", ")),
    };
    format!("{done} ({action}). {who}")
}

/// Several areas in a sentence: "experiments, runs and artifacts".
pub(crate) fn nouns(areas: &[Area]) -> String {
    let names: Vec<&str> = areas.iter().map(|area| noun(*area)).collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}

fn noun(area: Area) -> &'static str {
    match area {
        Area::LoggedModels => "logged models",
        Area::RegisteredModels => "registered models",
        Area::McpServers => "MCP servers",
        Area::Gateway => "models of the AI gateway",
        Area::Assistant => "sessions of the assistant",
        Area::Server => "pages of MLflow",
        Area::Experiments
        | Area::Runs
        | Area::Artifacts
        | Area::Traces
        | Area::Datasets
        | Area::Scorers
        | Area::Reviews
        | Area::Issues
        | Area::Skills
        | Area::Jobs
        | Area::Webhooks
        | Area::Workspaces
        | Area::Users => area.as_str(),
    }
}

fn verb(area: Area, access: Access) -> &'static str {
    match (access, area) {
        (Access::Read, _) => "view",
        (Access::Write, Area::Gateway) => "call",
        (Access::Write, Area::Jobs) => "start",
        (Access::Write, _) => "change",
        (Access::Manage, _) => "manage",
    }
}

/// The user called `name` is in no group that `server` is for.
pub(crate) fn not_a_member(name: &str, server: &Upstream) -> String {
    let (server, groups) = (&server.name, server.groups.join(", "));
    format!(
        "{name} may not use the MLflow server `{server}`, which is for members of these groups: \
         {groups}. Ask an administrator to add you to one, then sign in again."
    )
}

/// The site has `servers`, and none that an address asks for by `name`.
pub(crate) fn correction(servers: &[Upstream], name: Option<&str>) -> String {
    let name = name.unwrap_or_default();
    if servers.is_empty() {
        return format!("This site has one MLflow server, which has no name: leave out @{name}.");
    }
    let known: Vec<&str> = servers.iter().map(|server| server.name.as_str()).collect();
    let words = match name {
        "" => "This site has several MLflow servers, and an address must name one",
        _ => "This site has no MLflow server of this name",
    };
    format!("{words}: @{}.", known.join(", @"))
}
