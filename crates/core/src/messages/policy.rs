//! Who may not use MLflow, or not this server, or not do this, and what to do
//! about it.

/// The user called `name` is in none of `groups`, which the site admits.
pub(crate) fn not_admitted(name: &str, groups: &[String]) -> String {
    let groups = groups.join(", ");
    format!(
        "{name} is signed in but in none of the groups that may use MLflow. Ask an administrator \
         to add you to one of them, then sign in again: {groups}."
    )
}

/// Which groups the user called `name` is in cannot be read: `problem`.
pub(crate) fn unreadable(name: &str, problem: &str) -> String {
    format!(
        "{name} is signed in, but the groups of this account cannot be read: {problem}. Please \
         tell the administrator of this site, who can correct the rule (`provider.groups`) or the \
         claim at the sign-in service."
    )
}

/// The user called `name` may not do, such as "change", what there are, such as
/// "runs".
pub(crate) fn not_allowed(name: &str, verb: &str, nouns: &str) -> String {
    format!("{name} may not {verb} {nouns}")
}

/// The same user may look at them.
pub(crate) fn only_viewed(name: &str, verb: &str, nouns: &str) -> String {
    format!("{name} may view {nouns}, but not {verb} them")
}

/// Nothing is known of what the user called `name` asks for.
pub(crate) fn unknown(name: &str) -> String {
    format!(
        "{name} asks for something that the access policy does not know, which is for \
         administrators"
    )
}

/// The user called `name` may do it, but not to this.
pub(crate) fn limited(name: &str, rule: &str) -> String {
    format!(
        "The rule `{rule}` allows {name} to do this for certain experiments, models or workspaces \
         only, and this request is about something else"
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

/// Several names in a sentence: "experiments, runs and artifacts".
pub(crate) fn list(names: &[&str]) -> String {
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}

/// The user called `name` is in none of `groups`, which `server` is for.
pub(crate) fn not_a_member(name: &str, server: &str, groups: &[String]) -> String {
    let groups = groups.join(", ");
    format!(
        "{name} may not use the MLflow server `{server}`, which is for members of these groups: \
         {groups}. Ask an administrator to add you to one, then sign in again."
    )
}

/// The site has these `servers`, and none that an address asks for by `name`.
pub(crate) fn correction(servers: &[&str], name: Option<&str>) -> String {
    let name = name.unwrap_or_default();
    if servers.is_empty() {
        return format!("This site has one MLflow server, which has no name: leave out @{name}.");
    }
    let problem = match name {
        "" => "This site has several MLflow servers, and an address must name one",
        _ => "This site has no MLflow server of this name",
    };
    format!("{problem}: @{}.", servers.join(", @"))
}
