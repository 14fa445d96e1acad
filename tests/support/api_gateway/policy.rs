//! Whether a policy lets a method be called.

use std::slice;

use serde_json::Value;

/// The longest resource of a statement, in characters.
const LONGEST_RESOURCE: usize = 512;

const ACTION: &str = "execute-api:Invoke";

/// What a policy says to a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A statement allows it, and none denies it.
    Allowed,
    /// No statement allows it.
    NotAllowed,
    /// A statement denies it.
    Denied,
}

/// Asks `policy` about the method `arn`; `None` if it is not a policy.
///
/// Elements that an authorizer has no need of, such as conditions, are not
/// known here.
pub fn evaluate(policy: &Value, arn: &str) -> Option<Verdict> {
    if policy.get("Version")? != "2012-10-17" {
        return None;
    }
    let statements = list(policy.get("Statement")?).iter();
    let statements: Option<Vec<_>> = statements.map(Statement::read).collect();
    let statements = statements?;
    let any = |allows| {
        statements
            .iter()
            .any(|it| it.allows == allows && it.covers(arn))
    };
    Some(match (any(false), any(true)) {
        (true, _) => Verdict::Denied,
        (false, true) => Verdict::Allowed,
        (false, false) => Verdict::NotAllowed,
    })
}

struct Statement<'a> {
    allows: bool,
    actions: Vec<&'a str>,
    resources: Vec<&'a str>,
}

impl<'a> Statement<'a> {
    fn read(statement: &'a Value) -> Option<Self> {
        let known = ["Sid", "Effect", "Action", "Resource"];
        let keys = statement.as_object()?.keys();
        if !keys.into_iter().all(|key| known.contains(&key.as_str())) {
            return None;
        }
        let allows = match statement.get("Effect")?.as_str()? {
            "Allow" => true,
            "Deny" => false,
            _ => return None,
        };
        let resources = texts(statement.get("Resource")?)?;
        let are_short = |it: &&str| it.chars().count() <= LONGEST_RESOURCE;
        Some(Self {
            allows,
            actions: texts(statement.get("Action")?)?,
            resources: resources.iter().all(are_short).then_some(resources)?,
        })
    }

    fn covers(&self, arn: &str) -> bool {
        let invokes = |pattern: &&str| matches(&pattern.to_lowercase(), &ACTION.to_lowercase());
        self.actions.iter().any(invokes) && self.resources.iter().any(|it| matches(it, arn))
    }
}

fn texts(value: &Value) -> Option<Vec<&str>> {
    list(value).iter().map(Value::as_str).collect()
}

/// Several, or one without a list around it.
fn list(value: &Value) -> &[Value] {
    let several = value.as_array().map(Vec::as_slice);
    several.unwrap_or(slice::from_ref(value))
}

/// Whether `text` fits a pattern, in which `*` is any text, slashes included,
/// and `?` any character.
fn matches(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // Whether the pattern so far fits so many characters.
    let mut fits = vec![false; text.len() + 1];
    fits[0] = true;
    for wanted in pattern.chars() {
        if wanted == '*' {
            let mut any = false;
            for fits in &mut fits {
                any |= *fits;
                *fits = any;
            }
            continue;
        }
        for (index, found) in text.iter().enumerate().rev() {
            fits[index + 1] = fits[index] && (wanted == '?' || wanted == *found);
        }
        fits[0] = false;
    }
    fits[text.len()]
}
