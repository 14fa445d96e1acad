//! Who may use MLflow.
//!
//! 1. A user in at least one of the [`GROUPS`] is admitted.
//! 2. Anyone else is refused, with a sentence that says so.
//!
//! Groups other than these are ignored: Cognito adds one for each external
//! identity provider a user comes from.

use std::fmt;

use crate::claims::Claims;

/// The groups whose members are admitted, as the AWS sample names them.
pub const GROUPS: [&str; 3] = ["admins", "readers", "model-approvers"];

/// Leave to forward one request to MLflow. Only [`admit`] makes it.
#[derive(Debug)]
pub struct Permit {
    subject: String,
    rule: &'static str,
}

/// Why a user is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// Who was refused.
    pub name: String,
}

/// Decides whether the user of these claims may use MLflow.
pub fn admit(claims: &Claims) -> Result<Permit, Denial> {
    match admitting_group(&claims.groups) {
        Some(rule) => Ok(Permit {
            subject: claims.subject.clone(),
            rule,
        }),
        None => Err(Denial {
            name: claims.name.clone(),
        }),
    }
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

    /// The group that admitted the user.
    pub fn rule(&self) -> &'static str {
        self.rule
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second, third] = GROUPS;
        f.write_str(&self.name)?;
        f.write_str(
            " is signed in but in none of the groups that may use MLflow. Ask an administrator \
             to add you to one of them, then sign in again: ",
        )?;
        f.write_str(&[first, ", ", second, " or ", third, "."].concat())
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
