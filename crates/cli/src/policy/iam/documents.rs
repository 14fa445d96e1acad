//! Documents that IAM takes.
//!
//! The sizes are those of "IAM and AWS STS quotas" in the IAM User Guide. White
//! space does not count, so each resource has a line of its own.

/// The most characters of a managed policy.
pub(super) const MANAGED: usize = 6_144;

/// The most managed policies of a role, unless AWS has raised its quota.
pub(super) const MOST_MANAGED: usize = 10;

/// The most characters of all policies that are embedded in a role.
pub(super) const INLINE: usize = 10_240;

/// More documents than a role has, namely this many.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Too(pub(super) usize);

/// As few documents as hold the resources in their order, each within `limit`
/// characters.
///
/// # Errors
/// If they are more than `most`.
pub(super) fn pack(resources: &[String], most: usize, limit: usize) -> Result<Vec<String>, Too> {
    let mut documents: Vec<&[String]> = Vec::new();
    let mut rest = resources;
    while !rest.is_empty() {
        let fits = |count: &usize| {
            rest.get(..*count)
                .is_some_and(|some| size(&document(some)) <= limit)
        };
        let count = (1..=rest.len()).take_while(fits).last().unwrap_or(1);
        let (some, others) = rest.split_at(count);
        documents.push(some);
        rest = others;
    }
    if documents.len() > most {
        return Err(Too(documents.len()));
    }
    Ok(documents.into_iter().map(document).collect())
}

/// A policy that allows calls of these resources.
fn document(resources: &[String]) -> String {
    let resources: Vec<String> = resources
        .iter()
        .map(|resource| format!("        \"{resource}\""))
        .collect();
    let resources = resources.join(",\n");
    format!(
        r#"{{
  "Version": "2012-10-17",
  "Statement": [
    {{
      "Effect": "Allow",
      "Action": "execute-api:Invoke",
      "Resource": [
{resources}
      ]
    }}
  ]
}}
"#
    )
}

/// The characters that IAM counts.
pub(super) fn size(document: &str) -> usize {
    document
        .chars()
        .filter(|character| !character.is_whitespace())
        .count()
}
