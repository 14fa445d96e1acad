//! IAM policy documents: which methods of the API may be called.

use std::sync::Once;

use serde::Serialize;
use shell_core::policy::{self, Policy};

use super::AuthorizerResponse;
use crate::{Verdict, method_arn::MethodArn, verdict};

/// The longest resource of a statement, in characters.
const LONGEST_RESOURCE: usize = 512;

/// The API's prefixes that a user's rights are listed for, as far as they fit.
const PREFIXES: [&[&str]; 2] = [&["ajax-api", "api"], &["ajax-api"]];

/// Paths that a `*` would let through although they may lead elsewhere: that
/// climb, or that can be decoded to what climbs or has more segments.
const TRAPS: [&str; 10] = [
    "../*", "..", "./*", ".", "/?*", "*%2e*", "*%2E*", "*%2f*", "*%2F*", "*%25*",
];

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Document {
    version: &'static str,
    /// What is allowed and denied; what is both is denied.
    pub statement: Vec<Statement>,
}

/// A statement of a policy document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    action: &'static str,
    /// What becomes of a request for one of the resources.
    pub effect: Effect,
    /// ARNs of methods, in which `*` stands for any text and `?` for any
    /// character.
    pub resource: Vec<String>,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Effect {
    /// It passes.
    Allow,
    /// It is refused.
    Deny,
}

/// What becomes of the one request.
pub(super) fn for_request(arn: &MethodArn, verdict: &Verdict) -> Document {
    let is_short = arn.as_str().chars().count() <= LONGEST_RESOURCE;
    let this = || vec![arn.as_str().to_owned()];
    document(match &verdict.ruling {
        Ok(_) if is_short => vec![statement(Effect::Allow, this())],
        Err(_) if is_short && !arn.is_pattern() => vec![statement(Effect::Deny, this())],
        _ => vec![statement(Effect::Deny, vec![arn.every_method()])],
    })
}

/// What members of `groups` may call wherever the API of `arn` has MLflow, if
/// it fits into an answer.
pub(super) fn for_user(
    arn: &MethodArn,
    policy: &Policy,
    groups: &[String],
    limit: usize,
    answer: impl Fn(Document) -> AuthorizerResponse,
) -> Option<AuthorizerResponse> {
    let fits = |answer: &AuthorizerResponse| fits(answer, limit);
    let mut answers = PREFIXES
        .into_iter()
        .map(|prefixes| answer(rights(arn, policy, groups, prefixes)));
    let all = answers.next().filter(fits);
    if all.is_some() {
        return all;
    }
    let most = answers.next().filter(fits);
    warn(limit, most.is_some());
    most
}

fn rights(arn: &MethodArn, policy: &Policy, groups: &[String], prefixes: &[&str]) -> Document {
    let before = verdict::prefix(&arn.path);
    let resource = |grant: policy::Grant| match grant.path.as_str() {
        "*" => arn.of(grant.method, "*"),
        path => arn.of(
            grant.method,
            [before, "/", path].concat().trim_start_matches('/'),
        ),
    };
    let granted = policy::grants(policy, groups, prefixes, true);
    if granted.is_empty() {
        return document(vec![statement(Effect::Deny, vec![arn.every_method()])]);
    }
    let traps = TRAPS.iter().map(|trap| arn.of("*", trap));
    let traps = traps.chain([arn.inside_another()]);
    document(vec![
        statement(Effect::Allow, granted.into_iter().map(resource).collect()),
        statement(Effect::Deny, traps.collect()),
    ])
}

fn fits(answer: &AuthorizerResponse, limit: usize) -> bool {
    let size = serde_json::to_vec(answer).map_or(usize::MAX, |text| text.len());
    let AuthorizerResponse::Policy {
        policy_document, ..
    } = answer
    else {
        return false;
    };
    let mut resources = policy_document.statement.iter().flat_map(|it| &it.resource);
    size <= limit && resources.all(|it| it.chars().count() <= LONGEST_RESOURCE)
}

/// Says once what the answers lack.
fn warn(limit: usize, has_ui: bool) {
    static WARNED: Once = Once::new();
    let lack = if has_ui {
        "the answer leaves out `/api`"
    } else {
        "the answer is for one request"
    };
    WARNED.call_once(|| tracing::warn!(limit, lack, "a user's rights are too many for one answer"));
}

fn document(statement: Vec<Statement>) -> Document {
    Document {
        version: "2012-10-17",
        statement,
    }
}

fn statement(effect: Effect, resource: Vec<String>) -> Statement {
    Statement {
        action: "execute-api:Invoke",
        effect,
        resource,
    }
}
