//! Several MLflow servers behind one site, and which users may use each.

use crate::{
    config::Upstream, intercept::Clearance, messages::policy as text, oauth::User, refusal::Problem,
};

/// The server that an address names, or leaves without a name, among those of
/// a site; `None` is the one of a site that names none. What the site does not
/// have is not forwarded for any user.
///
/// # Errors
/// [`Problem::not_here`] with a sentence that says what to ask for instead.
pub fn server<'a>(
    servers: &'a [Upstream],
    name: Option<&str>,
) -> Result<Option<&'a Upstream>, Problem> {
    let found = servers
        .iter()
        .find(|server| Some(server.name.as_str()) == name);
    let names = || servers.iter().map(|server| server.name.as_str());
    match name {
        None if servers.is_empty() => Ok(None),
        _ if found.is_some() => Ok(found),
        _ => Err(Problem::not_here(text::correction(
            &names().collect::<Vec<_>>(),
            name,
        ))),
    }
}

/// Decides whether a user of these groups, whom the site admits, may use
/// `server`.
///
/// # Errors
/// [`Problem::denied`] with a sentence that names the server and the groups.
pub fn may_use(server: Option<&Upstream>, user: &str, groups: &[String]) -> Result<(), Problem> {
    let Some(server) = server else { return Ok(()) };
    let is_member = |group| groups.contains(group);
    if server.groups.is_empty() || server.groups.iter().any(is_member) {
        return Ok(());
    }
    Err(Problem::denied(text::not_a_member(
        user,
        &server.name,
        &server.groups,
    )))
}

/// Decides whether the token of `user` may be attached to a cleared request.
pub(crate) fn may_carry(
    clearance: &Clearance,
    servers: &[Upstream],
    user: &User,
) -> Result<(), Problem> {
    if clearance.is_for_gateway() {
        return Ok(());
    }
    let server = server(servers, clearance.server())?;
    may_use(server, &user.name, &user.groups)
}
