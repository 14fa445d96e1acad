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
mod tests {
    use super::*;
    use crate::Timestamp;

    #[test]
    fn one_known_group_admits_and_names_the_rule() {
        let table: [(&[&str], Option<&str>); 7] = [
            (&["admins"], Some("admins")),
            (&["pool_Google", "readers"], Some("readers")),
            (&["readers", "admins"], Some("admins")),
            (&[], None),
            (&["pool_Google"], None),
            (&["Admins"], None),
            (&["readers, admins"], None),
        ];
        for (groups, rule) in table {
            let verdict = admit(&claims(groups));
            assert_eq!(verdict.ok().map(|permit| permit.rule), rule, "{groups:?}");
        }
    }

    #[test]
    fn a_refusal_says_who_why_and_what_to_do() {
        let denial = admit(&claims(&[])).unwrap_err().to_string();

        assert!(denial.starts_with("a@example.com is signed in but in none of the groups"));
        assert!(denial.contains("Ask an administrator"));
        assert!(denial.ends_with(": admins, readers or model-approvers."));
    }

    #[test]
    fn only_servers_that_are_there_are_found() {
        let several = [upstream("dev", &[]), upstream("central", &["admins"])];
        let found = [
            (server(&[], None), None),
            (server(&several, Some("dev")), Some(&several[0])),
            (server(&several, Some("central")), Some(&several[1])),
        ];
        for (found, expected) in found {
            assert_eq!(found, Ok(expected));
        }
        let missing = [
            (
                server(&[], Some("dev")),
                "This site has one MLflow server, which has no name: leave out @dev.",
            ),
            (
                server(&several, Some("de")),
                "This site has no MLflow server of this name: @dev, @central.",
            ),
            (
                server(&several, None),
                "This site has several MLflow servers, and an address must name one: \
                 @dev, @central.",
            ),
        ];
        for (missing, words) in missing {
            assert_eq!(missing, Err(Cause::NotHere(words.into())));
        }
    }

    #[test]
    fn a_server_with_groups_is_for_their_members_among_the_admitted() {
        let open = upstream("dev", &[]);
        let closed = upstream("central", &["admins", "team-x"]);
        let table: [(Option<&Upstream>, &[&str], bool); 8] = [
            (None, &["readers"], true),
            (None, &["team-x"], false),
            (Some(&open), &["readers"], true),
            (Some(&open), &[], false),
            (Some(&closed), &["readers"], false),
            (Some(&closed), &["admins"], true),
            (Some(&closed), &["readers", "team-x"], true),
            (Some(&closed), &["team-x"], false),
        ];
        for (server, groups, admitted) in table {
            let verdict = admit_to(server, &claims(groups));
            let name = server.map(|server| server.name.as_str());
            match verdict {
                Ok(permit) => assert_eq!((true, permit.server()), (admitted, name)),
                Err(_) => assert!(!admitted, "{name:?} {groups:?}"),
            }
        }
    }

    #[test]
    fn who_is_kept_from_a_server_is_told_whose_it_is() {
        let closed = upstream("central", &["admins", "team-x"]);

        let Err(Cause::Denied(words)) = admit_to(Some(&closed), &claims(&["readers"])) else {
            panic!("readers are not admins");
        };

        assert_eq!(
            words,
            "a@example.com may not use the MLflow server `central`, which is for members of \
             these groups: admins, team-x. Ask an administrator to add you to one, then sign in \
             again."
        );
    }

    fn upstream(name: &str, groups: &[&str]) -> Upstream {
        Upstream {
            name: name.into(),
            base: None,
            groups: groups.iter().map(ToString::to_string).collect(),
        }
    }

    fn claims(groups: &[&str]) -> Claims {
        Claims {
            subject: "s".into(),
            name: "a@example.com".into(),
            groups: groups.iter().map(ToString::to_string).collect(),
            issued_at: None,
            expires_at: Timestamp(1),
            nonce: None,
        }
    }
}
