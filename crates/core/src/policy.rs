//! Who may use MLflow.
//!
//! 1. A user in at least one of the [`GROUPS`] is admitted.
//! 2. Anyone else is refused, with a sentence that says so.
//! 3. A site has one MLflow server without a name, or several with names
//!    ([`server`]). What an address names and the site does not have is not
//!    forwarded, whoever asks.
//! 4. A server that lists groups is for their members, of those whom rule 1
//!    admits ([`may_use`]).
//!
//! Groups other than these are ignored: Cognito adds one for each external
//! identity provider a user comes from.

use std::fmt;

use crate::{
    claims::Claims, config::Upstream, intercept::Clearance, oauth::User, refusal::Cause,
    words::policy as words,
};

/// The groups whose members are admitted, as the AWS sample names them.
pub const GROUPS: [&str; 3] = ["admins", "readers", "model-approvers"];

/// Leave to forward one request to one MLflow server. Only [`admit`] and
/// [`admit_to`] make it.
#[derive(Debug)]
pub struct Permit {
    subject: String,
    rule: &'static str,
    server: Option<String>,
}

/// Why a user is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// Who was refused.
    pub name: String,
}

/// Decides whether the user of these claims may use MLflow, where there is one
/// server without a name.
pub fn admit(claims: &Claims) -> Result<Permit, Denial> {
    match admitting_group(&claims.groups) {
        Some(rule) => Ok(Permit {
            subject: claims.subject.clone(),
            rule,
            server: None,
        }),
        None => Err(Denial {
            name: claims.name.clone(),
        }),
    }
}

/// Decides whether the user of these claims may use `server`.
///
/// # Errors
/// [`Cause::Denied`] with a sentence that says why.
pub fn admit_to(server: Option<&Upstream>, claims: &Claims) -> Result<Permit, Cause> {
    let permit = admit(claims).map_err(|denial| Cause::Denied(denial.words()))?;
    may_use(server, &claims.name, &claims.groups)?;
    let server = server.map(|server| server.name.clone());
    Ok(Permit { server, ..permit })
}

/// The server that an address names, or leaves without a name, among those of
/// a site; `None` is the one of a site that names none.
///
/// # Errors
/// [`Cause::NotHere`] with a sentence that says what to ask for instead.
pub fn server<'a>(
    servers: &'a [Upstream],
    name: Option<&str>,
) -> Result<Option<&'a Upstream>, Cause> {
    let found = servers
        .iter()
        .find(|server| Some(server.name.as_str()) == name);
    match name {
        None if servers.is_empty() => Ok(None),
        _ if found.is_some() => Ok(found),
        _ => Err(Cause::NotHere(words::correction(servers, name))),
    }
}

/// Decides whether a user of these groups, whom the site admits, may use
/// `server`.
///
/// # Errors
/// [`Cause::Denied`] with a sentence that names the server and the groups.
pub fn may_use(server: Option<&Upstream>, user: &str, groups: &[String]) -> Result<(), Cause> {
    let Some(server) = server else { return Ok(()) };
    let is_member = |group| groups.contains(group);
    if server.groups.is_empty() || server.groups.iter().any(is_member) {
        return Ok(());
    }
    Err(Cause::Denied(words::not_a_member(user, server)))
}

/// Decides whether the token of `user` may be attached to a cleared request.
pub(crate) fn may_carry(
    clearance: &Clearance,
    servers: &[Upstream],
    user: &User,
) -> Result<(), Cause> {
    if clearance.is_for_gateway() {
        return Ok(());
    }
    let server = server(servers, clearance.server())?;
    may_use(server, &user.name, &user.groups)
}

/// The group that admits a user of these groups, if one does.
pub fn admitting_group(groups: &[String]) -> Option<&'static str> {
    GROUPS
        .into_iter()
        .find(|known| groups.iter().any(|group| group == known))
}

impl Permit {
    /// For whom the request is forwarded.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The server's name, if it has one.
    pub fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    /// The group that admitted the user.
    pub fn rule(&self) -> &'static str {
        self.rule
    }
}

impl Denial {
    /// The sentence that says who is refused, why, and what to do.
    pub fn words(&self) -> String {
        words::not_admitted(&self.name)
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words())
    }
}

impl std::error::Error for Denial {}

#[cfg(test)]
mod tests;
