use std::fmt::Write;

use aws_lambda_events::{
    apigw::ApiGatewayCustomAuthorizerPolicy as Policy,
    iam::{IamPolicyEffect as Effect, IamPolicyStatement as Statement},
};
use serde::Serialize;
use shell_core::{
    Timestamp,
    claims::{Claims, Expected},
    policy::{self, Permit},
};
use shell_jose::KeySet;

use crate::{Event, Failure};

/// What API Gateway is told: who the user is, and whether to let them in.
///
/// The library's own type adds a `usageIdentifierKey` of `null`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The user, unique at the issuer.
    pub principal_id: String,
    /// `Allow` or `Deny`, for the whole stage.
    pub policy_document: Policy,
    /// What templates and logs find in `$context.authorizer`.
    pub context: Context,
}

/// Texts only: API Gateway takes no lists.
///
/// Templates put them between quotation marks and into headers as they are, so
/// what is special there is escaped as in JSON. Only spaces between groups are
/// plain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Context {
    /// What to call the user.
    pub user: String,
    /// The user's groups, separated by spaces.
    pub groups: String,
    /// The rule that admitted the user, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'static str>,
}

/// Answers `event`, whose token is to be verified with `keys`.
///
/// # Errors
/// [`Failure::Unauthorized`] for a missing or refused token.
pub fn answer(
    event: &Event,
    keys: &KeySet,
    expected: Expected<'_>,
    now: Timestamp,
) -> Result<Answer, Failure> {
    let claims = shell_jose::verify(event.token()?, keys)?.check(expected, now)?;
    Ok(match policy::admit(&claims) {
        Ok(permit) => allow(event, &claims, &permit),
        // The user is known: signing in again would not help.
        Err(_) => compose(event, &claims, Effect::Deny, None),
    })
}

fn allow(event: &Event, claims: &Claims, permit: &Permit) -> Answer {
    compose(event, claims, Effect::Allow, Some(permit.rule()))
}

fn compose(event: &Event, claims: &Claims, effect: Effect, rule: Option<&'static str>) -> Answer {
    let groups: Vec<_> = claims.groups.iter().map(|group| escape(group)).collect();
    Answer {
        principal_id: escape(&claims.subject),
        policy_document: document(effect, &event.resource),
        context: Context {
            user: escape(&claims.name),
            groups: groups.join(" "),
            rule,
        },
    }
}

fn document(effect: Effect, resource: &str) -> Policy {
    let mut statement = Statement::default();
    statement.action = vec!["execute-api:Invoke".to_owned()];
    statement.effect = effect;
    statement.resource = vec![resource.to_owned()];
    let mut policy = Policy::default();
    policy.version = Some("2012-10-17".to_owned());
    policy.statement = vec![statement];
    policy
}

/// Escapes all but visible ASCII as JSON does (RFC 8259 §7).
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte @ (b'"' | b'\\')) => safe.extend(['\\', char::from(byte)]),
            Ok(byte) if byte.is_ascii_graphic() => safe.push(char::from(byte)),
            // Writing to a String does not fail.
            _ => write!(safe, "\\u{unit:04x}").unwrap_or_default(),
        }
    }
    safe
}

#[cfg(test)]
mod tests;
