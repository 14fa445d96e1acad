//! Who may not use MLflow, or not this server, and what to do about it.

use crate::{config::Upstream, json::listed, policy::GROUPS};

/// The user called `name` is in no group that the site admits.
pub(crate) fn not_admitted(name: &str) -> String {
    let [first, second, third] = GROUPS;
    [
        name,
        " is signed in but in none of the groups that may use MLflow. Ask an administrator to \
         add you to one of them, then sign in again: ",
        first,
        ", ",
        second,
        " or ",
        third,
        ".",
    ]
    .concat()
}

/// The user called `name` is in no group that `server` is for.
pub(crate) fn not_a_member(name: &str, server: &Upstream) -> String {
    [
        name,
        " may not use the MLflow server `",
        &server.name,
        "`, which is for members of these groups: ",
        &listed(", ", server.groups.iter().map(String::as_str)),
        ". Ask an administrator to add you to one, then sign in again.",
    ]
    .concat()
}

/// The site has `servers`, and none that an address asks for by `name`.
pub(crate) fn correction(servers: &[Upstream], name: Option<&str>) -> String {
    let name = name.unwrap_or_default();
    if servers.is_empty() {
        let words = "This site has one MLflow server, which has no name: leave out @";
        return [words, name, "."].concat();
    }
    let known = listed(", @", servers.iter().map(|server| server.name.as_str()));
    let words = match name {
        "" => "This site has several MLflow servers, and an address must name one",
        _ => "This site has no MLflow server of this name",
    };
    [words, ": @", &known, "."].concat()
}
